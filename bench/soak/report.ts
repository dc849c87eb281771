/** What a run came to: two tables, and what must not be. */

import { PROVIDER_NAMES } from '../../test/bundle/sellers.ts'
import { mean, percentile } from '../bench/statistics.ts'
import { table } from '../proof-page.ts'
import type { Counts, Unfinished } from './around.ts'
import type { BareGrowth } from './bare.ts'
import { DATAFAST_MS, type Internet, PROVIDER_MS } from './internet.ts'
import type { Load } from './load.ts'
import type { What } from './mix.ts'
import type { Sales } from './sales.ts'
import { type Memory, slope } from './vitals.ts'

/** The Worker's own default, and what a busy machine may add to it. */
const VERIFY_BUDGET_MS = 2_500
const GRACE_MS = 500
const MIB = 2 ** 20
const DAY_S = 86_400
/** The last fifth's memory beside the third's… */
const MAX_GROWTH = 1.1
/** …of a run long enough to tell: the runtime puts an idle object away after ten seconds and forgets it after seventy. */
const MEMORY_TOLD_AFTER_S = 300

/**
 * With each order memory may grow by so many times what that of a Worker whose objects do nothing swings by. Its slope would be
 * no yardstick: it is less than what can be told from the allocator's comings and goings, and may fall. Ours leaves more
 * behind: entries in KV, rows in the books, and the caches of both.
 */
const MAX_TIMES_BARE = 3

/** A run is told in so many parts. */
export const FIFTHS = 5
const NAMES = ['first', 'second', 'third', 'fourth', 'last']

/** Processor time in s, the heap without garbage in bytes, and what the objects have done since the start. */
export type Moment = { at: number; heap: number; workerd: number; self: number; counts: Counts }

/** Everything that was measured. Times in ms since 1970. */
export type Run = {
  connections: number
  memory: readonly Memory[]
  /** When the load began to be held, after each fifth of that time, and after everything was settled. */
  marks: readonly Moment[]
  settled: Moment
  settledAfterMs: number
  stages: Readonly<Record<string, number>>
  /** How many orders were looked at in the end, and which of them were not finished. */
  looked: number
  unfinished: readonly Unfinished[]
  /** Arrivals that were still in KV then. */
  kept: number
  /** How many lines were logged, by the Worker's event. */
  logged: ReadonlyMap<string, number>
  load: Load
  sales: Sales
  internet: Internet
  disk: { bytes: number; files: number }
  /** The same of a Worker that does nothing else; not measured in short forms. */
  bareGrowth: BareGrowth | undefined
  /** The shares of requests and of KV's operations, and of calls to orders, that were made to fail. */
  failing: number
  unreachable: number
}

export function report(run: Run): { text: string; failures: string[] } {
  return { text: [sentence(run), byFifths(run), totals(run)].join('\n\n'), failures: failuresOf(run) }
}

function sentence({ connections, marks, failing, unreachable }: Run): string {
  const { seconds } = during(marks)
  const held = seconds < 100 ? `${seconds.toFixed(0)} seconds` : `${(seconds / 60).toFixed(0)} minutes`
  return `${connections} connections, each sending its next request as soon as it has its answer, for ${held}. Around it are ${PROVIDER_NAMES.length} providers
that take ${PROVIDER_MS} ms and DataFast that takes ${DATAFAST_MS} ms; ${percentOf(failing)} of the requests to them fail, ${percentOf(failing)} of KV's operations and ${percentOf(unreachable)} of the Worker's
calls to its orders. Runtime, buyers, providers and DataFast share the machine; what the runtime
stores lies in memory, where there is room for it: nothing like a local disk is in production.`
}

function byFifths(run: Run): string {
  const { marks, load, sales, memory } = run
  const rows = marks.slice(1).map(({ at, heap, counts, workerd }, fifth) => {
    const before = marks[fifth] ?? run.settled
    const isIn = (one: { at: number }) => one.at >= before.at && one.at < at
    const timings = load.timings.filter(isIn)
    const of = (...what: What[]) => timings.filter((timing) => what.includes(timing.what)).map(({ ms }) => ms)
    const perSecond = (many: number) => ((many * 1000) / (at - before.at)).toFixed(0)
    const resident = mean(memory.filter(isIn).map((one) => one.resident))
    return [
      ...[NAMES[fifth] ?? '', perSecond(of('first visit', 'repeat visit').length), perSecond(of('webhook').length)],
      ...[of('first visit'), of('repeat visit'), of('webhook'), sales.recordings.filter(isIn).map(({ ms }) => ms)].map(spread),
      `${(((workerd - before.workerd) * 100_000) / (at - before.at)).toFixed(0)} %`,
      ...[mib(resident), (heap / MIB).toFixed(1), count(counts.created - counts.collected)],
    ]
  })
  const times = ['first visit, ms', 'repeat, ms', 'webhook, ms', 'recorded, ms']
  const columns = ['Fifth', 'visits/s', 'webhooks/s', ...times, 'processor', 'memory, MiB', 'heap, MiB', 'objects']
  return `Median, 99th percentile and slowest; “recorded” counts from when a payment and its visitor could be known until DataFast
had it; “processor” is the runtime’s share of one core, “memory” what its process holds; “heap” is the Worker’s, without garbage,
and “objects” are the orders in it, both at the end of the fifth:\n\n${table(columns, rows)}`
}

