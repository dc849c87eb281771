import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fault } from '../../sandbox/world/service.ts'
import { eventually, OTHER_VISITOR, sessionId, startWorker, type TestWorker, VISITOR } from './worker.ts'

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker({ vars: { ATTRIBUTION_WAIT_SECONDS: 3 } })
})
afterAll(() => worker.stop())

/** An order that is paid, and everything one may want to know about it. */
function order(fields: Record<string, unknown> = {}) {
  const id = sessionId()
  const transactionId = `pi_${id.slice(-16)}`
  worker.world.stripe.sell(id, { payment_intent: transactionId, ...fields })
  return {
    id,
    transactionId,
    visit: (visitor?: string) => worker.visit(`/checkout/success/stripe?session_id=${id}`, visitor ? { visitor } : {}),
    posts: () => worker.world.callsTo('datafast', `"${transactionId}"`),
    lookups: () => worker.world.callsTo('stripe', id),
    entry: () => worker.world.dataFast.ledger.get(transactionId),
    state: () => worker.stateOf(`stripe:${id}`),
    memory: () => worker.recorded.getWithMetadata<{ transaction_id: string }, { attributed: string }>(`stripe:${id}`, 'json'),
  }
}

const dataFast = () => worker.world.service('datafast')
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('counted once', () => {
  it('twenty first visits at the same moment cause one lookup and one post', async () => {
    const sale = order()
    worker.world.service('stripe').delayMs = 50
    const answers = await Promise.all(Array.from({ length: 20 }, () => sale.visit(VISITOR)))
    worker.world.service('stripe').delayMs = 0
    for (const answer of answers) expect(['paid', 'repeat']).toContain(answer.outcome)
    await eventually(sale.memory, (memory) => memory.value !== null)
    expect(sale.lookups()).toHaveLength(1)
    expect(sale.posts()).toHaveLength(1)
  })

  it('remembers the transaction id, the visitor and that it was attributed', async () => {
    const sale = order()
    await sale.visit(VISITOR)
    const memory = await eventually(sale.memory, ({ value }) => value !== null)
    expect(memory.value).toEqual({ v: 1, transaction_id: sale.transactionId, datafast_visitor_id: VISITOR })
    expect(memory.metadata).toEqual({ attributed: 'yes' })
  })

  it('a repeat costs no request and creates no order', async () => {
    const sale = order()
    await sale.visit(VISITOR)
    await eventually(sale.memory, (memory) => memory.value !== null)
    const before = worker.world.calls.length
    for (const visitor of [VISITOR, OTHER_VISITOR, undefined]) expect(await sale.visit(visitor)).toMatchObject({ outcome: 'repeat' })
    expect(worker.world.calls.length).toBe(before)
  })

  it('keeps the transaction id of old, whatever would be computed today', async () => {
    const sale = order()
    await worker.recorded.put(`stripe:${sale.id}`, JSON.stringify({ v: 1, transaction_id: 'pi_of_old' }), {
      metadata: { attributed: 'no' },
    })
    expect(await sale.visit()).toMatchObject({ outcome: 'repeat' })
    await sale.visit(VISITOR)
    await eventually(sale.memory, (memory) => memory.metadata?.attributed === 'closed')
    expect(sale.posts()).toEqual([])
    expect(worker.world.callsTo('datafast', '"pi_of_old"').map((call) => call.body)).toMatchObject([{ datafast_visitor_id: VISITOR }])
    expect(await sale.visit(OTHER_VISITOR)).toMatchObject({ outcome: 'repeat' })
  })

  it('a repeat stays one when its order is forgotten and the provider is down, and its visitor is added later', async () => {
    const sale = order()
    await worker.recorded.put(`stripe:${sale.id}`, JSON.stringify({ v: 1, transaction_id: sale.transactionId }), {
      metadata: { attributed: 'no' },
    })
    worker.world.service('stripe').failFor(sale.id, { kind: 'answer', status: 500 })
    expect(await sale.visit(VISITOR)).toMatchObject({ outcome: 'repeat' })
    await eventually(sale.memory, (memory) => memory.metadata?.attributed === 'closed')
    expect(sale.posts().map((call) => call.body)).toMatchObject([{ datafast_visitor_id: VISITOR }])
  })

  it('erases what is personal from storage once it is delivered', async () => {
    const sale = order({ customer: 'cus_secret' })
    await sale.visit(VISITOR)
    await eventually(sale.memory, (memory) => memory.value !== null)
    const stored = JSON.stringify(await sale.state())
    expect(stored).toContain(sale.transactionId)
    for (const personal of ['cus_secret', 'buyer@example.com', 'Bea']) expect(stored).not.toContain(personal)
  })
})

