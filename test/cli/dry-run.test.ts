import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Advice } from '../../cli/dry-run/wish.ts'
import { AFTERMATH } from '../../sandbox/world/aftermath/list.ts'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { World } from '../../sandbox/world/world.ts'
import { providerNamed } from '../../src/providers/index.ts'
import { creemId, dodoId, paddleId, polarId, sessionId } from '../bundle/ids.ts'
import { PROVIDER_NAMES, SELLERS } from '../bundle/sellers.ts'
import { dryRun, playWorld, shopFolder, THANK_YOU, told } from './dry-run-orders.ts'
import { NO_NETWORK, type SimulatedInternet, simulatedInternet } from './simulated-internet.ts'

/** `npm run dry-run`, run as a founder would, with every provider of the simulated world. */

const VISITOR = '6f1c2a34-9b7d-4e21-8c55-d0e1f2a3b4c5'
const OTHER_VISITOR = '0a9b8c7d-1e2f-4a3b-9c4d-5e6f7a8b9c0d'

const world = new World()
let internet: SimulatedInternet
let putBack: () => void
const folders: string[] = []

function folder(...settings: Parameters<typeof shopFolder>): string {
  const made = shopFolder(...settings)
  folders.push(made)
  return made
}

beforeAll(async () => {
  internet = await simulatedInternet(world)
  putBack = playWorld(world)
})
afterAll(() => {
  putBack()
  internet.stop()
  for (const made of folders) rmSync(made, { recursive: true })
})

/** In this process, which is quick. */
const ask = (args: string[], shop = folder()) => told(args, shop)
/** What stops it, in words. */
const advice = (args: string[], shop = folder()) =>
  ask(args, shop).then(
    () => 'nothing',
    (error: unknown) => (error instanceof Advice ? error.message : String(error)),
  )
/** As the program that founders run. */
const show = (args: string[], shop = folder()) => dryRun(args, shop, internet)
const addressOf = (provider: (typeof PROVIDER_NAMES)[number], id: string) =>
  `https://pay.example.com/checkout/success/${provider}?${SELLERS[provider].returning(world, id)}`