/** From the moment when the load began to be held until it ended. */
function during(marks: readonly Moment[]) {
  const [from, until] = [marks[0], marks.at(-1)]
  if (!from || !until) throw new Error('nothing was held')
  const did = (name: keyof Counts) => until.counts[name] - from.counts[name]
  return { from, until, seconds: (until.at - from.at) / 1000, did }
}

function totals(run: Run): string {
  const { load, sales, internet, marks, settled, memory, disk, looked, unfinished, stages, settledAfterMs, logged, kept } = run
  const { from, until, seconds, did } = during(marks)
  const visits = load.timings.filter(({ what }) => what.endsWith('visit'))
  const pending = visits.filter(({ outcome }) => outcome === 'pending').length
  const webhooks = load.timings.filter(({ what }) => what === 'webhook').length
  const injected = Object.values(internet.injected).reduce((sum, one) => sum + one, 0)
  const percent = (work: number) => `${((work * 100) / seconds).toFixed(0)} %`
  const rows: [string, string][] = [
    ['orders, movements of money', `${count(sales.references.length)}, ${count(sales.movements)}`],
    ['accepted by DataFast; recorded in the books', `${count(internet.accepted)}; ${count(stages.recorded ?? 0)}`],
    ['visits answered, of which “pending”', `${count(visits.length)}, ${count(pending)}`],
    ['webhooks answered, of which 503 and sent again', `${count(webhooks)}, ${count(load.notStored)}`],
    ['slowest answer', `${ms(load.slowestMs)} ms`],
    [
      'failures injected: providers and DataFast; KV; calls to orders',
      [injected, settled.counts.kvFailures, settled.counts.orderFailures].map(count).join('; '),
    ],
    [
      'arrivals stored in KV since their order did not answer, of which still there',
      `${count(logged.get('arrival') ?? 0)}, ${count(kept)}`,
    ],
    ['posted again after a lost reply', count(internet.reposts['after a lost reply'])],
    ['posted again with a late visitor', count(internet.reposts['with a late visitor'])],
    ['renewals and refunds that came before their sale had its visitor', count(internet.early)],
    ['posted again for no reason, or unknown', count(internet.reposts['for no reason'] + internet.strays)],
    ['settled after the load ended', `${(settledAfterMs / 1000).toFixed(0)} s`],
    ['orders looked at then, of which owing anything', `${count(looked)}, ${count(unfinished.length)}`],
    ['alarms fired', count(settled.counts.alarms)],
    ['faults logged', count(logged.get('fault') ?? 0)],
    ['rows told to the books, questions to them', `${(did('rows') / seconds).toFixed(0)}/s, ${(did('standings') / seconds).toFixed(0)}/s`],
    ['processor: runtime; load and world', `${percent(until.workerd - from.workerd)}; ${percent(until.self - from.self)}`],
    [
      'memory: started, load reached, at the end',
      [memory[0], ...edges(memory, from.at, until.at)].map((one) => mib(one?.resident)).join(', '),
    ],
    ...(isLong(run) ? slopes(run) : []),
    [
      'heap without garbage after settling, objects in it',
      `${(settled.heap / MIB).toFixed(1)} MiB, ${count(settled.counts.created - settled.counts.collected)}`,
    ],
    ['order objects begun', count(settled.counts.created)],
    ['stored, in files', `${mib(disk.bytes)} MiB, ${count(disk.files)}`],
  ]
  return table(['In all', ''], rows)
}

/** What the slope of memory comes to. */
function slopes(run: Run): [string, string][] {
  const { perSecond, perOrder } = growth(run)
  const { bareGrowth } = run
  const rows: [string, string][] = [
    ['its slope over the second half', `${kib(perSecond)}/s, ${mib(perSecond * DAY_S)} MiB in a day`],
    ['the same for each order object', kib(perOrder)],
  ]
  if (bareGrowth !== undefined) {
    rows.push(['for each object of a Worker that does nothing: slope, swing', `${kib(bareGrowth.slope)}, ${kib(bareGrowth.swing)}`])
    rows.push([`our slope in times that swing, of which ${MAX_TIMES_BARE} are allowed`, (perOrder / bareGrowth.swing).toFixed(2)])
  }
  return rows
}

