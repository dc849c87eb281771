import { describe, expect, it } from 'vitest'
import { AFTERMATH } from '../../sandbox/world/aftermath/list.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import { at, deliver, recorded, withWorker, worker } from './at-provider.ts'
import { PROVIDER_NAMES, SELLERS } from './sellers.ts'
import { dodoId, eventually, gumroadId, uniqueVisitor } from './worker.ts'

/** A one-time sale that a buyer came back with. */
async function sold(provider: ProviderName, isRecorded = true) {
  const { id, sell, returning } = SELLERS[provider]
  const saleId = id()
  const visitor = uniqueVisitor()
  sell['one-time'](worker.world, saleId)
  const aftermath = AFTERMATH[provider](worker.world, saleId)
  const sale = aftermath.sold()
  await worker.visit(`/checkout/success/${provider}?${returning(worker.world, saleId)}`, { visitor })
  if (isRecorded) await recorded(sale.transactionId)
  return { saleId, aftermath, sale, visitor }
}

/** Gumroad tells of partial refunds that there are some. */
const TELLING = PROVIDER_NAMES.filter((provider) => provider !== 'gumroad')

describe.concurrent('Refunds', () => {
  withWorker({})

  it.for(TELLING)('%s: part after part, each is a payment of its own, and all of them come to the sale', async (provider) => {
    const { aftermath, sale, visitor } = await sold(provider)
    const parts = []
    for (const share of ['part', 'part', 'rest'] as const) {
      const part = aftermath.refunded(share)
      await deliver(part.events)
      expect(await recorded(part.transactionId)).toMatchObject({
        amount: part.amount,
        currency: worker.world.dataFast.ledger.get(sale.transactionId)?.currency,
        refunded: true,
        datafast_visitor_id: visitor,
      })
      parts.push(part)
    }
    expect(new Set(parts.map(({ transactionId }) => transactionId)).size).toBe(3)
    expect(parts.reduce((sum, { amount }) => sum + amount, 0)).toBeCloseTo(sale.amount, 6)
  })

  it.for(TELLING)('%s: told late, twice and the wrong way round, they still come to the sale', { timeout: 90_000 }, async (provider) => {
    const { aftermath, sale } = await sold(provider)
    const before = new Set(worker.world.dataFast.ledger.keys())
    const parts = [aftermath.refunded('part'), aftermath.refunded('part'), aftermath.refunded('rest')]
    for (const { events } of [...parts].reverse()) await deliver([...events, ...events])
    const tail = tailOf(provider, sale.transactionId, parts)
    const refunds = () =>
      [...worker.world.dataFast.ledger.values()].filter(
        ({ transaction_id: id }) => !before.has(id) && tail.some((text) => id.includes(text)),
      )
    const sum = () => refunds().reduce((total, { amount }) => total + amount, 0)
    await eventually(sum, (total) => Math.abs(total - sale.amount) < 1e-9, 60_000)
    expect(refunds().every(({ refunded }) => refunded)).toBe(true)
  })

  it('gumroad: a full refund is recorded, a partial one is parked, since its amount is not told', async () => {
    const { aftermath, saleId } = await sold('gumroad')
    await deliver(aftermath.refunded('part').events)
    const { stageOf } = at('gumroad')
    const stage = await eventually(
      () => stageOf(`refund_${saleId}`),
      (found) => !!found && 'tries' in found && found.tries.row === 'unclear',
    )
    expect(stage).toMatchObject({ reason: 'unclear-partial-refund' })
    const other = await sold('gumroad')
    const refund = other.aftermath.refunded('rest')
    await deliver(refund.events)
    expect(await recorded(refund.transactionId)).toMatchObject({ amount: 29.13, refunded: true, datafast_visitor_id: other.visitor })
  })

  it('dodo: a refund without an amount is what its payment lists, or all of it', async () => {
    for (const [fields, amount] of [
      [{ amount: null }, 29],
      [{ amount: null, is_partial: true }, undefined],
    ] as const) {
      const { saleId } = await sold('dodo')
      const id = dodoId().replace('pay_', 'ref_')
      worker.world.dodo.refund(id, saleId, fields)
      await deliver([
        { provider: 'dodo', name: 'refund.succeeded', id, body: JSON.stringify({ type: 'refund.succeeded', data: { refund_id: id } }) },
      ])
      const { stageOf } = at('dodo')
      if (amount) expect(await recorded(id)).toMatchObject({ amount, refunded: true })
      else
        expect(
          await eventually(
            () => stageOf(id),
            (stage) => !!stage && 'reason' in stage && !!stage.reason,
          ),
        ).toMatchObject({ reason: 'unclear-amount' })
    }
  })

  it('of a sale that was a test is nothing', async () => {
    const id = gumroadId()
    worker.world.gumroad.sell(id, { email: worker.world.gumroad.user.email })
    const refund = AFTERMATH.gumroad(worker.world, id).refunded('rest')
    await deliver(refund.events)
    const { stageOf } = at('gumroad')
    const stage = await eventually(
      () => stageOf(`refund_${id}`),
      (found) => found?.at === 'ended',
      20_000,
    )
    expect(stage).toMatchObject({ end: 'skipped', reason: 'sale-not-recorded' })
  })

  it('pending at the provider are waited for, failed ones never happened', async () => {
    const { saleId, aftermath } = await sold('stripe')
    const intent = aftermath.sold().transactionId
    const [pending, failed] = ['re_pending', 're_failed'].map((name) => `${name}${saleId.slice(-8)}`)
    worker.world.stripe.refund(String(pending), intent, { amount: 100, status: 'pending' })
    worker.world.stripe.refund(String(failed), intent, { amount: 100, status: 'failed' })
    for (const id of [pending, failed]) {
      await deliver([
        {
          provider: 'stripe',
          name: 'refund.created',
          id: `evt_${id}`,
          body: JSON.stringify({ type: 'refund.created', data: { object: { id } } }),
        },
      ])
    }
    const { stageOf } = at('stripe')
    expect(
      await eventually(
        () => stageOf(String(failed)),
        (stage) => stage?.at === 'ended',
      ),
    ).toMatchObject({ end: 'refused', reason: 'failed' })
    expect(
      await eventually(
        () => stageOf(String(pending)),
        (stage) => !!stage && 'tries' in stage && !!stage.tries.row,
      ),
    ).toMatchObject({ reason: 'pending' })
  })
})

