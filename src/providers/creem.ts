import * as v from 'valibot'
import { lenient } from '../lenient.ts'
import { ISO_4217, price } from '../money.ts'
import type { Answer, Customer, Payment } from '../payment.ts'
import { isId, partsOf } from '../reference.ts'
import { type Authenticity, checkBody, checkStandard, type Delivery } from '../signature.ts'
import { readVisitorField } from '../visitor.ts'
import { type Ask, type Get, INCONSISTENT, named, unlessImpossible } from './ask.ts'
import { idsOf, linked, Metadata, Time } from './common-fields.ts'
import { entries, type Mode as KeyMode, type Listed, type Listing, listing, moneyOf } from './listing.ts'
import { ignored, type News, orderNews, readEvent } from './news.ts'
import { type Connection, type Provider, together, type Wanted } from './provider.ts'
import { growthOf } from './refund.ts'
import { readReturnParameter } from './return-parameter.ts'

/** Products are priced in EUR and USD (SDK 1.13). For anything else ISO 4217 is assumed: the API's documents do not say. */
const CURRENCIES = ISO_4217

/** Every id the documents show; they print several prefixes for one kind (`ch_` and `chk_`, `tran_` and `tx_`). */
const ID = /^[a-z]{2,8}_[A-Za-z0-9]{6,64}$/

/** Ten charges to a page: more pages than a lookup has time for. */
const MAX_PAGES = 10
const HALF_DAY_MS = 43_200_000

/**
 * Words for "not live": the documents print all three and disagree on which (`local` in webhook samples, `sandbox` in the
 * OpenAPI document). What live orders carry is unknown, so nothing is insisted on.
 */
const TEST_MODE = /^(test|sandbox|local)$/i

const Mode = lenient(v.string())
const Id = lenient(v.string())

const Person = lenient(linked({ email: lenient(v.string()), name: lenient(v.string()) }))

const Product = { default_success_url: lenient(v.string()), currency: lenient(v.string()) }

const Checkout = v.object({
  id: v.string(),
  status: v.string(),
  mode: Mode,
  // Its `amount`, like the product's price, leaves the tax out where the product's price does: neither is ever posted.
  order: v.nullish(
    v.object({
      transaction: linked({}),
      amount: lenient(v.number()),
      amount_due: v.nullish(v.number()),
      amount_paid: v.nullish(v.number()),
      currency: v.string(),
      created_at: Time,
    }),
  ),
  product: lenient(linked({ ...Product, trial_period_days: lenient(v.number()), trial_price: lenient(v.number()) })),
  customer: Person,
  subscription: lenient(linked({ status: lenient(v.string()) })),
  success_url: lenient(v.string()),
  metadata: Metadata,
})
type Checkout = v.InferOutput<typeof Checkout>

const Transaction = v.object({
  id: v.string(),
  status: v.string(),
  mode: Mode,
  amount_paid: v.nullish(v.number()),
  tax_amount: v.nullish(v.number()),
  currency: v.string(),
  created_at: Time,
  customer: Person,
  subscription: lenient(linked({})),
  order: lenient(linked({})),
  refunded_amount: lenient(v.number()),
})
type Transaction = v.InferOutput<typeof Transaction>
const LIST_SIZE = 50
const ListedTransactions = v.object({
  items: entries(Transaction),
  pagination: lenient(v.object({ total_pages: lenient(v.number()) })),
})
const Transactions = v.object({ items: v.array(Transaction), pagination: lenient(v.object({ next_page: lenient(v.number()) })) })

/** What its charges have no other way to know: the shop's product, and when it began. */
const Subscription = v.object({
  id: v.string(),
  mode: Mode,
  created_at: Time,
  product: lenient(linked(Product)),
  customer: Person,
  metadata: Metadata,
})

const Event = v.object({
  eventType: v.string(),
  object: lenient(
    v.object({
      id: Id,
      last_transaction_id: Id,
      status: Id,
      refund_amount: lenient(v.number()),
      transaction: lenient(linked({ refunded_amount: lenient(v.number()), subscription: lenient(linked({})) })),
      checkout: lenient(linked({})),
    }),
  ),
})

