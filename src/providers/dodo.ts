import * as v from 'valibot'
import { type CurrencyTable, price } from '../money.ts'
import type { Answer, Payment } from '../payment.ts'
import type { Reference } from '../reference.ts'
import { readVisitorField } from '../visitor.ts'
import type { Found } from './ask.ts'
import { lenient } from './lenient.ts'
import type { Connection, Provider } from './provider.ts'
import { readReturnParameter } from './return-parameter.ts'

/**
 * Dodo's docs: USD in cents, JPY in yen, KWD in fils; the rest is ISO 4217. MGA stays unclear: ISO gives it two decimals,
 * the vendor's own DataFast connector divides it by one (docs.dodopayments.com/integrations/datafast).
 */
const CURRENCIES: CurrencyTable = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  unclear: 'MGA',
}

/** Largest page the API gives (OpenAPI 1.53). */
const PAGE_SIZE = 100
/** A weekly subscription fills a page in two years; ten pages are more than a lookup's time allows. */
const MAX_PAGES = 10
const DAY_MS = 86_400_000

const Time = v.pipe(
  v.string(),
  v.check((text) => !Number.isNaN(Date.parse(text))),
)
const Metadata = lenient(v.object({ datafast_visitor_id: lenient(v.string()) }))

/** The part of a payment we rely on; `status` is an open set and null before the first attempt. */
const DodoPayment = v.object({
  payment_id: v.string(),
  status: v.nullish(v.string()),
  total_amount: v.number(),
  tax: v.nullish(v.number()),
  currency: v.string(),
  created_at: Time,
  subscription_id: v.nullish(v.string()),
  customer: lenient(v.object({ customer_id: lenient(v.string()), email: lenient(v.string()), name: lenient(v.string()) })),
  metadata: Metadata,
  product_cart: lenient(v.array(v.object({ product_id: v.string() }))),
  is_update_payment_method: lenient(v.boolean()),
})
type DodoPayment = v.InferOutput<typeof DodoPayment>

const DodoSubscription = v.object({
  subscription_id: v.string(),
  status: v.nullish(v.string()),
  created_at: Time,
  currency: v.string(),
  trial_period_days: lenient(v.number()),
  trial_amount: lenient(v.number()),
  product_id: lenient(v.string()),
  customer: DodoPayment.entries.customer,
  metadata: Metadata,
})
type DodoSubscription = v.InferOutput<typeof DodoSubscription>

/** One row of the payment list: what is needed to tell a first payment from a renewal. */
const Charge = v.object({ payment_id: v.string(), total_amount: v.number(), created_at: Time, status: v.nullish(v.string()) })
type Charge = v.InferOutput<typeof Charge>
const ChargePage = v.object({ items: v.array(Charge) })

/** Dodo Payments: the buyer returns with `payment_id`, after a subscription often with `subscription_id` alone. */
export const dodo: Provider = {
  name: 'dodo',

  readReturn(parameters) {
    const payments = parameters.getAll('payment_id')
    if (payments.length) return readReturnParameter('dodo', payments, 'pay_')
    return readReturnParameter('dodo', parameters.getAll('subscription_id'), 'sub_')
  },

  connect(setting) {
    const key = setting.secret('DODO_PAYMENTS_API_KEY')
    const environment = setting.choice('DODO_PAYMENTS_ENVIRONMENT', ['live_mode', 'test_mode'])
    if (!key) return undefined
    return connection(key, environment === 'test_mode')
  },
}

/** The API as one lookup sees it. */
type Api = {
  test: boolean
  get<Schema extends v.GenericSchema>(path: string, schema: Schema): Promise<Found<Schema>>
}

function connection(key: string, test: boolean): Connection {
  // The host decides the mode; no field of any object repeats it.
  const host = `https://${test ? 'test' : 'live'}.dodopayments.com`
  const headers = { authorization: `Bearer ${key}` }
  return {
    lookup(id, ask) {
      const api: Api = { test, get: (path, schema) => ask(host + path, headers, schema) }
      return id.startsWith('sub_') ? lookUpSubscription(id, api) : lookUpPayment(id, api)
    },
  }
}

async function lookUpPayment(id: string, api: Api): Promise<Answer> {
  const found = await api.get(`/payments/${id}`, DodoPayment)
  if (found.is !== 'found') return found
  const payment = found.object
  switch (payment.status) {
    case 'succeeded':
      return paidAnswer(payment, api)
    case 'failed':
    case 'cancelled':
      return { is: 'not-paid', reason: payment.status }
    case 'processing':
    case null:
    case undefined:
      return { is: 'pending', reason: 'processing' }
    default:
      // `requires_*` waits for the buyer; `partially_captured*` and words of a later API version are never called paid.
      return { is: 'pending', reason: payment.status.startsWith('requires_') ? 'requires-action' : 'unknown-status' }
  }
}

async function paidAnswer(payment: DodoPayment, api: Api): Promise<Answer> {
  if (payment.is_update_payment_method && payment.total_amount === 0) return { is: 'ignored', reason: 'payment-method-update' }
  const amount = price(payment.total_amount, payment.tax, payment.currency, CURRENCIES)
  if (amount.is === 'unclear') return amount
  const sale: Payment = {
    kind: 'sale',
    transactionId: payment.payment_id,
    currency: amount.currency,
    gross: amount.gross,
    net: amount.net,
    paidAt: new Date(payment.created_at).toISOString(),
    test: api.test,
    customer: customerOf(payment.customer),
    carried: readVisitorField(payment.metadata?.datafast_visitor_id),
    aliases: [],
    soldAs: payment.product_cart?.map((item) => item.product_id) ?? [],
  }
  return payment.subscription_id ? placeInSubscription(sale, payment.subscription_id, api) : { is: 'paid', payment: sale }
}

