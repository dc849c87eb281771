import { afterEach, describe, expect, it } from 'vitest'
import { type Delivery, delivered, WEBHOOK_SECRETS } from '../../sandbox/world/provider-event.ts'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { World } from '../../sandbox/world/world.ts'
import { type ProviderName, providerNamed } from '../../src/providers/index.ts'
import { recorded, withWorker, worker } from './at-provider.ts'
import { PROVIDER_NAMES, SELLERS } from './sellers.ts'
import { soldAt } from './sold-at.ts'
import { eventually, startWorker, type TestWorker, VISITOR } from './worker.ts'

const MEBIBYTE = 1_048_576

/** Any body, signed as the provider does. */
function signed(provider: ProviderName, body: string): Delivery {
  return delivered({ provider, name: 'anything', id: 'evt_anything', body })
}

/** An event in the provider's envelope; Gumroad's are forms. */
function eventOf(provider: ProviderName, type: string, fields: Record<string, unknown> = {}): string {
  switch (provider) {
    case 'stripe':
      return JSON.stringify({ id: 'evt_1', object: 'event', type, data: { object: fields } })
    case 'dodo':
    case 'polar':
      return JSON.stringify({ type, timestamp: '2026-11-25T12:00:00Z', data: fields })
    case 'creem':
      return JSON.stringify({ id: 'evt_1', eventType: type, object: fields })
    case 'lemonsqueezy':
      return JSON.stringify({ meta: { event_name: type }, data: fields })
    case 'paddle':
      return JSON.stringify({ event_id: 'evt_1', event_type: type, data: fields })
    case 'gumroad':
      return String(new URLSearchParams({ resource_name: type, ...(fields as Record<string, string>) }))
  }
}

/** The lines that webhooks wrote since a moment. */
function lines(since = 0) {
  const all = worker.logs().slice(since)
  return all.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ event }) => event === 'webhook')
}

/** Delivers what nothing is to follow from: nobody is asked, and nothing is stored. */
async function postInVain(delivery: Delivery, init?: RequestInit) {
  const { world, recorded, worker: runtime } = worker
  const read = async () => ({
    calls: world.calls.length,
    orders: (await runtime.listDurableObjectIds('Order')).length,
    keys: (await recorded.list()).keys.length,
  })
  const before = await read()
  const answer = await worker.post(delivery, init)
  expect(await read()).toEqual(before)
  return answer
}

describe('A webhook’s address', () => {
  withWorker({})

  it.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])('is for POST alone: %s is answered with that', async (method) => {
    const { status, headers } = await worker.post({ path: '/checkout/webhook/stripe', headers: {}, body: '' }, { method, body: null })
    expect(status).toBe(405)
    expect(headers.get('allow')).toBe('POST')
  })

  it.each(['paypal', 'Stripe', '__proto__', 'constructor', 'stripe%20', '%00', ''])('of “%s” is nobody’s', async (name) => {
    const { headers, body } = signed('stripe', '{}')
    expect(await postInVain({ path: `/checkout/webhook/${name}`, headers, body })).toMatchObject({ status: 404 })
  })

  it.each(PROVIDER_NAMES)('of %s takes no body of more than 1 MiB, whatever its length is said to be', async (provider) => {
    const { path, headers, body } = signed(provider, `"${'x'.repeat(MEBIBYTE - 1)}"`)
    expect(body).toHaveLength(MEBIBYTE + 1)
    expect(await postInVain({ path, headers, body })).toMatchObject({ status: 413, text: 'too-large\n' })
    expect(await postInVain({ path, headers, body }, streamed(body))).toMatchObject({ status: 413 })
  })

  it.each(PROVIDER_NAMES)('of %s takes a body of exactly 1 MiB', async (provider) => {
    const event = eventOf(provider, 'something.new')
    const body = event + (provider === 'gumroad' ? '&' : ' ').repeat(MEBIBYTE - event.length)
    const delivery = signed(provider, body)
    expect(await worker.post(delivery)).toMatchObject({ status: 200, json: { received: 0 } })
    expect(await worker.post(delivery, streamed(body))).toMatchObject({ status: 200, json: { received: 0 } })
  })
})

/** The same body without its length, in parts. */
function streamed(body: string): RequestInit {
  const parts = body.match(/[\s\S]{1,65536}/g) ?? []
  const stream = new ReadableStream({
    pull: (controller) => {
      const part = parts.shift()
      if (part) controller.enqueue(new TextEncoder().encode(part))
      else controller.close()
    },
  })
  return { body: stream, duplex: 'half' } as RequestInit
}

