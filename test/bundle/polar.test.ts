import { describe, expect, it } from 'vitest'
import { at, bodyOf, recorded, withWorker, worker } from './at-provider.ts'
import { eventually, OTHER_VISITOR, polarId, THANK_YOU, VISITOR } from './worker.ts'

const { visitAt, stageOf } = at('polar')

/** A checkout nobody has heard of yet, and the order it will make. */
function purchase() {
  const id = polarId()
  return { id, order: worker.world.polar.orderIdOf(id) }
}

const returnWith = (id: string, visitor?: string) => visitAt(`checkout_id=${id}`, visitor)

describe('Polar: a return', () => {
  withWorker({})

  it.each([
    ['no checkout', ''],
    ['an empty checkout', 'checkout_id='],
    ['a session token alone', 'customer_session_token=polar_cst_1'],
    ['two checkouts', `checkout_id=${VISITOR}&checkout_id=${OTHER_VISITOR}`],
    ['the same checkout twice', `checkout_id=${VISITOR}&checkout_id=${VISITOR}`],
    ['a placeholder', 'checkout_id={CHECKOUT_ID}'],
    ['an encoded placeholder, as the dashboard once stored it', 'checkout_id=%7BCHECKOUT_ID%7D'],
    ['a twice encoded placeholder', 'checkout_id=%257BCHECKOUT_ID%257D'],
    ['a bracketed placeholder', 'checkout_id=%5Bcheckout_id%5D'],
    ['an order, which only Polar may name', `checkout_id=order_${VISITOR}`],
    ['a subscription, which only Polar may name', `checkout_id=sub_${VISITOR}`],
    ['a refund, which only Polar may name', `checkout_id=refund_${VISITOR}`],
    ['a path', 'checkout_id=..%2Forders'],
  ])('with %s asks nobody and stores nothing', async (_, query) => {
    expect(await visitAt(query, VISITOR)).toMatchObject({ status: 303, outcome: 'invalid', location: THANK_YOU })
    expect(worker.world.calls).toEqual([])
    expect(await worker.worker.listDurableObjectIds('Order')).toEqual([])
  })

  it('is asked about in one breath, with the version pinned, at the list’s own slash', async () => {
    const { id } = purchase()
    worker.world.polar.sell(id)
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'paid' })
    expect(worker.world.callsTo('polar').map(({ url }) => url.split(/[&]/)[0])).toEqual([
      `https://api.polar.sh/v1/checkouts/${id}`,
      `https://api.polar.sh/v1/orders/?checkout_id=${id}`,
    ])
    for (const { headers } of worker.world.callsTo('polar')) {
      expect(headers.get('authorization')).toBe('Bearer polar_oat_sandboxkey')
      expect(headers.get('polar-version')).toBe('2026-04')
      expect(headers.has('cookie')).toBe(false)
    }
  })

  it('may come by form', async () => {
    const { id } = purchase()
    worker.world.polar.sell(id)
    const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: `checkout_id=${id}` }
    expect(await worker.visit('/checkout/success/polar', form)).toMatchObject({ status: 303, outcome: 'paid' })
  })

  it('in capitals is the same order, recorded once and a repeat under both spellings', async () => {
    const { id, order } = purchase()
    worker.world.polar.sell(id)
    expect(await returnWith(id.toUpperCase(), VISITOR)).toMatchObject({ outcome: 'paid' })
    for (const name of [id, id.toUpperCase()]) await eventually(() => worker.recorded.get(`polar:${name}`), Boolean)
    const calls = worker.world.calls.length
    for (const name of [id, id.toUpperCase()]) expect(await returnWith(name, VISITOR)).toMatchObject({ outcome: 'repeat' })
    expect(worker.world.calls.length).toBe(calls)
    expect(worker.world.callsTo('datafast', order)).toHaveLength(1)
  })

  it.each([
    ['of the right form', polarId()],
    ['that is no UUID', 'ch_4ucZ7Ts3r7EhSrl5yQE4G6'],
  ])('with an id %s that Polar does not know is unknown', async (_, id) => {
    expect(await returnWith(id)).toMatchObject({ outcome: 'unknown', location: THANK_YOU })
  })

  it('leaves neither its session token nor anything of its buyer in the address, the logs or the keys of the memory', async () => {
    const { id } = purchase()
    worker.world.polar.sell(id, { checkout: { metadata: { reference_id: `datafast_${OTHER_VISITOR}` } } })
    const answer = await visitAt(`checkout_id=${id}&customer_session_token=polar_cst_t0ken&customer_email=bea%40x.example`, VISITOR)
    expect(answer).toMatchObject({ outcome: 'paid', location: THANK_YOU })
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    await eventually(() => worker.recorded.get(`polar:${id}`), Boolean)
    const { keys } = await worker.recorded.list()
    for (const { name } of keys) expect(name).toMatch(/^polar:[0-9a-fA-F-]{36}$/)
    const traces = [...worker.logs(), JSON.stringify(keys), await worker.recorded.get(`polar:${id}`)].join('\n')
    expect(traces).not.toMatch(/t0ken|polar_cst|polar_c_|polar_oat|198\.51\.100\.7|buyer|Bea|bea[@%]/)
    expect(worker.logs().join('\n')).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/i)
  })
})

