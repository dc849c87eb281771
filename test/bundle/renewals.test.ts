import { describe, expect, it } from 'vitest'
import { AFTERMATH } from '../../sandbox/world/aftermath/list.ts'
import type { Env } from '../../src/env.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import { deliver, recorded, withWorker, worker } from './at-provider.ts'
import { PROVIDER_NAMES, SELLERS } from './sellers.ts'
import { eventually, uniqueVisitor } from './worker.ts'

/** A sale that exists at the provider, and a visitor for it. */
function order(provider: ProviderName, kind: 'one-time' | 'subscription' | 'trial') {
  const { id, sell, returning } = SELLERS[provider]
  const saleId = id()
  sell[kind](worker.world, saleId)
  const isTrialAtDodo = provider === 'dodo' && kind === 'trial'
  const aftermath = AFTERMATH[provider](worker.world, isTrialAtDodo ? saleId.replace('pay_', 'sub_') : saleId)
  const visitor = uniqueVisitor()
  const visit = () => worker.visit(`/checkout/success/${provider}?${returning(worker.world, saleId)}`, { visitor })
  return { saleId, aftermath, visitor, visit }
}

/** Everything DataFast was told of a payment: each movement once. */
function postsOf(transactionId: string) {
  return worker.world.callsTo('datafast', `"${transactionId}"`)
}

describe.concurrent('A subscription, told by webhooks', () => {
  withWorker({ vars: { ATTRIBUTION_WAIT_SECONDS: 60 } })

  it.for(PROVIDER_NAMES)('%s: renewals go to the visitor of the first sale, and are renewals', { timeout: 90_000 }, async (provider) => {
    const { aftermath, visitor, visit } = order(provider, 'subscription')
    const sale = aftermath.sold()
    await deliver(sale.events)
    await visit()
    expect(await recorded(sale.transactionId)).toMatchObject({ amount: sale.amount, datafast_visitor_id: visitor })
    const renewals = [aftermath.renewed(), aftermath.renewed()]
    // The later one is told of first.
    for (const { events } of [...renewals].reverse()) await deliver(events)
    for (const { transactionId, amount } of renewals) {
      expect(await recorded(transactionId, 60_000)).toMatchObject({ amount, renewal: true, datafast_visitor_id: visitor })
      expect(postsOf(transactionId)).toHaveLength(1)
    }
    expect(await recorded(sale.transactionId)).not.toHaveProperty('renewal')
  })

  it.for(PROVIDER_NAMES)(
    '%s: a trial, then its first charge, which is no renewal, then one that is',
    { timeout: 90_000 },
    async (provider) => {
      const { aftermath, visitor, visit } = order(provider, 'trial')
      const trial = aftermath.sold()
      await visit()
      await deliver(trial.events)
      expect(await recorded(trial.transactionId)).toMatchObject({ amount: 0, is_free_trial: true, datafast_visitor_id: visitor })
      const [first, second] = [aftermath.renewed(), aftermath.renewed()]
      await deliver(first.events)
      await deliver(second.events)
      const firstCharge = await recorded(first.transactionId, 60_000)
      expect(firstCharge).toMatchObject({ amount: first.amount, datafast_visitor_id: visitor })
      expect(firstCharge).not.toHaveProperty('renewal')
      expect(firstCharge).not.toHaveProperty('is_free_trial')
      expect(await recorded(second.transactionId, 60_000)).toMatchObject({ renewal: true, datafast_visitor_id: visitor })
    },
  )

  it.for(PROVIDER_NAMES)('%s: a refund of a renewal goes to the same visitor', { timeout: 90_000 }, async (provider) => {
    const { aftermath, visitor, visit } = order(provider, 'subscription')
    const sale = aftermath.sold()
    await visit()
    await deliver(sale.events)
    await recorded(sale.transactionId)
    const renewal = aftermath.renewed()
    const refund = aftermath.refunded('rest', renewal.transactionId)
    // The refund first: it waits until its renewal is recorded.
    await deliver([...refund.events, ...renewal.events])
    expect(await recorded(refund.transactionId, 60_000)).toMatchObject({
      amount: renewal.amount,
      refunded: true,
      datafast_visitor_id: visitor,
    })
    expect(worker.world.dataFast.ledger.get(renewal.transactionId)).toMatchObject({ renewal: true })
  })
})

describe('A year later', () => {
  withWorker({ vars: { ATTRIBUTION_WAIT_SECONDS: 60 } })

  it('nothing but the edge remembers the visitor, and that is enough for renewals and refunds', { timeout: 120_000 }, async () => {
    const subscriptions = PROVIDER_NAMES.map((provider) => ({ provider, ...order(provider, 'subscription') }))
    for (const { aftermath, visit } of subscriptions) {
      const sale = aftermath.sold()
      await visit()
      await recorded(sale.transactionId)
    }
    await onlyTheEdgeRemembers(PROVIDER_NAMES.length)

    await Promise.all(
      subscriptions.map(async ({ provider, aftermath, visitor }) => {
        const sale = aftermath.sold()
        const renewal = aftermath.renewed()
        const refund = aftermath.refunded('rest')
        const attributed = { datafast_visitor_id: visitor }
        await deliver([...refund.events, ...renewal.events])
        expect({ provider, ...(await recorded(renewal.transactionId, 60_000)) }).toMatchObject({ provider, renewal: true, ...attributed })
        expect({ provider, ...(await recorded(refund.transactionId, 60_000)) }).toMatchObject({ provider, refunded: true, ...attributed })
        // The sale itself was not sent again.
        expect(postsOf(sale.transactionId)).toHaveLength(1)
      }),
    )
  })

  it.each(['creem', 'lemonsqueezy'] as const)('%s: what had gone back then is not sent again with what goes back now', async (provider) => {
    const { aftermath, visitor, visit } = order(provider, 'one-time')
    const sale = aftermath.sold()
    await visit()
    await recorded(sale.transactionId)
    const part = aftermath.refunded('part')
    await deliver(part.events)
    await recorded(part.transactionId, 60_000)
    await onlyTheEdgeRemembers(1)

    const rest = aftermath.refunded('rest')
    await deliver(rest.events)
    expect(await recorded(rest.transactionId, 60_000)).toMatchObject({ amount: rest.amount, datafast_visitor_id: visitor, refunded: true })
    expect(part.amount + rest.amount).toBeCloseTo(sale.amount, 6)
  })
})

/** Every order's object is gone, as it is a month after the last news of it. */
async function onlyTheEdgeRemembers(sales: number): Promise<void> {
  const isWritten = ({ keys }: { keys: unknown[] }) => keys.length >= sales
  const before = await edge()
  const { keys } = await eventually(() => before.list(), isWritten)
  // What is still owed to it is written within moments.
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  const memory = await Promise.all(keys.map(async ({ name, metadata }) => ({ name, metadata, value: await before.get(name) })))
  await worker.harness.reset()
  const after = await edge()
  for (const { name, value, metadata } of memory) await after.put(name, value ?? '', { metadata })
}

/** The edge's memory, as it can be reached at this moment: the runtime starts anew when it is to forget. */
async function edge(): Promise<KVNamespace> {
  const { RECORDED } = await worker.harness.getWorker<Env>().getEnv()
  if (!RECORDED) throw new Error('RECORDED is not bound')
  return RECORDED
}
