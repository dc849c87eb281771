/**
 * What an order wants next and what can be said of it: questions about a state that change nothing. The answers to what
 * happens then are in rules.ts.
 */
import type { Owed } from '../books/movement.ts'
import type { Payment } from '../payment.ts'
import type { RecordedEntry } from '../recorded.ts'
import type { Reference } from '../reference.ts'
import type { Arrival, End, State, Verdict } from './state.ts'
import { rulesOf } from './timing.ts'

/** What the object is to do next. */
export type Step =
  | { do: 'rest' }
  | { do: 'lookup' }
  /** `aliases`: who may know a visitor, when none is known here. */
  | { do: 'gather'; payment: Payment; aliases: Reference[] }
  | { do: 'send'; payment: Payment; visitor: string | undefined }
  | { do: 'hand-over'; to: Reference; arrival: Arrival; arrivals: number }
  | { do: 'remember'; reference: Reference; entry: RecordedEntry }
  | { do: 'book'; owed: readonly Owed[] }
  | { do: 'forget' }

export function nextStep(state: State, now: number): Step {
  if (stageDue(state) <= now) return stepOf(state)
  const [reference] = state.debts
  const entry = reference && memoryOf(state, reference)
  if (reference && entry && state.debtTries.due <= now) return { do: 'remember', reference, entry }
  const { owed = [], tries } = state.books ?? {}
  if (tries && owed.length && tries.due <= now) return { do: 'book', owed }
  return { do: 'rest' }
}

function stepOf(state: State): Step {
  const { stage, payment, aliases, arrivals } = state
  if (stage.at === 'moved' && stage.passedOn < arrivals) {
    return { do: 'hand-over', to: stage.to, arrival: passOn(state, stage.to), arrivals }
  }
  if (stage.at === 'moved' || stage.at === 'ended') return { do: 'forget' }
  if (stage.at === 'provider' || !payment) return { do: 'lookup' }
  const visitor = bestVisitor(state)
  if (stage.at === 'datafast') return { do: 'send', payment, visitor }
  return { do: 'gather', payment, aliases: visitor ? [] : aliases }
}

/** When something is next due, in ms. In the past while it is due now. Every stored deadline is in it. */
export function nextDeadline(state: State): number {
  const { debts, debtTries, books } = state
  const dues = [debts.length ? debtTries.due : undefined, books?.owed.length ? books.tries.due : undefined]
  return Math.min(stageDue(state), ...dues.map((due) => due ?? Number.POSITIVE_INFINITY))
}

function stageDue({ stage, arrivals, debts, books }: State): number {
  if (stage.at === 'held') return stage.until
  if (stage.at !== 'ended' && !(stage.at === 'moved' && stage.passedOn === arrivals)) return stage.tries.due
  // Nothing is forgotten before what it owes is written.
  return debts.length || books?.owed.length ? Number.POSITIVE_INFINITY : stage.until
}

/**
 * What a buyer can be told now; `asking` while a question to the provider is due or under way; the reference to ask
 * instead when this order lives under another.
 */
export function verdictOf(state: State, now: number): Verdict | 'asking' | { ask: Reference } {
  const { stage, recorded, recordedAt, payment } = state
  const known = { transactionId: (recorded ?? payment)?.transactionId, recordedAt }
  switch (stage.at) {
    case 'provider': {
      const { row, due } = stage.tries
      if (due <= now) return 'asking'
      // To be asked in a moment, since the last answer is so young; or the clock went back.
      if (!row) return { outcome: 'pending', reason: 'not-asked' }
      const { reason = row } = stage
      return { outcome: reason === 'wrong-mode' ? 'unknown' : rulesOf(row).outcome, reason }
    }
    case 'moved':
      return stage.passedOn < state.arrivals && stage.tries.due <= now ? 'asking' : { ask: stage.to }
    case 'ended':
      return { ...known, outcome: stage.outcome, reason: stage.reason }
    default:
      return { ...known, outcome: recorded ? 'repeat' : 'paid', reason: stage.at }
  }
}

function passOn(state: State, to: Reference): Arrival {
  const { reference, firstArrivalAt, visitors, carried, returned, test, here, badCookie, doors, ofKin, toldMinor } = state
  return {
    reference: to,
    door: 'order',
    at: firstArrivalAt,
    visitors,
    carried,
    alias: reference,
    returned: returned !== false,
    test,
    here,
    badCookie,
    doors,
    ofKin,
    toldMinor,
  }
}

/** An arrival at a pointer as it goes on at once; `undefined` while this order is none, or has others to pass on first. */
export function onward({ reference, stage, arrivals }: State, arrival: Arrival): Arrival | undefined {
  if (stage.at !== 'moved' || stage.passedOn < arrivals) return undefined
  const returned = arrival.returned || arrival.door === 'redirect'
  const doors = arrival.door === 'order' ? arrival.doors : [arrival.door]
  return { ...arrival, reference: stage.to, door: 'order', alias: reference, returned, doors }
}

/** What is known of the sale that a renewal or refund belongs to. */
export type SaleNews =
  | { is: 'recorded'; entry: RecordedEntry }
  | { is: 'undecided'; visitors: string[] }
  | { is: 'ended'; end: End; reason: string; visitors: string[] }

/** What a renewal or refund learns from the order of its first sale. */
export function newsOf({ recorded, carried, visitors, stage }: State): SaleNews {
  if (recorded) return { is: 'recorded', entry: recorded }
  const known = [...carried, ...visitors]
  return stage.at === 'ended'
    ? { is: 'ended', end: stage.end, reason: stage.reason, visitors: known }
    : { is: 'undecided', visitors: known }
}

/** The visitors that a renewal or refund inherits: the one its first sale was recorded under, or those it may be. */
export function visitorsOf(sale: SaleNews): string[] {
  if (sale.is !== 'recorded') return sale.visitors
  return sale.entry.visitor ? [sale.entry.visitor] : []
}

/** The best candidate that DataFast has not rejected: the provider's word before any cookie. */
export function bestVisitor({ carried, visitors, struck }: State): string | undefined {
  return [...carried, ...visitors].find((visitor) => !struck.includes(visitor))
}

/** What KV is to hold under one of this order's names. */
export function memoryOf(state: State, reference: Reference): RecordedEntry | undefined {
  return inheritedFrom(state).includes(reference) ? state.inherited : state.recorded
}

/** The names whose memory a renewal lives on: it refreshes them. */
export function inheritedFrom({ payment, inherited }: State): (Reference | undefined)[] {
  return payment?.kind === 'renewal' && inherited ? [payment.firstSale, payment.subscription] : []
}

/** Recorded without a visitor, and now there is one: it may be added once. */
export function mayUpgrade(state: State): boolean {
  return state.recorded?.attributed === 'no' && bestVisitor(state) !== undefined
}

/**
 * Whether an order would be judged otherwise now: it is called a test, or its checkout was told of, which may say where the
 * buyers are sent of whom none has come back so far.
 */
export function knowsMore(before: State, { aliases, returned, test }: State): boolean {
  return (!before.test && !!test) || (returned === false && aliases.length > before.aliases.length)
}
