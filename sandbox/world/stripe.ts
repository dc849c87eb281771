import { json } from './service.ts'
import { type Collection, type Fields, failure, list, type Stored, subscriptionOf } from './stripe-list.ts'

/** What sessions and invoices have in common. */
type Sold = Stored & { livemode: boolean; created: number; currency: string; customer?: unknown }
export type StripeSession = Sold & { amount_total: number; total_details?: unknown; customer_details?: unknown }
export type StripeSubscription = Stored & { items: { data: { price: Fields }[] } & Fields }
export type StripeInvoice = Sold & {
  amount_paid: number
  total: number
  total_taxes: { amount: number }[]
  parent: { subscription_details: { subscription: string; metadata: unknown } } & Fields
  lines: { data: (Stored & { pricing: { price_details: Fields } & Fields })[] } & Fields
}
export type StripeRefund = Stored & { amount: number; currency: string; created: number; payment_intent: string; charge: string }
/** What was paid with an intent. */
type Paid = { amount: number; currency: string; created: number; livemode: boolean; customer: unknown }

const PATH = /^\/v1\/(checkout\/sessions|invoices|refunds|invoice_payments)(?:\/([^/]+))?$/
const MONTH = 30 * 86_400
/** What a renewal costs when nothing was paid before. */
const FULL_PRICE = { total: 1999, tax: 319 }

/** Stripe's API, as far as a success URL and its webhooks see it: objects by id, lists of them, one host for both modes. */
export class Stripe {
  readonly sessions = new Map<string, StripeSession>()
  readonly subscriptions = new Map<string, StripeSubscription>()
  readonly lineItems = new Map<string, unknown[]>()
  readonly invoices = new Map<string, StripeInvoice>()
  /** Which intent paid which invoice: neither of the two says it. */
  readonly invoicePayments = new Map<string, Stored>()
  readonly refunds = new Map<string, StripeRefund>()
  /** What the key, a restricted one, may not read, as the path has it: `invoices`, `refunds`, `checkout/sessions` and so on. */
  readonly forbidden = new Set<string>()
  private readonly collections: Record<string, Collection> = {
    'checkout/sessions': { object: 'checkout.session', all: this.sessions, filters: ['subscription', 'payment_intent', 'status'] },
    invoices: { object: 'invoice', all: this.invoices, filters: ['subscription', 'status'] },
    refunds: { object: 'refund', all: this.refunds, filters: ['payment_intent'] },
    invoice_payments: { object: 'invoice_payment', all: this.invoicePayments, filters: ['payment[type]', 'payment[payment_intent]'] },
  }

  answer(request: Request): Response {
    const url = new URL(request.url)
    const key = request.headers.get('authorization')?.replace('Bearer ', '') ?? ''
    if (!/^(sk|rk)_(test|live)_/.test(key)) return failure(401, 'Invalid API Key provided')
    const [, path = '', id] = PATH.exec(url.pathname) ?? []
    const collection = this.collections[path]
    if (!collection) return failure(404, `Unrecognized request URL (${request.method}: ${url.pathname}).`)
    if (this.forbidden.has(path)) {
      return failure(403, `The provided key '${key.slice(0, 8)}***' does not have the required permissions for this endpoint.`)
    }
    const live = key.includes('_live_')
    if (!id) return this.listed(path, collection, url.searchParams, live)
    const param = collection.object.replace('checkout.', '')
    const missing = `No such ${collection.object}: ${id}`
    const found = collection.all.get(decodeURIComponent(id))
    if (!found) return failure(404, missing, 'resource_missing', param)
    if (!this.belongsTo(live)(found))
      return failure(404, `${missing}; a similar object exists in the other mode`, 'resource_missing', param)
    return json(200, this.expanded(found, url.searchParams.getAll('expand[]')))
  }

  private listed(path: string, collection: Collection, query: URLSearchParams, live: boolean): Response {
    const page = list(path, collection, query, this.belongsTo(live))
    if (page instanceof Response) return page
    const expand = query.getAll('expand[]').map((name) => name.replace(/^data\./, ''))
    return json(200, { object: 'list', ...page, data: page.data.map((object) => this.expanded(object, expand)) })
  }

