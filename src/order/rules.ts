/**
 * What happens to an order, without any I/O: each function takes the state as it is and what just happened, and returns
 * the state that follows. The object (object.ts) stores the result and does what `nextStep` says.
 */
import type { Reply } from '../datafast.ts'
import type { Answer, Customer, Payment } from '../payment.ts'
import type { RecordedEntry } from '../recorded.ts'
import { partsOf, type Reference } from '../reference.ts'
import { MAX_VISITORS } from '../visitor.ts'
import type { Arrival, End, Stage, State, Verdict } from './state.ts'
import { ATTRIBUTION_WAIT, FRESH_ANSWER, KEEP, KEEP_UNKNOWN, type Row, startTrying, type Tries, tryAgain, tryNow } from './timing.ts'

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

/** What is known of the sale that a renewal or refund belongs to. */
export type SaleNews =
  | { is: 'recorded'; entry: RecordedEntry }
  | { is: 'undecided'; visitors: string[] }
  | { is: 'ended'; end: End; reason: string; visitors: string[] }

/** What was found when everybody who may know a visitor was asked. `silent`: somebody could not be asked. */
export type Gathered = { memory?: RecordedEntry; visitors: string[]; silent: boolean; sale?: SaleNews }

/** What the object is to do next. */
export type Step =
  | { do: 'rest' }
  | { do: 'lookup' }
  /** `names`: what it may have been recorded under; `aliases`: who may know a visitor, when none is known here. */
  | { do: 'gather'; payment: Payment; names: Reference[]; aliases: Reference[] }
  | { do: 'send'; payment: Payment; visitor: string | undefined }
  | { do: 'hand-over'; to: Reference; arrival: Arrival; arrivals: number }
  | { do: 'remember'; reference: Reference; entry: RecordedEntry }
  | { do: 'forget' }

export function nextStep(state: State, now: number): Step {
  const { stage } = state
  switch (stage.at) {
    case 'provider':
      if (stage.tries.due <= now) return { do: 'lookup' }
      break
    case 'gathering':
      if (stage.tries.due <= now && state.payment) return gather(state, state.payment)
      break
    case 'held':
      if (stage.until <= now && state.payment) return gather(state, state.payment)
      break
    case 'datafast':
      if (stage.tries.due <= now && state.payment) return { do: 'send', payment: state.payment, visitor: bestVisitor(state) }
      break
    case 'moved':
      if (stage.passedOn < state.arrivals && stage.tries.due <= now) {
        return { do: 'hand-over', to: stage.to, arrival: passOn(state, stage.to), arrivals: state.arrivals }
      }
      break
    case 'ended':
      break
  }
  const [debt] = state.debts
  const entry = debt && memoryOf(state, debt)
  if (debt && entry && state.debtTries && state.debtTries.due <= now) return { do: 'remember', reference: debt, entry }
  if (!debt && 'until' in stage && stage.at !== 'held' && stage.until <= now) return { do: 'forget' }
  return { do: 'rest' }
}

function gather(state: State, payment: Payment): Step {
  const { reference, aliases } = state
  return { do: 'gather', payment, names: [reference, ...aliases], aliases: bestVisitor(state) ? [] : aliases }
}

/** When something is next due, in ms. In the past while it is due now. Every stored deadline is in it. */
export function nextDeadline(state: State): number {
  const { stage } = state
  const deadlines: number[] = []
  if (state.debts.length && state.debtTries) deadlines.push(state.debtTries.due)
  if (stage.at === 'held') deadlines.push(stage.until)
  else if (stage.at === 'moved' && stage.passedOn < state.arrivals) deadlines.push(stage.tries.due)
  else if (stage.at === 'moved' || stage.at === 'ended') {
    if (!state.debts.length) deadlines.push(stage.until)
  } else deadlines.push(stage.tries.due)
  return Math.min(...deadlines)
}

/**
 * What a buyer can be told now; `asking` while a question to the provider is due or under way; the reference to ask
 * instead when this order lives under another.
 */
