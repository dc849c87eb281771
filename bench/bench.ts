/**
 * Our Worker beside what a founder would otherwise deploy, and beside one that only redirects: how long buyers wait, what it
 * costs, how it starts, and what years of sales change. Loopback only. Fails when something answers wrongly, asks where there
 * is nothing to ask, or posts a payment twice; a target that is missed is told.
 */
import { PROVIDER_NAMES } from '../test/bundle/sellers.ts'
import { afterWebhooks, type Visitors } from './bench/after-webhook.ts'
import { Client } from './bench/client.ts'
import { type Clients, clientsAtEntry, clientsOf, inTurns, type Lab } from './bench/clients.ts'
import { bundles, forEach } from './bench/contenders.ts'
import { COUNTS } from './bench/counts.ts'
import { fillMemory, fillOrders, type Snapshot, snapshot, upkeep } from './bench/growth.ts'
import type { Growth } from './bench/growth-figures.ts'
import { Internet } from './bench/internet.ts'
import { CONNECTIONS, firstVisitsUnderLoad, repeatsUnderLoad, visitsAfterWebhookUnderLoad } from './bench/load.ts'
import { methodOf } from './bench/method.ts'
import type { Costs, Results, Waits } from './bench/results.ts'
import { type Script, startRuntime } from './bench/runtime.ts'
import { coldStarts, loads } from './bench/starts.ts'
import { costsTable, growthTable, timesTable } from './bench/tables.ts'
import { targets } from './bench/targets.ts'
import { firstVisits, firstVisitsAt, recordedAt, repeats } from './bench/waits.ts'
import { publish } from './proof-page.ts'

const built = await bundles()
const scripts = await forEach((name): Script => ({ name, script: built[name].script }))
const internet = new Internet()
const runtime = await startRuntime(internet, Object.values(scripts), ['looks-and-stores', 'fills-memory', 'loads-anew'])
const lab: Lab = { internet, runtime }
const [single, atEntry, many] = [await clientsOf(runtime), await clientsAtEntry(runtime), await clientsOf(runtime, CONNECTIONS)]
const floor = new Client(await runtime.at('looks-and-stores'))
const visitors = visitorsOf(single)

const waits = await measureWaits()
console.log(`\n${timesTable(waits)}\n\noutgoing requests during all repeats: ${internet.askedInSilence}\n`)
const results: Results = { ...waits, ...(await measureCosts()), growth: await measureGrowth() }
await runtime.stop()

const method = methodOf(results, internet.askedInSilence)
publish(
  'bench',
  [
    ...[method.times, timesTable(results), method.costs, costsTable(results)],
    ...[method.growth, growthTable(results.growth), targets(results)],
  ].join('\n\n'),
  internet.askedInSilence ? [`${internet.askedInSilence} outgoing requests where nobody is to be asked`] : [],
)
process.exit(process.exitCode ?? 0)

function visitorsOf(clients: Clients): Visitors {
  return { ours: clients['success-url'], bare: clients['only-redirects'], floor }
}

async function measureWaits(): Promise<Waits> {
  tell('first visits and repeats')
  const first = await firstVisits(internet, single, COUNTS.firstVisits)
  const repeat = await repeats(internet, single, COUNTS.repeats)
  const repeatAtEntry = await repeats(internet, atEntry, COUNTS.repeats)
  tell('first visits at every provider')
  const firstEach: Waits['firstEach'] = new Map()
  for (const provider of PROVIDER_NAMES) {
    firstEach.set(provider, await firstVisitsAt(internet, single['success-url'], provider, COUNTS.firstVisitsEach))
  }
  await internet.renew()
  tell('visits after a webhook')
  const plain = { providers: PROVIDER_NAMES, rounds: COUNTS.afterWebhooks, link: 'plain' } as const
  const waiting = await afterWebhooks(internet, visitors, plain)
  const waitingAtEntry = await afterWebhooks(internet, visitorsOf(atEntry), { ...plain, providers: ['stripe'] })
  const recorded = await afterWebhooks(internet, visitors, { ...plain, link: 'carrying' })
  return { first, repeat, repeatAtEntry, firstEach, waiting, waitingAtEntry, recorded }
}

async function measureCosts(): Promise<Costs> {
  const { loadRounds, loadRepeats, loadVisits } = COUNTS
  tell('load')
  const known = await recordedAt(internet, single)
  const repeatLoad = await inTurns(loadRounds, (name) => repeatsUnderLoad(lab, many[name], known[name], loadRepeats))
  const firstLoad = await inTurns(loadRounds, (name) => firstVisitsUnderLoad(lab, many[name], loadVisits))
  const afterWebhookLoad = await times(loadRounds, () => visitsAfterWebhookUnderLoad(lab, many['success-url'], loadVisits))
  tell('starts')
  return {
    ...{ repeatLoad, firstLoad, afterWebhookLoad },
    coldStart: await coldStarts(internet, scripts, COUNTS.coldStarts),
    load: await loads(runtime, COUNTS.loads),
    bytes: await forEach((name) => Buffer.byteLength(built[name].script)),
    gzipKiB: await forEach((name) => built[name].gzipKiB),
  }
}

async function measureGrowth(): Promise<Growth> {
  const { growthRounds, growthVisits, loadVisits, loadRepeats } = COUNTS
  const counts = { visits: growthVisits, repeats: loadRepeats / 4, loadVisits, loadRepeats }
  const round = (): Promise<Snapshot> => snapshot(lab, visitors, many['success-url'], counts)
  tell('before growth')
  const upkeepBefore = await upkeep(lab, single['success-url'], COUNTS.cronRuns)
  const before = await times(growthRounds, round)
  tell('growth: KV entries')
  await fillMemory(lab, COUNTS.growthEntries)
  tell('growth: orders')
  await fillOrders(lab, many['success-url'], COUNTS.growthOrders)
  tell('after growth')
  const after = await times(growthRounds, round)
  return { before, after, upkeepBefore, upkeepAfter: await upkeep(lab, single['success-url'], COUNTS.cronRuns) }
}

async function times<Value>(count: number, measure: () => Promise<Value>): Promise<Value[]> {
  const measured: Value[] = []
  for (let time = 0; time < count; time++) measured.push(await measure())
  return measured
}

/** What is being measured, for whoever waits. */
function tell(what: string): void {
  console.error(`${Math.round(performance.now() / 1000)} s: ${what} …`)
}
