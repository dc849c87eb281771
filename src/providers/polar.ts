import * as v from 'valibot'
import { lenient } from '../lenient.ts'
import { type CurrencyTable, ISO_4217, price } from '../money.ts'
import type { Answer, Payment } from '../payment.ts'
import { readMarkedVisitor, readVisitorField } from '../visitor.ts'
import { type Found, unlessImpossible } from './ask.ts'
import { idsOf, Time } from './common-fields.ts'
import type { Connection, Provider } from './provider.ts'
import { readReturnParameter } from './return-parameter.ts'

/** Shapes are the same in 2026-04, 2026-10 and 2027-01 (SDK 1.0.1). Which one an absent header means may move: it is sent. */
const API_VERSION = '2026-04'
/** An unknown version or path answers 404 as well, but without this field (OpenAPI 2026-04). */
const NotFound = v.object({ error: v.string() })
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * Polar's own table (server/polar/kit/currency.py): MGA has no decimals here; UGX has two since 2026-05, and ISK, HUF and
 * TWD always had. Currencies with three decimals are not offered: their scale would be a guess.
 */
const CURRENCIES: CurrencyTable = {
  0: 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF',
  3: '',
  unclear: ISO_4217[3],
}

/** Links write their `reference_id` parameter here; the API takes any key. */
const Metadata = lenient(v.object({ datafast_visitor_id: lenient(v.string()), reference_id: lenient(v.string()) }))

/**
 * Only the fields we rely on: Polar adds fields at any time, and its own strict SDK refused its genuine payloads for that
 * (SDK 0.49.0). No amount is among them: a trial's checkout shows the price of later.
 */
const Checkout = v.object({
  id: v.string(),
  status: v.string(),
  trial_end: lenient(v.string()),
  metadata: Metadata,
  product_price_id: lenient(v.string()),
  subscription_id: lenient(v.string()),
})
type Checkout = v.InferOutput<typeof Checkout>

const Order = v.object({
  id: v.string(),
  checkout_id: v.nullish(v.string()),
  billing_reason: v.string(),
  status: v.string(),
  paid: v.nullish(v.boolean()),
  total_amount: v.number(),
  tax_amount: v.nullish(v.number()),
  currency: v.string(),
  created_at: Time,
  subscription_id: lenient(v.string()),
  metadata: Metadata,
  customer_id: lenient(v.string()),
  customer: lenient(v.object({ email: lenient(v.string()), name: lenient(v.string()) })),
  billing_name: lenient(v.string()),
  product_id: lenient(v.string()),
})
type Order = v.InferOutput<typeof Order>
const Orders = v.object({ items: v.array(Order) })

/** Polar: the buyer returns with `checkout_id={CHECKOUT_ID}`, and a `customer_session_token` that nobody here reads. */
export const polar: Provider<'polar'> = {
  name: 'polar',

  // Orders, refunds and subscriptions have references of their own, which no address may name.
  readReturn: (parameters) => readReturnParameter('polar', parameters.getAll('checkout_id'), '(?!order_|refund_|sub_)'),

  connect(setting) {
    const token = setting.secret('POLAR_ACCESS_TOKEN')
    const server = setting.choice('POLAR_SERVER', ['production', 'sandbox'])
    return token ? connection(token, server === 'sandbox') : undefined
  },
}

function connection(token: string, test: boolean): Connection {
  // The host decides the mode; no field of any object repeats it.
  const api = `https://${test ? 'sandbox-' : ''}api.polar.sh/v1`
  const headers = { authorization: `Bearer ${token}`, 'polar-version': API_VERSION }
  return {
    async lookup(id, ask) {
      const get = ask(api, headers, NotFound)
      // Both at once: the buyer waits once. Without the slash before the question mark Polar redirects.
      const [checkout, orders] = await Promise.all([
        get(`/checkouts/${id}`, Checkout),
        get(`/orders/?checkout_id=${id}&sorting=created_at&limit=100`, Orders),
      ])
      return answerFor(unlessImpossible(checkout, id, UUID), orders, id, test)
    },
  }
}

function answerFor(found: Found<typeof Checkout>, orders: Found<typeof Orders>, id: string, test: boolean): Answer {
  if (found.is !== 'found') {
    // An expired checkout may be gone altogether.
    return found.is === 'unreachable' && found.reason === 'http-410' ? { is: 'not-paid', reason: 'expired' } : found
  }
  const checkout = found.object
  const { status } = checkout
  // The same order under one name: upper-case digits are the same id to Polar.
  if (checkout.id !== id) return { is: 'moved', to: `polar:${checkout.id}`, carried: [] }
  if (status === 'open' || status === 'expired' || status === 'failed') return { is: 'not-paid', reason: status }
  // `confirmed`: pay was pressed, and it may still fall back to `open` (polarsource/polar#6491).
  if (status !== 'succeeded') return { is: 'pending', reason: status === 'confirmed' ? status : 'unknown-status' }
  if (orders.is !== 'found') return orders.is === 'unknown' ? { is: 'unreachable', reason: 'no-orders' } : orders
  // Not simply the first: renewals and changes may be listed. A checkout that upgrades a subscription buys by changing it.
  const buys = checkout.subscription_id ? /^subscription_(create|update)$/ : /^(purchase|subscription_create)$/
  const order = orders.object.items.find(({ checkout_id, billing_reason }) => checkout_id === id && buys.test(billing_reason))
  if (!order) return { is: 'pending', reason: 'no-order-yet' }
  return answerForOrder(order, checkout, test)
}

function answerForOrder(order: Order, checkout: Checkout, test: boolean): Answer {
  const { status, paid } = order
  if (status === 'void') return { is: 'not-paid', reason: status }
  // Refunds come later and are announced separately: what was refunded was paid.
  if (!(paid ?? /^(paid|refunded|partially_refunded)$/.test(status))) {
    return { is: 'pending', reason: status === 'draft' || status === 'pending' ? 'order-not-paid' : 'unknown-status' }
  }
  const amount = price(order.total_amount, order.tax_amount, order.currency, CURRENCIES)
  if (amount.is === 'unclear') return amount
  // By the end that the checkout agreed on, never by the subscription's status of today. An interval alone is a property of
  // the product, which one-time orders have shown too (server/polar/checkout/service.py).
  const trial = amount.money.gross === 0 && !!checkout.trial_end
  const payment: Payment = {
    kind: trial ? 'trial' : 'sale',
    transactionId: order.id,
    ...amount.money,
    paidAt: order.created_at,
    test,
    customer: {
      customer_id: order.customer_id,
      email: order.customer?.email,
      name: order.billing_name ?? order.customer?.name,
    },
    carried: [order.metadata, checkout.metadata].flatMap((metadata) => [
      ...readVisitorField(metadata?.datafast_visitor_id),
      ...readMarkedVisitor(metadata?.reference_id),
    ]),
    aliases: [],
    subscription: order.subscription_id ? `polar:sub_${order.subscription_id}` : undefined,
    soldAs: idsOf(order.product_id, checkout.product_price_id),
  }
  return { is: 'paid', payment }
}
