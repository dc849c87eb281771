import { describe, expect, it } from 'vitest'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { at, bodyOf, recorded, withWorker, worker } from './at-provider.ts'
import { creemId, eventually, OTHER_VISITOR, THANK_YOU, VISITOR } from './worker.ts'

const { visitAt, stageOf } = at('creem')

/** A checkout nobody has heard of yet, and what Creem will call the rest of its order. */
function order() {
  const id = creemId()
  const tail = id.slice('ch_'.length)
  return { id, tail, transaction: `tran_${tail}`, subscription: `sub_${tail}` }
}

const returnWith = (id: string, visitor?: string) => visitAt(`checkout_id=${id}`, visitor)

describe('Creem: a return', () => {
  withWorker({})

  it.each([
    ['no checkout', ''],
    ['an empty checkout', 'checkout_id='],
    ['the same checkout twice', 'checkout_id=ch_1111111111&checkout_id=ch_1111111111'],
    ['a placeholder', 'checkout_id={CHECKOUT_ID}'],
    ['an encoded placeholder', 'checkout_id=%7BCHECKOUT_ID%7D'],
    ['a bracketed placeholder', 'checkout_id=%5Bcheckout_id%5D'],
    ['an order id', 'checkout_id=ord_4ucZ7Ts3r7EhSrl5yQE4G6'],
    ['a transaction id, which names no sale', 'checkout_id=tran_4ucZ7Ts3r7EhSrl5yQE4G6'],
    ['another provider’s id', 'checkout_id=0b7a4d1e-5c2f-4f6a-9d3b-8e1c2a4b6d70'],
    ['a prefix alone', 'checkout_id=ch_'],
    ['all the others but the checkout', 'order_id=ord_1&customer_id=cust_1&subscription_id=sub_1&product_id=prod_1&signature=5f'],
  ])('with %s asks nobody and stores nothing', async (_, query) => {
    expect(await visitAt(query, VISITOR)).toMatchObject({ status: 303, outcome: 'invalid', location: THANK_YOU })
    expect(worker.world.calls).toEqual([])
    expect(await worker.worker.listDurableObjectIds('Order')).toEqual([])
  })

  it('is asked about by its checkout alone, with the key in its own header and nothing of the buyer', async () => {
    const { id, tail, transaction } = order()
    worker.world.creem.sell(id, { checkout: { metadata: { datafast_visitor_id: OTHER_VISITOR } } })
    const others = `order_id=ord_${tail}&customer_id=cust_${tail}&subscription_id=&product_id=prod_1&request_id=bea%40x.example&signature=0`
    expect(await visitAt(`${others}&checkout_id=${id}`, VISITOR)).toMatchObject({ outcome: 'paid', location: THANK_YOU })
    expect(worker.world.callsTo('creem').map(({ url }) => url)).toEqual([
      `https://api.creem.io/v1/checkouts?checkout_id=${id}`,
      `https://api.creem.io/v1/transactions?transaction_id=${transaction}`,
    ])
    for (const { headers } of worker.world.callsTo('creem')) {
      expect(headers.get('x-api-key')).toBe('creem_sandboxkey')
      expect(headers.has('cookie') || headers.has('authorization')).toBe(false)
    }
    // The visitor, whom only the checkout knows, is handed over with the order.
    expect(await recorded(transaction)).toMatchObject({ datafast_visitor_id: OTHER_VISITOR, customer_id: `cust_${tail}` })
  })

  it('may come by form, and under the other prefix the documents print', async () => {
    const { id } = order()
    const other = `chk_${id.slice(3)}`
    worker.world.creem.sell(id)
    worker.world.creem.sell(other)
    const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: `checkout_id=${id}` }
    expect(await worker.visit('/checkout/success/creem', form)).toMatchObject({ status: 303, outcome: 'paid' })
    expect(await returnWith(other)).toMatchObject({ outcome: 'paid' })
  })

  it('with an id that Creem does not know, or calls impossible, is unknown', async () => {
    expect(await returnWith(creemId())).toMatchObject({ outcome: 'unknown' })
    const impossible = 'ch_a-b'
    worker.world.service('creem').failFor(impossible, { kind: 'answer', status: 400, body: { status: 400, error: 'Bad Request' } })
    expect(await returnWith(impossible)).toMatchObject({ outcome: 'unknown' })
  })
})

