import { describe, expect, it } from 'vitest'
import { arrive } from '../../src/order/arrive.ts'
import { nextStep, verdictOf } from '../../src/order/outlook.ts'
import { answered, gathered, replied } from '../../src/order/rules.ts'
import type { Arrival, State } from '../../src/order/state.ts'
import type { Answer, Payment } from '../../src/payment.ts'
import { arrivalOf, at, DAY, HOUR, MINUTE, newOrder, paidOrder, payment, SECOND, START } from './order.ts'

const VISITOR = '6f1c2a34-9b7d-4e21-8c55-d0e1f2a3b4c5'
const elsewhere = (now: number) => at(now, { isOurs: (url) => url.startsWith('https://pay.example.com') })

describe('whose orders count', () => {
  const other: Answer = { is: 'paid', payment: payment({ successUrl: 'https://other-shop.example/thanks?buyer=bea' }) }
  const webhook: Partial<Arrival> = { door: 'webhook', here: 'https://pay.example.com' }

  it('an order that only the provider tells of, and whose buyers are sent elsewhere, is another shop’s', () => {
    const state = answered(newOrder(webhook), other, elsewhere(START))
    expect(state.stage).toMatchObject({ end: 'skipped', reason: 'other-success-url', outcome: 'paid' })
  })

  it('an order whose buyers are sent here, or of which nobody says where they are sent, counts', () => {
    for (const successUrl of ['https://pay.example.com/checkout/success/stripe', undefined, null, '']) {
      const answer: Answer = { is: 'paid', payment: payment({ successUrl }) }
      expect(answered(newOrder(webhook), answer, elsewhere(START)).stage.at).toBe('gathering')
    }
  })

  it('the address is forgotten once it has had its say: it may hold anything', () => {
    const state = answered(newOrder({}), other, elsewhere(START))
    expect(JSON.stringify(state)).not.toContain('other-shop')
  })

  it('a redirect scopes itself', () => {
    expect(answered(newOrder({ door: 'redirect' }), other, elsewhere(START)).stage.at).toBe('gathering')
  })

  it('so does one that came to the order which handed over', () => {
    expect(answered(newOrder({ door: 'order', returned: true }), other, elsewhere(START)).stage.at).toBe('gathering')
  })

  it('a buyer who comes back after all makes it asked about again, another webhook does not', () => {
    const skipped = answered(newOrder(webhook), other, elsewhere(START))
    const later = START + HOUR
    expect(arrive(skipped, arrivalOf({ ...webhook, at: later }), at(later)).stage.at).toBe('ended')
    const returned = arrive(skipped, arrivalOf({ door: 'redirect', at: START + SECOND, visitors: [VISITOR] }), at(START + SECOND))
    expect(returned.stage.at).toBe('provider')
    expect(answered(returned, other, elsewhere(START + SECOND)).stage.at).toBe('gathering')
  })

  it('a checkout that hands over later may tell more: an order that nobody came back with is asked about again', () => {
    const held = paidOrder(webhook)
    expect(held.stage.at).toBe('held')
    const alias = 'creem:ch_1'
    expect(arrive(held, arrivalOf({ door: 'order', alias }), at(START + 1)).stage.at).toBe('provider')
    expect(arrive(held, arrivalOf({ door: 'order', alias, returned: true, visitors: [VISITOR] }), at(START + 1)).stage.at).toBe('datafast')
    const skipped = answered(newOrder(webhook), other, elsewhere(START))
    expect(arrive(skipped, arrivalOf({ door: 'order', alias }), at(START + 1)).stage.at).toBe('provider')
  })

  it('a checkout told of while the question is under way has it asked again', () => {
    const asked = newOrder(webhook)
    const named = arrive(asked, arrivalOf({ door: 'order', alias: 'creem:ch_1' }), elsewhere(START))
    const mine: Answer = { is: 'paid', payment: payment() }
    expect(answered(named, mine, elsewhere(START + 1), asked).stage.at).toBe('provider')
    expect(answered(named, mine, elsewhere(START + 2), named).stage.at).toBe('gathering')
  })

  it('a checkout told of while everybody is asked for a visitor has the provider asked again, whatever they say', () => {
    const gathering = answered(newOrder(webhook), { is: 'paid', payment: payment() }, elsewhere(START))
    const named = arrive(gathering, arrivalOf({ door: 'order', alias: 'creem:ch_1' }), elsewhere(START + 1))
    expect(gathered(named, { visitors: [VISITOR], silent: false }, elsewhere(START + 2)).stage.at).toBe('provider')
  })

  it('a checkout told of while the payment is under way has the provider asked again, unless it was accepted', () => {
    const sending = answered(newOrder({ ...webhook, carried: [VISITOR] }), { is: 'paid', payment: payment() }, elsewhere(START))
    const posted = gathered(sending, { visitors: [], silent: false }, elsewhere(START))
    expect(posted.stage.at).toBe('datafast')
    const named = arrive(posted, arrivalOf({ door: 'order', alias: 'creem:ch_1' }), elsewhere(START + 1))
    const after = (reply: Parameters<typeof replied>[2]) => replied(named, VISITOR, reply, elsewhere(START + 2))
    expect(after({ is: 'unavailable', reason: 'http-503' }).stage).toMatchObject({ at: 'provider', tries: { count: 0 } })
    expect(after({ is: 'visitor-rejected' })).toMatchObject({ struck: [VISITOR], stage: { at: 'provider' } })
    expect(after({ is: 'accepted', reason: 'recorded' }).stage).toMatchObject({ end: 'recorded' })
  })

  it('an order stored before there were webhooks came by redirect', () => {
    const { returned: _, ...old } = newOrder({ door: 'redirect' })
    expect(answered(old, other, elsewhere(START)).stage.at).toBe('gathering')
    const told = arrive(old, arrivalOf({ ...webhook, at: START + 1 }), at(START + 1))
    expect(answered(told, other, elsewhere(START + 2)).stage.at).toBe('gathering')
    const moved = answered(old, { is: 'moved', to: 'stripe:cs_live_2', carried: [] }, elsewhere(START))
    expect(nextStep(moved, START)).toMatchObject({ do: 'hand-over', arrival: { returned: true } })
  })

  it('a renewal that was left out with its sale is asked about again when it is told of again', () => {
    const renewal = answered(
      newOrder(webhook),
      { is: 'paid', payment: payment({ kind: 'renewal', firstSale: 'stripe:cs_live_0' }) },
      at(START),
    )
    const sale = { is: 'ended' as const, end: 'skipped' as const, reason: 'other-success-url', visitors: [] }
    const skipped = gathered(renewal, { visitors: [], silent: false, sale }, at(START))
    expect(arrive(skipped, arrivalOf({ ...webhook, at: START + HOUR }), at(START + HOUR)).stage.at).toBe('provider')
  })

  it('a renewal of a sale that can no longer be found counts by its own product', () => {
    const world = at(START, { only: new Map([['gumroad', ['ours']]]) })
    const sale = { is: 'ended' as const, end: 'skipped' as const, reason: 'no-sale', visitors: [] }
    for (const [soldAs, stage] of [
      ['other', { reason: 'other-product' }],
      ['ours', { at: 'held' }],
    ] as const) {
      const found: Answer = { is: 'paid', payment: payment({ kind: 'renewal', firstSale: 'gumroad:sub_1', soldAs: [soldAs] }) }
      const renewal = answered(newOrder({ door: 'webhook', reference: 'gumroad:a' }), found, world)
      expect(gathered(renewal, { visitors: [], silent: false, sale }, world).stage).toMatchObject(stage)
    }
  })

  it.each(['other-success-url', 'other-product'])('a renewal of a sale that is %s is as well', (reason) => {
    const renewal = answered(
      newOrder(webhook),
      { is: 'paid', payment: payment({ kind: 'renewal', firstSale: 'stripe:cs_live_0' }) },
      at(START),
    )
    const sale = { is: 'ended' as const, end: 'skipped' as const, reason, visitors: [] }
    expect(gathered(renewal, { visitors: [], silent: false, sale }, at(START)).stage).toMatchObject({ end: 'skipped', reason })
  })
})

