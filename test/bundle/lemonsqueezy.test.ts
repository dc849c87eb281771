import { describe, expect, it } from 'vitest'
import { at, bodyOf, recorded, withWorker, worker } from './at-provider.ts'
import { eventually, lemonSqueezyId, OTHER_VISITOR, THANK_YOU, VISITOR } from './worker.ts'

const { visitAt: returnWith, stageOf } = at('lemonsqueezy')

/** An order nobody has heard of yet, and what it is called by everybody. */
function order() {
  const id = lemonSqueezyId()
  const identifier = worker.world.lemonSqueezy.identifierOf(id)
  const query = `order_id=${id}&order_identifier=${identifier}`
  return { id, identifier, query, name: `${id}.${identifier}`, transaction: `ls_order_${id}` }
}

describe('Lemon Squeezy: a return', () => {
  withWorker({})

  it.each([
    ['nothing', ''],
    ['an order alone, whose number anybody can count to', 'order_id=5000001'],
    ['an identifier alone', `order_identifier=${VISITOR}`],
    ['an empty order', `order_id=&order_identifier=${VISITOR}`],
    ['an empty identifier', 'order_id=5000001&order_identifier='],
    ['two orders', `order_id=5000001&order_id=5000002&order_identifier=${VISITOR}`],
    ['two identifiers', `order_id=5000001&order_identifier=${VISITOR}&order_identifier=${VISITOR}`],
    ['both placeholders', 'order_id=[order_id]&order_identifier=[order_identifier]'],
    ['both placeholders, encoded', 'order_id=%5Border_id%5D&order_identifier=%5Border_identifier%5D'],
    ['one placeholder left', 'order_id=5000001&order_identifier=%5Border_identifier%5D'],
    ['a placeholder in braces', `order_id=%7Border_id%7D&order_identifier=${VISITOR}`],
    ['an order that is no number', `order_id=ord_5000001&order_identifier=${VISITOR}`],
    ['an invoice, which only Lemon Squeezy may name', `order_id=subinv_5000001&order_identifier=${VISITOR}`],
    ['a path', `order_id=5000001%2F..&order_identifier=${VISITOR}`],
    ['a dot in the identifier', 'order_id=5000001&order_identifier=a.b'],
  ])('with %s asks nobody and stores nothing', async (_, query) => {
    expect(await returnWith(query, VISITOR)).toMatchObject({ status: 303, outcome: 'invalid', location: THANK_YOU })
    expect(worker.world.calls).toEqual([])
    expect(await worker.worker.listDurableObjectIds('Order')).toEqual([])
  })

  it('is asked about with the media type, without which the API claims that the key is wrong, and nothing of the buyer', async () => {
    const { id, query } = order()
    worker.world.lemonSqueezy.sell(id)
    expect(await returnWith(query, VISITOR)).toMatchObject({ outcome: 'paid' })
    const [call, ...more] = worker.world.callsTo('lemonsqueezy')
    expect(more).toEqual([])
    expect(call?.url).toBe(`https://api.lemonsqueezy.com/v1/orders/${id}?include=subscriptions`)
    expect(Object.fromEntries(call?.headers ?? [])).toMatchObject({
      authorization: 'Bearer lemonsqueezy_sandboxkey',
      accept: 'application/vnd.api+json',
      'content-type': 'application/vnd.api+json',
    })
    expect(call?.headers.has('cookie')).toBe(false)
  })

  it('may come by form', async () => {
    const { id, query } = order()
    worker.world.lemonSqueezy.sell(id)
    const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: query }
    expect(await worker.visit('/checkout/success/lemonsqueezy', form)).toMatchObject({ status: 303, outcome: 'paid' })
  })

  it('is unknown with an order that is not there, and with the identifier of another order', async () => {
    const [real, other, absent] = [order(), order(), order()]
    worker.world.lemonSqueezy.sell(real.id)
    worker.world.lemonSqueezy.sell(other.id)
    expect(await returnWith(absent.query)).toMatchObject({ outcome: 'unknown', location: THANK_YOU })
    expect(await returnWith(`order_id=${real.id}&order_identifier=${other.identifier}`, VISITOR)).toMatchObject({ outcome: 'unknown' })
    expect(worker.world.callsTo('datafast', real.id)).toEqual([])
    expect(await returnWith(real.query, VISITOR)).toMatchObject({ outcome: 'paid' })
  })

  it('leaves nothing of its buyer, its ids or the key in the address, the logs and the keys of the memory', async () => {
    const { id, identifier, query, name } = order()
    worker.world.lemonSqueezy.sell(id)
    const answer = await returnWith(`${query}&email=bea%40personal.example&name=Bea&total=%E2%82%AC29.75&license_key=LICENSE-1`, VISITOR)
    expect(answer).toMatchObject({ outcome: 'paid', location: THANK_YOU })
    await eventually(() => worker.recorded.get(`lemonsqueezy:${name}`), Boolean)
    const logs = worker.logs().join('\n')
    expect(logs).not.toMatch(/buyer|Bea|bea[@%]|LICENSE|29\.75|lemonsqueezy_sandboxkey|6f1c2a34/)
    for (const part of [id, identifier]) expect(logs).not.toContain(part)
    const { keys } = await worker.recorded.list()
    for (const key of keys) expect(key.name).toMatch(/^lemonsqueezy:\d+\.[0-9a-f-]{36}$/)
  })
})