describe('Creem: a sale', () => {
  withWorker({ vars: { CUSTOMER_FIELDS: 'email,name,customer_id' } })

  it('is recorded under its transaction, with what was paid and when', async () => {
    const { id, tail, transaction } = order()
    worker.world.creem.sell(id)
    expect(await returnWith(id, VISITOR)).toMatchObject({ status: 303, outcome: 'paid' })
    await recorded(transaction)
    expect(bodyOf(transaction)).toEqual({
      amount: 28.56,
      currency: 'EUR',
      transaction_id: transaction,
      datafast_visitor_id: VISITOR,
      customer_id: `cust_${tail}`,
      email: 'buyer@example.com',
      name: 'Bea Buyer',
      timestamp: '2026-09-21T13:46:41.623Z',
    })
  })

  it('is a repeat under both its names, which costs no call', async () => {
    const { id, tail, transaction } = order()
    worker.world.creem.sell(id)
    await returnWith(id, VISITOR)
    for (const name of [id, transaction]) await eventually(() => worker.recorded.get(`creem:${name}`), Boolean)
    const calls = worker.world.calls.length
    expect(await returnWith(id, OTHER_VISITOR)).toMatchObject({ outcome: 'repeat', location: THANK_YOU })
    expect(worker.world.calls.length).toBe(calls)
    expect(worker.world.callsTo('datafast', tail)).toHaveLength(1)
  })

  it('of a subscription is a first payment, and leaves its visitor for the renewals', async () => {
    const { id, transaction, subscription } = order()
    worker.world.creem.subscribe(id)
    await returnWith(id, VISITOR)
    await recorded(transaction)
    expect(bodyOf(transaction)).toMatchObject({ amount: 28.56, transaction_id: transaction })
    expect(bodyOf(transaction)).not.toHaveProperty('renewal')
    expect(bodyOf(transaction)).not.toHaveProperty('is_free_trial')
    const heritage = await eventually(() => worker.recorded.get(`creem:${subscription}`, 'json'), Boolean)
    expect(heritage).toEqual({ v: 1, transaction_id: transaction, datafast_visitor_id: VISITOR })
  })

  it.each(['refunded', 'partialRefund', 'partially_refunded', 'partial-refund', 'chargedBack', 'charged_back', 'chargeback', 'PAID'])(
    'that is %s by now was paid, in full',
    async (status) => {
      const { id, transaction } = order()
      worker.world.creem.sell(id, { transaction: { status, refunded_amount: 1000 } })
      expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'paid' })
      expect(await recorded(transaction)).toMatchObject({ amount: 28.56 })
      expect(bodyOf(transaction)).not.toHaveProperty('refunded')
    },
  )

  it('whose checkout has expired, or whose transaction failed, is not paid', async () => {
    const expired = order()
    worker.world.creem.sell(expired.id, { checkout: { status: 'expired' }, transaction: null })
    expect(await returnWith(expired.id)).toMatchObject({ outcome: 'not-paid', location: 'https://shop.example.com/' })
    for (const status of ['declined', 'canceled', 'cancelled', 'void', 'uncollectible']) {
      const { id, transaction } = order()
      worker.world.creem.sell(id, { transaction: { status } })
      expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'not-paid' })
      expect(await stageOf(transaction)).toMatchObject({ at: 'ended', end: 'refused', reason: status })
    }
  })

  it.each(['pending', 'processing', 'a_word_of_next_year', 'paid_out'])('with the status %s is pending, never paid', async (status) => {
    const [atCheckout, atTransaction] = [order(), order()]
    worker.world.creem.sell(atCheckout.id, { checkout: { status } })
    worker.world.creem.sell(atTransaction.id, { transaction: { status } })
    expect(await returnWith(atCheckout.id)).toMatchObject({ outcome: 'pending' })
    expect(await returnWith(atTransaction.id)).toMatchObject({ outcome: 'pending' })
    expect(worker.world.callsTo('datafast', atTransaction.tail)).toEqual([])
    if (!status.startsWith('p')) expect(worker.logs().join()).toContain('unknown-status')
  })

  it('whose transaction comes a moment late is pending, and is recorded with all visitors when it has come', async () => {
    const { id, tail, transaction } = order()
    worker.world.creem.sell(id, { transaction: null, checkout: { order: null } })
    expect(await returnWith(id)).toMatchObject({ outcome: 'pending' })
    worker.world.creem.sell(id, { transaction: null })
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'pending' })
    worker.world.creem.sell(id)
    expect(await recorded(transaction)).toMatchObject({ amount: 28.56, datafast_visitor_id: VISITOR })
    expect(worker.world.callsTo('datafast', tail)).toHaveLength(1)
  })

  it('whose transaction its checkout names is not unknown when Creem cannot find it yet: it waits', async () => {
    const { id, transaction } = order()
    worker.world.creem.sell(id)
    worker.world.creem.transactions.delete(transaction)
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'pending' })
    expect(await stageOf(transaction)).toMatchObject({ at: 'provider', tries: { row: 'provider-down' } })
  })

  it.each([
    ['the metadata before the cookie', { datafast_visitor_id: OTHER_VISITOR, plan: 'pro' }, OTHER_VISITOR],
    ['the cookie when the metadata holds something else', { datafast_visitor_id: `datafast_${OTHER_VISITOR}` }, VISITOR],
    ['the cookie when the metadata is not even a text', { datafast_visitor_id: { deep: [OTHER_VISITOR] } }, VISITOR],
    ['the cookie when the metadata is a list', [OTHER_VISITOR], VISITOR],
  ])('is attributed by %s', async (_, metadata, visitor) => {
    const { id, transaction } = order()
    worker.world.creem.sell(id, { checkout: { metadata } })
    await returnWith(id, VISITOR)
    expect(await recorded(transaction)).toMatchObject({ datafast_visitor_id: visitor })
  })

  it('is read also where Creem sends ids instead of objects, objects instead of ids, or nothing', async () => {
    const [sparse, expanded] = [order(), order()]
    worker.world.creem.sell(sparse.id, { checkout: { customer: `cust_${sparse.tail}`, product: 'prod_1', mode: undefined } })
    await returnWith(sparse.id, VISITOR)
    await recorded(sparse.transaction)
    expect(bodyOf(sparse.transaction)).toMatchObject({ amount: 28.56, customer_id: `cust_${sparse.tail}` })
    expect(bodyOf(sparse.transaction)).not.toHaveProperty('email')
    worker.world.creem.sell(expanded.id, {
      checkout: { customer: null, metadata: 7 },
      transaction: { created_at: '2026-09-21T15:46:41.5+02:00' },
    })
    const checkout = worker.world.creem.checkouts.get(expanded.id)
    if (checkout) Object.assign(checkout.order, { transaction: { id: expanded.transaction, status: 'paid' } })
    await returnWith(expanded.id, VISITOR)
    expect(await recorded(expanded.transaction)).toMatchObject({ amount: 28.56, timestamp: '2026-09-21T13:46:41.500Z' })
  })

  it.each([
    [2856, 'usd', 28.56],
    [29, 'EUR', 0.29],
    [500, 'JPY', 500],
    [1234, 'KWD', 1.234],
    [150_000, 'HUF', 1500],
    [10_000, 'ISK', 10_000],
  ])('of %i %s counts as %d', async (amount_paid, currency, amount) => {
    const { id, transaction } = order()
    worker.world.creem.sell(id, { order: { currency }, transaction: { amount_paid, tax_amount: 0 } })
    await returnWith(id, VISITOR)
    expect(await recorded(transaction)).toMatchObject({ amount, currency: currency.toUpperCase() })
  })

  it.each([
    ['an unknown currency', { currency: 'ZZZ' }, 'unclear-currency'],
    ['no amount paid, though it has an amount', { amount_paid: null }, 'unclear-amount'],
    ['a negative amount', { amount_paid: -2856 }, 'unclear-amount'],
  ])('with %s is parked rather than guessed, and the buyer lands', async (_, fields, reason) => {
    const { id, tail, transaction } = order()
    worker.world.creem.sell(id, { transaction: fields })
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'paid', location: THANK_YOU })
    expect(await stageOf(transaction)).toMatchObject({ at: 'provider', reason, tries: { row: 'unclear' } })
    expect(worker.world.callsTo('datafast', tail)).toEqual([])
  })

  it.each(['test', 'sandbox', 'local', 'Sandbox'])('of the mode %s is a test, also at the live host', async (mode) => {
    const { id, transaction } = order()
    worker.world.creem.sell(id, { checkout: { mode }, transaction: { mode } })
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'test', location: THANK_YOU })
    expect(await stageOf(transaction)).toMatchObject({ end: 'skipped', reason: 'test-payment' })
  })

  it('leaves nothing of its buyer, its ids or the key in the logs, and only ids among the keys of the memory', async () => {
    const { id, transaction } = order()
    worker.world.creem.sell(id)
    await visitAt(`checkout_id=${id}&customer_id=cust_1&request_id=bea%40personal.example&signature=5f2c0ffee`, VISITOR)
    await eventually(() => worker.recorded.get(`creem:${transaction}`), Boolean)
    expect(worker.logs().join('\n')).not.toMatch(/ch_|tran_|cust_|ord_|buyer|Bea|bea[@%]|5f2c0ffee|creem_sandboxkey|6f1c2a34/)
    const { keys } = await worker.recorded.list()
    for (const { name } of keys) expect(name).toMatch(/^creem:(ch|tran|sub)_[a-z0-9]+$/)
  })
})

