import { randomUUID } from 'node:crypto'
import { MONTH_MS } from './later.ts'
import { pageOf } from './paging.ts'
import { json } from './service.ts'

type Fields = Record<string, unknown>
export type CreemOrder = Fields & { id: string; transaction: string | null; amount_due: number; amount_paid: number; status: string }
export type CreemTransaction = Fields & { id: string; order: string; customer: string; created_at: number; amount_paid: number }
export type CreemRefund = Fields & { id: string; created_at: number; transaction: CreemTransaction }
export type CreemSubscription = Fields & { id: string; product: string; customer: string; status: string }
type Sold = { id: string; order: CreemOrder; product: Fields; customer: Fields; subscription?: CreemSubscription }
export type CreemCheckout = Fields & Sold

/** What a sale shall say differently. `transaction: null`: it is not created yet. */
type Changes = { checkout?: Fields; order?: Fields; transaction?: Fields | null; product?: Fields }
type SubscriptionChanges = Changes & { subscription?: Fields }

const ORDERED_AT = '2026-09-21T13:46:40.123Z'

/** Creem's API on one of its two hosts: everything is asked for by a query parameter, and a wrong key is told apart by its prefix. */
export class Creem {
  readonly checkouts = new Map<string, CreemCheckout>()
  readonly transactions = new Map<string, CreemTransaction>()
  readonly subscriptions = new Map<string, CreemSubscription>()
  readonly customers = new Map<string, Fields>()
  /** Told in events alone: the API has no address for them. */
  readonly refunds = new Map<string, CreemRefund>()
  /** The order of a search is undocumented: a test may turn it around. */
  searchOrder: 'newest-first' | 'oldest-first' = 'newest-first'
  private readonly mode: 'live' | 'test'

  constructor(mode: 'live' | 'test' = 'live') {
    this.mode = mode
  }

  answer(request: Request): Response {
    const { pathname, searchParams: query } = new URL(request.url)
    const key = request.headers.get('x-api-key')
    if (!key) return failure(401, 'Unauthorized', ['Missing API key'])
    if (!key.startsWith('creem_') || key.startsWith('creem_test_') !== (this.mode === 'test')) return failure(403, 'Forbidden')
    if (pathname === '/v1/transactions/search') return this.search(query)
    const found = this.find(pathname, query)
    return found instanceof Response ? found : json(200, found)
  }

  private find(pathname: string, query: URLSearchParams): Fields | Response {
    const by = (name: string, objects: Map<string, Fields>): Fields | Response => {
      const id = query.get(name)
      if (!id) return failure(400, 'Bad Request', [`${name} should not be empty`])
      // The text of this 404 says "Bad Request"; only the status tells.
      return objects.get(id) ?? failure(404, 'Bad Request', [`${name.replace('_id', '')} not found`])
    }
    switch (pathname) {
      case '/v1/checkouts':
        return by('checkout_id', this.checkouts)
      case '/v1/transactions':
        return by('transaction_id', this.transactions)
      case '/v1/customers':
        return by('customer_id', this.customers)
      case '/v1/subscriptions': {
        const found = by('subscription_id', this.subscriptions)
        return found instanceof Response ? found : this.expanded(found)
      }
      default:
        return failure(404, 'Not Found', [`Cannot GET ${pathname}`])
    }
  }

  /** Asked for by itself, a subscription brings its customer and product along; inside a checkout it names them. */
  private expanded(subscription: Fields): Fields {
    const { product, customer } = this.checkoutOf(String(subscription.id)) ?? subscription
    return { ...subscription, product, customer }
  }

  private checkoutOf(subscriptionId: string): CreemCheckout | undefined {
    return [...this.checkouts.values()].find(({ subscription }) => subscription?.id === subscriptionId)
  }

  private search(query: URLSearchParams): Response {
    const page = Number(query.get('page_number') ?? 1)
    const size = Number(query.get('page_size') ?? 10)
    const wrong = Object.entries({ page_number: page, page_size: size }).find(([, value]) => !(value >= 1))
    if (wrong) return failure(400, 'Bad Request', [`${wrong[0]} must not be less than 1`])
    const sold = query.has('product_id') ? this.ordersOf(query.get('product_id')) : undefined
    const all = [...this.transactions.values()]
      .filter(({ customer }) => !query.has('customer_id') || customer === query.get('customer_id'))
      .filter(({ order }) => !query.has('order_id') || order === query.get('order_id'))
      .filter(({ order }) => !sold || sold.has(order))
      .sort((a, b) => a.created_at - b.created_at)
    if (this.searchOrder === 'newest-first') all.reverse()
    const { items, pages, total } = pageOf(all, page, size)
    const next_page = page < pages ? page + 1 : null
    const prev_page = page > 1 ? page - 1 : null
    const pagination = { total_records: total, total_pages: pages, current_page: page, next_page, prev_page }
    return json(200, { items, pagination })
  }

