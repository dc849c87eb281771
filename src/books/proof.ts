/** Whether a day adds up: what the providers' own lists say, what the books say, what DataFast says. Pure. */
import type { Money } from '../money.ts'
import type { Reference } from '../reference.ts'
import type { Movement } from './movement.ts'

/** How one day (UTC) of the providers' own lists compares with what was recorded, and with DataFast. */
export type DayProof = {
  day: string
  orders: number
  recorded: number
  attributed: number
  waiting: number
  /** Per currency: told by DataFast minus recorded here, in major units; `null` where that cannot be compared. */
  differences: { currency: string; recorded: number; dataFast: number | null; difference: number | null }[]
  /** What does not add up, in plain words; empty when everything does. */
  findings: string[]
}

/** What a provider's own list says was paid on the day. */
export type Expected = { reference: Reference; money?: Money }

/** DataFast's own total of the day; `undefined`: it could not be asked. `currency`: the one it is in. */
type Told = { revenue: number; currency: string } | undefined

type Day = {
  day: string
  /** Of this day. */
  expected: readonly Expected[]
  /** Every name the providers' lists had for something about that day. */
  listed: ReadonlySet<string>
  /** Movements of this day in the books. */
  movements: readonly Movement[]
  /** What the books have under the expected names, of whatever day: clocks differ around midnight. */
  known: readonly Movement[]
  /** Known to the edge's memory alone: recorded before there were books. */
  remembered: ReadonlySet<string>
  /** Lists that could not be read to their end. */
  unread: readonly string[]
  told: Told
  revenue: 'gross' | 'net'
}

/** Amounts are compared to a tenth of the smallest unit anybody counts. */
const TOLERANCE = 0.0005
/** A total is rounded to cents. */
const ROUNDED = 0.006
/** More of a kind are only counted: the day's list names them all. */
const NAMED = 5

export function prove({ day, expected, listed, movements, known, remembered, unread, told, revenue }: Day): DayProof {
  const byReference = Map.groupBy([...movements, ...known], ({ reference }) => reference)
  const isLeftOut = (reference: Reference) => byReference.get(reference)?.every(({ stage }) => stage === 'skipped')
  const counted = expected.filter(({ reference }) => !isLeftOut(reference))
  const recorded = movements.filter(({ stage }) => stage === 'recorded')
  const waiting = counted.filter(({ reference }) => byReference.get(reference)?.some(({ stage }) => OPEN.includes(stage)))
  const isLost = (reference: Reference) =>
    byReference.get(reference)?.every(({ stage }) => stage === 'refused') ?? !remembered.has(reference)
  const missing = counted.filter(({ reference }) => isLost(reference))
  const findings = [
    ...unread.map((list) => `The list of ${list} could not be read: that part of the day is not compared.`),
    ...named(
      missing.map(({ reference }) => reference),
      (names) => `Paid at the provider, but not recorded: ${names}.`,
    ),
    ...named(misScaled(counted, known, revenue), (names) => `Recorded with another amount than the provider tells: ${names}.`),
    ...named(unlisted(recorded, listed, unread), (names) => `Recorded, but in no list of the provider: ${names}.`),
  ]
  const sums = sumsOf(recorded)
  const compared = told && compare(recorded, sums, told)
  if (compared?.difference) findings.push(compared.text)
  return {
    day,
    orders: new Set([...counted.map(({ reference }) => reference), ...recorded.map(({ reference }) => reference)]).size,
    recorded: recorded.length + counted.filter(({ reference }) => !byReference.has(reference) && remembered.has(reference)).length,
    attributed: recorded.filter(({ attributed }) => attributed === 'yes').length,
    waiting: waiting.length,
    differences: [...sums].map(([currency, { all }]) => {
      const isCompared = told?.currency === currency && sums.size === 1
      return {
        currency,
        recorded: round(all),
        dataFast: isCompared ? told.revenue : null,
        difference: isCompared ? (compared?.difference ?? 0) : null,
      }
    }),
    findings,
  }
}

const OPEN = ['waiting', 'held', 'parked']

function named(names: readonly string[], say: (names: string) => string): string[] {
  if (!names.length) return []
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : ''
  return [say(names.slice(0, NAMED).join(', ') + more)]
}

