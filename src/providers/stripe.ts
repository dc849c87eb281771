import * as v from 'valibot'
import { lenient } from '../lenient.ts'
import { type CurrencyTable, type Money, price } from '../money.ts'
import type { Answer, Payment } from '../payment.ts'
import type { Reference } from '../reference.ts'
import { checkTimed } from '../signature.ts'
import { readMarkedVisitor, readVisitorField } from '../visitor.ts'
import { type Ask, type Get, named } from './ask.ts'
import { Buyer, idsOf, linked, Metadata } from './common-fields.ts'
import { entries, type Listed, type Listing, listing, type Mode, moneyOf } from './listing.ts'
import { ignored, orderNews, readEvent } from './news.ts'
import { type Connection, type Provider, together } from './provider.ts'
import { refundedBefore, refundOf, taxWithin } from './refund.ts'
import { readReturnParameter } from './return-parameter.ts'

const API = 'https://api.stripe.com/v1'
// Without a pin the account's own default applies and field shapes vary (docs.stripe.com/api/versioning).
const API_VERSION = '2026-07-29.dahlia'

/**
 * Docs.stripe.com/currencies. MGA is zero-decimal here though not in ISO 4217; ISK, UGX, HUF and TWD are sent with two
 * decimals. The docs contradict themselves on UGX (in the zero-decimal list, yet a special case sent as two-decimal);
 * field evidence (woocommerce-gateway-stripe#2674, Shopify/money#258) says two.
 */
const CURRENCIES: CurrencyTable = {
  0: 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF',
  3: 'BHD JOD KWD OMR TND',
}

// What a Date can hold, so that no answer can make one throw.
const UnixSeconds = v.custom<number>((seconds) => typeof seconds === 'number' && seconds >= 0 && seconds <= 8.64e12)

/** An id, or the object itself where somebody expanded it. */
const Linked = linked({})

const Subscription = v.object({ created: UnixSeconds, trial_start: v.nullish(v.number()), trial_end: v.nullish(v.number()) })

/** The part of a Checkout Session we rely on. Status words stay open: a new one must mean "wait", not a crash. */
const Session = v.object({
  id: v.string(),
  status: v.nullish(v.string()),
  payment_status: v.nullish(v.string()),
  mode: v.nullish(v.string()),
  amount_total: v.nullish(v.number()),
  total_details: lenient(v.object({ amount_tax: v.nullish(v.number()) })),
  currency: v.nullish(v.string()),
  created: UnixSeconds,
  livemode: v.boolean(),
  client_reference_id: lenient(v.string()),
  metadata: Metadata,
  customer: lenient(Linked),
  customer_details: Buyer,
  payment_intent: Linked,
  invoice: Linked,
  subscription: Linked,
  payment_link: lenient(Linked),
  success_url: lenient(v.string()),
  return_url: lenient(v.string()),
  line_items: v.nullish(
    v.object({ data: v.array(v.object({ price: v.nullish(v.object({ id: v.string(), product: lenient(Linked) })) })) }),
  ),
})
type Session = v.InferOutput<typeof Session>

const Sessions = v.object({ data: v.array(Session) })

/** An invoice since API version 2025-03-31: its subscription lies under `parent`, its taxes in a list (changelog "basil"). */
const Invoice = v.object({
  id: v.string(),
  status: v.nullish(v.string()),
  billing_reason: v.nullish(v.string()),
  amount_paid: v.number(),
  total: v.number(),
  total_taxes: lenient(v.array(v.object({ amount: v.number() }))),
  currency: v.string(),
  created: UnixSeconds,
  status_transitions: lenient(v.object({ paid_at: lenient(UnixSeconds) })),
  livemode: v.boolean(),
  customer: lenient(Linked),
  customer_email: lenient(v.string()),
  customer_name: lenient(v.string()),
  parent: lenient(v.object({ subscription_details: lenient(v.object({ subscription: Linked })) })),
})
type Invoice = v.InferOutput<typeof Invoice>
const Invoices = v.object({ data: v.array(Invoice), has_more: v.boolean() })

const InvoicePayments = v.object({ data: v.array(v.object({ invoice: lenient(Linked) })) })