describe.for(PROVIDER_NAMES)('at %s, what the Worker would send', (provider) => {
  const { id: newId, sell } = SELLERS[provider]

  it.concurrent('of a one-time sale is told, and the buyer would see the thank-you page', async () => {
    const id = newId()
    sell['one-time'](world, id)
    const { transactionId, amount } = AFTERMATH[provider](world, id).sold()
    const report = await ask([addressOf(provider, id), '--visitor', VISITOR])
    expect(report).toMatchObject({
      buyer: { outcome: 'paid', page: THANK_YOU },
      recorded: true,
      post: { transaction_id: transactionId, amount, datafast_visitor_id: VISITOR },
      visitorFrom: 'cookie',
      exitCode: 0,
    })
    expect(report.post).not.toHaveProperty('renewal')
    expect(report.remembered).toContain(report.provider.at(-1)?.reference)
  })

  it.concurrent('of a subscription’s first payment is no renewal, and a renewal inherits its visitor', async () => {
    const id = newId()
    sell.subscription(world, id)
    const aftermath = AFTERMATH[provider](world, id)
    const first = aftermath.sold()
    const sale = await ask([addressOf(provider, id), '--visitor', VISITOR])
    expect(sale.post).toMatchObject({ transaction_id: first.transactionId, amount: first.amount })
    expect(sale.post).not.toHaveProperty('renewal')
    const renewed = aftermath.renewed()
    const reference = `${provider}:${RENEWALS[provider](renewed.transactionId)}`
    const renewal = await ask([reference, '--door', 'webhook'])
    expect(renewal.post).toMatchObject({ transaction_id: renewed.transactionId, amount: renewed.amount, renewal: true })
    expect(renewal.why.join()).toContain('A renewal: an earlier charge of the same subscription took money')
    expect(renewal.buyer).toBeNull()
  })

  it.concurrent('of a free trial is an amount of 0', async () => {
    const id = newId()
    sell.trial(world, id)
    const report = await ask([addressOf(provider, id)])
    expect(report).toMatchObject({ recorded: true, post: { amount: 0, is_free_trial: true }, buyer: { outcome: 'paid' } })
  })

  it.concurrent('of a full refund is a payment of its own under the visitor of its sale', async () => {
    const id = newId()
    sell['one-time'](world, id)
    const aftermath = AFTERMATH[provider](world, id)
    const sold = aftermath.sold()
    const refunded = aftermath.refunded('rest')
    const name = REFUNDS[provider](refunded.transactionId, world)
    const report = await ask([provider, name, '--visitor', VISITOR])
    expect(report).toMatchObject({
      door: 'webhook',
      post: { transaction_id: refunded.transactionId, amount: refunded.amount, refunded: true, datafast_visitor_id: VISITOR },
      visitorFrom: 'first-sale',
    })
    expect(refunded.amount).toBe(sold.amount)
    const off = await ask([provider, name], folder('REFUNDS = "off"'))
    expect(off).toMatchObject({ recorded: false, post: null, stage: 'skipped', reason: 'refunds-off', exitCode: 1 })
  })

  it.concurrent('of an order that the provider does not know is nothing', async () => {
    const id = provider === 'lemonsqueezy' ? '999.0f0f0f0f' : newId()
    const report = await ask([provider, id])
    expect(report).toMatchObject({ recorded: false, post: null, buyer: { outcome: 'unknown' }, exitCode: 1 })
    expect(report.fix).toContain('does not know it')
  })

  it.concurrent('of a test order is nothing, unless TEST_PAYMENTS is record', async () => {
    const id = newId().replace('cs_live', 'cs_test')
    TEST_ORDERS[provider](world, id)
    const secrets = { ...SECRETS, ...TEST_KEYS }
    const skipped = await ask([addressOf(provider, id)], folder(TEST_VARS, secrets))
    expect(skipped).toMatchObject({ buyer: { outcome: 'test' }, reason: 'test-payment', post: null, exitCode: 1 })
    const recorded = await ask([addressOf(provider, id)], folder(`${TEST_VARS}TEST_PAYMENTS = "record"`, secrets))
    expect(recorded).toMatchObject({ buyer: { outcome: 'paid' }, recorded: true })
  })

  it.concurrent('of a product that ONLY does not list is nothing, and both are told', async () => {
    const id = newId()
    sell['one-time'](world, id)
    const report = await ask([addressOf(provider, id)], folder(`ONLY = { ${provider} = ["prod_another"] }`))
    expect(report).toMatchObject({ buyer: { outcome: 'paid' }, reason: 'other-product', post: null, exitCode: 1 })
    expect(report.why.join()).toMatch(new RegExp(`It was sold as \\S.*; ONLY\\.${provider} lists prod_another\\.`))
  })

  it.concurrent('cannot be told with a key that is refused, whose setting is named', async () => {
    const id = newId()
    sell['one-time'](world, id)
    world.service(provider).failFor(id.replace(/=+$/, ''), ...Array(6).fill({ kind: 'answer', status: 401 }))
    const report = await ask([addressOf(provider, id)])
    expect(report).toMatchObject({ buyer: { outcome: 'pending' }, recorded: false, post: null, exitCode: 2 })
    expect(report.fix).toContain(`refuses ${providerNamed(provider)?.keySetting} (401)`)
  })

  it.concurrent('cannot be told while the provider is down, and its buyer would see the pending page', async () => {
    const id = newId()
    sell['one-time'](world, id)
    world.service(provider).failFor(id.replace(/=+$/, ''), ...Array(6).fill({ kind: 'answer', status: 503 }))
    const report = await ask([addressOf(provider, id)])
    expect(report).toMatchObject({ buyer: { outcome: 'pending' }, reason: 'provider-down:http-503', post: null, exitCode: 1 })
    expect(report.fix).toContain('try again later')
  })

  it.concurrent('is not asked about without a key, whose setting is named', async () => {
    const { keySetting = '' } = providerNamed(provider) ?? {}
    const id = newId().replace(/^\d+$/, '7.8')
    expect(await advice([provider, id], folder('', { ...SECRETS, [keySetting]: '' }))).toContain(`${keySetting} is not set. Write`)
  })
})

