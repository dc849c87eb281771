import * as v from 'valibot'
import { lenient } from '../lenient.ts'
import { type CurrencyTable, ISO_4217, price } from '../money.ts'
import type { Answer, Payment } from '../payment.ts'
import { checkTimed } from '../signature.ts'
import { readVisitorField } from '../visitor.ts'
import { type Ask, type Get, named, unlessImpossible } from './ask.ts'
import { idsOf, Metadata, Time } from './common-fields.ts'
import { entries, type Listed, type Listing, listing, type Mode, moneyOf } from './listing.ts'
import { ignored, orderNews, readEvent } from './news.ts'
import { type Connection, type Provider, together } from './provider.ts'
import { refundOf } from './refund.ts'
import { readReturnParameter } from './return-parameter.ts'
import { oldestFirst, placeAmong } from './subscription.ts'

/**
 * Paddle sells in 33 currencies; of these JPY, KRW, CLP and VND have no decimals in ISO 4217 (SDK; only JPY is spelled out
 * in the docs). HUF, TWD and COP are taken with their two. What Paddle does not sell in has no scale known here.
 */
const CURRENCIES: CurrencyTable = {
  0: 'CLP JPY KRW VND',
  3: '',
  unclear: `BIF DJF GNF ISK KMF PYG RWF UGX UYI VUV XAF XOF XPF ${ISO_4217[3]}`,
}

/** OpenAPI document v1: every id. */
const ID = /^(txn|adj)_[a-z\d]{26}$/

/** Minor units, as text. What is no whole number is no price: `price` says so. */
const MinorText = v.pipe(
  v.string(),
  v.transform((text) => (/^\d+$/.test(text) ? Number(text) : Number.NaN)),
)

const Transaction = v.object({
  id: v.string(),
  status: v.string(),
  origin: lenient(v.string()),
  currency_code: v.string(),
  // `total` ignores applied credit, `balance` is 0 once complete, `earnings` leaves the fees out: none is what the buyer paid.
  details: v.object({ totals: v.object({ grand_total: MinorText, grand_total_tax: lenient(MinorText) }) }),
  billed_at: lenient(Time),
  created_at: Time,
  subscription_id: lenient(v.string()),
  custom_data: Metadata,
  customer_id: lenient(v.string()),
  customer: lenient(v.object({ email: lenient(v.string()), name: lenient(v.string()) })),
  items: lenient(
    v.array(
      v.object({
        price: lenient(v.object({ id: lenient(v.string()), product_id: lenient(v.string()), trial_period: lenient(v.object({})) })),
      }),
    ),
  ),
})
type Transaction = v.InferOutput<typeof Transaction>

/** A correction of a transaction: a refund, or a credit, a chargeback, a warning of one. */
const Adjustment = v.object({
  id: v.string(),
  action: v.string(),
  status: v.string(),
  transaction_id: v.string(),
  totals: v.object({ total: MinorText, tax: lenient(MinorText) }),
  currency_code: v.string(),
  created_at: Time,
})
type Adjustment = v.InferOutput<typeof Adjustment>

const Event = v.object({ event_type: v.string(), data: lenient(v.object({ id: lenient(v.string()), action: lenient(v.string()) })) })

/** Paddle Billing: the seller's own page brings the buyer here with `transaction_id` (or `_ptxn`, as Paddle's links call it). */
export const paddle: Provider<'paddle'> = {
  name: 'paddle',
  title: 'Paddle',
  keySetting: 'PADDLE_API_KEY',
  returnQuery: '?transaction_id=…',

  readReturn(parameters) {
    const ids = parameters.getAll('transaction_id').filter(Boolean)
    return readReturnParameter('paddle', ids.length ? ids : parameters.getAll('_ptxn'), 'txn_')
  },

  webhook: {
    secret: 'PADDLE_WEBHOOK_SECRET',
    check: (secret, delivery) =>
      checkTimed(secret, delivery, { header: 'paddle-signature', separator: ';', time: 'ts', signature: 'h1', joint: ':' }),
    read: (body) =>
      readEvent(body, Event, ({ event_type: type, data }) => {
        if (type === 'transaction.paid' || type === 'transaction.completed') return orderNews('paddle', data?.id, 'txn_')
        if (type !== 'adjustment.created' && type !== 'adjustment.updated') return ignored(type)
        return data?.action === 'refund' ? orderNews('paddle', data.id, 'adj_') : ignored(data?.action ?? type)
      }),
  },

  connect(setting) {
    const keys = setting.secrets('PADDLE_API_KEY')
    if (keys.some((key) => /^(live|test)_/.test(key))) {
      setting.complain('PADDLE_API_KEY', 'is a client-side token; create an API key (pdl_…)')
    }
    return together(keys.map(connection))
  },
}

