import type { Env } from './env.ts'
import { within } from './within.ts'

const PATIENCE_MS = 200

/** Out of a limit's 30 a minute: ten second questions. */
const COST_OF_SECOND_QUESTION = 3

/**
 * Whether this address has asked too often lately. No address, no limiter or a broken one: not limited,
 * since a buyer's payment is worth more than a provider call.
 * @param purpose - what is counted by itself
 */
export function isOverLimit(env: Env, request: Request, patienceMs: number, purpose = ''): Promise<boolean> {
  const address = request.headers.get('cf-connecting-ip')
  return within(ask(env, address && purpose + limitKey(address)), Math.min(patienceMs, PATIENCE_MS), false)
}

/**
 * Whether too many unknown references were asked about a second time lately, whoever named them. Without this limit a flood
 * of forged ids would cost two provider calls each.
 */
export async function isOverSecondQuestions(env: Env): Promise<boolean> {
  const asked = Array.from({ length: COST_OF_SECOND_QUESTION }, () => within(ask(env, 'second-question'), PATIENCE_MS, false))
  return (await Promise.all(asked)).includes(true)
}

async function ask(env: Env, key: string | null): Promise<boolean> {
  return key ? (await env.LIMITER?.limit({ key }))?.success === false : false
}

/** One customer's line: an IPv4 address, or the first 64 bits of an IPv6 address, whose rest the customer chooses. */
export function limitKey(address: string): string {
  // The URL parser writes every IPv6 address in one way, and takes no other for one.
  const written = URL.parse(`http://[${address}]`)?.hostname.slice(1, -1).replace(/^:/, '0:')
  if (!written) return address
  const zeros = '0:'.repeat(9 - written.split(':').length)
  return `${written.replace('::', `:${zeros}`).split(':').slice(0, 4).join(':')}::/64`
}
