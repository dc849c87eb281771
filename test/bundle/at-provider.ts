import { afterAll, beforeAll, expect } from 'vitest'
import { delivered, type ProviderEvent } from '../../sandbox/world/provider-event.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import { eventually, startWorker, type TestWorker } from './worker.ts'

/** The Worker of the describe at hand: each brings its own simulated internet. */
export let worker: TestWorker

/** Runs the tests of one describe, or of a whole file, against a Worker of their own. */
export function withWorker(settings: Parameters<typeof startWorker>[0]): void {
  beforeAll(async () => {
    worker = await startWorker(settings)
  })
  afterAll(() => worker.stop())
}

/** What DataFast has recorded, as soon as it has. */
export function recorded(transactionId: string, timeoutMs?: number) {
  return eventually(() => worker.world.dataFast.ledger.get(transactionId), Boolean, timeoutMs)
}

/** What DataFast was told first. */
export function bodyOf(transactionId: string): unknown {
  return worker.world.callsTo('datafast', `"${transactionId}"`)[0]?.body
}

/** A provider tells of all this, one after the other. */
export async function deliver(events: ProviderEvent[]): Promise<void> {
  for (const event of events) expect((await worker.post(delivered(event))).status).toBe(200)
}

/** A provider's orders, by the provider's own ids. */
export function at(provider: ProviderName) {
  return {
    /** A buyer at the provider's success URL. */
    visitAt: (query: string, visitor?: string) => worker.visit(`/checkout/success/${provider}?${query}`, visitor ? { visitor } : {}),
    /** Where an order stands. */
    stageOf: async (id: string) => (await worker.stateOf(`${provider}:${id}`))?.stage,
    /** What the edge remembers of an order, as soon as it does. */
    remembered: (id: string) => eventually(() => worker.recorded.get(`${provider}:${id}`, 'json'), Boolean),
  }
}
