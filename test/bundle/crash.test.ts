import type { Miniflare, RequestInit } from 'miniflare'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AFTERMATH } from '../../sandbox/world/aftermath/list.ts'
import { delivered } from '../../sandbox/world/provider-event.ts'
import { ownRuntime } from './runtime.ts'
import { eventually, VISITOR } from './worker.ts'

let runtime: ReturnType<typeof ownRuntime>

beforeEach(() => {
  runtime = ownRuntime()
})
afterEach(() => runtime.stop())

function visit(worker: Miniflare, id: string): Promise<unknown> {
  const init: RequestInit = { redirect: 'manual', headers: { cookie: `datafast_visitor_id=${VISITOR}` } }
  return worker.dispatchFetch(`https://pay.example.com/checkout/success/stripe?session_id=${id}`, init)
}

const posts = () => runtime.world.callsTo('datafast')
const lookups = () => runtime.world.callsTo('stripe')

async function expectDelivered(): Promise<void> {
  await eventually(
    () => runtime.world.dataFast.ledger.size,
    (size) => size === 1,
    25_000,
  )
  expect([...runtime.world.dataFast.ledger.values()]).toMatchObject([
    { transaction_id: 'pi_crash', amount: 19.99, datafast_visitor_id: VISITOR },
  ])
}

describe('a runtime killed in the middle', () => {
  it('between arrival and verification: the order is verified and recorded after the restart, without another visit', async () => {
    const id = 'cs_live_crash1'
    runtime.world.stripe.sell(id, { payment_intent: 'pi_crash' })
    runtime.world.service('stripe').faults.push({ kind: 'hang' })
    const worker = await runtime.start()
    visit(worker, id).catch(() => {})
    await eventually(
      () => lookups().length,
      (count) => count === 1,
    )
    await runtime.kill()
    expect(posts()).toEqual([])
    await runtime.start()
    await expectDelivered()
    expect(posts()).toHaveLength(1)
  })

  it('between verification and delivery: the payment is delivered after the restart', async () => {
    const id = 'cs_live_crash2'
    runtime.world.stripe.sell(id, { payment_intent: 'pi_crash' })
    runtime.world.service('datafast').faults.push({ kind: 'answer', status: 503 })
    const worker = await runtime.start()
    await visit(worker, id)
    await eventually(
      () => posts().length,
      (count) => count === 1,
    )
    await runtime.kill()
    await runtime.start()
    await expectDelivered()
    expect(lookups()).toHaveLength(1)
  })

  it('during delivery, after DataFast took the payment: it is sent again under the same id and counted once', async () => {
    const id = 'cs_live_crash3'
    runtime.world.stripe.sell(id, { payment_intent: 'pi_crash' })
    const worker = await runtime.start()
    runtime.world.service('datafast').delayMs = 2000
    await visit(worker, id)
    await new Promise((resolve) => setTimeout(resolve, 700))
    await runtime.kill()
    runtime.world.service('datafast').delayMs = 0
    await runtime.start()
    await eventually(
      () => posts().length,
      (count) => count >= 2,
      25_000,
    )
    await expectDelivered()
    expect(new Set(posts().map((call) => (call.body as { transaction_id: string }).transaction_id))).toEqual(new Set(['pi_crash']))
  })

  it('during a delivery that the alarm had started: the next start takes it up within seconds', async () => {
    const id = 'cs_live_crash4'
    runtime.world.stripe.sell(id, { payment_intent: 'pi_crash' })
    runtime.world.service('datafast').faults.push({ kind: 'answer', status: 503 }, { kind: 'hang' })
    const worker = await runtime.start()
    await visit(worker, id)
    await eventually(
      () => posts().length,
      (count) => count === 2,
      8000,
    )
    await runtime.kill()
    await runtime.start()
    await expectDelivered()
  })

  it('just after a webhook was acknowledged: what it told is recorded after the restart, a refund and its sale once each', async () => {
    const id = 'ch_crash5crash5crash5'
    runtime.world.creem.sell(id)
    const aftermath = AFTERMATH.creem(runtime.world, id)
    const [sale, refund] = [aftermath.sold(), aftermath.refunded('rest')]
    const worker = await runtime.start()
    runtime.world.service('creem').fault = { kind: 'hang' }
    for (const event of [...sale.events, ...refund.events]) {
      const { path, ...init } = delivered(event)
      const answer = await worker.dispatchFetch(`https://pay.example.com${path}`, { method: 'POST', ...init })
      expect(await answer.json()).toEqual({ received: 1 })
    }
    await runtime.kill()
    runtime.world.service('creem').fault = undefined
    const next = await runtime.start()
    await next.dispatchFetch(`https://pay.example.com/checkout/success/creem?checkout_id=${id}`, {
      redirect: 'manual',
      headers: { cookie: `datafast_visitor_id=${VISITOR}` },
    })
    await eventually(
      () => runtime.world.dataFast.ledger.size,
      (size) => size === 2,
      50_000,
    )
    const common = { datafast_visitor_id: VISITOR, currency: 'EUR' }
    expect([...runtime.world.dataFast.ledger.values()]).toMatchObject([
      { transaction_id: sale.transactionId, amount: sale.amount, ...common },
      { transaction_id: refund.transactionId, amount: refund.amount, refunded: true, ...common },
    ])
    expect(posts()).toHaveLength(2)
  })
})