describe('Lemon Squeezy: a sale', () => {
  withWorker({ vars: { CUSTOMER_FIELDS: 'email,name,customer_id' } })

  it('is recorded under its order, with the tax that is in its total', async () => {
    const { id, query, transaction } = order()
    worker.world.lemonSqueezy.sell(id)
    expect(await returnWith(query, VISITOR)).toMatchObject({ status: 303, outcome: 'paid' })
    await recorded(transaction)
    expect(bodyOf(transaction)).toEqual({
      amount: 29.75,
      currency: 'EUR',
      transaction_id: transaction,
      datafast_visitor_id: VISITOR,
      customer_id: `4${id.slice(-6)}`,
      email: 'buyer@example.com',
      name: 'Bea Buyer',
      timestamp: '2026-09-21T13:46:40.000Z',
    })
  })

  it('is a repeat afterwards, which costs no call', async () => {
    const { id, query, name } = order()
    worker.world.lemonSqueezy.sell(id)
    await returnWith(query, VISITOR)
    await eventually(() => worker.recorded.get(`lemonsqueezy:${name}`), Boolean)
    const calls = worker.world.calls.length
    expect(await returnWith(`order_identifier=${name.split('.')[1]}&order_id=${id}`, OTHER_VISITOR)).toMatchObject({ outcome: 'repeat' })
    expect(worker.world.calls.length).toBe(calls)
  })

  it('under a number with zeros in front is not counted a second time', async () => {
    const { id, query, name, transaction } = order()
    worker.world.lemonSqueezy.orders.set(`0${id}`, worker.world.lemonSqueezy.sell(id))
    await returnWith(query, VISITOR)
    await eventually(() => worker.recorded.get(`lemonsqueezy:${name}`), Boolean)
    await returnWith(`order_id=0${id}&order_identifier=${name.split('.')[1]}`, VISITOR)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(worker.world.callsTo('datafast', transaction)).toHaveLength(1)
  })

  it('of a subscription is a first payment, and leaves its visitor for the renewals', async () => {
    const { id, query, transaction } = order()
    worker.world.lemonSqueezy.subscribe(id)
    await returnWith(query, VISITOR)
    await recorded(transaction)
    expect(bodyOf(transaction)).toMatchObject({ amount: 29.75 })
    expect(bodyOf(transaction)).not.toHaveProperty('renewal')
    expect(bodyOf(transaction)).not.toHaveProperty('is_free_trial')
    const subscription = worker.world.lemonSqueezy.subscriptionIdOf(id)
    const heritage = await eventually(() => worker.recorded.get(`lemonsqueezy:sub_${subscription}`, 'json'), Boolean)
    expect(heritage).toEqual({ v: 1, transaction_id: transaction, datafast_visitor_id: VISITOR })
  })

  it.each(['refunded', 'partial_refund', 'partially_refunded', 'paid'])(
    'that was refunded since (%s) was paid, in full',
    async (status) => {
      const { id, query, transaction } = order()
      worker.world.lemonSqueezy.sell(id, { status, refunded: status === 'refunded', refunded_amount: 100 })
      expect(await returnWith(query, VISITOR)).toMatchObject({ outcome: 'paid' })
      expect(await recorded(transaction)).toMatchObject({ amount: 29.75 })
      expect(bodyOf(transaction)).not.toHaveProperty('refunded')
    },
  )

  it('that failed is not paid', async () => {
    const { id, query } = order()
    worker.world.lemonSqueezy.sell(id, { status: 'failed' })
    expect(await returnWith(query)).toMatchObject({ outcome: 'not-paid', location: 'https://shop.example.com/' })
  })

  it.concurrent.each(['pending', 'fraudulent', 'a_word_of_next_year', 'PAID_OUT'])(
    'that is %s is withheld, and recorded once it is paid',
    async (status) => {
      const { id, query, transaction } = order()
      const sold = worker.world.lemonSqueezy.sell(id, { status })
      expect(await returnWith(query, VISITOR)).toMatchObject({ outcome: 'pending' })
      expect(worker.world.callsTo('datafast', transaction)).toEqual([])
      sold.attributes.status = 'paid'
      expect(await recorded(transaction)).toMatchObject({ datafast_visitor_id: VISITOR })
    },
  )

  it('is read whatever Lemon Squeezy leaves out, adds or writes differently', async () => {
    const { id, query, transaction } = order()
    const odd = { customer_id: null, user_name: '', user_email: 7, tax: null, first_order_item: null, refunded: null, currency: 'eur' }
    worker.world.lemonSqueezy.sell(id, { ...odd, subtotal: 2501, tax: 475, total: 2975, created_at: '2026-09-21T15:46:40+02:00' })
    await returnWith(query, VISITOR)
    await recorded(transaction)
    const timestamp = '2026-09-21T13:46:40.000Z'
    expect(bodyOf(transaction)).toEqual({
      amount: 29.75,
      currency: 'EUR',
      transaction_id: transaction,
      datafast_visitor_id: VISITOR,
      timestamp,
    })
  })

  it.each([
    ['dollars', { currency: 'USD', subtotal: 999, tax: 200 }, 11.99],
    ['forints, which have two decimals', { currency: 'HUF', currency_rate: '0.0028', subtotal: 150_000, tax: 0 }, 1500],
    ['whole yen', { currency: 'JPY', subtotal: 500, tax: 0 }, 500],
    ['yen in cents', { currency: 'JPY', subtotal: 50_000, tax: 0, total_usd: 335 }, 500],
    ['yen whose dollars have decimals', { currency: 'JPY', subtotal: 50_000, tax: 0, total_usd: 334.9 }, 500],
    ['fils', { currency: 'KWD', subtotal: 1234, tax: 0 }, 1.234],
    ['dinars in cents', { currency: 'KWD', subtotal: 123, tax: 0, total_usd: 400 }, 1.23],
    ['won at a rate of its own', { currency: 'KRW', currency_rate: 0.00072, subtotal: 35_000, tax: 3500 }, 38_500],
  ])('in %s counts at the scale at which it comes to its dollars', async (_, attributes, amount) => {
    const { id, query, transaction } = order()
    worker.world.lemonSqueezy.sell(id, attributes)
    await returnWith(query, VISITOR)
    expect(await recorded(transaction)).toMatchObject({ amount, currency: attributes.currency })
  })

  it.each([
    ['yen that come to no scale', { currency: 'JPY', subtotal: 500, tax: 0, total_usd: 77_777 }, 'unclear-scale'],
    ['yen between two scales', { currency: 'JPY', subtotal: 5000, tax: 0, total_usd: 335 }, 'unclear-scale'],
    ['yen without their dollars', { currency: 'JPY', total_usd: null }, 'unclear-scale'],
    ['yen without a rate', { currency: 'JPY', currency_rate: '' }, 'unclear-scale'],
    ['an unknown currency', { currency: 'ZZZ' }, 'unclear-currency'],
    ['half a cent', { total: 29.5 }, 'unclear-amount'],
    ['a negative amount', { total: -2975 }, 'unclear-amount'],
  ])('in %s is parked rather than guessed, and the buyer lands', async (_, attributes, reason) => {
    const { id, query, name, transaction } = order()
    worker.world.lemonSqueezy.sell(id, attributes)
    expect(await returnWith(query, VISITOR)).toMatchObject({ outcome: 'paid', location: THANK_YOU })
    expect(await stageOf(name)).toMatchObject({ at: 'provider', reason, tries: { row: 'unclear' } })
    expect(worker.world.callsTo('datafast', transaction)).toEqual([])
  })

  it.each([
    ['by its own word', { test_mode: true }],
    ['because nobody says that it is not', { test_mode: undefined, first_order_item: { product_id: 1, variant_id: 2 } }],
  ])('of the test mode, %s, is not counted', async (_, attributes) => {
    const { id, query, name } = order()
    worker.world.lemonSqueezy.sell(id, attributes)
    expect(await returnWith(query, VISITOR)).toMatchObject({ outcome: 'test', location: THANK_YOU })
    expect(await stageOf(name)).toMatchObject({ end: 'skipped', reason: 'test-payment' })
  })

  it('of years ago, whose item alone says that it is no test, is counted', async () => {
    const { id, query, transaction } = order()
    const item = { product_id: 1, variant_id: 2, test_mode: false }
    worker.world.lemonSqueezy.sell(id, { test_mode: undefined, first_order_item: item, created_at: '2021-08-17T09:45:53.000000Z' })
    await returnWith(query, VISITOR)
    expect(await recorded(transaction)).toMatchObject({ amount: 29.75, timestamp: '2021-08-17T09:45:53.000Z' })
  })
})