describe('Polar: a sale', () => {
  withWorker({ vars: { CUSTOMER_FIELDS: 'email,name,customer_id' } })

  it('is recorded under its order, with the amount of the order and not of the checkout', async () => {
    const { id, order } = purchase()
    worker.world.polar.sell(id, { order: { subtotal_amount: 6000, discount_amount: 0, tax_amount: 1140, billing_name: 'Bea Buyer GmbH' } })
    expect(await returnWith(id, VISITOR)).toMatchObject({ status: 303, outcome: 'paid' })
    await recorded(order)
    expect(bodyOf(order)).toEqual({
      amount: 71.4,
      currency: 'USD',
      transaction_id: order,
      datafast_visitor_id: VISITOR,
      customer_id: worker.world.polar.customerIdOf(id),
      email: 'buyer@example.com',
      name: 'Bea Buyer GmbH',
      timestamp: '2026-09-21T13:46:40.123Z',
    })
    expect(worker.world.callsTo('datafast', id)).toEqual([])
  })

  it('of a subscription is a first payment, and leaves its visitor for the renewals', async () => {
    const { id, order } = purchase()
    worker.world.polar.subscribe(id)
    await returnWith(id, VISITOR)
    await recorded(order)
    expect(bodyOf(order)).toMatchObject({ amount: 83.3, name: 'Bea Buyer' })
    expect(bodyOf(order)).not.toHaveProperty('renewal')
    const subscription = worker.world.polar.subscriptionIdOf(id)
    const heritage = await eventually(() => worker.recorded.get(`polar:sub_${subscription}`, 'json'), Boolean)
    expect(heritage).toEqual({ v: 1, transaction_id: order, datafast_visitor_id: VISITOR })
  })

  it.each([1, 12])('is chosen among the orders of its checkout, of which %i later ones are listed before it', async (count) => {
    const { id, order } = purchase()
    worker.world.polar.subscribe(id)
    for (let month = 1; month <= count; month++) {
      const billing_reason = month % 2 ? 'subscription_cycle' : 'subscription_update'
      const created_at = new Date(Date.UTC(2026, 8 + month, 21)).toISOString()
      worker.world.polar.addOrder(id, { billing_reason, created_at, subtotal_amount: 99_900 })
    }
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'paid' })
    expect(await recorded(order)).toMatchObject({ amount: 83.3 })
    expect(worker.world.callsTo('datafast', '1007.3')).toEqual([])
  })

  it('is never the order of another checkout, whatever is listed', async () => {
    const [other, own] = [purchase(), purchase()]
    for (const { id } of [other, own]) worker.world.polar.sell(id)
    const items = [other, own].map(({ order }) => worker.world.polar.orders.get(order))
    worker.world.service('polar').failFor(`orders/?checkout_id=${own.id}`, { kind: 'answer', status: 200, body: { items } })
    await returnWith(own.id, VISITOR)
    await recorded(own.order)
    expect(worker.world.callsTo('datafast', other.order)).toEqual([])
  })

  it('that costs something is a sale also where its checkout names the end of a trial', async () => {
    const { id, order } = purchase()
    worker.world.polar.subscribe(id, { checkout: { trial_end: '2026-10-05T13:46:36.000000Z' } })
    await returnWith(id, VISITOR)
    expect(await recorded(order)).toMatchObject({ amount: 83.3 })
    expect(bodyOf(order)).not.toHaveProperty('is_free_trial')
  })

  it('that upgrades a free subscription is the change that its checkout made', async () => {
    const { id, order } = purchase()
    worker.world.polar.subscribe(id, { checkout: { subscription_id: polarId() }, order: { billing_reason: 'subscription_update' } })
    await returnWith(id, VISITOR)
    expect(await recorded(order)).toMatchObject({ amount: 83.3 })
    expect(bodyOf(order)).not.toHaveProperty('renewal')
  })

  it.each(['refunded', 'partially_refunded'])('that is %s by now was paid, in full', async (status) => {
    const { id, order } = purchase()
    worker.world.polar.sell(id, { order: { status, refunded_amount: 7000 } })
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'paid' })
    expect(await recorded(order)).toMatchObject({ amount: 83.3 })
    expect(bodyOf(order)).not.toHaveProperty('refunded')
  })

  it.each(['open', 'expired', 'failed'])('whose checkout is %s is not paid', async (status) => {
    const { id } = purchase()
    worker.world.polar.sell(id, { checkout: { status }, order: null })
    expect(await returnWith(id)).toMatchObject({ outcome: 'not-paid', location: 'https://shop.example.com/' })
  })

  it('whose checkout is gone, because it has expired, is not paid', async () => {
    const { id } = purchase()
    worker.world.service('polar').failFor(`checkouts/${id}`, { kind: 'answer', status: 410, body: { error: 'ExpiredCheckoutError' } })
    expect(await returnWith(id)).toMatchObject({ outcome: 'not-paid' })
  })

  it.each([
    ['a checkout of next year’s word', { checkout: { status: 'a_word_of_next_year' } }],
    ['an order that is a draft', { order: { status: 'draft', paid: false } }],
    ['an order that is not paid yet', { order: { status: 'pending', paid: false } }],
    ['an order of next year’s word', { order: { status: 'a_word_of_next_year', paid: null } }],
  ])('with %s is pending, never paid', async (name, changes) => {
    const { id, order } = purchase()
    worker.world.polar.sell(id, changes)
    expect(await returnWith(id)).toMatchObject({ outcome: 'pending' })
    expect(worker.world.callsTo('datafast', order)).toEqual([])
    if (name.includes('next year')) expect(worker.logs().join()).toContain('unknown-status')
  })

  it('whose order is void is not paid', async () => {
    const { id } = purchase()
    worker.world.polar.sell(id, { order: { status: 'void', paid: false } })
    expect(await returnWith(id)).toMatchObject({ outcome: 'not-paid' })
  })

  it('that is confirmed is pending; when it falls back to open, the next visit is told that it is not paid', async () => {
    const { id } = purchase()
    const checkout = worker.world.polar.sell(id, { checkout: { status: 'confirmed' }, order: null })
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'pending' })
    checkout.status = 'open'
    await new Promise((resolve) => setTimeout(resolve, 5100))
    expect(await returnWith(id)).toMatchObject({ outcome: 'not-paid' })
    checkout.status = 'succeeded'
    worker.world.polar.addOrder(id, { id: worker.world.polar.orderIdOf(id) })
    await new Promise((resolve) => setTimeout(resolve, 5100))
    expect(await returnWith(id)).toMatchObject({ outcome: 'paid' })
    expect(await recorded(worker.world.polar.orderIdOf(id))).toMatchObject({ datafast_visitor_id: VISITOR })
  })

  it('whose order comes late is pending, and is recorded when it has come', async () => {
    const { id, order } = purchase()
    worker.world.polar.sell(id, { order: null })
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'pending' })
    worker.world.polar.addOrder(id, { id: order })
    expect(await recorded(order)).toMatchObject({ amount: 83.3, datafast_visitor_id: VISITOR })
  })

  it.each([
    ['the marked reference before the cookie', { reference_id: `datafast_${OTHER_VISITOR}` }, OTHER_VISITOR],
    ['the mark among the founder’s own', { reference_id: `user-7_datafast_${OTHER_VISITOR}_x` }, OTHER_VISITOR],
    ['a field of its own', { datafast_visitor_id: OTHER_VISITOR, seats: 3, vip: true }, OTHER_VISITOR],
    ['the cookie when the reference is the founder’s own', { reference_id: OTHER_VISITOR }, VISITOR],
    ['the cookie when the reference is a number', { reference_id: 77 }, VISITOR],
    ['the cookie when the reference is markup', { reference_id: `<b>datafast_${OTHER_VISITOR}0</b>` }, VISITOR],
    ['the cookie when there is no metadata', null, VISITOR],
  ])('is attributed by %s', async (_, metadata, visitor) => {
    const { id, order } = purchase()
    worker.world.polar.sell(id, { checkout: { metadata } })
    await returnWith(id, VISITOR)
    expect(await recorded(order)).toMatchObject({ datafast_visitor_id: visitor })
  })

  it('is read whatever else Polar adds, leaves out or writes differently', async () => {
    const { id, order } = purchase()
    const odd = { customer: null, billing_name: 7, customer_id: null, product_id: null, tax_amount: null, tax_behavior: { new: [] } }
    worker.world.polar.sell(id, {
      checkout: { metadata: [1], product_price_id: 3 },
      order: { ...odd, created_at: '2026-09-21T13:46:40+00:00' },
    })
    await returnWith(id, VISITOR)
    await recorded(order)
    expect(bodyOf(order)).toEqual({
      amount: 70,
      currency: 'USD',
      transaction_id: order,
      datafast_visitor_id: VISITOR,
      timestamp: '2026-09-21T13:46:40.000Z',
    })
  })

  it.each([
    [1999, 'eur', 19.99],
    [500, 'jpy', 500],
    [5000, 'mga', 5000],
    [5000, 'ugx', 50],
    [10_000, 'isk', 100],
    [150_000, 'huf', 1500],
    [30_000, 'twd', 300],
  ])('of %i %s counts as %d', async (subtotal_amount, currency, amount) => {
    const { id, order } = purchase()
    worker.world.polar.sell(id, { checkout: { subtotal_amount, discount_amount: 0, tax_amount: 0, currency } })
    await returnWith(id, VISITOR)
    expect(await recorded(order)).toMatchObject({ amount, currency: currency.toUpperCase() })
  })

  it.each([
    ['three decimals, which Polar does not sell in', { currency: 'kwd' }, 'unclear-currency'],
    ['an unknown currency', { currency: 'zzz' }, 'unclear-currency'],
    ['a negative amount', { total_amount: -5 }, 'unclear-amount'],
  ])('with %s is parked rather than guessed, and the buyer lands', async (_, fields, reason) => {
    const { id, order } = purchase()
    worker.world.polar.sell(id, { order: fields })
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'paid', location: THANK_YOU })
    expect(await stageOf(id)).toMatchObject({ at: 'provider', reason, tries: { row: 'unclear' } })
    expect(worker.world.callsTo('datafast', order)).toEqual([])
  })
})

