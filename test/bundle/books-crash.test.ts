import type { Miniflare } from 'miniflare'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { State } from '../../src/order/state.ts'
import type { Payment } from '../../src/payment.ts'
import type { Row, StatusReport } from '../../src/status/report.ts'
import { STATUS_TOKEN } from './at-sweep.ts'
import { ownRuntime } from './runtime.ts'
import { eventually, sessionId, VISITOR } from './worker.ts'

let runtime: ReturnType<typeof ownRuntime>

beforeEach(() => {
  runtime = ownRuntime()
})
afterEach(() => runtime.stop())

const SETTINGS = { STATUS_TOKEN, ATTRIBUTION_WAIT_SECONDS: '1' }

function visit(worker: Miniflare, id: string): Promise<unknown> {
  const init = { redirect: 'manual' as const, headers: { cookie: `datafast_visitor_id=${VISITOR}` } }
  return worker.dispatchFetch(`https://pay.example.com/checkout/success/stripe?session_id=${id}`, init)
}

/** What the books say of orders, once they say something of so many. */
function rows(worker: Miniflare, count: number): Promise<Row[]> {
  let asked = 0
  const read = async () => {
    // Each time from another address: one alone may not ask so often.
    const address = { 'cf-connecting-ip': `198.18.${++asked >> 8}.${asked & 255}` }
    const headers = { accept: 'application/json', authorization: `Bearer ${STATUS_TOKEN}`, ...address }
    const answer = await worker.dispatchFetch('https://pay.example.com/checkout/status', { headers })
    return ((await answer.json()) as StatusReport).movements
  }
  return eventually(read, (found) => found.filter(({ stage }) => stage === 'recorded').length === count, 25_000)
}

const accepted = () => eventually(() => runtime.world.dataFast.ledger.size, Boolean)
const posts = () => runtime.world.callsTo('datafast', 'transaction_id')

/** The bundle, with books that never answer. `first`: what they do before. */
const silentBooks = (first = '') => `
  import worker, { Ledger as Books, Order } from './bundle.js'
  export default worker
  export { Order }
  export class Ledger extends Books {
    record(owed) {
      ${first}
      return new Promise((resolve) => setTimeout(resolve, 60_000))
    }
  }`

describe('A runtime killed', () => {
  it.each([
    ['after DataFast took a payment and before the books have its row: they get it after the restart', ''],
    ['after the books wrote a row and before the order knows: it stays one row', 'super.record(owed)'],
  ])('%s', async (_, first) => {
    const id = sessionId()
    runtime.world.stripe.sell(id)
    await visit(await runtime.start(SETTINGS, silentBooks(first)), id)
    await accepted()
    await new Promise((resolve) => setTimeout(resolve, 300))
    await runtime.kill()
    const row = { transactionId: `pi_${id.slice(-12)}`, amount: 19.99, currency: 'EUR', attributed: 'yes', doors: ['redirect'] }
    const worker = await runtime.start(SETTINGS)
    expect(await rows(worker, 1)).toMatchObject([row])
    // Written before, it is told once more by the order's next run.
    if (first) await new Promise((resolve) => setTimeout(resolve, 6_000))
    expect(await rows(worker, 1)).toHaveLength(1)
    expect(posts()).toHaveLength(1)
  })
})

/** The bundle, with a door through which states are put into orders as an earlier version stored them. */
const WITH_PLANTING = `
  import worker, { Ledger, Order as Orders } from './bundle.js'
  export { Ledger }
  export default {
    async fetch(request, env, ctx) {
      if (new URL(request.url).pathname !== '/plant') return worker.fetch(request, env, ctx)
      const state = await request.json()
      await env.ORDERS.getByName(state.reference).plant(state)
      return new Response('planted')
    },
  }
  export class Order extends Orders {
    async plant(state) {
      this.ctx.storage.kv.put('order', state)
      await this.ctx.storage.setAlarm(Date.now() + 500)
    }
  }`

/** An order as the version before the books stored it. */
function stored(id: string, changes: Partial<State> = {}): State {
  const now = Date.now()
  const payment: Payment = {
    ...{ kind: 'sale', transactionId: `pi_${id.slice(-12)}`, gross: 19.99, net: 16.8, currency: 'EUR', paidAt: '2026-09-21T13:46:40.000Z' },
    ...{ test: false, customer: { customer_id: 'cus_1' }, carried: [], aliases: [], soldAs: [] },
  }
  return {
    ...{ v: 1, reference: `stripe:${id}`, announced: false, arrivals: 1, firstArrivalAt: now, visitors: [], carried: [], struck: [] },
    ...{ lagged: false, aliases: [], debts: [], debtTries: { since: now, count: 0, due: now, scheduled: now }, payment },
    stage: { at: 'datafast', tries: { row: 'datafast-down', since: now, count: 1, due: now, scheduled: now }, reason: 'http-503' },
    ...changes,
  }
}

/** Plants, and starts what is to come next. */
async function upgradedFrom(...states: State[]): Promise<Miniflare> {
  const before = await runtime.start(SETTINGS, WITH_PLANTING)
  for (const state of states) {
    runtime.world.stripe.sell(state.reference.slice('stripe:'.length))
    await before.dispatchFetch('https://pay.example.com/plant', { method: 'POST', body: JSON.stringify(state) })
  }
  await runtime.kill()
  return runtime.start(SETTINGS)
}

describe('Orders stored before there were books', () => {
  it('go on where they were, and are booked', async () => {
    const [sending, held] = [sessionId(), sessionId()]
    const until = Date.now() + 500
    const worker = await upgradedFrom(stored(sending, { visitors: [VISITOR] }), stored(held, { stage: { at: 'held', until } }))
    const found = await rows(worker, 2)
    expect(found.map(({ reference, attributed, doors }) => ({ reference, attributed, doors }))).toEqual(
      expect.arrayContaining([
        { reference: `stripe:${sending}`, attributed: 'yes', doors: [] },
        { reference: `stripe:${held}`, attributed: 'no-cookie', doors: [] },
      ]),
    )
  })

  it('are booked when something new becomes known of what was recorded', async () => {
    const id = sessionId()
    const recorded = { transactionId: `pi_${id.slice(-12)}`, attributed: 'no' as const }
    const now = Date.now()
    const stage = { at: 'ended', end: 'recorded', reason: 'no-visitor', outcome: 'repeat', endedAt: now, until: now + 86_400_000 } as const
    const worker = await upgradedFrom(stored(id, { recorded, recordedAt: now, stage }))
    await visit(worker, id)
    expect(await rows(worker, 1)).toMatchObject([{ transactionId: recorded.transactionId, attributed: 'yes', reason: 'attributed-late' }])
    expect(posts()).toHaveLength(1)
  })
})
