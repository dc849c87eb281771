import { describe, expect, it } from 'vitest'
import { AFTERMATH } from '../../sandbox/world/aftermath/list.ts'
import { preBasil } from '../../sandbox/world/aftermath/stripe.ts'
import { delivered } from '../../sandbox/world/provider-event.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import { at, bodyOf, deliver, recorded, withWorker, worker } from './at-provider.ts'
import { PROVIDER_NAMES, SELLERS } from './sellers.ts'
import { creemId, eventually, gumroadId, lemonSqueezyId, polarId, sessionId, uniqueVisitor, VISITOR } from './worker.ts'

/** A sale that only the provider has told of. */
async function announced(provider: ProviderName, saleId: string, visitor?: string) {
  const aftermath = AFTERMATH[provider](worker.world, saleId, visitor)
  const sale = aftermath.sold()
  await deliver(sale.events)
  return { aftermath, sale }
}

const ended = (provider: ProviderName, id: string) =>
  eventually(
    () => at(provider).stageOf(id),
    (stage) => stage?.at === 'ended',
    20_000,
  )

describe('A buyer who never returns', () => {
  withWorker({ vars: { ATTRIBUTION_WAIT_SECONDS: 2 } })

  it.concurrent.for(PROVIDER_NAMES)('%s: the sale waits for a visitor, and is then recorded without one, once', async (provider) => {
    const { id, sell } = SELLERS[provider]
    const saleId = id()
    sell['one-time'](worker.world, saleId)
    const { sale } = await announced(provider, saleId)
    expect(worker.world.dataFast.ledger.has(sale.transactionId)).toBe(false)
    const entry = await recorded(sale.transactionId, 20_000)
    expect(entry).toMatchObject({ amount: sale.amount })
    expect(entry).not.toHaveProperty('datafast_visitor_id')
    expect(worker.world.callsTo('datafast', `"${sale.transactionId}"`)).toHaveLength(1)
  })

  it.concurrent('lemonsqueezy, gumroad: a visitor that only the event carries goes with the sale at once', async () => {
    const orders = { lemonsqueezy: lemonSqueezyId(), gumroad: gumroadId() }
    worker.world.lemonSqueezy.subscribe(orders.lemonsqueezy)
    worker.world.gumroad.sell(orders.gumroad)
    for (const provider of ['lemonsqueezy', 'gumroad'] as const) {
      const visitor = uniqueVisitor()
      const { sale } = await announced(provider, orders[provider], visitor)
      expect(await recorded(sale.transactionId, 1_900)).toMatchObject({ datafast_visitor_id: visitor })
    }
  })

  it.concurrent('gumroad: a test that only the ping tells of is not recorded, not even when the buyer returns', async () => {
    const id = gumroadId()
    worker.world.gumroad.sell(id)
    const [ping] = AFTERMATH.gumroad(worker.world, id).sold().events
    await deliver([{ provider: 'gumroad', name: 'sale', id: 'ping', body: `${ping?.body}&test=true` }])
    expect(await ended('gumroad', id)).toMatchObject({ end: 'skipped', reason: 'test-payment' })
    expect(await at('gumroad').visitAt(`sale_id=${encodeURIComponent(id)}`, VISITOR)).toMatchObject({ outcome: 'test' })
    expect(worker.world.dataFast.ledger.has(id)).toBe(false)
  })

  it.concurrent('gumroad: its button "Send test ping" sends a real sale, which stays one', async () => {
    const id = gumroadId()
    worker.world.gumroad.sell(id)
    const [ping] = AFTERMATH.gumroad(worker.world, id).sold().events
    const body = new URLSearchParams(ping?.body)
    body.delete('resource_name')
    body.set('test', 'true')
    const answer = await worker.post(delivered({ provider: 'gumroad', name: 'sale', id: 'test-ping', body: String(body) }))
    expect(answer.json).toEqual({ received: 0 })
    expect(await at('gumroad').visitAt(`sale_id=${encodeURIComponent(id)}`, VISITOR)).toMatchObject({ outcome: 'paid' })
    expect(await recorded(id)).toMatchObject({ datafast_visitor_id: VISITOR })
  })

  it.concurrent('stripe: an asynchronous payment is pending until Stripe tells that it succeeded', async () => {
    const id = sessionId()
    const session = worker.world.stripe.sell(id, { payment_status: 'unpaid' })
    const aftermath = AFTERMATH.stripe(worker.world, id)
    await deliver(aftermath.sold().events)
    await eventually(
      () => at('stripe').stageOf(id),
      (stage) => !!stage && 'reason' in stage && stage.reason === 'unpaid',
    )
    // However soon after the answer: it is asked for again five seconds later.
    session.payment_status = 'paid'
    await deliver(aftermath.sold().events)
    expect(await recorded(String(session.payment_intent))).toMatchObject({ amount: 19.99 })
  })

  it.concurrent('stripe: the invoice event of an endpoint made before 2025 names its renewal all the same', async () => {
    const id = sessionId()
    worker.world.stripe.subscribe(id)
    const { aftermath, sale } = await announced('stripe', id)
    await recorded(sale.transactionId, 20_000)
    const renewal = aftermath.renewed()
    await deliver(renewal.events.slice(0, 1).map((event) => preBasil(worker.world, event)))
    expect(await recorded(renewal.transactionId, 20_000)).toMatchObject({ renewal: true })
  })

  it.concurrent('an event about an order that the provider does not know is acknowledged, and asked about again later', async () => {
    const id = sessionId()
    const body = JSON.stringify({ type: 'checkout.session.completed', data: { object: { id } } })
    await deliver([{ provider: 'stripe', name: 'checkout.session.completed', id: 'evt_simulated', body }])
    const stage = await eventually(
      () => at('stripe').stageOf(id),
      (found) => !!found && 'tries' in found && !!found.tries.row,
    )
    expect(stage).toMatchObject({ at: 'provider', tries: { row: 'announced-unknown' } })
  })
})