describe('Lemon Squeezy: an order of nothing', () => {
  withWorker({})

  // The API clears `trial_ends_at` with every other status (docs, the subscription object).
  it.each([
    ['on_trial', {}],
    ['active', { status: 'active', trial_ends_at: null }],
    ['cancelled', { status: 'cancelled', cancelled: true, trial_ends_at: null }],
    ['expired', { status: 'expired', trial_ends_at: null }],
    ['past_due', { status: 'past_due' }],
  ])('that begins a trial is a free trial, also when its subscription is %s by now', async (_, subscription) => {
    const { id, query, name, transaction } = order()
    worker.world.lemonSqueezy.startTrial(id, {}, subscription)
    expect(await returnWith(query, VISITOR)).toMatchObject({ outcome: 'paid' })
    expect(await stageOf(name)).not.toMatchObject({ reason: 'free-order' })
    expect(await recorded(transaction)).toMatchObject({ amount: 0, currency: 'EUR', is_free_trial: true, datafast_visitor_id: VISITOR })
  })

  it('but for a fee at the beginning of its trial is the payment that it is', async () => {
    const { id, query, transaction } = order()
    worker.world.lemonSqueezy.startTrial(id, { setup_fee: 100, tax: 19 })
    await returnWith(query, VISITOR)
    expect(await recorded(transaction)).toMatchObject({ amount: 1.19 })
    expect(bodyOf(transaction)).not.toHaveProperty('is_free_trial')
  })

  it.each(['sell', 'subscribe'] as const)('by a discount of 100 %% (%s) is neither a sale nor a trial', async (kind) => {
    const { id, query, name, transaction } = order()
    worker.world.lemonSqueezy[kind](id, { discount_total: 2500, tax: 0 })
    expect(await returnWith(query, VISITOR)).toMatchObject({ outcome: 'paid', location: THANK_YOU })
    expect(await stageOf(name)).toMatchObject({ end: 'skipped', reason: 'free-order' })
    expect(worker.world.callsTo('datafast', transaction)).toEqual([])
  })
})

