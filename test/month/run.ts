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
import { judgeDoors } from './doors.ts'
import { liveThrough, type Month } from './month.ts'
import { judgeBooks, judgeObjects } from './remains.ts'
import { byCurrency, byProvider, figure, type Judged, judge, type Outcome, tellFindings } from './report.ts'
import { judgeProof } from './tampering.ts'
import { PROVIDER_NAMES } from './terms.ts'
import { HOUR } from './trouble.ts'

const FORM = QUICK ? { orders: 210, days: 7, dataFastDown: 24 * HOUR } : { orders: 5_000, days: 30, dataFastDown: 72 * HOUR }
const seed = Number(option('seed') ?? 1)
const only = option('only') === undefined ? undefined : Number(option('only'))

// Beside it, in a process of its own: there the clocks are real.
const sample = only === undefined ? runSample() : undefined
const month = await liveThrough({ ...FORM, seed, only, providers: PROVIDER_NAMES, isCalm: false })
const outcome = outcomeOf(month)
const judged = judge(outcome)
// That KV or an object could not be reached is no fault of the Worker's own.
const faults = [...month.log].filter(([line]) => /^fault/.test(line) && !/ (ConnectionLost|Error)$/.test(line))
const findings = [
  ...judged.findings,
  ...judgeDoors(month.orders),
  ...judgeObjects(month.cloudflare),
  ...judgeBooks(month.cloudflare, outcome.ledger, month.orders),
  ...(only === undefined ? judgeProof(outcome) : []),
  ...faults.map(([line, count]) => ({ text: `the log says ${count} times: ${line}` })),
]
const sampled = await sample
publish(
  'month',
  [inWords(month, judged), byProvider(outcome, judged), byCurrency(outcome, judged), sampled?.text].filter(Boolean).join('\n\n'),
)
if (only !== undefined && !findings.length) for (const line of month.orders.flatMap(({ story }) => story)) console.log(line)
tellFindings(findings)
process.exit(findings.length || sampled?.code ? 1 : 0)

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
    wasLate: (transactionId) => attributedAt.get(transactionId) !== recordedAt.get(transactionId),
  }
}

function runSample(): Promise<{ text: string; code: number | null }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'sample.ts'), ...(QUICK ? ['--quick'] : [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let written = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written += text
  })
  // The Worker's own log lies among it.
  const said = () => written.split('\n').filter((line) => !line.startsWith('{'))
  return new Promise((resolve) => child.on('close', (code) => resolve({ text: said().join('\n').trim(), code })))
}

function inWords({ orders, cloudflare, happenings, trouble, lasted }: Month, { matches, untellable, attribution }: Judged): string {
  const { runtime } = cloudflare
  const deaths = [...runtime.deaths.values()].reduce((sum, count) => sum + count, 0)
  const sum = (what: 'sent' | 'duplicated' | 'lost') => figure(orders.reduce((total, { post }) => total + post[what], 0))
  const fated = (fate: string) => figure(orders.filter(({ terms }) => terms.fate === fate).length)
  const movements = matches.reduce((total, match) => total + match.movements.length, 0)
  const parked = orders.filter(({ hasUntoldRefund }) => hasUntoldRefund).length
  const unanswered = orders.reduce((total, { buyer }) => total + buyer.unanswered, 0)
  const share = attribution.knowable ? ((100 * attribution.attributed) / attribution.knowable).toFixed(1) : '100'
  const brownOuts = trouble.outages.length - 1
  return `
${figure(orders.length)} orders at ${PROVIDER_NAMES.length} providers, with ${figure(movements)} movements of money, on a simulated clock of ${Math.round(lasted / (24 * HOUR))} days (seed ${seed}): the Worker’s
own source, with Cloudflare, the internet, the providers and DataFast simulated around it. DataFast was down for ${FORM.dataFastDown / HOUR} hours in the middle; the providers had ${brownOuts} bad spells of up to
eight hours; the runtime died ${figure(deaths)} times in ${figure(runtime.steps)} steps, in the middle of whatever it was doing (${figure(unanswered)} visits got no answer, and were made again); one in a hundred operations of KV, calls of objects and
requests failed, before it was done, after, or by never ending. Of ${sum('sent')} webhooks ${sum('lost')} were lost, ${sum('duplicated')} came twice, and one in four late, some by days. ${figure(happenings)} things happened.

Not to be counted, and not counted: ${fated('free')} free orders, ${fated('test')} test orders, ${fated('unpaid')} that were never paid, ${fated('elsewhere')} of another shop. Known by nobody, as [documented](sweep.md#what-it-cannot-know): ${figure(untellable.length)} free
trials at Creem whose webhook was lost and whose buyer did not return; ${figure(parked)} partial refunds at Gumroad, which tells no amount, are parked for the founder. ${share} % of the first payments whose visitor was known in
time are recorded under that visitor.`.trim()
}
