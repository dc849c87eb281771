import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dodoId, eventually, OTHER_VISITOR, PENDING, sessionId, startWorker, type TestWorker, THANK_YOU, VISITOR } from './worker.ts'

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker({
    vars: { PENDING_URL: PENDING, THANK_YOU_PAGES: { pro: 'https://shop.example.com/welcome-pro?plan={transaction_id}' } },
  })
})
afterAll(() => worker.stop())

async function expectNothingHappened(path: string, init: Parameters<TestWorker['visit']>[1] = {}) {
  const before = worker.world.calls.length
  const objects = (await worker.worker.listDurableObjectIds('Order')).length
  const answer = await worker.visit(path, { visitor: VISITOR, ...init })
  expect(answer).toMatchObject({ status: 303, location: PENDING, outcome: 'invalid' })
  expect(worker.world.calls.length).toBe(before)
  expect(await worker.worker.listDurableObjectIds('Order')).toHaveLength(objects)
}

describe('an impossible return', () => {
  it.each([
    ['no id', '/checkout/success/stripe'],
    ['an empty id', '/checkout/success/stripe?session_id='],
    ['a placeholder', '/checkout/success/stripe?session_id={CHECKOUT_SESSION_ID}'],
    ['an encoded placeholder', '/checkout/success/stripe?session_id=%7BCHECKOUT_SESSION_ID%7D'],
    ['a twice encoded placeholder', '/checkout/success/stripe?session_id=%257BCHECKOUT_SESSION_ID%257D'],
    ['another provider’s placeholder', '/checkout/success/stripe?session_id=[order_id]'],
    ['a prefix alone', '/checkout/success/stripe?session_id=cs_'],
    ['an id of something else', '/checkout/success/stripe?session_id=pi_3OQvYNAr28tIH9rj1DYRkqY0'],
    ['another provider’s id', '/checkout/success/stripe?session_id=pay_gr4RizvMOXFJ6xca3y2tU'],
    ['a path in the id', '/checkout/success/stripe?session_id=cs_live_..%2F..%2Fcustomers'],
    ['a query in the id', '/checkout/success/stripe?session_id=cs_live_a%3Fexpand%5B%5D%3Dcustomer'],
    ['a line break in the id', '/checkout/success/stripe?session_id=cs_live_a%0D%0ASet-Cookie:%20a=b'],
    ['a NUL in the id', '/checkout/success/stripe?session_id=cs_live_a%00'],
    ['a broken escape', '/checkout/success/stripe?session_id=cs_live_%E0%A4%A'],
    ['letters that only look alike', '/checkout/success/stripe?session_id=cs_live_%D0%B0%D0%B0'],
    ['256 characters', `/checkout/success/stripe?session_id=cs_${'a'.repeat(253)}`],
    ['8,000 characters', `/checkout/success/stripe?session_id=cs_${'a'.repeat(8000)}`],
    ['two ids', `/checkout/success/stripe?session_id=${'cs_live_a1'}&session_id=cs_live_b2`],
    ['the same id twice', `/checkout/success/stripe?session_id=${'cs_live_a1'}&session_id=cs_live_a1`],
    ['the id under another name', '/checkout/success/stripe?SESSION_ID=cs_live_a1'],
    ['an unknown provider', '/checkout/success/paypal?session_id=cs_live_a1'],
    ['no provider', '/checkout/success'],
    ['no provider, with a slash', '/checkout/success/?session_id=cs_live_a1'],
    ['an inherited property as provider', '/checkout/success/__proto__?session_id=cs_live_a1'],
    ['something below the provider', '/checkout/success/stripe/more?session_id=cs_live_a1'],
    ['a payment id that cannot be one', '/checkout/success/dodo?payment_id=sub_123'],
    ['a payment id next to a subscription id', '/checkout/success/dodo?payment_id=nonsense&subscription_id=sub_123456789'],
    ['a subscription id that cannot be one', '/checkout/success/dodo?subscription_id=pay_123'],
  ])('with %s is redirected, nobody is asked and nothing stored', (_, path) => expectNothingHappened(path))

  it('at the longest possible id is still looked up', async () => {
    const id = `cs_${'a'.repeat(252)}`
    worker.world.stripe.sell(id, { livemode: true })
    expect(await worker.visit(`/checkout/success/stripe?session_id=${id}`)).toMatchObject({ outcome: 'paid' })
  })
})

