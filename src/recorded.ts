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

const Value = v.object({ transaction_id: v.string(), datafast_visitor_id: v.optional(v.string()) })
const Metadata = v.object({ attributed: v.picklist(['yes', 'no', 'closed']) })

/**
 * Reads an entry; `undefined` when there is none, it cannot be read, or KV fails or is slow: a miss is always safe.
 * @param patienceMs - how long to wait for KV
 */
export async function readRecorded(env: Env, reference: Reference, patienceMs: number): Promise<RecordedEntry | undefined> {
  if (!env.RECORDED) return undefined
  try {
    const found = await within(env.RECORDED.getWithMetadata(reference, 'json'), patienceMs, undefined)
    const value = v.safeParse(Value, found?.value)
    const metadata = v.safeParse(Metadata, found?.metadata)
    if (!value.success || !metadata.success) return undefined
    const { transaction_id, datafast_visitor_id } = value.output
    return {
      transactionId: transaction_id,
      ...(datafast_visitor_id && { visitor: datafast_visitor_id }),
      attributed: metadata.output.attributed,
    }
  } catch {
    return undefined
  }
}

/** Writes an entry, replacing what stood there. Rejects when KV does, so that the order keeps owing it. */
export async function writeRecorded(env: Env, reference: Reference, entry: RecordedEntry): Promise<void> {
  const value = { v: 1, transaction_id: entry.transactionId, ...(entry.visitor && { datafast_visitor_id: entry.visitor }) }
  await env.RECORDED?.put(reference, JSON.stringify(value), {
    expirationTtl: TTL_SECONDS,
    metadata: { attributed: entry.attributed },
  })
}