/** Makes an order of the provider's test mode. */
const TEST_ORDERS: Record<(typeof PROVIDER_NAMES)[number], (world: World, id: string) => unknown> = {
  stripe: ({ stripe }, id) => stripe.sell(id, { livemode: false }),
  dodo: ({ dodoTest, dodo }, id) => {
    // The address asks the live world which parameter it comes with.
    dodo.sell(id)
    dodoTest.sell(id)
  },
  creem: ({ creemTest }, id) => creemTest.sell(id),
  polar: ({ polarSandbox }, id) => polarSandbox.sell(id),
  lemonsqueezy: ({ lemonSqueezy }, id) => lemonSqueezy.sell(id, { test_mode: true }),
  paddle: ({ paddleSandbox }, id) => paddleSandbox.sell(id),
  // There is no test mode: the seller's own purchases are tests.
  gumroad: ({ gumroad }, id) => gumroad.sell(id, { email: gumroad.user.email, purchase_email: gumroad.user.email }),
}
const TEST_KEYS = {
  STRIPE_SECRET_KEY: 'rk_live_sandboxkey rk_test_sandboxkey',
  CREEM_API_KEY: 'creem_test_sandboxkey',
  PADDLE_API_KEY: 'pdl_sdbx_apikey_sandboxkey',
}
const TEST_VARS = 'DODO_PAYMENTS_ENVIRONMENT = "test_mode"\nPOLAR_SERVER = "sandbox"\n'

/** How a webhook names the refund whose transaction id this is. */
const REFUNDS: Record<(typeof PROVIDER_NAMES)[number], (transactionId: string, world: World) => string> = {
  stripe: (id) => id,
  dodo: (id) => id,
  creem: (id) => `refunds_${id.replace(/_refund_\d+$/, '')}`,
  polar: (id) => `refund_${id}`,
  lemonsqueezy: (id, { lemonSqueezy }) => {
    const [, order = ''] = /^ls_order_(\d+)_/.exec(id) ?? []
    return `refunds_${order}.${lemonSqueezy.identifierOf(order)}`
  },
  paddle: (id) => id,
  gumroad: (id) => `refund_${id.replace(/_refund$/, '')}`,
}

/** How a webhook names the renewal whose transaction id this is. */
const RENEWALS: Record<(typeof PROVIDER_NAMES)[number], (transactionId: string) => string> = {
  stripe: (id) => id,
  dodo: (id) => id,
  creem: (id) => id,
  polar: (id) => `order_${id}`,
  lemonsqueezy: (id) => id.replace('ls_', ''),
  paddle: (id) => id,
  gumroad: (id) => id,
}

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

