import { describe, expect, it } from 'vitest'
import { World } from '../../sandbox/world/world.ts'

/** What a sweep relies on: lists that are paged and ordered as the real ones are, and DataFast's own totals. */

type Json = Record<string, unknown>
type Overview = { revenue: number; currency: string }

const world = () => new World()
const DATAFAST = 'https://datafa.st/api/v1'
const JSON_API = { accept: 'application/vnd.api+json', authorization: 'Bearer lemonsqueezy_sandboxkey' }
const day = (n: number) => new Date(Date.UTC(2026, 8, 1) + n * 60_000)

async function get(from: World, url: string, headers: Record<string, string>): Promise<Json & { http: number }> {
  const response = await from.handle(new Request(url, { headers }))
  return { ...((await response.json()) as Json), http: response.status }
}

const ask = (from: World, path: string, key = 'df_sandbox_website_key') =>
  get(from, `${DATAFAST}/${path}`, { authorization: `Bearer ${key}` })

async function revenueOf(from: World, query = ''): Promise<Overview> {
  const { data } = await ask(from, `analytics/overview?${query}`)
  return (data as [Overview])[0]
}

/** All the ids of a list, page after page, until `pages` says that there is none left. */
async function listed(from: World, first: string, headers: Record<string, string>, rowsAndNext: (answer: Json) => [Json[], string?]) {
  const ids: unknown[] = []
  for (let url: string | undefined = first; url; ) {
    const [rows, next] = rowsAndNext(await get(from, url, headers))
    ids.push(...rows.map(({ id }) => id))
    url = next
  }
  return ids
}

const CREEM = 'https://api.creem.io/v1/transactions/search?page_size=100'
const creemPages = (answer: Json): [Json[], string?] => {
  const { next_page } = answer.pagination as { next_page: number | null }
  return [answer.items as Json[], next_page === null ? undefined : `${CREEM}&page_number=${next_page}`]
}
const LEMON_SQUEEZY = 'https://api.lemonsqueezy.com/v1/orders?sort=-createdAt&page[size]=100&page[number]=1'
const lemonSqueezyPages = (answer: Json): [Json[], string?] => [answer.data as Json[], (answer.links as { next?: string }).next]
const gumroadPages = (answer: Json): [Json[], string?] => [
  answer.sales as Json[],
  answer.next_page_url === undefined ? undefined : `https://api.gumroad.com${answer.next_page_url}`,
]
const GUMROAD = { authorization: 'Bearer gumroad_sandboxkey' }

