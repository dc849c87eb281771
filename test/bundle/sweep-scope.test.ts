import { describe, expect, it } from 'vitest'
import type { World } from '../../sandbox/world/world.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import { recorded, worker } from './at-provider.ts'
import { OPEN_SECRETS, PUBLIC_URL, referenceOf, rowOf, SETTINGS, soldNow, sweep, withBooks } from './at-sweep.ts'
import { eventually, uniqueVisitor } from './worker.ts'

const OTHER_SHOP = 'https://other.example.net/thanks'

/** Has an order's checkout send its buyers to an address. */
const SEND_TO: Partial<Record<ProviderName, (world: World, id: string, address: string) => unknown>> = {
  stripe: ({ stripe }, id, success_url) => Object.assign(stripe.sessions.get(id) ?? {}, { success_url }),
  polar: ({ polar }, id, success_url) => Object.assign(polar.checkouts.get(id) ?? {}, { success_url }),
  creem({ creem }, id, success_url) {
    const checkout = creem.checkouts.get(id)
    Object.assign(checkout ?? {}, { success_url })
    Object.assign(checkout?.product ?? {}, { default_success_url: success_url })
  },
}

const scoped = Object.entries(SEND_TO)

function ours(provider: ProviderName): string {
  return `${PUBLIC_URL}/checkout/success/${provider}?id={ID}`
}

const stageOf = async (provider: ProviderName, id: string) => (await worker.stateOf(referenceOf(provider, worker.world, id)))?.stage

describe('Two shops on one account', () => {
  withBooks(SETTINGS)

  it.concurrent.for(scoped)(
    '%s: what leads here counts, and the other shop’s subscription does not, nor what follows it',
    async ([name, sendTo]) => {
      const provider = name as ProviderName
      const [own, foreign] = [soldNow(provider, worker.world, 'subscription'), soldNow(provider, worker.world, 'subscription')]
      sendTo(worker.world, own.id, ours(provider))
      sendTo(worker.world, foreign.id, OTHER_SHOP)
      const renewal = foreign.aftermath.renewed()
      const refund = foreign.aftermath.refunded('rest')
      await sweep(worker)
      expect(await recorded(own.transactionId)).toMatchObject({ amount: own.amount })
      expect(await rowOf(worker, ({ transactionId }) => transactionId === foreign.transactionId)).toMatchObject({
        stage: 'skipped',
        reason: 'other-success-url',
      })
      await rowOf(worker, ({ transactionId, stage }) => transactionId === renewal.transactionId && stage === 'skipped')
      await rowOf(worker, ({ transactionId, stage }) => transactionId === refund.transactionId && stage === 'skipped')
      for (const one of [foreign, renewal, refund]) expect(worker.world.dataFast.ledger.has(one.transactionId)).toBe(false)
    },
  )

  it.concurrent.for(scoped.filter(([provider]) => provider !== 'creem'))(
    '%s: a one-time sale of the other shop does not count',
    async ([name, sendTo]) => {
      const provider = name as ProviderName
      const [own, foreign] = [soldNow(provider, worker.world), soldNow(provider, worker.world)]
      sendTo(worker.world, own.id, ours(provider))
      sendTo(worker.world, foreign.id, OTHER_SHOP)
      await sweep(worker)
      expect(await recorded(own.transactionId)).toMatchObject({ amount: own.amount })
      // A new host of ours has it looked at once more, and it ends as before.
      await eventually(
        () => stageOf(provider, foreign.id),
        (stage) => stage?.at === 'ended' && stage.end === 'skipped' && stage.reason === 'other-success-url',
      )
      expect(worker.world.dataFast.ledger.has(foreign.transactionId)).toBe(false)
    },
  )

  it.concurrent('creem: of a one-time sale its transaction alone does not tell the shop: it counts', async () => {
    const foreign = soldNow('creem', worker.world)
    SEND_TO.creem?.(worker.world, foreign.id, OTHER_SHOP)
    await sweep(worker)
    expect(await recorded(foreign.transactionId)).toMatchObject({ amount: foreign.amount })
  })

  it.concurrent.for(scoped)('%s: unless a buyer comes back with it to this one', async ([name, sendTo]) => {
    const provider = name as ProviderName
    const sale = soldNow(provider, worker.world, 'subscription')
    sendTo(worker.world, sale.id, OTHER_SHOP)
    await sweep(worker)
    await rowOf(worker, ({ transactionId, stage }) => transactionId === sale.transactionId && stage === 'skipped')
    const visitor = uniqueVisitor()
    await worker.visit(sale.path, { visitor })
    expect(await recorded(sale.transactionId)).toMatchObject({ datafast_visitor_id: visitor })
  })
})