describe.concurrent('Lemon Squeezy: when its answer is', () => {
  withWorker({})

  const problem = (status: number) => ({ status, body: { jsonapi: { version: '1.0' }, errors: [{ status: String(status) }] } })
  it.each([
    ['401: the key is wrong, expired or of the other mode', problem(401), 'provider-configuration'],
    ['403', problem(403), 'provider-configuration'],
    ['404 by a gateway', { status: 404, body: '<html>Not found</html>' }, 'provider-down'],
    ['422', problem(422), 'provider-down'],
    ['429', { status: 429, body: { message: 'Too Many Attempts.' } }, 'provider-down'],
    ['500', { status: 500, body: { error: 'Server Error' } }, 'provider-down'],
    ['a page with status 200', { status: 200, body: '<html>Just a moment…</html>' }, 'provider-down'],
    ['half an order', { status: 200, body: '{"data":{"type":"orders","id"' }, 'provider-down'],
    ['a list', { status: 200, body: { data: [] } }, 'provider-down'],
  ])('%s, the buyer lands, and the sale is recorded as soon as it can be', async (_, fault, row) => {
    const { id, query, name, transaction } = order()
    worker.world.lemonSqueezy.sell(id)
    worker.world.service('lemonsqueezy').failFor(id, { kind: 'answer', ...fault })
    expect(await returnWith(query, VISITOR)).toMatchObject({ status: 303, outcome: 'pending' })
    expect(await stageOf(name)).toMatchObject({ at: 'provider', tries: { row } })
    expect(await recorded(transaction)).toMatchObject({ datafast_visitor_id: VISITOR })
  })

  it('429 with a wish, it is left alone for so long', async () => {
    const { id, query, name } = order()
    worker.world.service('lemonsqueezy').failFor(id, { kind: 'answer', status: 429, headers: { 'retry-after': '900' } })
    const askedAt = Date.now()
    await returnWith(query)
    const stage = await stageOf(name)
    expect(stage?.at === 'provider' && stage.tries.due - askedAt).toBeGreaterThanOrEqual(900_000)
  })
})

