import { randomBytes } from 'node:crypto'
import { inWords } from '../shop/products.ts'
import type { Checkout } from './checkout.ts'

/** A Gumroad product: the buyer ends on its content page, where the seller's button carries `__sale_info__`. */
export const gumroad: Checkout = {
  provider: 'gumroad',
  title: 'Gumroad',
  host: 'smallharbour.gumroad.com',
  comeback: 'comes back by a button, and counts in dollars',
  currencies: ['EUR', 'USD', 'JPY'],
  paysAtOnce: true,
  confirmation: {
    title: 'Your purchase was successful!',
    text: 'We’ve sent a receipt to bea@example.com.',
    hint: 'Gumroad redirects nobody. This is its content page, on which the seller has placed a button with __sale_info__ in its link; until somebody presses it, the shop hears nothing.',
  },

  hint({ payment, currency, minor, cents, trial }) {
    if (payment === 'declined') return 'The payment will be declined: Gumroad keeps the buyer, and no sale exists.'
    if (trial) return 'Gumroad’s sale shows the full price, although nothing is charged for two weeks.'
    if (currency !== 'USD' && minor > 0) return `Whatever the price tag says, Gumroad’s API reports US dollars: ${inWords(cents, 'USD')}.`
    return 'Gumroad redirects nobody: its last page has a button that leads to the success URL. Nobody can pay later here.'
  },

  take({ product, title, subscription, minor, currency, cents, payment, trial }, { world: { gumroad }, carried }) {
    if (payment === 'declined') return undefined
    const id = `${randomBytes(16).toString('base64url')}==`
    const label = inWords(minor, currency)
    const fields = {
      product_name: title,
      product_permalink: product,
      price: cents,
      currency_symbol: label.replaceAll(/[\d.,\s]/g, ''),
      formatted_display_price: label,
      formatted_total_price: label,
      created_at: new Date().toISOString().replace(/\.\d+/, ''),
    }
    if (trial) gumroad.startTrial(id, fields)
    else if (subscription) gumroad.subscribe(id, fields)
    else gumroad.sell(id, fields)
    const product_id = String(gumroad.sales.get(id)?.product_id)
    const visitor = carried.get('datafast_visitor_id') ?? undefined
    return { id, parameters: { sale_id: id, product_id, product_permalink: product }, visitor }
  },

  referenceIn(parameters) {
    const id = parameters.get('sale_id')
    return id ? `gumroad:${id}` : undefined
  },
}
