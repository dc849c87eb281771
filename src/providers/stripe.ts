import * as v from 'valibot'
import { type CurrencyTable, price } from '../money.ts'
import type { Answer, Payment } from '../payment.ts'
import { readMarkedVisitor, readVisitorField } from '../visitor.ts'
import type { Ask } from './ask.ts'
import { lenient } from './lenient.ts'
import type { Connection, Provider } from './provider.ts'
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

/** An id, or the object itself when it was expanded. */
const IdOrObject = v.union([v.string(), v.looseObject({ id: v.string() })])

// What a Date can hold, so that no answer can make one throw.
const UnixSeconds = v.pipe(v.number(), v.minValue(0), v.maxValue(8.64e12))

const Subscription = v.looseObject({
  id: v.string(),
  created: UnixSeconds,
  trial_start: v.nullish(v.number()),
  trial_end: v.nullish(v.number()),
})

/** The part of a Checkout Session we rely on. Status words stay open: a new one must mean "wait", not a crash. */
const Session = v.object({
  id: v.string(),
  status: v.nullish(v.string()),
  payment_status: v.nullish(v.string()),
  mode: v.nullish(v.string()),
  amount_total: v.nullish(v.number()),
  total_details: v.nullish(v.object({ amount_tax: v.nullish(v.number()) })),
  currency: v.nullish(v.string()),
  created: UnixSeconds,
  livemode: v.boolean(),
  client_reference_id: lenient(v.string()),
  metadata: lenient(v.object({ datafast_visitor_id: lenient(v.string()) })),
  customer: lenient(IdOrObject),
  customer_details: lenient(v.object({ email: lenient(v.string()), name: lenient(v.string()) })),
  payment_intent: v.nullish(IdOrObject),
  invoice: v.nullish(IdOrObject),
  subscription: v.nullish(IdOrObject),
  payment_link: lenient(IdOrObject),
  line_items: v.nullish(
    v.object({ data: v.array(v.object({ price: v.nullish(v.object({ id: v.string(), product: v.nullish(IdOrObject) })) })) }),
  ),
})
type Session = v.InferOutput<typeof Session>

/** Stripe payment links: the buyer returns with `session_id={CHECKOUT_SESSION_ID}`. */
export const stripe: Provider = {
  name: 'stripe',

  readReturn: (parameters) => readReturnParameter('stripe', parameters.getAll('session_id'), 'cs_'),

  connect(setting) {
    const key = setting.secret('STRIPE_SECRET_KEY')
    if (!key) return undefined
    if (!/^(sk|rk)_/.test(key)) setting.warn('STRIPE_SECRET_KEY', 'does not look like a secret key (rk_… or sk_…)')
    if (key.startsWith('sk_live_')) {
      setting.warn('STRIPE_SECRET_KEY', 'is unrestricted; create a restricted key (rk_live_…) with read access to Checkout Sessions')
    }
    return connection(key)
  },
}

function connection(key: string): Connection {
  const headers = { authorization: `Bearer ${key}`, 'stripe-version': API_VERSION }
  return {
    async lookup(id, ask, soldAs) {
      // Test and live share one host; asking with the other mode's key can only answer "no such session".
      if (modeOf(id) && modeOf(key) && modeOf(id) !== modeOf(key)) return { is: 'misconfigured', reason: 'wrong-mode' }
      const found = await ask(sessionUrl(id, soldAs ? ['line_items'] : []), headers, Session)
      return found.is === 'found' ? answerFor(found.object, ask, headers) : found
    },
  }
}

function sessionUrl(id: string, expand: string[]): string {
  const query = new URLSearchParams(expand.map((field) => ['expand[]', field]))
  return `${API}/checkout/sessions/${id}${expand.length ? `?${query}` : ''}`
}

function modeOf(keyOrId: string): string | undefined {
  return /^[a-z]+_(test|live)_/.exec(keyOrId)?.[1]
}

async function answerFor(session: Session, ask: Ask, headers: Record<string, string>): Promise<Answer> {
  if (session.status === 'open' || session.status === 'expired') return { is: 'not-paid', reason: session.status }
  if (session.status !== 'complete') return { is: 'pending', reason: 'unknown-status' }
  if (session.mode === 'setup') return { is: 'ignored', reason: 'no-payment' }
  // Bank debits, vouchers, transfers: complete, and paid days later or never (docs.stripe.com/checkout/fulfillment).
  if (session.payment_status === 'unpaid') return { is: 'pending', reason: 'unpaid' }

  const amount = price(session.amount_total, session.total_details?.amount_tax, session.currency, CURRENCIES)
  if (amount.is === 'unclear') return amount
  // Whether a trial's session says `paid` or `no_payment_required` differs between accounts: the total decides.
  if (amount.gross > 0 && session.payment_status !== 'paid') return { is: 'pending', reason: 'unknown-payment-status' }
  if (amount.gross > 0 || session.mode !== 'subscription') return { is: 'paid', payment: toPayment(session, 'sale', amount) }

  const trial = await startsTrial(session, ask, headers)
  if (typeof trial !== 'boolean') return trial
  return { is: 'paid', payment: toPayment(session, trial ? 'trial' : 'sale', amount) }
}

/**
 * Whether a subscription that cost nothing today began with a trial, by its trial dates at purchase time: its status says
 * what it is now, not what was bought. The subscription is expanded only here, so that sellers without trials need no
 * more than read access to Checkout Sessions.
 */
async function startsTrial(session: Session, ask: Ask, headers: Record<string, string>): Promise<boolean | Answer> {
  let parsed = v.safeParse(Subscription, session.subscription)
  if (!parsed.success) {
    const found = await ask(sessionUrl(session.id, ['subscription']), headers, Session)
    if (found.is !== 'found') return found
    parsed = v.safeParse(Subscription, found.object.subscription)
  }
  if (!parsed.success) return { is: 'unclear', reason: 'unclear-subscription' }
  const { created, trial_start, trial_end } = parsed.output
  if (!trial_end) return false
  // A trial granted later (support, a pause) starts later than the subscription itself.
  return (trial_start ?? created) < created + 3600 && trial_end > created
}

function toPayment(session: Session, kind: 'sale' | 'trial', amount: Pick<Payment, 'currency' | 'gross' | 'net'>): Payment {
  const customerId = idOf(session.customer)
  const { email, name } = session.customer_details ?? {}
  const subscription = idOf(session.subscription)
  const items = session.line_items?.data ?? []
  return {
    kind,
    // No single id exists everywhere: the intent is null for subscriptions, the invoice for one-time payments.
    transactionId: (session.mode === 'subscription' ? idOf(session.invoice) : idOf(session.payment_intent)) ?? session.id,
    currency: amount.currency,
    gross: amount.gross,
    net: amount.net,
    paidAt: new Date(session.created * 1000).toISOString(),
    test: !session.livemode,
    customer: { ...(customerId && { customer_id: customerId }), ...(email && { email }), ...(name && { name }) },
    carried: [...readVisitorField(session.metadata?.datafast_visitor_id), ...readMarkedVisitor(session.client_reference_id)],
    aliases: [],
    ...(subscription && { subscription: `stripe:${subscription}` }),
    soldAs: [session.payment_link, ...items.flatMap((item) => [item.price?.id, item.price?.product])].flatMap((id) => idOf(id) ?? []),
  }
}

function idOf(value: v.InferOutput<typeof IdOrObject> | null | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.id
}
