/**
 * What happens to an order, without any I/O: each function takes the state as it is and what just happened, and returns
 * the state that follows. The object (object.ts) stores the result and does what `nextStep` (outlook.ts) says.
 */
import type { Reply } from '../datafast.ts'
import type { Answer, Customer, Payment } from '../payment.ts'
import type { RecordedEntry } from '../recorded.ts'
import { partsOf, type Reference } from '../reference.ts'
import { MAX_VISITORS } from '../visitor.ts'
import { bestVisitor, inheritedFrom, memoryOf, type SaleNews, visitorsOf } from './outlook.ts'
import type { Arrival, End, Stage, State, Verdict } from './state.ts'
import { ATTRIBUTION_WAIT, FRESH_ANSWER, KEEP, KEEP_UNKNOWN, type Row, rulesOf, startTrying, tryAgain, tryNow } from './timing.ts'

/** The settings the rules depend on, and the world's clock and dice. */
export type Circumstances = {
  now: number
  /** From 0 to 1, for jitter. */
  random: number
  testPayments: 'skip' | 'record'
  refunds: boolean
  revenue: 'gross' | 'net'
  customerFields: readonly (keyof Customer)[]
  only: ReadonlyMap<string, readonly string[]>
  attributionWaitMs: number | undefined
}

/** What was found when everybody who may know a visitor was asked. `silent`: somebody could not be asked. */
export type Gathered = { memory?: RecordedEntry; visitors: string[]; silent: boolean; sale?: SaleNews }

/** Why something has to be tried again, where its row does not say so, and for how long the other side wants to be left alone. */
type Refusal = { reason?: string; retryAfterMs?: number }

// ── Arrivals ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** An arrival at an order that may be new. */
export function arrive(known: State | undefined, arrival: Arrival, world: Circumstances): State {
  const before = known ?? newOrder(arrival, world)
  const { struck } = before
  const newNames = arrival.alias && !before.aliases.includes(arrival.alias) ? [arrival.alias] : []
  const state: State = {
    ...before,
    announced: before.announced || arrival.door !== 'redirect',
    arrivals: before.arrivals + 1,
    firstArrivalAt: Math.min(before.firstArrivalAt, arrival.at),
    visitors: merge(before.visitors, arrival.visitors, struck),
    carried: merge(before.carried, arrival.carried, struck),
    aliases: [...before.aliases, ...newNames],
    ...owing(before, before.recorded ? newNames : [], world),
  }
  return { ...state, stage: react(before, state, arrival, world) }
}

function newOrder({ reference, at }: Arrival, world: Circumstances): State {
  return {
    v: 1,
    reference,
    announced: false,
    arrivals: 0,
    firstArrivalAt: at,
    visitors: [],
    carried: [],
    struck: [],
    lagged: false,
    aliases: [],
    debts: [],
    debtTries: startTrying(world.now),
    stage: start('provider', world),
  }
}

/** What an arrival sets in motion, beyond being remembered. */
function react(before: State, state: State, arrival: Arrival, world: Circumstances): Stage {
  const { stage } = state
  const broughtVisitor = state.visitors.length + state.carried.length > before.visitors.length + before.carried.length
  switch (stage.at) {
    case 'provider': {
      const { row } = stage.tries
      // A forged reference is not asked for again and again; what the provider itself announces is.
      const mayAsk = row && (row !== 'unknown' || state.announced) && (stage.waitUntil ?? 0) <= world.now
      return mayAsk && isStale(stage.answeredAt, arrival.at) ? { ...stage, tries: tryNow(stage.tries, world.now) } : stage
    }
    case 'gathering':
      // While the first sale is undecided a visitor of its own is no reason to wait less: the sale may yet be skipped.
      return stage.tries.row === 'silence' && broughtVisitor ? start('datafast', world) : stage
    case 'held':
      return broughtVisitor ? start('datafast', world) : stage
    case 'datafast':
      return stage.tries.row === 'visitor-lag' && broughtVisitor ? start('datafast', world) : stage
    case 'moved':
      return { ...stage, tries: tryNow(stage.tries, world.now) }
    case 'ended':
      if (mayUpgrade(state)) return start('datafast', world)
      return asksAgain(before, stage, arrival, world) ? start('provider', world) : stage
  }
}

