/**
 * How a provider's payment links carry a visitor: by a parameter that the provider keeps with the order and hands back. The
 * texts are regular expressions without an end of their own.
 */
export type LinkRule = {
  /** Where the provider's links lie, unless a seller gave them a domain of their own. */
  readonly hosts: string
  /** Hosts of short links that lead on without their parameters. */
  readonly drops?: string
  /** What stands in a link of the test mode, somewhere in its host and path together. Absent: nothing tells. */
  readonly test?: string
  readonly parameter: string
  /** Sellers use the parameter for ids of their own: ours stands behind theirs, marked. What the provider takes as a whole. */
  readonly fits?: string
}

/**
 * The same payment link with a visitor attached; everything else in it stays. In a field that sellers use as well an older
 * visitor gives way and the seller's own id stays: in front of ours, or alone where both do not fit. What the provider would
 * not have taken from the seller either gives way to ours.
 *
 * It must not use anything from outside of itself: links.js takes it to the seller's page as it stands here.
 *
 * @param fits - of such a shared field: what the provider takes, from beginning to end
 */
export function attach(link: string, visitor: string, parameter: string, fits?: RegExp): string {
  const url = new URL(link)
  const before = url.searchParams.get(parameter)
  const theirs = (before ?? '').replace(/_?datafast_[-\da-f]{36}/gi, '')
  const ours = `datafast_${visitor}`
  const shared = [`${theirs}_${ours}`, theirs].find((text) => theirs && fits?.test(text)) ?? ours
  const value = fits ? shared : visitor
  if (value === before) return link
  // Only where it is there: what is written anew is spelled otherwise here and there.
  if (before !== null) url.searchParams.delete(parameter)
  url.search += `${url.search ? '&' : '?'}${parameter}=${encodeURIComponent(value)}`
  return url.href
}
