import { RpcTarget, WorkerEntrypoint } from 'cloudflare:workers'

/** Stands where the books should be, on a day when they cannot be reached. `HOW`: `throws` or `hangs`. */
class BrokenLedger extends RpcTarget {
  readonly #how: string

  constructor(how: string) {
    super()
    this.#how = how
  }

  record(): Promise<void> {
    return this.#fail()
  }

  standing(): Promise<void> {
    return this.#fail()
  }

  noteWebhook(): Promise<void> {
    return this.#fail()
  }

  overview(): Promise<void> {
    return this.#fail()
  }

  wake(): Promise<void> {
    return this.#fail()
  }

  #fail(): Promise<void> {
    return this.#how === 'hangs' ? new Promise((resolve) => setTimeout(resolve, 20_000)) : Promise.reject(new Error('overloaded'))
  }
}

export default class BrokenBooks extends WorkerEntrypoint<{ HOW: string }> {
  getByName(): BrokenLedger {
    return new BrokenLedger(this.env.HOW)
  }
}
