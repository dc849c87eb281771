import * as v from 'valibot'
import { exchange, parseJson, USER_AGENT } from './outgoing.ts'
import { readRetryAfter } from './retry-after.ts'

const ENDPOINT = 'https://datafa.st/api/v1/payments'
const TIMEOUT_MS = 8_000
/** As much of an error text as is looked at. */
const MAX_TEXT = 1024

/** A website key `df_…`, or an account token `dft_…` with the id of the website it is to write to. */
export type DataFastAccount = { key: string; websiteId: string | undefined }

/**
 * The documented fields of `POST /api/v1/payments` and no others (datafa.st/docs/api/website/payments/create).
 * `amount` is in major units and never negative; a refund is a positive amount with `refunded: true`.
 */
export type DataFastPayment = {
  amount: number
  currency: string
  transaction_id: string
  datafast_visitor_id?: string
  customer_id?: string
  email?: string
  name?: string
  renewal?: true
  refunded?: true
  is_free_trial?: true
  timestamp: string
}

/** What DataFast made of a payment, and so what can be done about it. */
export type Reply =
  | { is: 'accepted'; reason: 'recorded' | 'duplicate' | 'unreadable-answer' }
  /** Not the payment but its visitor was refused. */
  | { is: 'visitor-rejected' }
  | { is: 'unavailable'; reason: string; retryAfterMs?: number }
  /** The key, its permissions or the website: only the founder can mend it. */
  | { is: 'misconfigured'; reason: string }
  /** The same body would be refused again. */
  | { is: 'refused'; reason: string }

const ErrorBody = v.object({
  status: v.optional(v.unknown()),
  message: v.optional(v.unknown()),
  error: v.optional(v.union([v.object({ message: v.optional(v.unknown()) }), v.string()])),
})

/** Posts one payment. Never throws; sending the same `transaction_id` again is harmless by DataFast's own promise. */
export async function post(account: DataFastAccount, payment: DataFastPayment): Promise<Reply> {
  const query = account.websiteId ? `?websiteId=${account.websiteId}` : ''
  const answer = await exchange(
    ENDPOINT + query,
    {
      method: 'POST',
      headers: {
        authorization: `Bearer ${account.key}`,
        'content-type': 'application/json',
        accept: 'application/json',
        'user-agent': USER_AGENT,
      },
      body: JSON.stringify(payment),
    },
    TIMEOUT_MS,
  )
  if (answer.is === 'failed') return { is: 'unavailable', reason: answer.reason }
  const reply = classify(answer.status, answer.text, payment.datafast_visitor_id !== undefined)
  const retryAfterMs = reply.is === 'unavailable' ? readRetryAfter(answer.headers, Date.now()) : undefined
  return reply.is === 'unavailable' && retryAfterMs ? { ...reply, retryAfterMs } : reply
}

/**
 * Sorts an answer. The status decides wherever it can; the wording only where one status has two meanings, as with a 400
 * or 404 that may be about the visitor or about the payment.
 *
 * @param withVisitor - whether the payment named a visitor: without one, none can have been rejected
 */
export function classify(status: number, text: string, withVisitor: boolean): Reply {
  const body = parseJson(text)
  if (status >= 200 && status < 300) {
    const parsed = v.safeParse(v.looseObject({ status: v.optional(v.unknown()) }), body)
    if (!parsed.success) return { is: 'accepted', reason: 'unreadable-answer' }
    return parsed.output.status === 'error' ? { is: 'unavailable', reason: 'error-in-success' } : { is: 'accepted', reason: 'recorded' }
  }
  const message = messageOf(body, text)
  if (status === 409 || (status === 400 && /duplicate|already/i.test(message))) return { is: 'accepted', reason: 'duplicate' }
  if (withVisitor && (status === 400 || status === 404) && /visitor|\bbots?\b|uuid/i.test(message)) return { is: 'visitor-rejected' }
  if (status === 401 || status === 402 || status === 403 || status === 404) return { is: 'misconfigured', reason: `http-${status}` }
  // A redirect is not followed: it is an outage or a moved API, either of which may pass.
  if (status < 400 || status >= 500 || status === 408 || status === 425 || status === 429)
    return { is: 'unavailable', reason: `http-${status}` }
  return { is: 'refused', reason: `http-${status}` }
}

/** Where DataFast puts its error text: `error.message`, else `message`, else `error` as a text, else the raw body. */
function messageOf(body: unknown, text: string): string {
  const parsed = v.safeParse(ErrorBody, body)
  if (!parsed.success) return text.slice(0, MAX_TEXT)
  const { error, message } = parsed.output
  const nested = typeof error === 'object' ? error.message : undefined
  return String(nested ?? message ?? (typeof error === 'string' ? error : text)).slice(0, MAX_TEXT)
}
