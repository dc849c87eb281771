import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { afterTurn, type Job, nextJob, nextTurn, woken } from '../../src/books/jobs.ts'
import { type Movement, movementOf, type Owed } from '../../src/books/movement.ts'
import { Movements } from '../../src/books/movements.ts'
import { isKnown } from '../../src/books/sweep.ts'
import { arrive } from '../../src/order/arrive.ts'
import type { Circumstances } from '../../src/order/circumstances.ts'
import { owingBooks, wroteBooks, wroteMemory } from '../../src/order/debts.ts'
import { nextDeadline, nextStep, type SaleNews } from '../../src/order/outlook.ts'
import { answered, gathered, handedOver, hurried, replied } from '../../src/order/rules.ts'
import type { Arrival, State } from '../../src/order/state.ts'
import type { Answer, Payment } from '../../src/payment.ts'
import { type Connection, together } from '../../src/providers/provider.ts'
import type { Reference } from '../../src/reference.ts'
import { settingReader } from '../../src/setting-reader.ts'
import { answering, arrivalOf, at, DAY, delaysOf, HOUR, MINUTE, newOrder, paidOrder, payment, SECOND, START } from './order.ts'
import { sqlStorage } from './sql.ts'

const VISITOR = '6f1c2a34-9b7d-4e21-8c55-d0e1f2a3b4c5'
const OTHER = '0a9b8c7d-1e2f-4a3b-9c4d-5e6f7a8b9c0d'

const keeping = (now: number, changes: Partial<Circumstances> = {}) => at(now, { keepsBooks: true, ...changes })
const rowOf = (state: State, now = START, revenue: 'gross' | 'net' = 'gross') => movementOf(state, revenue, now)
const accepted = (state: State, visitor?: string, now = START) => replied(state, visitor, { is: 'accepted', reason: 'recorded' }, at(now))
const recordedOrder = (arrival: Partial<Arrival> = {}, changes: Partial<Payment> = {}) => {
  const visitor = arrival.visitors?.[0]
  const sent = gathered(paidOrder(arrival, changes), { visitors: [], silent: false }, at(START + HOUR))
  return accepted(sent, visitor, START + HOUR)
}

describe('what the books say of an order', () => {
  it.each<[string, Answer, Partial<Arrival>, Partial<Movement>]>([
    ['provider is down', { is: 'unreachable', reason: 'http-503' }, {}, { stage: 'waiting', reason: 'provider-down:http-503' }],
    [
      'key is refused',
      { is: 'misconfigured', reason: 'key-refused-401' },
      {},
      { stage: 'waiting', reason: 'provider-configuration:key-refused-401' },
    ],
    ['payment is pending', { is: 'pending', reason: 'unpaid' }, {}, { stage: 'waiting', reason: 'payment-pending:unpaid' }],
    ['trial must end first', { is: 'pending', reason: 'trial', trial: true }, {}, { stage: 'waiting', reason: 'trial-pending:trial' }],
    [
      'provider does not know what it announced',
      { is: 'unknown' },
      { door: 'webhook' },
      { stage: 'waiting', reason: 'announced-unknown:unknown' },
    ],
    ['price cannot be told', { is: 'unclear', reason: 'unclear-currency' }, {}, { stage: 'parked', reason: 'unclear:unclear-currency' }],
  ])('that its %s', (_, answer, arrival, row) => {
    const state = answered(newOrder(arrival), answer, at(START))
    expect(rowOf(state)).toMatchObject({ ...row, transactionId: '', attempts: 1, since: START, nextTry: nextDeadline(state) })
  })

  it.each<[Parameters<typeof replied>[2], Movement['stage'], string]>([
    [{ is: 'unavailable', reason: 'http-503' }, 'waiting', 'datafast-down:http-503'],
    [{ is: 'misconfigured', reason: 'key-missing' }, 'waiting', 'datafast-configuration:key-missing'],
    [{ is: 'refused', reason: 'http-400' }, 'waiting', 'datafast-refused:http-400'],
    [{ is: 'visitor-rejected' }, 'waiting', 'visitor-lag:visitor-rejected'],
    [{ is: 'imported', reason: 'native-integration' }, 'parked', 'native-integration'],
  ])('that DataFast answers %j', (reply, stage, reason) => {
    const state = replied(paidOrder({ visitors: [VISITOR] }), VISITOR, reply, at(START))
    const money = { kind: 'sale', transactionId: 'pi_1', amount: 19.99, currency: 'EUR' }
    expect(rowOf(state)).toMatchObject({ stage, reason, ...money, visitorSeen: true, attempts: 1 })
  })

  it('that it waits for its first sale, or for whoever may know a visitor', () => {
    const renewal = answered(newOrder(), { is: 'paid', payment: payment({ kind: 'renewal', firstSale: 'stripe:cs_live_0' }) }, at(START))
    const sale = { is: 'undecided' as const, visitors: [] }
    expect(rowOf(gathered(renewal, { visitors: [], silent: false, sale }, at(START)))).toMatchObject({ reason: 'sale-undecided' })
    const sold = answered(newOrder(), { is: 'paid', payment: payment() }, at(START))
    expect(rowOf(gathered(sold, { visitors: [], silent: true }, at(START)))).toMatchObject({ stage: 'waiting', reason: 'silence' })
  })

  it('that it is held, and until when', () => {
    const row = { stage: 'held', reason: 'no-visitor-yet', nextTry: START + 10 * MINUTE, visitorSeen: false }
    expect(rowOf(paidOrder())).toMatchObject(row)
  })

  it('that a test purchase was verified and left out, with its amount', () => {
    const state = answered(newOrder({ visitors: [VISITOR] }), { is: 'paid', payment: payment({ test: true }) }, at(START))
    const row = { stage: 'skipped', reason: 'test-payment', transactionId: 'pi_1', amount: 19.99, currency: 'EUR', visitorSeen: true }
    expect(rowOf(state)).toMatchObject(row)
  })

  it('that it is parked once it was given up', () => {
    const { end } = delaysOf(paidOrder({ visitors: [VISITOR] }), (state, now) =>
      replied(state, VISITOR, { is: 'refused', reason: 'http-400' }, at(now)),
    )
    expect(rowOf(end)).toMatchObject({ stage: 'parked', reason: 'datafast-refused:http-400', transactionId: 'pi_1' })
  })

  it('nothing new while something is under way', () => {
    expect(rowOf(newOrder())).toBe('as-before')
    expect(rowOf(paidOrder({ visitors: [VISITOR] }))).toBe('as-before')
  })

  it('nothing of a pointer: the order is listed under its own name', () => {
    const moved = answered(newOrder(), { is: 'moved', to: 'stripe:cs_live_2', carried: [] }, at(START))
    expect(rowOf(moved)).toBe('nothing')
    expect(rowOf(handedOver(moved, 1, at(START)))).toBe('nothing')
  })

  it('nothing of what a redirect alone named and nobody knows or paid', () => {
    expect(rowOf(answered(newOrder(), { is: 'unknown' }, at(START)))).toBe('nothing')
    expect(rowOf(delaysOf(newOrder(), answering({ is: 'unknown' })).end)).toBe('nothing')
    expect(rowOf(answered(newOrder(), { is: 'not-paid', reason: 'expired' }, at(START)))).toBe('nothing')
  })

  it('how it ended unpaid, when the provider had told of it or the books had listed it', () => {
    const refusal: Answer = { is: 'not-paid', reason: 'expired' }
    const refused = { stage: 'refused', reason: 'expired' }
    expect(rowOf(answered(newOrder({ door: 'webhook' }), refusal, at(START)))).toMatchObject(refused)
    const listed = owingBooks(answered(newOrder(), { is: 'pending', reason: 'unpaid' }, at(START)), keeping(START))
    expect(rowOf(answered(listed, refusal, at(START)))).toMatchObject(refused)
  })

  it('when the money came; before that, when it was first heard of', () => {
    expect(rowOf(paidOrder())).toMatchObject({ at: Date.parse('2026-11-22T11:59:00Z') })
    const waiting = answered(newOrder({ at: START - MINUTE }), { is: 'pending', reason: 'unpaid' }, at(START))
    expect(rowOf(waiting)).toMatchObject({ at: START - MINUTE })
  })

  it('as much as is posted: gross or net', () => {
    expect(rowOf(paidOrder(), START, 'gross')).toMatchObject({ amount: 19.99 })
    expect(rowOf(paidOrder(), START, 'net')).toMatchObject({ amount: 16.8 })
  })

  it('by which doors it became known, and whether a cookie came with it', () => {
    const told = arrive(newOrder({ door: 'webhook', carried: [VISITOR] }), arrivalOf({ door: 'sweep' }), at(START))
    expect(rowOf(answered(told, { is: 'pending', reason: 'unpaid' }, at(START)))).toMatchObject({
      doors: ['webhook', 'sweep'],
      visitorSeen: true,
      cookie: false,
    })
    expect(rowOf(recordedOrder({ visitors: [VISITOR] }))).toMatchObject({ doors: ['redirect'], cookie: true })
  })

  it('the doors of the order that handed over to it, and none for a sale that only its refund leads to', () => {
    const moved = answered(newOrder({ door: 'webhook' }), { is: 'moved', to: 'stripe:cs_live_2', carried: [] }, at(START))
    const step = nextStep(moved, START)
    expect(step.do === 'hand-over' && step.arrival.doors).toEqual(['webhook'])
    expect(newOrder({ door: 'webhook', ofKin: true }).doors).toEqual([])
  })
})

