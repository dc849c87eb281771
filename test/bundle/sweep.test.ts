import { describe, expect, it } from 'vitest'
import type { World } from '../../sandbox/world/world.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import { deliver, recorded, worker } from './at-provider.ts'
import { DAY, HOUR, readAsOf, referenceOf, SETTINGS, soldNow, statusOf, sweep, withBooks } from './at-sweep.ts'
import { PROVIDER_NAMES } from './sellers.ts'
import { eventually, uniqueVisitor } from './worker.ts'

/** Everything DataFast was told of a payment. */
function postsOf(transactionId: string) {
  return worker.world.callsTo('datafast', `"${transactionId}"`)
}

/** How often a provider was asked about one order. */
function questionsAbout({ provider, mark }: ReturnType<typeof soldNow>): number {
  return worker.world.callsTo(provider, mark).length
}

describe.concurrent('With all providers', () => {
  withBooks(SETTINGS)

  describe('What nobody told of', () => {
    it.concurrent.for(PROVIDER_NAMES)(
      '%s: a sale, its renewal and the refunds of both are each recorded once',
      { timeout: 60_000 },
      async (provider) => {
        const sale = soldNow(provider, worker.world, 'subscription')
        const renewal = sale.aftermath.renewed()
        const refunds = [sale.aftermath.refunded('rest'), sale.aftermath.refunded('rest', renewal.transactionId)]
        await sweep(worker)
        const { amount, transactionId } = sale
        expect(await recorded(transactionId)).toMatchObject({ amount })
        expect(worker.world.dataFast.ledger.get(transactionId)).not.toHaveProperty('renewal')
        expect(await recorded(renewal.transactionId, 40_000)).toMatchObject({ amount: renewal.amount, renewal: true })
        for (const refund of refunds) {
          expect(await recorded(refund.transactionId, 40_000)).toMatchObject({ amount: refund.amount, refunded: true })
        }
        await sweep(worker)
        await sweep(worker, 'deep')
        for (const one of [sale, renewal, ...refunds]) expect(postsOf(one.transactionId)).toHaveLength(1)
      },
    )

    it.concurrent.for(PROVIDER_NAMES)('%s: a refund is found by a later run, when its sale has long been recorded', async (provider) => {
      const sale = soldNow(provider, worker.world)
      await sweep(worker)
      await recorded(sale.transactionId)
      // Of a part Gumroad does not tell how much it was.
      const refund = sale.aftermath.refunded(provider === 'gumroad' ? 'rest' : 'part')
      await sweep(worker)
      expect(await recorded(refund.transactionId)).toMatchObject({ amount: refund.amount, refunded: true })
    })

    // Of a free trial at Creem there is no transaction, and nothing else is listed there.
    it.concurrent.for(PROVIDER_NAMES.filter((name) => name !== 'creem'))(
      '%s: a trial is one, its first charge no renewal, and the next one is',
      { timeout: 60_000 },
      async (provider) => {
        const trial = soldNow(provider, worker.world, 'trial')
        await sweep(worker)
        expect(await recorded(trial.transactionId)).toMatchObject({ amount: 0, is_free_trial: true })
        const [first, second] = [trial.aftermath.renewed(), trial.aftermath.renewed()]
        await sweep(worker)
        expect(await recorded(first.transactionId, 40_000)).toMatchObject({ amount: first.amount })
        expect(worker.world.dataFast.ledger.get(first.transactionId)).not.toHaveProperty('renewal')
        expect(await recorded(second.transactionId, 40_000)).toMatchObject({ amount: second.amount, renewal: true })
      },
    )

    it.concurrent('is shown as found by the sweep, which is why it has no visitor', async () => {
      const { transactionId } = soldNow('stripe', worker.world)
      await sweep(worker)
      const row = await eventually(
        async () => (await statusOf(worker)).movements.find((one) => one.transactionId === transactionId && one.stage === 'recorded'),
        Boolean,
      )
      expect(row).toMatchObject({ doors: ['sweep'], attributed: 'sweep-only', visitorSeen: false, kind: 'sale' })
    })
  })

  describe('What was told already', () => {
    const TOLD = {
      'a buyer': (sale: ReturnType<typeof soldNow>) => worker.visit(sale.path, { visitor: uniqueVisitor() }),
      'a webhook': (sale: ReturnType<typeof soldNow>) => deliver(sale.aftermath.sold().events),
    }

    it.concurrent.for(PROVIDER_NAMES.flatMap((provider) => Object.keys(TOLD).map((who) => [provider, who as keyof typeof TOLD] as const)))(
      '%s, by %s: the sweep asks nothing about it, and posts nothing',
      async ([provider, who]) => {
        const sale = soldNow(provider, worker.world)
        await TOLD[who](sale)
        await recorded(sale.transactionId)
        const reference = referenceOf(provider, worker.world, sale.id)
        await eventually(() => worker.recorded.get(reference), Boolean)
        const questions = questionsAbout(sale)
        await sweep(worker)
        await sweep(worker, 'deep')
        expect(questionsAbout(sale)).toBe(questions)
        expect(postsOf(sale.transactionId)).toHaveLength(1)
      },
    )

    it.concurrent.for(PROVIDER_NAMES)('%s: nor does it ask twice about what it found itself', async (provider) => {
      const sale = soldNow(provider, worker.world, 'subscription')
      await sweep(worker)
      await recorded(sale.transactionId)
      // What the sale goes by at the provider besides its own name is known a moment later.
      await eventually(() => worker.recorded.get(referenceOf(provider, worker.world, sale.id)), Boolean)
      await sweep(worker)
      const questions = questionsAbout(sale)
      await sweep(worker)
      await sweep(worker, 'deep')
      expect(questionsAbout(sale)).toBe(questions)
    })
  })

  describe('A buyer who returns after the sweep has recorded the sale without a visitor', () => {
    it.concurrent.for(PROVIDER_NAMES)('%s: is added, once', async (provider) => {
      const sale = soldNow(provider, worker.world)
      const visitor = uniqueVisitor()
      await sweep(worker)
      expect(await recorded(sale.transactionId)).not.toHaveProperty('datafast_visitor_id')
      await eventually(() => worker.recorded.get(referenceOf(provider, worker.world, sale.id)), Boolean)
      for (const who of [visitor, visitor, uniqueVisitor()]) await worker.visit(sale.path, { visitor: who })
      await eventually(() => worker.world.dataFast.ledger.get(sale.transactionId)?.datafast_visitor_id, Boolean)
      await sweep(worker)
      expect(worker.world.dataFast.ledger.get(sale.transactionId)).toMatchObject({ datafast_visitor_id: visitor })
      expect(postsOf(sale.transactionId)).toHaveLength(2)
    })
  })
})

