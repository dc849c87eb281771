import { RpcTarget, WorkerEntrypoint } from 'cloudflare:workers'

/** Stands where the orders should be, on a day when they cannot be reached. `HOW`: `throws`, `hangs`, or `cannot-store`. */
class BrokenOrder extends RpcTarget {
  readonly #how: string

  constructor(how: string) {
    super()
    this.#how = how
  }

  arrive(): Promise<void> {
    return this.#fail()
  }

  verdict(): Promise<unknown> {
    return this.#how === 'cannot-store' ? Promise.resolve({ outcome: 'pending', reason: 'not-started' }) : this.#fail()
  }

  #fail(): Promise<void> {
    return this.#how !== 'throws' ? new Promise((resolve) => setTimeout(resolve, 20_000)) : Promise.reject(new Error('overloaded'))
  }
}

export default class BrokenOrders extends WorkerEntrypoint<{ HOW: string }> {
  getByName(): BrokenOrder {
    return new BrokenOrder(this.env.HOW)
  }
}