describe('What stands in the way of a dry run', () => {
  it.concurrent('is a key that the provider refuses: named, with the page that tells how to make one', async () => {
    const id = sessionId()
    world.stripe.sell(id)
    const report = await ask(['stripe', id], folder('', { ...SECRETS, STRIPE_SECRET_KEY: 'nonsense_key' }))
    expect(report).toMatchObject({ buyer: { outcome: 'pending' }, recorded: false, exitCode: 2 })
    expect(report.fix).toBe(
      'Stripe refuses STRIPE_SECRET_KEY (401): it is mistyped, revoked or of another environment. Make a new one (docs/stripe.md, “The key”) and set it again.',
    )
  })

  it.concurrent('is a permission that the key lacks: named as the dashboard names it', async () => {
    const strict = await simulatedInternet()
    const id = sessionId()
    strict.world.stripe.subscribe(id)
    const { transactionId } = AFTERMATH.stripe(strict.world, id).renewed()
    strict.world.stripe.forbidden.add('invoices')
    const invoice = await dryRun([transactionId], folder(), strict)
    expect(invoice.code).toBe(2)
    expect(invoice.output).toContain('does not let STRIPE_SECRET_KEY read this (403): give the key “Invoices: Read”')
    strict.world.stripe.forbidden.add('checkout/sessions')
    expect((await dryRun([id], folder(), strict)).output).toContain('“Checkout Sessions: Read”')
    strict.stop()
  })

  it.concurrent('is a key of the other mode', async () => {
    const report = await ask(['stripe', sessionId('test')])
    expect(report).toMatchObject({ buyer: { outcome: 'unknown' }, exitCode: 2 })
    expect(report.fix).toContain('STRIPE_SECRET_KEY is of the other mode than this order')
  })

  it.concurrent('is no network: your own connection is to be checked', async () => {
    const { code, output } = await dryRun([sessionId()], folder(), { environment: NO_NETWORK })
    expect(code).toBe(1)
    expect(output).toContain('Stripe cannot be reached from here: check your connection, then try again.')
  })

  it.concurrent('is a placeholder instead of a key, which is not shown', async () => {
    const { code, complaint } = await show(['stripe', sessionId()], folder('', { STRIPE_SECRET_KEY: 'rk_live_yourkeyxxxx' }))
    expect(code).toBe(2)
    expect(complaint).toMatch(/^STRIPE_SECRET_KEY .*placeholder/)
    expect(complaint).not.toContain('yourkey')
  })

  it.concurrent('is a provider of which nothing is set, though others are not set either', async () => {
    expect(await advice(['stripe', sessionId()], folder('', {}))).toMatch(
      /^STRIPE_SECRET_KEY is not set\. Write Stripe’s key into \.dev\.vars/,
    )
  })

  it.concurrent('is a file that cannot be read, with the place', async () => {
    expect(await advice(['stripe', sessionId()], folder('THIS IS NOT TOML'))).toContain('wrangler.toml cannot be read: ')
  })

  it.concurrent('is a visitor that is none, an unknown option, or nothing to look up', async () => {
    expect(await advice([sessionId(), '--visitor', 'x'])).toContain('--visitor is no visitor id of DataFast')
    expect(await advice([sessionId(), '--door', 'window'])).toContain('--door must be redirect or webhook')
    expect(await advice([])).toMatch(/^Usage: npm run dry-run/)
    expect(await show(['--wrong'])).toMatchObject({ code: 2, output: '', complaint: expect.stringMatching(/^Usage: npm run dry-run/) })
  })

  it.concurrent('never is DataFast’s key, which a dry run does without, and says so', async () => {
    const id = sessionId()
    world.stripe.sell(id)
    const report = await ask([id], folder('', { STRIPE_SECRET_KEY: SECRETS.STRIPE_SECRET_KEY }))
    expect(report.recorded).toBe(true)
    expect(report.notes.join()).toContain('DATAFAST_API_KEY is not set')
  })
})

describe('What a dry run prints', () => {
  it.concurrent('tells all of it in plain sentences', async () => {
    const id = sessionId()
    world.stripe.sell(id)
    const { code, output } = await show([id, '--visitor', VISITOR])
    expect(code).toBe(0)
    expect(output).toContain(`Dry run: stripe:${id}, known from a buyer who comes back with it. Nothing is sent to DataFast.`)
    expect(output).toContain('Stripe says: paid, a sale of 19.99 EUR on 21 Sep 2026')
    expect(output).toContain('X-Checkout-Outcome: paid')
    expect(output).toContain(`"datafast_visitor_id": "${VISITOR}"`)
    expect(output).toContain('the payment intent of a one-time checkout')
    expect(output.trimEnd()).toMatch(/It would be recorded\.$/)
  })

  it.concurrent('never steers a terminal, whatever the provider says', async () => {
    const id = sessionId()
    const evil = 'Bea\u001b[2J\u202egnp.exe'
    world.stripe.sell(id, { customer_details: { name: evil } })
    const shop = folder('CUSTOMER_FIELDS = "name"')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    const steering = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/
    expect((await show([id], shop)).output).not.toMatch(steering)
    const json = await show(['--json', id], shop)
    expect(json.output).not.toMatch(steering)
    expect(JSON.parse(json.output).post.name).toBe(evil)
  })

  it.concurrent('holds no key', async () => {
    const id = sessionId()
    world.stripe.sell(id)
    const { output } = await show(['--json', id])
    for (const secret of Object.values(SECRETS)) expect(output).not.toContain(secret)
  })
})