describe('A delivery that is not the provider’s', () => {
  withWorker({})

  const timed = PROVIDER_NAMES.filter((name) => !['creem', 'lemonsqueezy', 'gumroad'].includes(name))
  const signing = PROVIDER_NAMES.filter((name) => name !== 'gumroad')

  async function expectRefused(delivery: Delivery, reason: string) {
    const before = worker.logs().length
    const answer = await postInVain(delivery)
    expect(answer).toMatchObject({ status: 401, text: `${reason}\n` })
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const [, , , provider = ''] = delivery.path.split(/[/?]/)
    const setting = providerNamed(provider)?.webhook.secret
    expect(lines(before)).toEqual([{ event: 'webhook', provider, status: 401, reason, setting }])
  }

  // A sale of another world: this one’s provider would not even know it.
  const saleOf = (provider: ProviderName) => soldAt(provider, new World()).event

  it.each(signing)('of %s: with another body', async (provider) => {
    const delivery = delivered(saleOf(provider))
    await expectRefused({ ...delivery, body: `${delivery.body} ` }, 'signature-wrong')
  })

  it.each(signing)('of %s: signed with another secret', async (provider) => {
    const others = Object.fromEntries(Object.entries(WEBHOOK_SECRETS).map(([name, secret]) => [name, `another${secret}`]))
    await expectRefused(delivered(saleOf(provider), new Date(), others as typeof WEBHOOK_SECRETS), 'signature-wrong')
  })

  it.each(signing)('of %s: not signed', async (provider) => {
    await expectRefused({ ...delivered(saleOf(provider)), headers: { 'content-type': 'application/json' } }, 'signature-missing')
  })

  it.each(signing)('of %s: at another provider’s address', async (provider) => {
    const other = provider === 'stripe' ? 'paddle' : 'stripe'
    await expectRefused({ ...delivered(saleOf(provider)), path: `/checkout/webhook/${other}` }, 'signature-missing')
  })

  it.each(timed)('of %s: from more than five minutes ago, or ahead', async (provider) => {
    await expectRefused(delivered(saleOf(provider), new Date(Date.now() - 302_000)), 'signature-stale')
    await expectRefused(delivered(saleOf(provider), new Date(Date.now() + 302_000)), 'signature-stale')
  })

  it.each([
    ['another secret', '/another', 'signature-wrong'],
    ['a part of the secret', `/${WEBHOOK_SECRETS.GUMROAD_PING_SECRET.slice(0, -1)}`, 'signature-wrong'],
    ['the secret as a parameter', `?secret=${WEBHOOK_SECRETS.GUMROAD_PING_SECRET}`, 'signature-missing'],
    ['no secret', '', 'signature-missing'],
  ])('of Gumroad: with %s in its address', async (_, end, reason) => {
    await expectRefused({ ...delivered(saleOf('gumroad')), path: `/checkout/webhook/gumroad${end}` }, reason)
  })
})

describe('A webhook whose secret is not set', () => {
  const { STRIPE_WEBHOOK_SECRET: _, ...others } = SECRETS
  withWorker({ secrets: { ...others, POLAR_WEBHOOK_SECRET: '', LEMONSQUEEZY_WEBHOOK_SECRET: ' ', GUMROAD_PING_SECRET: '' } })

  it.each(['stripe', 'polar', 'lemonsqueezy', 'gumroad'] as const)('does not exist: %s', async (provider) => {
    const none = { ...WEBHOOK_SECRETS, [providerNamed(provider)?.webhook.secret ?? '']: '' }
    const { event } = soldAt(provider, worker.world)
    const before = worker.logs().length
    expect(await postInVain(delivered(event))).toMatchObject({ status: 404, text: 'secret-not-set\n' })
    // The provider sends, so the founder meant to listen.
    const setting = providerNamed(provider)?.webhook.secret
    expect(lines(before)).toEqual([{ event: 'webhook', provider, status: 404, reason: 'secret-not-set', setting }])
    expect(await postInVain(delivered(event, new Date(), none))).toMatchObject({ status: 404 })
  })
})

