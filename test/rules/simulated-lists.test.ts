import { describe, expect, it } from 'vitest'
import { World } from '../../sandbox/world/world.ts'

type Row = Record<string, unknown>
type Page = {
  data?: Row[]
  items?: Row[]
  has_more?: boolean
  pagination?: Row
  meta?: { request_id: string; pagination: { per_page: number; next: string; has_more: boolean; estimated_total: number } }
  error?: unknown
}

const KEYS: Record<string, string> = {
  'api.polar.sh': 'polar_oat_key',
  'sandbox-api.polar.sh': 'polar_oat_key',
  'api.paddle.com': 'pdl_live_apikey_1',
  'sandbox-api.paddle.com': 'pdl_sdbx_apikey_1',
}
const START = Date.parse('2026-10-01T00:00:00.000Z')
const MINUTE = 60_000
/** The moment some minutes after the start, as most of them write it. */
const minute = (count: number) => new Date(START + count * MINUTE).toISOString()

async function ask(world: World, url: string, key = KEYS[new URL(url).hostname] ?? 'key') {
  const response = await world.handle(new Request(url, { headers: { authorization: `Bearer ${key}` } }))
  const page: Page = await response.json()
  return { status: response.status, ...page }
}

/** An object for each number. */
function each(count: number, make: (number: number) => unknown): void {
  for (let number = 0; number < count; number++) make(number)
}

const idsOf = (rows: Row[] | undefined, name = 'id') => (rows ?? []).map((row) => row[name])
const numbers = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, index) => from - index)

describe('the lists of Stripe', () => {
  const API = 'https://api.stripe.com/v1'
  const LIVE = 'rk_live_key'
  const second = (count: number) => START / 1000 + count
  const session = (number: number) => `cs_live_${String(number).padStart(12, '0')}`
  const newWorld = () => {
    const world = new World()
    each(250, (number) => world.stripe.sell(session(number), { created: second(number) }))
    return world
  }

  it('follow each other by the last id of the page before, newest first', async () => {
    const world = newWorld()
    const found: unknown[] = []
    let page = await ask(world, `${API}/checkout/sessions?status=complete&limit=100`, LIVE)
    for (
      ;
      page.has_more;
      page = await ask(world, `${API}/checkout/sessions?status=complete&limit=100&starting_after=${found.at(-1)}`, LIVE)
    )
      found.push(...idsOf(page.data))
    expect([...found, ...idsOf(page.data)]).toEqual(numbers(249, 0).map(session))
  })

  it('go on behind a session that has left the list meanwhile', async () => {
    const world = newWorld()
    Object.assign(world.stripe.sessions.get(session(240)) ?? {}, { status: 'expired' })
    const page = await ask(world, `${API}/checkout/sessions?status=complete&limit=2&starting_after=${session(240)}`, LIVE)
    expect(idsOf(page.data)).toEqual([session(239), session(238)])
  })

  it('can be narrowed by time and status', async () => {
    const world = newWorld()
    const since = async (query: string) => idsOf((await ask(world, `${API}/checkout/sessions?limit=100&${query}`, LIVE)).data)
    expect(await since(`created[gte]=${second(248)}`)).toEqual([session(249), session(248)])
    expect(await since(`created%5Bgt%5D=${second(248)}`)).toEqual([session(249)])
    expect(await since(`created[lte]=${second(1)}`)).toEqual([session(1), session(0)])
    expect(await since(`created[gt]=${second(0)}&created[lt]=${second(2)}`)).toEqual([session(1)])
    expect(await since('status=open')).toEqual([])
  })

  it('tell of the key’s mode alone, also where a refund says nothing of it', async () => {
    const world = new World()
    for (const livemode of [true, false]) {
      const tail = livemode ? 'live00000000' : 'test00000000'
      world.stripe.sell(`cs_${tail}`, { livemode })
      world.stripe.refund(`re_${tail}`, `pi_${tail}`)
      world.stripe.subscribe(`cs_sub${tail}`, { livemode })
      world.stripe.refund(`re_sub${tail}`, `pi_${tail}`, { payment_intent: world.stripe.intentOf(`in_${tail}`) })
    }
    for (const mode of ['live', 'test']) {
      const key = `rk_${mode}_key`
      expect(idsOf((await ask(world, `${API}/invoices?status=paid`, key)).data)).toEqual([`in_${mode}00000000`])
      const refunds = await ask(world, `${API}/refunds?created[gte]=0&limit=100`, key)
      expect(new Set(idsOf(refunds.data))).toEqual(new Set([`re_${mode}00000000`, `re_sub${mode}00000000`]))
    }
  })

  it('refuse what they do not know, and what the key may not read', async () => {
    const world = newWorld()
    const refused = (query: string) => ask(world, `${API}/checkout/sessions?${query}`, LIVE)
    expect(await refused('since=1')).toMatchObject({ status: 400, error: { code: 'parameter_unknown', param: 'since' } })
    expect(await refused('limit=101')).toMatchObject({ status: 400, error: { param: 'limit' } })
    expect(await refused(`created[gte]=${minute(0)}`)).toMatchObject({ status: 400, error: { param: 'created[gte]' } })
    expect(await refused('starting_after=cs_none')).toMatchObject({ status: 400, error: { code: 'resource_missing' } })
    world.stripe.forbidden.add('refunds')
    expect(await ask(world, `${API}/refunds`, LIVE)).toMatchObject({ status: 403 })
    expect(await refused('')).toMatchObject({ status: 200 })
  })
})