describe('the visitor', () => {
  it('missing: the sale waits, and goes unattributed when the wait is over', async () => {
    const sale = order()
    expect(await sale.visit()).toMatchObject({ outcome: 'paid' })
    expect((await eventually(sale.state, (state) => state?.stage.at === 'held'))?.stage.at).toBe('held')
    expect(sale.posts()).toEqual([])
    await eventually(sale.entry, Boolean)
    expect(sale.entry()).not.toHaveProperty('datafast_visitor_id')
    expect((await eventually(sale.memory, (memory) => memory.value !== null)).metadata).toEqual({ attributed: 'no' })
  })

  it('arriving during the wait sends the sale at once', async () => {
    const sale = order()
    await sale.visit()
    await eventually(sale.state, (state) => state?.stage.at === 'held')
    await sale.visit(VISITOR)
    await eventually(sale.entry, Boolean, 1500)
    expect(sale.posts().map((call) => call.body)).toMatchObject([{ datafast_visitor_id: VISITOR }])
  })

  it('arriving during the lookup is attributed', async () => {
    const sale = order()
    worker.world.service('stripe').delayMs = 300
    const visits = [sale.visit(), pause(100).then(() => sale.visit(VISITOR))]
    await Promise.all(visits)
    worker.world.service('stripe').delayMs = 0
    expect(await eventually(sale.entry, Boolean)).toMatchObject({ datafast_visitor_id: VISITOR })
    expect(sale.lookups()).toHaveLength(1)
  })

  it('arriving while the post without one is under way is added once more, and then it is closed', async () => {
    const sale = order()
    await sale.visit()
    dataFast().delayMs = 1500
    await eventually(sale.state, (state) => state?.stage.at === 'datafast', 6000)
    await sale.visit(VISITOR)
    dataFast().delayMs = 0
    await eventually(sale.memory, (memory) => memory.metadata?.attributed === 'closed')
    expect(sale.posts().map((call) => (call.body as Record<string, unknown>).datafast_visitor_id)).toEqual([undefined, VISITOR])
    expect(await sale.visit(OTHER_VISITOR)).toMatchObject({ outcome: 'repeat' })
  })

  it('arriving after the sale was recorded without one is added once, with the same transaction id', async () => {
    const sale = order()
    await sale.visit()
    await eventually(sale.memory, (memory) => memory.metadata?.attributed === 'no')
    expect(await sale.visit(VISITOR)).toMatchObject({ outcome: 'repeat' })
    await eventually(sale.memory, (memory) => memory.metadata?.attributed === 'closed')
    expect(sale.entry()).toMatchObject({ datafast_visitor_id: VISITOR })
    expect(sale.posts()).toHaveLength(2)
    expect(sale.lookups()).toHaveLength(1)
  })

  it('rejected by DataFast makes room for the next candidate at once', async () => {
    const unseen = crypto.randomUUID()
    worker.world.dataFast.unseenVisitors.add(unseen)
    const sale = order({ metadata: { datafast_visitor_id: unseen } })
    await sale.visit(VISITOR)
    expect(await eventually(sale.entry, Boolean)).toMatchObject({ datafast_visitor_id: VISITOR })
    expect(sale.posts()).toHaveLength(2)
  })

  it('rejected with no other left is tried again after five minutes, its pageview may lag', async () => {
    const unseen = crypto.randomUUID()
    worker.world.dataFast.unseenVisitors.add(unseen)
    const sale = order()
    await sale.visit(unseen)
    const state = await eventually(sale.state, (found) => found?.stage.at === 'datafast' && found.stage.tries.row === 'visitor-lag')
    if (state?.stage.at !== 'datafast') throw new Error('not waiting')
    expect(state.stage.tries.due - Date.now()).toBeGreaterThan(4.9 * 60_000)
    expect(state.stage.tries.due - Date.now()).toBeLessThan(5.6 * 60_000)
    await sale.visit(VISITOR)
    expect(await eventually(sale.entry, Boolean)).toMatchObject({ datafast_visitor_id: VISITOR })
  })
})