/**
 * Creem: the buyer returns with `checkout_id` and six more parameters. Their `signature` proves nothing here: the API is
 * asked anyway, and its recipe was documented wrongly for months (docs.creem.io until 2026-05).
 */
export const creem: Provider<'creem'> = {
  name: 'creem',
  title: 'Creem',
  keySetting: 'CREEM_API_KEY',
  returnQuery: '',
  // A short link goes on without its parameters (docs.creem.io, checkout link).
  link: { hosts: '(www\\.)?creem\\.io', drops: 'l\\.creem\\.io', test: '\\/test\\/', parameter: 'metadata[datafast_visitor_id]' },

  readReturn: (parameters) => readReturnParameter('creem', parameters.getAll('checkout_id'), 'chk?_'),

  webhook: {
    secret: 'CREEM_WEBHOOK_SECRET',
    check: checkSignature,
    read: (body) =>
      readEvent(body, Event, ({ eventType: type, object }) => {
        if (type === 'checkout.completed') return orderNews('creem', object?.id, 'chk?_')
        if (type === 'refund.created') return refundNews(object)
        // Without a charge there is nothing to ask about.
        const charge = type === 'subscription.paid' && object?.last_transaction_id
        return charge ? orderNews('creem', charge, '[a-z]+_') : ignored(type)
      }),
  },

  connect(setting) {
    return together(setting.secrets('CREEM_API_KEY').map(connection))
  },
}

/** The checkout is named here alone; of a charge after the first one it is not what goes back. */
function refundNews(refund: v.InferOutput<typeof Event>['object']): News {
  const { transaction, checkout, status, refund_amount } = refund ?? {}
  // It may be announced before it is done, and so before it is in the total.
  const isDue = /^(pending|requires)/i.test(status ?? '')
  const toldMinor = (transaction?.refunded_amount ?? 0) + ((isDue && refund_amount) || 0)
  const isSale = checkout && !transaction?.subscription && isId(checkout.id, 'chk?_')
  return orderNews('creem', transaction?.id, '[a-z]+_', 'refunds_', { toldMinor, firstSale: isSale ? `creem:${checkout.id}` : undefined })
}

/** Newer deliveries are signed by Standard Webhooks as well (SDK 1.13), which unlike Creem's own signature tells the time. */
async function checkSignature(secret: string, delivery: Delivery): Promise<Authenticity> {
  if (delivery.headers.has('webhook-signature')) return checkStandard(secret, delivery)
  return checkBody(secret, delivery, delivery.headers.has('creem-signature') ? 'creem-signature' : 'x-creem-signature')
}

/** The API as one lookup sees it. */
type Api = { test: boolean; get: Get }

function connection(key: string): Connection {
  const test = key.startsWith('creem_test_')
  const host = `https://${test ? 'test-' : ''}api.creem.io/v1`
  const headers = { 'x-api-key': key }
  return {
    lists: listsFor(host, headers, test ? 'test' : 'live'),

    async lookup(id, ask, wanted) {
      const api: Api = { test, get: ask(host, headers) }
      if (id.startsWith('refunds_')) return lookUpRefunded(id.slice('refunds_'.length), api, wanted)
      if (id.startsWith('sub_')) return lookUpSubscription(id, api)
      return id.startsWith('ch') ? lookUpCheckout(id, api) : lookUpTransaction(id, api, wanted)
    },
  }
}

/** The limit is unpublished. */
const PER_MINUTE = 60

/**
 * The list of all transactions is without a date, and in an order that nobody documents. When its first page shows
 * the oldest first, it is read from its end.
 */
