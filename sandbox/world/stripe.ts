import { json } from './service.ts'

export type StripeSession = Record<string, unknown> & { id: string; livemode: boolean }
export type StripeSubscription = Record<string, unknown> & { id: string }

/** Stripe's API, as far as a success URL sees it: sessions by id, with `expand[]`, one host for both modes. */
export class Stripe {
  readonly sessions = new Map<string, StripeSession>()
  readonly subscriptions = new Map<string, StripeSubscription>()
  readonly lineItems = new Map<string, unknown[]>()

  answer(request: Request): Response {
    const url = new URL(request.url)
    const key = request.headers.get('authorization')?.replace('Bearer ', '') ?? ''
    if (!/^(sk|rk)_(test|live)_/.test(key)) return failure(401, 'Invalid API Key provided')
    const id = /^\/v1\/checkout\/sessions\/([^/]+)$/.exec(url.pathname)?.[1]
    const session = id && this.sessions.get(decodeURIComponent(id))
    if (!session) return failure(404, `No such checkout.session: ${id}`, 'resource_missing')
    if (session.livemode !== key.includes('_live_')) {
      return failure(404, `No such checkout.session: ${id}; a similar object exists in the other mode`, 'resource_missing')
    }
    const expand = url.searchParams.getAll('expand[]')
    const subscription = typeof session.subscription === 'string' ? this.subscriptions.get(session.subscription) : undefined
    return json(200, {
      ...session,
      ...(expand.includes('subscription') && subscription && { subscription }),
      ...(expand.includes('line_items') && { line_items: { object: 'list', data: this.lineItems.get(session.id) ?? [], has_more: false } }),
    })
  }

  /** A finished, paid session of a payment link; anything can be said differently. */
  sell(id: string, fields: Record<string, unknown> = {}): StripeSession {
    const session: StripeSession = {
      id,
      object: 'checkout.session',
      status: 'complete',
      payment_status: 'paid',
      mode: 'payment',
      amount_subtotal: 1999,
      amount_total: 1999,
      total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 319 },
      currency: 'eur',
      created: 1_790_000_000,
      livemode: true,
      client_reference_id: null,
      metadata: {},
      customer: null,
      customer_creation: 'if_required',
      customer_details: { email: 'buyer@example.com', name: 'Bea Buyer', address: { country: 'DE' }, phone: null },
      customer_email: null,
      payment_intent: `pi_${id.slice(-12)}`,
      invoice: null,
      subscription: null,
      setup_intent: null,
      payment_link: 'plink_sandbox',
      presentment_details: null,
      success_url: 'https://stripe.com',
      ...fields,
    }
    this.sessions.set(id, session)
    return session
  }

  /** The same for a subscription link: an invoice and a subscription instead of an intent. */
  subscribe(id: string, fields: Record<string, unknown> = {}, subscription: Record<string, unknown> = {}): StripeSession {
    const tail = id.slice(-12)
    const created = 1_790_000_030
    this.subscriptions.set(`sub_${tail}`, {
      id: `sub_${tail}`,
      object: 'subscription',
      status: 'active',
      created,
      trial_start: null,
      trial_end: null,
      ...subscription,
    })
    return this.sell(id, {
      mode: 'subscription',
      payment_intent: null,
      invoice: `in_${tail}`,
      subscription: `sub_${tail}`,
      customer: `cus_${tail}`,
      ...fields,
    })
  }

  /** A subscription that begins with a free trial of two weeks. */
  startTrial(id: string, fields: Record<string, unknown> = {}, start = 1_790_000_030): StripeSession {
    return this.subscribe(
      id,
      { amount_subtotal: 0, amount_total: 0, total_details: { amount_tax: 0 }, payment_status: 'no_payment_required', ...fields },
      { status: 'trialing', created: start, trial_start: start, trial_end: start + 14 * 86_400 },
    )
  }
}

function failure(status: number, message: string, code?: string): Response {
  return json(status, { error: { type: 'invalid_request_error', message, ...(code && { code, param: 'session' }) } })
}
