import { describe, expect, it } from 'vitest'
import type { Fault } from '../../sandbox/world/service.ts'
import type { World } from '../../sandbox/world/world.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import { recorded, worker } from './at-provider.ts'
import {
  askedOf,
  checkOf,
  HOUR,
  jobsOf,
  laterOn,
  MINUTE,
  memoryOf,
  only,
  referenceOf,
  rememberedAlready,
  SETTINGS,
  soldNow,
  statusOf,
  sweep,
  withBooks,
} from './at-sweep.ts'
import { PROVIDER_NAMES } from './sellers.ts'
import { eventually, uniqueVisitor } from './worker.ts'

const answer = (status: number, body: unknown = {}, headers = {}): Fault => ({ kind: 'answer', status, body, headers })

/** What only the addresses of the list of each provider's sales contain. */
const SALES: Record<ProviderName, string> = {
  stripe: '/sessions?status=complete',
  dodo: '/payments?status=succeeded&created_at_gte',
  creem: '/transactions/search?page_number',
  polar: 'created_after',
  lemonsqueezy: '/orders?',
  paddle: '/transactions?status',
  gumroad: '/sales?after',
}

function pagesOfSales(provider: ProviderName): string[] {
  return askedOf(provider, worker).pages.filter((url) => url.includes(SALES[provider]))
}

/** So many orders, one a minute from now on, the newest first. */
function soldFromNowOn(provider: ProviderName, count: number) {
  const now = Date.now()
  return Array.from({ length: count }, (_, place) => soldNow(provider, worker.world, 'one-time', new Date(now + place * MINUTE))).reverse()
}

describe('A provider that wants to be left alone again and again', () => {
  withBooks(only('stripe'))

  it('is left alone by the cron run, too', async () => {
    worker.world.service('stripe').failFor(SALES.stripe, ...Array<Fault>(4).fill(answer(429, {}, { 'retry-after': '3600' })))
    await sweep(worker)
    for (let time = 0; time < 3; time++) await laterOn(worker)
    expect(pagesOfSales('stripe')).toHaveLength(4)
    await sweep(worker)
    expect(pagesOfSales('stripe')).toHaveLength(4)
  })

  it('is asked after six hours at the latest, whatever it says', async () => {
    await laterOn(worker)
    await sweep(worker)
    worker.world.service('stripe').failFor(SALES.stripe, answer(429, {}, { 'retry-after': String(90 * 86_400) }))
    await sweep(worker)
    const job = (await jobsOf(worker)).find(({ name }) => name.includes('sessions'))
    expect(job?.due).toBeLessThan(Date.now() + 6.1 * HOUR)
  })
})

describe('A page that fails, and fails again in other ways', () => {
  withBooks(only('stripe'))

  it('is asked for from there on: nothing is missing, and what was read before is not read again', async () => {
    const sales = soldFromNowOn('stripe', 250)
    const unknown = sales.filter((_, place) => [5, 150, 205, 249].includes(place))
    const known = sales.filter((sale) => !unknown.includes(sale))
    const [second, third] = [String(sales[99]?.id), String(sales[199]?.id)]
    await rememberedAlready(
      worker,
      known.map(({ id }) => referenceOf('stripe', worker.world, id)),
    )
    worker.world.service('stripe').failFor(`starting_after=${third}`, answer(500), { kind: 'reset' }, answer(200, '<html>oops'))
    await sweep(worker)
    await laterOn(worker)
    await laterOn(worker)
    expect(await checkOf(worker, 'key-stripe')).toMatchObject({ state: 'yellow' })
    await laterOn(worker)
    for (const { transactionId, amount } of unknown) expect(await recorded(transactionId)).toMatchObject({ amount })
    const beginning = (id: string) => pagesOfSales('stripe').filter((url) => url.includes(`starting_after=${id}`))
    expect(beginning(third)).toHaveLength(4)
    expect(beginning(second)).toHaveLength(1)
    expect(pagesOfSales('stripe')).toHaveLength(1 + 1 + 4)
    await sweep(worker)
    expect(await checkOf(worker, 'key-stripe')).toMatchObject({ state: 'green' })
  })
})