describe('the cookie', () => {
  it.each([
    [
      'is the first valid one of several',
      `datafast_visitor_id=nonsense; datafast_visitor_id=${VISITOR}; datafast_visitor_id=${OTHER_VISITOR}`,
      VISITOR,
    ],
    ['may be quoted', `a=b; datafast_visitor_id="${VISITOR}"`, VISITOR],
    ['may stand without spaces', `a=b;datafast_visitor_id=${VISITOR};c=d`, VISITOR],
    ['may be in capitals', `datafast_visitor_id=${VISITOR.toUpperCase()}`, VISITOR.toUpperCase()],
    ['does not count under a longer name', `xdatafast_visitor_id=${VISITOR}; datafast_visitor_id2=${VISITOR}`, undefined],
    ['does not count with more behind it', `datafast_visitor_id=${VISITOR}0`, undefined],
    ['does not count when empty', 'datafast_visitor_id=', undefined],
    ['does not count as "undefined"', 'datafast_visitor_id=undefined', undefined],
    ['does not count with markup in it', 'datafast_visitor_id=<script>alert(1)</script>', undefined],
    ['does not count with a quote in it', `datafast_visitor_id=${VISITOR.slice(0, 35)}"`, undefined],
  ])('%s', async (_, cookie, visitor) => {
    const id = sessionId()
    const transactionId = `pi_${id}`
    worker.world.stripe.sell(id, { payment_intent: transactionId })
    expect(await worker.visit(`/checkout/success/stripe?session_id=${id}`, { headers: { cookie } })).toMatchObject({
      status: 303,
      outcome: 'paid',
    })
    const entry = await eventually(() => worker.world.dataFast.ledger.get(transactionId), Boolean)
    expect(entry?.datafast_visitor_id).toBe(visitor)
  })

  it('may be a bomb: 60 KB of it change nothing for the buyer', async () => {
    const id = sessionId()
    worker.world.stripe.sell(id)
    const cookie = `${'datafast_visitor_id=;'.repeat(2800)} datafast_visitor_id=${VISITOR}`
    expect(await worker.visit(`/checkout/success/stripe?session_id=${id}`, { headers: { cookie } })).toMatchObject({ outcome: 'paid' })
  })

  it('with a thousand valid ids stores a handful of them', async () => {
    const id = sessionId()
    worker.world.stripe.sell(id)
    worker.world.service('datafast').faults.push({ kind: 'answer', status: 503 })
    const cookie = Array.from(
      { length: 1000 },
      (_, index) => `datafast_visitor_id=${VISITOR.slice(0, 32)}${String(index).padStart(4, '0')}`,
    ).join('; ')
    await worker.visit(`/checkout/success/stripe?session_id=${id}`, { headers: { cookie } })
    const state = await worker.stateOf(`stripe:${id}`)
    expect(state?.visitors).toHaveLength(5)
  })
})

describe('the page', () => {
  const buyAt = async (query: string, fields: Record<string, unknown> = {}) => {
    const id = sessionId()
    worker.world.stripe.sell(id, fields)
    return worker.visit(`/checkout/success/stripe?session_id=${id}${query}`)
  }

  it('is chosen by its name in the configuration', async () => {
    expect((await buyAt('&page=pro', { payment_intent: 'pi_of_pro' })).location).toBe('https://shop.example.com/welcome-pro?plan=pi_of_pro')
  })

  it.each(['unknown', 'https://evil.example', '//evil.example', '__proto__', 'constructor', '%00', 'pro%20', 'javascript:alert(1)'])(
    'is the default one for the name %s',
    async (name) => {
      expect((await buyAt(`&page=${name}`)).location).toBe(THANK_YOU)
    },
  )

  it.each(['redirect', 'url', 'next', 'return_to', 'success_url'])('is not taken from the parameter %s', async (name) => {
    expect((await buyAt(`&${name}=https://evil.example`)).location).toBe(THANK_YOU)
  })

  it('is not changed by foreign headers', async () => {
    const id = sessionId()
    worker.world.stripe.sell(id)
    const headers = { referer: 'https://evil.example', 'x-forwarded-host': 'evil.example', origin: 'https://evil.example' }
    expect((await worker.visit(`/checkout/success/stripe?session_id=${id}`, { headers })).location).toBe(THANK_YOU)
  })
})

describe('forged ids', () => {
  it('10,000 of them from one address cause at most forty provider calls a minute, and every visit is redirected', async () => {
    const before = worker.world.callsTo('stripe').length
    const begunAt = Date.now()
    const forge = () => worker.visit(`/checkout/success/stripe?session_id=${sessionId()}`, { address: '203.0.113.7' })
    for (let batch = 0; batch < 100; batch++) {
      const answers = await Promise.all(Array.from({ length: 100 }, forge))
      for (const answer of answers) expect(answer).toMatchObject({ status: 303, location: PENDING })
    }
    // Each one that got through is asked about once more after 10 s.
    await new Promise((resolve) => setTimeout(resolve, 12_000))
    const calls = worker.world.callsTo('stripe').length - before
    expect(calls).toBeGreaterThan(0)
    // Of two minutes that are not whole each may have had its full share.
    expect(calls).toBeLessThanOrEqual(40 * (Math.ceil((Date.now() - begunAt) / 60_000) + 1))
  }, 300_000)

  it('leave buyers at other addresses, and those whose order is known, alone', async () => {
    const [known, other] = [sessionId(), dodoId()]
    worker.world.stripe.sell(known)
    worker.world.dodo.sell(other)
    await worker.visit(`/checkout/success/stripe?session_id=${known}`, { visitor: VISITOR })
    await eventually(() => worker.recorded.get(`stripe:${known}`), Boolean)
    const flood = () => worker.visit(`/checkout/success/stripe?session_id=${sessionId()}`, { address: '2001:db8:1:2::1' })
    await Promise.all(Array.from({ length: 60 }, flood))
    const limited = await worker.visit(`/checkout/success/stripe?session_id=${sessionId()}`, { address: '2001:db8:1:2:ffff::9' })
    expect(limited).toMatchObject({ outcome: 'pending' })
    expect(await worker.visit(`/checkout/success/stripe?session_id=${known}`, { address: '2001:db8:1:2::1' })).toMatchObject({
      outcome: 'repeat',
    })
    expect(await worker.visit(`/checkout/success/dodo?payment_id=${other}`, { address: '2001:db8:1:3::1' })).toMatchObject({
      outcome: 'paid',
    })
  })
})
