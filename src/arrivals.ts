import * as v from 'valibot'
import type { Env } from './env.ts'
import { log } from './log.ts'
import { orderNamed } from './order/order-named.ts'
import type { Arrival } from './order/state.ts'
import { parseJson } from './outgoing.ts'
import { logName, type Reference } from './reference.ts'
import { within } from './within.ts'

/** Storing is confirmed within this time, or the arrival is kept in KV as well. */
const CONFIRM_WITHIN_MS = 1000
const TTL_SECONDS = 30 * 86_400
const PREFIX = 'arrival:'
/** KV counts its operations per invocation (1000 with objects): one list, one read of all, a call and a deletion each. */
const PER_RUN = 100
/** One object that cannot be reached must not hold up the others. */
const REDRIVE_TIMEOUT_MS = 5000

const StoredArrival = v.object({
  reference: v.custom<Reference>((value) => typeof value === 'string' && value.includes(':')),
  door: v.picklist(['redirect', 'webhook', 'sweep']),
  at: v.number(),
  visitors: v.array(v.string()),
})

/** Hands an arrival to its order. Resolves once it is stored there; rejects when the order cannot be reached. */
export async function deliver(env: Env, arrival: Arrival): Promise<void> {
  await orderNamed(env, arrival.reference).arrive(arrival)
}

/**
 * Makes sure that an arrival is stored somewhere: in its order, or, when that is not confirmed in time, in KV, from where
 * the cron run takes it up. Storing it twice is harmless.
 *
 * @param stored - the attempt to hand it to its order
 * @returns where it is: `nowhere` when neither could take it
 */
export async function secure(env: Env, arrival: Arrival, stored: Promise<unknown>): Promise<'order' | 'kv' | 'nowhere'> {
  try {
    const confirmed = stored.then(() => 'order' as const)
    if ((await within(confirmed, CONFIRM_WITHIN_MS, 'slow')) === 'order') return 'order'
  } catch {
    // Unreachable: the same as slow, only sooner known.
  }
  try {
    if (!env.RECORDED) throw new Error('RECORDED is not bound')
    // A key of its own each: KV refuses a second write to one key within a second, and the last one would win.
    const key = `${PREFIX}${arrival.reference}:${crypto.randomUUID()}`
    await env.RECORDED.put(key, JSON.stringify({ v: 1, ...arrival }), { expirationTtl: TTL_SECONDS })
    log('loud', { event: 'arrival', stored: 'kv', order: logName(arrival.reference) })
    return 'kv'
  } catch {
    log('loud', { event: 'arrival', stored: 'nowhere', order: logName(arrival.reference) })
    return 'nowhere'
  }
}

/** The cron run: hands what was stored in KV to its orders, and forgets it once they have it. */
export async function redrive(env: Env): Promise<void> {
  if (!env.RECORDED) return
  const { keys } = await env.RECORDED.list({ prefix: PREFIX, limit: PER_RUN })
  if (!keys.length) return
  // As text: a single value that is not JSON would otherwise fail the reading of all.
  const values = await env.RECORDED.get(keys.map((key) => key.name))
  const delivered = await Promise.all([...values].map(([key, value]) => redriveOne(env, key, parseJson(value ?? ''))))
  const count = delivered.filter(Boolean).length
  log(count < keys.length ? 'loud' : 'quiet', { event: 'redrive', delivered: count, waiting: keys.length - count })
}

async function redriveOne(env: Env, key: string, value: unknown): Promise<boolean> {
  const arrival = v.safeParse(StoredArrival, value)
  try {
    // What cannot be read can never be delivered; a value that has just expired is nothing either.
    if (arrival.success && (await within(deliver(env, arrival.output), REDRIVE_TIMEOUT_MS, 'slow')) === 'slow') return false
    await env.RECORDED?.delete(key)
    return true
  } catch {
    return false
  }
}