describe('what the books say of a recorded payment', () => {
  const rejected = () => {
    const lagged = replied(paidOrder({ visitors: [VISITOR] }), VISITOR, { is: 'visitor-rejected' }, at(START))
    const again = replied(lagged, VISITOR, { is: 'visitor-rejected' }, at(START + HOUR))
    return accepted(gathered(again, { visitors: [], silent: false }, at(START + HOUR)), undefined, START + HOUR)
  }
  const follower = () => {
    const told = newOrder({ door: 'webhook' })
    const verified = answered(told, { is: 'paid', payment: payment({ kind: 'renewal', firstSale: 'stripe:cs_live_0' }) }, at(START))
    const sale: SaleNews = { is: 'recorded', entry: { transactionId: 'pi_0', attributed: 'no' } }
    return accepted(gathered(verified, { visitors: [], silent: false, sale }, at(START + HOUR)), undefined, START + HOUR)
  }

  it.each<[string, () => State]>([
    ['yes', () => recordedOrder({ visitors: [VISITOR] })],
    ['no-cookie', () => recordedOrder()],
    ['bad-cookie', () => recordedOrder({ badCookie: true })],
    ['webhook-only', () => recordedOrder({ door: 'webhook' })],
    ['sweep-only', () => recordedOrder({ door: 'sweep' })],
    ['rejected-by-datafast', rejected],
    ['first-sale-unattributed', follower],
  ])('whether it has a visitor, or why not: %s', (attributed, order) => {
    expect(rowOf(order())).toMatchObject({ stage: 'recorded', transactionId: 'pi_1', attributed })
  })

  it('that it stays recorded while a visitor is added, whether that works or not', () => {
    const late = arrive(recordedOrder(), arrivalOf({ visitors: [VISITOR] }), at(START + DAY))
    expect(rowOf(late)).toMatchObject({ stage: 'recorded', attributed: 'no-cookie' })
    const failing = replied(late, VISITOR, { is: 'unavailable', reason: 'http-503' }, at(START + DAY))
    expect(rowOf(failing)).toMatchObject({ stage: 'recorded', attributed: 'no-cookie' })
    expect(rowOf(accepted(late, VISITOR, START + DAY))).toMatchObject({ stage: 'recorded', attributed: 'yes', reason: 'attributed-late' })
  })

  it('that the edge remembered it', () => {
    const entry = { transactionId: 'pi_0', visitor: VISITOR, attributed: 'yes' as const }
    const state = gathered(paidOrder(), { visitors: [], silent: false, memory: entry }, at(START))
    expect(rowOf(state)).toMatchObject({ stage: 'recorded', reason: 'already-recorded', transactionId: 'pi_0', attributed: 'yes' })
  })
})

/** Books that take in whatever they are told. */
function newBooks() {
  const movements = new Movements(sqlStorage())
  return {
    take: (owed: readonly Owed[] = []) => {
      for (const one of owed) movements.write(one, START)
    },
    rows: () => movements.between(0, Number.MAX_SAFE_INTEGER),
  }
}

