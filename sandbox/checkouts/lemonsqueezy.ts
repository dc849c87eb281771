import { randomInt } from 'node:crypto'
import { billOf, type Checkout, isPaidLater, keptOf, trialEnd } from './checkout.ts'

/** A Lemon Squeezy checkout: no redirect, but a button in its last window, whose link the seller has written. */
export const lemonsqueezy: Checkout = {
  provider: 'lemonsqueezy',
  title: 'Lemon Squeezy',
  host: 'small-harbour.lemonsqueezy.com',
  comeback: 'comes back by a button that the buyer must press',
  currencies: ['EUR', 'USD', 'JPY', 'KWD'],
  confirmation: {
    title: 'Thanks for your order!',
    text: 'A receipt was sent to bea@example.com. Your receipt has this button too.',
    hint: 'Lemon Squeezy redirects nobody. The seller has put [order_id] and [order_identifier] into this button’s link; until somebody presses it, the shop hears nothing.',
  },

  hint(purchase) {
    if (purchase.payment === 'declined') return 'The payment will be declined, and who has not paid gets no button.'
    if (isPaidLater(purchase)) return 'The order will be pending until the money comes. Its last page has a button all the same.'
    return 'Lemon Squeezy redirects nobody: its last page has a button that leads to the success URL.'
  },

  take(purchase, { world: { lemonSqueezy }, carried, awaitBank }) {
    const { subscription, currency, payment, trial } = purchase
    if (payment === 'declined') return undefined
    const id = String(randomInt(5_000_000, 9_999_999))
    const created_at = new Date().toISOString().replace('Z', '000Z')
    const { subtotal, discount, tax } = billOf(purchase)
    const attributes = { currency, created_at, updated_at: created_at, subtotal, discount_total: discount, tax }

    if (trial) {
      const trial_ends_at = trialEnd().toISOString()
      lemonSqueezy.startTrial(id, { currency, created_at, updated_at: created_at }, { trial_ends_at, renews_at: trial_ends_at })
    } else if (subscription) lemonSqueezy.subscribe(id, attributes)
    else lemonSqueezy.sell(id, attributes)

    const order = lemonSqueezy.orders.get(id)
    if (order && isPaidLater(purchase)) {
      const paid = { status: order.attributes.status, status_formatted: order.attributes.status_formatted }
      Object.assign(order.attributes, { status: 'pending', status_formatted: 'Pending' })
      awaitBank(() => Object.assign(order.attributes, paid))
    }
    const { datafast_visitor_id: visitor } = keptOf(carried, /^checkout\[custom\]\[(.+)\]$/)
    return { id, parameters: { order_id: id, order_identifier: lemonSqueezy.identifierOf(id) }, visitor }
  },

  referenceIn(parameters) {
    const [id, identifier] = [parameters.get('order_id'), parameters.get('order_identifier')]
    return id && identifier ? `lemonsqueezy:${id}.${identifier}` : undefined
  },
}