describe('what the provider tells just after an answer', () => {
  const soon = START + 2 * SECOND
  const webhook = arrivalOf({ door: 'webhook', at: soon })

  it('has a pending payment asked about five seconds after that answer, and a visit has not', () => {
    let pending = newOrder()
    // An hour on the schedule gives an hour's wait.
    for (let count = 0; count < 8; count++) pending = answered(pending, { is: 'pending', reason: 'unpaid' }, at(START))
    const { stage } = pending
    const asked = {
      ...pending,
      stage: { ...stage, answeredAt: START, tries: { ...('tries' in stage && stage.tries), due: START + HOUR } },
    } as State
    expect(arrive(asked, webhook, at(soon)).stage).toMatchObject({ tries: { due: START + 5 * SECOND } })
    expect(arrive(asked, arrivalOf({ at: soon }), at(soon)).stage).toMatchObject({ tries: { due: START + HOUR } })
  })

  it('has a refused order asked about as well', () => {
    const refused = answered(newOrder(), { is: 'not-paid', reason: 'failed' }, at(START))
    expect(arrive(refused, webhook, at(soon)).stage).toMatchObject({ at: 'provider', tries: { due: START + 5 * SECOND } })
    expect(arrive(refused, arrivalOf({ at: soon }), at(soon)).stage.at).toBe('ended')
  })

  it('is not lost when it is told while the question is under way', () => {
    const asked = newOrder({ door: 'webhook' })
    const told = arrive(asked, arrivalOf({ door: 'webhook', at: START + 1 }), at(START + 1))
    const state = answered(told, { is: 'not-paid', reason: 'open' }, at(START + 2), asked)
    expect(state.stage).toMatchObject({ at: 'provider', tries: { due: START + 2 + 5 * SECOND } })
    expect(answered(state, { is: 'not-paid', reason: 'open' }, at(START + 6 * SECOND)).stage).toMatchObject({ end: 'refused' })
  })

  it('is no news when it was told before the answer', () => {
    const refused = answered(newOrder(), { is: 'not-paid', reason: 'failed' }, at(START))
    expect(arrive(refused, arrivalOf({ door: 'webhook', at: START - 1 }), at(START + HOUR)).stage.at).toBe('ended')
  })
})