describe('the lists of sales', () => {
  it('of Creem come in either order, ten to a page, and show what was refunded', async () => {
    const sold = world()
    for (let n = 0; n < 12; n++) sold.creem.sell(`ch_${n}`, { transaction: { created_at: day(n).getTime() } })
    sold.creem.refund('tran_11', 1000)
    const headers = { 'x-api-key': 'creem_sandboxkey' }
    const first = await get(sold, 'https://api.creem.io/v1/transactions/search', headers)
    expect(first.pagination).toEqual({ total_records: 12, total_pages: 2, current_page: 1, next_page: 2, prev_page: null })
    const [newest] = first.items as Json[]
    expect(newest).toEqual({ ...sold.creem.transactions.get('tran_11'), refunded_amount: 1000, status: 'partialRefund' })
    sold.creem.searchOrder = 'oldest-first'
    expect((await listed(sold, CREEM, headers, creemPages)).slice(0, 2)).toEqual(['tran_0', 'tran_1'])
    expect(await get(sold, CREEM, { 'x-api-key': 'creem_test_key' })).toMatchObject({ http: 403, error: 'Forbidden' })
    expect(await get(sold, `${CREEM}&page_number=0`, headers)).toMatchObject({ http: 400 })
  })

  it('of Lemon Squeezy are JSON:API, the newest first, a hundred to a page at most', async () => {
    const sold = world()
    for (let n = 0; n < 130; n++) sold.lemonSqueezy.sell(`${1000 + n}`, { created_at: day(n).toISOString(), store_id: n % 2 })
    const ids = await listed(sold, LEMON_SQUEEZY, JSON_API, lemonSqueezyPages)
    expect(ids).toEqual(Array.from({ length: 130 }, (_, n) => `${1129 - n}`))
    const store = await get(sold, `${LEMON_SQUEEZY}&filter[store_id]=1`, JSON_API)
    expect(store.meta).toEqual({ page: { currentPage: 1, from: 1, lastPage: 1, perPage: 100, to: 65, total: 65 } })
    const tooMany = await get(sold, 'https://api.lemonsqueezy.com/v1/orders?page[size]=101', JSON_API)
    expect(tooMany).toMatchObject({ http: 400, errors: [{ status: '400' }] })
    sold.lemonSqueezy.expiredKeys.add('lemonsqueezy_sandboxkey')
    expect(await get(sold, LEMON_SQUEEZY, JSON_API)).toMatchObject({ http: 401, errors: [{ detail: 'Unauthenticated.' }] })
  })

  it('of Lemon Squeezy’s invoices can be narrowed to those that were given back', async () => {
    const sold = world()
    sold.lemonSqueezy.subscribe('2000')
    const subscription = sold.lemonSqueezy.subscriptionIdOf('2000')
    const [whole, part] = [sold.lemonSqueezy.renew(subscription, '71'), sold.lemonSqueezy.renew(subscription, '72')]
    sold.lemonSqueezy.refundInvoice(whole.id, Number(whole.attributes.total))
    sold.lemonSqueezy.refundInvoice(part.id, 100)
    const invoices = (query: string) =>
      listed(sold, `https://api.lemonsqueezy.com/v1/subscription-invoices?${query}`, JSON_API, lemonSqueezyPages)
    expect(await invoices('page[size]=100')).toEqual(['72', '71', sold.lemonSqueezy.initialInvoiceIdOf('2000')])
    // A part does not count as refunded.
    expect(await invoices('filter[refunded]=true')).toEqual(['71'])
  })

  it('of Gumroad know days only, and ten sales to a page, even of the same second', async () => {
    const sold = world()
    sold.gumroad.sell('the-day-before==', { created_at: '2026-09-20T23:59:59Z' })
    for (let n = 0; n < 25; n++) sold.gumroad.sell(`of-the-same-moment-${n}==`)
    const after = (date: string) => listed(sold, `https://api.gumroad.com/v2/sales?after=${date}`, GUMROAD, gumroadPages)
    expect(await after('2026-09-21')).toEqual(Array.from({ length: 25 }, (_, n) => `of-the-same-moment-${24 - n}==`))
    expect(await after('2026-09-20')).toHaveLength(26)
    expect(await after('2026-09-22')).toEqual([])
    const url = 'https://api.gumroad.com/v2/sales?after=2026-09-21T00:00:00Z'
    expect(await get(sold, url, GUMROAD)).toMatchObject({ http: 400 })
    expect(await get(sold, url, { authorization: 'Bearer wrong' })).toMatchObject({ http: 401 })
  })

  it('are quick with ten thousand', async () => {
    const sold = world()
    for (let n = 0; n < 10_000; n++) {
      // In no order.
      const at = day((n * 7919) % 10_000)
      sold.creem.sell(`ch_${n}`, { transaction: { created_at: at.getTime() } })
      sold.lemonSqueezy.sell(`${10_000 + n}`, { created_at: at.toISOString() })
      sold.gumroad.sell(`sale-number-${n}==`, { created_at: at.toISOString() })
      sold.dataFast.forge({ transaction_id: `t${n}`, amount: 0.1, timestamp: at.toISOString() })
    }
    const begun = performance.now()
    expect(new Set(await listed(sold, CREEM, { 'x-api-key': 'creem_sandboxkey' }, creemPages)).size).toBe(10_000)
    expect(new Set(await listed(sold, LEMON_SQUEEZY, JSON_API, lemonSqueezyPages)).size).toBe(10_000)
    expect(await listed(sold, 'https://api.gumroad.com/v2/sales?after=2026-09-07', GUMROAD, gumroadPages)).toHaveLength(1360)
    expect((await revenueOf(sold)).revenue).toBe(1000)
    expect(performance.now() - begun).toBeLessThan(10_000)
  })
})

