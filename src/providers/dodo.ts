import * as v from 'valibot'
import { lenient } from '../lenient.ts'
import { type CurrencyTable, ISO_4217, price } from '../money.ts'
import type { Answer, Payment } from '../payment.ts'
import type { Reference } from '../reference.ts'
import { checkStandard } from '../signature.ts'
import { readVisitorField } from '../visitor.ts'
import { type Ask, type Get, INCONSISTENT, named } from './ask.ts'
import { Buyer, idsOf, Metadata, Time } from './common-fields.ts'
import { entries, type Listed, type Listing, listing, type Mode, moneyOf } from './listing.ts'
import { ignored, orderNews, readEvent } from './news.ts'
import type { Connection, Provider } from './provider.ts'
import { refundedBefore, refundOf, taxWithin } from './refund.ts'
import { readReturnParameter } from './return-parameter.ts'
import { type Charge, oldestFirst, placeAmong } from './subscription.ts'

/**
 * Dodo's docs: USD in cents, JPY in yen, KWD in fils; the rest is ISO 4217. MGA stays unclear: ISO gives it two decimals,
 * the vendor's own DataFast connector divides it by one (docs.dodopayments.com/integrations/datafast).
 */
const CURRENCIES: CurrencyTable = { ...ISO_4217, unclear: 'MGA' }

/** Largest page the API gives (OpenAPI 1.53). */
const PAGE_SIZE = 100
/** A weekly subscription fills a page in two years; ten pages are more than a lookup's time allows. */
const MAX_PAGES = 10
const DAY_MS = 86_400_000

/** What payments and subscriptions have in common. `status` is an open set and null before the first attempt. */
const Common = { status: v.nullish(v.string()), created_at: Time, currency: v.string(), customer: Buyer, metadata: Metadata }

/** The part of a payment we rely on. */
const DodoPayment = v.object({
  ...Common,
  payment_id: v.string(),
  total_amount: v.number(),
  tax: v.nullish(v.number()),
  subscription_id: v.nullish(v.string()),
  product_cart: lenient(v.array(v.object({ product_id: v.string() }))),
  is_update_payment_method: lenient(v.boolean()),
  refunds: lenient(
    v.array(v.object({ refund_id: v.string(), amount: v.nullish(v.number()), status: v.nullish(v.string()), created_at: Time })),
  ),
})
type DodoPayment = v.InferOutput<typeof DodoPayment>

const DodoSubscription = v.object({
  ...Common,
  subscription_id: v.string(),
  trial_period_days: lenient(v.number()),
  trial_amount: lenient(v.number()),
  product_id: lenient(v.string()),
})
type DodoSubscription = v.InferOutput<typeof DodoSubscription>

/** One row of the payment list: what is needed to tell a first payment from a renewal. */
const ChargePage = v.object({
  items: v.array(v.object({ payment_id: v.string(), total_amount: v.number(), created_at: Time, status: v.nullish(v.string()) })),
})

/** Rows of the lists that a sweep reads: less than the objects themselves. */
const ListedPayment = v.object({
  payment_id: v.string(),
  total_amount: v.number(),
  tax: lenient(v.number()),
  currency: lenient(v.string()),
  created_at: Time,
  status: v.nullish(v.string()),
})
const ListedSubscription = v.object({
  subscription_id: v.string(),
  created_at: Time,
  status: v.nullish(v.string()),
  trial_period_days: lenient(v.number()),
})

/** `amount` is nullable, though nobody says when. */
const Refund = v.object({
  refund_id: v.string(),
  payment_id: v.string(),
  amount: v.nullish(v.number()),
  currency: v.nullish(v.string()),
  is_partial: lenient(v.boolean()),
  status: v.nullish(v.string()),
  created_at: Time,
})
type Refund = v.InferOutput<typeof Refund>

/** The body tells the latest state at delivery, and fixtures have been wrong about it: only ids are taken from it. */
const Id = lenient(v.string())
const Event = v.object({ type: v.string(), data: lenient(v.object({ payment_id: Id, subscription_id: Id, refund_id: Id })) })

