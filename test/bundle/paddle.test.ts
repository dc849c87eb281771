import { describe, expect, it } from 'vitest'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { at, bodyOf, recorded as recordedWithin, withWorker, worker } from './at-provider.ts'
import { eventually, OTHER_VISITOR, paddleId, THANK_YOU, VISITOR } from './worker.ts'

const { visitAt, stageOf, remembered } = at('paddle')
const returnWith = (id: string, visitor?: string) => visitAt(`transaction_id=${id}`, visitor)
const recorded = (transactionId: string) => recordedWithin(transactionId, 15_000)

describe('Paddle: a return', () => {
  withWorker({})

  const ID = 'txn_01h8dzxgkvdwemdhbpcapj2tbj'
  it.each([
    ['no transaction, as Paddle’s own success URL comes', ''],
    ['an empty transaction', 'transaction_id=&_ptxn='],
    ['two transactions', `transaction_id=${ID}&transaction_id=${ID}2`],
    ['the same transaction twice', `_ptxn=${ID}&_ptxn=${ID}`],
    ['a placeholder', 'transaction_id={transaction_id}'],
    ['an encoded placeholder', '_ptxn=%7Btransaction_id%7D'],
    ['a bracketed placeholder', 'transaction_id=%5Btransaction_id%5D'],
    ['a subscription', 'transaction_id=sub_01h8dzxgkvdwemdhbpcapj2tbj'],
    ['a hosted checkout', 'transaction_id=hsc_01h8dzxgkvdwemdhbpcapj2tbj'],
    ['nonsense beside a transaction', `transaction_id=nonsense&_ptxn=${ID}`],
    ['a path', `transaction_id=${ID}%2F..%2F..`],
    ['the letters of another alphabet', 'transaction_id=txn_01h8dzxgkvdwemdhbpc%D0%B0pj2tbj'],
  ])('with %s asks nobody and stores nothing', async (_, query) => {
    expect(await visitAt(query, VISITOR)).toMatchObject({ status: 303, outcome: 'invalid', location: THANK_YOU })
    expect(worker.world.calls).toEqual([])
    expect(await worker.worker.listDurableObjectIds('Order')).toEqual([])
  })

  it('is asked about once, without the customer, whom the key may not be allowed to read', async () => {
    const id = paddleId()
    worker.world.paddle.sell(id)
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'paid' })
    const [call, ...more] = worker.world.callsTo('paddle')
    expect(more).toEqual([])
    expect(call?.url).toBe(`https://api.paddle.com/transactions/${id}`)
    expect(Object.fromEntries(call?.headers ?? [])).toMatchObject({
      authorization: 'Bearer pdl_live_apikey_sandboxkey',
      'paddle-version': '1',
    })
    expect(call?.headers.has('cookie')).toBe(false)
  })

  it.each([
    ['by the name of Paddle’s own links', (id: string) => `_ptxn=${id}`],
    ['under an empty first name', (id: string) => `transaction_id=&_ptxn=${id}`],
    ['under both names', (id: string) => `_ptxn=${id}&transaction_id=${id}`],
  ])('may come %s', async (_, query) => {
    const id = paddleId()
    worker.world.paddle.sell(id)
    expect(await visitAt(query(id))).toMatchObject({ outcome: 'paid' })
  })

  it('may come by form', async () => {
    const id = paddleId()
    worker.world.paddle.sell(id)
    const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: `_ptxn=${id}` }
    expect(await worker.visit('/checkout/success/paddle', form)).toMatchObject({ status: 303, outcome: 'paid' })
  })

  it.each([
    ['that Paddle does not know', paddleId()],
    ['whose form Paddle refuses with 400', 'txn_short'],
    ['in capitals, which Paddle refuses with 400', 'txn_01H8DZXGKVDWEMDHBPCAPJ2TBJ'],
  ])('with an id %s is unknown', async (_, id) => {
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'unknown', location: THANK_YOU })
  })

  it('leaves nothing of its buyer, its ids or the key in the address, the logs and the keys of the memory', async () => {
    const id = paddleId()
    worker.world.paddle.subscribe(id, { custom_data: { datafast_visitor_id: OTHER_VISITOR } })
    const answer = await visitAt(`transaction_id=${id}&user_email=bea%40personal.example`, VISITOR)
    expect(answer).toMatchObject({ outcome: 'paid', location: THANK_YOU })
    await remembered(id)
    expect(worker.logs().join('\n')).not.toMatch(/txn_|sub_|ctm_|buyer|Bea|bea[@%]|pdl_live|6f1c2a34|0a9b8c7d/)
    for (const { name } of (await worker.recorded.list()).keys) expect(name).toMatch(/^paddle:(txn|sub)_[a-z\d]{26}$/)
  })
})