describe('the lists of Dodo', () => {
  const API = 'https://live.dodopayments.com'
  const newWorld = () => {
    const world = new World()
    each(250, (number) => world.dodo.sell(`pay_${number}`, { created_at: minute(number) }))
    each(3, (number) => world.dodo.refund(`ref_${number}`, `pay_${number}`, { created_at: minute(1000 + number) }))
    each(3, (number) => world.dodo.subscribe(`sub_${number}`, { created_at: minute(number), trial_period_days: number }))
    return world
  }
  const pages = async (world: World, query: string) => {
    const answers = [0, 1, 2, 3].map((page) => ask(world, `${API}/payments?${query}&page_number=${page}`))
    return (await Promise.all(answers)).map(({ items }) => idsOf(items, 'payment_id'))
  }

  it('are numbered from 0, newest first, and end with a short page', async () => {
    const found = await pages(newWorld(), 'status=succeeded&page_size=100')
    expect(found.map(({ length }) => length)).toEqual([100, 100, 50, 0])
    expect(found.flat()).toEqual(numbers(249, 0).map((number) => `pay_${number}`))
  })

  it('have ten rows unless asked otherwise, and never more than a hundred', async () => {
    const world = newWorld()
    expect((await ask(world, `${API}/payments`)).items).toHaveLength(10)
    expect((await ask(world, `${API}/payments?page_size=500`)).items).toHaveLength(100)
  })

  it('can be narrowed by time and status', async () => {
    const world = newWorld()
    world.dodo.sell('pay_failed', { created_at: minute(248), status: 'failed' })
    const since = `created_at_gte=${minute(248)}&created_at_lte=${minute(249)}`
    expect(idsOf((await ask(world, `${API}/payments?${since}&status=succeeded`)).items, 'payment_id')).toEqual(['pay_249', 'pay_248'])
    expect(idsOf((await ask(world, `${API}/refunds?created_at_gte=${minute(1001)}`)).items, 'refund_id')).toEqual(['ref_2', 'ref_1'])
    const subscriptions = await ask(world, `${API}/subscriptions?created_at_gte=${minute(2)}`)
    expect(subscriptions.items).toMatchObject([{ subscription_id: 'sub_2', trial_period_days: 2, status: 'active' }])
  })

  it('tell less of each than when it is asked for by itself', async () => {
    const world = newWorld()
    const [payment] = (await ask(world, `${API}/payments?page_size=1`)).items ?? []
    expect(payment).toMatchObject({ payment_id: 'pay_249', total_amount: 2900, currency: 'USD', status: 'succeeded', metadata: {} })
    for (const name of ['tax', 'product_cart', 'refunds']) expect(payment).not.toHaveProperty(name)
    const [refund] = (await ask(world, `${API}/refunds`)).items ?? []
    expect(refund).toMatchObject({ refund_id: 'ref_2', payment_id: 'pay_2', amount: 2900, is_partial: false })
    expect(refund).not.toHaveProperty('customer')
  })

  it('are those of one host, and of what the key may read', async () => {
    const world = newWorld()
    world.dodoTest.sell('pay_test')
    expect(idsOf((await ask(world, 'https://test.dodopayments.com/payments')).items, 'payment_id')).toEqual(['pay_test'])
    world.dodo.forbidden.add('refunds')
    expect(await ask(world, `${API}/refunds`)).toMatchObject({ status: 403, code: 'FORBIDDEN' })
    expect(await ask(world, `${API}/payments`)).toMatchObject({ status: 200 })
  })

  it('refuse what they cannot read, and ignore what they do not know', async () => {
    const world = newWorld()
    for (const query of ['page_number=-1', 'page_size=all', 'created_at_gte=1790812800'])
      expect(await ask(world, `${API}/payments?${query}`)).toMatchObject({ status: 422 })
    expect((await ask(world, `${API}/payments?since=${minute(248)}`)).items).toHaveLength(10)
  })
})