function listsFor(host: string, headers: Record<string, string>, mode: KeyMode): Listing[] {
  const source = { get: (ask: Ask) => ask(host, headers), mode, perMinute: PER_MINUTE }
  return [
    listing(source, {
      name: 'transactions',
      permission: 'full access',
      changes: true,
      path: (_, cursor = '1') => `/transactions/search?page_number=${cursor.split(' ')[0]}&page_size=${LIST_SIZE}`,
      answer: ListedTransactions,
      read({ items: { items }, pagination }, cursor = '1') {
        const [page, direction] = cursor.split(' ')
        const pages = pagination?.total_pages ?? 1
        const isOldestFirst = (items.at(0)?.created_at ?? '') < (items.at(-1)?.created_at ?? '')
        if (!direction && isOldestFirst && pages > 1) return { listed: [], next: `${pages} backwards` }
        const following = Number(page) + (direction === 'backwards' ? -1 : 1)
        const isOver = following < 1 || following > pages
        return { listed: items.flatMap(listedOf), next: isOver ? undefined : `${following} ${direction ?? 'onwards'}` }
      },
    }),
  ]
}

function listedOf(transaction: Transaction): Listed[] {
  const { id, created_at: at, amount_paid, tax_amount, currency, refunded_amount } = transaction
  const word = wordOf(transaction)
  if (!isPaid(word)) return []
  const sold: Listed = { reference: `creem:${id}`, at, money: moneyOf(price(amount_paid, tax_amount, currency, CURRENCIES)) }
  const toldMinor = refunded_amount ?? (word === 'refunded' ? (amount_paid ?? 0) : 0)
  return toldMinor > 0 ? [sold, { reference: `creem:refunds_${id}`, at, toldMinor }] : [sold]
}

async function lookUpCheckout(id: string, api: Api): Promise<Answer> {
  const found = unlessImpossible(await api.get(`/checkouts?checkout_id=${id}`, Checkout), id, ID)
  if (found.is !== 'found') return found
  const { status, order, metadata } = found.object
  if (status === 'expired') return { is: 'not-paid', reason: status }
  if (status !== 'completed') return { is: 'pending', reason: status === 'pending' || status === 'processing' ? status : 'unknown-status' }
  // Of what cost nothing there may be a transaction of nothing, or later the first charge after a trial.
  if (!order?.transaction || isFree(order)) return withoutTransaction(found.object, api)
  return { is: 'moved', to: `creem:${order.transaction.id}`, carried: readVisitorField(metadata?.datafast_visitor_id) }
}

/**
 * Completed, and no transaction: it is created about a second later, unless nothing is due now. A free trial is known by
 * what its product agrees on (docs.creem.io, Trials), or, of products that do not say, by a subscription that is trialing
 * while nothing is due: whether an order then shows 0 or the price of later is not documented.
 */
function withoutTransaction(checkout: Checkout, api: Api): Answer {
  const { id, order, mode, product, subscription } = checkout
  if (!order) return { is: 'pending', reason: 'no-order-yet' }
  const free = isFree(order)
  const agreed = !!product?.trial_period_days && !product.trial_price
  const trial = !!subscription && (subscription.status === 'trialing' ? free || agreed : free && agreed)
  if (!free && !trial) return { is: 'pending', reason: 'no-transaction-yet' }
  const amount = price(0, 0, order.currency, CURRENCIES)
  if (amount.is === 'unclear') return amount
  const payment: Payment = {
    kind: trial ? 'trial' : 'sale',
    transactionId: id,
    ...amount.money,
    paidAt: order.created_at,
    test: isTest(mode, api),
    ...factsOf(checkout),
    aliases: [],
    subscription: subscription ? `creem:${subscription.id}` : undefined,
  }
  return { is: 'paid', payment }
}

/** Whether nothing was due: before the transaction exists, nothing is paid of anything. */
function isFree({ amount, amount_due, amount_paid }: NonNullable<Checkout['order']>): boolean {
  return (amount_due ?? amount) === 0 && !amount_paid
}

