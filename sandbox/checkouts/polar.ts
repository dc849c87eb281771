import { randomUUID } from 'node:crypto'
import { billOf, type Checkout, freshId, isPaidLater, keptOf, trialEnd } from './checkout.ts'

/** Between "pay" and "paid", a checkout is merely confirmed: seconds, as a rule. */
const CONFIRMED_MS = 4_000

/** Of a link's parameters these become metadata, and no others (docs.polar.sh, checkout links). */
const METADATA = /^(reference_id|utm_(?:source|medium|campaign|content|term))$/

/** A Polar checkout link: it fills in `{CHECKOUT_ID}`, and adds a token that opens the customer's portal for an hour. */
export const polar: Checkout = {
  provider: 'polar',
  title: 'Polar',
  host: 'buy.polar.sh',
  comeback: 'redirects at once, with a token that must go no further',
  // Currencies of three decimals are not offered.
  currencies: ['EUR', 'USD', 'JPY'],

  hint(purchase) {
    const { payment, trial } = purchase
    if (isPaidLater(purchase)) return 'The checkout stays “confirmed” for some seconds; its order comes after that.'
    if (payment === 'now' && trial) return 'Polar’s checkout shows the price of later; only its order says that nothing was charged.'
    return undefined
  },

  take(purchase, { world: { polar }, timeline, origin, carried, later }) {
    const { subscription, currency, payment, trial } = purchase
    const id = randomUUID()
    const { subtotal, discount, tax } = billOf(purchase)
    const created_at = new Date().toISOString()
    const amounts = { subtotal_amount: subtotal, discount_amount: discount, tax_amount: tax, currency: currency.toLowerCase() }
    const success_url = `${origin}/checkout/success/polar?checkout_id=${id}`
    const checkout = { ...amounts, created_at, success_url, metadata: keptOf(carried, METADATA) }
    const sell = subscription ? polar.subscribe.bind(polar) : polar.sell.bind(polar)
    const unfinished = (status: string) => polar.sell(id, { checkout: { ...checkout, status, customer_id: null }, order: null })

    if (payment === 'declined') unfinished('failed')
    else if (trial) {
      const trial_end = trialEnd().toISOString()
      polar.startTrial(id, { checkout: { ...checkout, trial_end }, order: { created_at }, subscription: { trial_start: created_at } })
    } else if (isPaidLater(purchase)) {
      unfinished('confirmed')
      const succeed = () => {
        sell(id, { checkout, order: { created_at: new Date().toISOString() } })
        timeline.tell('Polar’s checkout has succeeded; its order is there.')
      }
      later(CONFIRMED_MS, succeed)
    } else sell(id, { checkout, order: { created_at } })
    return { id, parameters: { checkout_id: id, customer_session_token: freshId('polar_cst_', 16) } }
  },

  referenceIn(parameters) {
    const id = parameters.get('checkout_id')
    return id ? `polar:${id}` : undefined
  },
}
