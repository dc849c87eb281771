import type { Door, State } from '../order/state.ts'
import type { Payment } from '../payment.ts'
import { isRunningTotal, partsOf, type Reference } from '../reference.ts'

/**
 * One movement of money as the books list it, or one that may become one: what the order's object tells of itself.
 * Nothing in it is personal. Times in ms since 1970.
 */
export type Movement = {
  reference: Reference
  provider: string
  /** Empty until the provider has told it. */
  transactionId: string
  kind?: Payment['kind']
  /** Of a renewal or refund: the sale it belongs to. */
  firstSale?: Reference
  /** When the provider took the money; until that is known, when it was first heard of. */
  at: number
  /** Major units, as posted or to be posted. */
  amount?: number
  currency?: string
  stage: 'waiting' | 'held' | 'recorded' | 'skipped' | 'refused' | 'parked'
  reason: string
  /** Whether it is recorded under a visitor, or why not. */
  attributed?: string
  /** Whether any visitor is known. `cookie`: by a visit. */
  visitorSeen: boolean
  cookie: boolean
  doors: Door[]
  attempts: number
  /** Since when it stands like this, as far as that matters: since the tries began. */
  since?: number
  nextTry?: number
  /** Where buyers and events reach us. */
  origin?: string
}

/** What the books are to be told: a movement as it stands now, or that there is none. */
export type Owed = Movement | { reference: Reference; isGone: true }

/** What the books are to say of an order. `as-before`: something is under way; `nothing`: it is none of their business. */
export function movementOf(state: State, revenue: 'gross' | 'net', now: number): Movement | 'as-before' | 'nothing' {
  const { stage, recorded, payment, announced, books } = state
  // Nothing that is tried afterwards undoes what is recorded: a late visitor, the next step of a running total.
  const isRecorded = recorded && payment?.transactionId === recorded.transactionId
  if (isRecorded && !(stage.at === 'ended' && stage.end !== 'recorded' && !isRunningTotal(state.reference))) {
    return { ...common(state, revenue), stage: 'recorded', reason: stage.at === 'ended' ? stage.reason : 'recorded', ...attribution(state) }
  }
  switch (stage.at) {
    case 'moved':
      // So that the sweep knows it, and asks about it no more.
      return announced ? { ...common(state, revenue), stage: 'skipped', reason: 'moved' } : 'nothing'
    case 'held':
      return { ...common(state, revenue), stage: 'held', reason: 'no-visitor-yet', nextTry: stage.until }
    case 'ended': {
      const { end, reason } = stage
      // A checkout nobody paid is no movement; what had been waiting, or was told of by the provider, has an end to be told.
      if (end === 'refused' && !announced && books?.told === undefined) return 'nothing'
      if (end === 'refused' && reason === 'unknown' && !announced) return 'nothing'
      return { ...common(state, revenue), stage: end, reason }
    }
    default: {
      const { row, due, count, since } = stage.tries
      if (!row || due <= now) return 'as-before'
      // Anybody can name a reference that nobody knows, or that nobody can be asked about.
      const isUnasked = row === 'provider-configuration' && /key-missing|wrong-mode/.test(stage.reason ?? '')
      if (row === 'unknown' || (isUnasked && !announced)) return 'nothing'
      const reason = stage.reason && stage.reason !== row ? `${row}:${stage.reason}` : row
      const isParked = row === 'native-integration' || row === 'unclear'
      return { ...common(state, revenue), stage: isParked ? 'parked' : 'waiting', reason, attempts: count, since, nextTry: due }
    }
  }
}

function common(state: State, revenue: 'gross' | 'net') {
  const { reference, payment, firstArrivalAt, visitors, carried, here, doors = [] } = state
  return {
    reference,
    provider: partsOf(reference).provider,
    transactionId: payment?.transactionId ?? '',
    kind: payment?.kind,
    firstSale: payment?.firstSale,
    at: payment ? Date.parse(payment.paidAt) : firstArrivalAt,
    amount: payment && (payment[revenue] ?? payment.gross),
    currency: payment?.currency,
    visitorSeen: visitors.length + carried.length > 0,
    cookie: visitors.length > 0,
    doors,
    attempts: 0,
    origin: here,
  }
}

/** Why a recorded payment is under no visitor, in the words of the status page. */
function attribution({ recorded, struck, payment, doors, badCookie }: State): { attributed: string } {
  if (recorded?.visitor) return { attributed: 'yes' }
  if (struck.length) return { attributed: 'rejected-by-datafast' }
  if (payment?.firstSale) return { attributed: 'first-sale-unattributed' }
  if (doors?.length && !doors.includes('redirect')) return { attributed: doors.includes('webhook') ? 'webhook-only' : 'sweep-only' }
  return { attributed: badCookie ? 'bad-cookie' : 'no-cookie' }
}