/** A refused order may be paid after all: a retried checkout keeps its id. */
function asksAgain(before: State, stage: Extract<Stage, { at: 'ended' }>, arrival: Arrival, world: Circumstances): boolean {
  if (stage.end !== 'refused' || !isStale(stage.endedAt, Math.min(arrival.at, world.now))) return false
  return stage.outcome !== 'unknown' || (!before.announced && arrival.door !== 'redirect')
}

/** An arrival stored elsewhere and delivered late brings no news: its own time counts. */
function isStale(answeredAt: number | undefined, arrivedAt: number): boolean {
  return answeredAt === undefined || arrivedAt > answeredAt + FRESH_ANSWER
}

// ── The provider's answer ─────────────────────────────────────────────────────────────────────────────────────────────

export function answered(state: State, answer: Answer, world: Circumstances): State {
  switch (answer.is) {
    case 'paid':
      return verified(state, answer.payment, world)
    case 'moved':
      return {
        ...state,
        carried: merge(state.carried, answer.carried, state.struck),
        stage: { ...start('moved', world), to: answer.to, passedOn: 0, until: world.now + KEEP },
      }
    case 'ignored':
      return end(state, 'skipped', answer.reason, 'paid', world)
    case 'not-paid':
      return end(state, 'refused', answer.reason, 'not-paid', world)
    case 'pending':
      return later(state, answer.trial ? 'trial-pending' : 'payment-pending', answer, world)
    case 'unknown':
      return later(state, state.announced ? 'announced-unknown' : 'unknown', { reason: 'unknown' }, world)
    case 'unclear':
      return later(state, 'unclear', answer, world)
    case 'unreachable':
      return later(state, 'provider-down', answer, world)
    case 'misconfigured':
      return later(state, 'provider-configuration', answer, world)
  }
}

/** Tries the same again when it is time, or gives up as the row says: of money that moved the order is parked. */
function later(state: State, row: Row, answer: Refusal, world: Circumstances): State {
  const waiting = wait(state, row, answer, world)
  if (waiting) return waiting
  if (state.recorded) return closed(state, state.recorded, world)
  // `unclear-currency` says it all, `http-400` needs to say whose.
  const { outcome, reason = row === 'unclear' ? `${answer.reason}` : `${row}:${answer.reason}` } = rulesOf(row)
  return end(state, outcome === 'paid' ? 'parked' : 'refused', reason, outcome, world)
}

/** The same order, waiting for its next try; `undefined` when its row gives up. */
function wait(state: State, row: Row, { reason, retryAfterMs }: Refusal, world: Circumstances): State | undefined {
  const { stage } = state
  if (!('tries' in stage)) return undefined
  const tries = tryAgain(stage.tries, row, world, retryAfterMs)
  return (
    tries && {
      ...state,
      stage: { ...stage, tries, reason, answeredAt: world.now, waitUntil: retryAfterMs && Math.min(world.now + retryAfterMs, tries.due) },
    }
  )
}

function verified(state: State, payment: Payment, world: Circumstances): State {
  const only = world.only.get(partsOf(state.reference).provider)
  const skipped = (reason: string) => end(state, 'skipped', reason, 'paid', world)
  if (payment.test && world.testPayments === 'skip') return end(state, 'skipped', 'test-payment', 'test', world)
  // Renewals and refunds follow their first sale.
  if (only && !payment.firstSale && !payment.soldAs.some((id) => only.includes(id))) return skipped('other-product')
  if (payment.kind === 'refund' && !world.refunds) return skipped('refunds-off')
  const aliases = new Set([...state.aliases, ...payment.aliases])
  aliases.delete(state.reference)
  // Visitors and names that came with a payment are kept, also of one that is not to be posted.
  const known: State = { ...state, aliases: [...aliases], carried: merge(payment.carried, state.carried, state.struck) }
  const amount = payment[world.revenue]
  if (amount === undefined) return later(state, 'unclear', { reason: 'unclear-tax' }, world)
  // DataFast would file an amount of zero as a free trial.
  if (amount === 0 && payment.kind !== 'trial') return end(known, 'skipped', 'free-order', 'paid', world)
  const customer = Object.fromEntries(world.customerFields.map((field) => [field, payment.customer[field] || undefined]))
  return { ...known, payment: { ...payment, customer }, stage: start('gathering', world) }
}