/**
 * First payment or renewal? No field says so: a charge is a renewal when an earlier one of its subscription took money
 * (docs FAQ; `subscription.renewed` fires for the first charge too).
 */
async function placeInSubscription(charge: Payment, subscriptionId: string, api: Api): Promise<Answer> {
  const found = await askSubscription(subscriptionId, api)
  // The order itself exists: a subscription that cannot be found is the provider's trouble, not the order's.
  if (found.is !== 'found') return found.is === 'unknown' ? { is: 'unreachable', reason: 'inconsistent' } : found
  const { subscription, charges } = found
  const reference: Reference = `dodo:${subscriptionId}`
  const carried = readVisitorField(subscription.metadata?.datafast_visitor_id)
  const payment: Payment = {
    ...charge,
    subscription: reference,
    carried: charge.carried.length ? charge.carried : carried,
    soldAs: [...charge.soldAs, ...(subscription.product_id ? [subscription.product_id] : [])],
  }
  const place = charges.findIndex((other) => other.payment_id === charge.transactionId)
  const earlier = place < 0 ? charges : charges.slice(0, place)
  const firstPaid = earlier.find((other) => other.total_amount > 0)
  if (firstPaid && payment.gross > 0)
    return { is: 'paid', payment: { ...payment, kind: 'renewal', firstSale: `dodo:${firstPaid.payment_id}` } }
  if (isTrial(subscription, charges)) {
    if (payment.gross === 0) return { is: 'moved', to: reference, carried: payment.carried }
    return { is: 'paid', payment: { ...payment, firstSale: reference } }
  }
  const [purchase] = earlier
  // After a free first period, the first money is a first payment that inherits from the free order.
  if (purchase) return { is: 'paid', payment: { ...payment, firstSale: `dodo:${purchase.payment_id}` } }
  return { is: 'paid', payment: { ...payment, aliases: [reference] } }
}

/** What the buyer bought when only the subscription came back: its first payment, or the start of a trial. */
async function lookUpSubscription(id: string, api: Api): Promise<Answer> {
  const found = await askSubscription(id, api)
  if (found.is !== 'found') return found
  const { subscription, charges } = found
  const carried = readVisitorField(subscription.metadata?.datafast_visitor_id)
  if (isTrial(subscription, charges)) return startedTrial(subscription, carried, api)
  const [first] = charges
  if (first) return { is: 'moved', to: `dodo:${first.payment_id}`, carried }
  // The payment trails the activation by two to ten minutes (docs FAQ), so no payment yet is no news.
  if (subscription.status === 'failed' || subscription.status === 'expired' || subscription.status === 'cancelled') {
    return { is: 'not-paid', reason: subscription.status }
  }
  return { is: 'pending', reason: 'no-payment-yet' }
}

/** A subscription and its charges, asked for at the same time: the buyer waits once. */
async function askSubscription(id: string, api: Api) {
  const [found, charges] = await Promise.all([api.get(`/subscriptions/${id}`, DodoSubscription), listCharges(id, api)])
  if (found.is !== 'found') return found
  if (!Array.isArray(charges)) return charges.is === 'unknown' ? { is: 'unreachable' as const, reason: 'inconsistent' } : charges
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
    const answer = await api.get(path, ChargePage)
    if (answer.is !== 'found') return answer
    const before = charges.size
    for (const charge of answer.object.items) charges.set(charge.payment_id, charge)
    if (answer.object.items.length < PAGE_SIZE || (page > 1 && charges.size === before)) break
  }
  return [...charges.values()]
    .filter((charge) => charge.status === 'succeeded' || charge.status == null)
    .sort((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at) || (a.payment_id < b.payment_id ? -1 : 1))
}

/**
 * A free trial, by what was agreed at purchase and never by the status of today. A paid trial is an ordinary first
 * payment made at the start: before half of the trial is over, while the first regular charge comes when it ends.
 */
function isTrial(subscription: DodoSubscription, charges: Charge[]): boolean {
  const days = subscription.trial_period_days ?? 0
  if (days <= 0 || (subscription.trial_amount ?? 0) > 0) return false
  const half = Date.parse(subscription.created_at) + (days * DAY_MS) / 2
  return !charges.some((charge) => charge.total_amount > 0 && Date.parse(charge.created_at) < half)
}

function startedTrial(subscription: DodoSubscription, carried: string[], api: Api): Answer {
  if (subscription.status === 'failed') return { is: 'not-paid', reason: 'failed' }
  if (subscription.status === 'pending' || subscription.status == null) return { is: 'pending', reason: 'no-payment-yet', trial: true }
  const amount = price(0, 0, subscription.currency, { ...CURRENCIES, unclear: '' })
  if (amount.is === 'unclear') return amount
  return {
    is: 'paid',
    payment: {
      kind: 'trial',
      transactionId: subscription.subscription_id,
      currency: amount.currency,
      gross: 0,
      net: 0,
      paidAt: new Date(subscription.created_at).toISOString(),
      test: api.test,
      customer: customerOf(subscription.customer),
      carried,
      aliases: [],
      subscription: `dodo:${subscription.subscription_id}`,
      soldAs: subscription.product_id ? [subscription.product_id] : [],
    },
  }
}

function customerOf(customer: DodoPayment['customer']): Payment['customer'] {
  const { customer_id, email, name } = customer ?? {}
  return { ...(customer_id && { customer_id }), ...(email && { email }), ...(name && { name }) }
}
