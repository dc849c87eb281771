import { json } from './service.ts'

export type DodoPayment = Record<string, unknown> & { payment_id: string; created_at: string; status: string | null }
export type DodoSubscription = Record<string, unknown> & { subscription_id: string; created_at: string }

/** Dodo Payments' API on one of its two hosts: payments, subscriptions and the list that tells first from later. */
export class Dodo {
  readonly payments = new Map<string, DodoPayment>()
  readonly subscriptions = new Map<string, DodoSubscription>()

  answer(request: Request): Response {
    const url = new URL(request.url)
    if (!request.headers.get('authorization')?.startsWith('Bearer ')) return failure(401, 'UNAUTHORIZED', 'Missing API key')
    const [, resource, id] = /^\/(payments|subscriptions)(?:\/([^/]+))?$/.exec(url.pathname) ?? []
    if (resource === 'payments' && !id) return json(200, { items: this.list(url.searchParams) })
    const found = resource === 'payments' ? this.payments.get(id ?? '') : this.subscriptions.get(id ?? '')
    return found ? json(200, found) : failure(404, 'NOT_FOUND', 'The requested resource was not found')
  }

  /** Newest first, ten to a page unless asked otherwise, the first page being number 0. */
  private list(query: URLSearchParams): DodoPayment[] {
    const size = Number(query.get('page_size') ?? 10)
    const page = Number(query.get('page_number') ?? 0)
    return [...this.payments.values()]
      .filter((payment) => !query.has('subscription_id') || payment.subscription_id === query.get('subscription_id'))
      .filter((payment) => !query.has('status') || payment.status === query.get('status'))
      .sort((a, b) => b.created_at.localeCompare(a.created_at))
      .slice(page * size, (page + 1) * size)
  }

  /** A successful one-time payment; anything can be said differently. */
  sell(id: string, fields: Record<string, unknown> = {}): DodoPayment {
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
      disputes: [],
      is_update_payment_method: false,
      ...fields,
    }
    this.payments.set(id, payment)
    return payment
  }

  /** A subscription by itself: its payments are added with `sell`. */
  subscribe(id: string, fields: Record<string, unknown> = {}): DodoSubscription {
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
}

function failure(status: number, code: string, message: string): Response {
  return json(status, { code, message })
}
