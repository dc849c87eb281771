/** The name wrangler.toml is shipped with: one for everybody, until a shop has its own. */
export const SHIPPED_NAME = 'success-url'

const MAX_LENGTH = 63

/** Second-level names under which others register theirs, as in example.co.uk. */
const SHARED = new Set(['co', 'com', 'net', 'org', 'ac', 'gov', 'edu'])

/** What is wrong with a name for a Worker; `undefined` when nothing is. It becomes a part of a host's name. */
export function wrongWithName(name: string): string | undefined {
  if (!name) return 'A Worker needs a name.'
  if (name.length > MAX_LENGTH) return `A Worker’s name has ${MAX_LENGTH} characters at most.`
  const isName = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)
  return isName ? undefined : 'A Worker’s name is made of lower-case letters, digits and dashes, and neither begins nor ends with a dash.'
}

/** `success-url-harbour` for a shop whose buyers land at www.harbour.co.uk. */
export function suggestedName(thankYouUrl: string): string {
  const host = URL.parse(thankYouUrl)?.hostname.replace(/^www\./, '') ?? ''
  const labels = host.split('.').slice(0, -1)
  if (labels.length > 1 && SHARED.has(labels.at(-1) ?? '')) labels.pop()
  const shop = labels.join('-').replace(/[^a-z0-9-]/g, '')
  return `${SHIPPED_NAME}${shop && `-${shop}`}`.slice(0, MAX_LENGTH).replace(/-+$/, '')
}
