/** Whose code is running: an object, or one request to the Worker. */
import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * Something of the runtime that runs code and waits for answers. Once it is gone, nothing it waits for comes any more: no
 * line of it runs again.
 */
export type Actor = {
  /** Which life of the runtime it belongs to. */
  readonly life: number
  /** Its time was up, as that of a request some seconds after its answer. */
  isCut: boolean
  /** How many answers it waits for. */
  pending: number
  /** What an object wrote must be durable before anybody outside may see what follows from it; `undefined`: it is. */
  gate(): Promise<void> | undefined
}

const acting = new AsyncLocalStorage<Actor>()

/** Who asks; `undefined` outside the runtime. */
export function actor(): Actor | undefined {
  return acting.getStore()
}

export function actAs<Result>(who: Actor | undefined, act: () => Result): Result {
  return who ? acting.run(who, act) : acting.exit(act)
}
