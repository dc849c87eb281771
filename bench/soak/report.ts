/** What a run came to: two tables, and what must not be. */
import { QUICK, table } from '../proof-page.ts'
import type { Counts, Standings } from './around.ts'
import { mean, percentile } from './figures.ts'
import type { Internet } from './internet.ts'
import type { Load } from './load.ts'
import type { What } from './mix.ts'
import type { Sales } from './sales.ts'
import { type Memory, slope } from './vitals.ts'

/** The Worker's own default, and what a busy machine may add to it. */
const VERIFY_BUDGET_MS = 2_500
const GRACE_MS = 500
const MIB = 2 ** 20
const DAY_S = 86_400
/** The last fifth's memory beside the third's. */
const MAX_GROWTH = 1.1

/** Processor time in s and what the objects have done, when the load began to be held and when it ended. */
type Moment = { workerd: number; self: number; counts: Counts }

/** Everything that was measured. Times in ms since 1970. */
export type Run = {
  connections: number
  heldFrom: number
  heldUntil: number
  memory: readonly Memory[]
  /** The Worker's heap without garbage, in bytes: when the load was reached, half-way, at the end, and after settling. */
  heaps: readonly number[]
  before: Moment
  after: Moment
  settledAfterMs: number
  stages: Readonly<Record<string, number>>
  look: Standings
  /** How many lines the Worker logged, by their event. */
  logged: ReadonlyMap<string, number>
  load: Load
  sales: Sales
  internet: Internet
  disk: { bytes: number; files: number }
}

export function report(run: Run): { text: string; failures: string[] } {
  return { text: [sentence(run), byFifths(run), totals(run)].join('\n\n'), failures: failuresOf(run) }
}

function sentence({ connections, heldFrom, heldUntil }: Run): string {
  const minutes = (heldUntil - heldFrom) / 60_000
  return `${connections} connections, each sending its next request as soon as it has its answer, for ${minutes.toFixed(QUICK ? 2 : 0)} minutes; seven providers
that take 150 ms, DataFast 400 ms; one request in a hundred fails at the providers, at DataFast and in KV. The machine is shared by
the runtime, the load and the simulated world.`
}

function byFifths(run: Run): string {
  const { heldFrom, heldUntil, load, sales, memory } = run
  const span = (heldUntil - heldFrom) / 5
  const rows = Array.from({ length: 5 }, (_, fifth) => {
    const isIn = ({ at }: { at: number }) => at >= heldFrom + fifth * span && at < heldFrom + (fifth + 1) * span
    const timings = load.timings.filter(isIn)
    const of = (...what: What[]) => timings.filter((timing) => what.includes(timing.what)).map(({ ms }) => ms)
    const late = (what: What) => `${ms(percentile(of(what), 50))} / ${ms(percentile(of(what), 99))}`
    const perSecond = (count: number) => ((count * 1000) / span).toFixed(0)
    const recorded = sales.recordings.filter(isIn).map((recording) => recording.ms)
    return [
      ['first', 'second', 'third', 'fourth', 'last'][fifth] ?? '',
      perSecond(of('first visit', 'repeat visit').length),
      perSecond(of('webhook').length),
      late('first visit'),
      late('repeat visit'),
      late('webhook'),
      `${ms(percentile(recorded, 50))} / ${ms(percentile(recorded, 99))}`,
      mib(mean(memory.filter(isIn).map(({ resident }) => resident))),
    ]
  })
  const times = ['first visit, ms', 'repeat, ms', 'webhook, ms', 'recorded after, ms']
  return `Medians and 99th percentiles:\n\n${table(['Fifth', 'visits/s', 'webhooks/s', ...times, 'memory, MiB'], rows)}`
}

