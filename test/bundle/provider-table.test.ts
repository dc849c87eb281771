import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import type { World } from '../../sandbox/world/world.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import {
  creemId,
  dodoId,
  eventually,
  gumroadId,
  lemonSqueezyId,
  paddleId,
  polarId,
  sessionId,
  startWorker,
  type TestWorker,
  VISITOR,
} from './worker.ts'

/**
 * Every provider, and everything a buyer can come back from. `npm test` prints the table; a provider or a case without a
 * cell is a type error.
 */
const CASES = [
  'sale',
  'subscription',
  'trial',
  'paid trial',
  'free',
  'pending',
  'failed',
  'unknown',
  'test',
  'no decimals',
  'three decimals',
  'net',
] as const
type Case = (typeof CASES)[number]

/** What DataFast is told, apart from the visitor. */
type Body = { amount: number; currency: string; transaction_id: string; timestamp: string; is_free_trial?: true }

/** A purchase: it exists at the provider, the buyer returns with `query`, and this follows. `body`: nothing is posted without one. */
type Purchase = { query: string; outcome: string; body?: Body }

type Cell = ((world: World) => Purchase) | { notOffered: string }

const stripeTime = new Date(1_790_000_000_000).toISOString()

const TABLE: Record<ProviderName, Record<Case, Cell>> = {
  stripe: {
    sale: ({ stripe }) => {
      const id = sessionId()
      stripe.sell(id)
      return stripeOrder(id, 'paid', { amount: 19.99, transaction_id: `pi_${id.slice(-12)}` })
    },
    subscription: ({ stripe }) => {
      const id = sessionId()
      stripe.subscribe(id)
      return stripeOrder(id, 'paid', { amount: 19.99, transaction_id: `in_${id.slice(-12)}` })
    },
    trial: ({ stripe }) => {
      const id = sessionId()
      stripe.startTrial(id)
      return stripeOrder(id, 'paid', { amount: 0, transaction_id: `in_${id.slice(-12)}`, is_free_trial: true })
    },
    'paid trial': ({ stripe }) => {
      const id = sessionId()
      stripe.startTrial(id, { amount_total: 100, payment_status: 'paid' })
      return stripeOrder(id, 'paid', { amount: 1, transaction_id: `in_${id.slice(-12)}` })
    },
    free: ({ stripe }) => {
      const id = sessionId()
      stripe.sell(id, { amount_total: 0, payment_status: 'no_payment_required', payment_intent: null })
      return stripeOrder(id, 'paid')
    },
    pending: ({ stripe }) => {
      const id = sessionId()
      stripe.sell(id, { payment_status: 'unpaid' })
      return stripeOrder(id, 'pending')
    },
    failed: ({ stripe }) => {
      const id = sessionId()
      stripe.sell(id, { status: 'expired', payment_status: 'unpaid' })
      return stripeOrder(id, 'not-paid')
    },
    unknown: () => stripeOrder(sessionId(), 'unknown'),
    test: ({ stripe }) => {
      const id = sessionId('test')
      stripe.sell(id, { livemode: false })
      return stripeOrder(id, 'test')
    },
    'no decimals': ({ stripe }) => {
      const id = sessionId()
      stripe.sell(id, { amount_total: 500, currency: 'jpy', total_details: { amount_tax: 0 } })
      return stripeOrder(id, 'paid', { amount: 500, currency: 'JPY', transaction_id: `pi_${id.slice(-12)}` })
    },
    'three decimals': ({ stripe }) => {
      const id = sessionId()
      stripe.sell(id, { amount_total: 1230, currency: 'kwd', total_details: { amount_tax: 0 } })
      return stripeOrder(id, 'paid', { amount: 1.23, currency: 'KWD', transaction_id: `pi_${id.slice(-12)}` })
    },
    net: ({ stripe }) => {
      const id = sessionId()
      stripe.sell(id)
      return stripeOrder(id, 'paid', { amount: 16.8, transaction_id: `pi_${id.slice(-12)}` })
    },
  },

  dodo: {
    sale: ({ dodo }) => {
      const id = dodoId()
      dodo.sell(id)
      return dodoOrder(`payment_id=${id}`, 'paid', { amount: 29, transaction_id: id })
    },
    subscription: ({ dodo }) => {
      const [subscription, id] = [dodoId('sub'), dodoId()]
      dodo.subscribe(subscription)
      dodo.sell(id, { subscription_id: subscription })
      return dodoOrder(`subscription_id=${subscription}`, 'paid', { amount: 29, transaction_id: id })
    },
    trial: ({ dodo }) => {
      const id = dodoId('sub')
      dodo.subscribe(id, { trial_period_days: 14 })
      const body = { amount: 0, transaction_id: id, is_free_trial: true, timestamp: '2026-09-21T13:45:00.000Z' } as const
      return dodoOrder(`subscription_id=${id}`, 'paid', body)
    },
    'paid trial': ({ dodo }) => {
      const [subscription, id] = [dodoId('sub'), dodoId()]
      dodo.subscribe(subscription, { trial_period_days: 14, trial_amount: 100 })
      dodo.sell(id, { subscription_id: subscription, total_amount: 100, tax: 0 })
      return dodoOrder(`subscription_id=${subscription}`, 'paid', { amount: 1, transaction_id: id })
    },
    free: ({ dodo }) => {
      const id = dodoId()
      dodo.sell(id, { total_amount: 0, tax: 0 })
      return dodoOrder(`payment_id=${id}`, 'paid')
    },
    pending: ({ dodo }) => {
      const id = dodoId()
      dodo.sell(id, { status: 'processing' })
      return dodoOrder(`payment_id=${id}`, 'pending')
    },
    failed: ({ dodo }) => {
      const id = dodoId()
      dodo.sell(id, { status: 'failed' })
      return dodoOrder(`payment_id=${id}&status=succeeded`, 'not-paid')
    },
    unknown: () => dodoOrder(`payment_id=${dodoId()}`, 'unknown'),
    test: ({ dodoTest }) => {
      const id = dodoId()
      dodoTest.sell(id)
      return dodoOrder(`payment_id=${id}`, 'test')
    },
    'no decimals': ({ dodo }) => {
      const id = dodoId()
      dodo.sell(id, { total_amount: 500, tax: 0, currency: 'JPY' })
      return dodoOrder(`payment_id=${id}`, 'paid', { amount: 500, currency: 'JPY', transaction_id: id })
    },
    'three decimals': ({ dodo }) => {
      const id = dodoId()
      dodo.sell(id, { total_amount: 1234, tax: 0, currency: 'KWD' })
      return dodoOrder(`payment_id=${id}`, 'paid', { amount: 1.234, currency: 'KWD', transaction_id: id })
    },
    net: ({ dodo }) => {
      const id = dodoId()
      dodo.sell(id)
      return dodoOrder(`payment_id=${id}`, 'paid', { amount: 24.37, transaction_id: id })
    },
  },

  creem: {
    sale: ({ creem }) => {
      const id = creemId()
      creem.sell(id)
      return creemOrder(id, 'paid', { amount: 28.56 })
    },
    subscription: ({ creem }) => {
      const id = creemId()
      creem.subscribe(id)
      return creemOrder(id, 'paid', { amount: 28.56 })
    },
    trial: ({ creem }) => {
      const id = creemId()
      creem.startTrial(id)
      const body = { amount: 0, transaction_id: id, is_free_trial: true, timestamp: '2026-09-21T13:46:40.123Z' } as const
      return creemOrder(id, 'paid', body)
    },
    'paid trial': ({ creem }) => {
      const id = creemId()
      const order = { amount: 100, sub_total: 100, tax_amount: 0, amount_due: 100, amount_paid: 100 }
      creem.subscribe(id, { order, subscription: { status: 'trialing' }, product: { trial_period_days: 7, trial_price: 100 } })
      return creemOrder(id, 'paid', { amount: 1 })
    },
    free: ({ creem }) => {
      const id = creemId()
      const order = { discount_amount: 2400, sub_total: 2400, amount: 0, tax_amount: 0, amount_due: 0, amount_paid: 0, status: 'paid' }
      creem.sell(id, { order, transaction: null })
      return creemOrder(id, 'paid')
    },
    pending: ({ creem }) => {
      const id = creemId()
      creem.sell(id, { transaction: null })
      return creemOrder(id, 'pending')
    },
    failed: ({ creem }) => {
      const id = creemId()
      creem.sell(id, { checkout: { status: 'expired' }, transaction: null })
      return creemOrder(id, 'not-paid')
    },
    unknown: () => creemOrder(creemId(), 'unknown'),
    test: ({ creemTest }) => {
      const id = creemId()
      creemTest.sell(id)
      return creemOrder(id, 'test')
    },
    'no decimals': ({ creem }) => {
      const id = creemId()
      creem.sell(id, { order: { currency: 'JPY', amount: 500, sub_total: 500, tax_amount: 0, amount_due: 500, amount_paid: 500 } })
      return creemOrder(id, 'paid', { amount: 500, currency: 'JPY' })
    },
    'three decimals': ({ creem }) => {
      const id = creemId()
      creem.sell(id, { order: { currency: 'KWD', amount: 1234, sub_total: 1234, tax_amount: 0, amount_due: 1234, amount_paid: 1234 } })
      return creemOrder(id, 'paid', { amount: 1.234, currency: 'KWD' })
    },
    net: ({ creem }) => {
      const id = creemId()
      creem.sell(id)
      return creemOrder(id, 'paid', { amount: 24 })
    },
  },

  polar: {
    sale: ({ polar }) => {
      const id = polarId()
      polar.sell(id)
      return polarOrder(id, 'paid', { amount: 83.3, transaction_id: polar.orderIdOf(id) })
    },
    subscription: ({ polar }) => {
      const id = polarId()
      polar.subscribe(id)
      return polarOrder(id, 'paid', { amount: 83.3, transaction_id: polar.orderIdOf(id) })
    },
    trial: ({ polar }) => {
      const id = polarId()
      polar.startTrial(id)
      return polarOrder(id, 'paid', { amount: 0, transaction_id: polar.orderIdOf(id), is_free_trial: true })
    },
    'paid trial': { notOffered: 'Polar’s trials are free' },
    free: ({ polar }) => {
      const id = polarId()
      polar.sell(id, { checkout: { subtotal_amount: 7500, discount_amount: 7500, tax_amount: 0 } })
      return polarOrder(id, 'paid')
    },
    pending: ({ polar }) => {
      const id = polarId()
      polar.sell(id, { checkout: { status: 'confirmed' }, order: null })
      return polarOrder(id, 'pending')
    },
    failed: ({ polar }) => {
      const id = polarId()
      polar.sell(id, { checkout: { status: 'failed' }, order: null })
      return polarOrder(id, 'not-paid')
    },
    unknown: () => polarOrder(polarId(), 'unknown'),
    test: ({ polarSandbox }) => {
      const id = polarId()
      polarSandbox.sell(id)
      return polarOrder(id, 'test')
    },
    'no decimals': ({ polar }) => {
      const id = polarId()
      polar.sell(id, { checkout: { subtotal_amount: 500, discount_amount: 0, tax_amount: 0, currency: 'jpy' } })
      return polarOrder(id, 'paid', { amount: 500, currency: 'JPY', transaction_id: polar.orderIdOf(id) })
    },
    'three decimals': { notOffered: 'parked: Polar does not sell in these' },
    net: ({ polar }) => {
      const id = polarId()
      polar.sell(id)
      return polarOrder(id, 'paid', { amount: 70, transaction_id: polar.orderIdOf(id) })
    },
  },

  lemonsqueezy: {
    sale: (world) => {
      const id = lemonSqueezyId()
      world.lemonSqueezy.sell(id)
      return lemonSqueezyOrder(world, id, 'paid', { amount: 29.75 })
    },
    subscription: (world) => {
      const id = lemonSqueezyId()
      world.lemonSqueezy.subscribe(id)
      return lemonSqueezyOrder(world, id, 'paid', { amount: 29.75 })
    },
    trial: (world) => {
      const id = lemonSqueezyId()
      world.lemonSqueezy.startTrial(id)
      return lemonSqueezyOrder(world, id, 'paid', { amount: 0, is_free_trial: true })
    },
    'paid trial': (world) => {
      const id = lemonSqueezyId()
      // A trial with a set-up fee.
      world.lemonSqueezy.startTrial(id, { setup_fee: 100, subtotal: 100, tax: 0, total: 100 })
      return lemonSqueezyOrder(world, id, 'paid', { amount: 1 })
    },
    free: (world) => {
      const id = lemonSqueezyId()
      world.lemonSqueezy.sell(id, { discount_total: 2500, tax: 0, total: 0 })
      return lemonSqueezyOrder(world, id, 'paid')
    },
    pending: (world) => {
      const id = lemonSqueezyId()
      world.lemonSqueezy.sell(id, { status: 'pending' })
      return lemonSqueezyOrder(world, id, 'pending')
    },
    failed: (world) => {
      const id = lemonSqueezyId()
      world.lemonSqueezy.sell(id, { status: 'failed' })
      return lemonSqueezyOrder(world, id, 'not-paid')
    },
    unknown: (world) => lemonSqueezyOrder(world, lemonSqueezyId(), 'unknown'),
    test: (world) => {
      const id = lemonSqueezyId()
      world.lemonSqueezy.sell(id, { test_mode: true })
      return lemonSqueezyOrder(world, id, 'test')
    },
    'no decimals': (world) => {
      const id = lemonSqueezyId()
      world.lemonSqueezy.sell(id, { currency: 'JPY', currency_rate: '0.0067', subtotal: 500, tax: 0 })
      return lemonSqueezyOrder(world, id, 'paid', { amount: 500, currency: 'JPY' })
    },
    'three decimals': (world) => {
      const id = lemonSqueezyId()
      world.lemonSqueezy.sell(id, { currency: 'KWD', currency_rate: '3.25', subtotal: 1234, tax: 0 })
      return lemonSqueezyOrder(world, id, 'paid', { amount: 1.234, currency: 'KWD' })
    },
    net: (world) => {
      const id = lemonSqueezyId()
      world.lemonSqueezy.sell(id)
      return lemonSqueezyOrder(world, id, 'paid', { amount: 25 })
    },
  },

  paddle: {
    sale: ({ paddle }) => {
      const id = paddleId()
      paddle.sell(id)
      return paddleOrder(id, 'paid', { amount: 41.65 })
    },
    subscription: ({ paddle }) => {
      const id = paddleId()
      paddle.subscribe(id, { status: 'paid' })
      return paddleOrder(id, 'paid', { amount: 41.65 })
    },
    trial: ({ paddle }) => {
      const id = paddleId()
      paddle.startTrial(id)
      return paddleOrder(id, 'paid', { amount: 0, is_free_trial: true })
    },
    'paid trial': ({ paddle }) => {
      const id = paddleId()
      const trial_period = { interval: 'day', frequency: 14, unit_price: { amount: '100', currency_code: 'EUR' } }
      paddle.subscribe(
        id,
        { items: [{ price: { id: 'pri_1', product_id: 'pro_1', trial_period }, quantity: 1 }] },
        { subtotal: '100', tax: '0' },
      )
      return paddleOrder(id, 'paid', { amount: 1 })
    },
    free: ({ paddle }) => {
      const id = paddleId()
      paddle.sell(id, {}, { subtotal: '3500', discount: '3500', tax: '0' })
      return paddleOrder(id, 'paid')
    },
    pending: ({ paddle }) => {
      const id = paddleId()
      paddle.sell(id, { status: 'ready' })
      return paddleOrder(id, 'pending')
    },
    failed: ({ paddle }) => {
      const id = paddleId()
      paddle.sell(id, { status: 'canceled' })
      return paddleOrder(id, 'not-paid')
    },
    unknown: () => paddleOrder(paddleId(), 'unknown'),
    test: ({ paddleSandbox }) => {
      const id = paddleId()
      paddleSandbox.sell(id)
      return paddleOrder(id, 'test')
    },
    'no decimals': ({ paddle }) => {
      const id = paddleId()
      paddle.sell(id, { currency_code: 'JPY' }, { subtotal: '500', tax: '0' })
      return paddleOrder(id, 'paid', { amount: 500, currency: 'JPY' })
    },
    'three decimals': { notOffered: 'parked: Paddle does not sell in these' },
    net: ({ paddle }) => {
      const id = paddleId()
      paddle.sell(id)
      return paddleOrder(id, 'paid', { amount: 35 })
    },
  },

  gumroad: {
    sale: ({ gumroad }) => {
      const id = gumroadId()
      gumroad.sell(id)
      return gumroadOrder(id, 'paid', { amount: 29.13 })
    },
    subscription: ({ gumroad }) => {
      const id = gumroadId()
      gumroad.subscribe(id)
      return gumroadOrder(id, 'paid', { amount: 29.13 })
    },
    trial: ({ gumroad }) => {
      const id = gumroadId()
      gumroad.startTrial(id)
      return gumroadOrder(id, 'paid', { amount: 0, is_free_trial: true })
    },
    'paid trial': { notOffered: 'Gumroad’s trials are free' },
    free: ({ gumroad }) => {
      const id = gumroadId()
      gumroad.sell(id, { price: 0 })
      return gumroadOrder(id, 'paid')
    },
    pending: { notOffered: 'Gumroad knows only sales that went through' },
    failed: { notOffered: 'Gumroad knows only sales that went through' },
    unknown: () => gumroadOrder(gumroadId(), 'unknown'),
    test: ({ gumroad }) => {
      const id = gumroadId()
      gumroad.sell(id, { email: 'Seller@example.com', purchase_email: 'Seller@example.com' })
      return gumroadOrder(id, 'test')
    },
    // Whatever the product's own currency is, the price comes in US cents.
    'no decimals': ({ gumroad }) => {
      const id = gumroadId()
      gumroad.sell(id, { currency_symbol: '¥', formatted_total_price: '¥500', price: 335 })
      return gumroadOrder(id, 'paid', { amount: 3.35 })
    },
    'three decimals': { notOffered: 'Gumroad’s prices are in US cents' },
    // The tax that Gumroad collects is in no field.
    net: ({ gumroad }) => {
      const id = gumroadId()
      gumroad.sell(id)
      return gumroadOrder(id, 'paid', { amount: 29.13 })
    },
  },
}

