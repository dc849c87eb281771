import { later, latest, MONTH_MS } from './later.ts'
import { json } from './service.ts'

type Fields = Record<string, unknown>
export type GumroadSale = Fields & { id: string; created_at: string; email: string; product_id: string }
export type GumroadSubscriber = Fields & { id: string; product_id: string; purchase_ids: string[] }

const PAGE_SIZE = 10
const SOLD_AT = '2026-09-21T13:46:40Z'
const DATE = /^\d{4}-\d{2}-\d{2}$/

/** Gumroad's API: what is not found comes with 200, and prices are US cents whatever stands beside them. */
export class Gumroad {
  readonly sales = new Map<string, GumroadSale>()
  readonly subscribers = new Map<string, GumroadSubscriber>()
  /** Tokens that are let in. */
  readonly tokens = new Set(['gumroad_sandboxkey'])
  /** What Gumroad counts its purchases by. No answer shows it, other than the key of a page. */
  private readonly numbers = new Map<string, number>()
  readonly user = { user_id: 'Qm9hdEhhcmJvdXJTZWxsZXI', name: 'Sam Seller', email: 'seller@example.com', url: 'https://sam.gumroad.com' }

  answer(request: Request): Response {
    const { pathname, searchParams } = new URL(request.url)
    const token = request.headers.get('authorization')?.replace('Bearer ', '') ?? searchParams.get('access_token') ?? ''
    if (!this.tokens.has(token)) return json(401, { status: 401, error: 'Unauthorized' })
    if (pathname === '/v2/user') return json(200, { success: true, user: { bio: null, twitter_handle: null, ...this.user } })
    if (pathname === '/v2/sales') return this.list(searchParams)
    const [, resource, id] = /^\/v2\/(sales|subscribers)\/([^/]+)$/.exec(pathname) ?? []
    if (!resource || !id) return json(404, { status: 404, error: 'Not Found' })
    const sale = resource === 'sales' ? find(this.sales, decodeURIComponent(id)) : undefined
    if (sale) return json(200, { success: true, sale })
    const subscriber = resource === 'subscribers' ? find(this.subscribers, decodeURIComponent(id)) : undefined
    if (subscriber) return json(200, { success: true, subscriber })
    return json(200, { success: false, message: `The ${resource.slice(0, -1)} was not found.` })
  }

  /** Newest first. Days have no hours: `after` begins with its day, and `before` ends ahead of its own. */
  private list(query: URLSearchParams): Response {
    for (const name of ['after', 'before']) {
      const date = query.get(name)
      const error = `Invalid date format provided in field '${name}'. Dates must be in the format YYYY-MM-DD.`
      if (date !== null && !DATE.test(date)) return json(400, { status: 400, error })
    }
    const all = [...this.sales.values()]
      .reverse()
      .filter(({ email }) => !query.has('email') || email === query.get('email'))
      .filter(({ product_id }) => !query.has('product_id') || product_id === query.get('product_id'))
      .filter(({ created_at }) => created_at >= (query.get('after') ?? ''))
      .filter(({ created_at }) => created_at < (query.get('before') ?? '9'))
      .sort((a, b) => Number(a.created_at < b.created_at) - Number(a.created_at > b.created_at))
    const key = query.get('page_key')
    const first = Number(key?.split('-')[1])
    const start = key === null ? 0 : all.findIndex(({ id }) => this.numbers.get(id) === first)
    if (start < 0) return json(400, { status: 400, error: 'Invalid page_key.' })
    const next = all[start + PAGE_SIZE]
    return json(200, { success: true, ...(next && nextPage(query, this.keyOf(next))), sales: all.slice(start, start + PAGE_SIZE) })
  }

  /** A page is called by the sale that it begins with. */
  private keyOf({ created_at, id }: GumroadSale): string {
    return `${created_at.slice(0, 19).replaceAll(/\D/g, '')}000000-${this.numbers.get(id)}`
  }

  /** A sale of a product that is listed in euros. */
  sell(id: string, fields: Fields = {}): GumroadSale {
    const email = String(fields.email ?? 'buyer@example.com')
    const sale: GumroadSale = {
      id,
      email,
      seller_id: this.user.user_id,
      timestamp: '2 days ago',
      daystamp: '21 Sep 2026  1:46 PM',
      created_at: SOLD_AT,
      product_name: 'Sandbox product',
      product_has_variants: false,
      price: 2913,
      gumroad_fee: 291,
      formatted_display_price: '€27',
      formatted_total_price: '€27',
      currency_symbol: '€',
      amount_refundable_in_currency: '27',
      product_id: 'U2FuZGJveFByb2R1Y3QtMQ==',
      product_permalink: 'harbour',
      refunded: false,
      partially_refunded: false,
      chargedback: false,
      purchase_email: email,
      full_name: 'Bea Buyer',
      country: 'Germany',
      zip_code: null,
      paid: true,
      has_variants: false,
      variants_and_quantity: '',
      has_custom_fields: false,
      custom_fields: {},
      order_id: 612_480_377,
      is_product_physical: false,
      purchaser_id: '7203948561',
      is_recurring_billing: false,
      can_contact: true,
      is_following: false,
      disputed: false,
      dispute_won: false,
      is_additional_contribution: false,
      discover_fee_charged: false,
      is_gift_sender_purchase: false,
      is_gift_receiver_purchase: false,
      referrer: 'direct',
      card: { visual: null, type: null },
      product_rating: null,
      reviews_count: 0,
      average_rating: 0,
      quantity: 1,
      ...fields,
    }
    this.sales.set(id, sale)
    this.numbers.set(sale.id, this.numbers.get(sale.id) ?? 483_120_000 + this.numbers.size)
    return sale
  }

