import type { Purchase } from '../checkouts/checkout.ts'
import { CHECKOUTS } from '../checkouts/list.ts'
import type { Switches } from '../switches.ts'
import { inWords, type Product } from './products.ts'

/** What a product is sold for while the switches stand as they do, as far as its provider can do what they say. */
export function purchaseOf({ id, title, provider, subscription, prices }: Product, switches: Switches): Purchase {
  const { currencies, paysAtOnce } = CHECKOUTS[provider]
  const currency = currencies.find((offered) => offered === switches.currency) ?? currencies[0] ?? 'USD'
  const isFree = switches.offer === '100 % off'
  return {
    product: id,
    title,
    subscription,
    minor: isFree ? 0 : prices[currency],
    discount: isFree ? prices[currency] : 0,
    currency,
    cents: isFree ? 0 : prices.USD,
    payment: paysAtOnce && switches.payment === 'later' ? 'now' : switches.payment,
    trial: switches.offer === 'trial' && subscription,
  }
}

/** The price as a buyer reads it. */
export function priceTag({ minor, currency, subscription, trial }: Purchase): { amount: string; terms: string } {
  const amount = minor === 0 ? 'Free' : inWords(minor, currency)
  if (minor === 0) return { amount, terms: 'with your 100 % off code' }
  if (trial) return { amount, terms: 'a month, after 14 free days' }
  return { amount, terms: subscription ? 'a month' : 'once' }
}
