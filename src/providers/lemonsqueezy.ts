import * as v from 'valibot'
import { lenient } from '../lenient.ts'
import { CENTS, type CurrencyTable, ISO_4217, type Price, price } from '../money.ts'
import type { Answer, Customer, Payment } from '../payment.ts'
import { partsOf, type Reference } from '../reference.ts'
import { checkBody } from '../signature.ts'
import { readVisitorField } from '../visitor.ts'
import { type Ask, type Get, named } from './ask.ts'
import { AnyId, idsOf, Metadata, Time } from './common-fields.ts'
import { entries, type Listed, type Listing, listing, moneyOf, pageAfter } from './listing.ts'
import { ignored, type News, orderNews, readEvent } from './news.ts'
import type { Connection, Provider, Wanted } from './provider.ts'
import { growthOf } from './refund.ts'
import { readReturnParameter } from './return-parameter.ts'

const API = 'https://api.lemonsqueezy.com/v1'

/** Currencies that have no cents: the docs say "cents" and are silent on these. */
const NO_CENTS = `${ISO_4217[0]} ${ISO_4217[3]}`

const Item = v.object({ product_id: AnyId, variant_id: AnyId, test_mode: lenient(v.boolean()) })

/** What orders and the invoices of subscriptions have in common. */
const Bill = {
  store_id: AnyId,
  customer_id: AnyId,
  user_name: lenient(v.string()),
  user_email: lenient(v.string()),
  currency: v.string(),
  currency_rate: AnyId,
  total: v.number(),
  total_usd: lenient(v.number()),
  tax: lenient(v.number()),
  refunded_amount: lenient(v.number()),
  refunded_at: lenient(Time),
  status: v.string(),
  created_at: Time,
  test_mode: lenient(v.boolean()),
}
const BillSchema = v.object(Bill)
type Bill = v.InferOutput<typeof BillSchema>

const OrderDocument = v.object({
  data: v.object({
    id: v.string(),
    attributes: v.object({
      identifier: v.string(),
      discount_total: lenient(v.number()),
      first_order_item: lenient(Item),
      ...Bill,
    }),
  }),
  included: lenient(
    v.array(v.object({ type: v.string(), id: v.string(), attributes: v.object({ ...Item.entries, trial_ends_at: lenient(v.string()) }) })),
  ),
})
type OrderDocument = v.InferOutput<typeof OrderDocument>

/** An invoice names its subscription, and only that names the order. `billing_reason`: initial, renewal, updated. */
const Invoice = v.object({ ...Bill, subscription_id: AnyId, billing_reason: v.nullish(v.string()) })
type Invoice = v.InferOutput<typeof Invoice>
const InvoiceDocument = v.object({ data: v.object({ id: v.string(), attributes: Invoice }) })
const InvoiceList = v.object({
  data: v.array(InvoiceDocument.entries.data),
  meta: lenient(v.object({ page: v.object({ lastPage: v.number() }) })),
})
const SubscriptionDocument = v.object({ data: v.object({ attributes: v.object({ order_id: AnyId }) }) })

/** Custom data exists in events alone: neither orders nor invoices have it. */
const Event = v.object({
  meta: v.object({ event_name: v.string(), custom_data: Metadata }),
  data: lenient(
    v.object({ id: AnyId, attributes: lenient(v.object({ identifier: lenient(v.string()), refunded_amount: lenient(v.number()) })) }),
  ),
})
type Event = v.InferOutput<typeof Event>

/** Lemon Squeezy: the buyer clicks a button whose link holds `order_id=[order_id]&order_identifier=[order_identifier]`. */
export const lemonsqueezy: Provider<'lemonsqueezy'> = {
  name: 'lemonsqueezy',
  title: 'Lemon Squeezy',
  keySetting: 'LEMONSQUEEZY_API_KEY',
  returnQuery: '?order_id=[order_id]&order_identifier=[order_identifier]',
  returnsByButton: true,
  link: { hosts: '[\\w-]+\\.lemonsqueezy\\.com', parameter: 'checkout[custom][datafast_visitor_id]' },

  /** Order ids count up through all stores; only together with its identifier does one name an order. */
  readReturn(parameters) {
    const identifier = readReturnParameter('lemonsqueezy', parameters.getAll('order_identifier'), '')
    const id = readReturnParameter('lemonsqueezy', parameters.getAll('order_id'), '(?=[1-9]\\d*$)')
    if (id.is === 'invalid' || identifier.is === 'invalid') return id.is === 'invalid' ? id : identifier
    return { is: 'reference', reference: `${id.reference}.${partsOf(identifier.reference).id}` }
  },

  webhook: {
    secret: 'LEMONSQUEEZY_WEBHOOK_SECRET',
    check: (secret, delivery) => checkBody(secret, delivery, 'x-signature'),
    read: (body) => readEvent(body, Event, newsOf),
  },

  connect(setting) {
    const key = setting.secret('LEMONSQUEEZY_API_KEY')
    const isNumber = (text: string) => (/^\d+$/.test(text) ? text : undefined)
    const store = setting.read('LEMONSQUEEZY_STORE_ID', 'the store’s number (not its name)', isNumber)
    return key ? connection(key, store) : undefined
  },
}

