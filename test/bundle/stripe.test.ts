import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, OTHER_VISITOR, sessionId, startWorker, type TestWorker, VISITOR } from './worker.ts'

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker({ vars: { CUSTOMER_FIELDS: 'email,name,customer_id' } })
})
afterAll(() => worker.stop())

/** Buys and returns what DataFast was sent. */
async function sent(id: string, transactionId: string, visitor: string | undefined = VISITOR) {
  const answer = await worker.visit(`/checkout/success/stripe?session_id=${id}`, visitor ? { visitor } : {})
  expect(answer).toMatchObject({ status: 303, outcome: 'paid' })
  await eventually(() => worker.world.dataFast.ledger.get(transactionId), Boolean)
  const [call, ...more] = worker.world.callsTo('datafast', `"${transactionId}"`)
  expect(more).toEqual([])
  return call?.body as Record<string, unknown>
}

describe('Stripe', () => {
  it('is asked with the pinned version, the key and a product name, and nothing of the buyer', async () => {
    const id = sessionId()
    worker.world.stripe.sell(id, { payment_intent: 'pi_headers' })
    await sent(id, 'pi_headers')
    const [call] = worker.world.callsTo('stripe', id)
    expect(call?.url).toBe(`https://api.stripe.com/v1/checkout/sessions/${id}`)
    expect(Object.fromEntries(call?.headers ?? [])).toMatchObject({
      authorization: 'Bearer rk_live_sandboxkey',
      'stripe-version': '2026-07-29.dahlia',
      'user-agent': expect.stringMatching(/^success-url\/\d/),
    })
    expect(call?.headers.has('cookie')).toBe(false)
  })

  it('payment mode: records under the payment intent, also for a guest and with an invoice beside it', async () => {
    const id = sessionId()
    worker.world.stripe.sell(id, { payment_intent: 'pi_guest', customer: null, invoice: 'in_beside' })
    expect(await sent(id, 'pi_guest')).toEqual({
      amount: 19.99,
      currency: 'EUR',
      transaction_id: 'pi_guest',
      datafast_visitor_id: VISITOR,
      email: 'buyer@example.com',
      name: 'Bea Buyer',
      timestamp: '2026-09-21T14:13:20.000Z',
    })
  })

  it('subscription mode: records the first payment under its invoice and not as a renewal', async () => {
    const id = sessionId()
    worker.world.stripe.subscribe(id, { invoice: 'in_first', customer: 'cus_first' })
    const body = await sent(id, 'in_first')
    expect(body).toMatchObject({ amount: 19.99, customer_id: 'cus_first' })
    expect(body).not.toHaveProperty('renewal')
    expect(body).not.toHaveProperty('is_free_trial')
  })

  it('leaves the visitor under the subscription, for renewals to inherit', async () => {
    const id = sessionId()
    worker.world.stripe.subscribe(id, { invoice: 'in_heritage', subscription: 'sub_heritage' })
    await sent(id, 'in_heritage')
    const entry = await eventually(() => worker.recorded.get('stripe:sub_heritage', 'json'), Boolean)
    expect(entry).toEqual({ v: 1, transaction_id: 'in_heritage', datafast_visitor_id: VISITOR })
  })

  it.each(['no_payment_required', 'paid'])('records a trial whose session says %s as a free trial of amount 0', async (payment_status) => {
    const id = sessionId()
    worker.world.stripe.startTrial(id, { payment_status, invoice: `in_trial_${payment_status}` })
    expect(await sent(id, `in_trial_${payment_status}`)).toMatchObject({ amount: 0, is_free_trial: true, email: 'buyer@example.com' })
  })

  it('knows a trial by its dates at purchase time, not by what the subscription is now', async () => {
    const id = sessionId()
    const session = worker.world.stripe.startTrial(id, { invoice: 'in_trial_over' })
    const subscription = worker.world.stripe.subscriptions.get(String(session.subscription))
    if (subscription) subscription.status = 'canceled'
    expect(await sent(id, 'in_trial_over')).toMatchObject({ amount: 0, is_free_trial: true })
  })

  it('does not take a subscription whose first period was free for a trial', async () => {
    const id = sessionId()
    worker.world.stripe.subscribe(id, { amount_total: 0, total_details: { amount_tax: 0 }, invoice: 'in_free_period' })
    expect(await worker.visit(`/checkout/success/stripe?session_id=${id}`, { visitor: VISITOR })).toMatchObject({ outcome: 'paid' })
    const state = await eventually(
      () => worker.stateOf(`stripe:${id}`),
      (order) => order?.stage.at === 'ended',
    )
    expect(state?.stage).toMatchObject({ end: 'skipped', reason: 'free-order' })
    expect(worker.world.callsTo('datafast', 'in_free_period')).toEqual([])
  })

  it('lets a setup session pass: nothing was bought', async () => {
    const id = sessionId()
    worker.world.stripe.sell(id, {
      mode: 'setup',
      currency: null,
      amount_total: null,
      payment_intent: null,
      payment_status: 'no_payment_required',
    })
    expect(await worker.visit(`/checkout/success/stripe?session_id=${id}`)).toMatchObject({ outcome: 'paid' })
    expect((await worker.stateOf(`stripe:${id}`))?.stage).toMatchObject({ end: 'skipped', reason: 'no-payment' })
  })

  it.each([
    [1999, 'eur', 19.99],
    [500, 'jpy', 500],
    [10_000, 'isk', 100],
    [500, 'ugx', 5],
    [5000, 'mga', 5000],
    [150_000, 'huf', 1500],
    [30_000, 'twd', 300],
    [1230, 'kwd', 1.23],
    [99_999_990, 'bhd', 99_999.99],
    [29, 'usd', 0.29],
    [1_000_000, 'krw', 1_000_000],
    [5000, 'clp', 5000],
    [99_999_999_999, 'idr', 999_999_999.99],
    [1999, 'sle', 19.99],
    [1999, 'xcg', 19.99],
  ])('counts %i %s as %d', async (amount_total, currency, amount) => {
    const id = sessionId()
    const transactionId = `pi_${currency}`
    worker.world.stripe.sell(id, { amount_total, currency, payment_intent: transactionId, total_details: { amount_tax: 0 } })
    expect(await sent(id, transactionId)).toMatchObject({ amount, currency: currency.toUpperCase() })
  })

  it.each([
    ['an unknown currency', { currency: 'zzz' }],
    ['no currency', { currency: null }],
    ['a negative amount', { amount_total: -1 }],
    ['half a cent', { amount_total: 19.5 }],
    ['no amount', { amount_total: null }],
  ])('parks a paid order with %s rather than guess, and the buyer lands', async (_, fields) => {
    const id = sessionId()
    worker.world.stripe.sell(id, { payment_intent: `pi_unclear_${id}`, ...fields })
    expect(await worker.visit(`/checkout/success/stripe?session_id=${id}`, { visitor: VISITOR })).toMatchObject({ outcome: 'paid' })
    const state = await worker.stateOf(`stripe:${id}`)
    expect(state?.stage).toMatchObject({ at: 'provider', tries: { row: 'unclear' } })
    expect(worker.world.callsTo('datafast', `pi_unclear_${id}`)).toEqual([])
  })

  it.each([
    ['explicit metadata before anything else', { metadata: { datafast_visitor_id: OTHER_VISITOR } }, OTHER_VISITOR],
    ['the marked reference', { client_reference_id: `datafast_${OTHER_VISITOR}` }, OTHER_VISITOR],
    ['the marked reference among the founder’s own', { client_reference_id: `user-77_datafast_${OTHER_VISITOR}_plan` }, OTHER_VISITOR],
    [
      'metadata before the reference',
      { metadata: { datafast_visitor_id: OTHER_VISITOR }, client_reference_id: `datafast_${VISITOR.replace('6', '7')}` },
      OTHER_VISITOR,
    ],
    ['the cookie when the reference is the founder’s own', { client_reference_id: OTHER_VISITOR }, VISITOR],
    ['the cookie when the metadata holds something else', { metadata: { datafast_visitor_id: 'undefined' } }, VISITOR],
    ['the cookie when the metadata is not even a text', { metadata: { datafast_visitor_id: { deep: 1 } } }, VISITOR],
    ['the cookie when the mark is followed by more digits', { client_reference_id: `datafast_${OTHER_VISITOR}0` }, VISITOR],
  ])('attributes by %s', async (name, fields, visitor) => {
    const id = sessionId()
    const transactionId = `pi_by_${name.length}_${id}`
    worker.world.stripe.sell(id, { payment_intent: transactionId, ...fields })
    expect(await sent(id, transactionId)).toMatchObject({ datafast_visitor_id: visitor })
  })

  it('reads ids also where Stripe sends the object itself', async () => {
    const id = sessionId()
    const expanded = {
      payment_intent: { id: 'pi_expanded' },
      customer: { id: 'cus_expanded', email: 'x' },
      payment_link: { id: 'plink_1' },
    }
    worker.world.stripe.sell(id, expanded)
    expect(await sent(id, 'pi_expanded')).toMatchObject({ customer_id: 'cus_expanded' })
    const trial = sessionId()
    const session = worker.world.stripe.startTrial(trial)
    const subscription = worker.world.stripe.subscriptions.get(String(session.subscription))
    worker.world.stripe.startTrial(trial, { invoice: { id: 'in_expanded' }, subscription })
    expect(await sent(trial, 'in_expanded')).toMatchObject({ amount: 0, is_free_trial: true })
  })

  it('counts what was paid even where the tax makes no sense', async () => {
    const id = sessionId()
    worker.world.stripe.sell(id, { payment_intent: 'pi_odd_tax', total_details: { amount_tax: -5 } })
    expect(await sent(id, 'pi_odd_tax')).toMatchObject({ amount: 19.99 })
  })

  it('survives fields of the wrong type where nothing depends on them', async () => {
    const id = sessionId()
    worker.world.stripe.sell(id, {
      payment_intent: 'pi_odd',
      customer: 7,
      customer_details: 'nobody',
      client_reference_id: [1],
      metadata: null,
      payment_link: {},
    })
    expect(await sent(id, 'pi_odd')).toMatchObject({ amount: 19.99 })
  })

  it.each([
    ['an unknown session status', { status: 'processing' }],
    ['an unknown payment status', { payment_status: 'partially_paid' }],
  ])('takes %s for pending, never for paid', async (_, fields) => {
    const id = sessionId()
    worker.world.stripe.sell(id, fields)
    expect(await worker.visit(`/checkout/success/stripe?session_id=${id}`)).toMatchObject({ outcome: 'pending' })
  })
})
