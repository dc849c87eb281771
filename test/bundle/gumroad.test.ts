import { describe, expect, it } from 'vitest'
import { at, bodyOf, recorded as recordedWithin, withWorker, worker } from './at-provider.ts'
import { eventually, gumroadId, OTHER_VISITOR, THANK_YOU, VISITOR } from './worker.ts'

const { visitAt, stageOf, remembered } = at('gumroad')
const returnWith = (id: string, visitor?: string) => visitAt(`sale_id=${id}&product_id=U2FuZA==&product_permalink=harbour`, visitor)
const recorded = (transactionId: string) => recordedWithin(transactionId, 15_000)
/** Ids without what Gumroad's addresses may leave out. */
const bare = (id: string) => id.replaceAll('=', '')

describe('Gumroad: a return', () => {
  withWorker({})

  it.each([
    ['no sale', ''],
    ['the button’s placeholder as it stands', '__sale_info__'],
    ['an empty sale', 'sale_id=&product_id=U2FuZA=='],
    ['the product alone', 'product_id=U2FuZA==&product_permalink=harbour'],
    ['two sales', 'sale_id=FO8TXN-dvxYabdavG97Y-Q==&sale_id=B28UKN-dvxYabdavG97Y-Q=='],
    ['the same sale twice', 'sale_id=FO8TXN-dvxYabdavG97Y-Q==&sale_id=FO8TXN-dvxYabdavG97Y-Q=='],
    ['a placeholder', 'sale_id={sale_id}'],
    ['an encoded placeholder', 'sale_id=%7Bsale_id%7D'],
    ['a bracketed placeholder', 'sale_id=%5Bsale_id%5D'],
    ['a subscription, which only Gumroad may name', 'sale_id=sub_FO8TXN-dvxYabdavG97Y-Q=='],
    ['padding in the middle', 'sale_id=FO8TXN==dvxYabdavG97Y'],
    ['the letters of the other base64', 'sale_id=FO8TXN%2BdvxYabdavG97Y%2FQ=='],
    ['a path', 'sale_id=..%2Fuser'],
  ])('with %s asks nobody and stores nothing', async (_, query) => {
    expect(await visitAt(query, VISITOR)).toMatchObject({ status: 303, outcome: 'invalid', location: THANK_YOU })
    expect(worker.world.calls).toEqual([])
    expect(await worker.worker.listDurableObjectIds('Order')).toEqual([])
  })

  it('is asked about with the token in a header and the padding escaped, and nothing of the buyer', async () => {
    const id = gumroadId()
    worker.world.gumroad.sell(id)
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'paid' })
    const urls = worker.world.callsTo('gumroad').map(({ url }) => url)
    expect(urls).toContain(`https://api.gumroad.com/v2/sales/${encodeURIComponent(id)}`)
    for (const { headers, url } of worker.world.callsTo('gumroad')) {
      expect(headers.get('authorization')).toBe('Bearer gumroad_sandboxkey')
      expect(headers.has('cookie') || url.includes('access_token')).toBe(false)
    }
  })

  it('may come by form, or with the padding escaped', async () => {
    const [inForm, escaped] = [gumroadId(), gumroadId()]
    worker.world.gumroad.sell(inForm)
    worker.world.gumroad.sell(escaped)
    const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: `sale_id=${inForm}` }
    expect(await worker.visit('/checkout/success/gumroad', form)).toMatchObject({ status: 303, outcome: 'paid' })
    expect(await visitAt(`sale_id=${encodeURIComponent(escaped)}`)).toMatchObject({ outcome: 'paid' })
  })

  it.each(['the address', 'the sale'])('whose padding is missing in %s is the same sale, and a repeat under both names', async (where) => {
    const padded = gumroadId()
    const [id, asked] = where === 'the sale' ? [bare(padded), padded] : [padded, bare(padded)]
    worker.world.gumroad.sales.set(asked, worker.world.gumroad.sell(id))
    expect(await returnWith(asked, VISITOR)).toMatchObject({ outcome: 'paid' })
    for (const name of [id, asked]) expect(await remembered(name)).toMatchObject({ transaction_id: id, datafast_visitor_id: VISITOR })
    const callsAbout = () => worker.world.calls.filter((call) => (call.url + JSON.stringify(call.body)).includes(bare(id))).length
    const calls = callsAbout()
    for (const name of [id, asked]) expect(await returnWith(name, VISITOR)).toMatchObject({ outcome: 'repeat' })
    expect(callsAbout()).toBe(calls)
    expect(worker.world.callsTo('datafast', bare(id))).toHaveLength(1)
  })

  it('with a sale that Gumroad does not know, which it says with status 200, is unknown', async () => {
    for (const id of [gumroadId(), 'x']) expect(await returnWith(id)).toMatchObject({ outcome: 'unknown', location: THANK_YOU })
    const gone = gumroadId()
    worker.world.service('gumroad').failFor(bare(gone), { kind: 'answer', status: 404, body: { success: false, message: 'not found' } })
    expect(await returnWith(gone)).toMatchObject({ outcome: 'unknown' })
  })

  it('leaves nothing of its buyer, its ids or the token in the logs, and only ids among the keys of the memory', async () => {
    const id = gumroadId()
    worker.world.gumroad.subscribe(id)
    await visitAt(`sale_id=${id}&email=bea%40personal.example&license=LICENSE-KEY-1`, VISITOR)
    await remembered(id)
    const logs = worker.logs().join('\n')
    expect(logs).not.toMatch(/buyer|seller|Bea|bea[@%]|LICENSE|gumroad_sandboxkey|6f1c2a34|U2FuZ|==/)
    expect(logs).not.toContain(bare(id))
    const { keys } = await worker.recorded.list()
    for (const { name } of keys) expect(name).toMatch(/^gumroad:[\w-]{20,30}(==)?$/)
  })
})

