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

/** What an arrival must have to be one. */
const StoredArrival = v.object({
  reference: v.custom<Reference>((name) => typeof name === 'string' && /^[a-z]+:[\w.=-]+$/.test(name)),
  door: v.string(),
  at: v.number(),
  visitors: v.array(v.string()),
})

/** Hands an arrival to its order. Resolves once it is stored there; rejects when the order cannot be reached. */
export async function deliver(env: Env, arrival: Arrival, order = orderNamed(env, arrival.reference)): Promise<void> {
  await order.arrive(arrival)
}

/**
 * Makes sure that an arrival is stored somewhere: in its order, or, when that is not confirmed in time, in KV, from where
 * the cron run takes it up. Storing it twice is harmless.
 *
 * @param stored - the attempt to hand it to its order
 * @returns where it is: `nowhere` when neither could take it
 */
export async function secure(env: Env, arrival: Arrival, stored: Promise<void>): Promise<'order' | 'kv' | 'nowhere'> {
  const confirmed = stored.then(() => true)
  if (await within(confirmed, CONFIRM_WITHIN_MS, false)) return 'order'
  const where = await keep(env, arrival).catch(() => 'nowhere' as const)
  log('loud', { event: 'arrival', stored: where, order: logName(arrival.reference) })
  return where
}

async function keep({ RECORDED }: Env, arrival: Arrival): Promise<'kv' | 'nowhere'> {
  // A key of its own each: KV refuses a second write to one key within a second, and the last one would win.
  const key = `${PREFIX}${arrival.reference}:${crypto.randomUUID()}`
  await RECORDED?.put(key, JSON.stringify({ v: 1, ...arrival }), { expirationTtl: TTL_SECONDS })
  return RECORDED ? 'kv' : 'nowhere'
}

/**
 * The cron run: hands what was stored in KV to its orders, and forgets it once they have it.
 * @returns whether KV could be read
 */
export async function redrive(env: Env): Promise<boolean> {
  const { RECORDED } = env
  if (!RECORDED) return true
  const kept = await within(readKept(RECORDED), REDRIVE_TIMEOUT_MS, undefined)
  if (!kept) {
    log('loud', { event: 'redrive', reason: 'kv-down' })
    return false
  }
  const settled = await Promise.all(kept.some.map(([key, value]) => redriveOne(env, RECORDED, key, parseJson(value ?? ''))))
  const delivered = settled.filter(Boolean).length
  const waiting = kept.count - delivered
  if (kept.count) log(waiting ? 'loud' : 'quiet', { event: 'redrive', delivered, waiting })
  return true
}

/** Any hundred of them, so that a hundred that cannot be delivered never hold up the rest. */
async function readKept(memory: KVNamespace): Promise<{ count: number; some: [key: string, value: string | null][] }> {
  const { keys } = await memory.list({ prefix: PREFIX })
  const names = keys.map(({ name }) => name).sort(() => Math.random() - 0.5)
  // As text: a single value that is not JSON would otherwise fail the reading of all.
  const values = names.length ? await memory.get(names.slice(0, PER_RUN)) : []
  return { count: keys.length, some: Array.from(values) }
}

async function redriveOne(env: Env, memory: KVNamespace, key: string, value: unknown): Promise<boolean> {
  // What cannot be read can never be delivered; a value that has just expired is nothing either.
  const delivered = v.safeParse(StoredArrival, value).success ? deliver(env, value as Arrival) : Promise.resolve()
  const settled = delivered.then(() => memory.delete(key)).then(() => true)
  return within(settled, REDRIVE_TIMEOUT_MS, false)
}