/** A refund's net amount is a share of its sale's, which no list tells. */
function misScaled(counted: readonly Expected[], known: readonly Movement[], revenue: 'gross' | 'net'): string[] {
  return counted.flatMap(({ reference, money }) => {
    const movement = known.find((one) => one.reference === reference && one.stage === 'recorded')
    if (!money || movement?.amount === undefined || movement.kind === 'trial' || (movement.kind === 'refund' && revenue === 'net'))
      return []
    const amount = money[revenue]
    if (amount === undefined) return []
    const isSame = money.currency === movement.currency && Math.abs(amount - movement.amount) < TOLERANCE
    return isSame ? [] : [`${movement.transactionId} (${movement.amount} ${movement.currency} instead of ${amount} ${money.currency})`]
  })
}

/** Not every provider lists its trials, or refunds by themselves. */
function unlisted(recorded: readonly Movement[], listed: ReadonlySet<string>, unread: readonly string[]): string[] {
  const isListed = ({ reference, provider }: Movement) => listed.has(reference) || unread.some((list) => list.startsWith(provider))
  return recorded
    .filter((one) => (one.kind === 'sale' || one.kind === 'renewal') && !isListed(one))
    .map(({ transactionId }) => transactionId)
}

type Sums = { all: number; withoutRefunds: number }

function sumsOf(recorded: readonly Movement[]): Map<string, Sums> {
  const sums = new Map<string, Sums>()
  for (const { currency = '', amount = 0, kind } of recorded) {
    // Nothing is nothing in every currency.
    if (!amount) continue
    const { all, withoutRefunds } = sums.get(currency) ?? { all: 0, withoutRefunds: 0 }
    const isRefund = kind === 'refund'
    sums.set(currency, { all: all + (isRefund ? -amount : amount), withoutRefunds: withoutRefunds + (isRefund ? 0 : amount) })
  }
  return sums
}

/**
 * DataFast's total minus ours, in its own currency, in words. `undefined`: it converts the day's currencies, at rates of its
 * own. Whether its total has refunds taken off is not documented: either way counts, and so does what explains it either way.
 */
function compare(recorded: readonly Movement[], sums: Map<string, Sums>, { revenue, currency }: NonNullable<Told>) {
  const own = sums.get(currency)
  if (sums.size > (own ? 1 : 0)) return undefined
  const differences = [own?.all ?? 0, own?.withoutRefunds ?? 0].map((sum) => round(revenue - sum))
  const [first = 0] = differences
  if (differences.includes(0)) return { difference: 0, text: '' }
  const explained = differences.flatMap((difference) => {
    const cause = causeOf(difference, recorded)
    return cause ? [{ difference, cause }] : []
  })
  const { difference, cause } = explained[0] ?? { difference: first, cause: '' }
  const direction = difference > 0 ? 'more' : 'less'
  return { difference, text: `DataFast shows ${Math.abs(difference)} ${currency} ${direction} than was recorded here${cause}.` }
}

/** Ways in which one movement may be counted wrongly: what that adds to a total, as a multiple of its amount. */
const CAUSES: readonly [number, string][] = [
  [1, 'as if it had been counted twice'],
  [-1, 'as if it were missing there'],
  ...[10, 100, 1000].flatMap((scale): [number, string][] => [
    [scale - 1, `as if it were counted ${scale} times as high`],
    [1 / scale - 1, `as if it were counted at a ${scale}th`],
  ]),
]

/** Which one movement would explain a difference, if any does. */
function causeOf(difference: number, recorded: readonly Movement[]): string | undefined {
  for (const [factor, words] of CAUSES) {
    const isBy = ({ amount = 0, kind }: Movement) => amount > 0 && kind !== 'refund' && Math.abs(amount * factor - difference) < ROUNDED
    const causes = recorded.filter(isBy).map(({ transactionId }) => transactionId)
    const [names] = named(causes, (text) => text)
    if (names) return `, ${words}: ${names}`
  }
  return undefined
}

/** What the sums of decimals are off by is no difference. */
function round(amount: number): number {
  return Math.round(amount * 1000) / 1000
}
