import { afterEach, describe, expect, it } from 'vitest'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { dodoId, eventually, sessionId, startWorker, type TestWorker, THANK_YOU, VISITOR } from './worker.ts'

let worker: TestWorker | undefined
afterEach(() => worker?.stop())

async function start(settings: Parameters<typeof startWorker>[0]): Promise<TestWorker> {
  worker = await startWorker(settings)
  return worker
}

async function health(of: TestWorker) {
  const answer = await of.visit('/checkout/health')
  return { code: answer.status, ...(JSON.parse(answer.text) as { status: string; providers: string[]; problems: string[] }) }
}

/** What becomes of a buyer who paid. */
async function buy(of: TestWorker, fields: Record<string, unknown> = {}, query = '') {
  const id = sessionId()
  const session = of.world.stripe.sell(id, { payment_intent: `pi_${id.slice(-14)}`, ...fields })
  const answer = await of.visit(`/checkout/success/stripe?session_id=${id}${query}`, { visitor: VISITOR })
  return { ...answer, id, transactionId: String(session.payment_intent) }
}

describe('a broken set-up is reported by name, never by value, and the buyer is redirected all the same', () => {
  const { DATAFAST_API_KEY: _, ...withoutDataFast } = SECRETS
  it.each([
    ['THANK_YOU_URL', { vars: { THANK_YOU_URL: '' } }],
    ['THANK_YOU_URL', { vars: { THANK_YOU_URL: 'thank-you' } }],
    ['THANK_YOU_URL', { vars: { THANK_YOU_URL: 'http://shop.example.com/thank-you' } }],
    ['THANK_YOU_URL', { vars: { THANK_YOU_URL: 'javascript:alert(1)' } }],
    ['THANK_YOU_URL', { vars: { THANK_YOU_URL: 'https://pay.example.com/checkout/success/stripe' } }],
    ['THANK_YOU_URL', { vars: { THANK_YOU_URL: 'https://pay.example.com/%63heckout' } }],
    ['PENDING_URL', { vars: { PENDING_URL: '/pending' } }],
    ['THANK_YOU_PAGES.pro', { vars: { THANK_YOU_PAGES: { pro: 'nowhere' } } }],
    ['THANK_YOU_PAGES', { vars: { THANK_YOU_PAGES: 'pro=https://shop.example.com' } }],
    ['DATAFAST_API_KEY', { secrets: withoutDataFast }],
    ['DATAFAST_API_KEY', { secrets: { ...SECRETS, DATAFAST_API_KEY: 'replace-me' } }],
    ['DATAFAST_WEBSITE_ID', { secrets: { ...SECRETS, DATAFAST_API_KEY: 'dft_account_token' } }],
    [
      'DATAFAST_WEBSITE_ID',
      { vars: { DATAFAST_WEBSITE_ID: 'dfid_secretlooking' }, secrets: { ...SECRETS, DATAFAST_API_KEY: 'dft_account_token' } },
    ],
    ['STRIPE_SECRET_KEY', { secrets: { DATAFAST_API_KEY: SECRETS.DATAFAST_API_KEY } }],
    ['DODO_PAYMENTS_ENVIRONMENT', { vars: { DODO_PAYMENTS_ENVIRONMENT: 'sandbox' } }],
    ['VERIFY_BUDGET_MS', { vars: { VERIFY_BUDGET_MS: 'soon' } }],
    ['ATTRIBUTION_WAIT_SECONDS', { vars: { ATTRIBUTION_WAIT_SECONDS: -5 } }],
    ['REVENUE', { vars: { REVENUE: 'brutto' } }],
    ['REFUNDS', { vars: { REFUNDS: 'maybe' } }],
    ['TEST_PAYMENTS', { vars: { TEST_PAYMENTS: 'true' } }],
    ['CUSTOMER_FIELDS', { vars: { CUSTOMER_FIELDS: 'email,phone' } }],
    ['ONLY.strpe', { vars: { ONLY: { strpe: ['plink_1'] } } }],
    ['ONLY', { vars: { ONLY: { stripe: 'plink_1' } } }],
    ['PUBLIC_URL', { vars: { PUBLIC_URL: 'pay.example.com' } }],
    ['BASE_PATH', { vars: { BASE_PATH: '/check out' } }],
  ])('%s %#', async (name, settings) => {
    const broken = await start(settings)
    const report = await health(broken)
    expect(report).toMatchObject({ code: 503, status: 'misconfigured' })
    expect(report.problems.filter((problem) => problem.startsWith(`${name} `))).toHaveLength(1)
    expect(JSON.stringify(report)).not.toMatch(/replace-me|secretlooking|account_token|rk_live_|javascript|brutto/)
    const answer = await buy(broken)
    expect([200, 303]).toContain(answer.status)
    expect(answer.outcome).toMatch(/paid|pending/)
    expect(broken.logs().filter((line) => line.includes('"event":"settings"') && line.includes(name)).length).toBeGreaterThan(0)
  })
})