const Refund = v.object({
  id: v.string(),
  status: v.nullish(v.string()),
  amount: v.number(),
  currency: v.string(),
  created: UnixSeconds,
  payment_intent: lenient(Linked),
})

/** An event of the account itself; `account` names a connected one. Its object has the shape of the endpoint's API version. */
const Event = v.object({
  type: v.string(),
  account: v.nullish(v.string()),
  data: lenient(v.object({ object: v.object({ id: lenient(v.string()), billing_reason: lenient(v.string()) }) })),
})
/** Made by the seller, another tool or another product: no payment link sold it. */
const NO_CHECKOUT = { is: 'ignored', reason: 'no-checkout' } as const

const REFUND_IDS = '(re|pyr)_'
/** Whose object an event is about, by the prefix of its id. Asynchronous payments end in either of the latter two. */
const EVENTS: Record<string, string> = {
  'checkout.session.completed': 'cs_',
  'checkout.session.async_payment_succeeded': 'cs_',
  'checkout.session.async_payment_failed': 'cs_',
  'invoice.paid': 'in_',
  'invoice.payment_succeeded': 'in_',
  'refund.created': REFUND_IDS,
  'refund.updated': REFUND_IDS,
  'refund.failed': REFUND_IDS,
}

/** Stripe payment links: the buyer returns with `session_id={CHECKOUT_SESSION_ID}`. */
export const stripe: Provider<'stripe'> = {
  name: 'stripe',
  title: 'Stripe',
  keySetting: 'STRIPE_SECRET_KEY',
  returnQuery: '?session_id={CHECKOUT_SESSION_ID}',
  // Links for sale, for bookings and for donations differ by their host alone (docs.stripe.com/payment-links).
  // Of a reference it drops what has other characters or more of them (docs.stripe.com/payment-links/url-parameters).
  link: {
    hosts: '(buy|book|donate)\\.stripe\\.com',
    test: '\\/test_',
    parameter: 'client_reference_id',
    fits: '[\\w-]{0,200}',
  },

  readReturn: (parameters) => readReturnParameter('stripe', parameters.getAll('session_id'), 'cs_'),

  webhook: {
    secret: 'STRIPE_WEBHOOK_SECRET',
    check: (secret, delivery) =>
      checkTimed(secret, delivery, { header: 'stripe-signature', separator: ',', time: 't', signature: 'v1', joint: '.' }),
    read: (body) =>
      readEvent(body, Event, ({ type, account, data }) => {
        const prefix = Object.hasOwn(EVENTS, type) && EVENTS[type]
        if (!prefix) return ignored(type)
        if (account) return { is: 'ignored', reason: 'connected-account' }
        const { id, billing_reason } = data?.object ?? {}
        // The first invoice of a subscription is its checkout's own; others belong to no checkout at all.
        const isOther = prefix === 'in_' && (!billing_reason?.startsWith('subscription') || billing_reason === 'subscription_create')
        return isOther ? { is: 'ignored', reason: 'no-renewal' } : orderNews('stripe', id, prefix)
      }),
  },

  connect(setting) {
    const keys = setting.secrets('STRIPE_SECRET_KEY')
    for (const key of keys) {
      if (!/^(sk|rk)_/.test(key)) setting.complain('STRIPE_SECRET_KEY', 'does not look like a secret key (rk_… or sk_…)', false)
      if (key.startsWith('sk_live_')) {
        setting.complain('STRIPE_SECRET_KEY', 'is unrestricted; create a restricted key (rk_…) that may read Checkout Sessions', false)
      }
    }
    return together(keys.map(connection))
  },
}

function connection(key: string): Connection {
  const headers = { authorization: `Bearer ${key}`, 'stripe-version': API_VERSION }
  const mode = modeOf(key)
  return {
    lists: listsFor(headers, mode === 'test' || mode === 'live' ? mode : 'unknown'),

    async lookup(id, ask, { soldAs }) {
      // Test and live share one host; asking with the other mode's key can only answer "no such session".
      if (modeOf(id) && modeOf(key) && modeOf(id) !== modeOf(key)) return { is: 'misconfigured', reason: 'wrong-mode' }
      const get = ask(API, headers)
      if (id.startsWith('in_')) return lookUpInvoice(id, get)
      if (!id.startsWith('cs_')) return lookUpRefund(id, get)
      const found = await get(`/checkout/sessions/${id}${soldAs ? '?expand[]=line_items' : ''}`, Session)
      return found.is === 'found' ? answerFor(found.object, get) : found
    },
  }
}