describe('Polar: an order of nothing', () => {
  withWorker({})

  it.each(['trialing', 'active', 'canceled', 'past_due', 'unpaid', 'a_word_of_next_year'])(
    'that begins a trial is a free trial, whether its subscription is %s by now or not',
    async (status) => {
      const { id, order } = purchase()
      worker.world.polar.startTrial(id, { checkout: { trial_end: '2025-01-05T13:46:36.000000Z' }, subscription: { status } })
      expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'paid' })
      expect(await recorded(order)).toMatchObject({ amount: 0, currency: 'USD', is_free_trial: true, transaction_id: order })
    },
  )

  it('is never taken from the checkout of a trial, which shows the price of later, while its order is missing', async () => {
    const { id, order } = purchase()
    worker.world.polar.startTrial(id, { order: null })
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'pending' })
    expect(worker.world.callsTo('datafast', order)).toEqual([])
  })

  it.each([
    ['a discount of 100 %', 'sell', {}],
    ['a free first period', 'subscribe', {}],
    ['a discount of 100 % on a one-time product whose checkout names a trial without an end', 'sell', { active_trial_interval: 'day' }],
  ] as const)('by %s is neither a sale nor a trial', async (_, kind, fields) => {
    const { id, order } = purchase()
    worker.world.polar[kind](id, { checkout: { discount_amount: 7500, tax_amount: 0, ...fields } })
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'paid', location: THANK_YOU })
    expect(await stageOf(id)).toMatchObject({ end: 'skipped', reason: 'free-order' })
    expect(worker.world.callsTo('datafast', order)).toEqual([])
  })
})

