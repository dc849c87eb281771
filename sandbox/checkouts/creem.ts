import { createHash } from 'node:crypto'
import { SECRETS } from '../world/secrets.ts'
import { billOf, type Checkout, type Counter, freshId, keptOf, type Purchase } from './checkout.ts'

/** A checkout is completed before its transaction exists. */
const TRANSACTION_DELAY_MS = 1_000

/** A Creem payment link: it redirects with half a dozen ids, and the one that counts is not yet among them. */
export const creem: Checkout = {
  provider: 'creem',
  title: 'Creem',
  host: 'creem.io',
  comeback: 'redirects at once, its transaction follows a second later',
  currencies: ['EUR', 'USD'],

  hint({ payment, minor, trial }) {
    if (payment === 'declined')
      return 'The payment will be declined and the checkout expires; the buyer opens the success URL all the same.'
    if (payment === 'now' && minor > 0 && !trial) return 'You will be back before Creem has created the transaction.'
    return undefined
  },

  take(purchase, counter) {
    const id = freshId('ch_', 11)
    place(id, purchase, counter)
    const order = counter.world.creem.checkouts.get(id)
    const parameters = signed({
      checkout_id: id,
      order_id: order?.order.id,
      customer_id: String(order?.customer.id),
      subscription_id: order?.subscription?.id,
      product_id: String(order?.product.id),
    })
    return { id, parameters }
  },

  referenceIn(parameters) {
    const id = parameters.get('checkout_id')
    return id?.startsWith('ch_') ? `creem:${id}` : undefined
  },
}

function place(id: string, purchase: Purchase, { world: { creem }, timeline, origin, carried, later, awaitBank }: Counter): void {
  const { subscription, minor, currency, payment, trial } = purchase
  const { subtotal, discount, net, tax } = billOf(purchase)
  const success_url = `${origin}/checkout/success/creem`
  const product = { price: subtotal, currency, default_success_url: success_url }
  const created = { currency, created_at: new Date().toISOString() }
  const order = { amount: net, sub_total: subtotal, discount_amount: discount, tax_amount: tax, amount_due: minor, ...created }
  const sell = subscription ? creem.subscribe.bind(creem) : creem.sell.bind(creem)

  const checkout = { success_url, metadata: keptOf(carried, /^metadata\[(.+)\]$/) }

  if (payment === 'declined') creem.sell(id, { checkout: { ...checkout, status: 'expired' }, order, product, transaction: null })
  // Whose order has no amounts yet: the price is what its first charge comes to.
  else if (trial) creem.startTrial(id, { checkout, order: created, product: { ...product, price: minor, tax_mode: 'inclusive' } })
  else if (minor === 0) sell(id, { checkout, order: { ...order, status: 'paid' }, product, transaction: null })
  else {
    const status = payment === 'later' ? 'processing' : 'completed'
    sell(id, { checkout: { ...checkout, status }, order, product, transaction: null })
    const settle = () => {
      sell(id, { checkout, order: { ...order, amount_paid: minor }, product, transaction: { created_at: Date.now() } })
      timeline.tell('Creem creates the transaction.')
    }
    if (payment === 'later') awaitBank(settle)
    else later(TRANSACTION_DELAY_MS, settle)
  }
}

/** Signs the parameters as Creem does: a plain hash over them in the order of the address, with the key as salt. */
function signed(parameters: Record<string, string | undefined>): Record<string, string> {
  const present = Object.entries(parameters).flatMap(([name, value]) => (value ? [[name, value] as const] : []))
  const text = [...present, ['salt', SECRETS.CREEM_API_KEY]].map(([name, value]) => `${name}=${value}`).join('|')
  return { ...Object.fromEntries(present), signature: createHash('sha256').update(text).digest('hex') }
}
