import type { ProviderName } from '../../src/providers/index.ts'
import { type Client, VISITOR } from './client.ts'
import { type Internet, pause } from './internet.ts'
import { type Order, subscribedAt } from './orders.ts'
import { BREATH_MS, expectSilence } from './waits.ts'

/** So many are told of before the first is visited: all while their objects are awake, and DataFast need not be held for long. */
const AT_A_TIME = 42

/** Who visits. `floor`: the least that looks into KV and stores in an object. */
export type Visitors = { ours: Client; bare: Client; floor: Client }

/** In ms. `bare`, `floor`: the others' visits at the same time; `asked`: how often a provider was asked while buyers waited. */
export type AfterWebhook = {
  acknowledged: Map<ProviderName, number[]>
  ours: Map<ProviderName, number[]>
  bare: number[]
  floor: number[]
  asked: number
}

/**
 * First visits of buyers whose provider has told of their subscription already, as most providers do before they send them back.
 * @param link - `plain`: the payment is verified and waits for its visitor, who comes with this visit, and nothing of what
 * DataFast is then told falls into it; `carrying`: the link carried the visitor, so all is recorded by the time they come
 */
export async function afterWebhooks(
  internet: Internet,
  visitors: Visitors,
  { providers, rounds, link }: { providers: readonly ProviderName[]; rounds: number; link: 'plain' | 'carrying' },
): Promise<AfterWebhook> {
  const empty = () => new Map(providers.map((provider) => [provider, [] as number[]]))
  const measured: AfterWebhook = { acknowledged: empty(), ours: empty(), bare: [], floor: [], asked: 0 }
  const perBatch = Math.ceil(AT_A_TIME / providers.length)
  for (let done = 0; done < rounds; done += perBatch) {
    const batch = Array.from({ length: Math.min(perBatch, rounds - done) }, () => providers).flat()
    const orders = batch.map((provider) => ({
      provider,
      order: subscribedAt(internet.world, provider, link === 'carrying' ? VISITOR : undefined),
    }))
    for (const { provider, order } of orders) {
      for (const event of order.events()) measured.acknowledged.get(provider)?.push(await visitors.ours.post(event))
      await visitors.floor.visit(order.path)
    }
    await (link === 'plain' ? internet.untilQuiet() : internet.untilPosted(orders.length))
    const visitAll = async () => {
      for (const { provider, order } of orders) {
        measured.ours.get(provider)?.push(await visit(visitors.ours, order, link === 'plain' ? 'paid' : 'repeat'))
        measured.bare.push(await visit(visitors.bare, order))
        measured.floor.push(await visit(visitors.floor, order))
      }
    }
    const before = internet.world.calls.length
    await (link === 'plain' ? internet.withoutDataFast(visitAll) : expectSilence(internet, visitAll))
    measured.asked += internet.world.calls.length - before
    await internet.renew()
  }
  return measured
}

async function visit(client: Client, { path }: Order, outcome?: 'paid' | 'repeat'): Promise<number> {
  const waited = await client.visit(path, ...(outcome ? [outcome] : []))
  await pause(BREATH_MS)
  return waited
}