describe('what the books say of a running total', () => {
  const REFERENCE: Reference = 'creem:refunds_tran_1'
  const sale: SaleNews = { is: 'recorded', entry: { transactionId: 'tran_1', visitor: VISITOR, attributed: 'yes' } }
  const webhook = (now: number) => arrivalOf({ reference: REFERENCE, door: 'webhook', at: now })
  const step = (total: number, gross: number): Answer => ({
    is: 'paid',
    payment: payment({
      ...{ kind: 'refund', transactionId: `tran_1_refund_${total}`, gross, refundedMinor: total, firstSale: 'creem:tran_1' },
    }),
  })
  const told = (state: State, now: number) => owingBooks(arrive(state, webhook(now), at(now)), keeping(now))
  const verified = (state: State, total: number, gross: number, now: number) =>
    owingBooks(answered(state, step(total, gross), at(now)), keeping(now))
  const sent = (state: State, total: number, gross: number, now: number) =>
    owingBooks(gathered(verified(state, total, gross, now), { visitors: [], silent: false, sale }, at(now)), keeping(now))
  const recorded = (state: State, total: number, gross: number, now = START) =>
    owingBooks(accepted(sent(state, total, gross, now), VISITOR, now), keeping(now))
  const first = () => recorded(arrive(undefined, webhook(START), at(START)), 500, 5)
  const idsOwed = (state: State) => state.books?.owed.map((one) => 'transactionId' in one && one.transactionId)

  it('a row for each step, also when the first was not written yet', () => {
    const state = recorded(told(first(), START + 1), 1200, 7, START + 1)
    expect(state.books?.owed).toMatchObject([
      { transactionId: 'tran_1_refund_500', amount: 5, stage: 'recorded', attributed: 'yes' },
      { transactionId: 'tran_1_refund_1200', amount: 7, stage: 'recorded', attributed: 'yes' },
    ])
  })

  it('nothing of the next step before the provider has told how much it is', () => {
    const asked = told(first(), START + 1)
    const down = answered(asked, { is: 'unreachable', reason: 'http-503' }, at(START + 1))
    expect(rowOf(down, START + 1)).toMatchObject({ transactionId: 'tran_1_refund_500', stage: 'recorded' })
  })

  it('nothing that undoes a recorded step: neither the next one’s refusal, nor that it may never be known', () => {
    const second = replied(sent(told(first(), START + 1), 1200, 7, START + 1), VISITOR, { is: 'unavailable', reason: 'x' }, at(START + 1))
    expect(idsOwed(owingBooks(second, keeping(START + 1)))).toEqual(['tran_1_refund_500', 'tran_1_refund_1200'])
    const asked = told(first(), START + 1)
    let givenUp = asked
    for (let now = START + 1; givenUp.stage.at !== 'ended'; now += HOUR)
      givenUp = answering({ is: 'unreachable', reason: 'x' })(givenUp, now)
    expect(givenUp.stage).toMatchObject({ end: 'refused' })
    expect(rowOf(givenUp)).toMatchObject({ transactionId: 'tran_1_refund_500', stage: 'recorded' })
  })

  it('that a step is left out when its sale is, and what is left of it when it is told of again', () => {
    const ended: SaleNews = { is: 'ended', end: 'skipped', reason: 'test-payment', visitors: [] }
    const asked = verified(arrive(undefined, webhook(START), at(START)), 500, 5, START)
    const skipped = gathered(asked, { visitors: [], silent: false, sale: ended }, at(START))
    expect(rowOf(skipped)).toMatchObject({ transactionId: 'tran_1_refund_500', stage: 'skipped', reason: 'sale-not-recorded' })
  })

  it('no more of a step that DataFast refused, once a later one has taken its place', () => {
    const { take, rows } = newBooks()
    let state = sent(arrive(undefined, webhook(START), at(START)), 500, 5, START)
    for (let now = START; state.stage.at !== 'ended'; now += MINUTE)
      state = owingBooks(replied(state, VISITOR, { is: 'refused', reason: 'http-400' }, at(now)), keeping(now))
    take(state.books?.owed)
    state = wroteBooks(state, state.books?.owed ?? [], true, at(START + HOUR))
    expect(rows()).toMatchObject([{ transactionId: 'tran_1_refund_500', stage: 'parked' }])
    // Nothing of it was sent so far: all of it is one step.
    state = recorded(told(state, START + HOUR), 1200, 12, START + HOUR)
    take(state.books?.owed)
    expect(rows()).toMatchObject([{ transactionId: 'tran_1_refund_1200', stage: 'recorded', amount: 12 }])
  })
})

