import * as v from 'valibot'
import { lenient } from '../lenient.ts'
import { type CurrencyTable, ISO_4217, price } from '../money.ts'
import type { Answer, Payment } from '../payment.ts'
import type { Reference } from '../reference.ts'
import { checkStandard } from '../signature.ts'
import { readMarkedVisitor, readVisitorField } from '../visitor.ts'
import { type Ask, type Found, type Get, named, unlessImpossible } from './ask.ts'
import { idsOf, Time } from './common-fields.ts'
import { entries, type Listed, type Listing, listing, type Mode, moneyOf, pageAfter } from './listing.ts'
import { ignored, type News, orderNews, readEvent } from './news.ts'
import type { Connection, Provider } from './provider.ts'
import { refundOf } from './refund.ts'
import { readReturnParameter } from './return-parameter.ts'
import { placeAmong } from './subscription.ts'

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
  success_url: lenient(v.string()),
})

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

/** `amount` is without the tax, which stands beside it. */
const Refund = v.object({
  id: v.string(),
  status: v.string(),
  amount: v.number(),
  tax_amount: v.number(),
  currency: v.string(),
  order_id: v.string(),
  created_at: Time,
})
const Refunds = v.object({ items: v.array(Refund) })

const Id = lenient(v.string())
const Event = v.object({
  type: v.string(),
  data: lenient(v.object({ id: Id, status: Id, paid: lenient(v.boolean()), checkout_id: Id, billing_reason: Id })),
})
type EventData = v.InferOutput<typeof Event>['data']

/** Polar: the buyer returns with `checkout_id={CHECKOUT_ID}`, and a `customer_session_token` that nobody here reads. */
export const polar: Provider<'polar'> = {
  name: 'polar',
  title: 'Polar',
  keySetting: 'POLAR_ACCESS_TOKEN',
  returnQuery: '?checkout_id={CHECKOUT_ID}',
  // Of a link's parameters Polar keeps this one and the campaign's (docs.polar.sh, checkout links).
  // A value of metadata has up to 500 characters.
  link: { hosts: '([\\w-]+\\.)*polar\\.sh', test: '^[^/]*sandbox', parameter: 'reference_id', fits: '.{0,500}' },

  // Orders, refunds and subscriptions have references of their own, which no address may name.
  readReturn: (parameters) => readReturnParameter('polar', parameters.getAll('checkout_id'), '(?!order_|refunds?_|sub_)'),

  webhook: {
    secret: 'POLAR_WEBHOOK_SECRET',
    check: checkStandard,
    read: (body) => readEvent(body, Event, ({ type, data }) => newsOf(type, data)),
  },

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
    lists: listsFor(api, headers, test ? 'test' : 'live'),

    async lookup(id, ask) {
      const get = ask(api, headers, NotFound)
      if (id.startsWith('order_')) return lookUpOrder(id.slice('order_'.length), get, test)
      if (id.startsWith('refund_')) return lookUpRefund(id.slice('refund_'.length), get, test)
      // Both at once: the buyer waits once. Without the slash before the question mark Polar redirects.
      const [checkout, orders] = await Promise.all([
        get(`/checkouts/${id}`, Checkout),
        get(`/orders/?checkout_id=${id}&sorting=created_at&limit=100`, Orders),
      ])
      return answerFor(unlessImpossible(checkout, id, UUID), orders, id, test)
    },
  }
}

/** Of 500 requests a minute in production, 100 in the sandbox, two or three to an order (docs). */
const PER_MINUTE = 60

/** A list as Polar gives it. Refunds cannot be asked for by date. */
function listOf<Item>(what: (from: string) => string, item: v.GenericSchema<unknown, Item>, listed: (item: Item) => Listed[]) {
  const answer = v.object({ items: entries(item), pagination: v.object({ max_page: v.number() }) })
  return {
    path: (from: string, page = '1') => `${what(from)}&sorting=-created_at&page=${page}&limit=100`,
    answer,
    read: ({ items, pagination }: v.InferOutput<typeof answer>, page = '1') => {
      return { listed: items.items.flatMap(listed), next: pageAfter(page, pagination.max_page) }
    },
  }
}

function listsFor(api: string, headers: Record<string, string>, mode: Mode): Listing[] {
  const source = { get: (ask: Ask) => ask(api, headers, NotFound), mode, perMinute: PER_MINUTE }
  return [
    listing(source, {
      name: 'orders',
      permission: 'orders:read',
      // Listed by their creation: a renewal may be paid weeks later.
      changes: true,
      ...listOf(
        (from) => `/orders/?created_after=${from}`,
        Order,
        (order) => {
          const { status, paid, created_at, total_amount, tax_amount, currency } = order
          if (!(paid ?? isPaid(status))) return []
          return [{ reference: referenceOf(order), at: created_at, money: moneyOf(price(total_amount, tax_amount, currency, CURRENCIES)) }]
        },
      ),
    }),
    listing(source, {
      name: 'refunds',
      permission: 'refunds:read',
      ...listOf(
        () => '/refunds/?succeeded=true',
        Refund,
        ({ id, created_at, amount, tax_amount, currency }) => {
          const money = moneyOf(price(amount + tax_amount, tax_amount, currency, CURRENCIES))
          return [{ reference: `polar:refund_${id}`, at: created_at, money }]
        },
      ),
    }),
  ]
}