/** A transaction knows what was paid, but neither by whom by name, nor for what, nor any metadata: its checkout does. */
async function lookUpTransaction(id: string, api: Api, { soldAs, only, person, scope, aliases }: Wanted): Promise<Answer> {
  const checkoutId = aliases.map((alias) => partsOf(alias).id).find((id) => id.startsWith('ch'))
  const [found, checkout] = await Promise.all([
    api.get(`/transactions?transaction_id=${id}`, Transaction),
    checkoutId && (soldAs || person || scope) ? api.get(`/checkouts?checkout_id=${checkoutId}`, Checkout).then(named) : undefined,
  ])
  // Its checkout named it: what is not there yet, will be.
  if (found.is !== 'found') return found.is === 'unknown' && checkoutId ? INCONSISTENT : found
  if (checkout && checkout.is !== 'found') return checkout
  const answer = answerFor(found.object, checkout?.object, api)
  // A charge that nobody bought at a checkout just now: its subscription told of it.
  if (answer.is !== 'paid' || checkoutId) return answer
  if (found.object.subscription) return placeInSubscription(answer.payment, found.object, api)
  const products = await productsOf(found.object, only, api)
  return Array.isArray(products) ? { is: 'paid', payment: { ...answer.payment, soldAs: products } } : products
}

/**
 * Which of some products a one-time charge was for: it does not name its product, but can be searched for by one
 * (OpenAPI, transactions/search).
 */
async function productsOf({ id, order }: Transaction, only: readonly string[], api: Api): Promise<string[] | Answer> {
  const products = only.filter((name) => order && isId(name, 'prod_')).slice(0, MAX_PAGES)
  const query = (product: string) => `/transactions/search?order_id=${order?.id}&product_id=${product}&page_number=1`
  const found = await Promise.all(products.map(async (product) => named(await api.get(query(product), Transactions))))
  const failed = found.find((answer) => answer.is !== 'found')
  if (failed) return failed
  return products.filter((_, place) => {
    const answer = found[place]
    return answer?.is === 'found' && answer.object.items.some((item) => item.id === id)
  })
}

/** Renewal or first payment? The checkout of a subscription cannot be found from it: what it left for its renewals can. */
async function placeInSubscription(payment: Payment, charge: Transaction, api: Api): Promise<Answer> {
  const { subscription, customer, created_at } = charge
  if (!subscription) return { is: 'paid', payment }
  const found = await askSubscription(subscription.id, api)
  if (found.is !== 'found') return found
  const { product, customer: buyer, metadata, created_at: begunAt } = found.object
  const charges = await listCharges(subscription.id, (customer ?? buyer)?.id, api)
  if ('is' in charges) return charges
  const known: Payment = {
    ...payment,
    customer: person(buyer ?? customer),
    carried: readVisitorField(metadata?.datafast_visitor_id),
    soldAs: idsOf(product?.id),
    successUrl: product?.default_success_url,
  }
  const isRenewal = charges.some((other) => other.id !== charge.id && other.created_at < created_at && (other.amount_paid ?? 0) > 0)
  if (!isRenewal && isAtBeginning(created_at, begunAt)) return { is: 'paid', payment: known }
  return { is: 'paid', payment: { ...known, kind: isRenewal ? 'renewal' : 'sale', firstSale: payment.subscription } }
}

/** Whether a charge is the one that a subscription began with, and not the first one after its trial. */
function isAtBeginning(chargedAt: string, begunAt: string): boolean {
  return Date.parse(chargedAt) - Date.parse(begunAt) < HALF_DAY_MS
}

/** What a subscription began with, as far as its charges tell: a free trial has none. */
async function lookUpSubscription(id: string, api: Api): Promise<Answer> {
  const found = await askSubscription(id, api)
  if (found.is !== 'found') return found
  const { customer, created_at, product, mode } = found.object
  const charges = await listCharges(id, customer?.id, api)
  if ('is' in charges) return charges
  const [first] = charges.sort((a, b) => (a.created_at < b.created_at ? -1 : 1))
  if (first && isAtBeginning(first.created_at, created_at)) return { is: 'moved', to: `creem:${first.id}`, carried: [] }
  // Its trial was a checkout's: nothing was paid for it, but what follows counts only if that would have.
  const nothing = { kind: 'sale' as const, gross: 0, net: 0, currency: product?.currency ?? 'USD', paidAt: created_at }
  const known = { soldAs: idsOf(product?.id), successUrl: product?.default_success_url, test: isTest(mode, api) }
  return { is: 'paid', payment: { transactionId: id, ...nothing, ...known, customer: {}, carried: [], aliases: [] } }
}

