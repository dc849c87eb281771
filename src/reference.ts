/**
 * What names one money movement at a provider: `stripe:cs_…`, `dodo:pay_…`. It is the name of the order's
 * object and the key of its KV entry, so it never contains anything personal.
 */
export type Reference = `${string}:${string}`

/** Longest id accepted from anywhere. Stripe promises at most 255 characters (docs.stripe.com/upgrades). */
const MAX_ID_LENGTH = 255

/**
 * Whether a text can be an id: only the prefix, the characters and the length are checked, because providers
 * promise nothing tighter.
 *
 * @param prefix - a pattern, as is `ending`
 */
export function isId(text: string, prefix: string, ending = ''): boolean {
  return text.length <= MAX_ID_LENGTH && new RegExp(`^${prefix}[\\w-]+${ending}$`).test(text)
}

/** Splits a reference into the provider's name and the provider's own id. */
export function partsOf(reference: Reference): { provider: string; id: string } {
  const [provider = '', id = ''] = reference.split(':')
  return { provider, id }
}

/**
 * Whether a reference names how much of a payment has gone back so far: it grows with every refund, so that one order
 * records several.
 */
export function isRunningTotal(reference: Reference): boolean {
  return reference.includes(':refunds_')
}

/**
 * A short stand-in for a reference in logs (32-bit FNV-1a), so that lines of one order can be found together
 * while the log holds no id that opens anything.
 */
export function logName(reference: Reference): string {
  let hash = 0x811c9dc5
  for (const character of reference) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}