/** What the ids of one sale's refunds have in common: for running totals the sale, otherwise their own names. */
function tailOf(provider: ProviderName, transactionId: string, parts: { transactionId: string }[]): string[] {
  const isRunningTotal = provider === 'creem' || provider === 'lemonsqueezy'
  return isRunningTotal ? [`${transactionId}_refund_`] : parts.map((part) => part.transactionId)
}

describe('Refunds, net of tax', () => {
  withWorker({ vars: { REVENUE: 'net' } })

  it.each(TELLING)('%s: the parts come to the sale’s net amount exactly', async (provider) => {
    const { aftermath, sale } = await sold(provider)
    const net = worker.world.dataFast.ledger.get(sale.transactionId)?.amount ?? Number.NaN
    expect(net).toBeLessThan(sale.amount)
    let minor = 0
    for (const share of ['part', 'part', 'rest'] as const) {
      const part = aftermath.refunded(share)
      await deliver(part.events)
      minor += Math.round(((await recorded(part.transactionId))?.amount ?? 0) * 100)
    }
    expect(minor / 100).toBe(net)
  })
})

describe('Refunds, switched off', () => {
  withWorker({ vars: { REFUNDS: 'off' } })

  it.each(PROVIDER_NAMES)('%s: are acknowledged and not recorded', async (provider) => {
    const { aftermath, saleId } = await sold(provider)
    const refund = aftermath.refunded('rest')
    await deliver(refund.events)
    await eventually(
      () => worker.logs().filter((line) => line.includes('refunds-off') && line.includes(`"${provider}"`)),
      (lines) => lines.length > 0,
    )
    expect(worker.world.dataFast.ledger.has(refund.transactionId)).toBe(false)
    expect(saleId).not.toBe('')
  })
})
