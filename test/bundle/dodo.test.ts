import { describe, expect, it } from 'vitest'
import { at, bodyOf, recorded, withWorker, worker } from './at-provider.ts'
import { dodoId, eventually, OTHER_VISITOR, VISITOR } from './worker.ts'

const { visitAt: returnWith } = at('dodo')
withWorker({ vars: { CUSTOMER_FIELDS: 'email,name,customer_id' } })

describe('Dodo Payments', () => {
  it('records a one-time payment under its own id', async () => {
    const id = dodoId()
    worker.world.dodo.sell(id)
    expect(await returnWith(`payment_id=${id}&status=succeeded&email=buyer%40example.com`, VISITOR)).toMatchObject({
      status: 303,
      outcome: 'paid',
    })
    await recorded(id)
    expect(bodyOf(id)).toEqual({
      amount: 29,
      currency: 'USD',
      transaction_id: id,
      datafast_visitor_id: VISITOR,
      customer_id: `cus_${id.slice(-8)}`,
      email: 'buyer@example.com',
      name: 'Bea Buyer',
      timestamp: '2026-09-21T13:46:40.123Z',
    })
  })

  it('does not believe the status of the address', async () => {
    const [failed, paid] = [dodoId(), dodoId()]
    worker.world.dodo.sell(failed, { status: 'failed' })
    worker.world.dodo.sell(paid)
    expect(await returnWith(`payment_id=${failed}&status=succeeded`)).toMatchObject({ outcome: 'not-paid' })
    expect(await returnWith(`payment_id=${paid}&status=failed`)).toMatchObject({ outcome: 'paid' })
  })

  it.each([null, 'processing', 'requires_customer_action', 'partially_captured', 'a_word_of_next_year'])(
    'takes the status %s for pending',
    async (status) => {
      const id = dodoId()
      worker.world.dodo.sell(id, { status })
      expect(await returnWith(`payment_id=${id}`)).toMatchObject({ outcome: 'pending' })
    },
  )

  it('a subscription return moves to its first payment, which keeps the visitor and answers for both names', async () => {
    const [subscription, payment] = [dodoId('sub'), dodoId()]
    worker.world.dodo.subscribe(subscription)
    worker.world.dodo.sell(payment, { subscription_id: subscription })
    expect(await returnWith(`subscription_id=${subscription}&status=active`, VISITOR)).toMatchObject({ outcome: 'paid' })
    expect(await recorded(payment)).toMatchObject({ datafast_visitor_id: VISITOR, amount: 29 })
    expect(bodyOf(payment)).not.toHaveProperty('renewal')
    await eventually(() => worker.recorded.get(`dodo:${subscription}`), Boolean)
    await eventually(() => worker.recorded.get(`dodo:${payment}`), Boolean)
    const before = worker.world.calls.length
    expect(await returnWith(`subscription_id=${subscription}`, VISITOR)).toMatchObject({ outcome: 'repeat' })
    expect(await returnWith(`payment_id=${payment}`, VISITOR)).toMatchObject({ outcome: 'repeat' })
    expect(worker.world.calls.length).toBe(before)
    expect(worker.world.callsTo('datafast', subscription)).toEqual([])
  })

  it('a subscription return whose payment is still minutes away is pending, and is recorded when it has come', async () => {
    const [subscription, payment] = [dodoId('sub'), dodoId()]
    worker.world.dodo.subscribe(subscription)
    expect(await returnWith(`subscription_id=${subscription}&status=active`, VISITOR)).toMatchObject({ outcome: 'pending' })
    worker.world.dodo.sell(payment, { subscription_id: subscription })
    expect(await recorded(payment, 15_000)).toMatchObject({ datafast_visitor_id: VISITOR })
  })

  it('finds the visitor who came by the subscription when the payment itself comes without one', async () => {
    const [subscription, payment] = [dodoId('sub'), dodoId()]
    worker.world.dodo.subscribe(subscription)
    worker.world.service('dodo').faults.push('none', 'none')
    await returnWith(`subscription_id=${subscription}`, VISITOR)
    worker.world.dodo.sell(payment, { subscription_id: subscription })
    expect(await returnWith(`payment_id=${payment}`)).toMatchObject({ outcome: 'paid' })
    expect(await recorded(payment)).toMatchObject({ datafast_visitor_id: VISITOR })
  })

  it('keeps every visitor who arrives while the order is being handed over', async () => {
    const [subscription, payment] = [dodoId('sub'), dodoId()]
    worker.world.dodo.subscribe(subscription)
    worker.world.dodo.sell(payment, { subscription_id: subscription })
    worker.world.service('dodo').delayMs = 150
    const [first, second] = await Promise.all([
      returnWith(`subscription_id=${subscription}`),
      new Promise((resolve) => setTimeout(resolve, 200)).then(() => returnWith(`subscription_id=${subscription}`, VISITOR)),
    ])
    worker.world.service('dodo').delayMs = 0
    expect(first).toMatchObject({ outcome: 'paid' })
    expect(second).toMatchObject({ outcome: 'paid' })
    expect(await recorded(payment)).toMatchObject({ datafast_visitor_id: VISITOR })
  })

  it('files a later payment of the subscription as a renewal that inherits the visitor of the first', async () => {
    const [subscription, first, second] = [dodoId('sub'), dodoId(), dodoId()]
    worker.world.dodo.subscribe(subscription)
    worker.world.dodo.sell(first, { subscription_id: subscription })
    await returnWith(`payment_id=${first}`, VISITOR)
    await recorded(first)
    worker.world.dodo.sell(second, { subscription_id: subscription, created_at: '2026-10-21T13:46:40Z' })
    await returnWith(`payment_id=${second}`, OTHER_VISITOR)
    await recorded(second)
    expect(bodyOf(second)).toMatchObject({ renewal: true, datafast_visitor_id: VISITOR, timestamp: '2026-10-21T13:46:40.000Z' })
  })

  it('announces the first sale when only a renewal is heard of', async () => {
    const [subscription, first, second] = [dodoId('sub'), dodoId(), dodoId()]
    worker.world.dodo.subscribe(subscription)
    worker.world.dodo.sell(first, { subscription_id: subscription, metadata: { datafast_visitor_id: VISITOR } })
    worker.world.dodo.sell(second, { subscription_id: subscription, created_at: '2026-10-21T13:46:40Z' })
    await returnWith(`payment_id=${second}`)
    expect(await recorded(first)).toMatchObject({ datafast_visitor_id: VISITOR })
    await recorded(second, 15_000)
    expect(bodyOf(second)).toMatchObject({ renewal: true, datafast_visitor_id: VISITOR })
  })

  it('finds the first payment behind more pages than one', async () => {
    const [subscription, first, last] = [dodoId('sub'), dodoId(), dodoId()]
    worker.world.dodo.subscribe(subscription)
    worker.world.dodo.sell(first, { subscription_id: subscription })
    for (let week = 1; week <= 120; week++) {
      const created_at = new Date(Date.parse('2026-09-21T13:46:40Z') + week * 7 * 86_400_000).toISOString()
      worker.world.dodo.sell(week === 120 ? last : dodoId(), { subscription_id: subscription, created_at })
    }
    await returnWith(`subscription_id=${subscription}`, VISITOR)
    expect(await recorded(first)).toMatchObject({ datafast_visitor_id: VISITOR })
  })

  it('records a free trial under the subscription, which does not move', async () => {
    const subscription = dodoId('sub')
    worker.world.dodo.subscribe(subscription, { trial_period_days: 14 })
    expect(await returnWith(`subscription_id=${subscription}&status=active`, VISITOR)).toMatchObject({ outcome: 'paid' })
    await recorded(subscription)
    expect(bodyOf(subscription)).toMatchObject({
      amount: 0,
      is_free_trial: true,
      email: 'buyer@example.com',
      timestamp: '2026-09-21T13:45:00.000Z',
    })
  })

  it('leads the zero payment of a trial to its subscription', async () => {
    const [subscription, zero] = [dodoId('sub'), dodoId()]
    worker.world.dodo.subscribe(subscription, { trial_period_days: 14 })
    worker.world.dodo.sell(zero, { subscription_id: subscription, total_amount: 0, tax: 0 })
    expect(await returnWith(`payment_id=${zero}`, VISITOR)).toMatchObject({ outcome: 'paid' })
    expect(await recorded(subscription)).toMatchObject({ amount: 0, is_free_trial: true, datafast_visitor_id: VISITOR })
    expect(worker.world.dataFast.ledger.has(zero)).toBe(false)
  })

  it('files the first charge after a trial as a first payment of the trial’s visitor', async () => {
    const [subscription, charge] = [dodoId('sub'), dodoId()]
    worker.world.dodo.subscribe(subscription, { trial_period_days: 14 })
    await returnWith(`subscription_id=${subscription}`, VISITOR)
    await recorded(subscription)
    worker.world.dodo.sell(charge, { subscription_id: subscription, created_at: '2026-10-05T13:45:00Z' })
    await returnWith(`payment_id=${charge}`)
    await recorded(charge)
    expect(bodyOf(charge)).toMatchObject({ amount: 29, datafast_visitor_id: VISITOR })
    expect(bodyOf(charge)).not.toHaveProperty('renewal')
    expect(bodyOf(charge)).not.toHaveProperty('is_free_trial')
  })

  it('counts a charge that came early, in the first half of a trial that was recorded already', async () => {
    const [subscription, charge] = [dodoId('sub'), dodoId()]
    worker.world.dodo.subscribe(subscription, { trial_period_days: 14 })
    await returnWith(`subscription_id=${subscription}`, VISITOR)
    await eventually(() => worker.recorded.get(`dodo:${subscription}`), Boolean)
    worker.world.dodo.sell(charge, { subscription_id: subscription, created_at: '2026-09-24T13:45:00Z' })
    await returnWith(`payment_id=${charge}`, VISITOR)
    await recorded(charge)
    expect(bodyOf(charge)).toMatchObject({ amount: 29, transaction_id: charge })
  })

  it('takes the subscription when the payment’s parameter is empty', async () => {
    const [subscription, payment] = [dodoId('sub'), dodoId()]
    worker.world.dodo.subscribe(subscription)
    worker.world.dodo.sell(payment, { subscription_id: subscription })
    expect(await returnWith(`payment_id=&subscription_id=${subscription}`, VISITOR)).toMatchObject({ outcome: 'paid' })
  })

  it('takes a paid trial for the payment that it is', async () => {
    const [subscription, payment] = [dodoId('sub'), dodoId()]
    worker.world.dodo.subscribe(subscription, { trial_period_days: 14, trial_amount: 100 })
    worker.world.dodo.sell(payment, { subscription_id: subscription, total_amount: 100, tax: 0 })
    await returnWith(`subscription_id=${subscription}`, VISITOR)
    await recorded(payment)
    expect(bodyOf(payment)).toMatchObject({ amount: 1 })
    expect(bodyOf(payment)).not.toHaveProperty('is_free_trial')
  })

  it('files the first money after a free first period as a first payment', async () => {
    const [subscription, free, paid] = [dodoId('sub'), dodoId(), dodoId()]
    worker.world.dodo.subscribe(subscription)
    worker.world.dodo.sell(free, { subscription_id: subscription, total_amount: 0, tax: 0 })
    expect(await returnWith(`subscription_id=${subscription}`, VISITOR)).toMatchObject({ outcome: 'paid' })
    await eventually(
      () => worker.stateOf(`dodo:${free}`),
      (state) => state?.stage.at === 'ended',
    )
    worker.world.dodo.sell(paid, { subscription_id: subscription, created_at: '2026-10-21T13:46:40Z' })
    await returnWith(`payment_id=${paid}`)
    await recorded(paid)
    expect(bodyOf(paid)).toMatchObject({ amount: 29, datafast_visitor_id: VISITOR })
    expect(bodyOf(paid)).not.toHaveProperty('renewal')
    expect(worker.world.dataFast.ledger.has(free)).toBe(false)
  })

  it('ignores a change of payment method', async () => {
    const id = dodoId()
    worker.world.dodo.sell(id, { total_amount: 0, tax: 0, is_update_payment_method: true })
    expect(await returnWith(`payment_id=${id}`, VISITOR)).toMatchObject({ outcome: 'paid' })
    expect((await worker.stateOf(`dodo:${id}`))?.stage).toMatchObject({ end: 'skipped', reason: 'payment-method-update' })
  })

  it.each(['failed', 'expired', 'cancelled'])('calls a subscription that %s before its first payment not paid', async (status) => {
    const subscription = dodoId('sub')
    worker.world.dodo.subscribe(subscription, { status })
    expect(await returnWith(`subscription_id=${subscription}`)).toMatchObject({ outcome: 'not-paid' })
  })

  it('takes the visitor from the metadata before the cookie, of the payment or else of the subscription', async () => {
    const [payment, subscription, first] = [dodoId(), dodoId('sub'), dodoId()]
    worker.world.dodo.sell(payment, { metadata: { datafast_visitor_id: OTHER_VISITOR } })
    await returnWith(`payment_id=${payment}`, VISITOR)
    expect(await recorded(payment)).toMatchObject({ datafast_visitor_id: OTHER_VISITOR })
    worker.world.dodo.subscribe(subscription, { metadata: { datafast_visitor_id: OTHER_VISITOR } })
    worker.world.dodo.sell(first, { subscription_id: subscription })
    await returnWith(`payment_id=${first}`, VISITOR)
    expect(await recorded(first)).toMatchObject({ datafast_visitor_id: OTHER_VISITOR })
  })

  it.each([
    [500, 'JPY', 500],
    [1234, 'KWD', 1.234],
    [1999, 'EUR', 19.99],
    [10_000, 'ISK', 10_000],
    [150_000, 'HUF', 1500],
    [5000, 'UGX', 5000],
    [5000, 'UYI', 5000],
  ])('counts %i %s as %d', async (total_amount, currency, amount) => {
    const id = dodoId()
    worker.world.dodo.sell(id, { total_amount, currency, tax: null })
    await returnWith(`payment_id=${id}`, VISITOR)
    expect(await recorded(id)).toMatchObject({ amount, currency })
  })

  it('parks ariary, whose scale its sources disagree about', async () => {
    const id = dodoId()
    worker.world.dodo.sell(id, { currency: 'MGA' })
    expect(await returnWith(`payment_id=${id}`, VISITOR)).toMatchObject({ outcome: 'paid' })
    expect((await worker.stateOf(`dodo:${id}`))?.stage).toMatchObject({ at: 'provider', tries: { row: 'unclear' } })
  })
})