describe('DataFast failing', () => {
  const PASSING: [string, Fault][] = [
    ['500', { kind: 'answer', status: 500 }],
    ['502 with an HTML page', { kind: 'answer', status: 502, body: '<html>Bad gateway</html>' }],
    ['408', { kind: 'answer', status: 408 }],
    ['425', { kind: 'answer', status: 425 }],
    ['429', { kind: 'answer', status: 429 }],
    ['a redirect', { kind: 'answer', status: 307, headers: { location: 'https://evil.example/api/v1/payments' } }],
    ['a success that says error', { kind: 'answer', status: 200, body: { status: 'error', error: { code: 500, message: 'no' } } }],
    ['a broken connection', { kind: 'reset' }],
    ['a connection that breaks after the payment was taken', { kind: 'reset-after' }],
  ]

  it.concurrent.each(PASSING)('with %s: the buyer lands, and the same payment is sent again', async (_, fault) => {
    const sale = order()
    dataFast().failFor(sale.transactionId, fault)
    expect(await sale.visit(VISITOR)).toMatchObject({ status: 303, outcome: 'paid' })
    await eventually(
      () => sale.posts().length,
      (count) => count === 2,
      5000,
    )
    await eventually(sale.memory, (memory) => memory.value !== null)
    const [first, second] = sale.posts()
    expect(first?.body).toEqual(second?.body)
    expect(sale.entry()).toMatchObject({ amount: 19.99, datafast_visitor_id: VISITOR })
  })

  it.concurrent('with a wish to be left alone for longer: it is left alone', async () => {
    const sale = order()
    dataFast().failFor(sale.transactionId, { kind: 'answer', status: 429, headers: { 'retry-after': '4' } })
    await sale.visit(VISITOR)
    await pause(3500)
    expect(sale.posts()).toHaveLength(1)
    await eventually(sale.entry, Boolean, 3000)
  })

  it.concurrent('with no answer at all: the buyer lands long before, and the payment arrives', async () => {
    const sale = order()
    dataFast().failFor(sale.transactionId, { kind: 'hang' })
    const startedAt = Date.now()
    expect(await sale.visit(VISITOR)).toMatchObject({ outcome: 'paid' })
    expect(Date.now() - startedAt).toBeLessThan(4000)
    await eventually(sale.entry, Boolean, 15_000)
  })

  const CONFIGURATION: [string, Fault][] = [
    ['401', { kind: 'answer', status: 401 }],
    ['403', { kind: 'answer', status: 403, body: { status: 'error', error: { code: 403, message: 'tracking suspended' } } }],
    ['404 website', { kind: 'answer', status: 404, body: { status: 'error', error: { code: 404, message: 'Website not found' } } }],
  ]

  it.concurrent.each(CONFIGURATION)('with %s: it waits for the founder, loudly, and goes on when it is mended', async (_, fault) => {
    const sale = order()
    dataFast().failFor(sale.transactionId, fault)
    expect(await sale.visit(VISITOR)).toMatchObject({ outcome: 'paid' })
    const state = await eventually(sale.state, (found) => found?.stage.at === 'datafast' && found.stage.tries.row !== undefined)
    expect(state?.stage).toMatchObject({ tries: { row: 'datafast-configuration' } })
    expect(worker.logs().join()).toContain('"waiting":"datafast-configuration"')
    await eventually(sale.entry, Boolean, 8000)
  })

  it.concurrent.each([
    ['an empty success', { kind: 'answer', status: 200, body: '' }],
    ['a success in HTML', { kind: 'answer', status: 200, body: '<html>ok</html>' }],
    ['409', { kind: 'answer', status: 409 }],
    ['400 "already recorded"', { kind: 'answer', status: 400, body: { error: { code: 400, message: 'Transaction already recorded' } } }],
  ] as [string, Fault][])('answering with %s has the payment: it is not sent again', async (_, fault) => {
    const sale = order()
    dataFast().failFor(sale.transactionId, fault)
    await sale.visit(VISITOR)
    expect((await eventually(sale.memory, (memory) => memory.value !== null)).metadata).toEqual({ attributed: 'yes' })
    expect(sale.posts()).toHaveLength(1)
  })

  it.concurrent.each([
    ['400 about a bot', { status: 'error', error: { code: 400, message: 'Visitor flagged as bot' } }],
    ['400 in the old form', { message: 'Invalid UUID' }],
    ['400 as a text', { error: 'visitor unknown' }],
  ])('refusing the visitor with %s is not refusing the payment', async (_, body) => {
    const sale = order({ metadata: { datafast_visitor_id: OTHER_VISITOR } })
    dataFast().failFor(sale.transactionId, { kind: 'answer', status: 400, body })
    await sale.visit(VISITOR)
    expect(await eventually(sale.entry, Boolean)).toMatchObject({ datafast_visitor_id: VISITOR })
  })

  it.concurrent('refusing the payment itself three times parks it, loudly', async () => {
    const sale = order()
    const refusal: Fault = { kind: 'answer', status: 400, body: { status: 'error', error: { code: 400, message: 'invalid amount' } } }
    dataFast().failFor(sale.transactionId, refusal, refusal, refusal)
    await sale.visit(VISITOR)
    const state = await eventually(sale.state, (found) => found?.stage.at === 'ended', 18_000)
    expect(state?.stage).toMatchObject({ end: 'parked', reason: 'datafast-refused:http-400' })
    expect(sale.posts()).toHaveLength(3)
    expect(await sale.visit(VISITOR)).toMatchObject({ outcome: 'paid' })
  })
})