export function verdictOf(state: State, now: number): Verdict | 'asking' | { ask: Reference } {
  const { stage } = state
  const { recordedAt } = state
  const transactionId = (state.recorded ?? state.payment)?.transactionId
  const paid = { outcome: 'paid', reason: stage.at, ...(transactionId && { transactionId }), ...(recordedAt && { recordedAt }) } as const
  switch (stage.at) {
    case 'provider': {
      const { row, due } = stage.tries
      if (due <= now || !row) return 'asking'
      const reason = stage.reason ?? row
      if (row === 'unclear') return { outcome: 'paid', reason }
      const unknown = row === 'unknown' || row === 'announced-unknown' || reason === 'wrong-mode'
      return { outcome: unknown ? 'unknown' : 'pending', reason }
    }
    case 'gathering':
    case 'held':
    case 'datafast':
      return state.recorded ? { ...paid, outcome: 'repeat' } : paid
    case 'moved':
      return stage.passedOn < state.arrivals && stage.tries.due <= now ? 'asking' : { ask: stage.to }
    case 'ended':
      return { ...paid, outcome: stage.outcome, reason: stage.reason }
  }
}

// ── Arrivals ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** An arrival at an order that may be new. */
export function arrive(before: State | undefined, arrival: Arrival, world: Circumstances): State {
  if (!before) {
    return {
      v: 1,
      reference: arrival.reference,
      announced: arrival.door !== 'redirect',
      arrivals: 1,
      firstArrivalAt: arrival.at,
      visitors: arrival.visitors.slice(0, MAX_VISITORS),
      carried: (arrival.carried ?? []).slice(0, MAX_VISITORS),
      struck: [],
      lagged: false,
      aliases: arrival.alias ? [arrival.alias] : [],
      debts: [],
      stage: { at: 'provider', tries: startTrying(world.now) },
    }
  }
  const state: State = {
    ...before,
    announced: before.announced || arrival.door !== 'redirect',
    arrivals: before.arrivals + 1,
    firstArrivalAt: Math.min(before.firstArrivalAt, arrival.at),
    visitors: merge(before.visitors, arrival.visitors, before.struck),
    carried: merge(before.carried, arrival.carried ?? [], before.struck),
  }
  const newAlias = arrival.alias && !before.aliases.includes(arrival.alias) ? arrival.alias : undefined
  const named = newAlias ? withAlias(state, newAlias, world.now) : state
  return { ...named, ...react(before, named, arrival, world) }
}

/** What an arrival sets in motion, beyond being remembered. */
function react(before: State, state: State, arrival: Arrival, world: Circumstances): Pick<State, 'stage'> {
  const { stage } = state
  const broughtVisitor = state.visitors.length + state.carried.length > before.visitors.length + before.carried.length
  switch (stage.at) {
    case 'provider': {
      const { tries } = stage
      const mayAsk = isStale(stage.answeredAt, arrival.at) && (stage.waitUntil ?? 0) <= world.now
      // A forged reference is not asked for again and again; what the provider itself announces is.
      if (tries.row === 'unknown' && !state.announced) return { stage }
      return { stage: tries.row && mayAsk ? { ...stage, tries: tryNow(tries, world.now) } : stage }
    }
    case 'held':
      return { stage: bestVisitor(state) ? toDataFast(world) : stage }
    case 'gathering':
      // While the first sale is undecided a visitor of its own is no reason to wait less: the sale may yet be skipped.
      return { stage: stage.tries.row === 'silence' && broughtVisitor ? toDataFast(world) : stage }
    case 'datafast':
      return { stage: stage.tries.row === 'visitor-lag' && broughtVisitor ? { ...stage, tries: tryNow(stage.tries, world.now) } : stage }
    case 'moved':
      return { stage: { ...stage, tries: tryNow(stage.tries, world.now) } }
    case 'ended':
      if (stage.end === 'recorded') return { stage: mayUpgrade(state) ? toDataFast(world) : stage }
      return { stage: asksAgain(before, stage, arrival, world) ? { at: 'provider', tries: startTrying(world.now) } : stage }
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
        stage: { at: 'moved', to: answer.to, passedOn: 0, tries: startTrying(world.now), until: world.now + KEEP },
      }
    case 'ignored':
      return end(state, 'skipped', answer.reason, 'paid', world)
    case 'not-paid':
      return end(state, 'refused', answer.reason, 'not-paid', world)
    case 'pending':
      return askLater(state, answer.trial ? 'trial-pending' : 'payment-pending', answer.reason, world)
    case 'unknown':
      return askLater(state, state.announced ? 'announced-unknown' : 'unknown', 'unknown', world)
    case 'unclear':
      return askLater(state, 'unclear', answer.reason, world)
    case 'unreachable':
      return askLater(state, 'provider-down', answer.reason, world, answer.retryAfterMs)
    case 'misconfigured':
      return askLater(state, 'provider-configuration', answer.reason, world)
  }
}

