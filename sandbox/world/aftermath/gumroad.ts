import { randomBytes } from 'node:crypto'
import { derivedUuid } from '../derived-uuid.ts'
import type { Gumroad, GumroadSale } from '../gumroad.ts'
import type { ProviderEvent } from '../provider-event.ts'
import type { AftermathOf, Movement } from './aftermath.ts'

/** The list's currency, by what stands before a price. It says nothing about `price`. */
const CURRENCIES: Record<string, string> = { '€': 'eur', '¥': 'jpy', '£': 'gbp' }

/** Whatever a sale of Gumroad is followed by. Its pings carry no signature, and only that of the first sale the visitor. */
export const gumroad: AftermathOf = ({ gumroad: api }, saleId, visitor) => {
  const sale = () => saleOf(api, saleId)
  return {
    sold: () => movementOf(api, sale(), visitor),

    renewed() {
      const id = `${randomBytes(16).toString('base64url')}==`
      return movementOf(api, api.renew(String(sale().subscription_id), id))
    },

    // A part is a flag in the API, without an amount: whoever hears of it can tell nothing, and the whole counts as a whole.
    refunded(part, of = saleId) {
      const amount = amountOf(saleOf(api, of))
      const refunded = api.refund(of, part === 'part' ? 'part' : 'all')
      const events = [pingOf(api, refunded, 'refund')]
      return part === 'part' ? { transactionId: '', amount: 0, events } : { transactionId: `${of}_refund`, amount, events }
    },
  }
}

function saleOf(api: Gumroad, id: string): GumroadSale {
  const sale = api.sales.get(id)
  if (!sale) throw new Error(`no sale ${id}`)
  return sale
}

function movementOf(api: Gumroad, sale: GumroadSale, visitor?: string): Movement {
  return { transactionId: sale.id, amount: amountOf(sale), events: [pingOf(api, sale, 'sale', visitor)] }
}

/** The sale that begins a trial shows the full price, while nothing is charged. */
function amountOf({ free_trial_ends_on, recurring_charge, price }: GumroadSale): number {
  return free_trial_ends_on && !recurring_charge ? 0 : Number(price) / 100
}

function pingOf(api: Gumroad, sale: GumroadSale, name: 'sale' | 'refund', visitor?: string): ProviderEvent {
  const fields = Object.entries(fieldsOf(api, sale, name)).filter(([, value]) => value !== undefined && value !== null)
  const body = new URLSearchParams(fields.map(([key, value]) => [key, String(value)]))
  if (visitor !== undefined) body.append('url_params[datafast_visitor_id]', visitor)
  // Whatever the seller's form asks stands among the fields too, under names of the seller's choice.
  for (const [label, text] of Object.entries((sale.custom_fields ?? {}) as Record<string, unknown>)) {
    body.append(label, String(text))
    body.append(`custom_fields[${label}]`, String(text))
  }
  const id = derivedUuid(`gumroad ${name} ${sale.id} ${name === 'refund' ? sale.amount_refundable_in_currency : ''}`)
  return { provider: 'gumroad', name, id, body: String(body) }
}

/** What applies only sometimes is left out otherwise, as Gumroad does. */
function fieldsOf(api: Gumroad, sale: GumroadSale, name: 'sale' | 'refund'): Record<string, unknown> {
  const subscriber = api.subscribers.get(String(sale.subscription_id))
  const permalink = String(sale.product_permalink)
  return {
    seller_id: sale.seller_id,
    product_id: sale.product_id,
    product_name: sale.product_name,
    permalink,
    product_permalink: `${api.user.url}/l/${permalink}`,
    short_product_id: permalink,
    email: sale.email,
    price: sale.price,
    gumroad_fee: sale.gumroad_fee,
    currency: CURRENCIES[String(sale.currency_symbol)] ?? 'usd',
    quantity: sale.quantity,
    discover_fee_charged: sale.discover_fee_charged,
    can_contact: sale.can_contact,
    referrer: sale.referrer,
    ...{ 'card[visual]': '', 'card[type]': '', 'card[bin]': '', 'card[expiry_month]': '', 'card[expiry_year]': '' },
    order_number: sale.order_id,
    sale_id: sale.id,
    sale_timestamp: sale.created_at,
    full_name: sale.full_name || undefined,
    purchaser_id: sale.purchaser_id,
    ...(subscriber && { subscription_id: subscriber.id }),
    ...(sale.email === api.user.email && { test: true }),
    ...(sale.recurring_charge === true && { is_recurring_charge: true }),
    ip_country: sale.country,
    ...(subscriber && { recurrence: subscriber.recurrence }),
    is_gift_receiver_purchase: sale.is_gift_receiver_purchase,
    refunded: sale.refunded,
    resource_name: name,
    disputed: sale.disputed,
    dispute_won: sale.dispute_won,
  }
}