describe('the pages', () => {
  it('without a usable one: a small page of our own, which says what is true', async () => {
    const bare = await start({ vars: { THANK_YOU_URL: '' } })
    const paid = await buy(bare)
    expect(paid).toMatchObject({ status: 200, outcome: 'paid', location: null })
    expect(paid.text).toContain('Thank you')
    expect(paid.headers.get('cache-control')).toBe('no-store')
    const notPaid = await buy(bare, { status: 'open', payment_status: 'unpaid' })
    expect(notPaid).toMatchObject({ status: 200, outcome: 'not-paid' })
    expect(notPaid.text).not.toContain('Thank you')
    expect(await bare.visit('/checkout/success/stripe')).toMatchObject({ status: 200, outcome: 'invalid' })
  })

  it('that lead back to us are never used', async () => {
    const looping = await start({
      vars: { THANK_YOU_URL: 'https://pay.example.com/checkout/thanks', PENDING_URL: 'https://shop.example.com/wait' },
    })
    expect(await buy(looping)).toMatchObject({ status: 200, location: null, outcome: 'paid' })
    expect(await looping.visit('/checkout/success/stripe')).toMatchObject({ status: 303, location: 'https://shop.example.com/wait' })
  })

  it('never carry what DataFast’s script would count a second time', async () => {
    const page = 'https://shop.example.com/thanks?session_id=cs_1&plan=pro&checkout_id=2&order_id={transaction_id}#top'
    const started = await start({ vars: { THANK_YOU_URL: page } })
    expect((await buy(started)).location).toBe('https://shop.example.com/thanks?plan=pro#top')
    const report = await health(started)
    expect(report).toMatchObject({ code: 200, status: 'ok' })
    expect(report.problems.join()).toContain('order_id')
  })

  it('may carry the outcome and the transaction id, in any part, escaped', async () => {
    const started = await start({
      vars: { THANK_YOU_URL: 'https://shop.example.com/{outcome}/x?ref={transaction_id}&o={outcome}#{transaction_id}' },
    })
    expect((await buy(started, { payment_intent: 'pi_a&b=c d' })).location).toBe(
      'https://shop.example.com/paid/x?ref=pi_a%26b%3Dc%20d&o=paid#pi_a%26b%3Dc%20d',
    )
    expect((await started.visit('/checkout/success/stripe')).location).toBe('https://shop.example.com/invalid/x?ref=&o=invalid#')
  })

  it('not paid: the origin of the thank-you page, unless there is one for it', async () => {
    const started = await start({})
    expect(await buy(started, { status: 'expired' })).toMatchObject({ outcome: 'not-paid', location: 'https://shop.example.com/' })
  })

  it('may be given as JSON text, as the dashboard stores it', async () => {
    const started = await start({ vars: { THANK_YOU_PAGES: '{"pro":"https://shop.example.com/pro"}' } })
    expect((await buy(started, {}, '&page=pro')).location).toBe('https://shop.example.com/pro')
  })
})