/** Reads are limited to 25 a second in test mode, 100 in live mode (docs.stripe.com/rate-limits). */
const PER_MINUTE = 300

/** A list as Stripe gives it: newest first, a hundred to a page (docs.stripe.com/api/pagination). */
function listOf<Item>(item: v.GenericSchema<unknown, Item>, listed: (item: Item) => Listed[]) {
  const answer = v.object({ data: entries(item), has_more: v.boolean() })
  return {
    answer,
    read: ({ data, has_more }: v.InferOutput<typeof answer>) => ({
      listed: data.items.flatMap(listed),
      next: has_more ? data.lastId : undefined,
    }),
  }
}

function listsFor(headers: Record<string, string>, mode: Mode): Listing[] {
  const source = { get: (ask: Ask) => ask(API, headers), mode, perMinute: PER_MINUTE }
  const path = (what: string) => (from: string, after: string | undefined) =>
    `/${what}created[gte]=${Math.floor(Date.parse(from) / 1000)}&limit=100${after ? `&starting_after=${after}` : ''}`
  return [
    listing(source, {
      name: 'sessions',
      permission: 'Checkout Sessions: Read',
      // Listed by their creation, and paid up to a day later.
      path: path('checkout/sessions?status=complete&'),
      ...listOf(Session, ({ id, mode, created, amount_total, total_details, currency }) => {
        if (mode === 'setup') return []
        const money = moneyOf(price(amount_total, total_details?.amount_tax, currency, CURRENCIES))
        return [{ reference: `stripe:${id}`, at: isoOf(created), money }]
      }),
    }),
    listing(source, {
      name: 'invoices',
      permission: 'Invoices: Read',
      // Listed by their creation, and paid weeks later where a card has to be tried again.
      changes: true,
      path: path('invoices?status=paid&'),
      ...listOf(Invoice, (invoice) => {
        const { id, billing_reason, amount_paid, created, status_transitions } = invoice
        const isRenewal = billing_reason?.startsWith('subscription') && billing_reason !== 'subscription_create' && amount_paid > 0
        const at = isoOf(status_transitions?.paid_at ?? created)
        return isRenewal ? [{ reference: `stripe:${id}`, at, money: moneyOf(priceOfInvoice(invoice)) }] : []
      }),
    }),
    listing(source, {
      name: 'refunds',
      permission: 'Charges and Refunds: Read',
      path: path('refunds?'),
      ...listOf(Refund, ({ id, status, created, amount, currency }) => {
        if (status === 'failed' || status === 'canceled') return []
        return [{ reference: `stripe:${id}`, at: isoOf(created), money: moneyOf(price(amount, 0, currency, CURRENCIES)) }]
      }),
    }),
  ]
}

function modeOf(keyOrId: string): string | undefined {
  return /^[a-z]+_(test|live)_/.exec(keyOrId)?.[1]
}

async function answerFor(session: Session, get: Get): Promise<Answer> {
  const { id, status, mode, payment_status } = session
  if (status === 'open' || status === 'expired') return { is: 'not-paid', reason: status }
  if (status !== 'complete') return { is: 'pending', reason: 'unknown-status' }
  if (mode === 'setup') return { is: 'ignored', reason: 'no-payment' }
  // Bank debits, vouchers, transfers: complete, and paid days later or never (docs.stripe.com/checkout/fulfillment).
  if (payment_status === 'unpaid') return { is: 'pending', reason: 'unpaid' }

  const amount = price(session.amount_total, session.total_details?.amount_tax, session.currency, CURRENCIES)
  if (amount.is === 'unclear') return amount
  const { money } = amount
  // Whether a trial's session says `paid` or `no_payment_required` differs between accounts: the total decides.
  if (money.gross > 0 && payment_status !== 'paid') return { is: 'pending', reason: 'unknown-payment-status' }
  const trial = money.gross === 0 && mode === 'subscription' && (await startsTrial(id, get))
  if (typeof trial === 'object') return trial
  return { is: 'paid', payment: toPayment(session, trial ? 'trial' : 'sale', money) }
}

