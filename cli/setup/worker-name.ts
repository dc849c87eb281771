import { createHash } from 'node:crypto'

/** The name wrangler.toml is shipped with: one for everybody, until a shop has its own. */
export const SHIPPED_NAME = 'success-url'

const MAX_LENGTH = 63

/** What is wrong with a name for a Worker; `undefined` when nothing is. It becomes a part of a host's name. */
export function wrongWithName(name: string): string | undefined {
  if (!name) return 'A Worker needs a name.'
  if (name.length > MAX_LENGTH) return `A Worker’s name has ${MAX_LENGTH} characters at most.`
  const isName = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)
  return isName ? undefined : 'A Worker’s name is made of lower-case letters, digits and dashes, and neither begins nor ends with a dash.'
}

/**
 * `success-url-harbour-com` for a shop whose buyers land at www.harbour.com. All of the host is in it, since a second shop under
 * the same name would take the first one's Worker over; where it does not fit, a digest of it ends the name.
 */
export function suggestedName(thankYouUrl: string): string {
  const host = URL.parse(thankYouUrl)?.hostname.replace(/^www\./, '') ?? ''
  const shop = host.replaceAll('.', '-').replace(/[^a-z0-9-]/g, '')
  const name = `${SHIPPED_NAME}${shop && `-${shop}`}`.replace(/-+$/, '')
  if (name.length <= MAX_LENGTH) return name
  const digest = createHash('sha256').update(host).digest('hex').slice(0, 8)
  return `${name.slice(0, MAX_LENGTH - digest.length - 1).replace(/-+$/, '')}-${digest}`
}