/** How each row of waiting for the provider ends when its time is over. */
const GIVEN_UP = {
  'provider-down': ['refused', 'provider-unreachable', 'pending'],
  'provider-configuration': ['refused', 'provider-configuration', 'pending'],
  'payment-pending': ['refused', 'pending-expired', 'pending'],
  'trial-pending': ['refused', 'pending-expired', 'pending'],
  unknown: ['refused', 'unknown', 'unknown'],
  'announced-unknown': ['refused', 'unknown', 'unknown'],
  unclear: ['parked', 'unclear', 'paid'],
} as const

function askLater(state: State, row: keyof typeof GIVEN_UP, reason: string, world: Circumstances, retryAfterMs?: number): State {
  const before = state.stage.at === 'provider' ? state.stage.tries : startTrying(world.now)
  const tries = tryAgain(before, row, world.now, world.random, retryAfterMs)
  if (!tries) {
    const [kind, why, outcome] = GIVEN_UP[row]
    return end(state, kind, why, outcome, world)
  }
  const waitUntil = retryAfterMs && tries.due
  return { ...state, stage: { at: 'provider', tries, reason, answeredAt: world.now, ...(waitUntil && { waitUntil }) } }
}

function verified(state: State, found: Payment, world: Circumstances): State {
  const { provider } = partsOf(state.reference)
  const only = world.only.get(provider)
  const amount = found[world.revenue]
  if (found.test && world.testPayments === 'skip') return end(state, 'skipped', 'test-payment', 'test', world)
  // Renewals and refunds follow their first sale.
  if (only && !found.firstSale && !found.soldAs.some((id) => only.includes(id)))
    return end(state, 'skipped', 'other-product', 'paid', world)
  if (found.kind === 'refund' && !world.refunds) return end(state, 'skipped', 'refunds-off', 'paid', world)
  // DataFast would file an amount of zero as a free trial.
  if (amount === 0 && found.kind !== 'trial') return end(withNamesOf(state, found), 'skipped', 'free-order', 'paid', world)
  const customer = Object.fromEntries(
    world.customerFields.flatMap((field) => (found.customer[field] ? [[field, found.customer[field]]] : [])),
  )
  return {
    ...withNamesOf(state, found),
    payment: { ...found, customer },
    stage: { at: 'gathering', tries: startTrying(world.now) },
  }
}

/** Keeps the visitors and names that came with a payment, also of one that is not to be posted. */
function withNamesOf(state: State, payment: Payment): State {
  const aliases = [...new Set([...state.aliases, ...payment.aliases])].filter((alias) => alias !== state.reference)
  return { ...state, aliases, carried: merge(payment.carried, state.carried, state.struck) }
}

// ── Visitors ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export function gathered(state: State, found: Gathered, world: Circumstances): State {
  const { memory, sale } = found
  const inherited = sale?.is === 'recorded' ? (sale.entry.visitor ? [sale.entry.visitor] : []) : (sale?.visitors ?? [])
  const richer: State = {
    ...state,
    visitors: merge(state.visitors, found.visitors, state.struck),
    // A renewal or refund belongs to whom its first sale was recorded under, whatever it carries itself.
    carried: merge(inherited, state.carried, state.struck),
    ...(sale?.is === 'recorded' && { inherited: sale.entry }),
  }
  if (memory) return alreadyRecorded(richer, memory, world)
  const wait = state.payment && sale ? saleDecides(richer, state.payment, sale, world) : undefined
  if (wait) return wait
  if (bestVisitor(richer)) return { ...richer, stage: toDataFast(world) }
  // Who could not be asked may know a visitor: waiting costs nothing, since the payment keeps its own time.
  const askAgain = found.silent && tryAgain(gatheringTries(state, world), 'silence', world.now, world.random)
  if (askAgain) return { ...richer, stage: { at: 'gathering', tries: askAgain } }
  const until = waitEnd(richer, world)
  return { ...richer, stage: until <= world.now ? toDataFast(world) : { at: 'held', until } }
}

function gatheringTries(state: State, world: Circumstances): Tries {
  return state.stage.at === 'gathering' ? state.stage.tries : startTrying(world.now)
}

/** The edge remembers this payment: it is not sent again, except once to add a visitor. */
function alreadyRecorded(state: State, memory: RecordedEntry, world: Circumstances): State {
  // A transaction id that was recorded once always wins over a freshly computed one.
  const payment = state.payment && erased({ ...state.payment, transactionId: memory.transactionId })
  const known: State = { ...state, ...(payment && { payment }), recorded: memory }
  if (mayUpgrade(known)) return { ...known, stage: toDataFast(world) }
  return owing(end(known, 'recorded', 'already-recorded', 'repeat', world), world.now)
}

