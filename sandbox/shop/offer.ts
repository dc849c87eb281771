import type { Purchase } from '../checkouts/checkout.ts'
import type { Switches } from '../switches.ts'
import { inWords, type Product } from './products.ts'

/** What a product is sold for while the switches stand as they do. */
export function purchaseOf({ title, subscription, prices }: Product, { currency, payment, offer }: Switches): Purchase {
  const minor = offer === '100 % off' ? 0 : prices[currency]
  return { title, subscription, minor, currency, payment, trial: offer === 'trial' && subscription }
}

/** The price as a buyer reads it. */
export function priceTag({ minor, currency, subscription, trial }: Purchase): { amount: string; terms: string } {
  const amount = minor === 0 ? 'Free' : inWords(minor, currency)
  if (minor === 0) return { amount, terms: 'with your 100 % off code' }
  if (trial) return { amount, terms: 'a month, after 14 free days' }
  return { amount, terms: subscription ? 'a month' : 'once' }
}