describe('the lists of Polar', () => {
  const API = 'https://api.polar.sh/v1'
  const uuid = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
  const newWorld = () => {
    const world = new World()
    each(250, (number) => world.polar.addOrder(uuid(9999), { id: uuid(number), created_at: minute(number).replace('Z', '456Z') }))
    return world
  }

  it('are numbered from 1, newest first, and tell how many there are; beyond the last one there is no count', async () => {
    const world = newWorld()
    const query = 'sorting=-created_at&limit=100'
    const found = await Promise.all([1, 2, 3, 4].map((page) => ask(world, `${API}/orders/?${query}&page=${page}`)))
    expect(found.flatMap(({ items }) => idsOf(items))).toEqual(numbers(249, 0).map(uuid))
    const counted = { total_count: 250, max_page: 3 }
    expect(found.map(({ pagination }) => pagination)).toEqual([counted, counted, counted, { total_count: 0, max_page: 0 }])
  })

  it('of orders can be narrowed by time', async () => {
    const world = newWorld()
    const since = async (query: string) => idsOf((await ask(world, `${API}/orders/?${query}`)).items)
    expect(await since(`created_after=${minute(248)}&sorting=-created_at`)).toEqual([uuid(249), uuid(248)])
    expect(await since(`created_before=${minute(2)}&sorting=created_at`)).toEqual([uuid(0), uuid(1)])
    expect(await since(`created_after=${minute(1)}&created_before=${minute(2)}`)).toEqual([uuid(1)])
  })

  it('of refunds cannot, but by their success', async () => {
    const world = newWorld()
    each(3, (number) => world.polar.refund(uuid(number), { amount: 100, tax_amount: 19 }, { id: uuid(500 + number) }))
    world.polar.refund(uuid(9), { amount: 100, tax_amount: 19 }, { id: uuid(509), status: 'pending' })
    const query = `succeeded=true&sorting=-created_at&page=1&limit=100&created_after=${minute(100_000)}`
    const page = await ask(world, `${API}/refunds/?${query}`)
    expect(idsOf(page.items)).toEqual([uuid(502), uuid(501), uuid(500)])
    expect(page.pagination).toEqual({ total_count: 3, max_page: 1 })
  })

  it('are those of one host, and of what the token has the scope for', async () => {
    const world = newWorld()
    expect((await ask(world, 'https://sandbox-api.polar.sh/v1/orders/')).items).toEqual([])
    world.polar.forbidden.add('refunds')
    expect(await ask(world, `${API}/refunds/`)).toMatchObject({ status: 403, error: 'NotPermitted' })
    expect(await ask(world, `${API}/orders/`)).toMatchObject({ status: 200 })
  })

  it('refuse what they cannot read, and ignore what they do not know', async () => {
    const world = newWorld()
    for (const query of ['limit=101', 'page=0', 'sorting=newest', 'created_after=yesterday'])
      expect(await ask(world, `${API}/orders/?${query}`)).toMatchObject({ status: 422, error: 'RequestValidationError' })
    expect((await ask(world, `${API}/orders/?since=${minute(248)}`)).items).toHaveLength(10)
  })
})