describe('Several shops on one account', () => {
  withWorker({})
  const OURS = 'https://pay.example.com/checkout/success/'
  const ELSEWHERE = 'https://other-shop.example/thanks'

  it.concurrent('stripe: a session counts when its buyers are sent here', async () => {
    const [ours, other] = [sessionId(), sessionId()]
    worker.world.stripe.sell(ours, { success_url: `${OURS}stripe?session_id={CHECKOUT_SESSION_ID}` })
    worker.world.stripe.sell(other, { success_url: ELSEWHERE })
    const [counted] = [await announced('stripe', ours), await announced('stripe', other)]
    expect(await recorded(counted.sale.transactionId)).toMatchObject({ amount: 19.99 })
    expect(await ended('stripe', other)).toMatchObject({ end: 'skipped', reason: 'other-success-url' })
  })

  it.concurrent('stripe: a link that sends nobody anywhere says nothing of whose it is', async () => {
    const id = sessionId()
    worker.world.stripe.sell(id, { success_url: 'https://stripe.com' })
    await recorded((await announced('stripe', id)).sale.transactionId)
  })

  it.concurrent('polar, creem: the checkout says where its buyers are sent', async () => {
    const [polarOrder, creemOrder] = [polarId(), creemId()]
    worker.world.polar.sell(polarOrder, { checkout: { success_url: `${ELSEWHERE}?checkout_id=${polarOrder}` } })
    worker.world.creem.sell(creemOrder, { checkout: { success_url: ELSEWHERE } })
    await announced('polar', polarOrder)
    const { sale } = await announced('creem', creemOrder)
    expect(await ended('polar', polarOrder)).toMatchObject({ reason: 'other-success-url' })
    expect(await ended('creem', sale.transactionId)).toMatchObject({ reason: 'other-success-url' })
  })

  it.concurrent('polar: a link without an address of its own ends at Polar’s, and says nothing', async () => {
    const id = polarId()
    const success_url = `https://polar.sh/checkout/polar_c_${id.replaceAll('-', '')}/confirmation`
    worker.world.polar.sell(id, { checkout: { success_url } })
    await recorded((await announced('polar', id)).sale.transactionId)
  })

  it.concurrent('creem: the checkout’s own address counts, whatever is told of first', async () => {
    const ours = { checkout: { success_url: `${OURS}creem` }, product: { default_success_url: ELSEWHERE } }
    const theirs = { checkout: { success_url: ELSEWHERE }, product: { default_success_url: `${OURS}creem` } }
    for (const order of ['as it comes', 'the other way round'] as const) {
      const [own, other] = [creemId(), creemId()]
      worker.world.creem.subscribe(own, ours)
      worker.world.creem.subscribe(other, theirs)
      for (const id of [own, other]) {
        const { events } = AFTERMATH.creem(worker.world, id).sold()
        await deliver(order === 'as it comes' ? events : [...events].reverse())
      }
      await recorded(AFTERMATH.creem(worker.world, own).sold().transactionId)
      const transaction = AFTERMATH.creem(worker.world, other).sold().transactionId
      const isOut = (stage: unknown) => JSON.stringify(stage).includes('other-success-url')
      await eventually(
        () => at('creem').stageOf(transaction),
        (stage) => !!stage && isOut(stage),
      )
    }
  })

  it.concurrent('creem: a refund of another shop’s sale brings nothing of it here', async () => {
    const id = creemId()
    worker.world.creem.sell(id, { checkout: { success_url: ELSEWHERE } })
    const aftermath = AFTERMATH.creem(worker.world, id)
    const { transactionId } = aftermath.sold()
    await deliver(aftermath.refunded('rest').events)
    expect(await ended('creem', `refunds_${transactionId}`)).toMatchObject({ end: 'skipped', reason: 'sale-not-recorded' })
    expect(bodyOf(transactionId)).toBeUndefined()
  })

  it.concurrent('a buyer who comes back to this shop says more than any address', async () => {
    const [stripeOrder, creemOrder] = [sessionId(), creemId()]
    const visitor = uniqueVisitor()
    worker.world.stripe.sell(stripeOrder, { success_url: ELSEWHERE })
    worker.world.creem.sell(creemOrder, { checkout: { success_url: ELSEWHERE } })
    const sales = [(await announced('stripe', stripeOrder)).sale, (await announced('creem', creemOrder)).sale]
    await ended('stripe', stripeOrder)
    await ended('creem', String(sales[1]?.transactionId))
    expect(await at('stripe').visitAt(`session_id=${stripeOrder}`, visitor)).toMatchObject({ outcome: 'paid' })
    expect(await at('creem').visitAt(`checkout_id=${creemOrder}`, visitor)).toMatchObject({ outcome: 'paid' })
    for (const { transactionId } of sales) expect(await recorded(transactionId)).toMatchObject({ datafast_visitor_id: visitor })
  })

  it.concurrent('renewals and refunds follow the first sale out', { timeout: 60_000 }, async () => {
    const id = sessionId()
    worker.world.stripe.subscribe(id, { success_url: ELSEWHERE })
    const { aftermath } = await announced('stripe', id)
    const renewal = aftermath.renewed()
    const refund = aftermath.refunded('rest')
    await deliver([...renewal.events, ...refund.events])
    expect(await ended('stripe', renewal.transactionId)).toMatchObject({ end: 'skipped', reason: 'other-success-url' })
    expect(await ended('stripe', refund.transactionId)).toMatchObject({ end: 'skipped', reason: 'sale-not-recorded' })
  })

  it.concurrent('a subscription or refund that no checkout began is none of ours', async () => {
    const id = sessionId()
    worker.world.stripe.subscribe(id)
    const aftermath = AFTERMATH.stripe(worker.world, id)
    const [renewal, refund] = [aftermath.renewed(), aftermath.refunded('rest')]
    worker.world.stripe.sessions.delete(id)
    await deliver([...renewal.events, ...refund.events])
    for (const { transactionId } of [renewal, refund]) {
      expect(await ended('stripe', transactionId)).toMatchObject({ end: 'skipped', reason: 'no-checkout' })
    }
  })
})