  /** What is of a mode. A refund has none of its own: it has its payment's, and a list of them is not to look for each. */
  private belongsTo(live: boolean): (object: Fields) => boolean {
    const paid = [
      ...this.sessions.values(),
      ...Array.from(this.invoicePayments.values(), ({ payment, livemode }) => ({ ...(payment as Fields), livemode })),
    ]
    const intents = new Set(paid.filter(({ livemode }) => livemode === live).map(({ payment_intent }: Fields) => payment_intent))
    return ({ livemode, payment_intent }) => (livemode === undefined ? intents.has(payment_intent) : livemode === live)
  }

  private expanded(object: Stored, expand: string[]): Fields {
    if (object.object !== 'checkout.session') return object
    const subscription = typeof object.subscription === 'string' ? this.subscriptions.get(object.subscription) : undefined
    return {
      ...object,
      ...(expand.includes('subscription') && subscription && { subscription }),
      ...(expand.includes('line_items') && { line_items: { object: 'list', data: this.lineItems.get(object.id) ?? [], has_more: false } }),
    }
  }

  /** A finished, paid session of a payment link; anything can be said differently. */
  sell(id: string, fields: Fields = {}): StripeSession {
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
  subscribe(id: string, fields: Fields = {}, subscription: Fields = {}): StripeSession {
    const tail = id.slice(-12)
    const ids = { payment_intent: null, invoice: `in_${tail}`, subscription: `sub_${tail}`, customer: `cus_${tail}` }
    const session = this.sell(id, { mode: 'subscription', ...ids, ...fields })
    const { currency, customer, livemode } = session
    const item = { id: `si_${tail}`, object: 'subscription_item', quantity: 1, price: { id: 'price_sandbox', product: 'prod_sandbox' } }
    const subscribed: StripeSubscription = {
      ...{ object: 'subscription', status: 'active', created: 1_790_000_030, metadata: {}, trial_start: null, trial_end: null },
      ...{ currency, customer, livemode, items: { object: 'list', data: [item], has_more: false } },
      id: typeof session.subscription === 'string' ? session.subscription : `sub_${tail}`,
      ...subscription,
    }
    this.subscriptions.set(subscribed.id, subscribed)
    if (typeof session.invoice === 'string' && session.status === 'complete') this.bill(session.invoice, session, subscribed)
    return session
  }

  /** A subscription that begins with a free trial of two weeks. */
  startTrial(id: string, fields: Fields = {}, start = 1_790_000_030): StripeSession {
    return this.subscribe(
      id,
      { amount_subtotal: 0, amount_total: 0, total_details: { amount_tax: 0 }, payment_status: 'no_payment_required', ...fields },
      { status: 'trialing', created: start, trial_start: start, trial_end: start + 14 * 86_400 },
    )
  }

  /** The first invoice of a subscription. */
  private bill(id: string, session: StripeSession, { id: subscription, items, metadata }: StripeSubscription): void {
    const { created, currency, customer, livemode, amount_total, payment_status } = session
    const total_details = session.total_details as { amount_tax?: number } | null | undefined
    const buyer = session.customer_details as { email?: string; name?: string } | null | undefined
    const period = { start: created, end: created + MONTH }
    const line = { id: `il_${id.slice(3)}`, object: 'line_item', amount: amount_total, currency, invoice: id, livemode, period }
    const data = items.data.map(({ price }) => {
      return { ...line, pricing: { type: 'price_details', price_details: { price: price.id, product: price.product } } }
    })
    const paid_at = payment_status === 'unpaid' ? null : created
    this.addInvoice({
      ...{ id, object: 'invoice', billing_reason: 'subscription_create', currency, created, livemode, metadata: {} },
      ...{ customer, customer_email: buyer?.email ?? null, customer_name: buyer?.name ?? null },
      ...amounts(amount_total, total_details?.amount_tax ?? 0),
      ...(paid_at === null && { status: 'open', amount_paid: 0 }),
      status_transitions: { paid_at },
      parent: { type: 'subscription_details', quote_details: null, subscription_details: { subscription, metadata } },
      lines: { object: 'list', data, has_more: false },
    })
  }

  /** Keeps an invoice and, where there is something to pay, the intent that pays it. */
  private addInvoice(invoice: StripeInvoice): StripeInvoice {
    const { id, currency, created, livemode, status } = invoice
    const payment = { type: 'payment_intent', payment_intent: `pi_${id.slice(3)}` }
    const paid = { id: `inpay_${id.slice(3)}`, object: 'invoice_payment', invoice: id, payment, status, currency, created, livemode }
    this.invoices.set(id, invoice)
    if (invoice.total > 0) this.invoicePayments.set(paid.id, paid)
    return invoice
  }

  /** The bank's late yes to a session that was complete but unpaid, and to its invoice. */
  settle(id: string): void {
    const session = this.sessions.get(id)
    const invoice = this.invoices.get(String(session?.invoice))
    if (session) session.payment_status = 'paid'
    if (invoice?.status !== 'open') return
    const { total, created } = invoice
    this.addInvoice(Object.assign(invoice, { status: 'paid', amount_paid: total, status_transitions: { paid_at: created } }))
  }

  /** The next charge of a subscription, 30 days after the one before; an hour passes until it is paid. */
  renew(subscriptionId: string, invoiceId: string, fields: Fields = {}): StripeInvoice {
    const earlier = [...this.invoices.values()].filter((invoice) => subscriptionOf(invoice) === subscriptionId)
    const previous = earlier.toSorted((a, b) => a.created - b.created).at(-1)
    if (!previous) throw new Error(`no invoice of ${subscriptionId}`)
    const { total, total_taxes } = earlier.find((invoice) => invoice.amount_paid > 0) ?? {}
    const price = total ? { total, tax: total_taxes?.[0]?.amount ?? 0 } : FULL_PRICE
    const created = previous.created + MONTH
    const line = { invoice: invoiceId, amount: price.total, period: { start: created, end: created + MONTH } }
    return this.addInvoice({
      ...previous,
      id: invoiceId,
      billing_reason: 'subscription_cycle',
      ...amounts(price.total, price.tax),
      created,
      status_transitions: { paid_at: created + 3600 },
      lines: { ...previous.lines, data: previous.lines.data.map((old) => ({ ...old, ...line, id: `il_${invoiceId.slice(3)}` })) },
      ...fields,
    })
  }

  /** Gives back what is left of a payment, or `fields.amount` of it. */
  refund(refundId: string, paymentIntent: string, fields: Fields = {}): StripeRefund {
    const paid = this.paidWith(paymentIntent)
    if (!paid) throw new Error(`nothing was paid with ${paymentIntent}`)
    const refund: StripeRefund = {
      id: refundId,
      object: 'refund',
      amount: paid.amount - this.refundedOf(paymentIntent),
      charge: `ch_${paymentIntent.slice(3)}`,
      created: paid.created + 3600 * (this.refundsOf(paymentIntent).length + 1),
      currency: paid.currency,
      payment_intent: paymentIntent,
      ...{ status: 'succeeded', reason: 'requested_by_customer', metadata: {} },
      ...fields,
    }
    this.refunds.set(refundId, refund)
    return refund
  }

  private refundsOf(intent: string): StripeRefund[] {
    return [...this.refunds.values()].filter(({ payment_intent }) => payment_intent === intent)
  }

  /** How much of a payment went back, or is on its way. */
  refundedOf(paymentIntent: string): number {
    const lasting = this.refundsOf(paymentIntent).filter(({ status }) => status !== 'failed' && status !== 'canceled')
    return lasting.reduce((sum, { amount }) => sum + amount, 0)
  }

  /** The intent that paid an invoice; none did where nothing was due. */
  intentOf(invoiceId: string): string | undefined {
    const found = [...this.invoicePayments.values()].find(({ invoice }) => invoice === invoiceId)
    return found && String((found.payment as Fields).payment_intent)
  }

  /** What was paid with an intent: a session by itself, or an invoice. */
  paidWith(intent: string): Paid | undefined {
    const session = [...this.sessions.values()].find(({ payment_intent }) => payment_intent === intent)
    const payment = [...this.invoicePayments.values()].find((candidate) => (candidate.payment as Fields).payment_intent === intent)
    const invoice = this.invoices.get(String(payment?.invoice))
    const { currency = '', created = 0, livemode = true, customer } = session ?? invoice ?? {}
    const amount = session?.amount_total ?? invoice?.amount_paid
    return amount === undefined ? undefined : { amount, currency, created, livemode, customer }
  }
}

/** The sums of a paid invoice whose prices include the tax. */
function amounts(total: number, tax: number) {
  const taxes = { amount: tax, tax_behavior: 'inclusive', tax_rate_details: { tax_rate: 'txr_sandbox' }, type: 'tax_rate_details' }
  const total_taxes = tax > 0 ? [taxes] : []
  return { status: 'paid', amount_due: total, amount_paid: total, total, total_excluding_tax: total - tax, total_taxes }
}
