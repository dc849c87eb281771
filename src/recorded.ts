import * as v from 'valibot'
import type { Env } from './env.ts'
import type { Reference } from './reference.ts'
import { within } from './within.ts'

/** Longer than success links are revisited; an expired entry plus an old bookmark would ask the provider again. */
const TTL_SECONDS = 400 * 86_400

/**
 * What the edge remembers of a recorded payment. An entry means "delivered and acknowledged", never "started".
 *
 * `attributed`: `yes`; `no`, so a visitor may still be added once; `closed`, nothing can be added any more
 * (the visitor was rejected, or one was added later).
 */
export type RecordedEntry = { transactionId: string; visitor?: string; attributed: 'yes' | 'no' | 'closed' }

/** Value and metadata as they lie in KV. */
const Stored = v.object({
  value: v.object({ transaction_id: v.string(), datafast_visitor_id: v.nullish(v.string()) }),
  metadata: v.object({ attributed: v.custom<RecordedEntry['attributed']>((word) => word === 'yes' || word === 'no' || word === 'closed') }),
})

/**
 * Reads an entry; `undefined` when there is none, it cannot be read, or KV fails or is slow: a miss is always safe.
 * @param patienceMs - how long to wait for KV
 */
export function readRecorded(env: Env, reference: Reference, patienceMs: number): Promise<RecordedEntry | undefined> {
  return within(loadRecorded(env, reference), patienceMs, undefined)
}

/** The same for whom a miss is not safe: rejects when KV does. */
export async function loadRecorded(env: Env, reference: Reference): Promise<RecordedEntry | undefined> {
  const stored = v.safeParse(Stored, await env.RECORDED?.getWithMetadata(reference, 'json'))
  if (!stored.success) return undefined
  const { value, metadata } = stored.output
  return { transactionId: value.transaction_id, visitor: value.datafast_visitor_id ?? undefined, ...metadata }
}

/** Writes an entry, replacing what stood there. Rejects when KV does, so that the order keeps owing it. */
export async function writeRecorded(env: Env, reference: Reference, entry: RecordedEntry): Promise<void> {
  const { transactionId, visitor, attributed } = entry
  const value = { v: 1, transaction_id: transactionId, datafast_visitor_id: visitor }
  await env.RECORDED?.put(reference, JSON.stringify(value), { expirationTtl: TTL_SECONDS, metadata: { attributed } })
}
