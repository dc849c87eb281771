import type { Client } from './client.ts'
import type { Lab } from './clients.ts'
import { cpuTimeOf } from './cpu-time.ts'
import { soldByStripe, subscribedAt } from './orders.ts'
import { expectSilence } from './waits.ts'

/** How many buyers come at the same time. */
export const CONNECTIONS = 16

/**
 * What so many visits cost. `cpuMs`: user and system time of the runtime's process per visit, with all that the visit set off;
 * `busy`, `clientBusy`: how much of one processor the runtime and the visitors used while there were visits; `pending`: the share
 * of buyers whose payment was not verified in time.
 */
export type Load = { perSecond: number; cpuMs: number; busy: number; clientBusy: number; pending: number }

/** Repeats of one order, as fast as they are answered, and none of which may ask anybody. @param path - of an order that is recorded */
export function repeatsUnderLoad(lab: Lab, client: Client, path: string, visits: number): Promise<Load> {
  return expectSilence(lab.internet, () => load(lab, client, Array<string>(visits).fill(path), 'repeat'))
}

/** First visits that nobody has told of, likewise: each to a product that Stripe sold once. */
export async function firstVisitsUnderLoad(lab: Lab, client: Client, visits: number): Promise<Load> {
  await lab.internet.renew()
  const paths = Array.from({ length: visits }, () => soldByStripe(lab.internet.world).path)
  return load(lab, client, paths, 'paid', 'pending')
}

/** First visits to subscriptions that Stripe has told of, likewise. Its events are not counted. */
export async function visitsAfterWebhookUnderLoad(lab: Lab, client: Client, visits: number): Promise<Load> {
  const { internet } = lab
  await internet.renew()
  const orders = Array.from({ length: visits }, () => subscribedAt(internet.world, 'stripe'))
  for (const order of orders) for (const event of order.events()) await client.post(event)
  await internet.untilQuiet()
  const paths = orders.map(({ path }) => path)
  return load(lab, client, paths, 'paid')
}

/** Visits each path, as many at a time as there are connections. */
async function load(
  { internet, runtime: { pid } }: Lab,
  client: Client,
  paths: readonly string[],
  ...outcomes: Parameters<Client['visit']> extends [string, ...infer Outcomes] ? Outcomes : never
): Promise<Load> {
  const pendingBefore = client.pending
  const [startedAt, cpuBefore, clientBefore] = [performance.now(), cpuTimeOf(pid), process.cpuUsage()]
  const left = [...paths]
  const buyer = async () => {
    for (let path = left.pop(); path !== undefined; path = left.pop()) await client.visit(path, ...outcomes)
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, buyer))
  const [ms, cpuMeanwhile, { user, system }] = [performance.now() - startedAt, cpuTimeOf(pid), process.cpuUsage(clientBefore)]
  await internet.untilQuiet()
  return {
    perSecond: (paths.length / ms) * 1000,
    cpuMs: (cpuTimeOf(pid) - cpuBefore) / paths.length,
    busy: (cpuMeanwhile - cpuBefore) / ms,
    clientBusy: (user + system) / 1000 / ms,
    pending: (client.pending - pendingBefore) / paths.length,
  }
}