describe('An authentic event', () => {
  withWorker({})

  it.each(PROVIDER_NAMES)('of %s that is none at all is unreadable', async (provider) => {
    const bodies = provider === 'gumroad' ? ['', 'nonsense', '{}', '%', '&&=&'] : ['', 'nonsense', 'null', '7', '[]', '{}', '{"a":1', '\0']
    for (const body of bodies) expect(await postInVain(signed(provider, body))).toMatchObject({ status: 400, text: 'unreadable\n' })
  })

  it.each<[ProviderName, string, Record<string, unknown>]>([
    ['stripe', 'checkout.session.completed', {}],
    ['stripe', 'checkout.session.completed', { id: 'pi_1' }],
    ['stripe', 'refund.created', { id: 're_../customers' }],
    ['stripe', 'refund.created', { id: 7 }],
    ['dodo', 'payment.succeeded', { subscription_id: 'sub_1' }],
    ['dodo', 'refund.succeeded', { refund_id: 'pay_1' }],
    ['creem', 'checkout.completed', { id: 'ord_1' }],
    ['creem', 'subscription.paid', { last_transaction_id: 'tran_/1' }],
    ['creem', 'refund.created', { transaction: null }],
    ['polar', 'order.paid', { billing_reason: 'purchase' }],
    ['polar', 'order.paid', { id: 'a/b' }],
    ['lemonsqueezy', 'order_created', { id: '1' }],
    ['lemonsqueezy', 'order_created', { attributes: { identifier: '89b36d62-4f5c-4353-853f-0c769d0535c8' } }],
    ['lemonsqueezy', 'order_refunded', { id: {}, attributes: { identifier: '89b36d62-4f5c-4353-853f-0c769d0535c8' } }],
    ['lemonsqueezy', 'subscription_payment_success', {}],
    ['paddle', 'transaction.completed', { id: 'adj_1' }],
    ['paddle', 'adjustment.created', { action: 'refund' }],
    ['gumroad', 'sale', { sale_id: '' }],
    ['gumroad', 'refund', { sale_id: 'a/../b' }],
    ['gumroad', 'sale', { sale_id: 'x'.repeat(256) }],
  ])('of %s, a %s that names no order (%j) is unreadable', async (provider, type, fields) => {
    expect(await postInVain(signed(provider, eventOf(provider, type, fields)))).toMatchObject({ status: 400, text: 'unreadable\n' })
  })

  it.each<[ProviderName, string]>([
    ['stripe', 'customer.updated'],
    ['stripe', 'charge.refunded'],
    // No word of an event may find more in a list than was put there.
    ['stripe', 'constructor'],
    ['stripe', '__proto__'],
    ['dodo', 'subscription.renewed'],
    ['dodo', 'license_key.created'],
    ['creem', 'subscription.active'],
    // A period that cost nothing was charged by nothing.
    ['creem', 'subscription.paid'],
    ['polar', 'order.refunded'],
    ['polar', 'customer.state_changed'],
    ['lemonsqueezy', 'subscription_created'],
    ['paddle', 'transaction.created'],
    ['gumroad', 'cancellation'],
  ])('of %s that nothing follows from (%s) is acknowledged', async (provider, type) => {
    const before = worker.logs().length
    const answer = await postInVain(signed(provider, eventOf(provider, type, { id: 'cs_live_1', sale_id: 'sale' })))
    expect(answer).toMatchObject({ status: 200, text: '{"received":0}' })
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(lines(before)).toEqual([{ event: 'webhook', provider, received: 0, reason: 'unused-event' }])
  })

  it.each<[ProviderName, string, Record<string, unknown>]>([
    ['stripe', 'charge.dispute.created', { id: 'dp_1' }],
    ['dodo', 'dispute.opened', { dispute_id: 'dis_1', payment_id: 'pay_1' }],
    ['creem', 'dispute.created', { id: 'disp_1' }],
    ['lemonsqueezy', 'dispute_created', { id: '1' }],
    ['paddle', 'adjustment.created', { id: 'adj_1', action: 'chargeback' }],
    ['gumroad', 'dispute', { sale_id: 'sale' }],
  ])('of %s about a dispute (%s) is acknowledged, and the log says so', async (provider, type, fields) => {
    const before = worker.logs().length
    const answer = await postInVain(signed(provider, eventOf(provider, type, fields)))
    expect(answer).toMatchObject({ status: 200, json: { received: 0 } })
    expect(lines(before)).toEqual([{ event: 'webhook', provider, received: 0, reason: 'dispute' }])
  })

  it('of Stripe about a connected account’s order is nobody’s here', async () => {
    const { event } = soldAt('stripe', new World())
    const before = worker.logs().length
    const body = JSON.stringify({ ...JSON.parse(event.body), account: 'acct_1Connected' })
    expect(await postInVain(delivered({ ...event, body }))).toMatchObject({ status: 200, json: { received: 0 } })
    expect(lines(before)).toMatchObject([{ reason: 'connected-account' }])
  })

  it('of Stripe’s second kind, which holds no object, is acknowledged', async () => {
    const thin = { id: 'evt_test_65', object: 'v2.core.event', type: 'v1.checkout.session.completed', context: null, livemode: true }
    const related_object = { id: 'cs_live_1', type: 'checkout.session', url: '/v1/checkout/sessions/cs_live_1' }
    const answer = await postInVain(signed('stripe', JSON.stringify({ ...thin, related_object })))
    expect(answer).toMatchObject({ status: 200, json: { received: 0 } })
  })

  it('of Dodo is what it is called: a payment.failed whose data says “succeeded” is no sale', async () => {
    const { event, id } = soldAt('dodo', worker.world)
    const body = JSON.stringify({ ...JSON.parse(event.body), type: 'payment.failed' })
    expect(body).toContain('"status":"succeeded"')
    expect(await postInVain(delivered({ ...event, body }))).toMatchObject({ status: 200, json: { received: 0 } })
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect(worker.world.dodo.payments.get(id)).toMatchObject({ status: 'succeeded' })
  })
})

