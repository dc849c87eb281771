import { DAY_MS, HOUR_MS, later } from './later.ts'

export type Fields = Record<string, unknown>
export type PolarCheckout = Fields & { id: string; status: string }
export type PolarOrder = Fields & { id: string; status: string; paid: boolean; created_at: string; checkout_id: string | null }
export type PolarSubscription = Fields & { id: string; status: string }
export type PolarRefund = Fields & { id: string; status: string; created_at: string; order_id: string; amount: number; tax_amount: number }

export const ORDERED_AT = '2026-09-21T13:46:40.123456Z'
const ORGANIZATION = '7d1c2e90-35ab-4f6d-8a17-5b2f0c9e4d31'
const PRODUCT = 'b52f9c1d-8e04-4a7b-9d63-1f0a2c4e6b88'

/** A succeeded checkout; anything can be said differently. */
export function checkoutShape(id: string, customerId: string, fields: Fields): PolarCheckout {
  const amounts = amountsOf(fields)
  return {
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
    customer_id: customerId,
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
}

/** A paid order of a checkout: its amounts are those of the checkout unless `fields` say them. */
export function orderShape(checkoutId: string, checkout: PolarCheckout | undefined, customerId: string, fields: Fields): PolarOrder {
  const priced: Fields = checkout
    ? { subtotal_amount: checkout.subtotal_amount, discount_amount: checkout.discount_amount, tax_amount: checkout.tax_amount }
    : {}
  const amounts = amountsOf({ ...priced, ...fields })
  return {
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
}

/** An active subscription that a checkout began. */
export function subscriptionShape(id: string, checkout: PolarCheckout, fields: Fields): PolarSubscription {
  return {
    id,
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
}

/** Money given back for an order: the `amount` is without the tax, which is beside it. */
export function refundShape(order: PolarOrder, earlier: number, fields: Fields & { amount: number; tax_amount: number }): PolarRefund {
  const { id: order_id, subscription_id, customer_id, currency } = order
  const created_at = later(order.created_at, DAY_MS + earlier * HOUR_MS)
  return {
    id: crypto.randomUUID(),
    created_at,
    modified_at: later(created_at, 2_000),
    metadata: {},
    status: 'succeeded',
    reason: 'customer_request',
    currency,
    organization_id: ORGANIZATION,
    order_id,
    subscription_id,
    customer_id,
    revoke_benefits: false,
    dispute: null,
    ...fields,
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
