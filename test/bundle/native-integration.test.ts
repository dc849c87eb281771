import { describe, expect, it } from 'vitest'
import type { Fault } from '../../sandbox/world/service.ts'
import type { Movement } from '../../src/books/movement.ts'
import { deliver, recorded, worker } from './at-provider.ts'
import { checkOf, MINUTE, OPEN_SECRETS, only, SETTINGS, soldNow, statusOf, sweep, withBooks } from './at-sweep.ts'
import { askBooks } from './books-lens-worker.ts'
import { eventually, uniqueVisitor } from './worker.ts'

const WEBSITE_ID = '665f0b3c4d2e1a0012345678'
const WITH_WEBSITE = { vars: { ...SETTINGS.vars, DATAFAST_WEBSITE_ID: WEBSITE_ID }, secrets: OPEN_SECRETS }
const STRIPE_ALONE = only('stripe', { DATAFAST_WEBSITE_ID: WEBSITE_ID })
const INTEGRATIONS = `admin/websites/${WEBSITE_ID}/integrations`

type Moved = { transactionId: string }

/** The row of a movement that is parked since DataFast imports its provider by itself. */
function parked({ transactionId }: Moved, timeoutMs?: number) {
  const isIt = (row: { transactionId: string | null; reason: string }) =>
    row.transactionId === transactionId && row.reason.startsWith('native-integration')
  return eventually(async () => (await statusOf(worker)).waiting.find(isIt), Boolean, timeoutMs)
}

function postsOf({ transactionId }: Moved): number {
  return worker.world.callsTo('datafast', `"${transactionId}"`).length
}

const check = () => checkOf(worker, 'native-integration')

describe('A provider that DataFast imports by itself', () => {
  withBooks(WITH_WEBSITE)

  it('is parked, whichever door its sales come through, while the others go on; disconnected, it is released by the next run', async () => {
    worker.world.dataFast.connected.add('stripe')
    await sweep(worker)
    const visitor = uniqueVisitor()
    const [bought, told, found, other] = [
      soldNow('stripe', worker.world, 'subscription'),
      soldNow('stripe', worker.world),
      soldNow('stripe', worker.world),
      soldNow('polar', worker.world),
    ]
    expect(await worker.visit(bought.path, { visitor })).toMatchObject({ status: 303, outcome: 'paid' })
    await deliver(told.aftermath.sold().events)
    await sweep(worker)
    expect(await recorded(other.transactionId)).toMatchObject({ amount: other.amount })
    for (const sale of [bought, told, found])
      expect(await parked(sale)).toMatchObject({ stage: 'parked', canRetry: true, provider: 'stripe' })
    expect(await check()).toMatchObject({ state: 'red', fix: expect.stringContaining('NATIVE_INTEGRATION') })
    expect((await statusOf(worker)).incidents.map(({ text }) => text).join()).toContain('Stripe')

    const renewal = bought.aftermath.renewed()
    const refund = told.aftermath.refunded('part')
    await sweep(worker)
    const all = [bought, told, found, renewal, refund]
    for (const one of all) expect(postsOf(one)).toBe(0)

    worker.world.dataFast.connected.clear()
    await sweep(worker)
    for (const { transactionId, amount } of all) expect(await recorded(transactionId, 30_000)).toMatchObject({ amount })
    expect(worker.world.dataFast.ledger.get(bought.transactionId)).toMatchObject({ datafast_visitor_id: visitor })
    for (const one of all) expect(postsOf(one)).toBe(1)
    expect(await check()).toMatchObject({ state: 'green' })
    await sweep(worker)
    expect((await statusOf(worker)).incidents).toEqual([])
  })

  it('and is connected in the middle of a day, is parked from the next day’s first run on', async () => {
    worker.world.dataFast.connected.add('paddle')
    const before = soldNow('paddle', worker.world)
    await worker.visit(before.path)
    await recorded(before.transactionId)
    await sweep(worker, 'tomorrow')
    const after = soldNow('paddle', worker.world)
    await worker.visit(after.path, { visitor: uniqueVisitor() })
    await parked(after)
    expect(postsOf(after)).toBe(0)
    // Whoever knows that it is another account's says so.
    await worker.deploy({ ...WITH_WEBSITE, vars: { ...WITH_WEBSITE.vars, NATIVE_INTEGRATION: 'ignore' } })
    await sweep(worker)
    expect(await recorded(after.transactionId)).toMatchObject({ amount: after.amount })
    expect(await check()).toMatchObject({ state: 'yellow' })
  })
})

describe('NATIVE_INTEGRATION = "ignore"', () => {
  withBooks({ ...WITH_WEBSITE, vars: { ...WITH_WEBSITE.vars, NATIVE_INTEGRATION: 'ignore' } })

  it('has everything posted, and says so', async () => {
    worker.world.dataFast.connected.add('stripe')
    await sweep(worker)
    const sale = soldNow('stripe', worker.world)
    await sweep(worker)
    expect(await recorded(sale.transactionId)).toMatchObject({ amount: sale.amount })
    expect(await check()).toMatchObject({ state: 'yellow', text: expect.stringContaining('stripe') })
  })
})