type Told = { amount: number } & Partial<Body>

function stripeOrder(id: string, outcome: string, told?: Told & { transaction_id: string }): Purchase {
  return { query: `session_id=${id}`, outcome, body: told && { currency: 'EUR', timestamp: stripeTime, ...told } }
}

function dodoOrder(query: string, outcome: string, told?: Told & { transaction_id: string }): Purchase {
  return { query, outcome, body: told && { currency: 'USD', timestamp: '2026-09-21T13:46:40.123Z', ...told } }
}

function creemOrder(id: string, outcome: string, told?: Told): Purchase {
  const rest = id.slice('ch_'.length)
  const query = `checkout_id=${id}&order_id=ord_${rest}&customer_id=cust_${rest}&product_id=prod_1&signature=5f2c`
  // The transaction comes a moment after the order.
  const defaults = { currency: 'EUR', transaction_id: `tran_${rest}`, timestamp: '2026-09-21T13:46:41.623Z' }
  return { query, outcome, body: told && { ...defaults, ...told } }
}

function polarOrder(id: string, outcome: string, told?: Told & { transaction_id: string }): Purchase {
  const query = `checkout_id=${id}&customer_session_token=polar_cst_sandbox`
  return { query, outcome, body: told && { currency: 'USD', timestamp: '2026-09-21T13:46:40.123Z', ...told } }
}

