/** The month in tables: what really happened beside what was recorded, by provider and by currency. */
import { table } from '../../bench/proof-page.ts'
import type { LedgerEntry } from '../../sandbox/world/datafast.ts'
import { providerNamed } from '../../src/providers/index.ts'
import { type Attribution, judgeAttribution, type Stored } from './attribution.ts'
import { type Compared, compare, type Finding, kindOf, type Match } from './comparison.ts'
import { inMinor, inWords, type MovementKind } from './money.ts'
import { type Order, RUNNING_TOTALS } from './order.ts'
import { DIGITS, PROVIDER_NAMES } from './terms.ts'

/** What the shop and DataFast are to be compared by. */
export type Outcome = Stored & {
  orders: readonly Order[]
  ledger: ReadonlyMap<string, LedgerEntry>
  /** How often each transaction was posted. */
  posts: ReadonlyMap<string, number>
  /** Whether a transaction was first recorded under nobody. */
  wasLate: (transactionId: string) => boolean
}

export type Judged = Compared & { attribution: Attribution }

export function judge(outcome: Outcome): Judged {
  const { orders, ledger, hasStored, wasLate } = outcome
  const compared = compare(orders, ledger, hasStored)
  const attribution = judgeAttribution(compared.matches, outcome, wasLate)
  return { ...compared, findings: [...compared.findings, ...attribution.findings], attribution }
}

/** What is wrong, and with which order. */
export function findingInWords({ order, text }: Finding): string {
  return order ? `${text} (order ${order.number})` : text
}

/** The story of every order that something is wrong with, for whoever looks into it. */
export function tellFindings(findings: readonly Finding[], most = 20): void {
  for (const finding of findings.slice(0, most)) {
    console.error(`\n✗ ${findingInWords(finding)}`)
    for (const line of finding.order?.story ?? []) console.error(`    ${line}`)
  }
  if (findings.length > most) console.error(`\n… and ${findings.length - most} more`)
}

/** By provider: how many movements there were and are recorded, under whom, how often posted, and by which way they came. */
export function byProvider(outcome: Outcome, { matches }: Judged): string {
  const { orders, posts, wasLate } = outcome
  const row = (name: string, isIn: (order: Order) => boolean) => {
    const own = matches.filter(({ order }) => isIn(order))
    const bought = orders.filter(isIn)
    const entries = own.flatMap((match) => match.entries)
    const movements = own.reduce((sum, match) => sum + match.movements.length, 0)
    const { knowable, attributed } = judgeAttribution(own, outcome, wasLate)
    const posted = entries.reduce((sum, { transaction_id }) => sum + (posts.get(transaction_id) ?? 0), 0)
    const sum = (what: 'sent' | 'duplicated' | 'lost') => figure(bought.reduce((total, { post }) => total + post[what], 0))
    return [
      name,
      ...[bought.length, movements, entries.length, movements - merged(own) - entries.length].map(figure),
      `${figure(attributed.one)} of ${figure(knowable.one)}`,
      entries.length ? (posted / entries.length).toFixed(2) : '–',
      ...[sum('sent'), sum('duplicated'), sum('lost')],
      figure(own.filter(isFoundBySweep).length),
    ]
  }
  const columns = [
    'Provider',
    'orders',
    'movements',
    'recorded',
    'missing',
    'under the only right visitor',
    'posts each',
    'webhooks',
    'twice',
    'lost',
    'found by the sweep alone',
  ]
  const names = PROVIDER_NAMES.filter((name) => orders.some(({ terms }) => terms.provider === name))
  const rows = names.map((name) => row(titleOf(name), ({ terms }) => terms.provider === name))
  return `${table(columns, [...rows, row('all', () => true)])}\n\n${mergedInWords(matches)}`
}

/** Why fewer may be recorded than there were, and nothing is missing. */
function mergedInWords(matches: readonly Match[]): string {
  const where = RUNNING_TOTALS.map(titleOf).join(' or ')
  return `“Recorded” may be less than “movements” with nothing missing: refunds of one payment at ${where}, which tell only how much of it has gone back so far, are recorded as one when they were told together (here ${figure(merged(matches))} of them).`
}

function titleOf(name: string): string {
  return providerNamed(name)?.title ?? name
}

/** Refunds that were recorded together with an earlier one, as one movement. */
function merged(matches: readonly Match[]): number {
  return matches.reduce((sum, { movements, entries }) => sum + (entries.length ? Math.max(0, movements.length - entries.length) : 0), 0)
}

/** No webhook came through, and no buyer came back. */
function isFoundBySweep({ order, movements, entries }: Match): boolean {
  const isFirst = movements[0] === order.movements[0]
  return entries.length > 0 && movements.every(({ acknowledged }) => !acknowledged.length) && !(isFirst && order.buyer.visits.length)
}

const KINDS: readonly MovementKind[] = ['sale', 'renewal', 'refund']

/** By currency, in its major unit: what was sold, renewed and given back, and by how much DataFast's sums differ. */
export function byCurrency({ ledger }: Outcome, { matches }: Judged): string {
  const rows = Object.keys(DIGITS).flatMap((currency) => {
    const truth = (kind: MovementKind) =>
      matches
        .flatMap(({ movements }) => movements)
        .reduce((sum, one) => (one.kind === kind && one.currency === currency ? sum + one.minor : sum), 0)
    const recorded = (kind: MovementKind) =>
      [...ledger.values()].reduce(
        (sum, one) => (kindOf(one) === kind && one.currency === currency ? sum + inMinor(one.amount, currency) : sum),
        0,
      )
    const pairs = KINDS.map((kind) => ({ is: recorded(kind), shouldBe: truth(kind) }))
    if (pairs.every(({ is, shouldBe }) => is === 0 && shouldBe === 0)) return []
    const difference = pairs.reduce((sum, { is, shouldBe }) => sum + Math.abs(is - shouldBe), 0)
    return [
      [
        currency,
        ...pairs.flatMap(({ is, shouldBe }) => [inWords(shouldBe, currency), inWords(is, currency)]),
        inWords(difference, currency),
      ],
    ]
  })
  return table(['Currency', 'sold', 'recorded', 'renewed', 'recorded', 'given back', 'recorded', 'difference'], rows)
}

export function figure(count: number): string {
  return count.toLocaleString('en')
}
