import { DAY_MS, MONTH_MS } from './later.ts'
import { boundsOf, momentOf, newestFirst, pageOf } from './paging.ts'
import { json } from './service.ts'

type Fields = Record<string, unknown>
export type DodoPayment = Fields & {
  payment_id: string
  created_at: string
  status: string | null
  total_amount: number
  currency: string
  refunds: DodoRefund[]
}
export type DodoSubscription = Fields & { subscription_id: string; created_at: string; currency: string }
/** `amount` may be null, and then says nothing. */
export type DodoRefund = Fields & { refund_id: string; amount: number | null; is_partial: boolean; status: string; created_at: string }

const HOUR_MS = 3_600_000
const MAX_PAGE_SIZE = 100
/** What a row of the payment list tells: what was bought, the tax and the refunds are only in the payment itself. */
const PAYMENT_ROW = [
  ...['payment_id', 'brand_id', 'status', 'total_amount', 'currency', 'created_at', 'subscription_id', 'customer', 'metadata'],
  ...['payment_method', 'payment_method_type', 'digital_products_delivered', 'has_license_key', 'invoice_id', 'refund_status'],
]

/** Dodo Payments' API on one of its two hosts: payments, subscriptions, refunds, and a list of each. */
export class Dodo {
  readonly payments = new Map<string, DodoPayment>()
  readonly subscriptions = new Map<string, DodoSubscription>()
  readonly refunds = new Map<string, DodoRefund>()
  /** Resources that the key may not read, such as `refunds`. */
  readonly forbidden = new Set<string>()

  answer(request: Request): Response {
    const url = new URL(request.url)
    if (!request.headers.get('authorization')?.startsWith('Bearer ')) return failure(401, 'UNAUTHORIZED', 'Missing API key')
    const [, resource = '', id] = /^\/(payments|subscriptions|refunds)(?:\/([^/]+))?$/.exec(url.pathname) ?? []
    if (this.forbidden.has(resource)) return failure(403, 'FORBIDDEN', 'The API key may not access this resource')
    if (!id && resource === 'payments') return list(this.payments, ['subscription_id', 'status'], url.searchParams, paymentRow)
    if (!id && resource === 'refunds') return list(this.refunds, ['status'], url.searchParams, refundRow)
    if (!id && resource === 'subscriptions') return list(this.subscriptions, ['status'], url.searchParams, (subscription) => subscription)
    const all: Record<string, Map<string, Fields>> = { payments: this.payments, subscriptions: this.subscriptions, refunds: this.refunds }
    const found = all[resource]?.get(id ?? '')
    return found ? json(200, found) : failure(404, 'NOT_FOUND', 'The requested resource was not found')
  }

  /** A successful one-time payment; anything can be said differently. */
  sell(id: string, fields: Fields = {}): DodoPayment {
    const payment: DodoPayment = {
      payment_id: id,
      business_id: 'bus_sandbox',
      status: 'succeeded',
      total_amount: 2900,
      tax: 463,
      currency: 'USD',
      settlement_amount: 2437,
      settlement_currency: 'USD',
      created_at: '2026-09-21T13:46:40.123Z',
      subscription_id: null,
      customer: { customer_id: `cus_${id.slice(-8)}`, email: 'buyer@example.com', name: 'Bea Buyer' },
      metadata: {},
      product_cart: [{ product_id: 'pdt_sandbox', quantity: 1 }],
      refunds: [],
      refund_status: null,
      disputes: [],
      is_update_payment_method: false,
      ...fields,
    }
    this.payments.set(id, payment)
    return payment
  }

  /** A subscription by itself: its payments are added with `sell`. */
  subscribe(id: string, fields: Fields = {}): DodoSubscription {
    const subscription: DodoSubscription = {
      subscription_id: id,
      status: 'active',
      created_at: '2026-09-21T13:45:00.000Z',
      currency: 'USD',
      product_id: 'pdt_sandbox',
      trial_period_days: 0,
      recurring_pre_tax_amount: 2900,
      customer: { customer_id: `cus_${id.slice(-8)}`, email: 'buyer@example.com', name: 'Bea Buyer' },
      metadata: {},
      next_billing_date: '2026-10-21T13:45:00.000Z',
      ...fields,
    }
    this.subscriptions.set(id, subscription)
    return subscription
  }