describe('Gumroad: a sale', () => {
  withWorker({ vars: { CUSTOMER_FIELDS: 'email,name,customer_id' } })

  it('is recorded under its own id, in dollars, whatever currency its product is listed in', async () => {
    const id = gumroadId()
    worker.world.gumroad.sell(id, { currency: 'eur' })
    expect(await returnWith(id, VISITOR)).toMatchObject({ status: 303, outcome: 'paid' })
    await recorded(id)
    expect(bodyOf(id)).toEqual({
      amount: 29.13,
      currency: 'USD',
      transaction_id: id,
      datafast_visitor_id: VISITOR,
      customer_id: '7203948561',
      email: 'buyer@example.com',
      name: 'Bea Buyer',
      timestamp: '2026-09-21T13:46:40.000Z',
    })
  })

  it('of a guest without a name, paid to the last dollar long ago, is recorded all the same', async () => {
    const id = gumroadId()
    const guest = { full_name: undefined, purchaser_id: null, purchase_email: undefined, paid: false }
    worker.world.gumroad.sell(id, { ...guest, price: 500, currency_symbol: '¥', created_at: '2021-01-05T20:38:56+01:00' })
    await returnWith(id)
    await recorded(id)
    expect(bodyOf(id)).toEqual({
      amount: 5,
      currency: 'USD',
      transaction_id: id,
      email: 'buyer@example.com',
      timestamp: '2021-01-05T19:38:56.000Z',
    })
  })

  it.each(['refunded', 'partially_refunded', 'chargedback', 'disputed'])('that is %s by now was paid, in full', async (flag) => {
    const id = gumroadId()
    worker.world.gumroad.sell(id, { [flag]: true, amount_refundable_in_currency: '0' })
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'paid' })
    expect(await recorded(id)).toMatchObject({ amount: 29.13 })
    expect(bodyOf(id)).not.toHaveProperty('refunded')
  })

  it('of nothing is no sale: a free product, a discount of 100 %, a free first period', async () => {
    const [product, period] = [gumroadId(), gumroadId()]
    worker.world.gumroad.sell(product, { price: 0 })
    worker.world.gumroad.subscribe(period, { price: 0 })
    for (const id of [product, period]) {
      expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'paid', location: THANK_YOU })
      expect(await stageOf(id)).toMatchObject({ end: 'skipped', reason: 'free-order' })
    }
  })

  it('that is a gift counts for the giver and not for whom it was given to', async () => {
    const [given, received] = [gumroadId(), gumroadId()]
    worker.world.gumroad.sell(given, { is_gift_sender_purchase: true })
    worker.world.gumroad.sell(received, { is_gift_receiver_purchase: true, price: 0 })
    await returnWith(given, VISITOR)
    expect(await recorded(given)).toMatchObject({ amount: 29.13 })
    expect(await returnWith(received, OTHER_VISITOR)).toMatchObject({ outcome: 'paid' })
    expect(await stageOf(received)).toMatchObject({ end: 'skipped', reason: 'gift-received' })
  })

  it.each([
    ['e-mail', { email: 'seller@example.com', purchase_email: 'other@example.com' }],
    ['e-mail at the purchase, in capitals', { email: 'other@example.com', purchase_email: 'Seller@Example.COM' }],
  ])('with the seller’s own %s is a test', async (_, fields) => {
    const id = gumroadId()
    worker.world.gumroad.sell(id, fields)
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'test', location: THANK_YOU })
    expect(await stageOf(id)).toMatchObject({ end: 'skipped', reason: 'test-payment' })
    expect(worker.world.callsTo('datafast', id)).toEqual([])
  })

  it.each([-5, 29.5, 1e300])('with the price %d is parked rather than guessed, and the buyer lands', async (price) => {
    const id = gumroadId()
    worker.world.gumroad.sell(id, { price })
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'paid', location: THANK_YOU })
    expect(await stageOf(id)).toMatchObject({ at: 'provider', reason: 'unclear-amount', tries: { row: 'unclear' } })
  })
})