function lemonSqueezyOrder({ lemonSqueezy }: World, id: string, outcome: string, told?: Told): Purchase {
  const query = `order_id=${id}&order_identifier=${lemonSqueezy.identifierOf(id)}`
  const timestamp = new Date(String(lemonSqueezy.orders.get(id)?.attributes.created_at ?? 0)).toISOString()
  return { query, outcome, body: told && { currency: 'EUR', transaction_id: `ls_order_${id}`, timestamp, ...told } }
}

function paddleOrder(id: string, outcome: string, told?: Told): Purchase {
  const defaults = { currency: 'EUR', transaction_id: id, timestamp: '2026-09-21T13:46:40.123Z' }
  return { query: `transaction_id=${id}`, outcome, body: told && { ...defaults, ...told } }
}

function gumroadOrder(id: string, outcome: string, told?: Told): Purchase {
  const defaults = { currency: 'USD', transaction_id: id, timestamp: '2026-09-21T13:46:40.000Z' }
  return { query: `sale_id=${id}&product_id=U2FuZGJveA==&product_permalink=icons`, outcome, body: told && { ...defaults, ...told } }
}

/** Keys of the providers' test modes; Lemon Squeezy's and Gumroad's look like any other. */
const TEST_SECRETS = {
  ...SECRETS,
  STRIPE_SECRET_KEY: 'rk_test_sandboxkey',
  CREEM_API_KEY: 'creem_test_sandboxkey',
  PADDLE_API_KEY: 'pdl_sdbx_apikey_sandboxkey',
}