  /**
   * The next charge of a subscription, a month after its latest payment; the first one after a trial comes when that ends.
   * Whether a renewal carries the subscription's metadata is not documented: here it does.
   */
  renew(subscriptionId: string, paymentId: string, fields: Fields = {}): DodoPayment {
    const subscription = this.subscriptions.get(subscriptionId)
    if (!subscription) throw new Error(`no subscription ${subscriptionId}`)
    const { customer, metadata, product_id, currency, recurring_pre_tax_amount, trial_period_days } = subscription
    const charges = this.chargesOf(subscriptionId)
    const [latest] = charges.toReversed()
    const paid = charges.find(({ total_amount }) => total_amount > 0)
    const wait = (!latest && Number(trial_period_days) * DAY_MS) || MONTH_MS
    const amounts = paid
      ? { total_amount: paid.total_amount, tax: paid.tax, currency: paid.currency, settlement_amount: paid.settlement_amount }
      : { total_amount: recurring_pre_tax_amount, tax: 0, currency, settlement_amount: recurring_pre_tax_amount }
    return this.sell(paymentId, {
      ...amounts,
      settlement_currency: amounts.currency,
      subscription_id: subscriptionId,
      created_at: after((latest ?? subscription).created_at, wait),
      product_cart: [{ product_id, quantity: 1 }],
      customer,
      metadata,
      ...fields,
    })
  }

  /** The successful payments of a subscription, oldest first. */
  chargesOf(subscriptionId: string): DodoPayment[] {
    return [...this.payments.values()]
      .filter(({ subscription_id, status }) => subscription_id === subscriptionId && status === 'succeeded')
      .sort((a, b) => a.created_at.localeCompare(b.created_at))
  }

  /** Gives back what is left of a payment, or `fields.amount` of it; an amount of null is all of it, unless `is_partial`. */
  refund(refundId: string, paymentId: string, fields: Fields = {}): DodoRefund {
    const payment = this.payments.get(paymentId)
    if (!payment) throw new Error(`no payment ${paymentId}`)
    const { business_id, currency, customer, total_amount, refunds } = payment
    const amount = 'amount' in fields ? fields.amount : total_amount - this.refundedOf(paymentId)
    const refund: DodoRefund = {
      refund_id: refundId,
      payment_id: paymentId,
      business_id,
      amount: typeof amount === 'number' ? amount : null,
      currency,
      is_partial: typeof amount === 'number' && amount < total_amount,
      status: 'succeeded',
      reason: null,
      created_at: after(payment.created_at, (refunds.length + 1) * HOUR_MS),
      ...fields,
    }
    this.refunds.set(refundId, { ...refund, customer })
    refunds.push(refund)
    const refunded = this.refundedOf(paymentId)
    payment.refund_status = refunded >= total_amount ? 'full' : refunded > 0 ? 'partial' : null
    return { ...refund, customer }
  }

  /** How much of a payment went back. */
  refundedOf(paymentId: string): number {
    const { refunds = [], total_amount = 0 } = this.payments.get(paymentId) ?? {}
    const succeeded = refunds.filter(({ status }) => status === 'succeeded')
    return succeeded.reduce((sum, { amount, is_partial }) => sum + (amount ?? (is_partial ? 0 : total_amount)), 0)
  }
}

/** Newest first, ten to a page unless asked otherwise, the first page being number 0. How many there are is not told. */
function list(
  all: Map<string, Fields & { created_at: string }>,
  filters: readonly string[],
  query: URLSearchParams,
  row: (object: Fields) => Fields,
): Response {
  const size = Number(query.get('page_size') ?? 10)
  const number = Number(query.get('page_number') ?? 0)
  for (const [name, value] of Object.entries({ page_size: size, page_number: number }))
    if (!(Number.isInteger(value) && value >= 0)) return failure(422, 'UNPROCESSABLE_ENTITY', `${name} must be a whole number`)
  const created = boundsOf(query, { created_at_gte: 'gte', created_at_lte: 'lte' })
  if (created.wrong) return failure(422, 'UNPROCESSABLE_ENTITY', `${created.wrong} must be a date and time`)
  const named = filters.filter((name) => query.has(name)).map((name) => ({ name, wanted: query.get(name) }))
  const matching = [...all.values()]
    .filter((object) => named.every(({ name, wanted }) => object[name] === wanted))
    .filter(({ created_at }) => created.hold(momentOf(created_at)))
  const inOrder = newestFirst(matching, ({ created_at }) => momentOf(created_at))
  return json(200, { items: pageOf(inOrder, number + 1, Math.min(size, MAX_PAGE_SIZE)).items.map(row) })
}

function paymentRow(payment: Fields): Fields {
  return Object.fromEntries(PAYMENT_ROW.filter((name) => name in payment).map((name) => [name, payment[name]]))
}

/** Whose it was is only in the refund itself. */
function refundRow({ customer, ...row }: Fields): Fields {
  return row
}

function after(moment: string, ms: number): string {
  return new Date(Date.parse(moment) + ms).toISOString()
}

function failure(status: number, code: string, message: string): Response {
  return json(status, { code, message })
}