/** What a renewal or refund learns from the order of its first sale. */
export function newsOf({ recorded, carried, visitors, stage }: State): SaleNews {
  if (recorded) return { is: 'recorded', entry: recorded }
  const known = [...carried, ...visitors]
  return stage.at === 'ended'
    ? { is: 'ended', end: stage.end, reason: stage.reason, visitors: known }
    : { is: 'undecided', visitors: known }
}

/** Whether the first sale keeps a renewal or refund from being sent now; `undefined` when it does not. */
function saleDecides(state: State, payment: Payment, sale: SaleNews, world: Circumstances): State | undefined {
  if (sale.is === 'undecided') {
    const tries = tryAgain(gatheringTries(state, world), 'sale-undecided', world.now, world.random)
    if (tries) return { ...state, stage: { at: 'gathering', tries } }
  }
  if (sale.is === 'recorded') return undefined
  // Taking back what was never counted would make revenue too small.
  if (payment.kind === 'refund') return end(state, 'skipped', 'sale-not-recorded', 'paid', world)
  if (sale.is === 'ended' && sale.end === 'skipped' && sale.reason === 'other-product')
    return end(state, 'skipped', 'other-product', 'paid', world)
  return undefined
}

function waitEnd(state: State, world: Circumstances): number {
  return state.firstArrivalAt + (world.attributionWaitMs ?? ATTRIBUTION_WAIT)
}

/** The best candidate that DataFast has not rejected: the provider's word before any cookie. */
function bestVisitor(state: State): string | undefined {
  return [...state.carried, ...state.visitors].find((visitor) => !state.struck.includes(visitor))
}

/** Recorded without a visitor, and now there is one: it may be added once. */
function mayUpgrade(state: State): boolean {
  return state.recorded?.attributed === 'no' && bestVisitor(state) !== undefined && state.payment !== undefined
}

/** Adds ids that are new, in their order; rejected ones leave room. */
function merge(known: string[], more: string[], struck: string[]): string[] {
  const all = [...new Set([...known, ...more])]
  const room = MAX_VISITORS + all.filter((visitor) => struck.includes(visitor)).length
  return all.slice(0, room)
}

// ── DataFast's reply ──────────────────────────────────────────────────────────────────────────────────────────────────

/** @param visitor - the one the payment was posted with */
export function replied(state: State, visitor: string | undefined, reply: Reply, world: Circumstances): State {
  switch (reply.is) {
    case 'accepted':
      return accepted(state, visitor, world)
    case 'visitor-rejected':
      return rejected(visitor ? { ...state, struck: [...state.struck, visitor] } : state, world)
    case 'unavailable':
      return sendLater(state, 'datafast-down', reply.reason, world, reply.retryAfterMs)
    case 'misconfigured':
      return sendLater(state, 'datafast-configuration', reply.reason, world)
    case 'refused':
      return sendLater(state, 'datafast-refused', reply.reason, world)
  }
}

function accepted(state: State, visitor: string | undefined, world: Circumstances): State {
  if (!state.payment) return state
  const again = state.recorded !== undefined
  const attributed = again ? 'closed' : visitor ? 'yes' : state.struck.length ? 'closed' : 'no'
  const payment = erased(state.payment)
  const entry: RecordedEntry = { transactionId: payment.transactionId, ...(visitor && { visitor }), attributed }
  const done: State = { ...state, payment, recorded: entry, recordedAt: state.recordedAt ?? world.now }
  // A visitor may have arrived while the payment was under way without one.
  if (mayUpgrade(done)) return owing({ ...done, stage: toDataFast(world) }, world.now)
  return owing(end(done, 'recorded', attributedReason(entry, again), 'repeat', world), world.now)
}

function attributedReason(entry: RecordedEntry, again: boolean): string {
  if (entry.attributed === 'yes') return 'attributed'
  if (again) return 'attributed-late'
  return entry.attributed === 'closed' ? 'visitor-rejected' : 'no-visitor'
}

function rejected(state: State, world: Circumstances): State {
  if (state.stage.at !== 'datafast') return state
  if (bestVisitor(state)) return { ...state, stage: { ...state.stage, tries: startTrying(world.now) } }
  if (!state.lagged) {
    const tries = tryAgain(startTrying(world.now), 'visitor-lag', world.now, world.random)
    // Everyone gets the second chance, in the same order.
    if (tries) return { ...state, lagged: true, struck: [], stage: { ...state.stage, tries, reason: 'visitor-rejected' } }
  }
  if (state.recorded) return closed(state, world)
  return { ...state, stage: { at: 'gathering', tries: startTrying(world.now) } }
}