describe('Paddle: a sale', () => {
  withWorker({ vars: { CUSTOMER_FIELDS: 'email,name,customer_id' } })

  it('is recorded under its transaction, with what the buyer paid and when', async () => {
    const id = paddleId()
    worker.world.paddle.sell(id, {}, { discount: '500', credit: '165' })
    expect(await returnWith(id, VISITOR)).toMatchObject({ status: 303, outcome: 'paid' })
    await recorded(id)
    expect(worker.world.callsTo('paddle', id).map(({ url }) => new URL(url).search)).toEqual(['?include=customer'])
    expect(bodyOf(id)).toEqual({
      amount: 35,
      currency: 'EUR',
      transaction_id: id,
      datafast_visitor_id: VISITOR,
      customer_id: `ctm_${id.slice(4)}`,
      email: 'buyer@example.com',
      name: 'Bea Buyer',
      timestamp: '2026-09-21T13:46:40.123Z',
    })
  })

  it('is counted when it is paid, a minute before it is completed, and not once more then', async () => {
    const id = paddleId()
    worker.world.paddle.sell(id, { status: 'paid' })
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'paid' })
    await remembered(id)
    worker.world.paddle.sell(id, { status: 'completed' })
    const calls = worker.world.calls.length
    expect(await visitAt(`_ptxn=${id}`, OTHER_VISITOR)).toMatchObject({ outcome: 'repeat' })
    expect(worker.world.calls.length).toBe(calls)
  })

  it.each(['draft', 'ready', 'billed', 'past_due', 'a_word_of_next_year'])('that is %s is pending, never paid', async (status) => {
    const id = paddleId()
    worker.world.paddle.sell(id, { status })
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'pending' })
    expect(worker.world.callsTo('datafast', id)).toEqual([])
  })

  it('that is canceled is not paid', async () => {
    const id = paddleId()
    worker.world.paddle.sell(id, { status: 'canceled' })
    expect(await returnWith(id)).toMatchObject({ outcome: 'not-paid', location: 'https://shop.example.com/' })
  })

  it('that becomes ready only later is recorded when it is paid', async () => {
    const id = paddleId()
    worker.world.paddle.sell(id, { status: 'ready' })
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'pending' })
    worker.world.paddle.sell(id, { status: 'paid', billed_at: '2026-09-21T13:59:59.999999Z' })
    expect(await recorded(id)).toMatchObject({ datafast_visitor_id: VISITOR, timestamp: '2026-09-21T13:59:59.999Z' })
  })

  it.each([
    ['the custom data before the cookie', { datafast_visitor_id: OTHER_VISITOR, plan: { seats: 2 } }, OTHER_VISITOR],
    ['the cookie when the custom data holds something else', { datafast_visitor_id: `datafast_${OTHER_VISITOR}` }, VISITOR],
    ['the cookie when the custom data is not even a text', { datafast_visitor_id: [OTHER_VISITOR] }, VISITOR],
    ['the cookie when the custom data is a text', OTHER_VISITOR, VISITOR],
  ])('is attributed by %s', async (_, custom_data, visitor) => {
    const id = paddleId()
    worker.world.paddle.sell(id, { custom_data })
    await returnWith(id, VISITOR)
    expect(await recorded(id)).toMatchObject({ datafast_visitor_id: visitor })
  })

  it('is read whatever Paddle leaves out, adds or writes differently', async () => {
    const id = paddleId()
    const odd = { customer_id: null, items: null, origin: null, billed_at: null, custom_data: [], created_at: '2026-09-21T15:45:02+02:00' }
    worker.world.paddle.sell(id, odd, { grand_total_tax: null, fee: null, earnings: null })
    await returnWith(id, VISITOR)
    await recorded(id)
    const timestamp = '2026-09-21T13:45:02.000Z'
    expect(bodyOf(id)).toEqual({ amount: 41.65, currency: 'EUR', transaction_id: id, datafast_visitor_id: VISITOR, timestamp })
  })

  it.each([
    ['1999', 'USD', 19.99],
    ['500', 'JPY', 500],
    ['38500', 'KRW', 38_500],
    ['5000', 'CLP', 5000],
    ['990000', 'VND', 990_000],
    ['150000', 'HUF', 1500],
    ['30000', 'TWD', 300],
    ['0000000029', 'GBP', 0.29],
  ])('of %s %s counts as %d', async (subtotal, currency_code, amount) => {
    const id = paddleId()
    worker.world.paddle.sell(id, { currency_code }, { subtotal, tax: '0', grand_total: subtotal })
    await returnWith(id, VISITOR)
    expect(await recorded(id)).toMatchObject({ amount, currency: currency_code })
  })

  it.each([
    ['three decimals, which Paddle does not sell in', { currency_code: 'KWD' }, {}, 'unclear-currency'],
    ['an unknown currency', { currency_code: 'ZZZ' }, {}, 'unclear-currency'],
    ['more than can be counted', {}, { grand_total: '99999999999999999999' }, 'unclear-amount'],
    ['a negative amount', {}, { grand_total: '-4165' }, 'unclear-amount'],
    ['a decimal point', {}, { grand_total: '41.65' }, 'unclear-amount'],
  ])('with %s is parked rather than guessed, and the buyer lands', async (_, fields, totals, reason) => {
    const id = paddleId()
    worker.world.paddle.sell(id, fields, totals)
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'paid', location: THANK_YOU })
    expect(await stageOf(id)).toMatchObject({ at: 'provider', reason, tries: { row: 'unclear' } })
    expect(worker.world.callsTo('datafast', id)).toEqual([])
  })

  it.each([
    ['a discount of 100 %', 'sell', {}],
    ['a free first period', 'subscribe', {}],
    ['a change of the payment method', 'subscribe', { origin: 'subscription_payment_method_change' }],
  ] as const)('of nothing, by %s, is neither a sale nor a trial', async (name, kind, fields) => {
    const id = paddleId()
    worker.world.paddle[kind](id, fields, { discount: '3500', tax: '0' })
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'paid', location: THANK_YOU })
    const reason = name === 'a change of the payment method' ? 'payment-method-update' : 'free-order'
    expect(await stageOf(id)).toMatchObject({ end: 'skipped', reason })
    expect(worker.world.callsTo('datafast', id)).toEqual([])
  })
})