describe('an event that calls its order a test', () => {
  it('is believed, since it can only leave an order out', () => {
    const state = answered(newOrder({ door: 'webhook', test: true }), { is: 'paid', payment: payment() }, at(START))
    expect(state.stage).toMatchObject({ end: 'skipped', reason: 'test-payment' })
    expect(verdictOf(state, START)).toMatchObject({ outcome: 'test' })
  })

  it('is believed as long as the order is not sent, however late it comes', () => {
    const held = paidOrder({ door: 'redirect' })
    const asked = arrive(held, arrivalOf({ door: 'webhook', test: true, at: START + 1 }), at(START + 1))
    expect(asked.stage.at).toBe('provider')
    expect(answered(asked, { is: 'paid', payment: payment() }, at(START + 2)).stage).toMatchObject({ reason: 'test-payment' })
  })

  it('is recorded where tests are', () => {
    const world = at(START, { testPayments: 'record' })
    expect(answered(newOrder({ door: 'webhook', test: true }), { is: 'paid', payment: payment() }, world).stage.at).toBe('gathering')
  })
})

describe('a running total', () => {
  const REFERENCE = 'creem:refunds_tran_1'
  const sale = { is: 'recorded', entry: { transactionId: 'tran_1', visitor: VISITOR, attributed: 'yes' } } as const
  const webhook = (now: number) => arrivalOf({ reference: REFERENCE, door: 'webhook', at: now })
  const step = (total: number, gross: number): Payment =>
    payment({ kind: 'refund', transactionId: `tran_1_refund_${total}`, gross, refundedMinor: total, firstSale: 'creem:tran_1' })
  /** @param heard - how many arrivals there were when the question was asked */
  const told = (state: State, answer: Answer, now: number, heard = state.arrivals) =>
    answered(state, answer, at(now), { ...state, arrivals: heard })

  /** From an answer to the accepted post. */
  function recordedStep(before: State, total: number, gross: number, now: number, heard?: number): State {
    const verified = told(before, { is: 'paid', payment: step(total, gross) }, now, heard)
    const sending = gathered(verified, { visitors: [], silent: false, sale }, at(now))
    expect(nextStep(sending, now)).toMatchObject({
      do: 'send',
      visitor: VISITOR,
      payment: { transactionId: `tran_1_refund_${total}`, gross },
    })
    return replied(sending, VISITOR, { is: 'accepted', reason: 'recorded' }, at(now))
  }

  const first = () => recordedStep(arrive(undefined, webhook(START), at(START)), 500, 5, START)

  it('remembers how much of it is recorded', () => {
    expect(first()).toMatchObject({ sentMinor: 500, stage: { end: 'recorded' } })
  })

  it('that has grown is a payment of its own, however soon and however late it is told', () => {
    for (const now of [START + 1, START + 20 * DAY]) {
      const asked = arrive(first(), webhook(now), at(now))
      expect(asked.stage.at).toBe('provider')
      const second = recordedStep(asked, 1200, 7, now)
      expect(second).toMatchObject({ sentMinor: 1200, recorded: { transactionId: 'tran_1_refund_1200', attributed: 'yes' } })
    }
  })

  it('that has not grown stays recorded', () => {
    const now = START + MINUTE
    const asked = arrive(first(), webhook(now), at(now))
    const state = told(asked, { is: 'ignored', reason: 'already-recorded' }, now)
    expect(state.stage).toMatchObject({ end: 'recorded', reason: 'already-recorded' })
    expect(state.recorded?.transactionId).toBe('tran_1_refund_500')
  })

  it('is asked for again when more was told while the last question was under way', () => {
    const one = arrive(undefined, webhook(START), at(START))
    const two = arrive(one, webhook(START + 1), at(START + 1))
    // The question was asked for the first arrival alone.
    expect(recordedStep(two, 500, 5, START + 2, 1).stage.at).toBe('provider')
    expect(recordedStep(two, 500, 5, START + 2, 2).stage.at).toBe('ended')
  })

  it('that cannot be asked for again for a month ends as what it is: something may not have been recorded', () => {
    let state = arrive(first(), webhook(START + 1), at(START + 1))
    for (let now = START + 1; state.stage.at !== 'ended'; now += HOUR) state = told(state, { is: 'unreachable', reason: 'http-503' }, now)
    expect(state).toMatchObject({ sentMinor: 500, stage: { end: 'refused', reason: 'provider-unreachable' } })
    expect(state.recorded?.attributed).toBe('yes')
  })

  it('keeps the step that is under way when it comes to be known by another name', () => {
    const verified = told(arrive(undefined, webhook(START), at(START)), { is: 'paid', payment: step(300, 3) }, START)
    const sending = gathered(verified, { visitors: [], silent: false, sale }, at(START))
    const named = arrive(sending, arrivalOf({ reference: REFERENCE, door: 'order', alias: 'creem:refunds_tran_2' }), at(START + 1))
    expect(nextStep(named, START + 1)).toMatchObject({ do: 'send', payment: { transactionId: 'tran_1_refund_300' } })
  })

  it('of which the event told more than there ever was stays what is recorded', () => {
    let state = arrive(first(), { ...webhook(START + 1), toldMinor: 9_900 }, at(START + 1))
    for (let now = START + 1; state.stage.at !== 'ended'; now += 6 * HOUR)
      state = told(state, { is: 'pending', reason: 'not-refunded-yet' }, now)
    expect(state).toMatchObject({ sentMinor: 500, stage: { end: 'recorded', reason: 'pending-expired' } })
  })

  it('of which an event tells more than the provider’s API so far is waited for', () => {
    const now = START + MINUTE
    const asked = arrive(first(), { ...webhook(now), toldMinor: 1200 }, at(now))
    const waiting = told(asked, { is: 'pending', reason: 'not-refunded-yet' }, now)
    expect(waiting.stage).toMatchObject({ at: 'provider', tries: { due: now + 5 * SECOND } })
    expect(recordedStep(waiting, 900, 4, now + 5 * SECOND).stage.at).toBe('provider')
    expect(recordedStep(waiting, 1200, 7, now + 5 * SECOND).stage.at).toBe('ended')
  })
})