describe('the provider failing', () => {
  const stripe = () => worker.world.service('stripe')
  const FAULTS: [string, Fault][] = [
    ['500', { kind: 'answer', status: 500 }],
    ['503 with an HTML page', { kind: 'answer', status: 503, body: '<html>maintenance</html>' }],
    ['429', { kind: 'answer', status: 429, headers: { 'retry-after': '1' } }],
    ['a gateway’s 404 without a body', { kind: 'answer', status: 404, body: '' }],
    ['a gateway’s 404 in words', { kind: 'answer', status: 404, body: '404 page not found' }],
    ['a gateway’s HTML 404', { kind: 'answer', status: 404, body: '<html>not found</html>' }],
    ['400', { kind: 'answer', status: 400 }],
    ['a redirect', { kind: 'answer', status: 302, headers: { location: 'https://evil.example' } }],
    ['HTML instead of the order', { kind: 'answer', status: 200, body: '<html>hello</html>' }],
    ['another object', { kind: 'answer', status: 200, body: { object: 'list', data: [] } }],
    ['null', { kind: 'answer', status: 200, body: 'null' }],
    ['a broken connection', { kind: 'reset' }],
    ['401', { kind: 'answer', status: 401 }],
    ['403', { kind: 'answer', status: 403 }],
  ]

  it.concurrent.each(FAULTS)('with %s: the buyer lands as pending, and the sale is recorded when it is back', async (_, fault) => {
    const sale = order()
    stripe().failFor(sale.id, fault)
    expect(await sale.visit(VISITOR)).toMatchObject({ status: 303, outcome: 'pending' })
    await eventually(sale.entry, Boolean, 10_000)
    expect(sale.entry()).toMatchObject({ amount: 19.99, datafast_visitor_id: VISITOR })
  })

  it.concurrent('with no answer: the buyer lands within the budget, and the sale is recorded later', async () => {
    const sale = order()
    stripe().failFor(sale.id, { kind: 'hang' })
    const startedAt = Date.now()
    expect(await sale.visit(VISITOR)).toMatchObject({ status: 303, outcome: 'pending' })
    expect(Date.now() - startedAt).toBeLessThan(3000)
    await eventually(sale.entry, Boolean, 20_000)
  })

  it.concurrent('leaves it alone for as long as it wishes, even when the buyer returns', async () => {
    const sale = order()
    stripe().failFor(sale.id, { kind: 'answer', status: 429, headers: { 'retry-after': '60' } })
    await sale.visit(VISITOR)
    await pause(5200)
    expect(await sale.visit(VISITOR)).toMatchObject({ outcome: 'pending' })
    expect(sale.lookups()).toHaveLength(1)
  })
})