describe('DataFast’s reports', () => {
  const SEPTEMBER = 'startAt=2026-09-01T00:00:00.000Z&endAt=2026-09-30T23:59:59.999Z&timezone=UTC'

  it('tell of the website, and of the providers that it imports from', async () => {
    const connected = world()
    connected.dataFast.website.domain = 'shop.example.com'
    connected.dataFast.connected.add('paddle')
    const website = { domain: 'shop.example.com', timezone: 'UTC', name: 'Example', logo: null, kpi: null, currency: 'EUR' }
    expect(await ask(connected, 'analytics/metadata')).toMatchObject({ status: 'success', data: [website] })
    const { data } = await ask(connected, 'admin/websites/665f0b3c4d2e1a0012345678/integrations')
    expect(data).toMatchObject([{ stripe: { connected: false }, paddle: { connected: true, keyExpiresAt: null }, currency: 'EUR' }])
    expect(await ask(connected, 'admin/websites/665f0b3c4d2e1a0012345679/integrations')).toMatchObject({ http: 404, error: { code: 404 } })
  })

  it('sum up what happened within a time, in the website’s currency, named by its symbol', async () => {
    const sold = world()
    const entry = (transaction_id: string, amount: number, fields: Json = {}) =>
      sold.dataFast.forge({ transaction_id, amount, timestamp: '2026-09-21T13:46:40.000Z', ...fields })
    entry('sale', 29.99, { datafast_visitor_id: 'v1' })
    entry('in-dollars', 10.8, { currency: 'USD' })
    entry('in-francs', 5, { currency: 'CHF' })
    entry('refund', 9.99, { refunded: true })
    entry('trial', 0, { is_free_trial: true })
    entry('at-the-end', 100, { timestamp: '2026-09-30T23:59:59.999Z' })
    entry('too-late', 1000, { timestamp: '2026-10-01T00:00:00.000Z' })
    const overview = await revenueOf(sold, SEPTEMBER)
    expect(overview).toMatchObject({ revenue: 135, currency: '€', payments: 4, visitors: 1, revenue_per_visitor: 135 })
    expect(await revenueOf(sold, 'startAt=2026-09-01&endAt=2026-09-30&fields=revenue')).toEqual({ revenue: 135 })
    expect((await revenueOf(sold)).revenue).toBe(1135)
    sold.dataFast.revenueIncludesRefunds = false
    expect((await revenueOf(sold, SEPTEMBER)).revenue).toBe(144.99)
    for (const query of ['startAt=2026-09-01', 'endAt=2026-09-01', 'startAt=x&endAt=y', 'fields=profit']) {
      expect(await ask(sold, `analytics/overview?${query}`)).toMatchObject({ http: 400, status: 'error', error: { code: 400 } })
    }
  })

  it('show what was tampered with', async () => {
    const tampered = world()
    const { transaction_id } = tampered.dataFast.forge({ amount: 20 })
    tampered.dataFast.scale(transaction_id, 100)
    expect((await revenueOf(tampered)).revenue).toBe(2000)
    tampered.dataFast.lose(transaction_id)
    expect((await revenueOf(tampered)).revenue).toBe(0)
    expect(() => tampered.dataFast.lose(transaction_id)).toThrow('no payment')
  })

  it('ask an account’s key which website is meant, and refuse the keys that they should', async () => {
    const refusing = world()
    refusing.dataFast.keys.add('dft_account')
    const metadata = (query: string, key = 'dft_account') => ask(refusing, `analytics/metadata${query}`, key)
    expect(await metadata('')).toMatchObject({ http: 400, error: { code: 400 } })
    expect(await metadata('?websiteId=665f0b3c4d2e1a0012345679')).toMatchObject({ http: 404, error: { code: 404 } })
    expect(await metadata('?websiteId=665f0b3c4d2e1a0012345678&fields=domain')).toMatchObject({ data: [{ domain: 'example.com' }] })
    expect(await metadata('', 'df_wrong')).toMatchObject({ http: 401, error: { code: 401 } })
    refusing.dataFast.forbidden.add('analytics/metadata')
    expect(await metadata('', 'df_sandbox_website_key')).toMatchObject({ http: 403, error: { code: 403 } })
  })
})

