import { ASSUMED, type Habits, OLD_MS } from './datafast-habits.ts'
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

/** The fields of `POST /api/v1/payments` (datafa.st/docs/api/website/payments/create) that the ledger keeps. */
export const DOCUMENTED = [
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

const NATIVE = ['stripe', 'lemonsqueezy', 'polar', 'paddle', 'shopify', 'woocommerce']
/** The one website there is, unless a test says otherwise. */
export const WEBSITE_ID = '665f0b3c4d2e1a0012345678'
const REPORTS = ['analytics/metadata', 'analytics/overview']
const INTEGRATIONS = /^admin\/websites\/([\da-f]{24})\/integrations$/
const VISITOR = /^visitors\/([^/]+)$/
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i

type Row = Record<string, unknown>

/**
 * DataFast's API as its documentation describes it. Payments: idempotent by `transaction_id`, major units, a bare success
 * object, an error envelope, a visitor that must have been seen before, and deletion by transaction. Beside them the few
 * reports that tell what it makes of those: no payment can be read back by itself.
 */
export class DataFast {
  readonly ledger = new Map<string, LedgerEntry>()
  /** Keys that are let in. */
  readonly keys = new Set(['df_sandbox_website_key'])
  /** Visitors nobody has seen a pageview of. Everyone else is known. */
  readonly unseenVisitors = new Set<string>()
  /** …unless these are the only ones that are. */
  seenVisitors: ReadonlySet<string> | undefined
  /** What no key has the permission for, by its path after the version: `analytics/metadata`, say. */
  readonly forbidden = new Set<string>()
  websiteId = WEBSITE_ID
  readonly website = { domain: 'example.com', timezone: 'UTC', name: 'Example', currency: 'EUR' }
  /** Payment providers that DataFast imports from by itself. */
  readonly connected = new Set<string>()
  /** Nobody documents it: whether what was given back lessens the revenue. */
  revenueIncludesRefunds = true
  /** Whatever else nobody documents. */
  habits: Habits = { ...ASSUMED }
  /** How often the totals were read, and how often when a payment came. */
  private readings = 0
  private readonly born = new Map<LedgerEntry, number>()
  /** The payment that the last request posted; nothing when that was about something else. */
  private justPosted: string | undefined
  /** What one unit of a currency is worth in dollars. Any other counts as if it were the website's. */
  readonly rates: Record<string, number> = { USD: 1, EUR: 1.08, GBP: 1.27, JPY: 0.0067, KWD: 3.25 }

  answer(request: Request, body: unknown): Response {
    const { pathname, searchParams } = new URL(request.url)
    const path = pathname.replace('/api/v1/', '')
    const isPayment = request.method === 'POST' && path === 'payments'
    const isDeletion = request.method === 'DELETE' && path === 'payments'
    const isReport = request.method === 'GET' && (REPORTS.includes(path) || INTEGRATIONS.test(path) || VISITOR.test(path))
    if (!isPayment && !isDeletion && !isReport) return failure(404, 'Not found')
    const key = request.headers.get('authorization')?.replace('Bearer ', '') ?? ''
    if (!this.keys.has(key)) return failure(401, 'Invalid API key')
    if (this.forbidden.has(path)) return failure(403, 'Missing permission')
    const { justPosted } = this
    this.justPosted = undefined
    if (isPayment) return this.pay(body, justPosted)
    return isDeletion ? this.remove(searchParams) : this.report(path, searchParams, key.startsWith('dft_'))
  }

  /** @param before - what the request before this one posted */
  private pay(body: unknown, before: string | undefined): Response {
    const payment = body as Partial<LedgerEntry>
    for (const field of ['amount', 'currency', 'transaction_id'] as const) {
      if (payment[field] === undefined || payment[field] === '') return failure(400, `${field} is required`)
    }
    const undocumented = Object.keys(payment).filter((field) => !DOCUMENTED.includes(field))
    if (undocumented.length) return failure(400, `unknown field ${undocumented[0]}`)
    if (typeof payment.amount !== 'number' || payment.amount < 0) return failure(400, 'amount must be zero or greater')
    if (!/^[A-Z]{3}$/.test(payment.currency ?? '')) return failure(400, 'currency must be an ISO code')
    const refused = this.whyRefused(payment as LedgerEntry)
    if (refused) return refused
    this.justPosted = payment.transaction_id
    return this.record(this.asKept(payment as LedgerEntry), before)
  }

  private isUnseen(visitor: string): boolean {
    return this.unseenVisitors.has(visitor) || this.seenVisitors?.has(visitor) === false
  }

  /** What is refused only by some habit. */
  private whyRefused({ datafast_visitor_id: visitor, refunded, amount, timestamp }: LedgerEntry): Response | undefined {
    const { unseenVisitor, visitorless, refund, trial, oldTimestamp } = this.habits
    if (visitor && this.isUnseen(visitor) && unseenVisitor === 'refused') {
      return failure(404, `First event not found for visitor ${visitor}`)
    }
    if (!visitor && visitorless === 'refused') return failure(400, 'datafast_visitor_id is required')
    if (refunded && refund === 'refused') return failure(400, 'Unknown transaction')
    if (amount === 0 && trial === 'refused') return failure(400, 'amount must be greater than zero')
    const isOld = Date.now() - Date.parse(timestamp) > OLD_MS
    return isOld && oldTimestamp === 'refused' ? failure(400, 'timestamp is too old') : undefined
  }

  /** What remains of a payment. */
  private asKept({ datafast_visitor_id: visitor, refunded, timestamp, ...payment }: LedgerEntry): LedgerEntry {
    const habits = this.habits
    const isDropped = habits.visitor === 'dropped' || (visitor && this.isUnseen(visitor))
    const isOld = Date.now() - Date.parse(timestamp) > OLD_MS
    return {
      ...payment,
      ...(visitor && !isDropped && { datafast_visitor_id: visitor }),
      ...(refunded && habits.refund !== 'as-sale' && { refunded }),
      timestamp: isOld && habits.oldTimestamp === 'now' ? new Date().toISOString() : timestamp,
    }
  }

  private record(payment: LedgerEntry, before: string | undefined): Response {
    const { transaction_id, datafast_visitor_id: visitor } = payment
    const known = this.ledger.get(transaction_id)
    if (!known) return this.keep(transaction_id, payment)
    const { repeated, atOnce, lateVisitor } = this.habits
    const isLate = visitor !== undefined && !known.datafast_visitor_id
    const isCounted = before === transaction_id ? atOnce === 'counted' : isLate ? lateVisitor === 'counted' : repeated === 'counted'
    if (isCounted) return this.keep(`${transaction_id} again`, payment)
    if (isLate && lateVisitor === 'added') known.datafast_visitor_id = visitor
    if (repeated === 'conflict') return failure(409, 'Conflict')
    if (repeated === 'refused') return failure(400, 'Bad request')
    return json(200, { message: 'Payment already recorded', transaction_id })
  }

  private keep(key: string, payment: LedgerEntry): Response {
    const entry = { ...payment }
    this.ledger.set(key, entry)
    this.born.set(entry, this.readings)
    const how = payment.datafast_visitor_id ? 'recorded and attributed' : 'recorded'
    return json(200, { message: `Payment ${how} successfully`, transaction_id: payment.transaction_id })
  }

  /** By transaction alone (datafa.st/docs/api, delete payments): what else can be deleted by, nobody here ever names. */
  private remove(query: URLSearchParams): Response {
    const transaction_id = query.get('transaction_id') ?? query.get('tx_id')
    if (!transaction_id) return failure(400, 'transaction_id is required')
    const { deletion, unknownDeletion } = this.habits
    if (deletion === 'refused') return failure(500, 'Internal server error')
    const keys = [...this.ledger].filter(([, entry]) => entry.transaction_id === transaction_id).map(([key]) => key)
    if (!keys.length && unknownDeletion === 'not-found') return failure(404, 'Transaction not found')
    if (deletion === 'done') for (const key of keys) this.ledger.delete(key)
    return success({ message: 'Payment deleted successfully', transaction_id })
  }

  /** @param ofAccount - whether the key opens several websites: it has to name one */
  private report(path: string, query: URLSearchParams, ofAccount: boolean): Response {
    const inPath = INTEGRATIONS.exec(path)?.[1]
    const websiteId = inPath ?? (ofAccount ? query.get('websiteId') : this.websiteId)
    if (!websiteId) return failure(400, 'websiteId is required')
    if (websiteId !== this.websiteId) return failure(404, 'Website not found')
    if (inPath) return success(this.integrations())
    const visitor = VISITOR.exec(path)?.[1]
    if (visitor !== undefined) return this.visitorReport(visitor)
    if (path === 'analytics/overview') return this.overview(query)
    return withFields({ ...this.website, logo: null, kpiColorScheme: 'orange', kpi: null }, query)
  }

  /** Whoever is known: of them only what they paid for. */
  private visitorReport(id: string): Response {
    if (!UUID.test(id)) return failure(400, 'Invalid visitor id')
    if (this.isUnseen(id)) return failure(404, 'Visitor not found')
    const paid = [...this.ledger.values()].filter((entry) => entry.datafast_visitor_id === id)
    const completedGoals = paid.map(({ timestamp }) => ({ name: 'payment', origin: 'payment_provider', timestamp }))
    return success({ visitorId: id, identity: {}, activity: {}, completedGoals, profile: null, prediction: null })
  }

  private integrations(): Row {
    const row: Row = Object.fromEntries(NATIVE.map((name) => [name, { connected: this.connected.has(name) }]))
    return { ...row, paddle: { connected: this.connected.has('paddle'), keyExpiresAt: null }, currency: this.website.currency }
  }

  /** Nobody counts pageviews here: the visitors are those who bought something. */
  private overview(query: URLSearchParams): Response {
    const [startAt, endAt] = [query.get('startAt'), query.get('endAt')]
    if ((startAt === null) !== (endAt === null)) return failure(400, 'startAt and endAt must be provided together')
    const start = momentOf(startAt ?? '1970-01-01', 'T00:00:00.000Z')
    const end = momentOf(endAt ?? '9999-12-31', 'T23:59:59.999Z')
    if (Number.isNaN(start) || Number.isNaN(end)) return failure(400, 'Invalid date')
    this.readings += 1
    const shown = [...this.ledger.values()].filter((entry) => this.readings - (this.born.get(entry) ?? 0) > this.habits.totalsLate)
    const entries = shown.filter(({ timestamp }) => Date.parse(timestamp) >= start && Date.parse(timestamp) <= end)
    const revenue = rounded(entries.reduce((sum, entry) => sum + this.worthOf(entry), 0))
    const visitors = new Set(entries.flatMap((entry) => entry.datafast_visitor_id ?? [])).size
    const row = {
      ...{ visitors, sessions: visitors, bounce_rate: 0, avg_session_duration: 245_678.45 },
      // A symbol, other than everywhere else.
      currency: symbolOf(this.website.currency),
      revenue,
      payments: entries.filter(({ refunded, is_free_trial }) => !refunded && !is_free_trial).length,
      revenue_per_visitor: visitors ? rounded(revenue / visitors) : 0,
      conversion_rate: visitors ? 100 : 0,
    }
    return withFields(row, query)
  }

  /** What an entry adds to the revenue, in the website's currency. */
  private worthOf({ amount, currency, refunded }: LedgerEntry): number {
    if (refunded && !this.revenueIncludesRefunds) return 0
    const [from, to] = [this.rates[currency], this.rates[this.website.currency]]
    const rate = from && to && currency !== this.website.currency ? from / to : 1
    return (refunded ? -1 : 1) * amount * rate * (this.habits.scale[currency] ?? 1)
  }

  /** Adds a payment that nobody of us sent, such as one of a second integration, or of whoever stole the key. */
  forge(entry: Partial<LedgerEntry> = {}): LedgerEntry {
    const now = new Date().toISOString()
    const forged = { transaction_id: `forged_${this.ledger.size + 1}`, amount: 19.99, currency: 'EUR', timestamp: now, ...entry }
    this.ledger.set(forged.transaction_id, forged)
    return forged
  }

  /** Forgets a payment that it had accepted. */
  lose(transactionId: string): void {
    if (!this.ledger.delete(transactionId)) throw new Error(`no payment ${transactionId}`)
  }

  /** Has a payment count for more or less than it was, such as a hundred times when cents are taken for euros. */
  scale(transactionId: string, factor: number): void {
    const entry = this.ledger.get(transactionId)
    if (!entry) throw new Error(`no payment ${transactionId}`)
    entry.amount *= factor
  }
}

/** A day alone means all of it: `rest` says which end of it is meant. */
function momentOf(text: string, rest: string): number {
  return Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? text + rest : text)
}

function symbolOf(currency: string): string {
  const parts = new Intl.NumberFormat('en', { style: 'currency', currency }).formatToParts(0)
  return parts.find(({ type }) => type === 'currency')?.value ?? currency
}

function rounded(amount: number): number {
  return Math.round(amount * 100) / 100
}

/** A row with no more than the fields that were asked for. */
function withFields(row: Row, query: URLSearchParams): Response {
  const fields = query.get('fields')?.split(',') ?? Object.keys(row)
  const unknown = fields.find((field) => !(field in row))
  if (unknown !== undefined) return failure(400, `Invalid field: ${unknown}`)
  return success(Object.fromEntries(fields.map((field) => [field, row[field]])))
}

function success(row: Row): Response {
  return json(200, { status: 'success', data: [row] })
}

function failure(status: number, message: string): Response {
  return json(status, { status: 'error', error: { code: status, message } })
}
