/**
 * How a provider's payment links carry a visitor: by a parameter that the provider keeps with the order and hands back. The
 * texts are regular expressions without an end of their own.
 */
export type LinkRule = {
  /** Where the provider's links lie, unless a seller gave them a domain of their own. */
  readonly hosts: string
  /** Hosts of short links that lead on without their parameters. */
  readonly drops?: string
  readonly parameter: string
  /** Sellers use it for ids of their own: ours stands behind theirs, marked, as `readMarkedVisitor` finds it. */
  readonly isShared?: boolean
}

/**
 * The same payment link with a visitor attached. Everything else in it stays as it is, to the letter. In a shared field an
 * older visitor gives way, the seller's own id stays; when both do not fit (Stripe drops more than 200 characters,
 * docs.stripe.com/payment-links/url-parameters), the seller's stays alone.
 *
 * It must not use anything from outside of itself: links.js takes it to the seller's page as it stands here.
 */
export function attach(link: string, visitor: string, parameter: string, isShared?: boolean): string {
  const url = new URL(link)
  const others = url.search
    .slice(1)
    .split('&')
    .filter((part) => part && !new URLSearchParams(part).has(parameter))
  const theirs = (url.searchParams.get(parameter) ?? '').replace(/_?datafast_[-\da-f]{36}/gi, '')
  const value = isShared ? `${theirs.replace(/.$/, '$&_')}datafast_${visitor}` : visitor
  if (value.length > 200) return link
  url.search = [...others, `${parameter}=${encodeURIComponent(value)}`].join('&')
  return url.href
}