describe('Gumroad: a membership', () => {
  withWorker({ vars: { CUSTOMER_FIELDS: 'email,name,customer_id' } })

  const subscriptionOf = (id: string) => worker.world.gumroad.subscriptionIdOf(id)

  it.each([false, null])('without a trial (free_trial_ended: %s) begins with a first payment, which leaves its visitor', async (ended) => {
    const id = gumroadId()
    worker.world.gumroad.subscribe(id, { free_trial_ended: ended })
    await returnWith(id, VISITOR)
    await recorded(id)
    expect(bodyOf(id)).toMatchObject({ amount: 29.13 })
    expect(bodyOf(id)).not.toHaveProperty('renewal')
    expect(bodyOf(id)).not.toHaveProperty('is_free_trial')
    expect(await remembered(`sub_${subscriptionOf(id)}`)).toEqual({ v: 1, transaction_id: id, datafast_visitor_id: VISITOR })
  })

  it.each([
    ['while it runs', {}],
    ['after its end', { free_trial_ended: true }],
    ['after it was cancelled', { cancelled: true, dead: true, ended: true }],
    ['where only the flag tells', { free_trial_ends_on: undefined, free_trial_ended: false }],
  ])('with a trial begins with nothing, whatever price it shows, %s', async (_, fields) => {
    const id = gumroadId()
    worker.world.gumroad.startTrial(id, fields)
    expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'paid' })
    const timestamp = '2026-09-21T13:46:40.000Z'
    expect(await recorded(id)).toMatchObject({ amount: 0, currency: 'USD', is_free_trial: true, datafast_visitor_id: VISITOR, timestamp })
  })

  it.each([
    ['on the day', '2026-10-05T13:47:02Z', undefined],
    ['after a few failed tries', '2026-10-17T09:00:00Z', undefined],
    ['a month later', '2026-11-05T13:47:02Z', true],
  ])('charged %s after its trial inherits the trial’s visitor, and is a renewal only when it is not the first', async (_, at, renewal) => {
    const [trial, charge] = [gumroadId(), gumroadId()]
    worker.world.gumroad.startTrial(trial)
    await returnWith(trial, VISITOR)
    await remembered(trial)
    worker.world.gumroad.renew(subscriptionOf(trial), charge, { created_at: at, free_trial_ended: true })
    await returnWith(charge, OTHER_VISITOR)
    expect(await recorded(charge)).toMatchObject({ amount: 29.13, datafast_visitor_id: VISITOR, timestamp: at.replace('Z', '.000Z') })
    expect(bodyOf(charge)).not.toHaveProperty('is_free_trial')
    expect((bodyOf(charge) as { renewal?: true }).renewal).toBe(renewal)
  })

  it('renews under the id of the renewal and the visitor of the first sale', async () => {
    const [first, second] = [gumroadId(), gumroadId()]
    worker.world.gumroad.subscribe(first)
    await returnWith(first, VISITOR)
    await remembered(first)
    worker.world.gumroad.renew(subscriptionOf(first), second)
    await returnWith(second, OTHER_VISITOR)
    await recorded(second)
    expect(bodyOf(second)).toMatchObject({ renewal: true, datafast_visitor_id: VISITOR, timestamp: '2026-10-21T13:46:40.000Z' })
  })

  it('whose renewal is heard of first announces its first sale, and the two are counted once each', async () => {
    const [first, second] = [gumroadId(), gumroadId()]
    worker.world.gumroad.subscribe(first)
    worker.world.gumroad.renew(subscriptionOf(first), second)
    expect(await returnWith(second, VISITOR)).toMatchObject({ outcome: 'paid' })
    await recorded(first)
    await recorded(second)
    expect(bodyOf(first)).not.toHaveProperty('renewal')
    expect(bodyOf(second)).toMatchObject({ renewal: true, datafast_visitor_id: VISITOR })
  })

  it.each([1, 2])('charged for the first time after %i free periods makes a first payment, of the same visitor', async (count) => {
    const [free, charge] = [gumroadId(), gumroadId()]
    worker.world.gumroad.subscribe(free, { price: 0 })
    await returnWith(free, VISITOR)
    await eventually(
      () => stageOf(free),
      (stage) => stage?.at === 'ended',
    )
    if (count > 1) worker.world.gumroad.renew(subscriptionOf(free), gumroadId(), { created_at: '2026-10-21T13:46:40Z' })
    worker.world.gumroad.renew(subscriptionOf(free), charge, { price: 2913, created_at: '2026-11-21T13:46:40Z' })
    await returnWith(charge)
    expect(await recorded(charge)).toMatchObject({ amount: 29.13, datafast_visitor_id: VISITOR })
    expect(bodyOf(charge)).not.toHaveProperty('renewal')
  })
})

