import { describe, expect, it } from 'vitest'
import type { Movement } from '../../src/books/movement.ts'
import { at, deliver, recorded, withWorker, worker } from './at-provider.ts'
import { soldNow } from './at-sweep.ts'
import { BEARER, WITH_STATUS } from './operator.ts'
import { PROVIDER_NAMES } from './sellers.ts'
import { creemId, eventually, sessionId, uniqueVisitor } from './worker.ts'

const books = () => worker.worker.getDurableObjectStorage('LEDGER', { name: 'books' })

/** The rows of the books in which that column is one of these. */
async function rowsOf(column: 'reference' | 'transaction_id', values: readonly string[]): Promise<Movement[]> {
  const query = `SELECT row FROM movement WHERE ${column} IN (SELECT value FROM json_each(?)) ORDER BY at`
  const found = await (await books()).exec<{ row: string }>(query, JSON.stringify(values))
  return found.map(({ row }) => JSON.parse(row) as Movement)
}

/** The one row of an order, as soon as it is like that. */
async function rowOf(reference: string, expected: Partial<Movement> = {}, timeoutMs?: number): Promise<Movement> {
  const isAsExpected = (row: Movement | undefined) =>
    Object.entries(expected).every(([key, value]) => row?.[key as keyof Movement] === value)
  const rows = await eventually(
    () => rowsOf('reference', [reference]),
    ([row, ...others]) => row !== undefined && !others.length && isAsExpected(row),
    timeoutMs,
  )
  return rows[0] as Movement
}

/** The rows of movements, as soon as there is one of each. */
function booked(...movements: { transactionId: string }[]): Promise<Movement[]> {
  const ids = movements.map(({ transactionId }) => transactionId)
  return eventually(
    () => rowsOf('transaction_id', ids),
    (rows) => rows.length >= ids.length && rows.every(({ stage }) => stage === 'recorded'),
    40_000,
  )
}

/** Gumroad tells of partial refunds that there are some, and no more. */
const TELLING = PROVIDER_NAMES.filter((provider) => provider !== 'gumroad')

describe('The books have one row', () => {
  withWorker({})

  it.concurrent.for(PROVIDER_NAMES)('%s: for a sale, with what DataFast was told', async (provider) => {
    const sale = soldNow(provider, worker.world)
    await worker.visit(sale.path, { visitor: uniqueVisitor() })
    const [row, ...others] = await booked(sale)
    const { amount, currency, timestamp } = (await recorded(sale.transactionId)) ?? {}
    expect(others).toEqual([])
    expect(row).toMatchObject({ provider, kind: 'sale', amount, currency, stage: 'recorded', attributed: 'yes', cookie: true })
    expect(row?.doors).toEqual(['redirect'])
    expect(row?.at).toBe(Date.parse(String(timestamp)))
  })

  it.concurrent.for(PROVIDER_NAMES)('%s: for a trial', async (provider) => {
    const trial = soldNow(provider, worker.world, 'trial')
    await worker.visit(trial.path, { visitor: uniqueVisitor() })
    expect(await booked(trial)).toMatchObject([{ kind: 'trial', amount: 0, attributed: 'yes' }])
  })

  it.concurrent.for(PROVIDER_NAMES)('%s: for each renewal and refund, beside the sale’s own', async (provider) => {
    const sale = soldNow(provider, worker.world, 'subscription')
    await worker.visit(sale.path, { visitor: uniqueVisitor() })
    await booked(sale)
    const renewal = sale.aftermath.renewed()
    await deliver(renewal.events)
    await booked(renewal)
    const refund = sale.aftermath.refunded('rest', renewal.transactionId)
    await deliver(refund.events)
    const rows = await booked(sale, renewal, refund)
    const told = rows.map(({ transactionId, kind, amount, attributed }) => ({ transactionId, kind, amount, attributed }))
    expect(told).toHaveLength(3)
    for (const [kind, { transactionId, amount }] of Object.entries({ sale, renewal, refund })) {
      expect(told).toContainEqual({ transactionId, kind, amount, attributed: 'yes' })
    }
  })

  it.concurrent.for(TELLING)('%s: for each of two refunds, also where the provider tells a running total', async (provider) => {
    const sale = soldNow(provider, worker.world)
    await worker.visit(sale.path, { visitor: uniqueVisitor() })
    await booked(sale)
    const refunds = []
    for (const part of ['part', 'rest'] as const) {
      const refund = sale.aftermath.refunded(part)
      await deliver(refund.events)
      expect(await booked(refund)).toMatchObject([{ kind: 'refund', amount: refund.amount }])
      refunds.push(refund)
    }
    expect(await booked(...refunds)).toHaveLength(2)
  })

  it.concurrent('for whatever came by several doors, and it names them', async () => {
    const sale = soldNow('stripe', worker.world)
    await worker.visit(sale.path, { visitor: uniqueVisitor() })
    await deliver(sale.aftermath.sold().events)
    await deliver(sale.aftermath.sold().events)
    const row = await eventually(
      () => rowOf(`stripe:${sale.id}`),
      ({ doors }) => doors.length > 1,
    )
    expect(row).toMatchObject({ stage: 'recorded', doors: ['redirect', 'webhook'] })
    expect(row.origin).toMatch(/^https?:\/\/pay\.example\.com$/)
  })

  it.concurrent('for an order that lives under another name, and none for the name it was handed over from', async () => {
    const sale = soldNow('creem', worker.world)
    await worker.visit(sale.path, { visitor: uniqueVisitor() })
    expect(await booked(sale)).toMatchObject([{ reference: `creem:${sale.transactionId}` }])
    expect(await rowsOf('reference', [`creem:${sale.id}`])).toEqual([])
  })
})