describe('the lists of Paddle', () => {
  const API = 'https://api.paddle.com'
  const id = (prefix: string, number: number) => `${prefix}_01${String(number).padStart(24, '0')}`
  const newWorld = () => {
    const world = new World()
    each(70, (number) => world.paddle.sell(id('txn', number), { created_at: minute(number), billed_at: minute(number) }))
    return world
  }

  it('lead from one page to the next by its address', async () => {
    const world = newWorld()
    const found: unknown[] = []
    let page = await ask(
      world,
      `${API}/transactions?status=completed,paid&billed_at[GTE]=${minute(1)}&order_by=billed_at[DESC]&per_page=30`,
    )
    expect(page.meta?.pagination).toMatchObject({ per_page: 30, has_more: true, estimated_total: 69 })
    for (; page.meta?.pagination.has_more; page = await ask(world, page.meta.pagination.next)) found.push(...idsOf(page.data))
    expect([...found, ...idsOf(page.data)]).toEqual(numbers(69, 1).map((number) => id('txn', number)))
  })

  it('can be narrowed by when a transaction was billed, if it was, and by status', async () => {
    const world = newWorld()
    world.paddle.sell(id('txn', 100), { status: 'draft' })
    world.paddle.sell(id('txn', 101), { status: 'paid', created_at: minute(101), billed_at: minute(101) })
    const found = async (query: string) => idsOf((await ask(world, `${API}/transactions?${query}`)).data)
    expect(await found(`billed_at[GTE]=${minute(69)}`)).toEqual([id('txn', 101), id('txn', 69)])
    expect(await found(`billed_at[GT]=${minute(69)}&status=completed`)).toEqual([])
    expect(await found(`billed_at[LT]=${minute(1)}`)).toEqual([id('txn', 0)])
    expect(await found(`billed_at[LTE]=${minute(1)}&order_by=billed_at[ASC]`)).toEqual([id('txn', 0), id('txn', 1)])
  })

  it('of adjustments hold fifty at most, in any state, by id, which is by time', async () => {
    const world = newWorld()
    each(60, (number) => world.paddle.refund(id('txn', number), 100, { status: number % 2 ? 'approved' : 'pending_approval' }))
    world.paddle.refund(id('txn', 60), 100, { action: 'credit' })
    const first = await ask(world, `${API}/adjustments?action=refund&order_by=id[DESC]&per_page=200`)
    expect(first.meta?.pagination).toMatchObject({ per_page: 50, has_more: true, estimated_total: 60 })
    const last = await ask(world, first.meta?.pagination.next ?? '')
    expect(last.meta?.pagination.has_more).toBe(false)
    const transactions = [first, last].flatMap(({ data }) => idsOf(data, 'transaction_id'))
    expect(transactions).toEqual(numbers(59, 0).map((number) => id('txn', number)))
    expect((await ask(world, `${API}/adjustments`)).data).toHaveLength(10)
  })

  it('are those of one host, and of what the key has the permission for', async () => {
    const world = newWorld()
    expect((await ask(world, 'https://sandbox-api.paddle.com/transactions')).data).toEqual([])
    expect(await ask(world, `${API}/transactions`, 'pdl_sdbx_apikey_1')).toMatchObject({ status: 403 })
    world.paddle.forbidden.add('adjustments')
    expect(await ask(world, `${API}/adjustments`)).toMatchObject({ status: 403, error: { code: 'forbidden' } })
    expect(await ask(world, `${API}/transactions`)).toMatchObject({ status: 200 })
  })

  it('refuse what they cannot read, and ignore what they do not know', async () => {
    const world = newWorld()
    for (const query of ['billed_at[GTE]=yesterday', 'order_by=customer_id[ASC]', 'per_page=0', `after=${id('txn', 500)}`])
      expect(await ask(world, `${API}/transactions?${query}`)).toMatchObject({ status: 400, error: { code: 'bad_request' } })
    expect(await ask(world, `${API}/adjustments?order_by=created_at[DESC]`)).toMatchObject({ status: 400 })
    expect((await ask(world, `${API}/transactions?since=${minute(69)}`)).data).toHaveLength(30)
  })
})

it('a page of ten thousand objects is answered in no time', async () => {
  const world = new World()
  const id = (number: number) => String(number).padStart(24, '0')
  each(10_000, (number) => {
    world.stripe.sell(`cs_live_${id(number)}`)
    world.stripe.refunds.set(`re_${number}`, {
      ...{ id: `re_${number}`, object: 'refund', amount: 100, currency: 'eur', created: number, charge: 'ch_1' },
      payment_intent: `pi_${id(number).slice(-12)}`,
    })
    world.dodo.sell(`pay_${number}`, { created_at: minute(number) })
    world.polar.addOrder(`checkout-${number}`, { created_at: minute(number) })
    world.paddle.sell(`txn_01${id(number)}`, { created_at: minute(number), billed_at: minute(number) })
  })
  const before = performance.now()
  for (const [url, key] of [
    ['https://api.stripe.com/v1/checkout/sessions?status=complete&created[gte]=1&limit=100', 'rk_live_key'],
    ['https://api.stripe.com/v1/refunds?created[gte]=1&limit=100', 'rk_live_key'],
    [`https://live.dodopayments.com/payments?created_at_gte=${minute(1)}&page_size=100&page_number=50`],
    [`https://api.polar.sh/v1/orders/?created_after=${minute(1)}&page=50&limit=100`],
    [`https://api.paddle.com/transactions?billed_at[GTE]=${minute(1)}&order_by=billed_at[DESC]`],
  ] as const) {
    const { data, items } = await ask(world, url, key)
    expect((data ?? items)?.length).toBeGreaterThanOrEqual(30)
  }
  expect(performance.now() - before).toBeLessThan(1000)
})
