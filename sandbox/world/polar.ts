import { derivedUuid } from './derived-uuid.ts'
import { pageOf } from './paging.ts'
import { json } from './service.ts'

type Fields = Record<string, unknown>
export type PolarCheckout = Fields & { id: string; status: string }
export type PolarOrder = Fields & { id: string; status: string; paid: boolean; created_at: string; checkout_id: string | null }
export type PolarSubscription = Fields & { id: string; status: string }

const ORDERED_AT = '2026-09-21T13:46:40.123456Z'
const RENEWED_AT = '2026-10-21T13:46:45.654321Z'
const TRIAL_END = '2026-10-05T13:46:36.000000Z'
const VERSIONS = ['2026-04', '2026-10', '2027-01']
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const ORGANIZATION = '7d1c2e90-35ab-4f6d-8a17-5b2f0c9e4d31'
const PRODUCT = 'b52f9c1d-8e04-4a7b-9d63-1f0a2c4e6b88'

/** Polar's API on one of its two hosts: checkouts, and the orders that say what was really paid. */
export class Polar {
  readonly checkouts = new Map<string, PolarCheckout>()
  readonly orders = new Map<string, PolarOrder>()
  readonly subscriptions = new Map<string, PolarSubscription>()

  answer(request: Request): Response {
    const url = new URL(request.url)
    const version = request.headers.get('polar-version')
    if (version && !VERSIONS.includes(version)) return json(404, { detail: 'Not Found' })
    // A list lies at its slash.
    if (url.pathname === '/v1/orders')
      return new Response(null, { status: 307, headers: { location: `${url.origin}/v1/orders/${url.search}` } })
    const response = this.find(request.headers.get('authorization') ?? '', url)
    if (version) response.headers.set('polar-version', version)
    return response
  }

  private find(authorization: string, { pathname, searchParams }: URL): Response {
    if (!/^Bearer polar_\w/.test(authorization)) {
      const refused = json(401, {
        error: 'invalid_token',
        error_description: 'The access token provided is expired, revoked or malformed.',
      })
      refused.headers.set('www-authenticate', 'Bearer realm="polar", error="invalid_token"')
      return refused
    }
    if (pathname === '/v1/orders/') return this.list(searchParams)
    const [, resource, id = ''] = /^\/v1\/(checkouts|orders|subscriptions)\/([^/]+)$/.exec(pathname) ?? []
    if (!resource) return json(404, { detail: 'Not Found' })
    if (!UUID.test(id)) return invalid('path', 'id', id)
    const objects = resource === 'checkouts' ? this.checkouts : resource === 'orders' ? this.orders : this.subscriptions
    const found = objects.get(id.toLowerCase())
    return found ? json(200, found) : json(404, { error: 'ResourceNotFound', detail: 'Not found' })
  }

  /** Newest first, ten to a page unless asked otherwise. */
  private list(query: URLSearchParams): Response {
    const filters = ['checkout_id', 'subscription_id', 'customer_id'].filter((name) => query.has(name))
    for (const name of filters) if (!UUID.test(query.get(name) ?? '')) return invalid('query', name, query.get(name))
    const size = Number(query.get('limit') ?? 10)
    const page = Number(query.get('page') ?? 1)
    if (!(size >= 1 && size <= 100)) return invalid('query', 'limit', query.get('limit'), 'Input should be between 1 and 100')
    const oldestFirst = query.get('sorting') === 'created_at'
    const all = [...this.orders.values()]
      .filter((order) => filters.every((name) => order[name] === query.get(name)))
      .sort((a, b) => (oldestFirst ? a.created_at.localeCompare(b.created_at) : b.created_at.localeCompare(a.created_at)))
    const { items, pages, total } = pageOf(all, page, size)
    return json(200, { items, pagination: { total_count: total, max_page: pages } })
  }

  /** A succeeded checkout of a one-time product, and its order. `order: null`: there is none yet. */
  sell(checkoutId: string, changes: { checkout?: Fields; order?: Fields | null } = {}): PolarCheckout {
    const checkout = this.addCheckout(checkoutId, changes.checkout)
    if (changes.order !== null) this.addOrder(checkoutId, { id: this.orderIdOf(checkoutId), ...changes.order })
    return checkout
  }

  orderIdOf(checkoutId: string): string {
    return derivedUuid(`order of ${checkoutId}`)
  }

  subscriptionIdOf(checkoutId: string): string {
    return derivedUuid(`subscription of ${checkoutId}`)
  }

  customerIdOf(checkoutId: string): string {
    return derivedUuid(`customer of ${checkoutId}`)
  }