const vars = { CUSTOMER_FIELDS: '' }
/** What most cases need nothing of. */
const SETTINGS: Partial<Record<Case, Parameters<typeof startWorker>[0]>> = {
  net: { vars: { ...vars, REVENUE: 'net' } },
  test: { vars: { ...vars, DODO_PAYMENTS_ENVIRONMENT: 'test_mode', POLAR_SERVER: 'sandbox' }, secrets: TEST_SECRETS },
}
const seen = new Map<string, string>()

// One Worker after the other: each brings its own simulated internet.
walk(
  'as it comes',
  CASES.filter((name) => !SETTINGS[name]),
)
walk('with REVENUE = net', ['net'])
walk('with keys of the test mode', ['test'])
afterAll(print)

function walk(how: string, cases: Case[]) {
  describe(`what a buyer comes back from, and what DataFast is told, ${how}`, () => {
    let worker: TestWorker
    beforeAll(async () => {
      worker = await startWorker(SETTINGS[cases[0] ?? 'sale'] ?? { vars })
    })
    afterAll(() => worker.stop())

    for (const [provider, row] of Object.entries(TABLE)) {
      for (const name of cases) {
        const cell = row[name]
        if ('notOffered' in cell) seen.set(`${provider} ${name}`, '–')
        else it(`${provider}: ${name}`, () => check(worker, provider, name, cell))
      }
    }
  })
}

async function check({ world, visit }: TestWorker, provider: string, name: Case, buy: (world: World) => Purchase) {
  const { query, outcome, body } = buy(world)
  const before = world.callsTo('datafast').length
  expect(await visit(`/checkout/success/${provider}?${query}`, { visitor: VISITOR })).toMatchObject({ status: 303, outcome })
  if (body) await eventually(() => world.dataFast.ledger.get(body.transaction_id), Boolean)
  const posted = world.callsTo('datafast').slice(before)
  expect(posted.map((call) => call.body)).toEqual(body ? [{ ...body, datafast_visitor_id: VISITOR }] : [])
  seen.set(`${provider} ${name}`, body ? `${body.amount} ${body.currency}${body.is_free_trial ? ' trial' : ''}` : outcome)
}

/** The table as it came out. */
function print() {
  const rows = Object.keys(TABLE).map((provider) => [provider, ...CASES.map((name) => seen.get(`${provider} ${name}`) ?? 'FAILED')])
  const table = [['', ...CASES], ...rows]
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? []
  console.log(table.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n'))
}
