import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { dodoId, eventually, sessionId, startWorker, type TestWorker, VISITOR } from './worker.ts'

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker({ vars: { CUSTOMER_FIELDS: 'email,name,customer_id', ATTRIBUTION_WAIT_SECONDS: 0 } })
})
afterAll(() => worker.stop())

describe('nothing leaks', () => {
  it('into logs: no secret, address, name, cookie, id or query of a whole run, good and bad', async () => {
    const ids = [sessionId(), sessionId(), sessionId(), sessionId(), dodoId(), dodoId('sub')]
    const [paid, unclear, rejected, open, payment, subscription] = ids as [string, string, string, string, string, string]
    const fields = { customer: 'cus_personal', customer_details: { email: 'bea@personal.example', name: 'Beatrix Personal' } }
    worker.world.stripe.sell(paid, { ...fields, payment_intent: 'pi_personal_1' })
    worker.world.stripe.sell(unclear, { ...fields, currency: 'zzz', payment_intent: 'pi_personal_2' })
    worker.world.stripe.sell(rejected, { ...fields, payment_intent: 'pi_personal_3' })
    worker.world.stripe.sell(open, { ...fields, status: 'open' })
    worker.world.dodo.subscribe(subscription)
    worker.world.dodo.sell(payment, { subscription_id: subscription })
    worker.world.service('datafast').failFor('pi_personal_3', {
      kind: 'answer',
      status: 403,
      body: { error: { message: 'key df_sandbox_website_key is bea@personal.example’s' } },
    })
    worker.world
      .service('stripe')
      .failFor(open, { kind: 'answer', status: 401, body: { error: { message: 'Invalid API Key provided: rk_live_sandboxkey' } } })
    for (const id of [paid, unclear, rejected, open, sessionId()]) {
      await worker.visit(`/checkout/success/stripe?session_id=${id}&email=bea%40personal.example&token=query-secret`, {
        visitor: VISITOR,
        headers: { 'user-agent': 'Agent/personal', referer: 'https://personal.example/referer' },
        address: '198.51.100.77',
      })
    }
    await worker.visit(`/checkout/success/dodo?subscription_id=${subscription}&email=bea%40personal.example`, { visitor: VISITOR })
    await worker.visit('/checkout/success/stripe?session_id=personal-nonsense')
    await worker.visit('/checkout/personal/path?session_id=personal-nonsense')
    await eventually(() => worker.world.dataFast.ledger.get(payment), Boolean)
    await eventually(() => worker.world.dataFast.ledger.get('pi_personal_1'), Boolean)
    await eventually(
      () => worker.logs().join(),
      (logs) => logs.includes('datafast-configuration') && logs.includes('unclear'),
    )

    const logs = worker.logs().join('\n')
    expect(logs.length).toBeGreaterThan(500)
    const personal = [
      ...ids,
      ...Object.values(SECRETS),
      VISITOR,
      'cus_personal',
      'bea@',
      'bea%40',
      'Beatrix',
      'pi_personal',
      'query-secret',
      'Agent/',
      'referer',
      '198.51.100.77',
      'nonsense',
      'personal',
    ]
    expect(personal.filter((text) => logs.includes(text))).toEqual([])
  })

  it('writes exactly one line for the end of an order, and one for each visit', async () => {
    const id = sessionId()
    worker.world.stripe.sell(id, { payment_intent: 'pi_one_line' })
    const before = worker.logs().length
    await worker.visit(`/checkout/success/stripe?session_id=${id}`, { visitor: VISITOR })
    await eventually(() => worker.recorded.get(`stripe:${id}`), Boolean)
    await worker.visit(`/checkout/success/stripe?session_id=${id}`, { visitor: VISITOR })
    const lines = worker
      .logs()
      .slice(before)
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    const order = lines[0]?.order
    expect(
      lines.filter((line) => line.order === order).map(({ event, outcome, end, reason }) => ({ event, outcome, end, reason })),
    ).toEqual(
      expect.arrayContaining([
        { event: 'visit', outcome: 'paid', end: undefined, reason: expect.any(String) },
        { event: 'order', outcome: undefined, end: 'recorded', reason: 'attributed' },
        { event: 'visit', outcome: 'repeat', end: undefined, reason: 'recorded' },
      ]),
    )
    expect(lines.filter((line) => line.order === order)).toHaveLength(3)
  })

  it('into KV keys: they name the provider’s ids and nothing else', async () => {
    const { keys } = await worker.recorded.list()
    expect(keys.length).toBeGreaterThan(0)
    for (const { name } of keys) expect(name).toMatch(/^(stripe:cs_|dodo:(pay|sub)_)[\w-]+$/)
  })

  it('to a provider or DataFast: no cookie, no address, no referrer of the buyer', async () => {
    for (const call of worker.world.calls) {
      for (const header of ['cookie', 'referer', 'cf-connecting-ip', 'x-forwarded-for', 'x-real-ip'])
        expect(call.headers.has(header)).toBe(false)
    }
  })
})