function connection(key: string, store: string | undefined): Connection {
  // Without both media types the API is reported to answer a misleading 401.
  const mediaType = 'application/vnd.api+json'
  const headers = { authorization: `Bearer ${key}`, accept: mediaType, 'content-type': mediaType }
  return {
    lists: listsFor(store, headers),

    async lookup(reference, ask, wanted) {
      const api: Api = { store, get: ask(API, headers) }
      const isRefund = reference.startsWith('refunds_')
      const name = isRefund ? reference.slice('refunds_'.length) : reference
      return name.startsWith('subinv_') ? lookUpInvoice(name, isRefund, api, wanted) : lookUpOrder(name, isRefund, api, wanted)
    },
  }
}

/** Of 300 requests a minute, up to three to an order (docs.lemonsqueezy.com/api/getting-started/requests). */
const PER_MINUTE = 60

/**
 * A list as Lemon Squeezy gives it: newest first, without a date to ask for. What goes back changes an old bill, and is told
 * in no list of its own. Nor does any tell the visitor: the custom data of a link exists in events alone.
 */
function listOf<Item extends { id: string; attributes: Bill }>(
  what: string,
  store: string | undefined,
  item: v.GenericSchema<unknown, Item>,
  nameOf: (item: Item) => string,
) {
  const answer = v.object({ data: entries(item), meta: v.object({ page: v.object({ lastPage: v.number() }) }) })
  const filter = store ? `filter[store_id]=${store}&` : ''
  return {
    permission: 'read access',
    changes: true,
    path: (_: string, page = '1') => `/${what}${filter}page[number]=${page}&page[size]=100`,
    answer,
    read: ({ data, meta }: v.InferOutput<typeof answer>, page = '1') => {
      return { listed: data.items.flatMap((item) => listedOf(item.attributes, nameOf(item))), next: pageAfter(page, meta.page.lastPage) }
    },
  }
}

function listsFor(store: string | undefined, headers: Record<string, string>): Listing[] {
  // One list for both modes: the key decides, and each bill tells its own.
  const source = { get: (ask: Ask) => ask(API, headers), mode: 'unknown', perMinute: PER_MINUTE } as const
  const orders = listOf(
    'orders?sort=-createdAt&',
    store,
    OrderDocument.entries.data,
    ({ id, attributes }) => `${id}.${attributes.identifier}`,
  )
  const invoices = listOf('subscription-invoices?', store, InvoiceDocument.entries.data, ({ id }) => `subinv_${id}`)
  return [listing(source, { name: 'orders', ...orders }), listing(source, { name: 'invoices', ...invoices })]
}

function listedOf(bill: Bill, name: string): Listed[] {
  const { status, created_at: at, refunded_amount, total } = bill
  if (!isPaid(status)) return []
  const sold: Listed = { reference: `lemonsqueezy:${name}`, at, money: moneyOf(priceOf(bill)) }
  const toldMinor = refunded_amount ?? (status === 'refunded' ? total : 0)
  return toldMinor > 0 ? [sold, { reference: `lemonsqueezy:refunds_${name}`, at, toldMinor }] : [sold]
}

/** The API as one lookup sees it. */
type Api = { store: string | undefined; get: Get }

/** An order and the invoices of its subscription tell of the same first payment: which of the two counts is the lookup's to say. */
function newsOf({ meta, data }: Event): News {
  const { event_name: name } = meta
  const carried = readVisitorField(meta.custom_data?.datafast_visitor_id)
  const { id, attributes } = data ?? {}
  const toldMinor = attributes?.refunded_amount ?? undefined
  const order = id && attributes?.identifier && `${id}.${attributes.identifier}`
  switch (name) {
    case 'order_created':
      return orderNews('lemonsqueezy', order, '', '', { carried })
    case 'order_refunded':
      return orderNews('lemonsqueezy', order, '', 'refunds_', { toldMinor })
    // A recovered payment is a success as well.
    case 'subscription_payment_success':
    case 'subscription_payment_recovered':
      return orderNews('lemonsqueezy', id, '', 'subinv_', { carried })
    case 'subscription_payment_refunded':
      return orderNews('lemonsqueezy', id, '', 'refunds_subinv_', { toldMinor })
    default:
      return ignored(name)
  }
}