function sendLater(state: State, row: Row, reason: string, world: Circumstances, retryAfterMs?: number): State {
  if (state.stage.at !== 'datafast') return state
  const tries = tryAgain(state.stage.tries, row, world.now, world.random, retryAfterMs)
  if (tries) return { ...state, stage: { ...state.stage, tries, reason } }
  return state.recorded ? closed(state, world) : end(state, 'parked', `${row}:${reason}`, 'paid', world)
}

/** Recorded without a visitor for good: adding one was tried and did not work. */
function closed(state: State, world: Circumstances): State {
  const recorded = state.recorded && { ...state.recorded, attributed: 'closed' as const }
  return owing(end({ ...state, ...(recorded && { recorded }) }, 'recorded', 'visitor-rejected', 'repeat', world), world.now)
}

// ── Hand-over, debts, ends ────────────────────────────────────────────────────────────────────────────────────────────

function passOn(state: State, to: Reference): Arrival {
  return {
    reference: to,
    door: state.announced ? 'webhook' : 'redirect',
    at: state.firstArrivalAt,
    visitors: state.visitors,
    carried: state.carried,
    alias: state.reference,
  }
}

/** @param arrivals - how many were passed on; what came during the call is passed on next. `undefined`: the call failed */
export function handedOver(state: State, arrivals: number | undefined, world: Circumstances): State {
  if (state.stage.at !== 'moved') return state
  if (arrivals !== undefined) return { ...state, stage: { ...state.stage, passedOn: arrivals, tries: startTrying(world.now) } }
  const tries = tryAgain(state.stage.tries, 'hand-over', world.now, world.random) ?? { ...startTrying(world.now), due: world.now + KEEP }
  return { ...state, stage: { ...state.stage, tries, until: Math.max(state.stage.until, tries.due) } }
}

/** @param written - whether KV took the entry */
export function wroteMemory(state: State, reference: Reference, entry: RecordedEntry, written: boolean, world: Circumstances): State {
  const current = memoryOf(state, reference)
  if (written && current && current.attributed === entry.attributed && current.visitor === entry.visitor) {
    const debts = state.debts.filter((debt) => debt !== reference)
    const { debtTries: _, ...rest } = state
    return debts.length ? { ...rest, debts, debtTries: startTrying(world.now) } : { ...rest, debts }
  }
  if (written) return state
  const tries = tryAgain(state.debtTries ?? startTrying(world.now), 'kv-down', world.now, world.random)
  return tries ? { ...state, debtTries: tries } : state
}

/** What KV is to hold under one of this order's names. */
function memoryOf(state: State, reference: Reference): RecordedEntry | undefined {
  return inheritedFrom(state).includes(reference) ? state.inherited : state.recorded
}

/** The names whose memory a renewal lives on: it refreshes them. */
function inheritedFrom({ payment, inherited }: State): Reference[] {
  if (payment?.kind !== 'renewal' || !inherited) return []
  return [payment.firstSale, payment.subscription].filter((name) => name !== undefined)
}

/** Owes the edge its memory under every name, for renewals to inherit from, and refreshed where this one inherited. */
function owing(state: State, now: number): State {
  const { payment } = state
  // What inherits has nothing to leave: its first sale has left it already.
  const heritage = payment?.subscription && !payment.firstSale ? [payment.subscription] : []
  const debts = [state.reference, ...state.aliases, ...heritage, ...inheritedFrom(state)]
  return { ...state, debts: [...new Set(debts)], debtTries: startTrying(now) }
}

function withAlias(state: State, alias: Reference, now: number): State {
  const named = { ...state, aliases: [...state.aliases, alias] }
  return named.recorded ? { ...named, debts: [...new Set([...named.debts, alias])], debtTries: startTrying(now) } : named
}

function toDataFast(world: Circumstances): Stage {
  return { at: 'datafast', tries: startTrying(world.now) }
}

/** Nothing personal outlives the delivery. */
function erased(payment: Payment): Payment {
  return { ...payment, customer: {} }
}

function end(state: State, kind: End, reason: string, outcome: Verdict['outcome'], world: Circumstances): State {
  const keep = reason === 'unknown' ? KEEP_UNKNOWN : KEEP
  return { ...state, stage: { at: 'ended', end: kind, reason, outcome, endedAt: world.now, until: world.now + keep } }
}
