import { DAY_MS, HOUR_MS, later } from './later.ts'

export type Fields = Record<string, unknown>
export type LemonSqueezyResource = { type: string; id: string; attributes: Fields; relationships: Fields; links: Fields }

export const API = 'https://api.lemonsqueezy.com/v1'
/** What one unit of a currency is worth in dollars. */
const RATES: Record<string, string> = { USD: '1.00000000', EUR: '1.08000000', GBP: '1.27000000', JPY: '0.00670000', KWD: '3.25000000' }

const RELATED: Record<string, string[]> = {
  orders: ['store', 'customer', 'order-items', 'subscriptions', 'license-keys', 'discount-redemptions'],
  subscriptions: ['store', 'customer', 'order', 'order-item', 'product', 'variant', 'subscription-items', 'subscription-invoices'],
  'subscription-invoices': ['store', 'subscription', 'customer'],
}

/** A JSON:API resource, which names its relatives by address alone. */
export function resource(type: string, id: string, attributes: Fields): LemonSqueezyResource {
  const self = `${API}/${type}/${id}`
  const relationships = (RELATED[type] ?? []).map((name) => [
    name,
    { links: { related: `${self}/${name}`, self: `${self}/relationships/${name}` } },
  ])
  return { type, id, attributes, relationships: Object.fromEntries(relationships), links: { self } }
}

/** The oldest first. All are dated alike: as texts they compare as fast as ten thousand of them need. */
export function byAge({ attributes: a }: LemonSqueezyResource, { attributes: b }: LemonSqueezyResource): number {
  const [one, other] = [String(a.created_at), String(b.created_at)]
  return Number(one > other) - Number(one < other)
}

/**
 * Amounts as orders and invoices repeat them. Nobody documents the unit of currencies without cents: here it is the whole
 * yen, and the amounts in dollars, always in cents, tell.
 */
export function amountsOf(fields: Fields) {
  const amount = (name: string) => Number(fields[name] ?? 0)
  const subtotal = amount('subtotal')
  const setup_fee = amount('setup_fee')
  const discount_total = amount('discount_total')
  const tax = amount('tax')
  const total = Number(fields.total ?? subtotal + setup_fee - discount_total + tax)
  const refunded_amount = amount('refunded_amount')
  const amounts = { subtotal, setup_fee, discount_total, tax, total, refunded_amount }
  const currency = String(fields.currency ?? 'EUR')
  const currency_rate = String(fields.currency_rate ?? RATES[currency] ?? '1.00000000')
  const format = new Intl.NumberFormat('en', { style: 'currency', currency })
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2
  const inDollars = (amount: number) => Math.round(amount * Number(currency_rate) * 10 ** (2 - digits))
  const usd = Object.entries(amounts).map(([name, amount]) => [`${name}_usd`, inDollars(amount)])
  const formatted = Object.entries(amounts).map(([name, amount]) => [`${name}_formatted`, format.format(amount / 10 ** digits)])
  return { currency, currency_rate, ...amounts, ...Object.fromEntries(usd), ...Object.fromEntries(formatted) }
}

/** What changes in an order or an invoice when some of it is given back: the amount that it shows is the sum of all refunds. */
export function refundedBy(attributes: Fields, minor: number): Fields {
  const refunded_amount = Number(attributes.refunded_amount) + minor
  const isWhole = refunded_amount === attributes.total
  if (refunded_amount > Number(attributes.total)) throw new Error('less than that is left to refund')
  const { refunded_amount_usd, refunded_amount_formatted } = amountsOf({ ...attributes, refunded_amount })
  const earlier = attributes.refunded_at
  const refunded_at = earlier ? later(earlier, HOUR_MS) : later(attributes.created_at, DAY_MS)
  return {
    ...{ refunded_amount, refunded_amount_usd, refunded_amount_formatted, refunded_at },
    status: isWhole ? 'refunded' : 'partial_refund',
    status_formatted: isWhole ? 'Refunded' : 'Partially refunded',
    refunded: isWhole,
    updated_at: refunded_at,
  }
}