describe('A row of the books follows its order', () => {
  const { PADDLE_API_KEY: _, ...secrets } = WITH_STATUS.secrets
  withWorker({ secrets, vars: { ATTRIBUTION_WAIT_SECONDS: 600 } })
  const { visitAt } = at('stripe')

  it.concurrent('from waiting for the bank to recorded', async () => {
    const id = sessionId()
    worker.world.stripe.sell(id, { payment_status: 'unpaid' })
    await visitAt(`session_id=${id}`, uniqueVisitor())
    const waiting = { stage: 'waiting', reason: 'payment-pending:unpaid', transactionId: '' } as const
    expect(await rowOf(`stripe:${id}`, waiting)).toMatchObject({ attempts: 1, visitorSeen: true })
    worker.world.stripe.settle(id)
    await rowOf(`stripe:${id}`, { stage: 'recorded', transactionId: `pi_${id.slice(-12)}` }, 20_000)
  })

  it.concurrent('from held to recorded, when the buyer comes', async () => {
    const sale = soldNow('stripe', worker.world)
    await deliver(sale.aftermath.sold().events)
    const held = await rowOf(`stripe:${sale.id}`, { stage: 'held', visitorSeen: false })
    expect(held.nextTry).toBeGreaterThan(Date.now() + 500_000)
    await worker.visit(sale.path, { visitor: uniqueVisitor() })
    await rowOf(`stripe:${sale.id}`, { stage: 'recorded', attributed: 'yes' })
  })

  it.concurrent('from a refused key to recorded', async () => {
    const sale = soldNow('stripe', worker.world)
    worker.world.service('stripe').failFor(sale.id, { kind: 'answer', status: 401 })
    await worker.visit(sale.path, { visitor: uniqueVisitor() })
    await rowOf(`stripe:${sale.id}`, { stage: 'waiting', reason: 'provider-configuration:key-refused-401' })
    await rowOf(`stripe:${sale.id}`, { stage: 'recorded' }, 20_000)
  })

  it.concurrent('from DataFast’s trouble to recorded', async () => {
    const sale = soldNow('stripe', worker.world)
    worker.world.service('datafast').failFor(sale.transactionId, { kind: 'answer', status: 503 })
    await worker.visit(sale.path, { visitor: uniqueVisitor() })
    const waiting = { stage: 'waiting', reason: 'datafast-down:http-503', transactionId: sale.transactionId } as const
    expect(await rowOf(`stripe:${sale.id}`, waiting)).toMatchObject({ amount: sale.amount, kind: 'sale' })
    await rowOf(`stripe:${sale.id}`, { stage: 'recorded' }, 20_000)
  })

  it.concurrent('from parked to recorded, when the provider’s answer makes sense again', async () => {
    const id = sessionId()
    const session = worker.world.stripe.sell(id, { currency: 'zzz' })
    await visitAt(`session_id=${id}`, uniqueVisitor())
    await rowOf(`stripe:${id}`, { stage: 'parked', reason: 'unclear:unclear-currency' })
    session.currency = 'eur'
    await new Promise((resolve) => setTimeout(resolve, 5_100))
    await visitAt(`session_id=${id}`)
    await rowOf(`stripe:${id}`, { stage: 'recorded' })
  })

  it.concurrent('from waiting to refused, when it is not paid after all', async () => {
    const id = sessionId()
    const session = worker.world.stripe.sell(id, { payment_status: 'unpaid' })
    await visitAt(`session_id=${id}`)
    await rowOf(`stripe:${id}`, { stage: 'waiting' })
    session.status = 'expired'
    await rowOf(`stripe:${id}`, { stage: 'refused', reason: 'expired' }, 20_000)
  })

  it.concurrent('to refused also when somebody presses “try again now” meanwhile', async () => {
    const id = sessionId()
    const session = worker.world.stripe.sell(id, { payment_status: 'unpaid' })
    await visitAt(`session_id=${id}`)
    await rowOf(`stripe:${id}`, { stage: 'waiting' })
    session.status = 'expired'
    const body = new URLSearchParams({ reference: `stripe:${id}` })
    const { text } = await worker.visit('/checkout/status/retry', { method: 'POST', body, headers: BEARER })
    expect(JSON.parse(text)).toEqual({ retried: 1 })
    await rowOf(`stripe:${id}`, { stage: 'refused', reason: 'expired' })
  })

  it.concurrent('to nothing, when the order turns out to live under another name', async () => {
    const id = creemId()
    worker.world.creem.sell(id)
    worker.world.service('creem').failFor(id, { kind: 'answer', status: 503 })
    await at('creem').visitAt(`checkout_id=${id}`, uniqueVisitor())
    await rowOf(`creem:${id}`, { stage: 'waiting' })
    await rowOf(`creem:tran_${id.slice(3)}`, { stage: 'recorded' }, 20_000)
    await eventually(
      () => rowsOf('reference', [`creem:${id}`]),
      (rows) => !rows.length,
    )
  })

  it.concurrent('and there is none of what a redirect alone named and nobody knows or paid', async () => {
    const [unknown, unpaid] = [sessionId(), sessionId()]
    worker.world.stripe.sell(unpaid, { status: 'expired', payment_status: 'unpaid' })
    for (const id of [unknown, unpaid]) await visitAt(`session_id=${id}`, uniqueVisitor())
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(await rowsOf('reference', [`stripe:${unknown}`, `stripe:${unpaid}`])).toEqual([])
  })

  it.concurrent('and there is none of what a redirect alone named, and no key can ask about', async () => {
    const [rehearsed, keyless] = [sessionId('test'), soldNow('paddle', worker.world)]
    expect(await visitAt(`session_id=${rehearsed}`, uniqueVisitor())).toMatchObject({ outcome: 'unknown' })
    expect(await worker.visit(keyless.path, { visitor: uniqueVisitor() })).toMatchObject({ outcome: 'pending' })
    const references = [`stripe:${rehearsed}`, `paddle:${keyless.id}`] as const
    // They wait all the same.
    for (const reference of references) expect((await worker.stateOf(reference))?.stage).toMatchObject({ at: 'provider' })
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(await rowsOf('reference', references)).toEqual([])
    // Unlike what the provider itself tells of.
    const told = soldNow('paddle', worker.world)
    await deliver(told.aftermath.sold().events)
    await rowOf(`paddle:${told.id}`, { stage: 'waiting', reason: 'provider-configuration:key-missing' })
  })
})

