import type { Env } from './env.ts'
import { within } from './within.ts'

const PATIENCE_MS = 200

/** What one visit with a made-up id counts for: it costs us a lookup, a second one, and somebody is trying. */
const COST_OF_UNKNOWN = 5

/**
 * Whether this address has asked about too many orders lately. No address, no limiter or a broken one: not limited,
 * since a buyer's payment is worth more than a provider call.
 */
export function isOverLimit(env: Env, request: Request, patienceMs = PATIENCE_MS): Promise<boolean> {
  return within(askLimiter(env, request.headers.get('cf-connecting-ip')), Math.min(patienceMs, PATIENCE_MS), false)
}

async function askLimiter(env: Env, address: string | null): Promise<boolean> {
  return address ? (await env.LIMITER?.limit({ key: limitKey(address) }))?.success === false : false
}

/** Counts a visit whose id turned out to be unknown as the several it is worth. */
export async function chargeUnknown(env: Env, request: Request): Promise<void> {
  // All at once: the visits of a flood come at once too.
  await Promise.all(Array.from({ length: COST_OF_UNKNOWN - 1 }, () => isOverLimit(env, request)))
}

/** One customer's line: an IPv4 address, or the first 64 bits of an IPv6 address, whose rest the customer chooses. */
export function limitKey(address: string): string {
  // The URL parser writes every IPv6 address in one way, and takes no other for one.
  const written = URL.parse(`http://[${address}]`)?.hostname.slice(1, -1).replace(/^:/, '0:')
  if (!written) return address
  const zeros = '0:'.repeat(9 - written.split(':').length)
  return `${written.replace('::', `:${zeros}`).split(':').slice(0, 4).join(':')}::/64`
}