async function lookUpOrder(name: string, isRefund: boolean, { get, store }: Api, wanted: Wanted): Promise<Answer> {
  const [id, identifier] = name.split('.')
  const found = await get(`/orders/${id}?include=subscriptions${wanted.soldAs && !isRefund ? ',order-items' : ''}`, OrderDocument)
  if (found.is !== 'found') return found
  const { attributes } = found.object.data
  // Somebody who counts ids up has not bought anything.
  if (attributes.identifier !== identifier || isElsewhere(attributes, store)) return { is: 'unknown' }
  return isRefund ? refundedSoFar(`lemonsqueezy:${name}`, `ls_order_${id}`, attributes, wanted) : answerFor(found.object)
}

function isElsewhere({ store_id }: Bill, store: string | undefined): boolean {
  return store !== undefined && `${store_id}` !== store
}

function answerFor({ data, included }: OrderDocument): Answer {
  const { attributes } = data
  const { status, first_order_item: item } = attributes
  if (status === 'failed') return { is: 'not-paid', reason: status }
  // `fraudulent` is withheld: it may be cleared, or refunded.
  if (!isPaid(status)) {
    return { is: 'pending', reason: status === 'pending' || status === 'fraudulent' ? status : 'unknown-status' }
  }
  const amount = priceOf(attributes)
  if (amount.is === 'unclear') return amount
  const subscription = included?.find(({ type }) => type === 'subscriptions')
  // The end of a trial is only told while it runs (docs, subscription object). But what costs nothing without a discount
  // began with one: the total of a trial's order is 0 by inference, no source says it.
  const isTrial = subscription && (subscription.attributes.trial_ends_at || !attributes.discount_total)
  const payment: Payment = {
    kind: amount.money.gross === 0 && isTrial ? 'trial' : 'sale',
    // Orders and invoices of subscriptions are both plain numbers.
    transactionId: `ls_order_${data.id}`,
    ...amount.money,
    paidAt: attributes.created_at,
    // Older orders do not say; what is not known to be live is not counted.
    test: (attributes.test_mode ?? item?.test_mode) !== false,
    customer: customerOf(attributes),
    // The custom data of a link comes back in webhooks only.
    carried: [],
    aliases: [],
    subscription: subscription && `lemonsqueezy:sub_${subscription.id}`,
    soldAs: idsOf(
      attributes.store_id,
      item?.product_id,
      item?.variant_id,
      ...(included ?? []).flatMap(({ attributes: { product_id, variant_id } }) => [product_id, variant_id]),
    ),
  }
  return { is: 'paid', payment }
}

/**
 * Prices in cents, as the docs say. Of a currency without two decimals they say nothing, and the vendor's own code disagrees
 * with itself (its Laravel package formats yen without decimals, its Next.js template always divides by 100): there the
 * scale is the one at which the total, at the order's own rate, comes to the total in USD, which always has cents.
 */
function scaleOf({ total, total_usd, currency, currency_rate }: Bill): CurrencyTable | undefined {
  if (!NO_CENTS.includes(currency.toUpperCase()) || total === 0) return CENTS
  const rate = Number(currency_rate)
  const fits = ([0, 2, 3] as const).filter((digits) => {
    const cents = (total / 10 ** digits) * rate * 100
    // Rates and parts are rounded on the way; the scales lie a factor of ten or more apart.
    return Math.abs(cents - (total_usd ?? 0)) <= 1 + cents / 5
  })
  const [digits] = fits
  if (fits.length !== 1 || digits === undefined) return undefined
  return { 0: digits === 0 ? currency : '', 3: digits === 3 ? currency : '' }
}

function priceOf(bill: Bill, minor = bill.total, tax = bill.tax): Price {
  const scale = scaleOf(bill)
  return scale ? price(minor, tax, bill.currency, scale) : { is: 'unclear', reason: 'unclear-scale' }
}

function customerOf({ customer_id, user_email, user_name }: Bill): Customer {
  return { customer_id: idsOf(customer_id)[0], email: user_email, name: user_name }
}

