import { describe, expect, it } from 'vitest'
import { withWorker, worker } from '../bundle/at-provider.ts'
import { eventually, sessionId } from '../bundle/worker.ts'
import { HOSTILE, strangersAmong } from './hostile.ts'

const HOST = 'https://shop.example.com'

withWorker({
  vars: {
    THANK_YOU_URL: `${HOST}/{transaction_id}/thanks?id={transaction_id}&how={outcome}#{transaction_id}`,
    PENDING_URL: `${HOST}/pending?id={transaction_id}&how={outcome}`,
    NOT_PAID_URL: `${HOST}/not-paid?id={transaction_id}&how={outcome}`,
    ATTRIBUTION_WAIT_SECONDS: 0,
  },
})

const visit = (id: string) => worker.visit(`/checkout/success/stripe?session_id=${id}`)

describe('A transaction id in the page’s address', () => {
  it.each(HOSTILE)('is escaped, should a provider call it %j', async (transactionId) => {
    const id = sessionId()
    worker.world.stripe.sell(id, { payment_intent: transactionId })
    const { status, location, headers } = await visit(id)
    expect([status, strangersAmong(headers)]).toEqual([303, []])
    const page = new URL(location ?? '')
    expect(page.origin).toBe(HOST)
    expect([page.searchParams.get('id'), page.searchParams.get('how')]).toEqual([transactionId, 'paid'])
    expect([...page.searchParams.keys()]).toEqual(['id', 'how'])
    expect(decodeURIComponent(page.hash.slice(1))).toBe(transactionId)
    // As it was written: nothing in it is for a browser to make sense of.
    expect(location).toMatch(/^https:\/\/shop\.example\.com\/[\w.~!'()*%-]+\/thanks\?id=[\w.~!'()*%-]+&how=paid#[\w.~!'()*%-]+$/)
  })

  it('cannot be asked for: whoever guesses an id learns none', async () => {
    const [open, nobodys] = [sessionId(), sessionId()]
    worker.world.stripe.sell(open, { status: 'open', payment_intent: 'pi_not_told' })
    for (const id of [nobodys, sessionId('test'), 'cs_live_', '{CHECKOUT_SESSION_ID}', '']) {
      expect((await visit(id)).location).toMatch(/^https:\/\/shop\.example\.com\/pending\?id=&how=(unknown|invalid)$/)
    }
    expect((await visit(open)).location).toBe(`${HOST}/not-paid?id=&how=not-paid`)
  })

  it('is told to whoever has the order’s own id, at the first visit and at the last', async () => {
    const id = sessionId()
    worker.world.stripe.sell(id, { payment_intent: 'pi_of_theirs' })
    expect((await visit(id)).location).toBe(`${HOST}/pi_of_theirs/thanks?id=pi_of_theirs&how=paid#pi_of_theirs`)
    await eventually(() => worker.recorded.get(`stripe:${id}`), Boolean)
    expect((await visit(id)).location).toBe(`${HOST}/pi_of_theirs/thanks?id=pi_of_theirs&how=repeat#pi_of_theirs`)
  })
})
