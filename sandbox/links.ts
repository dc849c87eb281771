import type { ProviderName } from '../src/providers/index.ts'
import type { Checkout } from './checkouts/checkout.ts'
import { PRODUCTS } from './shop/products.ts'

/** The shop's payment links, by the names of its products: what its founder has put into `LINKS`. */
export function linksAt(origin: string): Record<string, { provider: ProviderName; url: string }> {
  return Object.fromEntries(PRODUCTS.map(({ id, provider }) => [id, { provider, url: `${origin}/pay/${id}` }]))
}

/**
 * What the link maker did, as the timeline tells it.
 * @param visitor - whose cookie came with the click
 * @param location - where it sent them
 */
export function linkInWords({ title, onSellersPage }: Checkout, visitor: string | undefined, location: string): string {
  if (onSellersPage) {
    const then = visitor ? 'A script there hands their id over.' : 'A script there finds no id to hand over: no cookie.'
    return `The link maker sends the visitor to the shop’s own page with ${title}. ${then}`
  }
  const how = visitor && location.includes(visitor) ? 'with their id attached' : 'without an id: no cookie'
  return `The link maker sends the visitor to ${title}, ${how}.`
}
