import * as v from 'valibot'
import { lenient } from '../lenient.ts'
import { ISO_4217, price } from '../money.ts'
import type { Answer, Customer, Payment } from '../payment.ts'
import { partsOf } from '../reference.ts'
import { readVisitorField } from '../visitor.ts'
import { type Get, INCONSISTENT, unlessImpossible } from './ask.ts'
import { idsOf, linked, Metadata, Time } from './common-fields.ts'
import type { Connection, Provider, Wanted } from './provider.ts'
import { readReturnParameter } from './return-parameter.ts'

/** Products are priced in EUR and USD (SDK 1.13). For anything else ISO 4217 is assumed: the API's documents do not say. */
const CURRENCIES = ISO_4217

/** Every id the documents show; they print several prefixes for one kind (`ch_` and `chk_`, `tran_` and `tx_`). */
const ID = /^[a-z]{2,8}_[A-Za-z0-9]{6,64}$/

/**
 * Words for "not live": the documents print all three and disagree on which (`local` in webhook samples, `sandbox` in the
 * OpenAPI document). What live orders carry is unknown, so nothing is insisted on.
 */
const TEST_MODE = /^(test|sandbox|local)$/i

const Mode = lenient(v.string())

const Person = lenient(linked({ email: lenient(v.string()), name: lenient(v.string()) }))

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
  product: lenient(linked({ trial_period_days: lenient(v.number()), trial_price: lenient(v.number()) })),
  customer: Person,
  subscription: lenient(linked({ status: lenient(v.string()) })),
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
})
type Transaction = v.InferOutput<typeof Transaction>

/**
 * Creem: the buyer returns with `checkout_id` and six more parameters. Their `signature` proves nothing here: the API is
 * asked anyway, and its recipe was documented wrongly for months (docs.creem.io until 2026-05).
 */
export const creem: Provider<'creem'> = {
  name: 'creem',

  readReturn: (parameters) => readReturnParameter('creem', parameters.getAll('checkout_id'), 'chk?_'),

  connect(setting) {
    const key = setting.secret('CREEM_API_KEY')
    return key ? connection(key) : undefined
  },
}

/** The API as one lookup sees it. */
type Api = { test: boolean; get: Get }

function connection(key: string): Connection {
  const test = key.startsWith('creem_test_')
  const host = `https://${test ? 'test-' : ''}api.creem.io/v1`
  const headers = { 'x-api-key': key }
  return {
    async lookup(id, ask, wanted) {
      const api: Api = { test, get: ask(host, headers) }
      return id.startsWith('ch') ? lookUpCheckout(id, api) : lookUpTransaction(id, api, wanted)
    },
  }
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
function withoutTransaction(checkout: Checkout, { test }: Api): Answer {
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
    test: test || TEST_MODE.test(mode ?? ''),
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
async function lookUpTransaction(id: string, api: Api, { soldAs, person, aliases }: Wanted): Promise<Answer> {
  const checkoutId = aliases.map((alias) => partsOf(alias).id).find((id) => id.startsWith('ch'))
  const [found, checkout] = await Promise.all([
    api.get(`/transactions?transaction_id=${id}`, Transaction),
    checkoutId && (soldAs || person) ? api.get(`/checkouts?checkout_id=${checkoutId}`, Checkout) : undefined,
  ])
  // Its checkout named it: what is not there yet, will be.
  if (found.is !== 'found') return found.is === 'unknown' && checkoutId ? INCONSISTENT : found
  if (checkout && checkout.is !== 'found') return checkout.is === 'unknown' ? INCONSISTENT : checkout
  return answerFor(found.object, checkout?.object, api)
}

function answerFor(transaction: Transaction, checkout: Checkout | undefined, { test }: Api): Answer {
  // The schema and the samples spell alike words differently: partialRefund, partially_refunded; chargedBack, chargeback.
  const status = transaction.status.toLowerCase().replaceAll(/[^a-z]/g, '')
  if (/^(declined|cancell?ed|void|uncollectible)$/.test(status)) return { is: 'not-paid', reason: status }
  // What was refunded or charged back later was paid.
  if (!/^(paid|(partial(ly)?)?refund(ed)?|charged?back)$/.test(status)) {
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
    test: test || TEST_MODE.test(mode ?? checkout?.mode ?? ''),
    ...(checkout ? factsOf(checkout) : { customer: person(customer), carried: [], soldAs: [] }),
    aliases: [],
    subscription: subscription ? `creem:${subscription.id}` : undefined,
  }
  return { is: 'paid', payment }
}

/** What only the checkout knows. */
function factsOf({ customer, metadata, product }: Checkout): Pick<Payment, 'customer' | 'carried' | 'soldAs'> {
  return { customer: person(customer), carried: readVisitorField(metadata?.datafast_visitor_id), soldAs: idsOf(product?.id) }
}

function person(customer: v.InferOutput<typeof Person>): Customer {
  return { customer_id: customer?.id, email: customer?.email, name: customer?.name }
}
