/**
 * Whether everything in flight has come to rest. Most of it are microtasks, which are over when the event loop turns; what
 * Node really does beside them (Web Crypto in its threads, reading a Blob) is counted, and waited for.
 */
let underWay = 0

/** Resolves when nothing is left to do before time goes on. */
export async function settled(): Promise<void> {
  do await new Promise<void>(turnOfTheLoop)
  while (underWay > 0)
}

// Node's own, whatever timers the code under test is given.
const { setImmediate: turn } = globalThis

function turnOfTheLoop(resolve: () => void): void {
  turn(resolve)
}

/** Has everything counted that leaves the thread. @returns undoes it */
export function countRealWork(): () => void {
  const undo = [
    ...(['importKey', 'sign', 'verify', 'digest'] as const).map((name) => counting(crypto.subtle, name)),
    counting(Blob.prototype, 'arrayBuffer'),
    ...[Request.prototype, Response.prototype].map((body) => counting(body, 'text')),
  ]
  return () => {
    for (const one of undo) one()
  }
}

function counting<Name extends string>(owner: Record<Name, unknown> | object, name: Name): () => void {
  const methods = owner as Record<string, (...values: unknown[]) => Promise<unknown>>
  const original = methods[name]
  if (!original) throw new Error(`no ${name}`)
  const counted = function (this: unknown, ...values: unknown[]) {
    const done = original.apply(this, values)
    underWay += 1
    const over = () => {
      underWay -= 1
    }
    done.then(over, over)
    return done
  }
  Object.defineProperty(owner, name, { value: counted, configurable: true, writable: true })
  return () => Object.defineProperty(owner, name, { value: original, configurable: true, writable: true })
}
