import { WorkerEntrypoint } from 'cloudflare:workers'

/** Stands where KV should be, on a day when it fails. `HOW`: `throws` or `hangs`. */
export default class BrokenMemory extends WorkerEntrypoint<{ HOW: string }> {
  getWithMetadata(): Promise<void> {
    return this.#fail()
  }

  put(): Promise<void> {
    return this.#fail()
  }

  list(): Promise<void> {
    return this.#fail()
  }

  #fail(): Promise<void> {
    return this.env.HOW === 'hangs' ? new Promise((resolve) => setTimeout(resolve, 20_000)) : Promise.reject(new Error('KV put: 500'))
  }
}