/** Makes an order's entry in the list something that no one can read. */
const SPOIL: Record<ProviderName, (world: World, id: string) => unknown> = {
  stripe: ({ stripe }, id) => Object.assign(stripe.sessions.get(id) ?? {}, { currency: 7 }),
  dodo: ({ dodo }, id) => Object.assign(dodo.payments.get(id) ?? {}, { total_amount: 'much' }),
  creem: ({ creem }, id) => Object.assign(creem.transactions.get(`tran_${id.slice(3)}`) ?? {}, { currency: null }),
  polar: ({ polar }, id) => Object.assign(polar.orders.get(polar.orderIdOf(id)) ?? {}, { total_amount: 'much' }),
  lemonsqueezy: ({ lemonSqueezy }, id) => Object.assign(lemonSqueezy.orders.get(id)?.attributes ?? {}, { total: 'much' }),
  paddle: ({ paddle }, id) => Object.assign(paddle.transactions.get(id) ?? {}, { details: null }),
  gumroad: ({ gumroad }, id) => Object.assign(gumroad.sales.get(id) ?? {}, { price: 'much' }),
}

describe('With all providers', () => {
  withBooks(SETTINGS)

  describe('A provider that wants to be left alone', () => {
    it('is, by all its lists, for as long as it says, while the others go on; then nothing is missing', async () => {
      const [sale, other] = [soldNow('stripe', worker.world), soldNow('polar', worker.world)]
      const refund = sale.aftermath.refunded('rest')
      worker.world.service('stripe').failFor(SALES.stripe, answer(429, {}, { 'retry-after': '300' }))
      await sweep(worker)
      expect(await recorded(other.transactionId)).toMatchObject({ amount: other.amount })
      const lists = (await jobsOf(worker)).filter(({ name }) => name.startsWith('list stripe'))
      expect(lists).toHaveLength(3)
      for (const { due } of lists) expect(due).toBeGreaterThan(Date.now() + 290_000)
      // Neither of the next cron runs is a reason to ask earlier.
      await sweep(worker)
      await sweep(worker, 'deep')
      expect(askedOf('stripe', worker).pages).toHaveLength(1)
      await laterOn(worker)
      expect(await recorded(sale.transactionId)).toMatchObject({ amount: sale.amount })
      expect(await recorded(refund.transactionId)).toMatchObject({ amount: refund.amount })
      expect((await jobsOf(worker)).filter(({ name }) => name.startsWith('list stripe'))).toEqual([])
    })
  })

  describe('A refused key', () => {
    it.concurrent.each<[provider: ProviderName, status: number, setting: string, permission: string]>([
      ['stripe', 401, 'STRIPE_SECRET_KEY', 'Checkout Sessions: Read'],
      ['dodo', 401, 'DODO_PAYMENTS_API_KEY', 'read access'],
      ['creem', 403, 'CREEM_API_KEY', 'full access'],
      ['polar', 403, 'POLAR_ACCESS_TOKEN', 'orders:read'],
      ['lemonsqueezy', 401, 'LEMONSQUEEZY_API_KEY', 'read access'],
      ['paddle', 403, 'PADDLE_API_KEY', 'transaction.read'],
      ['gumroad', 401, 'GUMROAD_ACCESS_TOKEN', 'view_sales'],
    ])(
      '%s answers %i: the status names %s and “%s”, and the run after it was mended finds everything',
      async (provider, status, setting, permission) => {
        const service = worker.world.service(provider)
        service.fault = answer(status)
        const sale = soldNow(provider, worker.world)
        await sweep(worker)
        const check = await checkOf(worker, `key-${provider}`)
        expect(check).toMatchObject({ state: 'red' })
        expect(check?.fix).toContain(setting)
        expect(check?.fix).toContain(permission)
        expect((await statusOf(worker)).incidents.map(({ text }) => text).join()).toContain(setting)
        await sweep(worker)
        service.fault = undefined
        expect(worker.world.dataFast.ledger.has(sale.transactionId)).toBe(false)
        await sweep(worker)
        expect(await recorded(sale.transactionId)).toMatchObject({ amount: sale.amount })
        expect((await checkOf(worker, `key-${provider}`))?.state).toBe('green')
      },
    )
  })

  describe('A key that may not read one of the lists', () => {
    it.concurrent.each<[provider: ProviderName, resource: string, permission: string]>([
      ['stripe', 'refunds', 'Charges and Refunds: Read'],
      ['polar', 'refunds', 'refunds:read'],
      ['paddle', 'adjustments', 'adjustment.read'],
    ])('%s, %s: the others are read, the status asks for “%s”, and nothing is lost until then', async (provider, resource, permission) => {
      const { forbidden } = worker.world[provider as 'stripe' | 'polar' | 'paddle']
      forbidden.add(resource)
      const sale = soldNow(provider, worker.world)
      await sweep(worker)
      expect(await recorded(sale.transactionId)).toMatchObject({ amount: sale.amount })
      const refund = sale.aftermath.refunded('rest')
      await sweep(worker)
      expect(await checkOf(worker, `key-${provider}`)).toMatchObject({ state: 'red', fix: expect.stringContaining(permission) })
      forbidden.clear()
      await sweep(worker)
      expect(await recorded(refund.transactionId)).toMatchObject({ amount: refund.amount, refunded: true })
    })
  })

  describe('An entry that cannot be read', () => {
    it.concurrent.for(PROVIDER_NAMES)('%s: does not hide the others', async (provider) => {
      const [before, unreadable, after] = [
        soldNow(provider, worker.world),
        soldNow(provider, worker.world),
        soldNow(provider, worker.world),
      ]
      SPOIL[provider](worker.world, unreadable.id)
      await sweep(worker)
      for (const { transactionId, amount } of [before, after]) expect(await recorded(transactionId)).toMatchObject({ amount })
    })
  })

  describe('A whole page that cannot be read', () => {
    it.concurrent.each<[provider: ProviderName, size: number]>([
      ['stripe', 100],
      ['polar', 100],
      ['dodo', 100],
      ['creem', 50],
      ['lemonsqueezy', 100],
      ['paddle', 30],
      ['gumroad', 10],
    ])('%s: is not taken for the end of the list, nor for a list in order', async (provider, size) => {
      const [old, ...unreadable] = soldFromNowOn(provider, size + 1).reverse()
      for (const { id } of unreadable) SPOIL[provider](worker.world, id)
      await sweep(worker)
      const state = (await checkOf(worker, `key-${provider}`))?.state
      // Either it is read past, or it is known that something is wrong.
      if (state === 'green') expect(await recorded(old?.transactionId ?? '', 3_000)).toMatchObject({ amount: old?.amount })
    })
  })
})