describe('what an order owes the books', () => {
  const pending = (state: State, now: number, reason = 'unpaid') =>
    owingBooks(answered(state, { is: 'pending', reason }, at(now)), keeping(now))
  const first = () => pending(newOrder(), START)
  const written = (state: State, now = START) => wroteBooks(state, state.books?.owed ?? [], true, keeping(now))

  it('is nothing where no books are kept', () => {
    expect(owingBooks(paidOrder(), at(START)).books).toBeUndefined()
  })

  it('is written at once', () => {
    expect(nextStep(first(), START)).toMatchObject({ do: 'book', owed: [{ stage: 'waiting', reason: 'payment-pending:unpaid' }] })
    expect(nextStep(written(first()), START)).toEqual({ do: 'rest' })
  })

  it('is news alone', () => {
    const known = written(first())
    expect(owingBooks(known, keeping(START)).books?.owed).toEqual([])
    expect(owingBooks(arrive(known, arrivalOf({ at: START + 1 }), at(START + 1)), keeping(START + 1)).books?.owed).toEqual([])
    expect(pending(known, START + 5 * SECOND).books?.owed).toMatchObject([{ attempts: 2 }])
  })

  it('is the latest of one movement', () => {
    const twice = pending(first(), START + 5 * SECOND, 'processing')
    expect(twice.books?.owed).toMatchObject([{ reason: 'payment-pending:processing', attempts: 2 }])
  })

  it('is that there is none, once it turns out to live under another name', () => {
    const moved = answered(written(first()), { is: 'moved', to: 'stripe:cs_live_2', carried: [] }, at(START))
    expect(owingBooks(moved, keeping(START)).books?.owed).toEqual([{ reference: 'stripe:cs_live_1', isGone: true }])
    const unheard = answered(newOrder(), { is: 'moved', to: 'stripe:cs_live_2', carried: [] }, at(START))
    expect(owingBooks(unheard, keeping(START)).books).toBeUndefined()
  })

  it('is still owed when it came while an earlier row was being written', () => {
    const telling = first()
    const changed = pending(telling, START + 5 * SECOND, 'processing')
    const after = wroteBooks(changed, telling.books?.owed ?? [], true, keeping(START + 6 * SECOND))
    expect(after.books?.owed).toMatchObject([{ reason: 'payment-pending:processing' }])
  })

  it('survives whatever happens to the order meanwhile', () => {
    const unwritten = wroteBooks(first(), first().books?.owed ?? [], false, keeping(START))
    const asked = owingBooks(arrive(unwritten, arrivalOf({ at: START + MINUTE }), at(START + MINUTE)), keeping(START + MINUTE))
    expect(nextStep(asked, START + MINUTE)).toEqual({ do: 'lookup' })
    expect(asked.books?.owed).toEqual(first().books?.owed)
  })

  it('is tried again after 5 s, 30 s, 2 min, 10 min, 1 h, then hourly without end', () => {
    let state = owingBooks(recordedOrder({ visitors: [VISITOR] }), keeping(START))
    for (const debt of state.debts) if (state.recorded) state = wroteMemory(state, debt, state.recorded, true, at(START))
    const delays: number[] = []
    for (let now = START; delays.length < 1000; now = nextDeadline(state)) {
      state = wroteBooks(state, state.books?.owed ?? [], false, keeping(now))
      delays.push(nextDeadline(state) - now)
    }
    expect(delays.slice(0, 6)).toEqual([5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, HOUR])
    expect(delays.at(-1)).toBe(HOUR)
  })

  it('is written before the order is forgotten', () => {
    const now = START + 31 * DAY
    let state = owingBooks(recordedOrder({ visitors: [VISITOR] }), keeping(START))
    for (const debt of state.debts) if (state.recorded) state = wroteMemory(state, debt, state.recorded, true, at(START))
    const unwritten = wroteBooks(state, [], false, keeping(now))
    expect(nextStep(unwritten, now)).toEqual({ do: 'rest' })
    expect(nextStep(unwritten, now + 5 * SECOND)).toMatchObject({ do: 'book' })
    expect(nextStep(written(unwritten, now), now)).toEqual({ do: 'forget' })
  })

  it('holds nothing up: neither the payment nor its memory', () => {
    const state = owingBooks(recordedOrder({ visitors: [VISITOR] }), keeping(START))
    expect(nextStep(state, START + HOUR)).toMatchObject({ do: 'remember' })
    const waiting = wroteBooks(first(), [], false, keeping(START))
    const sooner = arrive(waiting, arrivalOf({ at: START + 6 * SECOND }), at(START + 6 * SECOND))
    expect(nextStep(sooner, START + 6 * SECOND)).toMatchObject({ do: 'lookup' })
  })

  it('is no more than is known of an order stored before there were books', () => {
    const { doors: _, books: __, ...old } = recordedOrder({ visitors: [VISITOR] })
    expect(owingBooks(old, keeping(START)).books?.owed).toMatchObject([{ stage: 'recorded', doors: [], attributed: 'yes', amount: 19.99 }])
  })
})