function totals(run: Run): string {
  const { load, sales, internet, heldFrom, heldUntil, before, after, memory, heaps, disk, look, stages, settledAfterMs } = run
  const seconds = (heldUntil - heldFrom) / 1000
  const held = memory.filter(({ at }) => at >= heldFrom && at < heldUntil)
  const second = held.slice(held.length / 2)
  const perSecond = slope(second.map(({ at, resident }) => [(at - heldFrom) / 1000, resident]))
  const visits = load.timings.filter(({ what }) => what.endsWith('visit'))
  const pending = visits.filter(({ outcome }) => outcome === 'pending').length
  const did = (name: keyof Counts) => after.counts[name] - before.counts[name]
  const percent = (workSeconds: number) => `${((workSeconds / seconds) * 100).toFixed(0)} %`
  const rows: [string, string][] = [
    ['orders', count(sales.references.length)],
    ['movements of money recorded', `${count(internet.accepted)} of ${count(sales.movements)}`],
    ['visits answered, of which “pending”', `${count(visits.length)}, ${count(pending)}`],
    [
      'webhooks answered, of which sent again after 503',
      `${count(load.timings.filter(({ what }) => what === 'webhook').length)}, ${count(load.notStored)}`,
    ],
    ['slowest answer', `${ms(load.slowestMs)} ms`],
    [
      'failures injected: network, KV',
      `${count(Object.values(internet.injected).reduce((sum, one) => sum + one, 0))}, ${count(after.counts.kvFailures)}`,
    ],
    ['posted again after a lost reply', count(internet.reposts['after a lost reply'])],
    ['posted again with a late visitor', count(internet.reposts['with a late visitor'])],
    ['posted again for no reason, or unknown', count(internet.reposts['for no reason'] + internet.strays)],
    ['alarms fired', count(after.counts.alarms)],
    [
      'rows told to the books, questions to them, each per second',
      `${(did('rows') / seconds).toFixed(0)}, ${(did('standings') / seconds).toFixed(0)}`,
    ],
    ['movements in the books as recorded', count(stages.recorded ?? 0)],
    ['settled after the load ended', `${(settledAfterMs / 1000).toFixed(1)} s`],
    ['orders looked at afterwards, of which owing something', `${count(look.looked)}, ${count(look.owing + look.unremembered)}`],
    ['processor, of one core: runtime; load and world', `${percent(after.workerd - before.workerd)}; ${percent(after.self - before.self)}`],
    [
      'order objects begun, still in memory (at most)',
      `${count(after.counts.created)}, ${count(after.counts.created - after.counts.collected)}`,
    ],
    [
      'memory at the start, when held, half-way, at the end',
      [memory[0], held[0], held[held.length >> 1], held.at(-1)].map((one) => mib(one?.resident)).join(', '),
    ],
    ['its growth over the second half, per order', `${((perSecond * seconds) / (did('created') || 1) / 1024).toFixed(2)} KiB`],
    ['the same as a day of this load', `${mib(perSecond * DAY_S)} MiB`],
    ['the Worker’s heap without garbage: when held, half-way, at the end, settled', heaps.map(mib).join(', ')],
    ['on disk, in files', `${mib(disk.bytes)} MiB, ${count(disk.files)}`],
  ]
  return table(['In all', ''], rows)
}

function failuresOf(run: Run): string[] {
  const { load, sales, internet, stages, look, logged, memory, heldFrom, heldUntil, after } = run
  const failures = [...load.wrong, ...sales.wrong()].map(([what, times]) => `${what} (${times} times)`)
  const must = (isSo: boolean, otherwise: string) => {
    if (!isSo) failures.push(otherwise)
  }
  must(load.slowestMs <= VERIFY_BUDGET_MS + GRACE_MS, `an answer took ${ms(load.slowestMs)} ms`)
  must(sales.unsettled === 0, `${sales.unsettled} orders are not settled`)
  must(internet.accepted === sales.movements, `${internet.accepted} payments were accepted for ${sales.movements} movements`)
  must(internet.reposts['for no reason'] + internet.strays === 0, 'something was posted that nobody had asked for')
  must(load.notStored <= after.counts.kvFailures, 'a webhook was not stored although KV worked')
  must(stages.recorded === sales.movements, `the books have ${stages.recorded} movements as recorded instead of ${sales.movements}`)
  must(look.owing + look.unended + look.unremembered === 0, `of ${look.looked} orders ${JSON.stringify(look)}`)
  must(!logged.get('fault'), `${logged.get('fault')} faults in the log`)
  const fifth = (heldUntil - heldFrom) / 5
  const resident = (nth: number) => {
    const inIt = memory.filter(({ at }) => at >= heldFrom + nth * fifth && at < heldFrom + (nth + 1) * fifth)
    return mean(inIt.map((one) => one.resident))
  }
  // A few seconds tell nothing of memory.
  const growth = resident(4) / resident(2)
  must(QUICK || growth <= MAX_GROWTH, `memory grew by ${((growth - 1) * 100).toFixed(0)} % from the third fifth to the last`)
  return failures
}

function ms(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0)
}

function mib(bytes: number | undefined): string {
  return ((bytes ?? Number.NaN) / MIB).toFixed(0)
}

function count(value: number): string {
  return value.toLocaleString('en')
}