/** The API as one lookup sees it. */
type Api = { test: boolean; get: Get }

function connection(key: string): Connection {
  // The host decides the mode; no field of any object repeats it.
  const test = key.startsWith('pdl_sdbx_')
  const host = `https://${test ? 'sandbox-' : ''}api.paddle.com`
  const headers = { authorization: `Bearer ${key}`, 'paddle-version': '1' }
  return {
    lists: listsFor(host, headers, test ? 'test' : 'live'),

    async lookup(id, ask, { person }) {
      const api: Api = { test, get: ask(host, headers) }
      if (id.startsWith('adj_')) return lookUpAdjustment(id, api)
      // The customer needs a permission of its own.
      const found = await api.get(`/transactions/${id}${person ? '?include=customer' : ''}`, v.object({ data: Transaction }))
      const possible = unlessImpossible(found, id, ID)
      return possible.is === 'found' ? answerFor(possible.object.data, api) : possible
    },
  }
}

/** Of 240 requests a minute per address, which an edge platform shares (developer.paddle.com, rate limiting). */
const PER_MINUTE = 60

/** A list as Paddle gives it, newest first. Adjustments cannot be asked for by date. */
function listOf<Item>(what: (from: string) => string, item: v.GenericSchema<unknown, Item>, listed: (item: Item) => Listed[]) {
  const answer = v.object({ data: entries(item), meta: v.object({ pagination: v.object({ has_more: v.boolean() }) }) })
  return {
    path: (from: string, after: string | undefined) => `${what(from)}${after ? `&after=${after}` : ''}`,
    answer,
    read: ({ data, meta }: v.InferOutput<typeof answer>) => {
      return { listed: data.items.flatMap(listed), next: meta.pagination.has_more ? data.lastId : undefined }
    },
  }
}

function listsFor(host: string, headers: Record<string, string>, mode: Mode): Listing[] {
  const source = { get: (ask: Ask) => ask(host, headers), mode, perMinute: PER_MINUTE }
  return [
    listing(source, {
      name: 'transactions',
      permission: 'transaction.read',
      // Listed by when they were billed: a renewal may be paid weeks later.
      changes: true,
      ...listOf(
        (from) => `/transactions?status=completed,paid&billed_at[GTE]=${from}&order_by=billed_at[DESC]&per_page=30`,
        Transaction,
        ({ id, billed_at, created_at, details: { totals }, currency_code }) => {
          const money = moneyOf(price(totals.grand_total, totals.grand_total_tax, currency_code, CURRENCIES))
          return [{ reference: `paddle:${id}`, at: billed_at ?? created_at, money }]
        },
      ),
    }),
    listing(source, {
      name: 'adjustments',
      permission: 'adjustment.read',
      ...listOf(
        () => '/adjustments?action=refund&order_by=id[DESC]&per_page=50',
        Adjustment,
        ({ id, action, status, created_at, totals, currency_code }) => {
          if (action !== 'refund' || status === 'rejected' || status === 'reversed') return []
          return [{ reference: `paddle:${id}`, at: created_at, money: moneyOf(price(totals.total, totals.tax, currency_code, CURRENCIES)) }]
        },
      ),
    }),
  ]
}