/** Whether memory has had the time to tell anything. */
function isLong({ marks }: Run): boolean {
  return during(marks).seconds >= MEMORY_TOLD_AFTER_S
}

function edges(memory: readonly Memory[], from: number, until: number): (Memory | undefined)[] {
  const held = memory.filter(({ at }) => at >= from && at < until)
  return [held[0], held.at(-1)]
}

/**
 * How memory goes on. `perSecond`: bytes, by a straight line through the second half; `perOrder`: the same for each order object
 * that was begun in it; `ratio`: the last fifth beside the third.
 */
function growth({ marks, memory }: Run): { perSecond: number; perOrder: number; ratio: number } {
  const { from, until } = during(marks)
  const middle = (from.at + until.at) / 2
  const half = memory.filter(({ at }) => at >= middle && at < until.at)
  const orders = until.counts.created - createdBy(middle, marks)
  const resident = (nth: number) => {
    const [begun, ended] = [marks[nth]?.at ?? 0, marks[nth + 1]?.at ?? 0]
    return mean(memory.filter(({ at }) => at >= begun && at < ended).map((one) => one.resident))
  }
  const perSecond = slope(half.map((one) => [one.at / 1000, one.resident]))
  return { perSecond, perOrder: (perSecond * (until.at - middle)) / 1000 / orders, ratio: resident(4) / resident(2) }
}

/** How many order objects there had been at some moment between two marks. */
function createdBy(moment: number, marks: readonly Moment[]): number {
  const next = marks.findIndex(({ at }) => at >= moment)
  const [before, after] = [marks[next - 1], marks[next]]
  if (!before || !after) throw new Error('nothing was held then')
  const share = (moment - before.at) / (after.at - before.at)
  return before.counts.created + share * (after.counts.created - before.counts.created)
}

function failuresOf(run: Run): string[] {
  const { load, sales, internet, stages, unfinished, looked, logged, settled } = run
  const failures = [...load.wrong, ...sales.wrong()].map(([what, times]) => `${what} (${times} times)`)
  const must = (isSo: boolean, otherwise: string) => {
    if (!isSo) failures.push(otherwise)
  }
  must(load.slowestMs <= VERIFY_BUDGET_MS + GRACE_MS, `an answer took ${ms(load.slowestMs)} ms`)
  must(sales.unsettled === 0, `${sales.unsettled} orders are not settled`)
  must(internet.accepted === sales.movements, `${internet.accepted} payments were accepted for ${sales.movements} movements`)
  must(internet.reposts['for no reason'] + internet.strays === 0, 'something was posted that nobody had asked for')
  const { refusedByBoth, orderFailures } = settled.counts
  must(load.notStored <= refusedByBoth, `${load.notStored} webhooks were refused, but only ${refusedByBoth} of them by KV too`)
  must(orderFailures > 0, 'no order was out of reach: nothing is known of arrivals that KV has to take')
  must(run.kept === 0, `${run.kept} arrivals are still in KV`)
  must(
    [...run.marks, settled].every(({ heap }) => Number.isFinite(heap)),
    'the heap is not known of every moment: the inspector did not answer',
  )
  must(stages.recorded === sales.movements, `the books have ${stages.recorded} movements as recorded instead of ${sales.movements}`)
  for (const { reference, is } of unfinished.slice(0, 10)) failures.push(`${reference} is ${is}`)
  must(!unfinished.length, `${unfinished.length} of ${looked} orders are not finished`)
  must(!logged.get('fault'), `${logged.get('fault')} faults in the log`)
  must(!logged.get('other'), `${logged.get('other')} lines in the log that are not the Worker’s`)
  const { ratio, perOrder } = growth(run)
  const { bareGrowth } = run
  must(!isLong(run) || ratio <= MAX_GROWTH, `memory grew by ${((ratio - 1) * 100).toFixed(0)} % from the third fifth to the last`)
  must(
    !isLong(run) || bareGrowth === undefined || perOrder <= MAX_TIMES_BARE * bareGrowth.swing,
    `memory grows by ${kib(perOrder)} with each order, more than ${MAX_TIMES_BARE} times the ${kib(bareGrowth?.swing ?? Number.NaN)} that an object that does nothing moves it by`,
  )
  return failures
}

/** Median, 99th percentile and the slowest. */
function spread(values: readonly number[]): string {
  return values.length ? [50, 99, 100].map((percent) => ms(percentile(values, percent))).join(' / ') : '–'
}

function ms(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0)
}

function percentOf(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`
}

function mib(bytes: number | undefined): string {
  return ((bytes ?? Number.NaN) / MIB).toFixed(0)
}

function count(value: number): string {
  return value.toLocaleString('en')
}