  private addCheckout(id: string, fields: Fields = {}): PolarCheckout {
    const amounts = amountsOf(fields)
    const checkout: PolarCheckout = {
      id,
      created_at: '2026-09-21T13:45:02.987654Z',
      modified_at: '2026-09-21T13:46:36.000000Z',
      custom_field_data: {},
      payment_processor: 'stripe',
      status: 'succeeded',
      client_secret: `polar_c_${id.replaceAll('-', '')}`,
      url: `https://polar.sh/checkout/polar_c_${id.replaceAll('-', '')}`,
      expires_at: '2026-09-22T13:45:02.987654Z',
      success_url: `https://pay.example.com/checkout/success/polar?checkout_id=${id}`,
      return_url: null,
      embed_origin: null,
      amount: amounts.subtotal_amount,
      seats: null,
      min_seats: null,
      max_seats: null,
      ...amounts,
      tax_behavior: 'exclusive',
      currency: 'usd',
      allow_trial: false,
      active_trial_interval: null,
      active_trial_interval_count: null,
      trial_interval: null,
      trial_interval_count: null,
      trial_end: null,
      organization_id: ORGANIZATION,
      product_id: PRODUCT,
      product_price_id: '0c3b7a56-92de-4c18-b1f4-6e8d2a907c15',
      discount_id: null,
      allow_discount_codes: true,
      require_billing_address: false,
      is_discount_applicable: true,
      is_free_product_price: false,
      is_payment_required: amounts.total_amount > 0,
      is_payment_setup_required: false,
      is_payment_form_required: amounts.total_amount > 0,
      customer_id: this.customerIdOf(id),
      is_business_customer: false,
      customer_name: 'Bea Buyer',
      customer_email: 'buyer@example.com',
      customer_ip_address: '198.51.100.7',
      customer_billing_name: null,
      customer_billing_address: { line1: null, line2: null, postal_code: null, city: null, state: null, country: 'DE' },
      customer_tax_id: null,
      locale: 'en',
      payment_processor_metadata: { intent_status: 'succeeded' },
      metadata: {},
      external_customer_id: null,
      customer_metadata: {},
      products: [product()],
      product: product(),
      product_price: null,
      prices: { [PRODUCT]: [] },
      discount: null,
      // Only set when an existing subscription is upgraded.
      subscription_id: null,
      attached_custom_fields: [],
      ...fields,
    }
    this.checkouts.set(id, checkout)
    return checkout
  }

  /** One more order of a checkout: what it is called is random unless `fields` say it. */
  addOrder(checkoutId: string, fields: Fields = {}): PolarOrder {
    const checkout = this.checkouts.get(checkoutId)
    const customerId = String(checkout?.customer_id ?? this.customerIdOf(checkoutId))
    const priced: Fields = checkout
      ? { subtotal_amount: checkout.subtotal_amount, discount_amount: checkout.discount_amount, tax_amount: checkout.tax_amount }
      : {}
    const amounts = amountsOf({ ...priced, ...fields })
    const order: PolarOrder = {
      id: crypto.randomUUID(),
      created_at: ORDERED_AT,
      modified_at: null,
      status: 'paid',
      paid: true,
      ...amounts,
      applied_balance_amount: 0,
      due_amount: amounts.total_amount,
      refunded_amount: 0,
      refunded_tax_amount: 0,
      refundable_amount: amounts.net_amount,
      refundable_tax_amount: amounts.tax_amount,
      from_balance_amount: 0,
      amount: amounts.net_amount,
      currency: checkout?.currency ?? 'usd',
      billing_reason: 'purchase',
      billing_name: null,
      billing_address: { line1: null, line2: null, postal_code: null, city: null, state: null, country: 'DE' },
      invoice_number: 'SANDBOX-0042',
      is_invoice_generated: false,
      receipt_number: null,
      seats: null,
      customer_id: customerId,
      product_id: checkout?.product_id ?? PRODUCT,
      product_price_id: null,
      discount_id: null,
      subscription_id: null,
      checkout_id: checkoutId,
      metadata: checkout?.metadata ?? {},
      custom_field_data: {},
      platform_fee_amount: Math.round(amounts.total_amount * 0.05),
      platform_fee_currency: amounts.total_amount ? (checkout?.currency ?? 'usd') : null,
      customer: customer(customerId),
      user_id: customerId,
      product: product(),
      product_price: null,
      discount: null,
      subscription: null,
      items: [
        { id: crypto.randomUUID(), label: 'Sandbox product', amount: amounts.net_amount, tax_amount: amounts.tax_amount, proration: false },
      ],
      description: 'Sandbox product',
      ...fields,
    }
    this.orders.set(order.id, order)
    return order
  }

  /** The same for a subscription: the order carries it and says that it created it. */
  subscribe(checkoutId: string, changes: { checkout?: Fields; order?: Fields | null; subscription?: Fields } = {}): PolarCheckout {
    const checkout = this.addCheckout(checkoutId, changes.checkout)
    const subscription = this.addSubscription(checkout, changes.subscription)
    if (changes.order !== null) {
      this.addOrder(checkoutId, {
        id: this.orderIdOf(checkoutId),
        billing_reason: 'subscription_create',
        subscription_id: subscription.id,
        subscription,
        ...changes.order,
      })
    }
    return checkout
  }