describe('Orders that cannot be reached', () => {
  const broken = { orders: 'not-yet' } as const
  withBooks({ ...SETTINGS, broken })

  it('are told of what was found by the first cron run that reaches them: until then it is kept elsewhere', async () => {
    await worker.deploy({ ...SETTINGS, broken: { orders: 'throws' } })
    const sales = PROVIDER_NAMES.map((provider) => soldNow(provider, worker.world))
    await sweep(worker)
    // Everything is durable: the lists are read.
    expect((await jobsOf(worker)).filter((job) => job.do === 'list')).toEqual([])
    const memory = await memoryOf(worker)
    const { keys } = await memory.list({ prefix: 'arrival:' })
    const kept = keys.map(({ name }) => name.split(':').slice(1, -1).join(':'))
    expect(kept.sort()).toEqual(sales.map(({ provider, id }) => referenceOf(provider, worker.world, id)).sort())
    await worker.deploy({ ...SETTINGS, broken })
    await sweep(worker)
    for (const { transactionId, amount } of sales) expect(await recorded(transactionId)).toMatchObject({ amount })
    await eventually(
      async () => (await (await memoryOf(worker)).list({ prefix: 'arrival:' })).keys,
      (left) => !left.length,
    )
    for (const { transactionId } of sales) expect(worker.world.callsTo('datafast', `"${transactionId}"`)).toHaveLength(1)
  })
})

describe('The edge’s memory that cannot be read', () => {
  withBooks({ ...SETTINGS, broken: { memory: 'throws' } })

  it('has nothing posted twice: the books know as much', async () => {
    const sale = soldNow('stripe', worker.world)
    await worker.visit(sale.path, { visitor: uniqueVisitor() })
    await recorded(sale.transactionId)
    const found = soldNow('stripe', worker.world)
    await sweep(worker)
    await recorded(found.transactionId)
    await sweep(worker, 'deep')
    expect(worker.world.callsTo('datafast', 'transaction_id')).toHaveLength(2)
  })
})