describe('Creem: an order of nothing', () => {
  withWorker({ vars: { CUSTOMER_FIELDS: 'email,name,customer_id' } })

  const free = { amount: 2400, sub_total: 2400, discount_amount: 2400, tax_amount: 0, amount_due: 0, amount_paid: 0, status: 'paid' }

  it('that begins a free trial is recorded under its checkout, which does not move', async () => {
    const { id, tail, subscription } = order()
    worker.world.creem.startTrial(id, { checkout: { metadata: { datafast_visitor_id: OTHER_VISITOR } } })
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'paid' })
    await recorded(id)
    const buyer = { customer_id: `cust_${tail}`, email: 'buyer@example.com', name: 'Bea Buyer', datafast_visitor_id: OTHER_VISITOR }
    const timestamp = '2026-09-21T13:46:40.123Z'
    expect(bodyOf(id)).toEqual({ amount: 0, currency: 'EUR', transaction_id: id, is_free_trial: true, timestamp, ...buyer })
    const heritage = await eventually(() => worker.recorded.get(`creem:${subscription}`, 'json'), Boolean)
    expect(heritage).toMatchObject({ transaction_id: id, datafast_visitor_id: OTHER_VISITOR })
    expect(await returnWith(id)).toMatchObject({ outcome: 'repeat' })
  })

  it.each(['active', 'canceled', 'past_due', 'paused', 'a_new_word'])('began a free trial also when it is %s by now', async (status) => {
    const { id, subscription } = order()
    worker.world.creem.startTrial(id, { subscription: { status } })
    if (status === 'active') worker.world.creem.charge(subscription, `tran_after${id.slice(3)}`)
    await returnWith(id, VISITOR)
    expect(await recorded(id)).toMatchObject({ amount: 0, is_free_trial: true })
  })

  it('begins a free trial also where the order shows the price of later, or the product no longer has one', async () => {
    const [priced, changed] = [order(), order()]
    worker.world.creem.startTrial(priced.id, { order: { amount: 2400, amount_due: 2856, tax_amount: 456 } })
    worker.world.creem.startTrial(changed.id, { product: { trial_period_days: null } })
    for (const { id } of [priced, changed]) {
      await returnWith(id, VISITOR)
      expect(await recorded(id)).toMatchObject({ amount: 0, is_free_trial: true })
    }
  })

  it('begins a free trial also where a transaction of nothing exists, or that of the first charge is named by now', async () => {
    for (const amount_paid of [0, 2856]) {
      const { id, transaction, subscription } = order()
      const { order: sold } = worker.world.creem.startTrial(id)
      sold.transaction = transaction
      worker.world.creem.charge(subscription, transaction, { amount_paid })
      await returnWith(id, VISITOR)
      expect(await stageOf(id)).not.toMatchObject({ at: 'moved' })
      expect(await recorded(id)).toMatchObject({ amount: 0, is_free_trial: true })
    }
  })

  it('but with a trial that costs something is the payment that it is', async () => {
    const { id, transaction } = order()
    const changes = { product: { trial_period_days: 7, trial_price: 100 }, subscription: { status: 'trialing' } }
    worker.world.creem.subscribe(id, { ...changes, order: { amount_due: 119, amount_paid: 0 }, transaction: null })
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'pending' })
    worker.world.creem.subscribe(id, { ...changes, order: { amount_due: 119, amount_paid: 119 }, transaction: { tax_amount: 19 } })
    await recorded(transaction)
    expect(bodyOf(transaction)).toMatchObject({ amount: 1.19 })
    expect(bodyOf(transaction)).not.toHaveProperty('is_free_trial')
  })

  it.each(['sell', 'subscribe'] as const)('by a discount of 100 %% (%s) is neither a sale nor a trial', async (kind) => {
    const { id, tail } = order()
    worker.world.creem[kind](id, { order: free, transaction: null })
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'paid', location: THANK_YOU })
    expect(await stageOf(id)).toMatchObject({ end: 'skipped', reason: 'free-order' })
    expect(worker.world.callsTo('datafast', tail)).toEqual([])
  })
})