describe('random lives of an order', () => {
  const KEYS = [
    ...['amount', 'at', 'attempts', 'attributed', 'cookie', 'currency', 'doors', 'kind', 'nextTry', 'origin', 'provider'],
    ...['firstSale', 'reason', 'reference', 'since', 'stage', 'transactionId', 'visitorSeen'],
  ]
  const PERSONAL = ['buyer@example.com', 'Bea Buyer', VISITOR, OTHER]
  const SALE: Reference = 'stripe:cs_live_1'
  const TOTAL: Reference = 'creem:refunds_tran_1'

  type Event =
    | { do: 'arrive'; arrival: Partial<Arrival> }
    | { do: 'answer'; answer: Answer['is']; test: boolean }
    | { do: 'gather'; sale: SaleNews['is'] | undefined; silent: boolean }
    | { do: 'reply'; reply: Parameters<typeof replied>[2]['is'] }
    | { do: 'write'; ok: boolean }
    | { do: 'hand-over'; ok: boolean }
    | { do: 'retry' }
  const event: fc.Arbitrary<Event> = fc.oneof(
    fc.record({
      do: fc.constant('arrive' as const),
      arrival: fc.record({
        door: fc.constantFrom('redirect' as const, 'webhook' as const, 'sweep' as const),
        visitors: fc.constantFrom<string[]>([], [VISITOR], [VISITOR, OTHER]),
        badCookie: fc.constantFrom(true, undefined),
        here: fc.constantFrom('https://pay.example.com', undefined),
      }),
    }),
    fc.record({
      do: fc.constant('answer' as const),
      answer: fc.constantFrom<Answer['is']>(
        ...([
          'paid',
          'paid',
          'paid',
          'moved',
          'pending',
          'not-paid',
          'unknown',
          'ignored',
          'unclear',
          'unreachable',
          'misconfigured',
        ] as const),
      ),
      test: fc.constantFrom(false, false, true),
    }),
    fc.record({
      do: fc.constant('gather' as const),
      sale: fc.constantFrom<SaleNews['is'] | undefined>(undefined, 'recorded', 'undecided', 'ended'),
      silent: fc.boolean(),
    }),
    fc.record({
      do: fc.constant('reply' as const),
      reply: fc.constantFrom<Parameters<typeof replied>[2]['is']>(
        ...(['accepted', 'accepted', 'accepted', 'visitor-rejected', 'unavailable', 'misconfigured', 'refused', 'imported'] as const),
      ),
    }),
    fc.record({ do: fc.constant('write' as const), ok: fc.boolean() }),
    fc.record({ do: fc.constant('hand-over' as const), ok: fc.boolean() }),
    fc.record({ do: fc.constant('retry' as const) }),
  )

  /** A life, with the books it filled, and what was accepted. */
  function live(reference: Reference, events: readonly { event: Event; after: number }[]) {
    const { take, rows } = newBooks()
    const told: Owed[] = []
    const posted = new Set<string>()
    const isTotal = reference === TOTAL
    let now = START
    let total = 0
    let state: State | undefined
    let last: Movement | 'nothing' = 'nothing'
    const world = () => keeping(now, { customerFields: ['customer_id', 'email', 'name'] })
    const become = (changed: State) => {
      state = owingBooks(changed, world())
      const movement = movementOf(state, 'gross', now)
      if (movement !== 'as-before') last = movement
    }
    const write = (ok: boolean) => {
      const owed = state?.books?.owed ?? []
      if (!state || !owed.length) return
      if (ok) take(owed)
      if (ok) told.push(...owed)
      become(wroteBooks(state, owed, ok, world()))
    }
    const paid = (test: boolean): Payment => {
      const { sentMinor = 0 } = state ?? {}
      total = Math.max(total, sentMinor) + 100
      const step = { kind: 'refund' as const, firstSale: 'creem:tran_1' as const, refundedMinor: total, gross: (total - sentMinor) / 100 }
      const customer = { email: 'buyer@example.com', name: 'Bea Buyer', customer_id: 'cus_1' }
      return payment({ test, customer, ...(isTotal && { ...step, transactionId: `tran_1_refund_${total}` }) })
    }
    for (const { event: one, after } of events) {
      now += after
      if (one.do === 'arrive' || !state) {
        become(arrive(state, arrivalOf({ reference, at: now, ...(one.do === 'arrive' && one.arrival) }), world()))
        continue
      }
      const { at: stage } = state.stage
      if (one.do === 'write') write(one.ok)
      else if (one.do === 'retry') become(hurried(state, world()))
      else if (one.do === 'hand-over' && stage === 'moved') become(handedOver(state, one.ok ? state.arrivals : undefined, world()))
      else if (one.do === 'answer' && stage === 'provider') {
        const answer: Answer =
          one.answer === 'paid'
            ? { is: 'paid', payment: paid(one.test) }
            : one.answer === 'moved'
              ? isTotal
                ? { is: 'unknown' }
                : { is: 'moved', to: 'stripe:cs_live_2', carried: [] }
              : ({ is: one.answer, reason: 'some-reason' } as Answer)
        become(answered(state, answer, world()))
      } else if (one.do === 'gather' && (stage === 'gathering' || stage === 'held')) {
        const sales: SaleNews[] = [
          { is: 'recorded', entry: { transactionId: 'tran_1', visitor: VISITOR, attributed: 'yes' } },
          { is: 'undecided', visitors: [OTHER] },
          { is: 'ended', end: 'skipped', reason: 'free-order', visitors: [] },
        ]
        const sale = isTotal ? sales.find(({ is }) => is === (one.sale ?? 'recorded')) : undefined
        become(gathered(state, { visitors: [], silent: one.silent, sale }, world()))
      } else if (one.do === 'reply' && stage === 'datafast') {
        const step = nextStep({ ...state, stage: { ...state.stage, tries: { ...state.stage.tries, due: now } } }, now)
        if (step.do !== 'send') continue
        if (one.reply === 'accepted') posted.add(step.payment.transactionId)
        if (one.reply === 'visitor-rejected' && !step.visitor) continue
        become(replied(state, step.visitor, { is: one.reply, reason: 'some-reason' } as Parameters<typeof replied>[2], world()))
      }
    }
    write(true)
    return { rows: rows(), told, posted, last: last === 'nothing' ? last : (JSON.parse(JSON.stringify(last)) as Movement) }
  }

  const life = fc.array(fc.record({ event, after: fc.constantFrom(0, 1, 6 * SECOND, HOUR, 7 * DAY) }), { minLength: 1, maxLength: 30 })

  it('end with the books saying of a sale what it is, and nothing else', () => {
    fc.assert(
      fc.property(life, (events) => {
        const { rows, last } = live(SALE, events)
        expect(rows).toEqual(last === 'nothing' ? [] : [last])
      }),
      { numRuns: 3000 },
    )
  })

  it('end with a recorded row for exactly those steps of a running total that DataFast accepted', () => {
    fc.assert(
      fc.property(life, (events) => {
        const { rows, posted, last } = live(TOTAL, events)
        const recorded = rows.filter(({ stage }) => stage === 'recorded')
        expect(new Set(recorded.map(({ transactionId }) => transactionId))).toEqual(posted)
        if (last !== 'nothing') expect(rows).toContainEqual(last)
        // Whatever is not settled is the latest.
        expect(
          rows
            .filter(({ stage }) => /waiting|held|parked/.test(stage))
            .every(({ transactionId }) => last !== 'nothing' && transactionId === last.transactionId),
        ).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })

  it('never tell the books anything personal, nor anything that is not documented', () => {
    fc.assert(
      fc.property(life, fc.constantFrom(SALE, TOTAL), (events, reference) => {
        const { told } = live(reference, events)
        for (const personal of PERSONAL) expect(JSON.stringify(told)).not.toContain(personal)
        for (const row of told) if (!('isGone' in row)) expect(KEYS).toEqual(expect.arrayContaining(Object.keys(row)))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('“try again now”', () => {
  it('tries at once what is to be tried later, in addition to its schedule', () => {
    const waiting = answered(newOrder(), { is: 'unreachable', reason: 'http-503' }, at(START))
    expect(nextStep(hurried(waiting, at(START + 1)), START + 1)).toEqual({ do: 'lookup' })
    const again = answered(hurried(waiting, at(START + 1)), { is: 'unreachable', reason: 'http-503' }, at(START + 1))
    expect(nextDeadline(again)).toBe(nextDeadline(waiting))
  })

  it('sends what waits for DataFast', () => {
    const waiting = replied(paidOrder({ visitors: [VISITOR] }), VISITOR, { is: 'unavailable', reason: 'http-503' }, at(START))
    expect(nextStep(hurried(waiting, at(START + 1)), START + 1)).toMatchObject({ do: 'send', visitor: VISITOR })
  })

  it.each([
    ['parked', delaysOf(newOrder(), answering({ is: 'unclear', reason: 'unclear-currency' })).end],
    ['refused', answered(newOrder(), { is: 'not-paid', reason: 'expired' }, at(START))],
    [
      'another shop’s',
      answered(
        newOrder({ door: 'sweep' }),
        { is: 'paid', payment: payment({ successUrl: 'https://x.example' }) },
        at(START, { isOurs: () => false }),
      ),
    ],
  ])('asks about an order that was %s', (_, state) => {
    expect(nextStep(hurried(state, at(START + DAY)), START + DAY)).toEqual({ do: 'lookup' })
  })

  it.each([
    ['held', paidOrder()],
    ['recorded', recordedOrder({ visitors: [VISITOR] })],
    ['skipped', answered(newOrder(), { is: 'paid', payment: payment({ test: true }) }, at(START))],
  ])('leaves alone what is %s', (_, state) => {
    expect(hurried(state, at(START + MINUTE))).toEqual(state)
  })
})

describe('what the sweep need not announce', () => {
  const listed = (changes: object = {}) => ({ reference: 'stripe:cs_live_1' as Reference, at: '2026-11-22T12:00:00.000Z', ...changes })
  const row = (stage: Movement['stage'], reason = 'x', transactionId = 'pi_1') => {
    const { amount: _, ...known } = rowOf(recordedOrder()) as Movement
    return { ...known, stage, reason, transactionId }
  }

  it('is what the edge remembers', () => {
    expect(isKnown(listed(), 'pi_1', [])).toBe(true)
    expect(isKnown(listed(), undefined, [])).toBe(false)
  })

  it.each<[boolean, Movement['stage'], string]>([
    [true, 'recorded', 'attributed'],
    [true, 'held', 'no-visitor-yet'],
    [true, 'skipped', 'test-payment'],
    [true, 'parked', 'unclear:unclear-currency'],
    [true, 'waiting', 'datafast-down:http-503'],
    [true, 'waiting', 'sale-undecided'],
    [false, 'waiting', 'provider-down:http-503'],
    [false, 'waiting', 'payment-pending:unpaid'],
    [false, 'waiting', 'trial-pending:trial'],
    [false, 'waiting', 'announced-unknown:unknown'],
    [false, 'refused', 'expired'],
  ])('is %s of what the books have as %s: %s', (known, stage, reason) => {
    expect(isKnown(listed(), undefined, [row(stage, reason)])).toBe(known)
  })

  const refunds = (toldMinor: number) => listed({ reference: 'creem:refunds_tran_1', toldMinor })

  it('is a running total only when nothing was added to it', () => {
    expect(isKnown(refunds(500), 'tran_1_refund_500', [])).toBe(true)
    expect(isKnown(refunds(1500), 'tran_1_refund_500', [])).toBe(false)
    expect(isKnown(refunds(500), undefined, [row('recorded', 'x', 'tran_1_refund_500')])).toBe(true)
    expect(isKnown(refunds(1500), undefined, [row('recorded', 'x', 'tran_1_refund_500')])).toBe(false)
    expect(isKnown(refunds(500), undefined, [row('waiting', 'datafast-down', 'tran_1_refund_500')])).toBe(true)
  })

  it('is a running total whose sale is left out', () => {
    expect(isKnown(refunds(1500), undefined, [row('skipped', 'sale-not-recorded', 'tran_1_refund_500')])).toBe(true)
  })
})

describe('the table of the books', () => {
  const table = () => new Movements(sqlStorage())
  const row = (changes: Partial<Movement> = {}) => ({ ...(rowOf(recordedOrder()) as Movement), ...changes })

  it('has the newest first, without what is no movement of money', () => {
    const books = table()
    books.write(row({ reference: 'stripe:a', at: START }), START)
    books.write(row({ reference: 'stripe:b', at: START + 1 }), START)
    books.write(row({ reference: 'stripe:c', kind: undefined, stage: 'waiting', transactionId: '' }), START)
    books.write(row({ reference: 'stripe:d', stage: 'refused' }), START)
    expect(books.latest(9).map(({ reference }) => reference)).toEqual(['stripe:b', 'stripe:a'])
    expect(books.latest(1)).toHaveLength(1)
  })

  it('has what is open, the next to be tried first, and what is overdue', () => {
    const books = table()
    for (const [stage, minutes] of [
      ['held', 5],
      ['waiting', 1],
      ['parked', 9],
    ] as const) {
      books.write(row({ reference: `stripe:${stage}`, stage, nextTry: START + minutes * MINUTE }), START)
    }
    books.write(row(), START)
    expect(books.open(9).map(({ stage }) => stage)).toEqual(['waiting', 'held', 'parked'])
    expect(books.countOpen()).toBe(3)
    expect(books.overdue(START + 2 * MINUTE, 9)).toMatchObject([{ stage: 'waiting' }])
  })

  it('forgets what waited in an order that is no more, and nothing that has an end', () => {
    const books = table()
    books.write(row({ reference: 'stripe:a', stage: 'waiting' }), START)
    books.write(row({ reference: 'stripe:b' }), START)
    for (const reference of ['stripe:a', 'stripe:b'] as const) books.lost(reference)
    expect(books.among(['stripe:a', 'stripe:b'])).toMatchObject([{ reference: 'stripe:b' }])
  })

  it('forgets after 400 days, as the edge does', () => {
    const books = table()
    books.write(row({ reference: 'stripe:a', at: START - 401 * DAY }), START)
    books.write(row({ reference: 'stripe:b', at: START - 399 * DAY }), START)
    books.trim(START)
    expect(books.between(0, START)).toMatchObject([{ reference: 'stripe:b' }])
  })

  it('counts first payments by day and by whether they have a visitor', () => {
    const books = table()
    const add = (id: string, changes: Partial<Movement>) => books.write(row({ reference: `stripe:${id}`, at: START, ...changes }), START)
    add('a', { attributed: 'yes' })
    add('b', { attributed: 'yes', kind: 'trial' })
    add('c', { attributed: 'no-cookie' })
    add('d', { attributed: 'yes', kind: 'renewal' })
    add('e', { attributed: 'yes', stage: 'parked' })
    expect(books.attribution(START - DAY)).toEqual([
      { day: '2026-11-22', attributed: 'no-cookie', count: 1 },
      { day: '2026-11-22', attributed: 'yes', count: 2 },
    ])
  })

  it('knows when the sweep found what no webhook had told of', () => {
    const books = table()
    const add = (id: string, doors: Movement['doors'], at: number) => books.write(row({ reference: `stripe:${id}`, doors, at }), START)
    add('a', ['redirect', 'sweep'], START + 1)
    add('b', ['webhook', 'sweep'], START + 2)
    add('c', ['redirect'], START + 3)
    expect(books.foundBySweep('stripe', START, START + DAY)).toBe(START + 1)
    expect(books.foundBySweep('polar', START, START + DAY)).toBe(0)
  })

  it('knows when a visitor cookie last came', () => {
    const books = table()
    books.write(row({ reference: 'stripe:a', cookie: true, at: START }), START)
    books.write(row({ reference: 'stripe:b', cookie: false, at: START + 1 }), START)
    expect(books.cookieSeenAt(START - DAY)).toBe(START)
    expect(books.cookieSeenAt(START + 1)).toBe(0)
  })
})

describe('the books’ jobs', () => {
  const job = (name: string, changes: Partial<Job> = {}) => ({ name, do: 'website', due: START, tries: 0, ...changes }) as Job
  const list = (changes: object = {}) =>
    job('list stripe refunds', {
      ...{ do: 'list', provider: 'stripe', list: 'refunds', since: START - HOUR, begunAt: START, pages: 0, todo: [] },
      ...changes,
    } as Partial<Job>)
  const names = (jobs: readonly Job[]) => jobs.map(({ name }) => name)

  it('are done in their order, those that are due', () => {
    const jobs = [job('a', { due: START + 1 }), job('b'), job('c')]
    expect(nextJob(jobs, START)?.name).toBe('b')
    expect(nextJob([job('a', { due: START + 1 })], START)).toBeUndefined()
    expect(nextTurn(jobs)).toBe(START)
    expect(nextTurn([])).toBeUndefined()
  })

  it('are over when they are done, and only they', () => {
    expect(names(afterTurn([job('a'), job('b')], { is: 'done' }, job('a'), START))).toEqual(['b'])
  })

  it('go on with what they have come to', () => {
    const turn = { is: 'again', job: list({ cursor: 'next', tries: 2 }), pauseMs: 500 } as const
    expect(afterTurn([list(), job('b')], turn, list(), START)[0]).toMatchObject({
      cursor: 'next',
      tries: 0,
      due: START + 500,
    })
  })

  it('are tried again after 30 s, 2 min and 10 min, then by the next cron run', () => {
    let jobs: Job[] = [job('a')]
    const waits: number[] = []
    for (let now = START; waits.length < 3; now = nextTurn(jobs) ?? 0) {
      jobs = afterTurn(jobs, { is: 'failed', job: jobs[0] ?? job('a') }, jobs[0] ?? job('a'), now)
      waits.push((nextTurn(jobs) ?? 0) - now)
    }
    expect(waits).toEqual([30 * SECOND, 2 * MINUTE, 10 * MINUTE])
    jobs = afterTurn(jobs, { is: 'failed', job: jobs[0] ?? job('a') }, jobs[0] ?? job('a'), START + DAY)
    expect(nextJob(jobs, START + 300 * DAY)).toBeUndefined()
    expect(nextJob(woken(jobs, [], START + DAY), START + DAY)).toMatchObject({ name: 'a', tries: 0 })
  })

  it('wait longer when the other side wishes so, and for the cron run when only a mended key helps', () => {
    const failed = (more: object) => afterTurn([job('a')], { is: 'failed', job: job('a'), ...more }, job('a'), START)
    expect(nextTurn(failed({ retryAfterMs: HOUR }))).toBe(START + HOUR)
    expect(nextTurn(failed({ retryAfterMs: SECOND }))).toBe(START + 30 * SECOND)
    expect(nextJob(failed({ untilWoken: true }), START + DAY)).toBeUndefined()
  })

  it('leave the other side alone as long as it wishes, at most six hours, also when a cron run comes sooner', () => {
    const failed = (retryAfterMs: number) =>
      afterTurn([job('a', { tries: 3 })], { is: 'failed', job: job('a'), retryAfterMs }, job('a'), START)
    expect(woken(failed(HOUR), [], START + MINUTE)).toMatchObject([{ due: START + HOUR }])
    expect(nextTurn(failed(DAY))).toBe(START + 6 * HOUR)
    const keyAndWish = afterTurn([job('a')], { is: 'failed', job: job('a'), untilWoken: true, retryAfterMs: HOUR }, job('a'), START)
    expect(nextTurn(woken(keyAndWish, [], START + MINUTE))).toBe(START + HOUR)
  })

  it('leave a provider alone with all its lists, and no other provider', () => {
    const [other, elsewhere] = [list({ name: 'list stripe invoices' }), list({ name: 'list polar orders', provider: 'polar' })]
    const turn = { is: 'again', job: list(), pauseMs: MINUTE } as const
    expect(afterTurn([list(), other, elsewhere], turn, list(), START).map(({ due }) => due - START)).toEqual([MINUTE, MINUTE, 0])
  })

  it('are all tried now when somebody asks, but for those that are to be left alone', () => {
    const failed = afterTurn([job('a')], { is: 'failed', job: job('a') }, job('a'), START)
    expect(woken(failed, [], START + 1, true)).toMatchObject([{ due: START + 1, tries: 0 }])
    const resting = afterTurn([job('a')], { is: 'failed', job: job('a'), retryAfterMs: HOUR }, job('a'), START)
    expect(woken(resting, [], START + 1, true)).toMatchObject([{ due: START + HOUR }])
  })

  it('keep what they have come to when they fail', () => {
    const failed = afterTurn([list()], { is: 'failed', job: list({ cursor: 'next' }) }, list(), START)
    expect(failed).toMatchObject([{ cursor: 'next', tries: 1 }])
  })

  it('survive being stored as text', () => {
    const waiting = afterTurn([job('a')], { is: 'failed', job: job('a'), untilWoken: true }, job('a'), START)
    expect(woken(JSON.parse(JSON.stringify(waiting)), [], START + 1)).toMatchObject([{ due: START + 1 }])
  })

  it('are one of a name: what is half done goes on where it was', () => {
    expect(woken([list({ cursor: 'page 3' })], [list()], START)).toMatchObject([{ cursor: 'page 3' }])
  })

  it('do not postpone or hasten what is to be tried at a time of its own', () => {
    expect(woken([job('a', { due: START + MINUTE, tries: 1 })], [], START)).toMatchObject([{ due: START + MINUTE, tries: 1 }])
  })

  it('raise alerts last, of what the others found', () => {
    expect(names(woken([job('alerts'), job('a')], [job('b'), job('alerts')], START))).toEqual(['a', 'b', 'alerts'])
  })

  it('read a list for the day’s proof although it has been waiting for something else', () => {
    const waiting = afterTurn([list()], { is: 'failed', job: list(), untilWoken: true }, list(), START)
    const planned = list({ tally: '2026-11-21', since: START - 35 * DAY })
    expect(woken(waiting, [planned], START)).toMatchObject([{ tally: '2026-11-21', since: START - 35 * DAY }])
  })
})

describe('sales from before the start', () => {
  const old: Answer = { is: 'paid', payment: payment({ beforeStart: true }) }
  const ofKin = () => newOrder({ door: 'webhook', ofKin: true })

  it('are left out where only a renewal or a refund leads to them', () => {
    expect(answered(ofKin(), old, at(START)).stage).toMatchObject({ end: 'skipped', reason: 'before-start' })
  })

  it.each(['redirect', 'webhook', 'sweep'] as const)('count when a %s tells of them', (door) => {
    expect(answered(newOrder({ door }), old, at(START)).stage.at).toBe('gathering')
    const both = arrive(ofKin(), arrivalOf({ door }), at(START))
    expect(answered(both, old, at(START)).stage.at).toBe('gathering')
  })

  it('are asked about again when somebody tells of them after all', () => {
    const skipped = answered(ofKin(), old, at(START))
    const now = START + HOUR
    expect(nextStep(arrive(skipped, arrivalOf({ door: 'webhook', at: now }), at(now)), now)).toEqual({ do: 'lookup' })
    expect(nextStep(arrive(skipped, arrivalOf({ door: 'webhook', ofKin: true, at: now }), at(now)), now)).toEqual({ do: 'rest' })
  })

  it('leave their refunds out, and their renewals in', () => {
    const sale: SaleNews = { is: 'ended', end: 'skipped', reason: 'before-start', visitors: [] }
    const after = (kind: 'refund' | 'renewal') => {
      const verified = answered(
        newOrder({ door: 'sweep' }),
        { is: 'paid', payment: payment({ kind, firstSale: 'stripe:cs_live_0' }) },
        at(START),
      )
      return gathered(verified, { visitors: [], silent: false, sale }, at(START))
    }
    expect(after('refund').stage).toMatchObject({ end: 'skipped', reason: 'sale-not-recorded' })
    expect(after('renewal').stage).toMatchObject({ at: 'held' })
  })

  it('pass on to the order they hand over to that only their kin told of them', () => {
    const moved = answered(ofKin(), { is: 'moved', to: 'stripe:cs_live_2', carried: [] }, at(START))
    expect(nextStep(moved, START)).toMatchObject({ do: 'hand-over', arrival: { ofKin: true, doors: [] } })
  })
})

describe('an order of which nobody knows yet whether it is ours', () => {
  const sold: Answer = { is: 'paid', payment: payment({ successUrl: 'https://pay.example.com/checkout/success/stripe' }) }
  const nobody = at(START, { isOurs: () => undefined })

  it('waits, as for any setting that is missing', () => {
    const waiting = answered(newOrder({ door: 'sweep' }), sold, nobody)
    expect(rowOf(waiting)).toMatchObject({ stage: 'waiting', reason: 'provider-configuration:address-unknown' })
    expect(nextDeadline(waiting) - START).toBe(5 * SECOND)
  })

  it('is judged as soon as somebody knows', () => {
    const waiting = answered(newOrder({ door: 'sweep' }), sold, nobody)
    expect(answered(waiting, sold, at(START + 5 * SECOND)).stage.at).toBe('gathering')
    const others = at(START + 5 * SECOND, { isOurs: () => false })
    expect(answered(waiting, sold, others).stage).toMatchObject({ reason: 'other-success-url' })
  })

  it('counts at once when a buyer came back with it', () => {
    expect(answered(newOrder({ door: 'redirect' }), sold, nobody).stage.at).toBe('gathering')
  })
})

describe('live and test keys side by side', () => {
  const list = { name: 'sales', permission: 'Sales', perMinute: 1, page: () => Promise.reject(new Error('not asked for')) }
  const connection = (mode: 'live' | 'test', answer: Answer): Connection => ({ lists: [{ ...list, mode }], lookup: async () => answer })
  const asked = (...answers: Answer[]) => {
    const [first, second] = answers.map((answer, place) => connection(place ? 'test' : 'live', answer))
    const both = first && second && together([first, second])
    return both?.lookup('id', (() => {}) as never, {} as never)
  }
  const paid: Answer = { is: 'paid', payment: payment() }
  const wrongMode: Answer = { is: 'misconfigured', reason: 'wrong-mode' }

  it.each<[string, Answer, Answer, Answer]>([
    ['the first knows it', paid, { is: 'unknown' }, paid],
    ['the first does not know it', { is: 'unknown' }, paid, paid],
    ['it is of the other mode', wrongMode, paid, paid],
    ['neither knows it', { is: 'unknown' }, { is: 'unknown' }, { is: 'unknown' }],
    ['the other cannot know it', { is: 'unknown' }, wrongMode, { is: 'unknown' }],
    ['the other cannot say', { is: 'unknown' }, { is: 'unreachable', reason: 'timeout' }, { is: 'unreachable', reason: 'timeout' }],
  ])('are asked in turn: %s', async (_, first, second, answer) => {
    expect(await asked(first, second)).toEqual(answer)
  })

  it('do not ask the other about what the first cannot say just now', async () => {
    expect(await asked({ is: 'unreachable', reason: 'timeout' }, paid)).toEqual({ is: 'unreachable', reason: 'timeout' })
  })

  it('have their own lists, each with the mode of its key', () => {
    const both = together([connection('live', paid), connection('test', paid)])
    expect(both?.lists.map(({ name, mode }) => `${name} ${mode}`)).toEqual(['sales live', 'sales test'])
  })

  it('are one connection where there is one key, and none where there is none', () => {
    const one = connection('live', paid)
    expect(together([one])).toBe(one)
    expect(together([])).toBeUndefined()
  })
})

describe('several keys in one setting', () => {
  const read = (value: string) => {
    const setting = settingReader({ KEYS: value })
    return { keys: setting.secrets('KEYS'), problems: setting.problems.map(({ text }) => text) }
  }
  const PLACEHOLDER = [expect.stringContaining('KEYS holds a placeholder')]

  it.each([
    ['rk_live_abc', ['rk_live_abc'], []],
    ['rk_live_abc,rk_test_def', ['rk_live_abc', 'rk_test_def'], []],
    [' rk_live_abc ,  rk_test_def ', ['rk_live_abc', 'rk_test_def'], []],
    ['rk_live_abc\nrk_test_def', ['rk_live_abc', 'rk_test_def'], []],
    ['', [], []],
    ['<your key>', [], PLACEHOLDER],
    ['rk_live_abc, rk_test_...', ['rk_live_abc'], PLACEHOLDER],
  ])('%j', (value, keys, problems) => {
    expect(read(value)).toEqual({ keys, problems })
  })
})
