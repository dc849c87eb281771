import type { Env } from './env.ts'
import { within } from './within.ts'

const PATIENCE_MS = 200

/** What one visit with a made-up id counts for: it costs us a lookup, a second one, and somebody is trying. */
const COST_OF_UNKNOWN = 5

/**
 * Whether this address has asked about too many orders lately. No address, no limiter or a broken one: not limited,
 * since a buyer's payment is worth more than a provider call.
 */
export async function isOverLimit(env: Env, request: Request): Promise<boolean> {
  const address = request.headers.get('cf-connecting-ip')
  if (!address || !env.LIMITER) return false
  try {
    const { success } = await within(env.LIMITER.limit({ key: limitKey(address) }), PATIENCE_MS, { success: true })
    return !success
  } catch {
    return false
  }
}

/** Counts a visit whose id turned out to be unknown as the several it is worth. */
export async function chargeUnknown(env: Env, request: Request): Promise<void> {
  await Promise.all(Array.from({ length: COST_OF_UNKNOWN - 1 }, () => isOverLimit(env, request)))
}

/** One customer's line: an IPv4 address, or the first 64 bits of an IPv6 address, whose rest the customer chooses. */
export function limitKey(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::')
  const groups = head ? head.split(':') : []
  if (tail !== undefined) {
    const after = tail ? tail.split(':') : []
    // A trailing IPv4 part stands for two groups.
    const width = after.length + (tail.includes('.') ? 1 : 0)
    while (groups.length + width < 8) groups.push('0')
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