  private ordersOf(productId: string | null): Set<string> {
    return new Set([...this.checkouts.values()].filter(({ product }) => product.id === productId).map(({ order }) => order.id))
  }

  /** A completed checkout of a one-time product priced without tax, and its transaction. */
  sell(checkoutId: string, changes: Changes = {}): CreemCheckout {
    const tail = checkoutId.slice(3)
    const common = { mode: this.mode === 'live' ? 'prod' : 'test' }
    const dated = { created_at: ORDERED_AT, updated_at: ORDERED_AT, ...common }
    const product: Fields = {
      id: 'prod_7SandboxProductOfCreem',
      object: 'product',
      name: 'Sandbox product',
      description: 'Something useful',
      image_url: null,
      price: 2400,
      currency: 'EUR',
      billing_type: 'onetime',
      billing_period: 'once',
      status: 'active',
      tax_mode: 'exclusive',
      tax_category: 'saas',
      trial_period_days: null,
      trial_price: null,
      default_success_url: 'https://pay.example.com/checkout/success/creem',
      ...dated,
      ...changes.product,
    }
    const customer = { id: `cust_${tail}`, object: 'customer', email: 'buyer@example.com', name: 'Bea Buyer', country: 'DE', ...dated }
    const order: CreemOrder = {
      id: `ord_${tail}`,
      object: 'order',
      customer: customer.id,
      product: product.id,
      transaction: changes.transaction === null ? null : `tran_${tail}`,
      // Without the tax: what the buyer paid is `amount_paid`.
      amount: 2400,
      sub_total: 2400,
      tax_amount: 456,
      discount_amount: 0,
      amount_due: 2856,
      amount_paid: changes.transaction === null ? 0 : 2856,
      currency: 'EUR',
      ...{ discount: null, affiliate: null, fx_amount: null, fx_currency: null, fx_rate: null },
      status: changes.transaction === null ? 'pending' : 'paid',
      type: 'onetime',
      ...dated,
      ...changes.order,
    }
    const checkout: CreemCheckout = {
      id: checkoutId,
      object: 'checkout',
      status: 'completed',
      units: 1,
      order,
      product,
      customer,
      custom_fields: [],
      metadata: {},
      success_url: 'https://pay.example.com/checkout/success/creem',
      ...common,
      ...changes.checkout,
    }
    this.customers.set(customer.id, customer)
    this.checkouts.set(checkoutId, checkout)
    if (changes.transaction !== null && order.transaction) this.addTransaction(order, order.transaction, changes.transaction)
    return checkout
  }

  /** A transaction carries no metadata and names no product. */
  private addTransaction(order: CreemOrder, id: string, fields: Fields = {}): CreemTransaction {
    const { amount, tax_amount, discount_amount, currency, mode, customer } = order
    const transaction: CreemTransaction = {
      id,
      object: 'transaction',
      amount,
      amount_paid: order.amount_paid || order.amount_due,
      discount_amount,
      currency,
      type: 'payment',
      tax_country: 'DE',
      tax_amount,
      status: 'paid',
      refunded_amount: null,
      order: order.id,
      subscription: null,
      customer: String(customer),
      description: 'Payment',
      period_start: null,
      period_end: null,
      created_at: Date.parse(String(order.created_at)) + 1_500,
      mode,
      ...fields,
    }
    this.transactions.set(id, transaction)
    return transaction
  }

  /** The same for a subscription: its transactions are invoices of a period. */
  subscribe(checkoutId: string, changes: SubscriptionChanges = {}): CreemCheckout {
    const tail = checkoutId.slice(3)
    const id = `sub_${tail}`
    const created_at = String(changes.order?.created_at ?? ORDERED_AT)
    const start = Date.parse(created_at)
    const period = { type: 'invoice', description: 'Subscription payment', period_start: start, period_end: start + MONTH_MS }
    const checkout = this.sell(checkoutId, {
      ...changes,
      product: { id: 'prod_7SandboxSubscription', billing_type: 'recurring', billing_period: 'every-month', ...changes.product },
      order: { type: 'recurring', ...changes.order },
      transaction: changes.transaction === null ? null : { subscription: id, ...period, ...changes.transaction },
    })
    const subscription: CreemSubscription = {
      id,
      object: 'subscription',
      product: String(checkout.product.id),
      customer: String(checkout.customer.id),
      collection_method: 'charge_automatically',
      status: 'active',
      last_transaction_id: checkout.order.transaction,
      last_transaction_date: checkout.order.transaction && new Date(start + 1_500).toISOString(),
      next_transaction_date: new Date(start + MONTH_MS).toISOString(),
      current_period_start_date: created_at,
      current_period_end_date: new Date(start + MONTH_MS).toISOString(),
      canceled_at: null,
      created_at,
      updated_at: created_at,
      metadata: checkout.metadata,
      mode: checkout.mode,
      ...changes.subscription,
    }
    checkout.subscription = subscription
    this.subscriptions.set(id, subscription)
    return checkout
  }