describe('the settings', () => {
  it('BASE_PATH moves every route', async () => {
    const started = await start({ vars: { BASE_PATH: 'pay/' } })
    expect((await started.visit('/pay/health')).status).toBe(200)
    expect((await started.visit('/checkout/health')).status).toBe(404)
    expect(await started.visit('/pay/success/stripe?session_id=x')).toMatchObject({ status: 303, outcome: 'invalid' })
  })

  it('BASE_PATH may be the root, and then every page of this host leads back', async () => {
    const started = await start({ vars: { BASE_PATH: '/', THANK_YOU_URL: 'https://pay.example.com/thanks' } })
    expect((await started.visit('/health')).status).toBe(503)
    expect(await started.visit('/success/stripe')).toMatchObject({ status: 200, outcome: 'invalid' })
  })

  it('VERIFY_BUDGET_MS = 0 redirects at once and verifies after', async () => {
    const started = await start({ vars: { VERIFY_BUDGET_MS: 0 } })
    started.world.service('stripe').delayMs = 1000
    const startedAt = Date.now()
    const answer = await buy(started)
    expect(answer).toMatchObject({ status: 303, location: THANK_YOU, outcome: 'pending' })
    expect(Date.now() - startedAt).toBeLessThan(900)
    await eventually(() => started.world.dataFast.ledger.get(answer.transactionId), Boolean)
  })

  it('VERIFY_BUDGET_MS is what a buyer waits at most', async () => {
    const started = await start({ vars: { VERIFY_BUDGET_MS: '400' } })
    started.world.service('stripe').delayMs = 1500
    const startedAt = Date.now()
    const answer = await buy(started)
    expect(answer.outcome).toBe('pending')
    expect(Date.now() - startedAt).toBeLessThan(1000)
    await eventually(() => started.world.dataFast.ledger.get(answer.transactionId), Boolean)
  })

  it('REVENUE = net leaves the tax out', async () => {
    const started = await start({ vars: { REVENUE: 'net' } })
    const { transactionId } = await buy(started)
    expect(await eventually(() => started.world.dataFast.ledger.get(transactionId), Boolean)).toMatchObject({ amount: 16.8 })
    const id = dodoId()
    started.world.dodo.sell(id)
    await started.visit(`/checkout/success/dodo?payment_id=${id}`, { visitor: VISITOR })
    expect(await eventually(() => started.world.dataFast.ledger.get(id), Boolean)).toMatchObject({ amount: 24.37 })
  })

  it('CUSTOMER_FIELDS empty sends nothing of the buyer', async () => {
    const started = await start({ vars: { CUSTOMER_FIELDS: '' } })
    const { transactionId } = await buy(started, { customer: 'cus_1' })
    const entry = await eventually(() => started.world.dataFast.ledger.get(transactionId), Boolean)
    for (const field of ['email', 'name', 'customer_id']) expect(entry).not.toHaveProperty(field)
  })

  it('TEST_PAYMENTS = record counts test orders too', async () => {
    const started = await start({
      vars: { TEST_PAYMENTS: 'record', DODO_PAYMENTS_ENVIRONMENT: 'test_mode' },
      secrets: { ...SECRETS, STRIPE_SECRET_KEY: 'rk_test_sandboxkey' },
    })
    const id = sessionId('test')
    started.world.stripe.sell(id, { livemode: false, payment_intent: 'pi_test' })
    expect(await started.visit(`/checkout/success/stripe?session_id=${id}`, { visitor: VISITOR })).toMatchObject({ outcome: 'paid' })
    await eventually(() => started.world.dataFast.ledger.get('pi_test'), Boolean)
    const payment = dodoId()
    started.world.dodoTest.sell(payment)
    expect(await started.visit(`/checkout/success/dodo?payment_id=${payment}`, { visitor: VISITOR })).toMatchObject({ outcome: 'paid' })
    await eventually(() => started.world.dataFast.ledger.get(payment), Boolean)
  })

  it('DODO_PAYMENTS_ENVIRONMENT = test_mode asks the test host, whose orders are tests', async () => {
    const started = await start({ vars: { DODO_PAYMENTS_ENVIRONMENT: 'test_mode' } })
    const id = dodoId()
    started.world.dodoTest.sell(id)
    expect(await started.visit(`/checkout/success/dodo?payment_id=${id}`, { visitor: VISITOR })).toMatchObject({ outcome: 'test' })
    expect(started.world.callsTo('datafast')).toEqual([])
  })

  it('ONLY counts the products, prices and payment links it names, and lets the others pass', async () => {
    const started = await start({ vars: { ONLY: { stripe: ['plink_mine', 'price_mine'], dodo: ['pdt_mine'] } } })
    const mine = await buy(started, { payment_link: 'plink_mine' })
    await eventually(() => started.world.dataFast.ledger.get(mine.transactionId), Boolean)
    const foreign = await buy(started, { payment_link: 'plink_other' })
    expect(foreign.outcome).toBe('paid')
    expect((await started.stateOf(`stripe:${foreign.id}`))?.stage).toMatchObject({ end: 'skipped', reason: 'other-product' })

    const byPrice = sessionId()
    started.world.stripe.sell(byPrice, { payment_link: null, payment_intent: 'pi_by_price' })
    started.world.stripe.lineItems.set(byPrice, [{ id: 'li_1', price: { id: 'price_mine', product: 'prod_1' } }])
    await started.visit(`/checkout/success/stripe?session_id=${byPrice}`, { visitor: VISITOR })
    await eventually(() => started.world.dataFast.ledger.get('pi_by_price'), Boolean)

    const [dodoMine, dodoForeign] = [dodoId(), dodoId()]
    started.world.dodo.sell(dodoMine, { product_cart: [{ product_id: 'pdt_mine', quantity: 1 }] })
    started.world.dodo.sell(dodoForeign)
    await started.visit(`/checkout/success/dodo?payment_id=${dodoMine}`, { visitor: VISITOR })
    expect(await started.visit(`/checkout/success/dodo?payment_id=${dodoForeign}`, { visitor: VISITOR })).toMatchObject({ outcome: 'paid' })
    await eventually(() => started.world.dataFast.ledger.get(dodoMine), Boolean)
    expect(started.world.dataFast.ledger.has(dodoForeign)).toBe(false)
  })

  it('an account token names its website', async () => {
    const started = await start({
      vars: { DATAFAST_WEBSITE_ID: '64a1b2c3d4e5f60718293a4b' },
      secrets: { ...SECRETS, DATAFAST_API_KEY: 'dft_account_token' },
    })
    started.world.dataFast.keys.add('dft_account_token')
    expect(await health(started)).toMatchObject({ code: 200, problems: [] })
    await buy(started)
    const [call] = await eventually(
      () => started.world.callsTo('datafast'),
      (calls) => calls.length > 0,
    )
    expect(call?.url).toBe('https://datafa.st/api/v1/payments?websiteId=64a1b2c3d4e5f60718293a4b')
  })

  it('a website key needs no website', async () => {
    const started = await start({ vars: { DATAFAST_WEBSITE_ID: '64a1b2c3d4e5f60718293a4b' } })
    await buy(started)
    const [call] = await eventually(
      () => started.world.callsTo('datafast'),
      (calls) => calls.length > 0,
    )
    expect(call?.url).toBe('https://datafa.st/api/v1/payments')
  })

  it('a provider without its key: the buyer lands as pending and the arrival waits for the key', async () => {
    const started = await start({ secrets: { DATAFAST_API_KEY: SECRETS.DATAFAST_API_KEY, STRIPE_SECRET_KEY: SECRETS.STRIPE_SECRET_KEY } })
    const id = dodoId()
    expect(await started.visit(`/checkout/success/dodo?payment_id=${id}`, { visitor: VISITOR })).toMatchObject({
      status: 303,
      outcome: 'pending',
    })
    expect(await started.stateOf(`dodo:${id}`)).toMatchObject({ visitors: [VISITOR], stage: { tries: { row: 'provider-configuration' } } })
    expect(started.world.calls).toEqual([])
  })

  it('without a DataFast key the order is verified and waits for the key', async () => {
    const { DATAFAST_API_KEY: _, ...secrets } = SECRETS
    const started = await start({ secrets })
    const { id, outcome } = await buy(started)
    expect(outcome).toBe('paid')
    const state = await eventually(
      () => started.stateOf(`stripe:${id}`),
      (found) => found?.stage.at === 'datafast' && found.stage.tries.row !== undefined,
    )
    expect(state?.stage).toMatchObject({ tries: { row: 'datafast-configuration' }, reason: 'key-missing' })
    expect(started.world.callsTo('datafast')).toEqual([])
  })

  it('an unrestricted live key works and is warned about', async () => {
    const started = await start({ secrets: { ...SECRETS, STRIPE_SECRET_KEY: 'sk_live_sandboxkey' } })
    const report = await health(started)
    expect(report).toMatchObject({ code: 200, status: 'ok' })
    expect(report.problems.join()).toMatch(/STRIPE_SECRET_KEY is unrestricted/)
    expect((await buy(started)).outcome).toBe('paid')
  })
})