describe('A buyer who returns while what the sweep has found waits for a visitor', () => {
  withBooks({ ...SETTINGS, vars: { ...SETTINGS.vars, ATTRIBUTION_WAIT_SECONDS: 60 } })

  it.concurrent.for(PROVIDER_NAMES)('%s: is the one it is recorded under, at once', async (provider) => {
    const sale = soldNow(provider, worker.world)
    const visitor = uniqueVisitor()
    await sweep(worker)
    const held = async () => (await worker.stateOf(referenceOf(provider, worker.world, sale.id)))?.stage.at
    await eventually(held, (stage) => stage === 'held')
    expect(postsOf(sale.transactionId)).toHaveLength(0)
    expect(await worker.visit(sale.path, { visitor })).toMatchObject({ outcome: 'paid' })
    expect(await recorded(sale.transactionId)).toMatchObject({ amount: sale.amount, datafast_visitor_id: visitor })
    expect(postsOf(sale.transactionId)).toHaveLength(1)
  })

  it.concurrent.each<[string, ProviderName, (world: World) => { sale: ReturnType<typeof soldNow>; pointer: string }]>([
    [
      'Lemon Squeezy’s initial invoice',
      'lemonsqueezy',
      (world) => {
        const sale = soldNow('lemonsqueezy', world, 'subscription')
        const { subscriptions, invoices } = world.lemonSqueezy
        const subscription = [...subscriptions.values()].find(({ attributes }) => String(attributes.order_id) === sale.id)
        const invoice = [...invoices.values()].find(({ attributes }) => String(attributes.subscription_id) === subscription?.id)
        return { sale, pointer: `/subscription-invoices/${invoice?.id}` }
      },
    ],
    [
      'Dodo’s subscription, of a trial that was paid for',
      'dodo',
      (world) => {
        const sale = soldNow('dodo', world, 'subscription')
        const subscription = sale.id.replace('pay_', 'sub_')
        Object.assign(world.dodo.subscriptions.get(subscription) ?? {}, { trial_period_days: 14, trial_amount: 100 })
        return { sale, pointer: `/subscriptions/${subscription}` }
      },
    ],
  ])('%s, which is its sale under another name, is asked about once', async (_, provider, sell) => {
    const { sale, pointer } = sell(worker.world)
    const asked = () => worker.world.callsTo(provider).filter(({ url }) => url.includes(pointer)).length
    await sweep(worker)
    const held = async () => (await worker.stateOf(referenceOf(provider, worker.world, sale.id)))?.stage.at
    await eventually(held, (stage) => stage === 'held')
    await eventually(asked, Boolean)
    const once = { pointer: asked(), sale: questionsAbout(sale) }
    for (const schedule of ['ordinary', 'deep', 'ordinary'] as const) await sweep(worker, schedule)
    expect({ pointer: asked(), sale: questionsAbout(sale) }).toEqual(once)
  })
})

