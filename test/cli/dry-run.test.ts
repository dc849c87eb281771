import { describe, expect, it } from 'vitest'
import { AFTERMATH } from '../../sandbox/world/aftermath/list.ts'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { creemId, dodoId, paddleId, polarId, sessionId } from '../bundle/ids.ts'
import { dryRun, THANK_YOU } from './dry-run-orders.ts'
import { addressOf, advice, ask, folder, show, VISITOR, world } from './dry-run-shop.ts'
import { simulatedInternet } from './simulated-internet.ts'

const OTHER_VISITOR = '0a9b8c7d-1e2f-4a3b-9c4d-5e6f7a8b9c0d'

describe('A dry run', () => {
  it.concurrent('sends nothing to DataFast, whatever becomes of the order', async () => {
    const calm = await simulatedInternet()
    const id = sessionId()
    calm.world.stripe.sell(id)
    const { code } = await dryRun(['stripe', id, '--visitor', VISITOR], folder(), calm)
    expect(code).toBe(0)
    expect(calm.world.callsTo('datafast')).toEqual([])
    expect(calm.world.calls.every(({ method, service }) => method === 'GET' && service === 'stripe')).toBe(true)
    calm.stop()
  })

  it.concurrent('takes a bare id, a reference, a provider with an id and a whole success URL for the same order', async () => {
    const id = sessionId()
    world.stripe.sell(id)
    const ways = [[id], [`stripe:${id}`], ['stripe', id], [addressOf('stripe', id)], ['stripe', addressOf('stripe', id)]]
    const orders = await Promise.all(ways.map(async (way) => (await ask(way)).order))
    expect(new Set(orders)).toEqual(new Set([`stripe:${id}`]))
  })

  it.concurrent('knows by their looks whose ids these are', async () => {
    for (const id of [dodoId(), creemId(), polarId(), paddleId()]) expect((await ask([id])).order).toContain(id)
    expect(await advice(['Zm9vYmFy=='])).toContain('Say it first: stripe, dodo, creem, polar, lemonsqueezy, paddle, gumroad.')
  })

  it.concurrent('takes Lemon Squeezy’s order number and identifier side by side or with a dot between', async () => {
    const { id } = world.lemonSqueezy.sell('4711')
    const identifier = world.lemonSqueezy.identifierOf(id)
    for (const way of [['lemonsqueezy', id, identifier], [`${id}.${identifier}`]]) {
      expect(await ask(way)).toMatchObject({ order: `lemonsqueezy:${id}.${identifier}`, recorded: true })
    }
  })

  it.concurrent('says what an id looks like to whoever gave another', async () => {
    const cases = [
      ['stripe', 'pi_123', 'At Stripe it is cs_… (a checkout session), in_… (a renewal’s invoice), re_… (a refund).'],
      ['lemonsqueezy', '4711', 'an order’s number and identifier'],
      ['https://buy.stripe.com/abc', '', 'That is no success URL of this Worker'],
      ['https://pay.example.com/checkout/success/paypal?id=1', '', 'names no provider after /checkout/success/'],
      ['stripe', '', 'Which order?'],
    ]
    for (const [first = '', second = '', text] of cases) {
      expect(await advice([first, second].filter(Boolean))).toContain(text)
    }
  })

  it.concurrent('tells what the buyer of a success URL would see that names no order', async () => {
    const report = await ask(['https://pay.example.com/checkout/success/stripe?session_id={CHECKOUT_SESSION_ID}'])
    expect(report).toMatchObject({ order: null, buyer: { outcome: 'invalid', reason: 'placeholder', page: THANK_YOU }, exitCode: 1 })
    expect(report.fix).toContain('?session_id={CHECKOUT_SESSION_ID}')
  })

  it.concurrent('follows the page that the success URL names', async () => {
    const id = sessionId()
    world.stripe.sell(id)
    const shop = folder('THANK_YOU_PAGES = { pro = "https://shop.example.com/pro?id={transaction_id}" }')
    const report = await ask([`${addressOf('stripe', id)}&page=pro`], shop)
    expect(report.buyer?.page).toBe(`https://shop.example.com/pro?id=${report.post?.transaction_id}`)
  })

  it.concurrent('prefers the visitor that the provider carries, and says so', async () => {
    const id = sessionId()
    world.stripe.sell(id, { client_reference_id: `u7_datafast_${OTHER_VISITOR}` })
    const report = await ask(['stripe', id, '--visitor', VISITOR])
    expect(report).toMatchObject({ visitor: OTHER_VISITOR, visitorFrom: 'provider' })
    expect(report.why.join()).toContain('Stripe carries it for this order, which counts before any cookie')
  })

  it.concurrent('says how long a sale without a visitor would wait for one', async () => {
    const id = sessionId()
    world.stripe.sell(id)
    const report = await ask(['stripe', id])
    expect(report).toMatchObject({ recorded: true, visitor: null, visitorFrom: null })
    expect(report.post).not.toHaveProperty('datafast_visitor_id')
    expect(report.why.join()).toContain('it would wait 10 minutes for a buyer who brings one, and then go without')
  })

  it.concurrent('shows of the buyer what CUSTOMER_FIELDS names and nothing else', async () => {
    const id = sessionId()
    world.stripe.sell(id, { customer: 'cus_1' })
    const sparing = await show(['stripe', id])
    expect(sparing.output).toContain('"customer_id": "cus_1"')
    expect(sparing.output).not.toMatch(/buyer@example\.com|Bea Buyer/)
    const all = await ask(['stripe', id], folder('CUSTOMER_FIELDS = "email,name"'))
    expect(all.post).toMatchObject({ email: 'buyer@example.com', name: 'Bea Buyer' })
    expect(all.post).not.toHaveProperty('customer_id')
  })

  it.concurrent('sends what was paid without tax when REVENUE is net', async () => {
    const id = sessionId()
    world.stripe.sell(id)
    const report = await ask(['stripe', id], folder('REVENUE = "net"'))
    expect(report.post?.amount).toBe(16.8)
    expect(report.why).toContain('REVENUE is net, without tax: 19.99 EUR with tax, 16.80 EUR without.')
  })

  it.concurrent('leaves test orders out, or in when TEST_PAYMENTS is record', async () => {
    const id = sessionId('test')
    world.stripe.sell(id, { livemode: false })
    const secrets = { ...SECRETS, STRIPE_SECRET_KEY: 'rk_test_sandboxkey' }
    const skipped = await ask(['stripe', id], folder('', secrets))
    expect(skipped).toMatchObject({ reason: 'test-payment', buyer: { outcome: 'test' }, post: null, exitCode: 1 })
    const recorded = await ask(['stripe', id], folder('TEST_PAYMENTS = "record"', secrets))
    expect(recorded).toMatchObject({ recorded: true, buyer: { outcome: 'paid' } })
  })

  it.concurrent('leaves other products out, and says as what this one was sold', async () => {
    const id = sessionId()
    world.stripe.sell(id)
    const report = await ask(['stripe', id], folder('ONLY = { stripe = ["plink_another"] }'))
    expect(report).toMatchObject({ reason: 'other-product', stage: 'skipped', buyer: { outcome: 'paid' }, exitCode: 1 })
    expect(report.why).toContain('It was sold as plink_sandbox; ONLY.stripe lists plink_another.')
  })

  it.concurrent('leaves free orders out', async () => {
    const id = sessionId()
    world.stripe.sell(id, { amount_total: 0, payment_status: 'no_payment_required', payment_intent: null })
    expect(await ask(['stripe', id])).toMatchObject({ reason: 'free-order', buyer: { outcome: 'paid' }, post: null })
  })

  it.concurrent('leaves a refund out whose sale is left out, and says why that is', async () => {
    const id = sessionId()
    world.stripe.sell(id)
    const { transactionId } = AFTERMATH.stripe(world, id).refunded('rest')
    const report = await ask([transactionId], folder('ONLY = { stripe = ["plink_another"] }'))
    expect(report).toMatchObject({ reason: 'sale-not-recorded', exitCode: 1 })
    expect(report.why.join()).toContain(`Its first sale stripe:${id} is left out: It is not among what ONLY lists.`)
  })

  it.concurrent('says of an unpaid order where its buyer would go', async () => {
    const id = sessionId()
    world.stripe.sell(id, { status: 'open', payment_status: 'unpaid' })
    const report = await ask(['stripe', id], folder('NOT_PAID_URL = "https://shop.example.com/pricing"'))
    expect(report).toMatchObject({ buyer: { outcome: 'not-paid', page: 'https://shop.example.com/pricing' }, exitCode: 1 })
  })

  it.concurrent('says of a payment under way that its buyer would see the pending page', async () => {
    const id = sessionId()
    world.stripe.sell(id, { payment_status: 'unpaid' })
    const report = await ask(['stripe', id], folder('PENDING_URL = "https://shop.example.com/soon"'))
    expect(report).toMatchObject({ buyer: { outcome: 'pending', page: 'https://shop.example.com/soon' }, reason: 'payment-pending:unpaid' })
  })

  it.concurrent('says that a buyer is redirected at once when VERIFY_BUDGET_MS is 0', async () => {
    const id = sessionId()
    world.stripe.sell(id)
    expect(await ask(['stripe', id], folder('VERIFY_BUDGET_MS = 0'))).toMatchObject({
      buyer: { outcome: 'pending', reason: 'redirect-at-once' },
      recorded: true,
    })
  })
})