/** Dodo Payments: the buyer returns with `payment_id`, after a subscription often with `subscription_id` alone. */
export const dodo: Provider<'dodo'> = {
  name: 'dodo',
  title: 'Dodo Payments',
  keySetting: 'DODO_PAYMENTS_API_KEY',
  returnQuery: '',
  link: { hosts: '(test\\.)?checkout\\.dodopayments\\.com', test: '^test\\.', parameter: 'metadata_datafast_visitor_id' },

  readReturn(parameters) {
    const payments = parameters.getAll('payment_id').filter(Boolean)
    if (payments.length) return readReturnParameter('dodo', payments, 'pay_')
    return readReturnParameter('dodo', parameters.getAll('subscription_id'), 'sub_')
  },

  webhook: {
    secret: 'DODO_PAYMENTS_WEBHOOK_KEY',
    check: checkStandard,
    read: (body) =>
      readEvent(body, Event, ({ type, data }) => {
        // `subscription.renewed` comes with every charge, the first included, and does not say which (docs FAQ).
        if (type === 'payment.succeeded') return orderNews('dodo', data?.payment_id, 'pay_')
        if (type === 'refund.succeeded') return orderNews('dodo', data?.refund_id, 'ref_')
        // Of a free trial nothing else is told.
        return type === 'subscription.active' ? orderNews('dodo', data?.subscription_id, 'sub_') : ignored(type)
      }),
  },

  connect(setting) {
    const key = setting.secret('DODO_PAYMENTS_API_KEY')
    const environment = setting.choice('DODO_PAYMENTS_ENVIRONMENT', ['live_mode', 'test_mode'])
    return key ? connection(key, environment === 'test_mode') : undefined
  },
}

/** The API as one lookup sees it. */
type Api = { test: boolean; get: Get }

function connection(key: string, test: boolean): Connection {
  // The host decides the mode; no field of any object repeats it.
  const host = `https://${test ? 'test' : 'live'}.dodopayments.com`
  const headers = { authorization: `Bearer ${key}` }
  return {
    lists: listsFor(host, headers, test ? 'test' : 'live'),

    lookup(id, ask) {
      const api: Api = { test, get: ask(host, headers) }
      if (id.startsWith('ref_')) return lookUpRefund(id, api)
      return id.startsWith('sub_') ? lookUpSubscription(id, api) : lookUpPayment(id, api)
    },
  }
}

/** Half of the 240 requests a minute of the default tier, two to an order (docs, newest text). */
const PER_MINUTE = 60

/** A list as Dodo gives it. Its pages begin at 0 (OpenAPI) or at 1 (SDK): a first page that comes twice costs nothing. */
function listOf<Item>(what: string, item: v.GenericSchema<unknown, Item>, listed: (item: Item) => Listed[]) {
  const answer = v.object({ items: entries(item) })
  return {
    permission: 'read access',
    path: (from: string, page = '0') => `/${what}created_at_gte=${from}&page_size=${PAGE_SIZE}&page_number=${page}`,
    answer,
    read: ({ items: { size, items } }: v.InferOutput<typeof answer>, page = '0') => {
      return { listed: items.flatMap(listed), next: size < PAGE_SIZE ? undefined : `${Number(page) + 1}` }
    },
  }
}

function listsFor(host: string, headers: Record<string, string>, mode: Mode): Listing[] {
  const source = { get: (ask: Ask) => ask(host, headers), mode, perMinute: PER_MINUTE }
  return [
    listing(source, {
      name: 'payments',
      ...listOf('payments?status=succeeded&', ListedPayment, ({ payment_id, created_at, total_amount, tax, currency, status }) => {
        if (status && status !== 'succeeded') return []
        return [{ reference: `dodo:${payment_id}`, at: created_at, money: moneyOf(price(total_amount, tax, currency, CURRENCIES), tax) }]
      }),
    }),
    listing(source, {
      name: 'refunds',
      ...listOf('refunds?', Refund, ({ refund_id, created_at, amount, currency, status }) => {
        if (status === 'failed') return []
        return [{ reference: `dodo:${refund_id}`, at: created_at, money: moneyOf(price(amount, 0, currency, CURRENCIES)) }]
      }),
    }),
    listing(source, {
      // Of a free trial there is no payment yet.
      name: 'trials',
      ...listOf('subscriptions?', ListedSubscription, ({ subscription_id, created_at, trial_period_days, status }) => {
        const isTrial = (trial_period_days ?? 0) > 0 && status !== 'pending' && status !== 'failed'
        return isTrial ? [{ reference: `dodo:${subscription_id}`, at: created_at }] : []
      }),
    }),
  ]
}