describe('ONLY', () => {
  withWorker({ vars: { ONLY: { stripe: ['plink_ours'], creem: ['prod_ours'], gumroad: ['ours'] } } })

  it('creem: holds for what follows a trial that was another product’s', { timeout: 60_000 }, async () => {
    const id = creemId()
    worker.world.creem.startTrial(id)
    const { aftermath } = await announced('creem', id)
    expect(await ended('creem', id)).toMatchObject({ reason: 'other-product' })
    const [first, second] = [aftermath.renewed(), aftermath.renewed()]
    await deliver([...first.events, ...second.events])
    for (const { transactionId } of [first, second]) {
      expect(await ended('creem', transactionId)).toMatchObject({ end: 'skipped', reason: 'other-product' })
    }
  })

  it('holds at the webhook too, and for what follows', async () => {
    const orders = { stripe: sessionId(), creem: creemId(), gumroad: gumroadId() }
    worker.world.stripe.subscribe(orders.stripe, { payment_link: 'plink_other' })
    worker.world.creem.subscribe(orders.creem)
    worker.world.gumroad.subscribe(orders.gumroad)
    for (const provider of ['stripe', 'creem', 'gumroad'] as const) {
      const { aftermath, sale } = await announced(provider, orders[provider])
      const name = provider === 'creem' ? sale.transactionId : orders[provider]
      expect(await ended(provider, name)).toMatchObject({ end: 'skipped', reason: 'other-product' })
      const renewal = aftermath.renewed()
      await deliver(renewal.events)
      expect(await ended(provider, renewal.transactionId)).toMatchObject({ end: 'skipped', reason: 'other-product' })
      expect(bodyOf(sale.transactionId)).toBeUndefined()
    }
  })
})
