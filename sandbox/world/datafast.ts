import { json } from './service.ts'

/** A payment as DataFast keeps it. */
export type LedgerEntry = {
  transaction_id: string
  amount: number
  currency: string
  timestamp: string
  datafast_visitor_id?: string
  renewal?: boolean
  refunded?: boolean
  is_free_trial?: boolean
  customer_id?: string
  email?: string
  name?: string
}

const DOCUMENTED = [
  'amount',
  'currency',
  'transaction_id',
  'datafast_visitor_id',
  'email',
  'name',
  'customer_id',
  'renewal',
  'refunded',
  'is_free_trial',
  'timestamp',
]

/**
 * DataFast's payments API as its documentation describes it: idempotent by `transaction_id`, major units, a bare success
 * object, an error envelope, and a visitor that must have been seen before.
 */
export class DataFast {
  readonly ledger = new Map<string, LedgerEntry>()
  /** Keys that are let in. */
  readonly keys = new Set(['df_sandbox_website_key'])
  /** Visitors nobody has seen a pageview of. Everyone else is known. */
  readonly unseenVisitors = new Set<string>()

  answer(request: Request, body: unknown): Response {
    const url = new URL(request.url)
    if (url.pathname !== '/api/v1/payments' || request.method !== 'POST') return failure(404, 'Not found')
    if (!this.keys.has(request.headers.get('authorization')?.replace('Bearer ', '') ?? '')) return failure(401, 'Invalid API key')
    const payment = body as Partial<LedgerEntry>
    for (const field of ['amount', 'currency', 'transaction_id'] as const) {
      if (payment[field] === undefined || payment[field] === '') return failure(400, `${field} is required`)
    }
    const undocumented = Object.keys(payment).filter((field) => !DOCUMENTED.includes(field))
    if (undocumented.length) return failure(400, `unknown field ${undocumented[0]}`)
    if (typeof payment.amount !== 'number' || payment.amount < 0) return failure(400, 'amount must be zero or greater')
    if (!/^[A-Z]{3}$/.test(payment.currency ?? '')) return failure(400, 'currency must be an ISO code')
    const visitor = payment.datafast_visitor_id
    if (visitor && this.unseenVisitors.has(visitor)) return failure(404, `First event not found for visitor ${visitor}`)
    return this.record(payment as LedgerEntry)
  }

  private record(payment: LedgerEntry): Response {
    const known = this.ledger.get(payment.transaction_id)
    if (!known) {
      this.ledger.set(payment.transaction_id, { ...payment })
      const how = payment.datafast_visitor_id ? 'recorded and attributed' : 'recorded'
      return json(200, { message: `Payment ${how} successfully`, transaction_id: payment.transaction_id })
    }
    if (!known.datafast_visitor_id && payment.datafast_visitor_id) known.datafast_visitor_id = payment.datafast_visitor_id
    return json(200, { message: 'Payment already recorded', transaction_id: payment.transaction_id })
  }
}

function failure(status: number, message: string): Response {
  return json(status, { status: 'error', error: { code: status, message } })
}