/** How much of a bill has gone back. The amount is missing in older objects, which know of full refunds only. */
function refundedSoFar(firstSale: Reference, transactionId: string, bill: Bill, { sentMinor: sent, toldMinor: told }: Wanted): Answer {
  const { total: gross, tax, status, refunded_amount, refunded_at, test_mode } = bill
  // Of a part that went back before there was such a field nobody knows how much it was.
  const total = refunded_amount ?? (status === 'refunded' ? gross : isPaid(status) && status !== 'paid' ? Number.NaN : 0)
  const facts = { firstSale, at: refunded_at ?? new Date().toISOString(), test: test_mode === true }
  const paid = { gross, tax: tax ?? 0 }
  return growthOf(transactionId, { total, sent, told, paid, price: (minor, tax) => priceOf(bill, minor, tax) }, facts)
}

/** A charge of a subscription: the first one is its order's own, unless that cost nothing. */
async function lookUpInvoice(name: string, isRefund: boolean, { get, store }: Api, wanted: Wanted): Promise<Answer> {
  const found = await get(`/subscription-invoices/${name.slice('subinv_'.length)}`, InvoiceDocument)
  if (found.is !== 'found') return found
  const { id, attributes: invoice } = found.object.data
  if (isElsewhere(invoice, store)) return { is: 'unknown' }
  const order = await orderOf(invoice, get)
  if ('is' in order) return order
  const { reference, total } = order
  const isOrders = invoice.billing_reason === 'initial' && total > 0
  if (isRefund && isOrders) return { is: 'moved', to: `lemonsqueezy:refunds_${partsOf(reference).id}`, carried: [] }
  if (isRefund) return refundedSoFar(`lemonsqueezy:${name}`, `ls_${name}`, invoice, wanted)
  return isOrders ? { is: 'moved', to: reference, carried: [] } : answerForInvoice(id, invoice, order, get)
}

/** The order that began an invoice's subscription. `total` in minor units. */
type BeginningOrder = { reference: Reference; total: number }

async function orderOf({ subscription_id }: Invoice, get: Get): Promise<BeginningOrder | Answer> {
  const subscription = named(await get(`/subscriptions/${subscription_id}`, SubscriptionDocument))
  if (subscription.is !== 'found') return subscription
  const found = named(await get(`/orders/${subscription.object.data.attributes.order_id}`, OrderDocument))
  if (found.is !== 'found') return found
  const { id, attributes } = found.object.data
  return { reference: `lemonsqueezy:${id}.${attributes.identifier}`, total: attributes.total }
}

async function answerForInvoice(id: string, invoice: Invoice, { reference, total }: BeginningOrder, get: Get): Promise<Answer> {
  const { status, subscription_id } = invoice
  if (status === 'void') return { is: 'not-paid', reason: status }
  if (!isPaid(status)) return { is: 'pending', reason: status === 'pending' ? status : 'unknown-status' }
  const amount = priceOf(invoice)
  if (amount.is === 'unclear') return amount
  // What the order took was the first payment.
  const isRenewal = total > 0 || (await followsPayment(id, invoice, get))
  if (typeof isRenewal === 'object') return isRenewal
  const payment: Payment = {
    kind: isRenewal ? 'renewal' : 'sale',
    transactionId: `ls_subinv_${id}`,
    ...amount.money,
    paidAt: invoice.created_at,
    test: invoice.test_mode !== false,
    customer: customerOf(invoice),
    carried: [],
    aliases: [],
    subscription: `lemonsqueezy:sub_${subscription_id}`,
    firstSale: reference,
    soldAs: [],
  }
  return { is: 'paid', payment }
}

/** Whether an earlier invoice of the subscription took money. More than one page of them certainly did. */
async function followsPayment(id: string, { subscription_id, created_at }: Invoice, get: Get): Promise<boolean | Answer> {
  const found = named(await get(`/subscription-invoices?filter[subscription_id]=${subscription_id}&page[size]=100`, InvoiceList))
  if (found.is !== 'found') return found
  const { data, meta } = found.object
  const isEarlier = ({ id: other, attributes }: (typeof data)[number]) =>
    other !== id && attributes.created_at <= created_at && attributes.total > 0 && isPaid(attributes.status)
  return (meta?.page.lastPage ?? 1) > 1 || data.some(isEarlier)
}

/** The sources disagree on `partial_refund` and `partially_refunded`. */
function isPaid(status: string): boolean {
  return /^(paid|refunded|partial.*)$/.test(status)
}
