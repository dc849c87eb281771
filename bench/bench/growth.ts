import type { Env } from '../../src/env.ts'
import { type RecordedEntry, writeRecorded } from '../../src/recorded.ts'
import { sessionId } from '../../test/bundle/ids.ts'
import { afterWebhooks, type Visitors } from './after-webhook.ts'
import { Client, VISITOR } from './client.ts'
import type { Lab } from './clients.ts'
import { cpuTimeOf } from './cpu-time.ts'
import { pause } from './internet.ts'
import { firstVisitsUnderLoad, repeatsUnderLoad, visitsAfterWebhookUnderLoad } from './load.ts'
import { soldByStripe } from './orders.ts'
import { STATUS_TOKEN } from './runtime.ts'
import { median } from './statistics.ts'
import { expectSilence, firstVisitsAt } from './waits.ts'

/** So many entries are written with one request; so many orders lie in one simulated world. */
const ENTRIES_AT_A_TIME = 1_000
const ORDERS_AT_A_TIME = 1_000
/** The runtime puts an object away after so long without work; doing so for thousands takes its time. */
export const PUT_AWAY_AFTER_MS = 10_000
const PUT_AWAY_MS = PUT_AWAY_AFTER_MS + 5_000
/** The cron run works in turns, with pauses between them. */
const IDLE_MS = 1_500

/** What may not change, in ms; each the median of its round. `bare`: visits to (c) at the same time, which tell how the machine is doing. */
export type Snapshot = Record<'first' | 'repeat' | 'afterWebhook' | 'cpuFirst' | 'cpuRepeat' | 'cpuAfterWebhook' | 'bare', number>

/** What is measured in a round: visits one after the other, and visits whose CPU time is counted. */
export type SnapshotCounts = { visits: number; repeats: number; loadVisits: number; loadRepeats: number }

/** One round at our Worker as it is now. */
export async function snapshot(lab: Lab, visitors: Visitors, many: Client, counts: SnapshotCounts): Promise<Snapshot> {
  const { internet } = lab
  await internet.renew()
  const first = await firstVisitsAt(internet, visitors.ours, 'stripe', counts.visits)
  await internet.renew()
  const { path } = soldByStripe(internet.world)
  await visitors.ours.visit(path, 'paid')
  await internet.untilPosted(1)
  const [repeat, bare]: [number[], number[]] = [[], []]
  await expectSilence(internet, async () => {
    for (let round = 0; round < counts.repeats; round++) {
      repeat.push(await visitors.ours.visit(path, 'repeat'))
      bare.push(await visitors.bare.visit(path))
    }
  })
  const { cpuMs: cpuRepeat } = await repeatsUnderLoad(lab, many, path, counts.loadRepeats)
  const told = await afterWebhooks(internet, visitors, { providers: ['stripe'], rounds: counts.visits, link: 'plain' })
  return {
    first: median(first),
    repeat: median(repeat),
    afterWebhook: median(told.ours.get('stripe') ?? []),
    cpuFirst: (await firstVisitsUnderLoad(lab, many, counts.loadVisits)).cpuMs,
    cpuRepeat,
    cpuAfterWebhook: (await visitsAfterWebhookUnderLoad(lab, many, counts.loadVisits)).cpuMs,
    bare: median(bare),
  }
}

/** What the operator's side takes, in ms: the median of a few status pages, and the CPU time of a cron run with all its turns. */
export type Upkeep = { statusPage: number; cronRun: number | undefined }

/** @param cronRuns - 0 leaves the cron run out */
export async function upkeep({ internet, runtime }: Lab, ours: Client, cronRuns: number): Promise<Upkeep> {
  await internet.renew()
  const pages: number[] = []
  const headers = { authorization: `Bearer ${STATUS_TOKEN}` }
  for (let page = 0; page < 5; page++) pages.push(await ours.send({ path: '/checkout/status', headers }, { status: 200 }))
  const statusPage = median(pages)
  if (!cronRuns) return { statusPage, cronRun: undefined }
  // The first run of a day has more to do.
  const now = Date.now()
  await runtime.cron(new Date(now))
  await untilIdle({ internet, runtime })
  const before = cpuTimeOf(runtime.pid)
  for (let run = 1; run <= cronRuns; run++) {
    await runtime.cron(new Date(now + run * 15 * 60_000))
    await untilIdle({ internet, runtime })
  }
  return { statusPage, cronRun: (cpuTimeOf(runtime.pid) - before) / cronRuns }
}

/** Nobody outside is asked, and the process rests. */
async function untilIdle({ internet, runtime: { pid } }: Lab): Promise<void> {
  for (let before = Number.NaN; before !== cpuTimeOf(pid); ) {
    before = cpuTimeOf(pid)
    await internet.untilQuiet()
    await pause(IDLE_MS)
  }
}

/** Writes so many entries of recorded sales into KV, as our Worker writes them. */
export async function fillMemory({ runtime }: Lab, entries: number): Promise<void> {
  const filler = new Client(await runtime.at('fills-memory'))
  for (let left = entries; left > 0; left -= ENTRIES_AT_A_TIME) {
    const batch: unknown[] = []
    const RECORDED = { put: async (...[key, value, options]: unknown[]) => void batch.push({ key, value, options }) }
    for (let one = 0; one < Math.min(left, ENTRIES_AT_A_TIME); one++) {
      const id = sessionId()
      const entry: RecordedEntry = { transactionId: `pi_${id.slice(-12)}`, visitor: VISITOR, attributed: 'yes' }
      await writeRecorded({ RECORDED } as unknown as Env, `stripe:${id}`, entry)
    }
    await filler.send({ path: '/', method: 'POST', body: JSON.stringify(batch) }, { status: 200 })
  }
}

/** Has so many orders told by webhook, verified and recorded under the visitor that their link carried: an object and a row each. */
export async function fillOrders({ internet }: Lab, many: Client, orders: number): Promise<void> {
  for (let left = orders; left > 0; left -= ORDERS_AT_A_TIME) {
    await internet.renew(0, 0)
    const batch = Array.from({ length: Math.min(left, ORDERS_AT_A_TIME) }, () => soldByStripe(internet.world, VISITOR))
    // The client keeps all but a few waiting.
    await Promise.all(batch.flatMap((order) => order.events()).map((event) => many.post(event)))
    await internet.untilPosted(batch.length)
  }
  await internet.renew()
  if (orders > ORDERS_AT_A_TIME) await pause(PUT_AWAY_MS)
}