async function lookUpPayment(id: string, api: Api): Promise<Answer> {
  const found = await api.get(`/payments/${id}`, DodoPayment)
  if (found.is !== 'found') return found
  const { status } = found.object
  if (status === 'succeeded') return paidAnswer(found.object, api)
  if (status === 'failed' || status === 'cancelled') return { is: 'not-paid', reason: status }
  if (!status || status === 'processing') return { is: 'pending', reason: 'processing' }
  // `requires_*` waits for the buyer; `partially_captured*` and words of a later API version are never called paid.
  return { is: 'pending', reason: status.startsWith('requires_') ? 'requires-action' : 'unknown-status' }
}

async function paidAnswer(found: DodoPayment, api: Api): Promise<Answer> {
  if (found.is_update_payment_method && found.total_amount === 0) return { is: 'ignored', reason: 'payment-method-update' }
  const amount = price(found.total_amount, found.tax, found.currency, CURRENCIES)
  if (amount.is === 'unclear') return amount
  const payment: Payment = {
    kind: 'sale',
    transactionId: found.payment_id,
    ...amount.money,
    ...commonOf(found, api),
    soldAs: found.product_cart?.map((item) => item.product_id) ?? [],
  }
  return found.subscription_id ? placeInSubscription(payment, found.subscription_id, api) : { is: 'paid', payment }
}

/** What payments and subscriptions have in common. */
function commonOf({ created_at, customer, metadata }: DodoPayment | DodoSubscription, { test }: Api) {
  return {
    paidAt: created_at,
    test,
    customer: customer ?? {},
    carried: readVisitorField(metadata?.datafast_visitor_id),
    aliases: [],
  }
}

/** No field tells a first payment from a renewal (docs FAQ; `subscription.renewed` fires for the first charge too). */
async function placeInSubscription(charge: Payment, subscriptionId: string, api: Api): Promise<Answer> {
  const found = await askSubscription(subscriptionId, api)
  // The order itself exists: a subscription that cannot be found is the provider's trouble, not the order's.
  if (found.is !== 'found') return found.is === 'unknown' ? INCONSISTENT : found
  const { subscription, charges } = found
  const reference: Reference = `dodo:${subscriptionId}`
  const carried = charge.carried.length ? charge.carried : readVisitorField(subscription.metadata?.datafast_visitor_id)
  const paid = (place: Partial<Payment>): Answer => ({
    is: 'paid',
    payment: { ...charge, subscription: reference, carried, soldAs: [...charge.soldAs, ...idsOf(subscription.product_id)], ...place },
  })
  const place = placeAmong(charges, `dodo:${charge.transactionId}`, charge.gross)
  if (place.kind === 'renewal') return paid(place)
  if (isTrial(subscription, charges)) return charge.gross === 0 ? { is: 'moved', to: reference, carried } : paid({ firstSale: reference })
  return paid(place.firstSale ? place : { aliases: [reference] })
}

/** What the buyer bought when only the subscription came back: its first payment, or the start of a trial. */
async function lookUpSubscription(id: string, api: Api): Promise<Answer> {
  const found = await askSubscription(id, api)
  if (found.is !== 'found') return found
  const { subscription, charges } = found
  const { status } = subscription
  if (isTrial(subscription, charges)) return startedTrial(subscription, api)
  const [first] = charges
  if (first) return { is: 'moved', to: first.reference, carried: readVisitorField(subscription.metadata?.datafast_visitor_id) }
  // The payment trails the activation by two to ten minutes (docs FAQ), so no payment yet is no news.
  if (status === 'failed' || status === 'expired' || status === 'cancelled') return { is: 'not-paid', reason: status }
  return { is: 'pending', reason: 'no-payment-yet' }
}