// ── Visitors ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export function gathered(before: State, { memory, visitors, silent, sale }: Gathered, world: Circumstances): State {
  const { struck, stage, firstArrivalAt } = before
  const state: State = {
    ...before,
    visitors: merge(before.visitors, visitors, struck),
    // A renewal or refund belongs to whom its first sale was recorded under, whatever it carries itself.
    carried: merge(sale ? visitorsOf(sale) : [], before.carried, struck),
    inherited: sale?.is === 'recorded' ? sale.entry : before.inherited,
    stage: stage.at === 'gathering' ? stage : start('gathering', world),
  }
  const sending = { ...state, stage: start('datafast', world) }
  if (memory) return alreadyRecorded(sending, memory, world)
  const decided = sale && saleDecides(state, sale, world)
  if (decided) return decided
  if (bestVisitor(state)) return sending
  // Who could not be asked may know a visitor: waiting costs nothing, since the payment keeps its own time.
  const asksAgain = silent && wait(state, 'silence', {}, world)
  if (asksAgain) return asksAgain
  const until = firstArrivalAt + (world.attributionWaitMs ?? ATTRIBUTION_WAIT)
  return until <= world.now ? sending : { ...state, stage: { at: 'held', until } }
}

/** The edge remembers this payment: it is not sent again, except once to add a visitor. */
function alreadyRecorded(state: State, memory: RecordedEntry, world: Circumstances): State {
  // A transaction id that was recorded once always wins over a freshly computed one.
  const payment = state.payment && { ...state.payment, transactionId: memory.transactionId, customer: {} }
  const known: State = { ...state, payment, recorded: memory }
  return mayUpgrade(known) ? known : recordedAs(known, 'already-recorded', world)
}

/** Whether the first sale keeps a renewal or refund from being sent now; `undefined` when it does not. */
function saleDecides(state: State, sale: SaleNews, world: Circumstances): State | undefined {
  if (sale.is === 'recorded') return undefined
  const waiting = sale.is === 'undecided' && wait(state, 'sale-undecided', {}, world)
  if (waiting) return waiting
  // Taking back what was never counted would make revenue too small.
  if (state.payment?.kind === 'refund') return end(state, 'skipped', 'sale-not-recorded', 'paid', world)
  return sale.is === 'ended' && sale.reason === 'other-product' ? end(state, 'skipped', sale.reason, 'paid', world) : undefined
}

/** Recorded without a visitor, and now there is one: it may be added once. */
function mayUpgrade(state: State): boolean {
  return state.recorded?.attributed === 'no' && bestVisitor(state) !== undefined
}

/** Adds ids that are new, in their order; rejected ones leave room. */
function merge(known: readonly string[], more: readonly string[] = [], struck: readonly string[]): string[] {
  const all = [...new Set([...known, ...more])]
  return all.slice(0, MAX_VISITORS + all.filter((visitor) => struck.includes(visitor)).length)
}

// ── DataFast's reply ──────────────────────────────────────────────────────────────────────────────────────────────────

/** @param visitor - the one the payment was posted with */
export function replied(state: State, visitor: string | undefined, reply: Reply, world: Circumstances): State {
  switch (reply.is) {
    case 'accepted':
      return accepted(state, visitor, world)
    case 'visitor-rejected':
      return rejected({ ...state, struck: visitor ? [...state.struck, visitor] : state.struck }, world)
    case 'unavailable':
      return later(state, 'datafast-down', reply, world)
    case 'misconfigured':
      return later(state, 'datafast-configuration', reply, world)
    case 'refused':
      return later(state, 'datafast-refused', reply, world)
  }
}