async function askSubscription(id: string, api: Api) {
  return named(await api.get(`/subscriptions?subscription_id=${id}`, Subscription))
}

/** Every charge of a subscription, in any order: that of a search is undocumented. */
async function listCharges(subscription: string, customer: string | undefined, api: Api): Promise<Transaction[] | Answer> {
  const charges: Transaction[] = []
  if (!customer) return INCONSISTENT
  for (let page = 1; page <= MAX_PAGES; page++) {
    const found = named(await api.get(`/transactions/search?customer_id=${customer}&page_number=${page}`, Transactions))
    if (found.is !== 'found') return found
    const { items, pagination } = found.object
    charges.push(...items.filter((item) => item.subscription?.id === subscription && isPaid(wordOf(item))))
    if (!pagination?.next_page) break
  }
  return charges
}

/** How much of a transaction has gone back. */
async function lookUpRefunded(id: string, api: Api, { sentMinor: sent, toldMinor: told }: Wanted): Promise<Answer> {
  const found = await api.get(`/transactions?transaction_id=${id}`, Transaction)
  if (found.is !== 'found') return found
  const { amount_paid, tax_amount, currency, refunded_amount, mode } = found.object
  const gross = amount_paid ?? 0
  const total = refunded_amount ?? (wordOf(found.object) === 'refunded' ? gross : 0)
  const facts = { firstSale: `creem:${id}`, at: new Date().toISOString(), test: isTest(mode, api) } as const
  const paid = { gross, tax: tax_amount ?? 0 }
  return growthOf(id, { total, sent, told, paid, price: (minor, tax) => price(minor, tax, currency, CURRENCIES) }, facts)
}

function isTest(mode: string | null | undefined, { test }: Api): boolean {
  return test || TEST_MODE.test(mode ?? '')
}

function answerFor(transaction: Transaction, checkout: Checkout | undefined, api: Api): Answer {
  const status = wordOf(transaction)
  if (/^(declined|cancell?ed|void|uncollectible)$/.test(status)) return { is: 'not-paid', reason: status }
  if (!isPaid(status)) {
    return { is: 'pending', reason: status === 'pending' ? status : 'unknown-status' }
  }
  const amount = price(transaction.amount_paid, transaction.tax_amount, transaction.currency, CURRENCIES)
  if (amount.is === 'unclear') return amount
  const { id, mode, customer, subscription, created_at } = transaction
  const payment: Payment = {
    kind: 'sale',
    transactionId: id,
    ...amount.money,
    paidAt: created_at,
    test: isTest(mode ?? checkout?.mode, api),
    ...(checkout ? factsOf(checkout) : { customer: person(customer), carried: [], soldAs: [] }),
    aliases: [],
    subscription: subscription ? `creem:${subscription.id}` : undefined,
  }
  return { is: 'paid', payment }
}

/** The schema and the samples spell alike words differently: partialRefund, partially_refunded; chargedBack, chargeback. */
function wordOf({ status }: Transaction): string {
  return status.toLowerCase().replaceAll(/[^a-z]/g, '')
}

/** What was refunded or charged back later was paid. */
function isPaid(status: string): boolean {
  return /^(paid|(partial(ly)?)?refund(ed)?|charged?back)$/.test(status)
}

/** What only the checkout knows. */
function factsOf({ customer, metadata, product, success_url }: Checkout) {
  return {
    customer: person(customer),
    carried: readVisitorField(metadata?.datafast_visitor_id),
    soldAs: idsOf(product?.id),
    successUrl: success_url ?? product?.default_success_url,
  }
}

function person(customer: v.InferOutput<typeof Person>): Customer {
  return { customer_id: customer?.id, email: customer?.email, name: customer?.name }
}