describe('An event about a sale', () => {
  withWorker({})

  it.concurrent.each(PROVIDER_NAMES)('of %s is received, stored, and becomes one payment, however often it comes', async (provider) => {
    const { event, transactionId, id } = soldAt(provider, worker.world)
    const delivery = delivered(event)
    const answer = await worker.post(delivery)
    expect(answer).toMatchObject({ status: 200, text: '{"received":1}' })
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    // At once, a moment later, and when all is done.
    for (const again of [worker.post(delivery), worker.post(delivery)]) expect(await again).toMatchObject({ json: { received: 1 } })
    expect(await recorded(transactionId)).toMatchObject({ transaction_id: transactionId })
    const { keys } = await eventually(
      () => worker.recorded.list({ prefix: `${provider}:` }),
      (found) => found.keys.length > 0,
    )
    expect(keys.some(({ name }) => name.includes(id) || name.includes(transactionId))).toBe(true)
    expect(await worker.post(delivered(event))).toMatchObject({ json: { received: 1 } })
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(worker.world.callsTo('datafast', `"${transactionId}"`)).toHaveLength(1)
  })

  it.concurrent.each(PROVIDER_NAMES)('of %s is a hint and no more: the provider’s API says what was paid', async (provider) => {
    const { event, id, transactionId } = soldAt(provider, new World())
    SELLERS[provider].sellInVain?.(worker.world, id)
    expect(await worker.post(delivered(event))).toMatchObject({ status: 200, json: { received: 1 } })
    await eventually(() => worker.world.callsTo(provider, id.replace(/=+$/, '')).length > 0, Boolean)
    await new Promise((resolve) => setTimeout(resolve, 1200))
    expect(worker.world.dataFast.ledger.has(transactionId)).toBe(false)
    expect(worker.world.callsTo('datafast', `"${transactionId}"`)).toEqual([])
  })
})

describe('While the provider and DataFast hang', () => {
  withWorker({})

  it.each(PROVIDER_NAMES)('%s is answered at once: nobody is waited for', async (provider) => {
    for (const service of worker.world.services) service.fault = { kind: 'hang' }
    const { event } = soldAt(provider, worker.world)
    const startedAt = Date.now()
    expect(await worker.post(delivered(event))).toMatchObject({ status: 200, json: { received: 1 } })
    expect(Date.now() - startedAt).toBeLessThan(1000)
    // And only then does somebody wait.
    const [call] = await eventually(
      () => worker.world.callsTo(provider),
      (calls) => calls.length > 0,
    )
    expect(call?.status).toBe('hang')
  })
})

