import { beforeAll, describe, expect, it } from 'vitest'
import type { ProviderName } from '../../src/providers/index.ts'
import { deliver, recorded, worker } from './at-provider.ts'
import { askedOf, HOUR, MINUTE, only, referenceOf, rowOf, SETTINGS, soldNow, statusOf, sweep, withBooks } from './at-sweep.ts'
import { PROVIDER_NAMES } from './sellers.ts'
import { eventually, uniqueVisitor } from './worker.ts'

/** Providers whose objects tell what the checkout's link carried; the others tell it in the events of the first sale alone. */
const CARRYING: ProviderName[] = ['stripe', 'dodo', 'creem', 'polar', 'paddle']
/** Providers that list refunds by themselves, and not as a change of the sale. */
const LISTING_REFUNDS: ProviderName[] = ['stripe', 'dodo', 'polar', 'paddle']

/** A sale of half an hour before its provider was switched on here. */
function soldBefore(provider: ProviderName, kind: 'one-time' | 'subscription' = 'one-time', visitor?: string) {
  return soldNow(provider, worker.world, kind, new Date(Date.now() - 30 * MINUTE), visitor)
}

function isRecorded({ transactionId }: { transactionId: string }): boolean {
  return worker.world.dataFast.ledger.has(transactionId)
}

describe.concurrent('What was sold before a provider was switched on here', () => {
  withBooks(SETTINGS)
  beforeAll(() => sweep(worker))

  it.concurrent.for(PROVIDER_NAMES)('%s: is never imported, and nobody asks about it', async (provider) => {
    const [old, recent] = [soldBefore(provider, 'subscription'), soldNow(provider, worker.world)]
    await sweep(worker)
    await sweep(worker, 'deep')
    expect(await recorded(recent.transactionId)).toMatchObject({ amount: recent.amount })
    expect(isRecorded(old)).toBe(false)
    expect(askedOf(provider, worker).questions.filter((url) => url.includes(encodeURIComponent(old.mark)))).toEqual([])
    expect(await worker.stateOf(referenceOf(provider, worker.world, old.id))).toBeUndefined()
  })

  it.concurrent.for(PROVIDER_NAMES)('%s: counts when a buyer comes back with it', async (provider) => {
    const old = soldBefore(provider)
    const visitor = uniqueVisitor()
    await worker.visit(old.path, { visitor })
    expect(await recorded(old.transactionId)).toMatchObject({ amount: old.amount, datafast_visitor_id: visitor })
  })

  it.concurrent.for(PROVIDER_NAMES)('%s: counts when a webhook tells of the sale itself', async (provider) => {
    const old = soldBefore(provider)
    await deliver(old.aftermath.sold().events)
    expect(await recorded(old.transactionId)).toMatchObject({ amount: old.amount })
  })

  describe('its refund', () => {
    it.concurrent.for(LISTING_REFUNDS)('%s: is left out by the sweep, and says why; its sale is not imported for it', async (provider) => {
      const old = soldBefore(provider)
      const refund = old.aftermath.refunded('part')
      await sweep(worker)
      const row = await rowOf(worker, ({ transactionId, stage }) => transactionId === refund.transactionId && stage === 'skipped')
      expect(row).toMatchObject({ reason: 'sale-not-recorded', kind: 'refund' })
      expect([old, refund].filter(isRecorded)).toEqual([])
    })

    it.concurrent.for(PROVIDER_NAMES.filter((name) => !LISTING_REFUNDS.includes(name)))(
      '%s: is none of the sweep’s business, which sees it in the sale alone',
      async (provider) => {
        const old = soldBefore(provider)
        const refund = old.aftermath.refunded('rest')
        await sweep(worker, 'deep')
        expect([old, refund].filter(isRecorded)).toEqual([])
        expect(askedOf(provider, worker).questions.filter((url) => url.includes(encodeURIComponent(old.mark)))).toEqual([])
      },
    )

    it.concurrent.for(PROVIDER_NAMES)('%s: is left out when a webhook tells of it', async (provider) => {
      const old = soldBefore(provider)
      const refund = old.aftermath.refunded('rest')
      await deliver(refund.events)
      const row = await rowOf(worker, ({ transactionId, stage }) => transactionId === refund.transactionId && stage === 'skipped')
      expect(row).toMatchObject({ reason: 'sale-not-recorded', kind: 'refund' })
      await sweep(worker)
      expect([old, refund].filter(isRecorded)).toEqual([])
    })
  })

  describe('its renewal', () => {
    it.concurrent.for(PROVIDER_NAMES)(
      '%s: counts, under the visitor that the provider carries, and the old sale does not',
      async (provider) => {
        const visitor = CARRYING.includes(provider) ? uniqueVisitor() : undefined
        const old = soldBefore(provider, 'subscription', visitor)
        const renewal = old.aftermath.renewed()
        await sweep(worker)
        expect(await recorded(renewal.transactionId, 40_000)).toMatchObject({ amount: renewal.amount, renewal: true })
        expect(worker.world.dataFast.ledger.get(renewal.transactionId)?.datafast_visitor_id).toBe(visitor)
        expect(isRecorded(old)).toBe(false)
        // So does its refund.
        const refund = old.aftermath.refunded('rest', renewal.transactionId)
        await sweep(worker)
        expect(await recorded(refund.transactionId, 40_000)).toMatchObject({ amount: refund.amount, refunded: true })
      },
    )

    it.concurrent.for(PROVIDER_NAMES)('%s: leaves it to the buyer to have the old sale counted', async (provider) => {
      const old = soldBefore(provider, 'subscription')
      const renewal = old.aftermath.renewed()
      await deliver(renewal.events)
      await recorded(renewal.transactionId, 40_000)
      expect(isRecorded(old)).toBe(false)
      const visitor = uniqueVisitor()
      await worker.visit(old.path, { visitor })
      expect(await recorded(old.transactionId, 20_000)).toMatchObject({ amount: old.amount, datafast_visitor_id: visitor })
    })
  })
})

describe('A provider that is switched on later', () => {
  withBooks(only('stripe'))

  it('starts later: what it sold before then is not imported, unlike what the others did', async () => {
    await sweep(worker)
    const between = new Date(Date.now() + 1_000)
    const early = {
      stripe: soldNow('stripe', worker.world, 'one-time', between),
      polar: soldNow('polar', worker.world, 'one-time', between),
    }
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    await worker.deploy(SETTINGS)
    await sweep(worker)
    const late = soldNow('polar', worker.world)
    await sweep(worker)
    await sweep(worker, 'deep')
    await recorded(late.transactionId)
    await recorded(early.stripe.transactionId)
    expect(isRecorded(early.polar)).toBe(false)
  })

  it('keeps its start when it is switched off and on again', async () => {
    await worker.deploy(only('stripe'))
    const meanwhile = soldNow('polar', worker.world, 'one-time', new Date(Date.now() + HOUR))
    await sweep(worker)
    await worker.deploy(SETTINGS)
    await sweep(worker)
    expect(await recorded(meanwhile.transactionId)).toMatchObject({ amount: meanwhile.amount })
    expect((await statusOf(worker)).movements.some(({ transactionId }) => transactionId === meanwhile.transactionId)).toBe(true)
    await eventually(isRecorded.bind(undefined, meanwhile), Boolean)
  })
})