describe('a refund whose sale was not recorded', () => {
  const ended = gathered(
    answered(newOrder({ door: 'webhook' }), { is: 'paid', payment: payment({ kind: 'refund', firstSale: 'stripe:cs_live_0' }) }, at(START)),
    { visitors: [], silent: false, sale: { is: 'ended', end: 'skipped', reason: 'other-success-url', visitors: [] } },
    at(START),
  )

  it('is asked about again when the provider tells of it again: the sale may count by now', () => {
    expect(ended.stage).toMatchObject({ end: 'skipped', reason: 'sale-not-recorded' })
    const now = START + HOUR
    expect(arrive(ended, arrivalOf({ door: 'webhook', at: now }), at(now)).stage.at).toBe('provider')
  })
})

describe('an order that the provider announced and did not know for days', () => {
  it('is asked about again by whoever comes with it: the key may be mended by now', () => {
    let state = newOrder({ door: 'webhook' })
    let now = START
    for (; state.stage.at !== 'ended'; now += HOUR) state = answered(state, { is: 'unknown' }, at(now))
    expect(state.stage).toMatchObject({ end: 'refused', reason: 'unknown' })
    expect(arrive(state, arrivalOf({ door: 'redirect', at: now + MINUTE }), at(now + MINUTE)).stage.at).toBe('provider')
  })
})

describe('an order that ends without being sent', () => {
  it('keeps nothing personal', () => {
    const named = answered(newOrder(), { is: 'paid', payment: payment({ kind: 'refund', firstSale: 'stripe:cs_live_0' }) }, at(START))
    const sale = { is: 'ended' as const, end: 'skipped' as const, reason: 'free-order', visitors: [] }
    expect(named.payment?.customer).toMatchObject({ customer_id: 'cus_1' })
    expect(gathered(named, { visitors: [], silent: false, sale }, at(START)).payment?.customer).toEqual({})
  })
})