/**
 * Whether a subscription that cost nothing today began with a trial, by its trial dates at purchase time: its status says
 * what it is now, not what was bought. The subscription is expanded only here, so that sellers without trials need no
 * more than read access to Checkout Sessions.
 */
async function startsTrial(id: string, get: Get): Promise<boolean | Answer> {
  const found = await get(`/checkout/sessions/${id}?expand[]=subscription`, v.object({ subscription: lenient(Subscription) }))
  if (found.is !== 'found') return found
  const { subscription } = found.object
  if (!subscription) return { is: 'unclear', reason: 'unclear-subscription' }
  const { created, trial_start, trial_end } = subscription
  // A trial granted later (support, a pause) starts later than the subscription itself.
  return !!trial_end && (trial_start ?? created) < created + 3600 && trial_end > created
}

function toPayment(session: Session, kind: 'sale' | 'trial', money: Money): Payment {
  const { id, mode, line_items, invoice, payment_intent, subscription } = session
  // Embedded checkouts call it otherwise.
  const successUrl = session.success_url ?? session.return_url
  const prices = line_items?.data.map((item) => item.price) ?? []
  return {
    kind,
    // No single id exists everywhere: the intent is null for subscriptions, the invoice for one-time payments.
    transactionId: (mode === 'subscription' ? invoice : payment_intent)?.id || id,
    ...money,
    paidAt: isoOf(session.created),
    test: !session.livemode,
    customer: { ...session.customer_details, customer_id: session.customer?.id },
    carried: [...readVisitorField(session.metadata?.datafast_visitor_id), ...readMarkedVisitor(session.client_reference_id)],
    aliases: [],
    subscription: subscription ? `stripe:${subscription.id}` : undefined,
    // Where a link thanks its buyers itself, the session shows Stripe's own address (samples): nobody is sent anywhere.
    successUrl: successUrl?.match(/^https:\/\/stripe\.com\/?$/) ? undefined : successUrl,
    soldAs: idsOf(session.payment_link?.id, ...prices.flatMap((price) => [price?.id, price?.product?.id])),
  }
}

/** A charge of a subscription after its checkout: a renewal, unless nothing was paid before it. */
async function lookUpInvoice(id: string, get: Get): Promise<Answer> {
  const found = await get(`/invoices/${id}`, Invoice)
  if (found.is !== 'found') return found
  const invoice = found.object
  const { status, billing_reason, created, amount_paid } = invoice
  const subscription = subscriptionOf(invoice)
  if (status === 'void' || status === 'uncollectible') return { is: 'not-paid', reason: status }
  if (status !== 'paid') return { is: 'pending', reason: status === 'draft' || status === 'open' ? status : 'unknown-status' }
  if (!subscription || billing_reason === 'subscription_create') return { is: 'ignored', reason: 'no-renewal' }
  const amount = priceOfInvoice(invoice)
  if (amount.is === 'unclear') return amount
  const [firstSale, charges] = await Promise.all([
    sessionFor(`subscription=${subscription}`, get),
    get(`/invoices?subscription=${subscription}&status=paid&limit=100`, Invoices).then(named),
  ])
  if ('is' in firstSale) return firstSale
  if (charges.is !== 'found') return charges
  const { data, has_more } = charges.object
  const isRenewal = has_more || data.some((other) => other.id !== id && other.created <= created && other.amount_paid > 0)
  const payment: Payment = {
    kind: isRenewal && amount_paid > 0 ? 'renewal' : 'sale',
    transactionId: id,
    ...amount.money,
    paidAt: isoOf(invoice.status_transitions?.paid_at ?? created),
    test: !invoice.livemode,
    customer: { customer_id: invoice.customer?.id, email: invoice.customer_email, name: invoice.customer_name },
    carried: [],
    aliases: [],
    subscription: `stripe:${subscription}`,
    firstSale: firstSale.reference,
    soldAs: [],
  }
  return { is: 'paid', payment }
}

