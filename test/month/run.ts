/**
 * A month of orders, once on a simulated clock through the Worker's own source, and a sample of it on the real bundle. Ends with an
 * error when the ledger is not what was sold, to the smallest unit of any currency.
 *
 *   node test/month/run.ts            5,000 orders; some minutes
 *   node test/month/run.ts --quick    the short form
 *   --seed=N                          another month
 *   --only=N                          the same outages, and of all orders that one: its story is told
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { publish, QUICK } from '../../bench/proof-page.ts'
import { BUDGET, judgeDoors } from './doors.ts'
import { TooManyWrites } from './memory.ts'
import { liveThrough, type Month } from './month.ts'
import { judgeBooks, judgeObjects } from './remains.ts'
import { byCurrency, byProvider, figure, findingInWords, type Judged, judge, type Outcome, tellFindings } from './report.ts'
import { ConnectionLost } from './runtime.ts'
import { judgeProof } from './tampering.ts'
import { PROVIDER_NAMES } from './terms.ts'
import { LATE, LONGEST_DELAY } from './tidings.ts'
import { BAD_SPELL_HOURS, DAY, HOUR, NOISE } from './trouble.ts'

const FORM = QUICK ? { orders: 210, days: 7, dataFastDown: 24 * HOUR } : { orders: 5_000, days: 30, dataFastDown: 72 * HOUR }
/** That KV or an object could not be reached is no fault of the Worker's own. */
const FORESEEN = [ConnectionLost, TooManyWrites].map(({ name }) => ` ${name}`)
const seed = Number(option('seed') ?? 1)
const only = option('only') === undefined ? undefined : Number(option('only'))

// Beside it, in a process of its own: there the clocks are real.
const sample = only === undefined ? runSample() : undefined
const month = await liveThrough({ ...FORM, seed, only, providers: PROVIDER_NAMES, isCalm: false })
const outcome = outcomeOf(month)
const judged = judge(outcome)
const faults = [...month.log].filter(([line]) => line.startsWith('fault') && !FORESEEN.some((name) => line.endsWith(name)))
const findings = [
  ...judged.findings,
  ...judgeDoors(month.orders),
  ...judgeObjects(month.cloudflare),
  ...judgeBooks(month.cloudflare, outcome.ledger, month.orders),
  ...(only === undefined ? judgeProof(outcome) : []),
  ...month.cloudflare.runtime.thrown.map((text) => ({ text })),
  ...faults.map(([line, count]) => ({ text: `the log says ${count} times: ${line}` })),
]
const sampled = await sample
const failures = [...findings.map(findingInWords), ...(sampled?.failures ?? [])]
const text = [inWords(month, judged), byProvider(outcome, judged), byCurrency(outcome, judged), sampled?.text].filter(Boolean).join('\n\n')
tellFindings(findings)
if (only === undefined) publish('month', text, failures)
else if (!failures.length) for (const line of month.orders.flatMap(({ story }) => story)) console.log(line)
process.exit(failures.length ? 1 : (process.exitCode ?? 0))

function option(name: string): string | undefined {
  return process.argv.find((word) => word.startsWith(`--${name}=`))?.split('=')[1]
}

function outcomeOf({ orders, internet, cloudflare }: Month): Outcome {
  const { posts, recordedAt, attributedAt, world } = internet
  return {
    orders,
    ledger: world.dataFast.ledger,
    posts,
    hasStored: (text) => cloudflare.stored.has(text),
    returnedAt: (visitor) => cloudflare.returnedAt.get(visitor),
    wasLate: (transactionId) => attributedAt.get(transactionId) !== recordedAt.get(transactionId),
  }
}

/** `failures`: what does not hold there, in words. */
function runSample(): Promise<{ text: string; failures: string[] }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'sample.ts'), ...(QUICK ? ['--quick'] : [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let written = ''
  let complaints = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
    process.stderr.write(text)
  })
  // The Worker's own log lies among it.
  const said = () => written.split('\n').filter((line) => !line.startsWith('{'))
  // What is wrong, and faults in the log.
  const found = () =>
    [...`${written}\n${complaints}`.matchAll(/^(?:✗ (.+)|\{"event":"fault".*)$/gm)].map(
      ([line, finding]) => `the sample: ${finding ?? line}`,
    )
  return new Promise((resolve) =>
    child.on('close', (code) => {
      const failures = found()
      if (code !== 0 && !failures.length) failures.push(`the sample ended with ${code ?? 'a signal'}`)
      resolve({ text: said().join('\n').trim(), failures })
    }),
  )
}

function inWords({ orders, cloudflare, happenings, trouble, lasted }: Month, { matches, untellable, attribution }: Judged): string {
  const { runtime } = cloudflare
  const deaths = [...runtime.deaths.values()].reduce((sum, count) => sum + count, 0)
  const sum = (what: 'sent' | 'duplicated' | 'lost') => figure(orders.reduce((total, { post }) => total + post[what], 0))
  const fated = (fate: string) => figure(orders.filter(({ terms }) => terms.fate === fate).length)
  const movements = matches.reduce((total, match) => total + match.movements.length, 0)
  const parked = orders.filter(({ hasUntoldRefund }) => hasUntoldRefund).length
  const unanswered = orders.reduce((total, { buyer }) => total + buyer.unanswered, 0)
  const { attributed, knowable } = attribution
  const longestWait = orders.flatMap(({ buyer }) => buyer.visits).reduce((most, { ms }) => Math.max(most, ms), 0)
  const providers = new Set(orders.map(({ terms }) => terms.provider)).size
  const badSpells = trouble.outages.filter(({ service }) => service !== 'datafast').length
  const [shortest, longest] = BAD_SPELL_HOURS
  return `
${figure(orders.length)} orders at ${providers} providers, with ${figure(movements)} movements of money, on a simulated clock of ${Math.round(lasted / DAY)} days (seed ${seed}): the Worker’s
own source, with Cloudflare, the internet, the providers and DataFast simulated around it. DataFast was down for ${FORM.dataFastDown / HOUR} hours in the middle; the providers had ${badSpells} bad spells of ${shortest} to
${longest} hours; the runtime died ${figure(deaths)} times in ${figure(runtime.steps)} steps, in the middle of whatever it was doing (${figure(unanswered)} visits got no answer because of that, and were made again); ${percent(NOISE)} of all operations of KV, calls of
objects and requests went wrong: before they were done, after, by never ending, or by being slow. Of ${sum('sent')} webhooks ${sum('lost')} were lost and ${sum('duplicated')} came twice; ${percent(LATE)} were late, by up to ${LONGEST_DELAY / DAY} days. ${figure(happenings)} things
happened. The longest that a buyer waited for an answer, on the simulated clock, was ${(longestWait / 1000).toFixed(1)} s, of ${BUDGET / 1000} s that are allowed.

Not to be counted, and not counted: ${fated('free')} free orders, ${fated('test')} test orders, ${fated('unpaid')} that were never paid, ${fated('elsewhere')} of another shop. Known by nobody, as [documented](sweep.md#what-it-cannot-know): ${figure(untellable.length)} free
trials at Creem whose webhook was lost and whose buyer did not return; ${figure(parked)} partial refunds at Gumroad, which tells no amount, are parked for the founder. Of the first
payments whose visitor was known in time, ${figure(attributed.one)} of ${figure(knowable.one)} for which a single visitor is right are recorded under that one, and ${figure(attributed.several)} of ${figure(knowable.several)} for which it depends on what arrived first
under one of theirs.`.trim()
}

/** A share, from 0 to 1, as it is read. */
function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`
}