  private addSubscription(checkout: PolarCheckout, fields: Fields = {}): PolarSubscription {
    const subscription: PolarSubscription = {
      id: this.subscriptionIdOf(checkout.id),
      created_at: '2026-09-21T13:46:39.500000Z',
      modified_at: null,
      amount: checkout.net_amount,
      currency: checkout.currency,
      recurring_interval: 'month',
      recurring_interval_count: 1,
      status: 'active',
      current_period_start: '2026-09-21T13:46:39.500000Z',
      current_period_end: '2026-10-21T13:46:39.500000Z',
      current_meter_period_start: null,
      current_meter_period_end: null,
      trial_start: null,
      trial_end: null,
      cancel_at_period_end: false,
      canceled_at: null,
      started_at: '2026-09-21T13:46:39.500000Z',
      ends_at: null,
      ended_at: null,
      pause_at_period_end: false,
      paused_at: null,
      resumes_at: null,
      customer_id: checkout.customer_id,
      product_id: checkout.product_id,
      discount_id: null,
      checkout_id: checkout.id,
      seats: null,
      customer_cancellation_reason: null,
      customer_cancellation_comment: null,
      metadata: checkout.metadata,
      ...fields,
    }
    this.subscriptions.set(subscription.id, subscription)
    return subscription
  }

  /** A trial of two weeks: the checkout shows the price all the same, and only its order says that nothing was charged. */
  startTrial(checkoutId: string, changes: { checkout?: Fields; order?: Fields | null; subscription?: Fields } = {}): PolarCheckout {
    const trial = { allow_trial: true, active_trial_interval: 'day', active_trial_interval_count: 14, trial_end: TRIAL_END }
    const nothing = { subtotal_amount: 0, discount_amount: 0, tax_amount: 0 }
    const end = changes.checkout?.trial_end ?? TRIAL_END
    return this.subscribe(checkoutId, {
      checkout: {
        ...trial,
        is_payment_required: false,
        is_payment_setup_required: true,
        is_payment_form_required: true,
        ...changes.checkout,
      },
      order: changes.order === null ? null : { ...nothing, ...changes.order },
      subscription: {
        status: 'trialing',
        trial_start: '2026-09-21T13:46:39.500000Z',
        trial_end: end,
        current_period_end: end,
        ...changes.subscription,
      },
    })
  }

  /** A later charge: it has no checkout, but keeps the metadata. */
  renew(subscriptionId: string, orderId: string, fields: Fields = {}): PolarOrder {
    const subscription = this.subscriptions.get(subscriptionId)
    if (!subscription) throw new Error(`no subscription ${subscriptionId}`)
    return this.addOrder(String(subscription.checkout_id), {
      id: orderId,
      created_at: RENEWED_AT,
      billing_reason: 'subscription_cycle',
      checkout_id: null,
      subscription_id: subscriptionId,
      subscription,
      metadata: subscription.metadata,
      ...fields,
    })
  }
}

/** The tax is separate: net = subtotal − discount, total = net + tax. Each can be said differently. */
function amountsOf({ subtotal_amount = 7500, discount_amount = 500, tax_amount = 1330, ...fields }: Fields) {
  const net_amount = Number(subtotal_amount) - Number(discount_amount)
  return {
    subtotal_amount: Number(subtotal_amount),
    discount_amount: Number(discount_amount),
    net_amount: Number(fields.net_amount ?? net_amount),
    tax_amount: Number(tax_amount),
    total_amount: Number(fields.total_amount ?? net_amount + Number(tax_amount)),
  }
}

function product(): Fields {
  return {
    id: PRODUCT,
    created_at: '2026-08-01T09:00:00.000000Z',
    modified_at: null,
    trial_interval: null,
    trial_interval_count: null,
    name: 'Sandbox product',
    description: null,
    visibility: 'public',
    is_archived: false,
    organization_id: ORGANIZATION,
    meter_interval: null,
    meter_interval_count: null,
    prices: [],
    benefits: [],
    medias: [],
  }
}

function customer(id: string): Fields {
  return {
    id,
    created_at: '2026-09-21T13:46:38.000000Z',
    modified_at: null,
    metadata: {},
    external_id: null,
    email: 'buyer@example.com',
    email_verified: false,
    type: 'individual',
    name: 'Bea Buyer',
    billing_name: null,
    tax_id: null,
    locale: 'en',
    organization_id: ORGANIZATION,
    deleted_at: null,
  }
}

function invalid(place: string, name: string, input: unknown, msg = 'Input should be a valid UUID'): Response {
  const detail = [{ type: 'value_error', loc: [place, name], msg, input }]
  return json(422, { error: 'RequestValidationError', detail })
}
