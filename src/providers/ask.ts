import * as v from 'valibot'
import { exchange, parseJson } from '../outgoing.ts'
import type { Answer } from '../payment.ts'

/** One request to a provider may take this long… */
const CALL_TIMEOUT_MS = 8_000
/** …and one lookup, with all its requests, this long. */
const LOOKUP_TIMEOUT_MS = 20_000

/** How every provider's "no such order" can be told from a gateway's "not found": by being an object. */
const ANY_OBJECT = v.object({})

/**
 * Turns to a provider's API, for one lookup.
 * @param api - what every path is appended to
 * @param notFound - what the body of a 404 must look like to be about the order
 */
export type Ask = (api: string, headers: Record<string, string>, notFound?: v.GenericSchema) => Get

/** Gets one object and parses the fields we rely on. */
export type Get = <Schema extends v.GenericSchema>(path: string, schema: Schema) => Promise<Found<Schema>>

/** The object asked for, or why it could not be had: already an answer of its own. */
export type Found<Schema extends v.GenericSchema> =
  | { is: 'found'; object: v.InferOutput<Schema> }
  | Extract<Answer, { is: 'unknown' | 'unreachable' | 'misconfigured' }>

/** One of the provider's objects speaks of another that it does not know. */
export const INCONSISTENT = { is: 'unreachable', reason: 'inconsistent' } as const

/** The same for an object that another one names: that the provider does not know it is no order's fault. */
export function named<Schema extends v.GenericSchema>(found: Found<Schema>): Exclude<Found<Schema>, { is: 'unknown' }> {
  return found.is === 'unknown' ? INCONSISTENT : found
}

/** Starts a lookup: all requests made through the result share one deadline. */
export function startAsking(): Ask {
  const deadline = Date.now() + LOOKUP_TIMEOUT_MS
  return (api, headers, notFound = ANY_OBJECT) =>
    async (path, schema) => {
      const leftMs = deadline - Date.now()
      if (leftMs <= 0) return { is: 'unreachable', reason: 'timeout' }
      const { status, reason, text, retryAfterMs } = await exchange(api + path, headers, Math.min(CALL_TIMEOUT_MS, leftMs))
      if (status === 401 || status === 403) return { is: 'misconfigured', reason: `key-refused-${status}` }
      const json = parseJson(text)
      // A gateway's "not found", in HTML or in two words, says nothing about the order.
      if (status === 404 && v.safeParse(notFound, json).success) return { is: 'unknown' }
      if (status < 200 || status >= 300) return { is: 'unreachable', reason, retryAfterMs }
      const parsed = v.safeParse(schema, json)
      // A 200 that is not the object we asked for is a broken provider, not an unpaid order.
      return parsed.success ? { is: 'found', object: parsed.output } : { is: 'unreachable', reason: 'garbage' }
    }
}

/**
 * Some providers answer an impossible id with "bad request" instead of "not found". It counts as unknown only when the id
 * breaks the documented form: about any other id a 400 or 422 means that our request is wrong, and no order's fault.
 */
export function unlessImpossible<Schema extends v.GenericSchema>(found: Found<Schema>, id: string, form: RegExp): Found<Schema> {
  const refused = found.is === 'unreachable' && /^http-4(00|22)$/.test(found.reason)
  return refused && !form.test(id) ? { is: 'unknown' } : found
}