describe('Paddle: a subscription', () => {
  withWorker({})

  const subscriptionOf = (id: string) => worker.world.paddle.subscriptionIdOf(id)

  it('begins with a first payment, which leaves its visitor for the renewals', async () => {
    const id = paddleId()
    worker.world.paddle.subscribe(id)
    await returnWith(id, VISITOR)
    await recorded(id)
    expect(bodyOf(id)).not.toHaveProperty('renewal')
    expect(bodyOf(id)).not.toHaveProperty('is_free_trial')
    expect(await remembered(subscriptionOf(id))).toEqual({ v: 1, transaction_id: id, datafast_visitor_id: VISITOR })
  })

  it('with a trial begins with nothing; with a trial that costs something, with that', async () => {
    const [free, paid] = [paddleId(), paddleId()]
    worker.world.paddle.startTrial(free)
    const items = [{ quantity: 1, price: { id: 'pri_1', product_id: 'pro_1', trial_period: { interval: 'day', frequency: 14 } } }]
    worker.world.paddle.subscribe(paid, { items }, { subtotal: '100', tax: '19' })
    for (const id of [free, paid]) await returnWith(id, VISITOR)
    expect(await recorded(free)).toMatchObject({ amount: 0, currency: 'EUR', is_free_trial: true, datafast_visitor_id: VISITOR })
    expect(await recorded(paid)).toMatchObject({ amount: 1.19 })
    expect(bodyOf(paid)).not.toHaveProperty('is_free_trial')
  })

  it.each(['startTrial', 'subscribe'] as const)(
    'charged for the first time after a free beginning (%s) makes a first payment',
    async (kind) => {
      const [free, charge, next] = [paddleId(), paddleId(), paddleId()]
      worker.world.paddle[kind](free, {}, { discount: '3500', tax: '0' })
      await returnWith(free, VISITOR)
      await eventually(
        () => stageOf(free),
        (stage) => stage?.at === 'ended',
      )
      worker.world.paddle.renew(subscriptionOf(free), charge)
      worker.world.paddle.renew(subscriptionOf(free), next, { created_at: '2026-11-21T13:46:41Z' })
      for (const id of [charge, next]) {
        await returnWith(id, OTHER_VISITOR)
        expect(await recorded(id)).toMatchObject({ amount: 41.65, datafast_visitor_id: VISITOR })
      }
      expect(bodyOf(charge)).not.toHaveProperty('renewal')
      expect(bodyOf(charge)).not.toHaveProperty('is_free_trial')
      expect(bodyOf(next)).toMatchObject({ renewal: true })
    },
  )

  it.each(['subscription_recurring', 'subscription_charge', 'subscription_update', 'subscription_of_next_year'])(
    'charged by %s renews, for the visitor of the first sale, also of one that was recorded without its subscription',
    async (origin) => {
      const [first, second] = [paddleId(), paddleId()]
      worker.world.paddle.subscribe(first, { status: 'paid', subscription_id: null })
      await returnWith(first, VISITOR)
      await remembered(first)
      worker.world.paddle.subscribe(first)
      worker.world.paddle.renew(subscriptionOf(first), second, { origin })
      await returnWith(second, OTHER_VISITOR)
      await recorded(second)
      expect(bodyOf(second)).toMatchObject({ renewal: true, datafast_visitor_id: VISITOR, timestamp: '2026-10-21T13:46:41.234Z' })
    },
  )

  it('whose renewal is heard of first announces its first sale, also behind more charges than a page holds', async () => {
    const [first, last] = [paddleId(), paddleId()]
    worker.world.paddle.subscribe(first, { custom_data: { datafast_visitor_id: VISITOR } })
    for (let week = 1; week <= 40; week++) {
      const created_at = new Date(Date.UTC(2026, 8, 21 + week * 7)).toISOString()
      worker.world.paddle.renew(subscriptionOf(first), week === 40 ? last : paddleId(), { created_at })
    }
    await returnWith(last, OTHER_VISITOR)
    expect(await recorded(first)).toMatchObject({ datafast_visitor_id: VISITOR })
    await recorded(last)
    expect(bodyOf(last)).toMatchObject({ renewal: true, datafast_visitor_id: VISITOR })
  })
})