describe.concurrent('Gumroad: when its answer is', () => {
  withWorker({})

  it.each([
    ['401', { status: 401, body: { status: 401, error: 'Unauthorized' } }, 'provider-configuration'],
    ['403: a scope is missing', { status: 403, body: { success: false, message: 'no scope' } }, 'provider-configuration'],
    ['404 by a gateway', { status: 404, body: '<html>Not found</html>' }, 'provider-down'],
    ['400', { status: 400, body: { status: 400, error: 'Invalid page_key.' } }, 'provider-down'],
    ['500', { status: 500, body: { status: 500, error: 'Internal Server Error' } }, 'provider-down'],
    ['a page with status 200', { status: 200, body: '<html>Just a moment…</html>' }, 'provider-down'],
    ['half a sale', { status: 200, body: '{"success":true,"sale":{"id"' }, 'provider-down'],
    ['success without a sale', { status: 200, body: { success: true } }, 'provider-down'],
    ['a sale without a price', { status: 200, body: { success: true, sale: { id: 'x', created_at: '2026-09-21' } } }, 'provider-down'],
  ])('%s, the buyer lands, and the sale is recorded as soon as it can be', async (_, fault, row) => {
    const id = gumroadId()
    worker.world.gumroad.sell(id)
    worker.world.service('gumroad').failFor(bare(id), { kind: 'answer', ...fault })
    expect(await returnWith(id, VISITOR)).toMatchObject({ status: 303, outcome: 'pending' })
    expect(await stageOf(id)).toMatchObject({ at: 'provider', tries: { row } })
    expect(await recorded(id)).toMatchObject({ datafast_visitor_id: VISITOR })
  })

  it('429 with a wish, it is left alone for so long', async () => {
    const id = gumroadId()
    worker.world.service('gumroad').failFor(bare(id), { kind: 'answer', status: 429, headers: { 'retry-after': '900' } })
    const askedAt = Date.now()
    await returnWith(id)
    const stage = await stageOf(id)
    expect(stage?.at === 'provider' && stage.tries.due - askedAt).toBeGreaterThanOrEqual(900_000)
  })
})

