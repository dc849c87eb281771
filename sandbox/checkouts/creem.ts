import { createHash } from 'node:crypto'
import type { Scene } from '../scene.ts'
import { SECRETS } from '../world/secrets.ts'
import { billOf, type Checkout, freshId, type Purchase } from './checkout.ts'

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

  take(purchase, scene) {
    const id = freshId('ch_', 11)
    place(id, purchase, scene)
    const order = scene.world.creem.checkouts.get(id)
    return signed({
      checkout_id: id,
      order_id: order?.order.id,
      customer_id: String(order?.customer.id),
      subscription_id: order?.subscription?.id,
      product_id: String(order?.product.id),
    })
  },

  referenceIn(parameters) {
    const id = parameters.get('checkout_id')
    return id?.startsWith('ch_') ? `creem:${id}` : undefined
  },
}

function place(id: string, purchase: Purchase, scene: Scene): void {
  const { subscription, minor, currency, payment, trial } = purchase
  const { creem } = scene.world
  const { subtotal, discount, net, tax } = billOf(purchase)
  const product = { price: subtotal, currency }
  const created = { currency, created_at: new Date().toISOString() }
  const order = { amount: net, sub_total: subtotal, discount_amount: discount, tax_amount: tax, amount_due: minor, ...created }
  const sell = subscription ? creem.subscribe.bind(creem) : creem.sell.bind(creem)

  if (payment === 'declined') creem.sell(id, { checkout: { status: 'expired' }, order, product, transaction: null })
  else if (trial) creem.startTrial(id, { order: created, product })
  else if (minor === 0) sell(id, { order: { ...order, status: 'paid' }, product, transaction: null })
  else {
    sell(id, { checkout: { status: payment === 'later' ? 'processing' : 'completed' }, order, product, transaction: null })
    const settle = () => {
      sell(id, { order: { ...order, amount_paid: minor }, product, transaction: { created_at: Date.now() } })
      scene.timeline.tell('Creem creates the transaction.')
    }
    if (payment === 'later') scene.awaitBank(settle)
    else setTimeout(settle, TRANSACTION_DELAY_MS).unref()
  }
}

/** Signs the parameters as Creem does: a plain hash over them in the order of the address, with the key as salt. */
function signed(parameters: Record<string, string | undefined>): Record<string, string> {
  const present = Object.entries(parameters).flatMap(([name, value]) => (value ? [[name, value] as const] : []))
  const text = [...present, ['salt', SECRETS.CREEM_API_KEY]].map(([name, value]) => `${name}=${value}`).join('|')
  return { ...Object.fromEntries(present), signature: createHash('sha256').update(text).digest('hex') }
}
