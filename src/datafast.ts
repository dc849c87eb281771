import * as v from 'valibot'
import { lenient } from './lenient.ts'
import { exchange, parseJson } from './outgoing.ts'
import type { Customer, Payment } from './payment.ts'

const API = 'https://datafa.st/api/v1'
const TIMEOUT_MS = 8_000

/** A website key `df_…`, or an account token `dft_…`, which needs the id of the website it is to write to. */
export type DataFastAccount = { key: string; websiteId?: string }

/**
 * The documented fields of `POST /api/v1/payments` and no others (datafa.st/docs/api/website/payments/create).
 * `amount` is in major units and never negative; a refund is a positive amount with `refunded: true`.
 */
export type DataFastPayment = Customer & {
  amount: number
  currency: string
  transaction_id: string
  datafast_visitor_id?: string
  renewal?: boolean
  refunded?: boolean
  is_free_trial?: boolean
  timestamp: string
}

/** What DataFast made of a payment, and so what can be done about it. */
export type Reply =
  | { is: 'accepted'; reason: 'recorded' | 'duplicate' }
  /** Not the payment but its visitor was refused. */
  | { is: 'visitor-rejected' }
  | { is: 'unavailable'; reason: string; retryAfterMs?: number }
  /** The key, its permissions or the website: only the founder can mend it. */
  | { is: 'misconfigured'; reason: string }
  /** The same body would be refused again. */
  | { is: 'refused'; reason: string }
  /** Not posted: DataFast imports this provider's sales by itself. */
  | { is: 'imported'; reason: 'native-integration' }

/** Where DataFast puts its error text: in `error.message`, else in `message`, else anywhere. */
const Body = lenient(
  v.object({
    status: lenient(v.string()),
    message: lenient(v.string()),
    error: lenient(v.object({ message: lenient(v.string()) })),
  }),
)

/** The payment in DataFast's words: documented fields only, unknown ones omitted. */
export function bodyOf(payment: Payment, visitor: string | undefined, revenue: 'gross' | 'net'): DataFastPayment {
  return {
    // Whoever has no net amount is parked when revenue is net.
    amount: payment[revenue] ?? payment.gross,
    currency: payment.currency,
    transaction_id: payment.transactionId,
    datafast_visitor_id: visitor,
    ...payment.customer,
    renewal: payment.kind === 'renewal' || undefined,
    refunded: payment.kind === 'refund' || undefined,
    is_free_trial: payment.kind === 'trial' || undefined,
    timestamp: payment.paidAt,
  }
}

/** Posts one payment. Never throws; sending the same `transaction_id` again is harmless by DataFast's own promise. */
export async function post(account: DataFastAccount, payment: DataFastPayment): Promise<Reply> {
  const { url, headers } = requestTo(account, '/payments')
  const json = { ...headers, 'content-type': 'application/json' }
  const { status, text, reason, retryAfterMs } = await exchange(url, json, TIMEOUT_MS, JSON.stringify(payment))
  return Object.assign(classify(status, text, payment.datafast_visitor_id !== undefined, reason), { retryAfterMs })
}

/** Where and with what headers to ask: an account token names its website every time, a website key never does. */
export function requestTo({ key, websiteId }: DataFastAccount, path: string) {
  const website = key.startsWith('dft_') ? `${path.includes('?') ? '&' : '?'}websiteId=${websiteId}` : ''
  return { url: API + path + website, headers: { authorization: `Bearer ${key}` } }
}

/**
 * Sorts an answer. The status decides wherever it can; the wording only where one status has two meanings, as with a 400
 * or 404 that may be about the visitor or about the payment.
 *
 * @param withVisitor - whether the payment named a visitor: without one, none can have been rejected
 */
export function classify(status: number, text: string, withVisitor: boolean, reason = `http-${status}`): Reply {
  const body = v.safeParse(Body, parseJson(text)).output as v.InferOutput<typeof Body>
  // An HTML page may hold any word.
  const message = body?.error?.message ?? body?.message ?? (/^\s*</.test(text) ? '' : text)
  if (status >= 200 && status < 300) {
    return body?.status === 'error' ? { is: 'unavailable', reason: 'error-in-success' } : { is: 'accepted', reason: 'recorded' }
  }
  if (withVisitor && (status === 400 || status === 404) && /visitor|\bbots?\b|uuid/i.test(message)) return { is: 'visitor-rejected' }
  if (status === 409 || (status === 400 && /duplicate|already/i.test(message))) return { is: 'accepted', reason: 'duplicate' }
  if ([401, 402, 403, 404].includes(status)) return { is: 'misconfigured', reason }
  // A redirect is not followed: it is an outage or a moved API, either of which may pass.
  if (status < 400 || status >= 500 || [408, 425, 429].includes(status)) return { is: 'unavailable', reason }
  return { is: 'refused', reason }
}