describe('A dry run by the door of a webhook', () => {
  const sold = (success_url: string) => {
    const id = sessionId()
    world.stripe.sell(id, { success_url })
    return [id, '--door', 'webhook']
  }
  const PUBLIC = 'PUBLIC_URL = "https://pay.example.com"'

  it.concurrent('counts an order whose success URL leads here', async () => {
    const report = await ask(sold('https://pay.example.com/checkout/success/stripe?session_id={CHECKOUT_SESSION_ID}'), folder(PUBLIC))
    expect(report).toMatchObject({ recorded: true, buyer: null, door: 'webhook' })
    expect(report.notes.join()).not.toContain('PUBLIC_URL')
  })

  it.concurrent('leaves an order out whose buyers are sent to another shop', async () => {
    const args = sold('https://other.example.org/checkout/success/stripe')
    const report = await ask(args, folder(PUBLIC))
    expect(report).toMatchObject({ reason: 'other-success-url', exitCode: 1 })
    expect(report.why.join()).toContain('https://other.example.org/checkout/success/stripe')
    expect(await ask(args.slice(0, 1), folder(PUBLIC))).toMatchObject({ recorded: true })
  })

  it.concurrent('goes by the path while nobody has said where this Worker is, and says so', async () => {
    const report = await ask(sold('https://pay.example.com/checkout/success/stripe'))
    expect(report.recorded).toBe(true)
    expect(report.notes.join()).toContain('PUBLIC_URL is not set, so pay.example.com is taken to be this Worker')
    expect(await ask(sold('https://shop.example.com/thanks'))).toMatchObject({ reason: 'other-success-url' })
  })

  it.concurrent('is not for cookies, nor a buyer’s door for renewals', async () => {
    expect(await advice([...sold('https://pay.example.com'), '--visitor', VISITOR])).toContain('A webhook brings no cookie')
    expect(await advice(['in_1', '--door', 'redirect'])).toContain('No buyer comes back with that')
  })
})
