import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PROVIDERS } from '../../src/providers/index.ts'
import { dodoId, eventually, NOT_PAID, PENDING, sessionId, startWorker, type TestWorker, THANK_YOU, VISITOR } from './worker.ts'

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker({ vars: { PENDING_URL: PENDING, NOT_PAID_URL: NOT_PAID } })
})
afterAll(() => worker.stop())

const stripe = (id: string) => `/checkout/success/stripe?session_id=${id}`
const dodo = (id: string) => `/checkout/success/dodo?payment_id=${id}&status=succeeded`
const entryOf = (id: string) => worker.world.dataFast.ledger.get(id)

describe('the redirect', () => {
  it('lands a buyer who paid on the thank-you page, uncached, unindexed and without a referrer', async () => {
    const id = sessionId()
    worker.world.stripe.sell(id)
    const answer = await worker.visit(`${stripe(id)}&utm_source=checkout`, { visitor: VISITOR })
    expect(answer).toMatchObject({ status: 303, location: THANK_YOU, outcome: 'paid', text: '' })
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
      'x-content-type-options': 'nosniff',
    })
  })

  it('records the sale once under its visitor, in major units, with documented fields only', async () => {
    const id = sessionId()
    worker.world.stripe.sell(id, { payment_intent: 'pi_documented', customer: 'cus_1' })
    await worker.visit(stripe(id), { visitor: VISITOR })
    await eventually(() => entryOf('pi_documented'), Boolean)
    expect(worker.world.callsTo('datafast', 'pi_documented').map((call) => call.body)).toEqual([
      {
        amount: 19.99,
        currency: 'EUR',
        transaction_id: 'pi_documented',
        datafast_visitor_id: VISITOR,
        customer_id: 'cus_1',
        timestamp: '2026-09-21T14:13:20.000Z',
      },
    ])
  })

  it('answers a repeat from memory, without asking anybody', async () => {
    const id = sessionId()
    worker.world.stripe.sell(id)
    await worker.visit(stripe(id), { visitor: VISITOR })
    await eventually(() => worker.recorded.get(`stripe:${id}`), Boolean)
    const before = worker.world.calls.length
    expect(await worker.visit(stripe(id), { visitor: VISITOR })).toMatchObject({ status: 303, location: THANK_YOU, outcome: 'repeat' })
    expect(worker.world.calls.length).toBe(before)
  })

  it('calls a test order a test and records nothing', async () => {
    // An id without a mode of its own: only the session says that it is a test.
    const session = sessionId().replace('_live_', '_')
    worker.world.stripe.sell(session, { livemode: false })
    worker.world.service('stripe').faults.push({ kind: 'answer', status: 200, body: worker.world.stripe.sessions.get(session) })
    expect(await worker.visit(stripe(session), { visitor: VISITOR })).toMatchObject({ location: THANK_YOU, outcome: 'test' })
    expect(await worker.visit(stripe(session), { visitor: VISITOR })).toMatchObject({ outcome: 'test' })
    expect(worker.world.callsTo('datafast', session)).toEqual([])
  })

  it('tells an asynchronous payment that it is pending, and records it when the money has come', async () => {
    const id = sessionId()
    worker.world.stripe.sell(id, { payment_status: 'unpaid', payment_intent: 'pi_async' })
    expect(await worker.visit(stripe(id), { visitor: VISITOR })).toMatchObject({ location: PENDING, outcome: 'pending' })
    worker.world.stripe.sell(id, { payment_intent: 'pi_async' })
    await eventually(() => entryOf('pi_async'), Boolean, 15_000)
    expect(entryOf('pi_async')?.datafast_visitor_id).toBe(VISITOR)
  })

  it('sends a buyer who did not pay to the page for that, and asks again when they return later', async () => {
    const id = sessionId()
    worker.world.stripe.sell(id, { status: 'open', payment_status: 'unpaid', payment_intent: 'pi_second_try' })
    expect(await worker.visit(stripe(id), { visitor: VISITOR })).toMatchObject({ location: NOT_PAID, outcome: 'not-paid' })
    expect(await worker.visit(stripe(id), { visitor: VISITOR })).toMatchObject({ outcome: 'not-paid' })
    expect(worker.world.callsTo('stripe', id)).toHaveLength(1)
    worker.world.stripe.sell(id, { payment_intent: 'pi_second_try' })
    await new Promise((resolve) => setTimeout(resolve, 5_200))
    expect(await worker.visit(stripe(id))).toMatchObject({ location: THANK_YOU, outcome: 'paid' })
    await eventually(() => entryOf('pi_second_try'), Boolean)
    expect(entryOf('pi_second_try')?.datafast_visitor_id).toBe(VISITOR)
  })

  it.each([
    ['expired', { status: 'expired', payment_status: 'unpaid' }],
    ['open', { status: 'open', payment_status: 'unpaid' }],
  ])('calls a Stripe session that is %s not paid', async (_, fields) => {
    const id = sessionId()
    worker.world.stripe.sell(id, fields)
    expect(await worker.visit(stripe(id))).toMatchObject({ location: NOT_PAID, outcome: 'not-paid' })
  })

  it.each(['failed', 'cancelled'])('calls a Dodo payment that %s not paid', async (status) => {
    const id = dodoId()
    worker.world.dodo.sell(id, { status })
    expect(await worker.visit(dodo(id))).toMatchObject({ location: NOT_PAID, outcome: 'not-paid' })
  })

  it('calls a reference nobody knows unknown, asks once more, and never records it', async () => {
    const id = sessionId()
    expect(await worker.visit(stripe(id), { visitor: VISITOR })).toMatchObject({ location: PENDING, outcome: 'unknown' })
    expect(await worker.visit(stripe(id), { visitor: VISITOR })).toMatchObject({ outcome: 'unknown' })
    expect(worker.world.callsTo('stripe', id)).toHaveLength(1)
    await eventually(
      () => worker.world.callsTo('stripe', id).length,
      (count) => count === 2,
      13_000,
    )
    expect(await worker.visit(stripe(id), { visitor: VISITOR })).toMatchObject({ outcome: 'unknown' })
    expect(worker.world.callsTo('stripe', id)).toHaveLength(2)
  })

  it('calls a session of the other mode unknown without asking anybody', async () => {
    const id = sessionId('test')
    expect(await worker.visit(stripe(id))).toMatchObject({ location: PENDING, outcome: 'unknown' })
    expect(worker.world.callsTo('stripe', id)).toEqual([])
  })

  it('lets a free order pass and records nothing', async () => {
    const id = sessionId()
    worker.world.stripe.sell(id, {
      amount_total: 0,
      payment_status: 'no_payment_required',
      payment_intent: null,
      total_details: { amount_tax: 0 },
    })
    expect(await worker.visit(stripe(id), { visitor: VISITOR })).toMatchObject({ location: THANK_YOU, outcome: 'paid' })
    await eventually(
      () => worker.logs().join(),
      (logs) => logs.includes('"reason":"free-order"'),
    )
    expect(worker.world.callsTo('datafast', id)).toEqual([])
  })

  it('answers HEAD with a redirect and does nothing else', async () => {
    const id = sessionId()
    worker.world.stripe.sell(id)
    expect(await worker.visit(stripe(id), { method: 'HEAD', visitor: VISITOR })).toMatchObject({ status: 303, location: PENDING })
    expect(worker.world.callsTo('stripe', id)).toEqual([])
  })

  it('takes a return by POST, with the id in the address or in the form', async () => {
    const [inAddress, inForm] = [sessionId(), sessionId()]
    worker.world.stripe.sell(inAddress)
    worker.world.stripe.sell(inForm)
    expect(await worker.visit(stripe(inAddress), { method: 'POST' })).toMatchObject({ status: 303, outcome: 'paid' })
    const form = { method: 'POST', body: `session_id=${inForm}`, headers: { 'content-type': 'application/x-www-form-urlencoded' } }
    expect(await worker.visit('/checkout/success/stripe', form)).toMatchObject({ status: 303, outcome: 'paid' })
    expect(await worker.visit(stripe(inAddress), form)).toMatchObject({ outcome: 'invalid' })
    expect(await worker.visit(stripe(inForm), form)).toMatchObject({ outcome: expect.stringMatching(/paid|repeat/) })
  })

  it.each([
    ['sec-purpose', 'prefetch;prerender'],
    ['purpose', 'prefetch'],
    ['x-moz', 'prefetch'],
  ])('refuses a speculative load (%s: %s) and does nothing', async (name, value) => {
    const id = sessionId()
    worker.world.stripe.sell(id)
    const answer = await worker.visit(stripe(id), { headers: { [name]: value } })
    expect(answer).toMatchObject({ status: 503, location: null })
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(worker.world.callsTo('stripe', id)).toEqual([])
  })
})

describe('the other routes', () => {
  it.each([
    '/',
    '/checkout',
    '/checkout/',
    '/checkout/nothing',
    '/checkout/webhook',
    '/checkout/success.html',
    '/checkouts/success/stripe',
    '/favicon.ico',
  ])('answers %s with 404', async (path) => {
    expect(await worker.visit(path)).toMatchObject({ status: 404, location: null })
  })

  it.each([
    ['PUT', '/checkout/success/stripe', 'GET, HEAD, POST'],
    ['DELETE', '/checkout/success/stripe', 'GET, HEAD, POST'],
    ['OPTIONS', '/checkout/success/stripe', 'GET, HEAD, POST'],
    ['POST', '/checkout/health', 'GET, HEAD'],
  ])('answers %s %s with 405 and what is allowed', async (method, path, allow) => {
    const answer = await worker.visit(path, { method })
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe(allow)
  })

  it('reports a healthy set-up', async () => {
    const answer = await worker.visit('/checkout/health')
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.text)).toEqual({ status: 'ok', providers: PROVIDERS.map(({ name }) => name), problems: [] })
  })
})
