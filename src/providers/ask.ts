import * as v from 'valibot'
import { exchange, parseJson } from '../outgoing.ts'
import type { Answer } from '../payment.ts'

/** One request to a provider may take this long… */
const CALL_TIMEOUT_MS = 8_000
/** …and one lookup, with all its requests, this long. */
const LOOKUP_TIMEOUT_MS = 20_000

/** Gets one object from a provider's API and parses the fields we rely on. */
export type Ask = <Schema extends v.GenericSchema>(url: string, headers: Record<string, string>, schema: Schema) => Promise<Found<Schema>>

/** The object asked for, or why it could not be had: already an answer of its own. */
export type Found<Schema extends v.GenericSchema> =
  | { is: 'found'; object: v.InferOutput<Schema> }
  | Extract<Answer, { is: 'unknown' | 'unreachable' | 'misconfigured' }>

/** Starts a lookup: all requests made through the result share one deadline. */
export function startAsking(): Ask {
  const deadline = Date.now() + LOOKUP_TIMEOUT_MS
  return async (url, headers, schema) => {
    const leftMs = deadline - Date.now()
    if (leftMs <= 0) return { is: 'unreachable', reason: 'timeout' }
    const { status, reason, text, retryAfterMs } = await exchange(url, headers, Math.min(CALL_TIMEOUT_MS, leftMs))
    if (status === 401 || status === 403) return { is: 'misconfigured', reason: `key-refused-${status}` }
    const json = parseJson(text)
    // A gateway's "not found", in HTML or in two words, says nothing about the order.
    if (status === 404 && v.safeParse(v.object({}), json).success) return { is: 'unknown' }
    if (status < 200 || status >= 300) return { is: 'unreachable', reason, retryAfterMs }
    const parsed = v.safeParse(schema, json)
    // A 200 that is not the object we asked for is a broken provider, not an unpaid order.
    return parsed.success ? { is: 'found', object: parsed.output } : { is: 'unreachable', reason: 'garbage' }
  }
}