  /** A later transaction of a subscription: a month on, unless `fields` say otherwise. */
  charge(subscriptionId: string, transactionId: string, fields: Fields = {}): CreemTransaction {
    const subscription = this.subscriptions.get(subscriptionId)
    const checkout = this.checkoutOf(subscriptionId)
    if (!subscription || !checkout) throw new Error(`no subscription ${subscriptionId}`)
    const start = Date.parse(String(subscription.created_at)) + MONTH_MS
    const { price } = checkout.product
    // After a trial or a free first period the order has no amount to repeat.
    const amounts = checkout.order.amount_due > 0 ? {} : { amount: price, amount_paid: price, tax_amount: 0 }
    const transaction = this.addTransaction(checkout.order, transactionId, {
      ...amounts,
      type: 'invoice',
      subscription: subscriptionId,
      description: 'Subscription payment',
      period_start: start,
      period_end: start + MONTH_MS,
      created_at: start + 5_000,
      ...fields,
    })
    subscription.last_transaction_id = transactionId
    subscription.last_transaction_date = new Date(transaction.created_at).toISOString()
    return transaction
  }

  /** Gives money back; the answer is what `refund.created` tells. The transaction counts up all of its refunds. */
  refund(transactionId: string, minor: number): CreemRefund {
    const transaction = this.transactions.get(transactionId)
    const checkout = [...this.checkouts.values()].find(({ order }) => order?.id === transaction?.order)
    if (!transaction || !checkout) throw new Error(`no transaction ${transactionId}`)
    const refunded = Number(transaction.refunded_amount ?? 0) + minor
    transaction.refunded_amount = refunded
    transaction.status = refunded < transaction.amount_paid ? 'partialRefund' : 'refunded'
    const { order, customer, subscription, ...rest } = checkout
    const refund: CreemRefund = {
      ...{ id: `ref_${transactionId.slice(5)}${this.refunds.size + 1}`, object: 'refund', status: 'succeeded' },
      ...{ refund_amount: minor, refund_currency: transaction.currency, reason: 'requested_by_customer' },
      ...{
        transaction: { ...transaction },
        checkout: { ...rest, product: rest.product.id },
        order: orderInEvents(order),
        customer,
        mode: checkout.mode,
      },
      ...(subscription && { subscription: { ...subscription } }),
      created_at: transaction.created_at + (this.refunds.size + 1) * 60_000,
    }
    this.refunds.set(refund.id, refund)
    return refund
  }

  /** A subscription that begins with two free weeks: nothing is due, and there is no transaction. */
  startTrial(checkoutId: string, changes: SubscriptionChanges = {}): CreemCheckout {
    const free = { amount: 0, sub_total: 0, tax_amount: 0, amount_due: 0, amount_paid: 0, status: 'paid' }
    const start = Date.parse(String(changes.order?.created_at ?? ORDERED_AT))
    const end = new Date(start + 14 * 86_400_000).toISOString()
    return this.subscribe(checkoutId, {
      ...changes,
      transaction: null,
      order: { ...free, ...changes.order },
      product: { trial_period_days: 14, ...changes.product },
      subscription: { status: 'trialing', current_period_end_date: end, next_transaction_date: end, ...changes.subscription },
    })
  }
}

/** An order as events show it: without what was paid, and without the transaction. */
export function orderInEvents({ id, customer, product, amount, currency, status, type, created_at, updated_at, mode }: CreemOrder): Fields {
  return { id, object: 'order', customer, product, amount, currency, status, type, created_at, updated_at, mode }
}

/** The envelope; a refused key gets it without a `message`. */
function failure(status: number, error: string, message?: string[]): Response {
  return json(status, { trace_id: randomUUID(), status, error, ...(message && { message }), timestamp: Date.now() })
}
