import * as v from 'valibot'
import { lenient } from '../lenient.ts'
import { type CurrencyTable, type Money, price } from '../money.ts'
import type { Answer, Payment } from '../payment.ts'
import { readMarkedVisitor, readVisitorField } from '../visitor.ts'
import type { Get } from './ask.ts'
import { Buyer, idsOf, linked, Metadata } from './common-fields.ts'
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
  line_items: v.nullish(
    v.object({ data: v.array(v.object({ price: v.nullish(v.object({ id: v.string(), product: lenient(Linked) })) })) }),
  ),
})
type Session = v.InferOutput<typeof Session>

/** Stripe payment links: the buyer returns with `session_id={CHECKOUT_SESSION_ID}`. */
export const stripe: Provider<'stripe'> = {
  name: 'stripe',

  readReturn: (parameters) => readReturnParameter('stripe', parameters.getAll('session_id'), 'cs_'),

  connect(setting) {
    const key = setting.secret('STRIPE_SECRET_KEY')
    if (!key) return undefined
    if (!/^(sk|rk)_/.test(key)) setting.complain('STRIPE_SECRET_KEY', 'does not look like a secret key (rk_… or sk_…)', false)
    if (key.startsWith('sk_live_')) {
      setting.complain('STRIPE_SECRET_KEY', 'is unrestricted; create a restricted key (rk_…) that may read Checkout Sessions', false)
    }
    return connection(key)
  },
}

function connection(key: string): Connection {
  const headers = { authorization: `Bearer ${key}`, 'stripe-version': API_VERSION }
  return {
    async lookup(id, ask, { soldAs }) {
      // Test and live share one host; asking with the other mode's key can only answer "no such session".
      if (modeOf(id) && modeOf(key) && modeOf(id) !== modeOf(key)) return { is: 'misconfigured', reason: 'wrong-mode' }
      const get = ask(`${API}/checkout/sessions/${id}`, headers)
      const found = await get(soldAs ? '?expand[]=line_items' : '', Session)
      return found.is === 'found' ? answerFor(found.object, get) : found
    },
  }
}

function modeOf(keyOrId: string): string | undefined {
  return /^[a-z]+_(test|live)_/.exec(keyOrId)?.[1]
}

async function answerFor(session: Session, get: Get): Promise<Answer> {
  const { status, mode, payment_status } = session
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
  const trial = money.gross === 0 && mode === 'subscription' && (await startsTrial(get))
  if (typeof trial === 'object') return trial
  return { is: 'paid', payment: toPayment(session, trial ? 'trial' : 'sale', money) }
}

/**
 * Whether a subscription that cost nothing today began with a trial, by its trial dates at purchase time: its status says
 * what it is now, not what was bought. The subscription is expanded only here, so that sellers without trials need no
 * more than read access to Checkout Sessions.
 */
async function startsTrial(get: Get): Promise<boolean | Answer> {
  const found = await get('?expand[]=subscription', v.object({ subscription: lenient(Subscription) }))
  if (found.is !== 'found') return found
  const { subscription } = found.object
  if (!subscription) return { is: 'unclear', reason: 'unclear-subscription' }
  const { created, trial_start, trial_end } = subscription
  // A trial granted later (support, a pause) starts later than the subscription itself.
  return !!trial_end && (trial_start ?? created) < created + 3600 && trial_end > created
}

function toPayment(session: Session, kind: 'sale' | 'trial', money: Money): Payment {
  const { id, mode, line_items, invoice, payment_intent, subscription } = session
  const prices = line_items?.data.map((item) => item.price) ?? []
  return {
    kind,
    // No single id exists everywhere: the intent is null for subscriptions, the invoice for one-time payments.
    transactionId: (mode === 'subscription' ? invoice : payment_intent)?.id || id,
    ...money,
    paidAt: new Date(session.created * 1000).toISOString(),
    test: !session.livemode,
    customer: { ...session.customer_details, customer_id: session.customer?.id },
    carried: [...readVisitorField(session.metadata?.datafast_visitor_id), ...readMarkedVisitor(session.client_reference_id)],
    aliases: [],
    subscription: subscription ? `stripe:${subscription.id}` : undefined,
    soldAs: idsOf(session.payment_link?.id, ...prices.flatMap((price) => [price?.id, price?.product?.id])),
  }
}