describe('When nothing can be stored where it belongs', () => {
  let broken: TestWorker | undefined
  afterEach(() => broken?.stop())

  it.each(['throws', 'hangs'] as const)('the orders (%s): the event is kept in KV, and the cron run delivers it', async (how) => {
    const started = await startWorker({ broken: { orders: how } })
    broken = started
    const { event, id, transactionId } = soldAt('lemonsqueezy', started.world, VISITOR)
    const startedAt = Date.now()
    expect(await started.post(delivered(event))).toMatchObject({ status: 200, json: { received: 1 } })
    expect(Date.now() - startedAt).toBeLessThan(3000)
    const { keys } = await started.recorded.list({ prefix: 'arrival:' })
    const [{ name, expiration } = { name: '' }, ...more] = keys
    expect(more).toEqual([])
    expect(name.startsWith(`arrival:lemonsqueezy:${id}.`)).toBe(true)
    expect((expiration ?? 0) - Date.now() / 1000).toBeGreaterThan(29 * 86_400)
    const arrival = (await started.recorded.get(name)) ?? ''
    const { reference, ...rest } = JSON.parse(arrival)
    expect(reference).toBe(`lemonsqueezy:${id}.${started.world.lemonSqueezy.identifierOf(id)}`)
    // What the event alone knows is kept, and nothing else of it.
    const here = expect.stringMatching(/^https?:\/\/pay\.example\.com$/)
    expect(rest).toEqual({ v: 1, door: 'webhook', at: expect.any(Number), visitors: [], carried: [VISITOR], here })

    // The same storage on the day the objects can be reached again.
    await started.stop()
    const mended = await startWorker()
    broken = mended
    mended.world.lemonSqueezy.sell(id)
    await mended.recorded.put(name, arrival)
    await mended.worker.scheduled({ cron: '*/15 * * * *' })
    const entry = await eventually(() => mended.world.dataFast.ledger.get(transactionId), Boolean)
    expect(entry).toMatchObject({ datafast_visitor_id: VISITOR })
    expect((await mended.recorded.list({ prefix: 'arrival:' })).keys).toEqual([])
  })

  it.each(['throws', 'hangs'] as const)('the orders, and KV (%s): the provider is told to send it again', async (how) => {
    const started = await startWorker({ broken: { orders: how, memory: how } })
    broken = started
    const startedAt = Date.now()
    const answer = await started.post(delivered(soldAt('paddle', started.world).event))
    expect(answer).toMatchObject({ status: 503, text: 'not-stored\n' })
    // Providers give up after five seconds at the earliest, and most of them later.
    expect(Date.now() - startedAt).toBeLessThan(6000)
    expect(started.world.calls).toEqual([])
    const line = { event: 'webhook', provider: 'paddle', status: 503, reason: 'not-stored', setting: 'PADDLE_WEBHOOK_SECRET' }
    expect(started.logs().map((text) => JSON.parse(text))).toContainEqual(line)
  })
})

describe('Nothing leaks', () => {
  withWorker({ vars: { CUSTOMER_FIELDS: 'email,name,customer_id', ATTRIBUTION_WAIT_SECONDS: 0 } })

  it('into logs or KV keys: no address, name, id, amount or secret, of good deliveries and bad', async () => {
    const sales = PROVIDER_NAMES.map((provider) => soldAt(provider, worker.world, VISITOR))
    const events = sales.flatMap(({ events, aftermath }) => [...events, ...aftermath.refunded('rest').events])
    const told = events.map(({ body }) => decodeURIComponent(body)).join()
    expect(told).toContain('buyer@example.com')
    expect(told).toContain('Bea')
    for (const event of events) expect((await worker.post(delivered(event))).status).toBe(200)
    for (const { transactionId } of sales) await recorded(transactionId)

    for (const event of events) await worker.post({ ...delivered(event), body: `${event.body} buyer@example.com` })
    for (const { provider } of events) await worker.post(signed(provider, '{"email":"buyer@example.com"'))
    await worker.post({ path: '/checkout/webhook/gumroad/nearly-the-secret', headers: {}, body: 'email=buyer@example.com' })
    await worker.post({ path: '/checkout/webhook/personal/buyer@example.com', headers: {}, body: '' })

    const logs = worker.logs().join('\n')
    expect(logs.split('\n').length).toBeGreaterThan(2 * events.length)
    const ids = sales.flatMap(({ id, transactionId }) => [id, transactionId])
    const personal = [VISITOR, 'buyer', '@', 'Bea', 'example.com', 'nearly', 'personal', ...Object.values(SECRETS)]
    const found = [...ids, ...events.map(({ id }) => id), ...personal].filter((text) => logs.includes(text))
    expect(found).toEqual([])
    const { keys } = await worker.recorded.list()
    expect(keys.length).toBeGreaterThanOrEqual(sales.length)
    for (const { name } of keys) expect(name).toMatch(/^[a-z]+:[\w.=-]+$/)
  })
})