async function lookUpRefund(id: string, get: Get): Promise<Answer> {
  const found = await get(`/refunds/${id}`, Refund)
  if (found.is !== 'found') return found
  const refund = found.object
  const { status, payment_intent } = refund
  if (status === 'failed' || status === 'canceled') return { is: 'not-paid', reason: status }
  if (status !== 'succeeded')
    return { is: 'pending', reason: status === 'pending' || status === 'requires_action' ? status : 'unknown-status' }
  if (!payment_intent) return NO_CHECKOUT
  const paid = await paidWith(payment_intent.id, get)
  if ('is' in paid) return paid
  // The others matter to its share of the tax alone.
  const others = paid.tax ? await refundsOf(payment_intent.id, get) : []
  if ('is' in others) return others
  const at = isoOf(refund.created)
  const tax = taxWithin(refund.amount, refundedBefore({ id, at }, others), paid)
  return refundOf(id, price(refund.amount, tax, refund.currency, CURRENCIES), { firstSale: paid.reference, at, test: paid.test })
}

/** What a refund is of: the order's reference, and what was paid, in minor units. */
type Paid = { reference: Reference; gross: number; tax: number; test: boolean }

/** A payment intent is a one-time checkout's own, or pays an invoice. */
async function paidWith(intent: string, get: Get): Promise<Paid | Answer> {
  const session = await sessionFor(`payment_intent=${intent}`, get)
  if (session !== NO_CHECKOUT) return session
  const payments = await get(`/invoice_payments?payment[type]=payment_intent&payment[payment_intent]=${intent}`, InvoicePayments)
  if (payments.is !== 'found') return payments.is === 'unknown' ? NO_CHECKOUT : payments
  const id = payments.object.data[0]?.invoice?.id
  if (!id) return NO_CHECKOUT
  const found = named(await get(`/invoices/${id}`, Invoice))
  if (found.is !== 'found') return found
  const invoice = found.object
  const paid = { gross: invoice.amount_paid, tax: taxOf(invoice), test: !invoice.livemode }
  if (invoice.billing_reason !== 'subscription_create') return { reference: `stripe:${id}`, ...paid }
  const first = await sessionFor(`subscription=${subscriptionOf(invoice)}`, get)
  return 'is' in first ? first : { reference: first.reference, ...paid }
}

/** The checkout that a subscription or payment intent came from. */
async function sessionFor(query: string, get: Get): Promise<Paid | Answer> {
  const found = await get(`/checkout/sessions?${query}&limit=1`, Sessions)
  if (found.is !== 'found') return found.is === 'unknown' ? NO_CHECKOUT : found
  const [session] = found.object.data
  if (!session) return NO_CHECKOUT
  const { id, amount_total, total_details, livemode } = session
  return { reference: `stripe:${id}`, gross: amount_total ?? 0, tax: total_details?.amount_tax ?? 0, test: !livemode }
}

/** The refunds of a payment that went through. */
async function refundsOf(intent: string, get: Get) {
  const found = named(await get(`/refunds?payment_intent=${intent}&limit=100`, v.object({ data: v.array(Refund) })))
  if (found.is !== 'found') return found
  const done = found.object.data.filter(({ status }) => status === 'succeeded')
  return done.map(({ id, created, amount }) => ({ id, at: isoOf(created), minor: amount }))
}

function subscriptionOf({ parent }: Invoice): string | undefined {
  return parent?.subscription_details?.subscription?.id
}

/** The tax within what was paid: credit that paid for a part of the total paid for the same part of its tax. */
function taxOf({ total, amount_paid, total_taxes }: Invoice): number {
  const tax = total_taxes?.reduce((sum, { amount }) => sum + amount, 0) ?? 0
  return taxWithin(amount_paid, 0, { gross: total, tax })
}

function priceOfInvoice(invoice: Invoice) {
  return price(invoice.amount_paid, taxOf(invoice), invoice.currency, CURRENCIES)
}

function isoOf(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString()
}
