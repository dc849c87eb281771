/** What really happened beside what DataFast has recorded: movement by movement, to the smallest unit. */
import type { LedgerEntry } from '../../sandbox/world/datafast.ts'
import { inMinor, type Movement, type MovementKind } from './money.ts'
import { type Order, RUNNING_TOTALS } from './order.ts'

/** Something that does not add up, and the order it is about. */
export type Finding = { order?: Order; text: string }

/** A movement, and what DataFast has of it: refunds of a running total may be recorded together. */
export type Match = { order: Order; movements: Movement[]; entries: LedgerEntry[] }

export type Compared = {
  matches: Match[]
  findings: Finding[]
  /** Movements that nobody told, and no list tells: documented, and left out on both sides. */
  untellable: Movement[]
}

/** What a provider's clock may differ from when the shop saw the money, in ms. */
const CLOCKS_DIFFER = 5_000

/** @param hasStored - whether the Worker is known to have heard of an order, by its reference */
export function compare(
  orders: readonly Order[],
  ledger: ReadonlyMap<string, LedgerEntry>,
  hasStored: (reference: string) => boolean,
): Compared {
  const left = new Map(ledger)
  const take = (transactionId: string): LedgerEntry[] => {
    const entry = left.get(transactionId)
    left.delete(transactionId)
    return entry ? [entry] : []
  }
  const findings: Finding[] = []
  const untellable: Movement[] = []
  const matches: Match[] = []
  for (const order of orders) {
    for (const movements of steps(order)) {
      const [first] = movements
      if (!first) continue
      const entries = isSummed(first)
        ? [...left.keys()].filter((id) => id.startsWith(`${first.of}_refund_`)).flatMap(take)
        : movements.flatMap(({ transactionId }) => take(transactionId))
      if (!entries.length && isUntellable(order, first, hasStored)) untellable.push(first)
      else {
        matches.push({ order, movements, entries })
        findings.push(...differences(movements, entries).map((text) => ({ order, text })))
      }
    }
  }
  for (const [id, entry] of left) {
    const order = orders.find((one) => id.includes(one.id.replace(/^[a-z]+_/, '')))
    findings.push({ order, text: `${id} is recorded with ${entry.amount} ${entry.currency}, and is not to be counted` })
  }
  return { matches, findings, untellable }
}

/** What is recorded by itself. */
function steps({ movements }: Order): Movement[][] {
  const summed = Map.groupBy(movements.filter(isSummed), ({ of }) => of)
  return [...movements.filter((one) => !isSummed(one)).map((one) => [one]), ...summed.values()]
}

function isSummed({ kind, provider }: Movement): boolean {
  return kind === 'refund' && RUNNING_TOTALS.includes(provider)
}

/** Free trials at Creem are in no list (docs/sweep.md): only a buyer or a webhook tells of them. */
function isUntellable({ id }: Order, { kind, provider }: Movement, hasStored: (reference: string) => boolean): boolean {
  return kind === 'trial' && provider === 'creem' && !hasStored(`creem:${id}`)
}

function differences(movements: Movement[], entries: LedgerEntry[]): string[] {
  const [movement] = movements
  if (!movement) return []
  const { kind, transactionId, currency, at, provider } = movement
  if (!entries.length) return [`${kind} ${transactionId} is missing`]
  const truth = movements.reduce((sum, { minor }) => sum + minor, 0)
  const recorded = entries.reduce((sum, { amount }) => sum + inMinor(amount, currency), 0)
  const found: string[] = []
  if (truth !== recorded) found.push(`${kind} ${transactionId}: ${recorded} instead of ${truth} ${currency} in the smallest unit`)
  for (const entry of entries) {
    if (entry.currency !== currency) found.push(`${kind} ${transactionId} is recorded in ${entry.currency} instead of ${currency}`)
    if (kindOf(entry) !== kind) found.push(`${kind} ${transactionId} is recorded as a ${kindOf(entry)}`)
    // Whoever tells no time of a refund has it dated by when it was asked about; whose money came late, by the checkout.
    const isDated = kind !== 'refund' && provider !== 'stripe'
    if (isDated && Math.abs(Date.parse(entry.timestamp) - at) > CLOCKS_DIFFER && !isLate(entry, at)) {
      found.push(`${kind} ${transactionId} is dated ${entry.timestamp}`)
    }
  }
  return found
}

/** An order whose money came days after its checkout is dated by the checkout. */
function isLate({ timestamp }: LedgerEntry, at: number): boolean {
  const before = at - Date.parse(timestamp)
  return before > 0 && before < 5 * 86_400_000
}

export function kindOf({ refunded, renewal, is_free_trial }: LedgerEntry): MovementKind {
  if (refunded) return 'refund'
  return renewal ? 'renewal' : is_free_trial ? 'trial' : 'sale'
}