describe.concurrent('Creem: when its answer is', () => {
  withWorker({})

  it.each([
    ['401', { status: 401, body: { status: 401, error: 'Unauthorized', message: ['Missing API key'] } }, 'provider-configuration'],
    ['403, without a message', { status: 403, body: { trace_id: 't', status: 403, error: 'Forbidden' } }, 'provider-configuration'],
    ['400 about a proper id', { status: 400, body: { status: 400, error: 'Bad Request', message: ['x'] } }, 'provider-down'],
    ['404 by a gateway', { status: 404, body: '<html>Not found</html>' }, 'provider-down'],
    ['500', { status: 500, body: { status: 500, error: 'Internal Server Error' } }, 'provider-down'],
    ['a page with status 200', { status: 200, body: '<html>Just a moment…</html>' }, 'provider-down'],
    ['half a checkout', { status: 200, body: '{"id":"ch_1","status":"comp' }, 'provider-down'],
    ['another object', { status: 200, body: { object: 'product', id: 'prod_1' } }, 'provider-down'],
  ])('%s, the buyer lands, and the sale is recorded as soon as it can be', async (_, fault, row) => {
    const [atCheckout, atTransaction] = [order(), order()]
    for (const { id } of [atCheckout, atTransaction]) worker.world.creem.sell(id)
    worker.world.service('creem').failFor(atCheckout.id, { kind: 'answer', ...fault })
    worker.world.service('creem').failFor(atTransaction.transaction, { kind: 'answer', ...fault })
    for (const [{ id }, asked] of [[atCheckout, atCheckout.id] as const, [atTransaction, atTransaction.transaction] as const]) {
      expect(await returnWith(id, VISITOR)).toMatchObject({ status: 303, outcome: 'pending' })
      expect(await stageOf(asked)).toMatchObject({ at: 'provider', tries: { row } })
    }
    for (const { transaction } of [atCheckout, atTransaction]) await recorded(transaction)
  })

  it('429 with a wish, it is left alone for so long', async () => {
    const { id } = order()
    worker.world.service('creem').failFor(id, { kind: 'answer', status: 429, headers: { 'retry-after': '900' } })
    const askedAt = Date.now()
    await returnWith(id)
    const stage = await stageOf(id)
    expect(stage?.at === 'provider' && stage.tries.due - askedAt).toBeGreaterThanOrEqual(900_000)
  })
})