describe('Gumroad: by settings', () => {
  describe('ATTRIBUTION_WAIT_SECONDS left unset, and a seller who cannot be asked about', () => {
    withWorker({ vars: { ATTRIBUTION_WAIT_SECONDS: '' } })

    it('holds a sale without a visitor for a day, since its buyer clicks a button later, and sends it when one comes', async () => {
      worker.world.service('gumroad').failFor('/v2/user', { kind: 'hang' }, ...Array(9).fill({ kind: 'answer', status: 403 }))
      const id = gumroadId()
      worker.world.gumroad.sell(id)
      const before = Date.now()
      expect(await returnWith(id)).toMatchObject({ outcome: 'paid' })
      const stage = await eventually(
        () => stageOf(id),
        (now) => now?.at === 'held',
      )
      expect(stage?.at === 'held' && Math.round((stage.until - before) / 60_000)).toBe(24 * 60)
      expect(worker.world.callsTo('datafast')).toEqual([])
      await returnWith(id, VISITOR)
      expect(await recorded(id)).toMatchObject({ datafast_visitor_id: VISITOR, timestamp: '2026-09-21T13:46:40.000Z' })
    })
  })

  describe('REVENUE = net, TEST_PAYMENTS = record and ONLY', () => {
    withWorker({ vars: { REVENUE: 'net', TEST_PAYMENTS: 'record', CUSTOMER_FIELDS: '', ONLY: { gumroad: ['TWluZQ==', 'mine'] } } })

    it('counts the products named by id or permalink, tests among them, at the one price there is', async () => {
      const [byId, byPermalink, own] = [gumroadId(), gumroadId(), gumroadId()]
      worker.world.gumroad.sell(byId, { product_id: 'TWluZQ==' })
      worker.world.gumroad.sell(byPermalink, { product_permalink: 'mine' })
      worker.world.gumroad.sell(own, { product_permalink: 'mine', email: 'seller@example.com' })
      for (const id of [byId, byPermalink, own]) {
        expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'paid' })
        await recorded(id)
        const timestamp = '2026-09-21T13:46:40.000Z'
        expect(bodyOf(id)).toEqual({ amount: 29.13, currency: 'USD', transaction_id: id, datafast_visitor_id: VISITOR, timestamp })
      }
    })

    it('lets other products pass, and their renewals with them', async () => {
      const [first, second] = [gumroadId(), gumroadId()]
      worker.world.gumroad.subscribe(first)
      worker.world.gumroad.renew(worker.world.gumroad.subscriptionIdOf(first), second)
      for (const id of [first, second]) {
        expect(await returnWith(id, VISITOR)).toMatchObject({ outcome: 'paid' })
        const stage = await eventually(
          () => stageOf(id),
          (now) => now?.at === 'ended',
        )
        expect(stage).toMatchObject({ end: 'skipped', reason: 'other-product' })
      }
    })
  })
})