/** A subscription and its charges, asked for at the same time: the buyer waits once. */
async function askSubscription(id: string, api: Api) {
  const [found, charges] = await Promise.all([api.get(`/subscriptions/${id}`, DodoSubscription), listCharges(id, api)])
  if (found.is !== 'found') return found
  if (!Array.isArray(charges)) return charges
  return { is: 'found' as const, subscription: found.object, charges }
}

/**
 * Every successful charge of a subscription, oldest first. The first page is 0 in the OpenAPI document while the vendor's
 * SDK starts from 1: we start at 0 and stop at a short or repeated page, which suits both.
 */
async function listCharges(subscriptionId: string, api: Api) {
  const charges = new Map<string, Charge>()
  for (let page = 0; page < MAX_PAGES; page++) {
    const path = `/payments?subscription_id=${subscriptionId}&status=succeeded&page_size=${PAGE_SIZE}&page_number=${page}`
    const answer = named(await api.get(path, ChargePage))
    if (answer.is !== 'found') return answer
    const before = charges.size
    const { items } = answer.object
    for (const { payment_id, created_at, total_amount, status } of items) {
      const isPaid = !status || status === 'succeeded'
      if (isPaid) charges.set(payment_id, { reference: `dodo:${payment_id}`, at: created_at, minor: total_amount })
    }
    if (items.length < PAGE_SIZE || (page > 1 && charges.size === before)) break
  }
  return oldestFirst([...charges.values()])
}

/**
 * A free trial, by what was agreed at purchase and never by the status of today. A paid trial is an ordinary first
 * payment made at the start: before half of the trial is over, while the first regular charge comes when it ends.
 */
function isTrial({ trial_period_days, trial_amount, created_at }: DodoSubscription, charges: Charge[]): boolean {
  const days = trial_period_days ?? 0
  const half = Date.parse(created_at) + (days * DAY_MS) / 2
  const paidForIt = charges.some(({ minor, at }) => minor > 0 && Date.parse(at) < half)
  return days > 0 && !((trial_amount ?? 0) > 0) && !paidForIt
}

function startedTrial(subscription: DodoSubscription, api: Api): Answer {
  const { status, subscription_id } = subscription
  if (status === 'failed') return { is: 'not-paid', reason: status }
  if (!status || status === 'pending') return { is: 'pending', reason: 'no-payment-yet', trial: true }
  // Nothing is nothing in every currency, also where the scale is unclear.
  const amount = price(0, 0, subscription.currency, { ...CURRENCIES, unclear: '' })
  if (amount.is === 'unclear') return amount
  return {
    is: 'paid',
    payment: {
      kind: 'trial',
      transactionId: subscription_id,
      ...amount.money,
      ...commonOf(subscription, api),
      subscription: `dodo:${subscription_id}`,
      soldAs: idsOf(subscription.product_id),
    },
  }
}

async function lookUpRefund(id: string, api: Api): Promise<Answer> {
  const found = await api.get(`/refunds/${id}`, Refund)
  if (found.is !== 'found') return found
  const { status, payment_id } = found.object
  if (status === 'failed') return { is: 'not-paid', reason: status }
  if (status !== 'succeeded') return { is: 'pending', reason: status === 'pending' || status === 'review' ? status : 'unknown-status' }
  const paid = named(await api.get(`/payments/${payment_id}`, DodoPayment))
  if (paid.is !== 'found') return paid
  return answerForRefund(found.object, paid.object, api)
}

function answerForRefund({ refund_id, amount, currency, is_partial, created_at }: Refund, paid: DodoPayment, { test }: Api): Answer {
  const { payment_id, total_amount: gross, tax } = paid
  const others = paid.refunds ?? []
  const minor = amount ?? others.find((refund) => refund.refund_id === refund_id)?.amount ?? (is_partial === false ? gross : undefined)
  const done = others.filter(({ status }) => status === 'succeeded')
  const refunds = done.map((other) => ({ id: other.refund_id, at: other.created_at, minor: other.amount ?? 0 }))
  const before = refundedBefore({ id: refund_id, at: created_at }, refunds)
  const amounts = price(minor, taxWithin(minor ?? 0, before, { gross, tax: tax ?? 0 }), currency ?? paid.currency, CURRENCIES)
  return refundOf(refund_id, amounts, { firstSale: `dodo:${payment_id}`, at: created_at, test })
}