describe.concurrent('Paddle: when its answer is', () => {
  withWorker({})

  const problem = (status: number, code: string) => ({ status, body: { error: { type: 'request_error', code, detail: 'x' } } })
  it.each([
    ['401', problem(401, 'invalid_token'), 'provider-configuration'],
    ['403: a permission, or the key of the other mode', problem(403, 'forbidden'), 'provider-configuration'],
    ['400 about a proper id', problem(400, 'bad_request'), 'provider-down'],
    ['404 by a gateway', { status: 404, body: '<html>Not found</html>' }, 'provider-down'],
    ['500', problem(500, 'internal_error'), 'provider-down'],
    ['a page with status 200', { status: 200, body: '<html>Just a moment…</html>' }, 'provider-down'],
    ['half a transaction', { status: 200, body: '{"data":{"id":"txn_1","stat' }, 'provider-down'],
    ['something else', { status: 200, body: { data: [{}] } }, 'provider-down'],
  ])('%s, the buyer lands, and the sale is recorded as soon as it can be', async (_, fault, row) => {
    const [id, first, renewal] = [paddleId(), paddleId(), paddleId()]
    worker.world.paddle.sell(id)
    worker.world.paddle.subscribe(first, { custom_data: { datafast_visitor_id: VISITOR } })
    worker.world.paddle.renew(worker.world.paddle.subscriptionIdOf(first), renewal)
    worker.world.service('paddle').failFor(id, { kind: 'answer', ...fault })
    // What its subscription was charged before is asked for with the subscription's id.
    worker.world.service('paddle').failFor(worker.world.paddle.subscriptionIdOf(first), { kind: 'answer', ...fault })
    for (const name of [id, renewal]) {
      expect(await returnWith(name, VISITOR)).toMatchObject({ status: 303, outcome: 'pending' })
      expect(await stageOf(name)).toMatchObject({ at: 'provider', tries: { row } })
    }
    for (const name of [id, renewal]) expect(await recorded(name)).toMatchObject({ datafast_visitor_id: VISITOR })
    expect(bodyOf(renewal)).toMatchObject({ renewal: true })
  })

  it('429 with a wish, it is left alone for so long', async () => {
    const id = paddleId()
    const fault = { kind: 'answer', ...problem(429, 'too_many_requests'), headers: { 'retry-after': '900' } } as const
    worker.world.service('paddle').failFor(id, fault)
    const askedAt = Date.now()
    await returnWith(id)
    const stage = await stageOf(id)
    expect(stage?.at === 'provider' && stage.tries.due - askedAt).toBeGreaterThanOrEqual(900_000)
  })
})

