import { ownRequest } from '../../sandbox/world/foreign-request.ts'
import { World } from '../../sandbox/world/world.ts'

export const PROVIDER_MS = 150
export const DATAFAST_MS = 400

/** Nobody has asked for anything for so long: whatever a visit has set off is over. */
const QUIET_MS = 150
/** The Worker gives DataFast up after 8 s: whoever holds it for longer measures retries. */
const MAX_HELD_MS = 7_000
/** On a busy machine an order waits for its books, and tries again. */
const PATIENCE_MS = 60_000
/** What an order writes once DataFast has answered, it has written by then. */
const WRITING_MS = 200

/** All that the Workers can reach, and whether they are reaching for it. */
export class Internet {
  world = newWorld(PROVIDER_MS, DATAFAST_MS)
  /** Requests so far, and those of them that came while nobody was to be asked. */
  asked = 0
  askedInSilence = 0
  private underWay = 0
  private lastAt = 0
  private held: Promise<void> | undefined

  /** Answers a Worker's outgoing request. */
  async answer(outgoing: Request): Promise<Response> {
    this.asked++
    const request = await ownRequest(outgoing)
    this.underWay++
    try {
      if (new URL(request.url).hostname === 'datafa.st') await this.held
      return await this.world.handle(request)
    } finally {
      this.underWay--
      this.lastAt = performance.now()
    }
  }

  /** DataFast answers nobody while `work` lasts: nothing that follows its answer falls into what is measured. */
  async withoutDataFast<Value>(work: () => Promise<Value>): Promise<Value> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.held = promise
    const startedAt = performance.now()
    const value = await work()
    this.held = undefined
    resolve()
    const heldMs = performance.now() - startedAt
    if (heldMs > MAX_HELD_MS) throw new Error(`DataFast was held for ${Math.round(heldMs)} ms: measure fewer orders at a time`)
    return value
  }

  /** Resolves when nobody has asked for anything for a while, other than a DataFast that is held. */
  async untilQuiet(): Promise<void> {
    this.lastAt = performance.now()
    while (this.underWay > 0 || performance.now() - this.lastAt < QUIET_MS) await pause(20)
  }

  /** Resolves when DataFast has taken so many payments more than `before`, and they are remembered. Throws when it takes too long. */
  async untilPosted(more: number, before = 0): Promise<void> {
    for (let waited = 0; this.posted() < before + more; waited += 50) {
      if (waited > PATIENCE_MS) throw new Error(`of ${more} payments ${this.posted() - before} were posted`)
      await pause(50)
    }
    await pause(WRITING_MS)
    await this.untilQuiet()
  }

  /** How many payments this world's DataFast has been told of. */
  posted(): number {
    return this.world.callsTo('datafast').length
  }

  /**
   * A new world with no order in it, since a simulated provider takes the longer the more it has sold. Throws when a payment
   * was posted more than once to the one before.
   */
  async renew(providerMs = PROVIDER_MS, dataFastMs = DATAFAST_MS): Promise<void> {
    await this.untilQuiet()
    this.expectEachPaymentOnce()
    this.world = newWorld(providerMs, dataFastMs)
  }

  private expectEachPaymentOnce(): void {
    const posted = new Set<unknown>()
    for (const { method, body } of this.world.callsTo('datafast')) {
      if (method !== 'POST') continue
      const { transaction_id } = body as { transaction_id?: unknown }
      if (posted.has(transaction_id)) throw new Error(`${transaction_id} was posted twice`)
      posted.add(transaction_id)
    }
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function newWorld(providerMs: number, dataFastMs: number): World {
  const world = new World()
  for (const service of world.services) service.delayMs = service.name === 'datafast' ? dataFastMs : providerMs
  return world
}