describe('DataFast’s payments', () => {
  const VISITOR = '6f1c2a34-9b7d-4e21-8c55-d0e1f2a3b4c5'

  async function send(to: World, method: string, path: string, body?: Json): Promise<Json & { http: number }> {
    const headers = { authorization: 'Bearer df_sandbox_website_key' }
    const response = await to.handle(new Request(`${DATAFAST}/${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) }))
    return { ...((await response.json()) as Json), http: response.status }
  }
  const post = (to: World, transaction_id: string, more: Json = {}) =>
    send(to, 'POST', 'payments', { transaction_id, amount: 10, currency: 'EUR', timestamp: new Date().toISOString(), ...more })

  it('are deleted by their transaction id, and one that is not there is not found', async () => {
    const sold = world()
    await post(sold, 'one')
    await post(sold, 'another')
    const deleted = await send(sold, 'DELETE', 'payments?transaction_id=one')
    expect(deleted).toEqual({ http: 200, status: 'success', data: [{ message: 'Payment deleted successfully', transaction_id: 'one' }] })
    expect([...sold.dataFast.ledger.keys()]).toEqual(['another'])
    expect(await send(sold, 'DELETE', 'payments?tx_id=one')).toMatchObject({ http: 404, status: 'error', error: { code: 404 } })
    expect(await send(sold, 'DELETE', 'payments')).toMatchObject({ http: 400 })
    expect(await send(sold, 'DELETE', `payments?datafast_visitor_id=${VISITOR}`)).toMatchObject({ http: 400 })
    expect(sold.dataFast.ledger.size).toBe(1)
  })

  it('show among what their visitor completed, if anybody has seen that visitor', async () => {
    const sold = world()
    await post(sold, 'under-a-visitor', { datafast_visitor_id: VISITOR })
    await post(sold, 'under-nobody')
    const { data } = await ask(sold, `visitors/${VISITOR}`)
    expect((data as [{ completedGoals: Json[] }])[0].completedGoals).toMatchObject([{ name: 'payment', origin: 'payment_provider' }])
    expect(await ask(sold, 'visitors/nobody')).toMatchObject({ http: 400 })
    sold.dataFast.seenVisitors = new Set()
    expect(await ask(sold, `visitors/${VISITOR}`)).toMatchObject({ http: 404 })
    expect(await post(sold, 'under-a-stranger', { datafast_visitor_id: VISITOR })).toMatchObject({ http: 404 })
  })

  it('count once, whatever is posted again, unless a habit says otherwise', async () => {
    const once = world()
    await post(once, 'sale')
    await post(once, 'sale')
    await ask(once, 'analytics/metadata')
    await post(once, 'sale')
    expect((await revenueOf(once)).revenue).toBe(10)
    const atOnce = world()
    atOnce.dataFast.habits.atOnce = 'counted'
    await post(atOnce, 'sale')
    await post(atOnce, 'sale')
    await ask(atOnce, 'analytics/metadata')
    await post(atOnce, 'sale')
    expect((await revenueOf(atOnce)).revenue).toBe(20)
    await send(atOnce, 'DELETE', 'payments?transaction_id=sale')
    expect((await revenueOf(atOnce)).revenue).toBe(0)
  })

  it('may show in the totals only after a while', async () => {
    const late = world()
    late.dataFast.habits.totalsLate = 2
    await post(late, 'sale')
    const revenues = []
    for (let reading = 0; reading < 3; reading++) revenues.push((await revenueOf(late)).revenue)
    expect(revenues).toEqual([0, 0, 10])
  })
})

describe('whoever is to be alerted', () => {
  it('keeps what it was told', async () => {
    const alerted = world()
    const post = (body: string) => alerted.handle(new Request('https://alerts.example.com/hook', { method: 'POST', body }))
    expect(await (await post('{"text":"something is wrong"}')).text()).toBe('ok')
    alerted.service('alerts').faults.push({ kind: 'answer', status: 500 })
    expect((await post('{"text":"unheard"}')).status).toBe(500)
    expect(alerted.alerts.messages).toEqual([{ text: 'something is wrong' }])
  })
})
