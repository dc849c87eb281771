/**
 * What happens to an order, without any I/O: each function takes the state as it is and what just happened, and returns
 * the state that follows. The object (object.ts) stores the result and does what `nextStep` (outlook.ts) says.
 */
import type { Reply } from '../datafast.ts'
import type { Answer, Payment } from '../payment.ts'
import type { RecordedEntry } from '../recorded.ts'
import { isRunningTotal, partsOf } from '../reference.ts'
import { mergeVisitors } from '../visitor.ts'
import type { Circumstances } from './circumstances.ts'
import { namesOf, owing } from './debts.ts'
import { bestVisitor, knowsMore, mayUpgrade, type SaleNews, visitorsOf } from './outlook.ts'
import { BEFORE_START, type End, NO_SALE, OTHER_PRODUCT, OTHER_SHOP, type State, type Verdict } from './state.ts'
import {
  ATTRIBUTION_WAIT,
  FRESH_ANSWER,
  KEEP,
  KEEP_UNKNOWN,
  type Row,
  rulesOf,
  start,
  startTrying,
  tryAgain,
  tryNow,
  VISITOR_LAG,
} from './timing.ts'

/** What was found when everybody who may know a visitor was asked. `silent`: somebody could not be asked. */
export type Gathered = { memory?: RecordedEntry; visitors: string[]; silent: boolean; sale?: SaleNews }

/** Why something has to be tried again, where its row does not say so, and for how long the other side wants to be left alone. */
type Refusal = { reason?: string; retryAfterMs?: number }

// ── The provider's answer ─────────────────────────────────────────────────────────────────────────────────────────────