function accepted(state: State, visitor: string | undefined, world: Circumstances): State {
  if (!state.payment) return state
  const [attributed, reason] = attribution(state, visitor)
  const done: State = {
    ...state,
    // Nothing personal outlives the delivery.
    payment: { ...state.payment, customer: {} },
    recorded: { transactionId: state.payment.transactionId, visitor, attributed },
    recordedAt: state.recordedAt ?? world.now,
    stage: start('datafast', world),
  }
  // A visitor may have arrived while the payment was under way without one.
  return mayUpgrade(done) ? { ...done, ...owing(done, namesOf(done), world) } : recordedAs(done, reason, world)
}

function attribution({ recorded, struck }: State, visitor: string | undefined): [RecordedEntry['attributed'], reason: string] {
  if (recorded) return ['closed', 'attributed-late']
  if (visitor) return ['yes', 'attributed']
  return struck.length ? ['closed', 'visitor-rejected'] : ['no', 'no-visitor']
}

function rejected(state: State, world: Circumstances): State {
  if (bestVisitor(state)) return { ...state, stage: start('datafast', world) }
  // Everyone gets a second chance, in the same order.
  if (!state.lagged) return later({ ...state, lagged: true, struck: [] }, 'visitor-lag', { reason: 'visitor-rejected' }, world)
  return state.recorded ? closed(state, state.recorded, world) : { ...state, stage: start('gathering', world) }
}

/** Recorded without a visitor for good: adding one was tried and did not work. */
function closed(state: State, recorded: RecordedEntry, world: Circumstances): State {
  return recordedAs({ ...state, recorded: { ...recorded, attributed: 'closed' } }, 'visitor-rejected', world)
}

// ── Hand-over, debts, ends ────────────────────────────────────────────────────────────────────────────────────────────

/** @param arrivals - how many were passed on; what came during the call is passed on next. `undefined`: the call failed */
export function handedOver(state: State, arrivals: number | undefined, world: Circumstances): State {
  if (arrivals === undefined) return later(state, 'hand-over', {}, world)
  if (state.stage.at !== 'moved') return state
  return { ...state, stage: { ...state.stage, ...start('moved', world), passedOn: arrivals } }
}

/** @param written - whether KV took the entry */
export function wroteMemory(state: State, reference: Reference, entry: RecordedEntry, written: boolean, world: Circumstances): State {
  if (!written) return { ...state, debtTries: tryAgain(state.debtTries, 'kv-down', world) ?? startTrying(world.now) }
  const current = memoryOf(state, reference)
  // It may have changed while it was being written: then it is owed again.
  if (current?.attributed !== entry.attributed || current.visitor !== entry.visitor) return state
  return { ...state, debts: state.debts.filter((debt) => debt !== reference), debtTries: startTrying(world.now) }
}

/** Every name the edge is to know a recorded order under: for renewals to inherit from, and refreshed where this one inherited. */
function namesOf(state: State): Reference[] {
  const { reference, aliases, payment } = state
  // What inherits has nothing to leave: its first sale has left it already.
  const heritage = payment?.firstSale ? undefined : payment?.subscription
  return [reference, ...aliases, heritage, ...inheritedFrom(state)].filter((name) => name !== undefined)
}

/** Owes the edge its memory under more names. */
function owing({ debts, debtTries }: State, more: Reference[], { now }: Circumstances): Pick<State, 'debts' | 'debtTries'> {
  return { debts: [...new Set([...debts, ...more])], debtTries: more.length ? startTrying(now) : debtTries }
}

function start<At extends 'provider' | 'gathering' | 'datafast' | 'moved'>(at: At, { now }: Circumstances) {
  return { at, tries: startTrying(now) }
}

function recordedAs(state: State, reason: string, world: Circumstances): State {
  return { ...end(state, 'recorded', reason, 'repeat', world), ...owing(state, namesOf(state), world) }
}

function end(state: State, kind: End, reason: string, outcome: Verdict['outcome'], { now }: Circumstances): State {
  const until = now + (reason === 'unknown' && !state.announced ? KEEP_UNKNOWN : KEEP)
  return { ...state, stage: { at: 'ended', end: kind, reason, outcome, endedAt: now, until } }
}