describe('Lemon Squeezy: by settings', () => {
  describe('LEMONSQUEEZY_STORE_ID, REVENUE = net and ONLY', () => {
    const vars = { LEMONSQUEEZY_STORE_ID: 8350, REVENUE: 'net', CUSTOMER_FIELDS: '', ONLY: { lemonsqueezy: ['777', '888'] } }
    withWorker({ vars })

    it('counts what was paid without the tax, of the products and variants named, also of a second item', async () => {
      const [product, variant, second, foreign] = [order(), order(), order(), order()]
      worker.world.lemonSqueezy.sell(product.id, { first_order_item: { product_id: 777, variant_id: 1 } })
      worker.world.lemonSqueezy.sell(variant.id, { first_order_item: { product_id: 1, variant_id: 888 } })
      const { links, relationships } = worker.world.lemonSqueezy.sell(second.id)
      const item = { type: 'order-items', id: `9${second.id}`, attributes: { product_id: 777, variant_id: 1 }, links, relationships }
      worker.world.lemonSqueezy.orderItems.get(second.id)?.push(item)
      worker.world.lemonSqueezy.sell(foreign.id)
      for (const { query } of [product, variant, second, foreign])
        expect(await returnWith(query, VISITOR)).toMatchObject({ outcome: 'paid' })
      for (const { transaction: transaction_id } of [product, variant, second]) {
        await recorded(transaction_id)
        const timestamp = '2026-09-21T13:46:40.000Z'
        expect(bodyOf(transaction_id)).toEqual({ amount: 25, currency: 'EUR', transaction_id, datafast_visitor_id: VISITOR, timestamp })
      }
      expect(await stageOf(foreign.name)).toMatchObject({ end: 'skipped', reason: 'other-product' })
    })

    it('does not know the orders of other stores', async () => {
      const { id, query, transaction } = order()
      worker.world.lemonSqueezy.sell(id, { store_id: 8351, first_order_item: { product_id: 777, variant_id: 1 } })
      expect(await returnWith(query, VISITOR)).toMatchObject({ outcome: 'unknown' })
      expect(worker.world.callsTo('datafast', transaction)).toEqual([])
    })
  })

  describe('TEST_PAYMENTS = record, ATTRIBUTION_WAIT_SECONDS left unset', () => {
    withWorker({ vars: { TEST_PAYMENTS: 'record', ATTRIBUTION_WAIT_SECONDS: '' } })

    it('counts tests, and holds a sale without a visitor for a day, since its buyer clicks a button later', async () => {
      const { id, query, name, transaction } = order()
      worker.world.lemonSqueezy.sell(id, { test_mode: true })
      const before = Date.now()
      expect(await returnWith(query)).toMatchObject({ outcome: 'paid' })
      const stage = await eventually(
        () => stageOf(name),
        (now) => now?.at === 'held',
      )
      expect(stage?.at === 'held' && Math.round((stage.until - before) / 60_000)).toBe(24 * 60)
      await returnWith(query, VISITOR)
      expect(await recorded(transaction)).toMatchObject({ datafast_visitor_id: VISITOR })
    })
  })
})
