import type { ProviderName } from '../../src/providers/index.ts'
import type { Client } from './client.ts'
import { type Clients, inTurns } from './clients.ts'
import { type ByContender, CONTENDERS, forEach } from './contenders.ts'
import { type Internet, pause } from './internet.ts'
import { soldByStripe, subscribedAt } from './orders.ts'

/** What a visit sets off does not fall into the next one. */
export const BREATH_MS = 10
/** By then connections are open, and the runtime has compiled what runs often. */
const WARM_UP = 1

/** First visits to products that Stripe sold once, and nobody has told of. @returns how long each buyer waited, in ms */
export async function firstVisits(internet: Internet, clients: Clients, rounds: number): Promise<ByContender<number[]>> {
  const visit = (times: number) =>
    inTurns(times, async (name) => {
      const waited = await clients[name].visit(soldByStripe(internet.world).path, 'paid')
      await pause(BREATH_MS)
      return waited
    })
  await visit(WARM_UP)
  return visit(rounds)
}

/** Repeated visits, each contender's to an order that it has recorded, and none of which may ask anybody. */
export async function repeats(internet: Internet, clients: Clients, rounds: number): Promise<ByContender<number[]>> {
  const known = await recordedAt(internet, clients)
  return expectSilence(internet, async () => {
    const visit = (times: number) => inTurns(times, (name) => clients[name].visit(known[name], 'repeat'))
    await visit(Math.ceil(rounds / 5))
    return visit(rounds)
  })
}

/** For each contender the success URL of an order that it has recorded. */
export async function recordedAt(internet: Internet, clients: Clients): Promise<ByContender<string>> {
  await internet.untilQuiet()
  const before = internet.posted()
  const known = await forEach(() => soldByStripe(internet.world).path)
  await forEach((name) => clients[name].visit(known[name], 'paid'))
  // All but the one that only redirects.
  await internet.untilPosted(CONTENDERS.length - 1, before)
  return known
}

/** First visits to subscriptions at a provider, at our Worker alone. */
export async function firstVisitsAt(internet: Internet, ours: Client, provider: ProviderName, rounds: number): Promise<number[]> {
  const waited: number[] = []
  for (let round = 0; round < rounds; round++) {
    waited.push(await ours.visit(subscribedAt(internet.world, provider).path, 'paid'))
    await pause(BREATH_MS)
  }
  return waited
}

/** Does what nobody outside has to be asked for. Whoever is asked all the same is counted, and the benchmark fails in the end. */
export async function expectSilence<Value>(internet: Internet, work: () => Promise<Value>): Promise<Value> {
  const before = internet.asked
  const value = await work()
  internet.askedInSilence += internet.asked - before
  return value
}
