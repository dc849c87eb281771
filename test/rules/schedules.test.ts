import fc from 'fast-check'
import { describe, it } from 'vitest'
import { movementOf } from '../../src/books/movement.ts'
import type { Answer, Payment } from '../../src/payment.ts'
import type { Reference } from '../../src/reference.ts'
import { type Input, Model, type Trouble, type Truth } from './model.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const DAY = 86_400 * SECOND
const WAIT = 10 * MINUTE

const ALIAS: Reference = 'dodo:sub_1'
const SALE: Reference = 'dodo:pay_1'
const RENEWAL: Reference = 'dodo:pay_2'
const REFUND: Reference = 'dodo:ref_1'
const BUYER = 'aaaaaaaa-0000-4000-8000-000000000001'
const UNSEEN = 'bbbbbbbb-0000-4000-8000-000000000002'

const AMOUNTS = { [SALE]: 20, [RENEWAL]: 21, [REFUND]: 7 } as Record<Reference, number>

/** One buyer's subscription: bought, renewed, partly refunded. `paidAt`: when the money came; `fate`: whether it did. */
function truth(paidAt: number, fate: 'paid' | 'failed' | 'test'): Truth {
  const payment = (reference: Reference, fields: Partial<Payment>): Answer => ({
    is: 'paid',
    payment: {
      kind: 'sale',
      transactionId: reference.slice(5),
      gross: AMOUNTS[reference] ?? 0,
      net: AMOUNTS[reference] ?? 0,
      currency: 'EUR',
      paidAt: '2026-09-21T13:46:40.000Z',
      test: fate === 'test',
      customer: { customer_id: 'cus_1', email: 'buyer@example.com' },
      carried: [],
      aliases: [],
      soldAs: [],
      ...fields,
    },
  })
  return (reference, now) => {
    if (fate === 'failed') return now < paidAt ? { is: 'pending', reason: 'processing' } : { is: 'not-paid', reason: 'failed' }
    if (reference === ALIAS) return now < paidAt ? { is: 'pending', reason: 'no-payment-yet' } : { is: 'moved', to: SALE, carried: [] }
    if (now < paidAt) return { is: 'pending', reason: 'processing' }
    if (reference === SALE) return payment(SALE, { aliases: [ALIAS], subscription: ALIAS })
    if (reference === RENEWAL) return payment(RENEWAL, { kind: 'renewal', firstSale: SALE, subscription: ALIAS })
    if (reference === REFUND) return payment(REFUND, { kind: 'refund', firstSale: SALE })
    return { is: 'unknown' }
  }
}

const arbitraryInput: fc.Arbitrary<Input> = fc.record({
  at: fc.oneof(fc.integer({ min: 0, max: 2 * MINUTE }), fc.integer({ min: 0, max: 30 * MINUTE })),
  door: fc.constantFrom('redirect' as const, 'webhook' as const),
  reference: fc.constantFrom(ALIAS, SALE, RENEWAL, REFUND),
  visitors: fc.constantFrom<string[]>([], [], [BUYER], [UNSEEN], [UNSEEN, BUYER]),
})

const arbitraryTrouble: fc.Arbitrary<Trouble> = fc.record({
  providerFails: fc.constantFrom(0, 0.2, 0.7),
  dataFastFails: fc.constantFrom(0, 0.3, 0.8),
  crash: fc.constantFrom(0, 0.1, 0.4),
  storageFails: fc.constantFrom(0, 0.1, 0.5),
  kvFails: fc.constantFrom(0, 0.2, 0.8),
  callsFail: fc.constantFrom(0, 0.2, 0.6),
  booksFail: fc.constantFrom(0, 0.2, 0.8),
  until: fc.constantFrom(MINUTE, 30 * MINUTE, DAY, 4 * DAY),
})

const NO_TROUBLE: Trouble = {
  ...{ providerFails: 0, dataFastFails: 0, crash: 0, storageFails: 0, kvFails: 0, callsFail: 0, booksFail: 0 },
  until: 0,
}

/** A webhook brings no cookie; a redirect never names a renewal or refund. */
function plausible(inputs: Input[]): Input[] {
  return inputs.map((input) => {
    const byWebhookOnly = input.reference === RENEWAL || input.reference === REFUND
    const door = byWebhookOnly ? 'webhook' : input.door
    return { ...input, door, visitors: door === 'redirect' ? input.visitors : [] }
  })
}

function require(condition: boolean, what: string): void {
  if (!condition) throw new Error(what)
}

const RUNS = Number(process.env.SCHEDULES ?? 10_000)