describe('Nothing personal is in the books', () => {
  withWorker({ vars: { CUSTOMER_FIELDS: 'email,name,customer_id', ATTRIBUTION_WAIT_SECONDS: 600 } })

  it('whatever the orders they list hold themselves', async () => {
    const visitor = uniqueVisitor()
    const sales = PROVIDER_NAMES.map((provider) => soldNow(provider, worker.world))
    for (const [place, sale] of sales.entries()) {
      // One of them comes without a visitor, and is held with all it knows of its buyer.
      await worker.visit(sale.path, place ? { visitor } : {})
      await deliver(sale.aftermath.sold().events)
    }
    await booked(...sales.slice(1))
    await rowOf(`stripe:${sales[0]?.id}`, { stage: 'held' })
    const state = JSON.stringify(await worker.stateOf(`stripe:${sales[0]?.id}`))
    expect(state).toContain('buyer@example.com')
    const sql = await books()
    const tables = await sql.exec<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'",
    )
    expect(tables.map(({ name }) => name)).toContain('movement')
    for (const { name } of tables) {
      const content = JSON.stringify(await sql.exec(`SELECT * FROM "${name}"`))
      for (const personal of ['buyer', 'Bea', 'Buyer', visitor, 'cus_']) expect(content).not.toContain(personal)
    }
  })
})
