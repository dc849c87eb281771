import { type Checkout, freshId } from './checkout.ts'

/** What a link may carry as `client_reference_id`; anything else is dropped without a word (docs.stripe.com, URL parameters). */
const REFERENCE = /^[\w-]{1,200}$/

/** A Stripe payment link: it redirects with the session's id, and the session says what became of it. */
export const stripe: Checkout = {
  provider: 'stripe',
  title: 'Stripe',
  host: 'buy.stripe.com',
  comeback: 'redirects at once, with the session’s id',
  currencies: ['EUR', 'USD', 'JPY', 'KWD'],
  tellsUnpaid: true,

  take({ subscription, minor, discount, currency, payment, trial }, { world, origin, carried, awaitBank }) {
    const id = freshId('cs_live_a1')
    const now = Math.floor(Date.now() / 1000)
    const success_url = `${origin}/checkout/success/stripe?session_id={CHECKOUT_SESSION_ID}`
    const reference = carried.get('client_reference_id') ?? ''
    const client_reference_id = REFERENCE.test(reference) ? reference : null
    const common = { currency: currency.toLowerCase(), created: now, success_url, client_reference_id }
    const amounts = {
      amount_subtotal: minor + discount,
      amount_total: minor,
      total_details: { amount_discount: discount, amount_shipping: 0, amount_tax: 0 },
    }
    const unpaid = { status: 'open', payment_status: 'unpaid', payment_intent: null, invoice: null, subscription: null }
    const free = { payment_status: 'no_payment_required', payment_intent: null }
    const fields = {
      ...common,
      ...amounts,
      ...(minor === 0 && free),
      ...(payment === 'later' && minor > 0 && { payment_status: 'unpaid' }),
      ...(payment === 'declined' && unpaid),
    }
    if (trial && payment !== 'declined') world.stripe.startTrial(id, common, now)
    else if (subscription) world.stripe.subscribe(id, fields, { created: now })
    else world.stripe.sell(id, fields)

    const session = world.stripe.sessions.get(id)
    if (session?.payment_status === 'unpaid' && session.status === 'complete') awaitBank(() => world.stripe.settle(id))
    return { id, parameters: { session_id: id } }
  },

  referenceIn(parameters) {
    const id = parameters.get('session_id')
    return id?.startsWith('cs_') ? `stripe:${id}` : undefined
  },
}
