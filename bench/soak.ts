/**
 * A busy shop for ten minutes: the real bundle in the local runtime, buyers and webhooks of seven providers as fast as this machine
 * bears them, with one request in a hundred failing everywhere, and now and then an order that cannot be reached. Nobody may see an error, every order is recorded once, and
 * memory stays where it was. Loopback only. `--quick` for the gate; `--minutes N`; `--connections N` instead of finding out.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { PROVIDER_NAMES } from '../test/bundle/sellers.ts'
import { cpuTimeOf } from './bench/cpu-time.ts'
import { publish, QUICK } from './proof-page.ts'
import type { Unfinished } from './soak/around.ts'
import { growthOfBareObjects } from './soak/bare.ts'
import { Internet } from './soak/internet.ts'
import { Load } from './soak/load.ts'
import { Mix } from './soak/mix.ts'
import { rampUp } from './soak/ramp.ts'
import { FIFTHS, type Moment, type Run, report } from './soak/report.ts'
import { type Runtime, STATUS_TOKEN, startRuntime } from './soak/runtime.ts'
import { Sales } from './soak/sales.ts'
import { freeAt, type Memory, memoryOf, sizeOf } from './soak/vitals.ts'

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, write: { type: 'boolean' }, minutes: { type: 'string' }, connections: { type: 'string' } },
})
const HOLD_MS = values.minutes ? Number(values.minutes) * 60_000 : QUICK ? 8_000 : 600_000
const CRON_MS = QUICK ? 4_000 : 60_000
const SAMPLE_MS = QUICK ? 500 : 3_000
/** How long a sale without a visitor waits for one. */
const ATTRIBUTION_WAIT_S = QUICK ? 2 : 20
const FAILING = 0.01
/** Of the calls to orders. A cron run takes up a hundred of the arrivals that KV keeps in their place. */
const UNREACHABLE = QUICK ? 3 * FAILING : FAILING / 10
/** An order that met three failures in a row waits two minutes for its next try. */
const SETTLE_MS = QUICK ? 8_000 : 240_000
/** The run ends before the disk is full. */
const MIN_FREE = 2 * 2 ** 30
/** What workerd itself has to say about alarms it takes up late and calls it cleans up after: none of it is a failure. */
const RUNTIMES_OWN = /^NOSENTRY |^An RPC result was not disposed properly/
const LOOKED_AT = QUICK ? 300 : 3_000

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

const logged = new Map<string, number>()
const sales = new Sales()
const internet = new Internet(sales.accepted)
sales.internet = internet
const runtime = await startRuntime(internet.handle, noteLine, ATTRIBUTION_WAIT_S)
const mix = new Mix(internet, QUICK ? 4 : 1, sales.add)
const load = new Load(runtime.url, mix)
const memory: Memory[] = [memoryOf(runtime.pid)]
const settling = setInterval(() => sales.settle(Date.now()), 500)

// The first cron run opens the books: what was sold before that, no sweep looks for.
await runtime.cron()
await cron()
internet.failing = FAILING
// The short form does not wait for half a minute.
await runtime.weather(FAILING, UNREACHABLE, !QUICK)
const connections = values.connections ? Number(values.connections) : await rampUp(load, QUICK)
load.resize(connections)

const before = await momentOf(runtime)
const marks = [before]
console.log(`holding ${connections} connections for ${HOLD_MS / 1000} s`)
await hold()
const after = await momentOf(runtime)

internet.clearUp()
await runtime.weather(0, 0, false)
await load.drain()
const drainedAt = Date.now()
await settle()
const looked = sales.references.toSorted(() => Math.random() - 0.5).slice(0, LOOKED_AT)
const unfinished = await finish(looked)
const stages = await runtime.stages()
const kept = await runtime.kept()
const settledAfterMs = Date.now() - drainedAt
clearInterval(settling)

const disk = sizeOf(runtime.storage)
const settled = await momentOf(runtime)
await runtime.stop()
// After it: the two would share the machine.
const bareGrowth = QUICK || values.minutes ? undefined : await growthOfBareObjects()

const run: Run = {
  ...{ connections, memory, marks: [...marks, after], settled, settledAfterMs, stages, looked: looked.length, unfinished, kept, logged },
  ...{ load, sales, internet, disk, bareGrowth, failing: FAILING, unreachable: UNREACHABLE },
}
const { text, failures } = report(run)
publish('soak', text, failures)
process.exit(process.exitCode ?? 0)

async function hold(): Promise<void> {
  let cronAt = Date.now()
  for (const from = Date.now(); Date.now() - from < HOLD_MS; ) {
    await pause(SAMPLE_MS)
    memory.push(memoryOf(runtime.pid))
    if (Date.now() - from > (marks.length * HOLD_MS) / FIFTHS && marks.length < FIFTHS) marks.push(await momentOf(runtime))
    if (Date.now() >= cronAt) {
      cronAt += CRON_MS
      cron().catch((error: unknown) => noteLine(`cron run: ${error}`))
    }
    if (freeAt(runtime.storage) < MIN_FREE) throw new Error('the disk is nearly full: run it for fewer minutes')
  }
}

async function momentOf({ pid, counts, heap }: Runtime): Promise<Moment> {
  // The heap first: without garbage it is known which objects are still in memory.
  const live = await heap()
  return { at: Date.now(), heap: live, workerd: cpuTimeOf(pid) / 1000, self: cpuTimeOf('self') / 1000, counts: await counts() }
}

/** Each time there is an order of every provider that nobody has told of. */
async function cron(): Promise<void> {
  for (const provider of PROVIDER_NAMES) mix.unheardOf(provider)
  await runtime.cron()
}

/** Until all is recorded. The short form does not wait for what is tried again later: it presses the operator's buttons. */
async function settle(): Promise<void> {
  await runtime.cron()
  if (QUICK) await press({ checks: true })
  for (let cronAt = Date.now() + CRON_MS; sales.unsettled > 0 && Date.now() - drainedAt < SETTLE_MS; ) {
    await pause(250)
    // Should more arrivals lie in KV than one run takes up.
    if (Date.now() >= cronAt) {
      cronAt += CRON_MS
      await runtime.cron()
    }
    if (QUICK) await press({ all: true })
  }
}

/** Until nothing is owed: to the books by any order, to KV by some. @returns what is left */
async function finish(some: readonly string[]): Promise<Unfinished[]> {
  const isOver = () => Date.now() - drainedAt > SETTLE_MS
  while ((await runtime.stages()).recorded !== sales.movements && !isOver()) await pause(250)
  let left: Unfinished[] = []
  for (let from = 0; from < some.length; from += 100) left.push(...(await runtime.look(some.slice(from, from + 100))))
  while (left.length && !isOver()) {
    await pause(250)
    left = await runtime.look(left.map(({ reference }) => reference))
  }
  return left
}

async function press(button: { checks: true } | { all: true }): Promise<void> {
  const headers = { authorization: `Bearer ${STATUS_TOKEN}`, 'content-type': 'application/json' }
  const response = await fetch(new URL('/checkout/status/retry', runtime.url), { method: 'POST', headers, body: JSON.stringify(button) })
  if (!response.ok) throw new Error(`the operator’s button answered ${response.status}`)
}

function noteLine(line: string): void {
  const event = /^\{"event":"(\w+)"/.exec(line)?.[1] ?? (RUNTIMES_OWN.test(line) ? 'runtime' : 'other')
  logged.set(event, (logged.get(event) ?? 0) + 1)
  if (event === 'fault' || event === 'other') console.error(line)
}