describe('several orders under random schedules', () => {
  it('records every movement once, verified, never loses one, attributes it when a visitor came in time, and books it as it is', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryInput, { minLength: 1, maxLength: 7 }),
        arbitraryTrouble,
        fc.constantFrom(0, 3 * MINUTE, 12 * MINUTE),
        fc.constantFrom('paid' as const, 'paid' as const, 'paid' as const, 'failed' as const, 'test' as const),
        fc.integer(),
        (raw, trouble, paidAt, fate, seed) => {
          const inputs = plausible(raw)
          const model = new Model(truth(paidAt, fate), trouble, new Set([UNSEEN]), seed)
          model.run(inputs, 29 * DAY)
          checkLedger(model, paidAt, fate)
          checkBooks(model)
        },
      ),
      { numRuns: RUNS },
    )
  })

  it('gives the same ledger for the same inputs in any order', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryInput, { minLength: 2, maxLength: 6 }),
        fc.array(fc.integer({ min: 0, max: 4 * MINUTE }), { minLength: 6, maxLength: 6 }),
        fc.array(fc.integer({ min: 0, max: 4 * MINUTE }), { minLength: 6, maxLength: 6 }),
        fc.integer(),
        (raw, timesA, timesB, seed) => {
          // All within the wait: whoever comes after it comes late in any order.
          const inputs = plausible(raw).map((input) => ({ ...input, visitors: input.visitors.filter((visitor) => visitor === BUYER) }))
          const ledgers = [timesA, timesB].map((times, index) => {
            const model = new Model(truth(0, 'paid'), NO_TROUBLE, new Set(), seed + index)
            model.run(
              inputs.map((input, place) => ({ ...input, at: times[place] ?? 0 })),
              29 * DAY,
            )
            return [...model.ledger.values()]
              .map(({ transactionId, visitor, amount, kind }) => `${transactionId} ${kind} ${amount} ${visitor}`)
              .sort()
          })
          require(JSON.stringify(ledgers[0]) === JSON.stringify(ledgers[1]), `different ledgers:\n${ledgers[0]}\n${ledgers[1]}`)
        },
      ),
      { numRuns: RUNS / 2 },
    )
  })
})

function checkLedger(model: Model, paidAt: number, fate: 'paid' | 'failed' | 'test'): void {
  const named = new Set(model.acknowledged.map((input) => input.reference))
  // A renewal or refund announces its sale; the alias leads to it.
  const expected = new Set<string>()
  if (fate === 'paid') {
    if (named.size) expected.add('pay_1')
    if (named.has(RENEWAL)) expected.add('pay_2')
    if (named.has(REFUND)) expected.add('ref_1')
  }
  for (const transactionId of model.ledger.keys()) require(expected.has(transactionId), `${transactionId} must not be recorded`)
  for (const transactionId of expected) require(model.ledger.has(transactionId), `${transactionId} is lost`)
  for (const posted of model.posts) {
    require(posted.at >= paidAt, `${posted.transactionId} was posted before it was paid`)
    const reference: Reference = `dodo:${posted.transactionId}`
    require(posted.amount === AMOUNTS[reference], `${posted.transactionId} has another amount`)
  }
  const arrivals = model.acknowledged.filter((input) => input.reference === ALIAS || input.reference === SALE)
  const first = Math.min(...model.acknowledged.map((input) => input.at))
  const inTime = arrivals.some((input) => input.visitors.includes(BUYER) && input.storedAt < first + WAIT - 30 * SECOND)
  const sale = model.ledger.get('pay_1')
  if (inTime && sale) require(sale.visitor === BUYER, 'the sale is not attributed although the visitor came in time')
  for (const follower of ['pay_2', 'ref_1']) {
    const posted = model.ledger.get(follower)
    if (posted && sale?.visitor) require(posted.visitor === sale.visitor, `${follower} did not inherit the visitor`)
  }
  for (const [reference, { state }] of model.orders) {
    if (!state) continue
    require(!state.debts.length, `${reference} still owes ${state.debts}`)
    if (state.recorded) require(Object.keys(state.payment?.customer ?? {}).length === 0, `${reference} still holds personal fields`)
  }
}

function checkBooks(model: Model): void {
  const rows = model.books.between(0, Number.MAX_SAFE_INTEGER)
  const booked = rows
    .filter(({ stage }) => stage === 'recorded')
    .map((row) => `${row.reference} ${row.transactionId} ${row.kind} ${row.amount}`)
  const posted = [...model.ledger.values()].map(
    ({ transactionId, kind, amount }) => `dodo:${transactionId} ${transactionId} ${kind} ${amount}`,
  )
  require(booked.sort().join() === posted.sort().join(), `the books are not the ledger:\n${booked}\n${posted}`)
  for (const [reference, { state }] of model.orders) {
    if (!state) continue
    require(!state.books?.owed.length, `${reference} still owes the books ${JSON.stringify(state.books?.owed)}`)
    const movement = movementOf(state, 'gross', model.now)
    const row = JSON.stringify(rows.filter((other) => other.reference === reference))
    const expected = JSON.stringify(movement === 'nothing' ? [] : [movement])
    require(movement === 'as-before' || row === expected, `the books have ${row} and not ${expected}`)
  }
}