describe('Paddle: by settings', () => {
  describe('REVENUE = net, ONLY and a key from before the prefixes', () => {
    const vars = { REVENUE: 'net', CUSTOMER_FIELDS: '', ONLY: { paddle: ['pri_mine', 'pro_mine'] } }
    withWorker({ vars, secrets: { ...SECRETS, PADDLE_API_KEY: '0f1e2d3c4b5a69788796a5b4c3d2e1f0' } })

    it('counts what was paid without the tax, of the products and prices named, their renewals with them', async () => {
      const [byPrice, byProduct, renewal, foreign] = [paddleId(), paddleId(), paddleId(), paddleId()]
      worker.world.paddle.sell(byPrice, { items: [{ price: { id: 'pri_1' } }, { price: { id: 'pri_mine' } }] })
      worker.world.paddle.subscribe(byProduct, { items: [{ price: { id: 'pri_1', product_id: 'pro_mine' } }] })
      worker.world.paddle.renew(worker.world.paddle.subscriptionIdOf(byProduct), renewal)
      worker.world.paddle.sell(foreign)
      for (const id of [byPrice, byProduct, foreign]) expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'paid' })
      await recorded(byProduct)
      await returnWith(renewal)
      for (const id of [byPrice, byProduct, renewal]) expect(await recorded(id)).toMatchObject({ amount: 35, datafast_visitor_id: VISITOR })
      expect(bodyOf(renewal)).toMatchObject({ renewal: true })
      expect(await stageOf(foreign)).toMatchObject({ end: 'skipped', reason: 'other-product' })
    })
  })

  describe.each(['skip', 'record'])('a key of the sandbox, TEST_PAYMENTS = %s', (TEST_PAYMENTS) => {
    withWorker({ vars: { TEST_PAYMENTS }, secrets: { ...SECRETS, PADDLE_API_KEY: 'pdl_sdbx_apikey_sandboxkey' } })

    it('asks the sandbox alone, where everything is a test and real transactions are unknown', async () => {
      const [sale, live] = [paddleId(), paddleId()]
      worker.world.paddleSandbox.sell(sale)
      worker.world.paddle.sell(live)
      expect(await returnWith(sale, VISITOR)).toMatchObject({ outcome: TEST_PAYMENTS === 'skip' ? 'test' : 'paid', location: THANK_YOU })
      expect(await returnWith(live)).toMatchObject({ outcome: 'unknown' })
      expect(worker.world.callsTo('paddle')).toEqual([])
      if (TEST_PAYMENTS === 'skip') expect(worker.world.callsTo('datafast')).toEqual([])
      else await recorded(sale)
    })
  })
})