/** `order.refunded` tells a total; `refund.*` tells every refund by itself, and is enough. */
function newsOf(type: string, data: EventData): News {
  switch (type) {
    case 'checkout.updated':
      return data?.status === 'succeeded' ? orderNews('polar', data.id) : ignored(type)
    case 'order.created':
    case 'order.updated':
    case 'order.paid': {
      // Orders are created before they are paid, and updated for other reasons.
      if (type !== 'order.paid' && !data?.paid) return ignored(type)
      const { id, checkout_id, billing_reason } = data ?? {}
      return isPurchase(billing_reason) && checkout_id ? orderNews('polar', checkout_id) : orderNews('polar', id, '', 'order_')
    }
    case 'refund.created':
    case 'refund.updated':
      return orderNews('polar', data?.id, '', 'refund_')
    default:
      return ignored(type)
  }
}

/** Whether an order is what its checkout sold, and not a later charge. */
function isPurchase(billing_reason: string | null | undefined): boolean {
  return billing_reason === 'purchase' || billing_reason === 'subscription_create'
}

/** An order goes by its checkout's name where it is what that sold: buyers return with nothing else. */
function referenceOf({ id, checkout_id, billing_reason }: Order): Reference {
  return isPurchase(billing_reason) && checkout_id ? `polar:${checkout_id}` : `polar:order_${id}`
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
  const answer = answerForOrder(order, !!checkout.trial_end, [order.metadata, checkout.metadata], test)
  if (answer.is !== 'paid') return answer
  const { payment } = answer
  const soldAs = [...payment.soldAs, ...idsOf(checkout.product_price_id)]
  // Without an address of the seller's own Polar shows its confirmation, whose address is there instead (models/checkout.py).
  const isTold = !checkout.success_url?.match(/^https:\/\/(sandbox\.)?polar\.sh\//)
  return { is: 'paid', payment: { ...payment, soldAs, successUrl: isTold ? checkout.success_url : undefined } }
}

function answerForOrder(order: Order, withTrial: boolean, metadata: Order['metadata'][], test: boolean): Answer {
  const { status, paid } = order
  if (status === 'void') return { is: 'not-paid', reason: status }
  // Refunds come later and are announced separately: what was refunded was paid.
  if (!(paid ?? isPaid(status))) {
    return { is: 'pending', reason: status === 'draft' || status === 'pending' ? 'order-not-paid' : 'unknown-status' }
  }
  const amount = price(order.total_amount, order.tax_amount, order.currency, CURRENCIES)
  if (amount.is === 'unclear') return amount
  // By the end that the checkout agreed on, never by the subscription's status of today. An interval alone is a property of
  // the product, which one-time orders have shown too (server/polar/checkout/service.py).
  const trial = amount.money.gross === 0 && withTrial
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
    carried: metadata.flatMap((fields) => [...readVisitorField(fields?.datafast_visitor_id), ...readMarkedVisitor(fields?.reference_id)]),
    aliases: [],
    subscription: order.subscription_id ? `polar:sub_${order.subscription_id}` : undefined,
    soldAs: idsOf(order.product_id),
  }
  return { is: 'paid', payment }
}

function isPaid(status: string): boolean {
  return /^(paid|refunded|partially_refunded)$/.test(status)
}

/** A charge after the checkout: a renewal, unless nothing was paid before it. */
async function lookUpOrder(id: string, get: Get, test: boolean): Promise<Answer> {
  const found = unlessImpossible(await get(`/orders/${id}`, Order), id, UUID)
  if (found.is !== 'found') return found
  const order = found.object
  const { checkout_id, subscription_id, billing_reason } = order
  const answer = answerForOrder(order, false, [order.metadata], test)
  if (answer.is !== 'paid') return answer
  if (checkout_id) {
    // A checkout may sell the change of a subscription as well: then the order of that change goes by its name.
    const checkout = isPurchase(billing_reason) ? undefined : await get(`/checkouts/${checkout_id}`, Checkout)
    if (checkout && checkout.is !== 'found' && checkout.is !== 'unknown') return checkout
    const isSold = !checkout || (checkout.is === 'found' && checkout.object.subscription_id)
    if (isSold) return { is: 'moved', to: `polar:${checkout_id}`, carried: answer.payment.carried }
  }
  if (!subscription_id) return { is: 'ignored', reason: 'no-checkout' }
  const charges = named(await get(`/orders/?subscription_id=${subscription_id}&sorting=created_at&limit=100`, Orders))
  if (charges.is !== 'found') return charges
  const paid = charges.object.items.filter((charge) => charge.paid ?? isPaid(charge.status))
  const earlier = paid.map((charge) => ({ reference: referenceOf(charge), at: charge.created_at, minor: charge.total_amount }))
  return { is: 'paid', payment: { ...answer.payment, ...placeAmong(earlier, `polar:order_${id}`, answer.payment.gross) } }
}

async function lookUpRefund(id: string, get: Get, test: boolean): Promise<Answer> {
  const found = unlessImpossible(await get(`/refunds/?id=${id}`, Refunds), id, UUID)
  if (found.is !== 'found') return found
  const refund = found.object.items.find((item) => item.id === id)
  if (!refund) return { is: 'unknown' }
  const { status, amount, tax_amount, currency, order_id, created_at } = refund
  if (status === 'failed' || status === 'canceled') return { is: 'not-paid', reason: status }
  if (status !== 'succeeded') return { is: 'pending', reason: status === 'pending' ? status : 'unknown-status' }
  const order = named(await get(`/orders/${order_id}`, Order))
  if (order.is !== 'found') return order
  const amounts = price(amount + tax_amount, tax_amount, currency, CURRENCIES)
  return refundOf(id, amounts, { firstSale: referenceOf(order.object), at: created_at, test })
}
