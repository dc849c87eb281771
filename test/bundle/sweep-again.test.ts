import { describe, expect, it } from 'vitest'
import type { Fault } from '../../sandbox/world/service.ts'
import { recorded, worker } from './at-provider.ts'
import { jobsOf, only, referenceOf, rowOf, SETTINGS, STATUS_TOKEN, soldNow, sweep, withBooks } from './at-sweep.ts'
import { press } from './operator.ts'
import { PROVIDER_NAMES } from './sellers.ts'
import { eventually, uniqueVisitor } from './worker.ts'

const REFUSED: Fault = { kind: 'answer', status: 400, body: { error: { message: 'no' } } }

describe('A refund that was left out, since its sale was parked', () => {
  withBooks(SETTINGS)
  const tryAgain = (reference: string) => press({ reference }, { authorization: `Bearer ${STATUS_TOKEN}` })

  it.concurrent.for(
    PROVIDER_NAMES.flatMap((provider) => [[provider, 'by the next cron run'] as const, [provider, 'when it is tried again'] as const]),
  )('%s: is recorded after its sale was, %s', async ([provider, how]) => {
    const sale = soldNow(provider, worker.world)
    const reference = referenceOf(provider, worker.world, sale.id)
    worker.world.service('datafast').failFor(`"${sale.transactionId}"`, REFUSED, REFUSED, REFUSED)
    await worker.visit(sale.path, { visitor: uniqueVisitor() })
    await rowOf(worker, (row) => row.transactionId === sale.transactionId && row.stage === 'parked', 20_000)
    const refund = sale.aftermath.refunded('rest')
    await sweep(worker)
    const row = await rowOf(worker, ({ transactionId, stage }) => transactionId === refund.transactionId && stage === 'skipped')
    expect(row).toMatchObject({ reason: 'sale-not-recorded' })

    expect(await tryAgain(reference)).toMatchObject({ status: 200 })
    expect(await recorded(sale.transactionId)).toMatchObject({ amount: sale.amount })
    await rowOf(worker, ({ transactionId, stage }) => transactionId === sale.transactionId && stage === 'recorded')
    if (how === 'by the next cron run') await sweep(worker)
    else await tryAgain(row?.reference ?? '')
    expect(await recorded(refund.transactionId)).toMatchObject({ amount: refund.amount, refunded: true })
    expect(worker.world.callsTo('datafast', `"${refund.transactionId}"`)).toHaveLength(1)
  })
})

describe('What was left out as another shop’s, before the address of this one was known', () => {
  const { secrets } = only('stripe')
  withBooks({ secrets, vars: { ATTRIBUTION_WAIT_SECONDS: 0 } })

  it('is looked at again once a buyer came back, however much of it there is, and ours is recorded', async () => {
    const { stripe } = worker.world
    // Somebody looks at the status where no buyer comes to.
    const headers = { authorization: `Bearer ${STATUS_TOKEN}`, accept: 'application/json' }
    expect((await worker.harness.fetch('https://elsewhere.example.org/checkout/status', { headers })).status).toBe(200)
    const sell = (success_url: string) => {
      const sale = soldNow('stripe', worker.world)
      Object.assign(stripe.sessions.get(sale.id) ?? {}, { success_url })
      return sale
    }
    const foreign = Array.from({ length: 60 }, () => sell('https://other.example.net/thanks'))
    const ours = sell('https://pay.example.com/checkout/success/stripe?session_id={CHECKOUT_SESSION_ID}')
    await sweep(worker)
    const stageOf = async ({ id }: { id: string }) => (await worker.stateOf(`stripe:${id}`))?.stage
    for (const sale of [...foreign, ours]) {
      const stage = await eventually(
        () => stageOf(sale),
        (found) => found?.at === 'ended',
      )
      expect(stage).toMatchObject({ end: 'skipped', reason: 'other-success-url' })
    }
    const bought = soldNow('stripe', worker.world)
    await worker.visit(bought.path, { visitor: uniqueVisitor() })
    await recorded(bought.transactionId)
    // Fifty at once, and the rest a minute later.
    const reopening = await eventually(
      async () => (await jobsOf(worker)).find((job) => job.do === 'reopen'),
      (job) => job?.do === 'reopen' && job.after !== '' && job.tries === 0,
    )
    expect(reopening?.due).toBeGreaterThan(Date.now() + 50_000)
    expect(worker.world.dataFast.ledger.has(ours.transactionId)).toBe(false)
    await sweep(worker)
    expect(await recorded(ours.transactionId)).toMatchObject({ amount: ours.amount })
    expect((await jobsOf(worker)).filter((job) => job.do === 'reopen')).toEqual([])
    for (const sale of foreign) expect(await stageOf(sale)).toMatchObject({ end: 'skipped', reason: 'other-success-url' })
    expect(worker.world.dataFast.ledger.size).toBe(2)
  })
})
