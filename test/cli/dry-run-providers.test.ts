import { describe, expect, it } from 'vitest'
import { AFTERMATH } from '../../sandbox/world/aftermath/list.ts'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import type { World } from '../../sandbox/world/world.ts'
import { providerNamed } from '../../src/providers/index.ts'
import { PROVIDER_NAMES, SELLERS } from '../bundle/sellers.ts'
import { THANK_YOU } from './dry-run-orders.ts'
import { addressOf, advice, ask, folder, VISITOR, world } from './dry-run-shop.ts'

/** `npm run dry-run`, with every provider of the simulated world. */

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