async function answerFor(transaction: Transaction, api: Api): Promise<Answer> {
  const { id, status, origin, details, subscription_id } = transaction
  if (status === 'canceled') return { is: 'not-paid', reason: status }
  // `paid` is captured, `completed` follows when subscription and invoice are made (99 s later in laravel/cashier-paddle#238).
  if (status !== 'paid' && status !== 'completed') {
    return { is: 'pending', reason: /^(draft|ready|billed|past_due)$/.test(status) ? status : 'unknown-status' }
  }
  if (origin === 'subscription_payment_method_change') return { is: 'ignored', reason: 'payment-method-update' }
  const { grand_total, grand_total_tax } = details.totals
  const amount = price(grand_total, grand_total_tax, transaction.currency_code, CURRENCIES)
  if (amount.is === 'unclear') return amount
  const { money } = amount
  const payment: Payment = {
    kind: startsTrial(transaction) && money.gross === 0 ? 'trial' : 'sale',
    ...money,
    ...commonOf(transaction, api.test),
  }
  // What a checkout made is a first payment; what a subscription made by itself may be the first after its trial.
  return subscription_id && origin?.startsWith('subscription_')
    ? placeInSubscription(payment, id, subscription_id, api)
    : { is: 'paid', payment }
}

/** A trial, free or paid, is agreed on in a price: a paid one is an ordinary first payment, so the amount decides. */
function startsTrial({ items }: Transaction): boolean {
  return !!items?.some((item) => item.price?.trial_period)
}

function commonOf(transaction: Transaction, test: boolean): Omit<Payment, 'kind' | 'gross' | 'net' | 'currency'> {
  const { id, subscription_id, customer, customer_id, items } = transaction
  return {
    transactionId: id,
    paidAt: transaction.billed_at ?? transaction.created_at,
    test,
    customer: { customer_id, ...customer },
    carried: readVisitorField(transaction.custom_data?.datafast_visitor_id),
    aliases: [],
    subscription: subscription_id ? `paddle:${subscription_id}` : undefined,
    soldAs: idsOf(...(items ?? []).flatMap((item) => [item.price?.id, item.price?.product_id])),
  }
}

async function placeInSubscription(payment: Payment, id: string, subscriptionId: string, api: Api): Promise<Answer> {
  // The oldest ones are enough: they hold the first payment.
  const path = `/transactions?subscription_id=${subscriptionId}&status=completed,paid&order_by=created_at[ASC]&per_page=30`
  const found = named(await api.get(path, v.object({ data: v.array(Transaction) })))
  if (found.is !== 'found') return found
  const charges = found.object.data.map((charge) => ({
    reference: `paddle:${charge.id}` as const,
    at: charge.created_at,
    minor: charge.details.totals.grand_total,
  }))
  return { is: 'paid', payment: { ...payment, kind: 'sale', ...placeAmong(oldestFirst(charges), `paddle:${id}`, payment.gross) } }
}

async function lookUpAdjustment(id: string, api: Api): Promise<Answer> {
  const found = unlessImpossible(await api.get(`/adjustments?id=${id}`, v.object({ data: v.array(Adjustment) })), id, ID)
  if (found.is !== 'found') return found
  const adjustment = found.object.data.find((item) => item.id === id)
  return adjustment ? answerForAdjustment(adjustment, api) : { is: 'unknown' }
}

function answerForAdjustment({ id, action, status, totals, transaction_id, ...adjustment }: Adjustment, { test }: Api): Answer {
  if (action !== 'refund') return { is: 'ignored', reason: 'no-refund' }
  if (status === 'rejected' || status === 'reversed') return { is: 'not-paid', reason: status }
  // Most live refunds wait for Paddle's approval first.
  if (status !== 'approved') return { is: 'pending', reason: status === 'pending_approval' ? 'pending-approval' : 'unknown-status' }
  const amount = price(totals.total, totals.tax, adjustment.currency_code, CURRENCIES)
  return refundOf(id, amount, { firstSale: `paddle:${transaction_id}`, at: adjustment.created_at, test })
}