/** Makes a paid order an unfinished one; the result finishes it. Its creation stays what it is. */
const UNFINISHED: Partial<Record<ProviderName, { list: string; undo: (world: World, id: string, until: Date) => () => void }>> = {
  stripe: {
    list: 'sessions',
    undo: ({ stripe }, id) => changing(stripe.sessions.get(id), { status: 'open', payment_status: 'unpaid' }),
  },
  dodo: { list: 'payments', undo: ({ dodo }, id) => changing(dodo.payments.get(id), { status: 'processing' }) },
  creem: {
    list: 'transactions',
    undo: ({ creem }, id) => changing(creem.transactions.get(`tran_${id.slice(3)}`), { status: 'pending' }),
  },
  polar: {
    list: 'orders',
    undo: ({ polar }, id) => changing(polar.orders.get(polar.orderIdOf(id)), { status: 'pending', paid: false }),
  },
  lemonsqueezy: {
    list: 'orders',
    undo: ({ lemonSqueezy }, id) => changing(lemonSqueezy.orders.get(id)?.attributes, { status: 'pending' }),
  },
  paddle: {
    list: 'transactions',
    undo({ paddle }, id, until) {
      const finish = changing(paddle.transactions.get(id), { status: 'ready', billed_at: null })
      return () => {
        finish()
        Object.assign(paddle.transactions.get(id) ?? {}, { billed_at: until.toISOString() })
      }
    },
  },
}

function changing(object: Record<string, unknown> | undefined, changes: Record<string, unknown>): () => void {
  const before = { ...object }
  Object.assign(object ?? {}, changes)
  return () => Object.assign(object ?? {}, before)
}

describe('What is made before a run and paid after it', () => {
  withBooks(SETTINGS)

  it.concurrent.for(Object.entries(UNFINISHED) as [ProviderName, NonNullable<(typeof UNFINISHED)['stripe']>][])(
    '%s: is found, though it is twenty hours old by then',
    async ([provider, { list, undo }]) => {
      const lastRun = new Date(Date.now() + 48 * HOUR)
      const sale = soldNow(provider, worker.world, 'one-time', new Date(lastRun.getTime() - 20 * HOUR))
      const finish = undo(worker.world, sale.id, lastRun)
      await readAsOf(worker, provider, list, lastRun)
      expect(worker.world.dataFast.ledger.has(sale.transactionId)).toBe(false)
      finish()
      await sweep(worker)
      expect(await recorded(sale.transactionId)).toMatchObject({ amount: sale.amount })
    },
  )

  it('is found by the daily run, when it took days', async () => {
    const lastRun = new Date(Date.now() + 20 * DAY)
    const sale = soldNow('stripe', worker.world, 'one-time', new Date(lastRun.getTime() - 14 * DAY))
    const finish = UNFINISHED.stripe?.undo(worker.world, sale.id, lastRun)
    await readAsOf(worker, 'stripe', 'sessions', lastRun)
    finish?.()
    await sweep(worker, 'deep')
    expect(await recorded(sale.transactionId)).toMatchObject({ amount: sale.amount })
  })

  it.concurrent.each<[provider: ProviderName, status: string, undo: (world: World, id: string, status: string) => () => void]>([
    ['stripe', 'pending', ({ stripe }, id, status) => changing(stripe.refunds.get(id), { status })],
    ['dodo', 'pending', ({ dodo }, id, status) => changing(dodo.refunds.get(id), { status })],
    ['polar', 'pending', ({ polar }, id, status) => changing(polar.refunds.get(id), { status })],
    ['paddle', 'pending_approval', ({ paddle }, id, status) => changing(paddle.adjustments.get(id), { status })],
  ])('%s: a refund that is %s is none yet, and is one when it has succeeded', async (provider, status, undo) => {
    const sale = soldNow(provider, worker.world)
    const refund = sale.aftermath.refunded('part')
    const finish = undo(worker.world, refund.transactionId, status)
    await sweep(worker)
    await recorded(sale.transactionId)
    await sweep(worker)
    expect(worker.world.dataFast.ledger.has(refund.transactionId)).toBe(false)
    finish()
    await sweep(worker)
    expect(await recorded(refund.transactionId)).toMatchObject({ amount: refund.amount, refunded: true })
    expect(postsOf(refund.transactionId)).toHaveLength(1)
  })
})
