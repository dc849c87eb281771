import { afterEach, describe, expect, it } from 'vitest'
import { eventually, PENDING, sessionId, startWorker, type TestWorker, THANK_YOU, VISITOR } from './worker.ts'

let worker: TestWorker | undefined
afterEach(() => worker?.stop())

async function buyFrom(settings: Parameters<typeof startWorker>[0]) {
  const started = await startWorker(settings)
  worker = started
  const id = sessionId()
  started.world.stripe.sell(id, { payment_intent: 'pi_outage' })
  const startedAt = Date.now()
  const answer = await started.visit(`/checkout/success/stripe?session_id=${id}`, { visitor: VISITOR })
  return { worker: started, id, answer, tookMs: Date.now() - startedAt }
}

/** What the fallback stored, as the cron run would find it. */
async function storedArrivals(of: TestWorker) {
  const { keys } = await of.recorded.list({ prefix: 'arrival:' })
  return Promise.all(keys.map(async ({ name, expiration }) => ({ name, expiration, value: await of.recorded.get(name) })))
}

describe('the order’s object', () => {
  it.each(['throws', 'hangs'] as const)(
    '%s: the buyer lands, the arrival is kept in KV, and the cron run delivers it later',
    async (how) => {
      const { worker: broken, id, answer, tookMs } = await buyFrom({ broken: { orders: how }, vars: { PENDING_URL: PENDING } })
      expect(answer).toMatchObject({ status: 303, location: PENDING, outcome: 'pending' })
      expect(tookMs).toBeLessThan(3500)
      const [arrival, ...more] = await eventually(
        () => storedArrivals(broken),
        (found) => found.length > 0,
        3000,
      )
      expect(more).toEqual([])
      if (!arrival?.value) throw new Error('nothing stored')
      expect(arrival.name.startsWith(`arrival:stripe:${id}:`)).toBe(true)
      expect(JSON.parse(arrival.value)).toMatchObject({ v: 1, reference: `stripe:${id}`, door: 'redirect', visitors: [VISITOR] })
      expect((arrival.expiration ?? 0) - Date.now() / 1000).toBeGreaterThan(29 * 86_400)

      // The same storage on the day the objects can be reached again.
      await broken.stop()
      const mended = await startWorker()
      worker = mended
      mended.world.stripe.sell(id, { payment_intent: 'pi_outage' })
      await mended.recorded.put(arrival.name, arrival.value)
      await mended.worker.scheduled({ cron: '*/15 * * * *' })
      const entry = await eventually(() => mended.world.dataFast.ledger.get('pi_outage'), Boolean)
      expect(entry).toMatchObject({ amount: 19.99, datafast_visitor_id: VISITOR })
      expect(await storedArrivals(mended)).toEqual([])
    },
  )

  it('answering although it could not store anything: the buyer goes on when the arrival is kept in KV, and not before', async () => {
    const { worker: broken, answer } = await buyFrom({ broken: { orders: 'cannot-store' } })
    expect(answer).toMatchObject({ status: 303, outcome: 'pending' })
    expect(await storedArrivals(broken)).toHaveLength(1)
  })

  it('hanging with a short budget: the buyer does not wait longer than the budget', async () => {
    const { answer, tookMs, worker: broken } = await buyFrom({ broken: { orders: 'hangs' }, vars: { VERIFY_BUDGET_MS: 300 } })
    expect(answer).toMatchObject({ status: 303, outcome: 'pending' })
    expect(tookMs).toBeLessThan(1000)
    await eventually(
      () => storedArrivals(broken),
      (found) => found.length === 1,
      3000,
    )
  })

  it('and KV both broken: the buyer still lands', async () => {
    const { answer } = await buyFrom({ broken: { orders: 'throws', memory: 'throws' } })
    expect(answer).toMatchObject({ status: 303, location: THANK_YOU, outcome: 'pending' })
  })
})

describe('KV', () => {
  it.each(['throws', 'hangs'] as const)('%s: the sale is verified, recorded once, and the buyer lands', async (how) => {
    const { worker: broken, id, answer, tookMs } = await buyFrom({ broken: { memory: how } })
    expect(answer).toMatchObject({ status: 303, location: THANK_YOU, outcome: 'paid' })
    expect(tookMs).toBeLessThan(1500)
    await eventually(
      () => broken.stateOf(`stripe:${id}`),
      (state) => state?.stage.at === 'ended',
      12_000,
    )
    expect(broken.world.dataFast.ledger.get('pi_outage')).toMatchObject({ datafast_visitor_id: VISITOR })
    expect(await broken.visit(`/checkout/success/stripe?session_id=${id}`, { visitor: VISITOR })).toMatchObject({ outcome: 'repeat' })
    expect(broken.world.callsTo('datafast')).toHaveLength(1)
    expect(broken.world.callsTo('stripe')).toHaveLength(1)
  })

  it.each(['throws', 'hangs'] as const)('%s while the cron run looks for what was kept there: that is told by its name', async (how) => {
    const broken = await startWorker({ broken: { memory: how } })
    worker = broken
    await broken.worker.scheduled({ cron: '*/15 * * * *' })
    await eventually(
      () => broken.logs().filter((line) => line.includes('"redrive"')),
      (lines) => lines.length > 0,
      15_000,
    )
    expect(broken.logs().filter((line) => /"redrive"|"fault"/.test(line))).toEqual(['{"event":"redrive","reason":"kv-down"}'])
  })

  it('failing to take the entry is a debt that is tried again', async () => {
    const { worker: broken, id } = await buyFrom({ broken: { memory: 'throws' } })
    const state = await eventually(
      () => broken.stateOf(`stripe:${id}`),
      (found) => (found?.debtTries?.count ?? 0) > 0,
    )
    expect(state).toMatchObject({ debts: [`stripe:${id}`], stage: { at: 'ended', end: 'recorded' } })
  })
})

describe('the cron run', () => {
  it('leaves an arrival whose order still cannot be reached where it is', async () => {
    const broken = await startWorker({ broken: { orders: 'throws' } })
    worker = broken
    await broken.recorded.put(
      'arrival:stripe:cs_live_x:1',
      JSON.stringify({ v: 1, reference: 'stripe:cs_live_x', door: 'redirect', at: 1, visitors: [] }),
    )
    await broken.worker.scheduled({ cron: '*/15 * * * *' })
    expect(await storedArrivals(broken)).toHaveLength(1)
  })

  it('throws away what nobody could ever read, and delivers the rest', async () => {
    const started = await startWorker()
    worker = started
    const id = sessionId()
    started.world.stripe.sell(id, { payment_intent: 'pi_rest' })
    await started.recorded.put('arrival:a', 'not json at all'.replace(/ /g, '"'))
    await started.recorded.put('arrival:b', JSON.stringify({ v: 1, reference: 7 }))
    await started.recorded.put(
      'arrival:c',
      JSON.stringify({ v: 1, reference: `stripe:${id}`, door: 'redirect', at: Date.now(), visitors: [VISITOR] }),
    )
    await started.worker.scheduled({ cron: '*/15 * * * *' })
    await eventually(() => started.world.dataFast.ledger.get('pi_rest'), Boolean)
    expect(await storedArrivals(started)).toEqual([])
  })
})