/** @param asked - the order as it was when the question was asked */
export function answered(before: State, answer: Answer, world: Circumstances, asked = before): State {
  const state = { ...before, heard: asked.arrivals }
  switch (answer.is) {
    case 'paid':
      return knowsMore(asked, state) ? { ...state, stage: start('provider', world) } : verified(state, answer.payment, world)
    case 'moved':
      return {
        ...state,
        carried: mergeVisitors(state.carried, answer.carried, state.struck),
        stage: { ...start('moved', world), to: answer.to, passedOn: 0, until: world.now + KEEP },
      }
    case 'ignored':
      if (state.recorded) return recordedAs(state, answer.reason, world)
      return unlessBehind(end(state, 'skipped', answer.reason, 'paid', world), world)
    case 'not-paid':
      // What the provider tells while it is asked may be that it is paid by now.
      if (state.announced && state.arrivals > asked.arrivals) {
        return { ...state, stage: { at: 'provider', tries: { ...startTrying(world.now), due: world.now + FRESH_ANSWER } } }
      }
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
  if (state.recorded && state.stage.at === 'datafast') return closed(state, state.recorded, world)
  // Of a running total the provider told more than there ever was: what there was is recorded.
  if (state.recorded && row === 'payment-pending') return end(state, 'recorded', 'pending-expired', 'repeat', world)
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

function verified(state: State, found: Payment, world: Circumstances): State {
  const { successUrl, beforeStart, ...rest } = found
  const customer = Object.fromEntries(world.customerFields.map((field) => [field, found.customer[field] || undefined]))
  const firstSale = found.firstSale && (state.firstSale ?? found.firstSale)
  // The address has its say below, and may hold anything: it is not kept.
  const payment: Payment = { ...rest, customer, firstSale }
  const aliases = new Set([...state.aliases, ...found.aliases])
  aliases.delete(state.reference)
  // Visitors and names that came with a payment are kept, also of one that is not to be posted.
  const known: State = { ...state, aliases: [...aliases], carried: mergeVisitors(found.carried, state.carried, state.struck) }
  const skipped = (reason: string, outcome: Verdict['outcome'] = 'paid') => {
    // A step of a running total that is recorded stays what the books know of.
    return end(state.recorded ? known : { ...known, payment }, 'skipped', reason, outcome, world)
  }
  if ((found.test || state.test) && world.testPayments === 'skip') return skipped('test-payment', 'test')
  // Renewals and refunds follow their first sale.
  if (!firstSale && isOtherProduct(state, found, world)) return skipped(OTHER_PRODUCT)
  if (state.returned === false && !firstSale && successUrl) {
    const isOurs = world.isOurs(successUrl, state.here)
    if (isOurs === undefined) return later(state, 'provider-configuration', { reason: 'address-unknown' }, world)
    if (!isOurs) return skipped(OTHER_SHOP)
  }
  if (beforeStart && state.ofKin) return skipped(BEFORE_START)
  if (found.kind === 'refund' && !world.refunds) return skipped('refunds-off')
  const amount = found[world.revenue]
  if (amount === undefined) return later(state, 'unclear', { reason: 'unclear-tax' }, world)
  // DataFast would file an amount of zero as a free trial.
  if (amount === 0 && found.kind !== 'trial') return skipped('free-order')
  // Another step of a running total is a payment of its own.
  const begun = isRunningTotal(state.reference) ? { ...known, recorded: undefined, recordedAt: undefined, debts: [] } : known
  return { ...begun, payment, stage: start('gathering', world) }
}

function isOtherProduct({ reference }: State, { soldAs }: Payment, { only }: Circumstances): boolean {
  const counting = only.get(partsOf(reference).provider)
  return !!counting && !soldAs.some((id) => counting.includes(id))
}

// ── Visitors ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export function gathered(before: State, { memory, visitors, silent, sale }: Gathered, world: Circumstances): State {
  const { struck, stage, firstArrivalAt } = before
  // Meanwhile something became known by which it is to be judged anew.
  if (stage.at === 'provider') return before
  const state: State = {
    ...before,
    visitors: mergeVisitors(before.visitors, visitors, struck),
    // A renewal or refund belongs to whom its first sale was recorded under, whatever it carries itself.
    carried: mergeVisitors(sale ? visitorsOf(sale) : [], before.carried, struck),
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
  const { payment } = state
  if (payment?.kind === 'refund') return end(state, 'skipped', NO_SALE, 'paid', world)
  if (sale.is !== 'ended') return undefined
  // A sale that the provider can no longer find has no product to go by: its renewal may have one.
  const isOther = payment && payment.soldAs.length > 0 && isOtherProduct(state, payment, world)
  const reason = isOther ? OTHER_PRODUCT : sale.reason
  return reason === OTHER_PRODUCT || reason === OTHER_SHOP ? end(state, 'skipped', reason, 'paid', world) : undefined
}

// ── DataFast's reply ──────────────────────────────────────────────────────────────────────────────────────────────────

/** @param visitor - the one the payment was posted with */
export function replied(state: State, visitor: string | undefined, reply: Reply, world: Circumstances): State {
  if (reply.is === 'accepted') return accepted(state, visitor, world)
  const struck = reply.is === 'visitor-rejected' && visitor ? [...state.struck, visitor] : state.struck
  // Meanwhile something became known by which it is to be judged anew.
  if (state.stage.at !== 'datafast') return { ...state, struck }
  switch (reply.is) {
    case 'visitor-rejected':
      return rejected({ ...state, struck }, world)
    case 'unavailable':
      return later(state, 'datafast-down', reply, world)
    case 'misconfigured':
      return later(state, 'datafast-configuration', reply, world)
    case 'refused':
      return later(state, 'datafast-refused', reply, world)
    case 'imported':
      return later(state, 'native-integration', reply, world)
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
    sentMinor: state.payment.refundedMinor,
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
  // Everyone gets a second chance, in the same order, and it is not used up before their pageview has had its time.
  const { laggedAt = state.lagged ? 0 : world.now } = state
  if (world.now < laggedAt + VISITOR_LAG) {
    const again = { ...state, lagged: true, laggedAt, struck: [], stage: start('datafast', world) }
    const waiting = later(again, 'visitor-lag', { reason: 'visitor-rejected' }, world)
    // Whatever came meanwhile puts nothing off.
    return state.laggedAt ? tryingAt(waiting, laggedAt + VISITOR_LAG) : waiting
  }
  return state.recorded ? closed(state, state.recorded, world) : { ...state, stage: start('gathering', world) }
}

/** Recorded without a visitor for good: adding one was tried and did not work. */
function closed(state: State, recorded: RecordedEntry, world: Circumstances): State {
  return recordedAs({ ...state, recorded: { ...recorded, attributed: 'closed' } }, 'visitor-rejected', world)
}

// ── The operator ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** "Try again now": what is to be tried later is tried at once, and what was given up begins anew. */
export function hurried(state: State, world: Circumstances): State {
  const { stage } = state
  switch (stage.at) {
    case 'held':
      return state
    case 'ended': {
      const mayChange = stage.end === 'parked' || stage.end === 'refused' || [OTHER_SHOP, OTHER_PRODUCT, NO_SALE].includes(stage.reason)
      return mayChange ? { ...state, stage: start('provider', world) } : state
    }
    default:
      // Whoever does not want to wait for a pageview need not.
      return tryingAt(stage.tries.row === 'visitor-lag' ? { ...state, laggedAt: undefined } : state, world.now)
  }
}

/** The same order, whose next try comes at that moment if it would come later. */
function tryingAt(state: State, due: number): State {
  const { stage } = state
  return 'tries' in stage ? { ...state, stage: { ...stage, tries: tryNow(stage.tries, due) } } : state
}

// ── Hand-over, ends ───────────────────────────────────────────────────────────────────────────────────────────────────

/** @param arrivals - how many were passed on; what came during the call is passed on next. `undefined`: the call failed */
export function handedOver(state: State, arrivals: number | undefined, world: Circumstances): State {
  if (arrivals === undefined) return later(state, 'hand-over', {}, world)
  if (state.stage.at !== 'moved') return state
  return { ...state, stage: { ...state.stage, ...start('moved', world), passedOn: arrivals } }
}

function recordedAs(state: State, reason: string, world: Circumstances): State {
  return unlessBehind({ ...end(state, 'recorded', reason, 'repeat', world), ...owing(state, namesOf(state), world) }, world)
}

/** An ended order; of a running total one that is to be asked for again, when more was told of than is recorded. */
function unlessBehind(done: State, world: Circumstances): State {
  const { reference, recorded, arrivals, heard = 0, toldMinor = 0, sentMinor = 0 } = done
  const isBehind = isRunningTotal(reference) && (arrivals > heard || (!!recorded && toldMinor > sentMinor))
  return isBehind ? { ...done, stage: start('provider', world) } : done
}

function end(state: State, kind: End, reason: string, outcome: Verdict['outcome'], { now }: Circumstances): State {
  const until = now + (reason === 'unknown' && !state.announced ? KEEP_UNKNOWN : KEEP)
  // Nothing personal outlives the order.
  const payment = state.payment && { ...state.payment, customer: {} }
  return { ...state, payment, stage: { at: 'ended', end: kind, reason, outcome, endedAt: now, until } }
}