describe('Creem: by settings', () => {
  describe('REVENUE = net and ONLY', () => {
    withWorker({ vars: { REVENUE: 'net', CUSTOMER_FIELDS: '', ONLY: { creem: ['prod_mine'] } } })

    it('counts what was paid without the tax, of the products named, and nothing of the buyer', async () => {
      const [mine, foreign, trial, named] = [order(), order(), order(), order()]
      worker.world.creem.sell(mine.id, { product: { id: 'prod_mine' } })
      worker.world.creem.sell(foreign.id)
      worker.world.creem.startTrial(trial.id)
      worker.world.creem.sell(named.id, { checkout: { product: 'prod_mine' } })
      for (const { id } of [mine, foreign, trial, named]) expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'paid' })
      for (const { transaction } of [mine, named]) {
        await recorded(transaction)
        const timestamp = '2026-09-21T13:46:41.623Z'
        const sold = { amount: 24, currency: 'EUR', transaction_id: transaction, datafast_visitor_id: VISITOR, timestamp }
        expect(bodyOf(transaction)).toEqual(sold)
      }
      expect(await stageOf(foreign.transaction)).toMatchObject({ end: 'skipped', reason: 'other-product' })
      expect(await stageOf(trial.id)).toMatchObject({ end: 'skipped', reason: 'other-product' })
    })
  })

  describe.each(['skip', 'record'])('a key of the test mode, TEST_PAYMENTS = %s', (TEST_PAYMENTS) => {
    withWorker({ vars: { TEST_PAYMENTS }, secrets: { ...SECRETS, CREEM_API_KEY: 'creem_test_sandboxkey' } })

    it('asks the test host alone, where everything is a test and live orders are unknown', async () => {
      const [sale, trial, live] = [order(), order(), order()]
      worker.world.creemTest.sell(sale.id)
      worker.world.creemTest.startTrial(trial.id)
      worker.world.creem.sell(live.id)
      const outcome = TEST_PAYMENTS === 'skip' ? 'test' : 'paid'
      for (const { id } of [sale, trial]) expect(await returnWith(id, VISITOR)).toMatchObject({ outcome, location: THANK_YOU })
      expect(await returnWith(live.id)).toMatchObject({ outcome: 'unknown' })
      expect(worker.world.callsTo('creem')).toEqual([])
      if (TEST_PAYMENTS === 'skip') expect(worker.world.callsTo('datafast')).toEqual([])
      else for (const id of [sale.transaction, trial.id]) await recorded(id)
    })
  })
})