describe('What DataFast imports, when it cannot be known', () => {
  withBooks(only('stripe'))
  let deployed: typeof STRIPE_ALONE | undefined
  const failing = (answer: Fault) => () => {
    worker.world.dataFast.forbidden.clear()
    worker.world.service('datafast').failFor('/integrations', ...Array<Fault>(4).fill(answer))
  }

  it.each<[string, settings: typeof STRIPE_ALONE | undefined, arrange: () => unknown]>([
    ['the website’s id is not set', undefined, () => worker.world.dataFast.connected.add('stripe')],
    ['the key may not read it', STRIPE_ALONE, () => worker.world.dataFast.forbidden.add(INTEGRATIONS)],
    ['DataFast fails', STRIPE_ALONE, failing({ kind: 'answer', status: 500 })],
    ['DataFast answers garbage', STRIPE_ALONE, failing({ kind: 'answer', status: 200, body: '<html>' })],
  ])('since %s: keeps nothing from being posted, and the status says that it is not known', async (_, settings, arrange) => {
    arrange()
    if (settings && deployed !== settings) await worker.deploy(settings)
    deployed = settings
    await sweep(worker, 'tomorrow')
    const [found, bought] = [soldNow('stripe', worker.world), soldNow('stripe', worker.world)]
    await worker.visit(bought.path)
    await sweep(worker)
    for (const { transactionId, amount } of [found, bought]) expect(await recorded(transactionId)).toMatchObject({ amount })
    expect(await check()).toMatchObject({ state: 'yellow', fix: expect.any(String) })
  })
})

describe('What DataFast imports, when it could not be read once', () => {
  withBooks(STRIPE_ALONE)

  it('is asked again by the next run, and not a day later', async () => {
    const { dataFast } = worker.world
    dataFast.connected.add('stripe')
    worker.world.service('datafast').failFor('/integrations', { kind: 'answer', status: 500 })
    await sweep(worker)
    await sweep(worker)
    expect(await check()).toMatchObject({ state: 'red' })
  })

  it('stays what it was, when it was known', async () => {
    expect(await check()).toMatchObject({ state: 'red' })
    worker.world.service('datafast').failFor('/integrations', { kind: 'answer', status: 500 })
    await sweep(worker)
    const sale = soldNow('stripe', worker.world)
    await worker.visit(sale.path)
    await parked(sale)
    expect(postsOf(sale)).toBe(0)
  })
})

describe('While the books are silent', () => {
  withBooks({ ...STRIPE_ALONE, broken: { books: 'not-yet' } })

  it('what DataFast imports is not posted either: it waits for them, and is parked', async () => {
    worker.world.dataFast.connected.add('stripe')
    await sweep(worker)
    await worker.deploy({ ...STRIPE_ALONE, broken: { books: 'throws' } })
    const sale = soldNow('stripe', worker.world)
    expect(await worker.visit(sale.path, { visitor: uniqueVisitor() })).toMatchObject({ outcome: 'paid' })
    await eventually(
      () => worker.stateOf(`stripe:${sale.id}`),
      (state) => state?.stage.at === 'datafast' && state.stage.reason === 'books',
    )
    await worker.deploy({ ...STRIPE_ALONE, broken: { books: 'not-yet' } })
    expect(await parked(sale, 20_000)).toMatchObject({ stage: 'parked', canRetry: true })
    expect(postsOf(sale)).toBe(0)
  })
})

describe('Of two such providers', () => {
  withBooks(WITH_WEBSITE)

  it('the one that is disconnected is released, however many of the other are parked', async () => {
    const { connected } = worker.world.dataFast
    connected.add('stripe').add('lemonsqueezy')
    await sweep(worker)
    const sale = soldNow('stripe', worker.world)
    await worker.visit(sale.path)
    await parked(sale)
    await askBooks(
      worker.harness,
      'record',
      Array.from({ length: 60 }, (_, place) => parkedRow(place)),
    )
    connected.delete('stripe')
    await sweep(worker)
    expect(await recorded(sale.transactionId)).toMatchObject({ amount: sale.amount })
  })
})

function parkedRow(place: number): Movement {
  const row = {
    provider: 'lemonsqueezy',
    kind: 'sale',
    visitorSeen: false,
    cookie: false,
    doors: [],
    attempts: 1,
  } satisfies Partial<Movement>
  const waiting = { stage: 'parked', reason: 'native-integration', nextTry: Date.now() + 30 * MINUTE } as const
  return { ...row, ...waiting, reference: `lemonsqueezy:${place}.parked`, transactionId: `ls_order_${place}`, at: Date.now() }
}