/** One id of what each provider's simulated orders are sold as. */
const PRODUCTS: Record<ProviderName, string> = {
  stripe: 'plink_sandbox',
  dodo: 'pdt_sandbox',
  creem: 'prod_7SandboxProductOfCreem',
  polar: 'b52f9c1d-8e04-4a7b-9d63-1f0a2c4e6b88',
  lemonsqueezy: '61204',
  paddle: 'pri_01sandboxpriceofpaddle0000',
  gumroad: 'harbour',
}

describe('ONLY, naming what is sold', () => {
  withBooks({
    ...SETTINGS,
    vars: { ...SETTINGS.vars, ONLY: Object.fromEntries(Object.entries(PRODUCTS).map(([name, id]) => [name, [id]])) },
  })

  it.concurrent.for(Object.keys(PRODUCTS) as ProviderName[])('%s: has it count', async (provider) => {
    const sale = soldNow(provider, worker.world)
    await sweep(worker)
    expect(await recorded(sale.transactionId)).toMatchObject({ amount: sale.amount })
  })
})

describe('ONLY, naming something else', () => {
  withBooks({
    ...SETTINGS,
    vars: { ...SETTINGS.vars, ONLY: Object.fromEntries(Object.keys(PRODUCTS).map((name) => [name, ['something_else']])) },
  })

  it.concurrent.for(Object.keys(PRODUCTS) as ProviderName[])('%s: leaves out what the sweep finds, and its refund', async (provider) => {
    const sale = soldNow(provider, worker.world)
    await sweep(worker)
    expect(await rowOf(worker, ({ transactionId }) => transactionId === sale.transactionId)).toMatchObject({
      stage: 'skipped',
      reason: 'other-product',
    })
    const refund = sale.aftermath.refunded('rest')
    await sweep(worker)
    expect(await rowOf(worker, ({ transactionId }) => transactionId === refund.transactionId)).toMatchObject({
      stage: 'skipped',
      reason: 'sale-not-recorded',
    })
    expect(worker.world.dataFast.ledger.size).toBe(0)
  })
})

describe('Before anybody knows where this Worker is reached', () => {
  withBooks({ secrets: OPEN_SECRETS, vars: { ATTRIBUTION_WAIT_SECONDS: 0 } })

  it('a sale that says where its buyers go waits, others do not; it goes through once somebody has been here', async () => {
    const [sale, foreign] = [soldNow('stripe', worker.world), soldNow('stripe', worker.world)]
    const other = soldNow('paddle', worker.world)
    SEND_TO.stripe?.(worker.world, sale.id, ours('stripe'))
    SEND_TO.stripe?.(worker.world, foreign.id, OTHER_SHOP)
    await sweep(worker)
    expect(await recorded(other.transactionId)).toMatchObject({ amount: other.amount })
    for (const { id } of [sale, foreign]) {
      const stage = await eventually(
        () => stageOf('stripe', id),
        (found) => found?.at === 'provider' && found.reason !== undefined,
      )
      expect(stage).toMatchObject({ reason: 'address-unknown' })
    }
    expect(worker.world.dataFast.ledger.size).toBe(1)

    const bought = soldNow('gumroad', worker.world)
    await worker.visit(bought.path, { visitor: uniqueVisitor() })
    await recorded(bought.transactionId)
    await sweep(worker)
    expect(await recorded(sale.transactionId)).toMatchObject({ amount: sale.amount })
    await eventually(
      () => stageOf('stripe', foreign.id),
      (stage) => stage?.at === 'ended',
    )
    expect(await stageOf('stripe', foreign.id)).toMatchObject({ end: 'skipped', reason: 'other-success-url' })
  })
})