describe.concurrent('Polar: when its answer is', () => {
  withWorker({})

  it.each([
    ['401', { status: 401, body: { error: 'Unauthorized', detail: 'Unauthorized' } }, 'provider-configuration'],
    ['403: a scope is missing', { status: 403, body: { error: 'NotPermitted', detail: 'Not permitted' } }, 'provider-configuration'],
    ['404 for a version or path it does not know', { status: 404, body: { detail: 'Not Found' } }, 'provider-down'],
    ['404 by a gateway', { status: 404, body: '<html>error</html>' }, 'provider-down'],
    ['422 about a proper id', { status: 422, body: { error: 'RequestValidationError', detail: [] } }, 'provider-down'],
    ['a redirect', { status: 307, headers: { location: 'https://polar.sh/login' } }, 'provider-down'],
    ['500', { status: 500, body: { error: 'InternalServerError' } }, 'provider-down'],
    ['a page with status 200', { status: 200, body: '<html>Just a moment…</html>' }, 'provider-down'],
    ['half an object', { status: 200, body: '{"id":"0b7a4d1e","status":"succ' }, 'provider-down'],
    ['another object', { status: 200, body: { id: 7, items: 'none' } }, 'provider-down'],
  ])('%s, the buyer lands, and the sale is recorded as soon as it can be', async (_, fault, row) => {
    for (const request of ['checkouts/', 'orders/?checkout_id=']) {
      const { id, order } = purchase()
      worker.world.polar.sell(id)
      worker.world.service('polar').failFor(`${request}${id}`, { kind: 'answer', ...fault })
      expect(await returnWith(id, VISITOR)).toMatchObject({ status: 303, outcome: 'pending' })
      expect(await stageOf(id)).toMatchObject({ at: 'provider', tries: { row } })
      expect(await recorded(order)).toMatchObject({ datafast_visitor_id: VISITOR })
    }
  })

  it('429 with a wish, it is left alone for so long', async () => {
    const { id } = purchase()
    worker.world.service('polar').failFor(`checkouts/${id}`, { kind: 'answer', status: 429, headers: { 'retry-after': '900' } })
    const askedAt = Date.now()
    await returnWith(id)
    const stage = await stageOf(id)
    expect(stage?.at === 'provider' && stage.tries.due - askedAt).toBeGreaterThanOrEqual(900_000)
  })
})

