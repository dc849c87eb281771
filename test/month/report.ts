/** The month in tables: what really happened beside what was recorded, by provider and by currency. */
import { table } from '../../bench/proof-page.ts'
import type { LedgerEntry } from '../../sandbox/world/datafast.ts'
import { type Attribution, judgeAttribution } from './attribution.ts'
import { type Compared, compare, type Finding, kindOf, type Match } from './comparison.ts'
import { inMinor, inWords, type MovementKind } from './money.ts'
import type { Order } from './order.ts'
import { DIGITS, PROVIDER_NAMES } from './terms.ts'

/** What the shop and DataFast are to be compared by. */
export type Outcome = {
  orders: readonly Order[]
  ledger: ReadonlyMap<string, LedgerEntry>
  /** How often each transaction was posted. */
  posts: ReadonlyMap<string, number>
  /** Whether the Worker is known to have stored a visitor, or an order by its reference. */
  hasStored: (text: string) => boolean
  /** Whether a transaction was first recorded under nobody. */
  wasLate: (transactionId: string) => boolean
}

export type Judged = Compared & { attribution: Attribution }

export function judge({ orders, ledger, hasStored, wasLate }: Outcome): Judged {
  const compared = compare(orders, ledger, hasStored)
  const attribution = judgeAttribution(compared.matches, hasStored, wasLate)
  return { ...compared, findings: [...compared.findings, ...attribution.findings], attribution }
}

/** The story of every order that something is wrong with, for whoever looks into it. */
export function tellFindings(findings: readonly Finding[], most = 20): void {
  for (const { order, text } of findings.slice(0, most)) {
    console.error(`\n✗ ${text}${order ? ` (order ${order.number})` : ''}`)
    for (const line of order?.story ?? []) console.error(`    ${line}`)
  }
  if (findings.length > most) console.error(`\n… and ${findings.length - most} more`)
}

/** By provider: how many movements there were and are recorded, under whom, how often posted, and by which way they came. */
export function byProvider({ orders, posts, hasStored, wasLate }: Outcome, { matches }: Judged): string {
  const row = (name: string, isIn: (order: Order) => boolean) => {
    const own = matches.filter(({ order }) => isIn(order))
    const bought = orders.filter(isIn)
    const entries = own.flatMap((match) => match.entries)
    const movements = own.reduce((sum, match) => sum + match.movements.length, 0)
    const { knowable, attributed } = judgeAttribution(own, hasStored, wasLate)
    const posted = entries.reduce((sum, { transaction_id }) => sum + (posts.get(transaction_id) ?? 0), 0)
    const sum = (what: 'sent' | 'duplicated' | 'lost') => figure(bought.reduce((total, { post }) => total + post[what], 0))
    return [
      name,
      ...[bought.length, movements, entries.length, movements - merged(own) - entries.length].map(figure),
      `${figure(attributed)} of ${figure(knowable)}`,
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
    'under their visitor',
    'posts each',
    'webhooks',
    'twice',
    'lost',
    'found by the sweep alone',
  ]
  const names = PROVIDER_NAMES.filter((name) => orders.some(({ terms }) => terms.provider === name))
  return table(columns, [...names.map((name) => row(name, ({ terms }) => terms.provider === name)), row('all', () => true)])
}

/** Refunds that were recorded together with an earlier one, as one movement. */
function merged(matches: readonly Match[]): number {
  return matches.reduce((sum, { movements, entries }) => sum + Math.max(0, movements.length - Math.max(1, entries.length)), 0)
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
