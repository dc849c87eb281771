import * as v from 'valibot'
import { exchange, parseJson, USER_AGENT } from '../outgoing.ts'
import type { Answer } from '../payment.ts'
import { readRetryAfter } from '../retry-after.ts'

/** One request to a provider may take this long… */
const CALL_TIMEOUT_MS = 8_000
/** …and one lookup, with all its requests, this long. */
const LOOKUP_TIMEOUT_MS = 20_000

/** Why a provider's object could not be had: already an answer of its own. */
type Failure = Extract<Answer, { is: 'unknown' | 'unreachable' | 'misconfigured' }>

/** Gets one object from a provider's API and parses the fields we rely on. */
export type Ask = <Schema extends v.GenericSchema>(url: string, headers: Record<string, string>, schema: Schema) => Promise<Found<Schema>>

/** The object asked for, or why it could not be had. */
export type Found<Schema extends v.GenericSchema> = { is: 'found'; object: v.InferOutput<Schema> } | Failure

/** Starts a lookup: all requests made through the result share one deadline. */
export function startAsking(): Ask {
  const deadline = Date.now() + LOOKUP_TIMEOUT_MS
  return async (url, headers, schema) => {
    const leftMs = deadline - Date.now()
    if (leftMs <= 0) return { is: 'unreachable', reason: 'timeout' }
    const answer = await exchange(
      url,
      { headers: { accept: 'application/json', 'user-agent': USER_AGENT, ...headers } },
      Math.min(CALL_TIMEOUT_MS, leftMs),
    )
    if (answer.is === 'failed') return { is: 'unreachable', reason: answer.reason }
    const failure = classify(answer.status, answer.text, answer.headers)
    if (failure) return failure
    const parsed = v.safeParse(schema, parseJson(answer.text))
    // A 200 that is not the object we asked for is a broken provider, not an unpaid order.
    return parsed.success ? { is: 'found', object: parsed.output } : { is: 'unreachable', reason: 'garbage' }
  }
}

function classify(status: number, text: string, headers: Headers): Failure | undefined {
  if (status >= 200 && status < 300) return undefined
  if (status === 401 || status === 403) return { is: 'misconfigured', reason: `key-refused-${status}` }
  // A gateway's HTML "not found" says nothing about the order.
  if (status === 404 && !/^\s*</.test(text)) return { is: 'unknown' }
  const retryAfterMs = readRetryAfter(headers, Date.now())
  return { is: 'unreachable', reason: `http-${status}`, ...(retryAfterMs && { retryAfterMs }) }
}