  /** What a subscription is called that began with a sale. */
  subscriptionIdOf(saleId: string): string {
    return `${[...saleId.replaceAll('=', '')].reverse().join('')}==`
  }

  /** The first sale of a membership. */
  subscribe(id: string, fields: Fields = {}): GumroadSale {
    const subscriptionId = String(fields.subscription_id ?? this.subscriptionIdOf(id))
    const sale = this.sell(id, {
      subscription_id: subscriptionId,
      is_recurring_billing: true,
      subscription_duration: 'monthly',
      formatted_display_price: '€27 a month',
      formatted_total_price: '€27 a month',
      product_id: 'U2FuZGJveE1lbWJlcnMtMQ==',
      recurring_charge: false,
      cancelled: false,
      ended: false,
      free_trial_ended: null,
      free_trial_ends_on: null,
      ...fields,
    })
    this.subscribers.set(subscriptionId, {
      id: subscriptionId,
      email: sale.email,
      product_id: sale.product_id,
      product_name: sale.product_name,
      user_id: sale.purchaser_id,
      user_email: sale.email,
      purchase_ids: [id],
      created_at: sale.created_at,
      user_requested_cancellation_at: null,
      charge_occurrence_count: null,
      recurrence: 'monthly',
      cancelled_at: null,
      ended_at: null,
      failed_at: null,
      free_trial_ends_at: null,
      status: 'alive',
    })
    return sale
  }

  /** A membership that begins with two free weeks: its sale shows the full price all the same. */
  startTrial(id: string, fields: Fields = {}): GumroadSale {
    const ends = new Date(Date.parse(String(fields.created_at ?? SOLD_AT)) + 14 * 86_400_000)
    const sale = this.subscribe(id, { free_trial_ends_on: inWords(ends), ...fields })
    const subscriber = this.subscribers.get(String(sale.subscription_id))
    if (subscriber) subscriber.free_trial_ends_at = ends.toISOString()
    return sale
  }

  /** A later sale of a membership, a month after the latest. */
  renew(subscriptionId: string, id: string, fields: Fields = {}): GumroadSale {
    const subscriber = this.subscribers.get(subscriptionId)
    const earlier = subscriber?.purchase_ids.flatMap((purchase) => this.sales.get(purchase) ?? []) ?? []
    const [first] = earlier
    if (!subscriber || !first) throw new Error(`no subscription ${subscriptionId}`)
    subscriber.purchase_ids.push(id)
    const created_at = later(latest(earlier.map((sale) => sale.created_at)), MONTH_MS).replace(/\.\d+/, '')
    const untouched = { refunded: false, partially_refunded: false, amount_refundable_in_currency: inDigits(first.formatted_display_price) }
    return this.sell(id, { ...first, ...untouched, id, created_at, order_id: 618_905_114, recurring_charge: true, ...fields })
  }

  /** Gives back a third of a sale, or all of it. How much it was in dollars is told nowhere. */
  refund(saleId: string, part: 'part' | 'all'): GumroadSale {
    const sale = this.sales.get(saleId)
    if (!sale) throw new Error(`no sale ${saleId}`)
    if (sale.refunded) throw new Error(`sale ${saleId} is refunded already`)
    const refunded = part === 'all'
    const left = refunded ? 0 : Math.round(Number(sale.amount_refundable_in_currency) * (200 / 3)) / 100
    return Object.assign(sale, { refunded, partially_refunded: !refunded, amount_refundable_in_currency: String(left) })
  }
}

/** Ids are base64, and Gumroad decodes them: their padding may be missing on either side. */
function find<Found>(objects: Map<string, Found>, id: string): Found | undefined {
  const bare = (text: string) => text.replace(/=+$/, '')
  return objects.get(id) ?? [...objects].find(([key]) => bare(key) === bare(id))?.[1]
}

/** "€1,999.50 a month" as "1999.50". */
function inDigits(formattedPrice: unknown): string {
  return String(formattedPrice).replaceAll(/[^\d.]/g, '')
}

/** Text for people, such as "Jan 5, 2026". */
function inWords(date: Date): string {
  return date.toLocaleDateString('en-US', { year: 'numeric', month: 'short', day: 'numeric', timeZone: 'UTC' })
}

function nextPage(query: URLSearchParams, next_page_key: string): Fields {
  const filters = [...query].filter(([name]) => name !== 'page_key' && name !== 'access_token')
  return { next_page_url: `/v2/sales?${new URLSearchParams([['page_key', next_page_key], ...filters])}`, next_page_key }
}