describe('Polar: by settings', () => {
  describe('REVENUE = net and ONLY', () => {
    const MINE = '1a2b3c4d-0000-4000-8000-00000000a001'
    withWorker({ vars: { REVENUE: 'net', CUSTOMER_FIELDS: '', ONLY: { polar: [MINE] } } })

    it('counts what was paid without the tax, of the products and prices named, and nothing of the buyer', async () => {
      const [mine, priced, foreign] = [purchase(), purchase(), purchase()]
      worker.world.polar.sell(mine.id, { checkout: { product_id: MINE } })
      worker.world.polar.sell(priced.id, { checkout: { product_price_id: MINE } })
      worker.world.polar.sell(foreign.id)
      for (const { id } of [mine, priced, foreign]) expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'paid' })
      for (const { order } of [mine, priced]) {
        await recorded(order)
        const timestamp = '2026-09-21T13:46:40.123Z'
        expect(bodyOf(order)).toEqual({ amount: 70, currency: 'USD', transaction_id: order, datafast_visitor_id: VISITOR, timestamp })
      }
      expect(await stageOf(foreign.id)).toMatchObject({ end: 'skipped', reason: 'other-product' })
    })
  })

  describe.each(['skip', 'record'])('POLAR_SERVER = sandbox, TEST_PAYMENTS = %s', (TEST_PAYMENTS) => {
    withWorker({ vars: { TEST_PAYMENTS, POLAR_SERVER: 'sandbox' } })

    it('asks the sandbox alone, where everything is a test and real orders are unknown', async () => {
      const [sale, live] = [purchase(), purchase()]
      worker.world.polarSandbox.sell(sale.id)
      worker.world.polar.sell(live.id)
      expect(await returnWith(sale.id, VISITOR)).toMatchObject({ outcome: TEST_PAYMENTS === 'skip' ? 'test' : 'paid', location: THANK_YOU })
      expect(await returnWith(live.id)).toMatchObject({ outcome: 'unknown' })
      expect(worker.world.callsTo('polar')).toEqual([])
      if (TEST_PAYMENTS === 'skip') expect(worker.world.callsTo('datafast')).toEqual([])
      else await recorded(sale.order)
    })
  })
})
