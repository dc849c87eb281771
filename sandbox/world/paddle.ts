import { randomUUID } from 'node:crypto'
import { later, latest, MONTH_MS } from './later.ts'
import { type Fields, item, type PaddleAdjustment, type PaddleTransaction, refundShape, totalsOf } from './paddle-shapes.ts'
import { boundsOf, momentOf, newestFirst } from './paging.ts'
import { json } from './service.ts'

const BILLED_AT = '2026-09-21T13:46:40.123456Z'
const RENEWED_AT = '2026-10-21T13:46:41.234567Z'
/** How much a page holds unless asked otherwise, and at most. */
const TRANSACTIONS = { usual: 30, most: 30 }
const ADJUSTMENTS = { usual: 10, most: 50 }
/** What of a transaction can be compared, as in `billed_at[GTE]`. */
const MOMENTS = ['billed_at', 'created_at', 'updated_at']
const INCLUDABLE = ['address', 'adjustment', 'adjustments_totals', 'available_payment_methods', 'business', 'customer', 'discount']

/** Paddle's API on one of its two hosts: amounts are text, and a key of the other mode is refused. */
export class Paddle {
  readonly transactions = new Map<string, PaddleTransaction>()
  readonly adjustments = new Map<string, PaddleAdjustment>()
  readonly customers = new Map<string, Fields>()
  /** What the key lacks the permission for, as the path has it: `transactions` or `adjustments`. */
  readonly forbidden = new Set<string>()
  private readonly mode: 'live' | 'sandbox'

  constructor(mode: 'live' | 'sandbox' = 'live') {
    this.mode = mode
  }

  answer(request: Request): Response {
    const url = new URL(request.url)
    const key = /^Bearer (\S+)$/.exec(request.headers.get('authorization') ?? '')?.[1]
    if (!key) return failure(403, 'authentication_missing', 'Authentication header is missing.')
    // Older keys say nothing about their mode.
    const other = this.mode === 'live' ? 'pdl_sdbx_' : 'pdl_live_'
    const resource = url.pathname.split('/')[1] ?? ''
    if (key.startsWith(other) || this.forbidden.has(resource))
      return failure(403, 'forbidden', 'You aren’t permitted to perform this request.')
    if ((request.headers.get('paddle-version') ?? '1') !== '1') return failure(400, 'invalid_api_version', 'There is no such version.')
    if (url.pathname === '/transactions') return this.listTransactions(url)
    if (url.pathname === '/adjustments') return this.listAdjustments(url)
    const id = /^\/transactions\/([^/]+)$/.exec(url.pathname)?.[1]
    if (!id) return failure(404, 'invalid_url', 'There is nothing at this address.')
    return this.transaction(decodeURIComponent(id), url.searchParams.get('include'))
  }

  private transaction(id: string, include: string | null): Response {
    if (!isId('txn', id)) return invalidField('transaction_id', 'Must be a transaction id')
    const wishes = include?.split(',') ?? []
    if (wishes.some((wish) => !INCLUDABLE.includes(wish))) return invalidField('include', `Must be any of ${INCLUDABLE.join(', ')}`)
    const found = this.transactions.get(id)
    if (!found) return failure(404, 'not_found', `Entity transaction/${id} not found`)
    return answered({
      ...found,
      ...(wishes.includes('customer') && { customer: this.customers.get(String(found.customer_id)) ?? null }),
      ...(wishes.includes('adjustment') && { adjustments: this.adjustmentsOf(id) }),
      ...(wishes.includes('adjustments_totals') && { adjustments_totals: this.adjustmentsTotals(found) }),
    })
  }

  private adjustmentsOf(transactionId: string): PaddleAdjustment[] {
    return [...this.adjustments.values()].filter((adjustment) => adjustment.transaction_id === transactionId)
  }

  private adjustmentsTotals({ id, currency_code }: PaddleTransaction): Fields {
    const approved = this.adjustmentsOf(id).filter(({ status }) => status === 'approved')
    const total = approved.reduce((sum, { totals }) => sum + Number((totals as Fields | undefined)?.total ?? 0), 0)
    return { subtotal: String(total), tax: '0', total: String(total), fee: '0', earnings: '0', currency_code }
  }

  private listTransactions(url: URL): Response {
    const query = url.searchParams
    const inOrder = ordered(this.transactions, query, ['id', ...MOMENTS])
    if (!inOrder) return invalidField('order_by', 'Must be a field and [ASC] or [DESC]')
    const subscription = query.get('subscription_id')
    if (subscription !== null && !isId('sub', subscription)) return invalidField('subscription_id', 'Must be a subscription id')
    const statuses = query.get('status')?.split(',')
    const bounds = MOMENTS.map((field) => ({ field, ...boundsOf(query, comparisonsOf(field)) }))
    const wrong = bounds.find((bound) => bound.wrong)?.wrong
    if (wrong) return invalidField(wrong, 'Must be a date and time as in RFC 3339')
    const matches = (transaction: PaddleTransaction) =>
      (subscription === null || transaction.subscription_id === subscription) &&
      (!statuses || statuses.includes(transaction.status)) &&
      bounds.every(({ field, hold }) => hold(momentOf(transaction[field])))
    return pageAfter(inOrder, matches, url, TRANSACTIONS)
  }

  /** Each filter takes a list. There is none by time. */
  private listAdjustments(url: URL): Response {
    const filters = ['id', 'transaction_id', 'subscription_id', 'action', 'status']
      .filter((name) => url.searchParams.has(name))
      .map((name) => ({ name, wanted: url.searchParams.get(name)?.split(',') ?? [] }))
    const prefixes: Record<string, string> = { id: 'adj', transaction_id: 'txn', subscription_id: 'sub' }
    for (const { name, wanted } of filters) {
      const prefix = prefixes[name]
      if (prefix && wanted.some((id) => !isId(prefix, id))) return invalidField(name, `Must be ids that begin with ${prefix}_`)
    }
    const inOrder = ordered(this.adjustments, url.searchParams, ['id'])
    if (!inOrder) return invalidField('order_by', 'Must be id[ASC] or id[DESC]')
    const matches = (adjustment: PaddleAdjustment) => filters.every(({ name, wanted }) => wanted.includes(String(adjustment[name])))
    return pageAfter(inOrder, matches, url, ADJUSTMENTS)
  }

  /**
   * A completed transaction of a one-time product.
   * @param totals - of `details.totals`, what is to be different; the sums follow
   */
  sell(id: string, fields: Fields = {}, totals: Fields = {}): PaddleTransaction {
    const tail = id.slice(4)
    const status = String(fields.status ?? 'completed')
    const currency_code = String(fields.currency_code ?? 'EUR')
    const billed_at = status === 'draft' || status === 'ready' ? null : (fields.billed_at ?? BILLED_AT)
    const customer_id = fields.customer_id ?? `ctm_${tail}`
    const sums = totalsOf({ currency_code, ...totals }, status)
    this.addCustomer(String(customer_id))
    const transaction: PaddleTransaction = {
      id,
      status,
      customer_id,
      address_id: `add_${tail}`,
      business_id: null,
      custom_data: null,
      origin: 'web',
      collection_mode: 'automatic',
      subscription_id: null,
      invoice_id: status === 'completed' ? `inv_${tail}` : null,
      invoice_number: status === 'completed' ? '4711-10001' : null,
      billing_details: null,
      billing_period: null,
      currency_code,
      discount_id: null,
      created_at: '2026-09-21T13:45:02.000123Z',
      updated_at: BILLED_AT,
      billed_at,
      items: [item({ trial_period: null, billing_cycle: null })],
      details: { totals: sums, line_items: [], tax_rates_used: [], payout_totals: null, adjusted_totals: null },
      payments: [],
      checkout: { url: `https://shop.example.com/checkout?_ptxn=${id}` },
      ...fields,
    }
    this.transactions.set(id, transaction)
    return transaction
  }

  private addCustomer(id: string): void {
    this.customers.set(id, {
      id,
      status: 'active',
      custom_data: null,
      name: 'Bea Buyer',
      email: 'buyer@example.com',
      marketing_consent: false,
      locale: 'en',
      created_at: '2026-09-21T13:45:30.000000Z',
      updated_at: '2026-09-21T13:45:30.000000Z',
      import_meta: null,
    })
  }

  subscriptionIdOf(transactionId: string): string {
    return `sub_${transactionId.slice(4)}`
  }

  /** The first transaction of a subscription. */
  subscribe(id: string, fields: Fields = {}, totals: Fields = {}): PaddleTransaction {
    return this.sell(
      id,
      {
        subscription_id: this.subscriptionIdOf(id),
        billing_period: { starts_at: BILLED_AT, ends_at: RENEWED_AT },
        items: [item({ trial_period: null, billing_cycle: { interval: 'month', frequency: 1 } })],
        ...fields,
      },
      totals,
    )
  }

  /** A subscription that begins with two free weeks: a transaction over nothing that completes. */
  startTrial(id: string, fields: Fields = {}): PaddleTransaction {
    const price = { trial_period: { interval: 'day', frequency: 14 }, billing_cycle: { interval: 'month', frequency: 1 } }
    return this.subscribe(id, { items: [item(price)], ...fields }, { subtotal: '0', tax: '0' })
  }

  /** A later transaction of a subscription, a month after the latest. It keeps the custom data. */
  renew(subscriptionId: string, id: string, fields: Fields = {}, totals: Fields = {}): PaddleTransaction {
    const earlier = [...this.transactions.values()].filter(({ subscription_id }) => subscription_id === subscriptionId)
    const [first] = earlier
    if (!first) throw new Error(`no subscription ${subscriptionId}`)
    const { customer_id, custom_data, currency_code } = first
    const previous = latest(earlier.map(({ billed_at, created_at }) => billed_at ?? created_at))
    const at = fields.created_at ?? later(previous, MONTH_MS + 1_111, '567')
    const billing_period = { starts_at: at, ends_at: later(at, MONTH_MS) }
    const kept = { subscription_id: subscriptionId, customer_id, custom_data, currency_code }
    const dated = { created_at: at, updated_at: at, billed_at: at, billing_period }
    return this.subscribe(id, { ...kept, ...dated, origin: 'subscription_recurring', checkout: null, ...fields }, totals)
  }

  /**
   * Gives back some of a transaction, or all that is left of it. What is not approved yet can be said with `status`.
   *
   * @param minor - in the smallest unit, tax included
   */
  refund(transactionId: string, minor: number | 'all', fields: Fields = {}): PaddleAdjustment {
    const transaction = this.transactions.get(transactionId)
    if (!transaction) throw new Error(`no transaction ${transactionId}`)
    const before = { count: this.adjustmentsOf(transactionId).length, minor: this.refundedOf(transactionId) }
    const left = Number(transaction.details.totals.grand_total) - before.minor
    if (left <= 0 || (minor !== 'all' && minor > left)) throw new Error(`transaction ${transactionId} has less left to refund`)
    const adjustment = refundShape(transaction, minor === 'all' ? left : minor, before, fields)
    this.adjustments.set(adjustment.id, adjustment)
    return adjustment
  }

  /** What was given back of a transaction so far, or may still be, in the smallest unit. */
  refundedOf(transactionId: string): number {
    return this.adjustmentsOf(transactionId)
      .filter(({ action, status }) => action === 'refund' && /^(approved|pending_approval)$/.test(status))
      .reduce((sum, { totals }) => sum + Number((totals as Fields | undefined)?.total ?? 0), 0)
  }
}

function isId(prefix: string, id: string): boolean {
  return new RegExp(`^${prefix}_[a-z\\d]{26}$`).test(id)
}

/** In the order asked for, if it is one. Real ids begin with the time, so that to order by them is to order by creation. */
function ordered<Item extends Fields>(all: Map<string, Item>, query: URLSearchParams, fields: readonly string[]): Item[] | undefined {
  const [, field = '', direction] = /^(\w+)\[(ASC|DESC)\]$/.exec(query.get('order_by') ?? 'id[DESC]') ?? []
  if (!fields.includes(field)) return undefined
  const newest = newestFirst(all.values(), (item) => momentOf(item[field === 'id' ? 'created_at' : field]))
  return direction === 'ASC' ? newest.reverse() : newest
}

function comparisonsOf(field: string) {
  return { [`${field}[GT]`]: 'gt', [`${field}[GTE]`]: 'gte', [`${field}[LT]`]: 'lt', [`${field}[LTE]`]: 'lte' } as const
}

/** What follows the entity named by `after`, itself in the list or not. There is always a next address, also when nothing more is there. */
function pageAfter<Item extends { id: string }>(
  inOrder: readonly Item[],
  matches: (item: Item) => boolean,
  url: URL,
  size: { usual: number; most: number },
): Response {
  const asked = Number(url.searchParams.get('per_page') ?? size.usual)
  if (!(Number.isInteger(asked) && asked >= 1)) return invalidField('per_page', 'Must be a whole number above 0')
  const per_page = Math.min(asked, size.most)
  const after = url.searchParams.get('after')
  const position = inOrder.findIndex(({ id }) => id === after)
  if (after !== null && position < 0) return invalidField('after', 'Must be the id of an entity')
  const rest = inOrder.slice(position + 1).filter(matches)
  const data = rest.slice(0, per_page)
  const next = new URL(url)
  const last = data.at(-1)
  if (last) next.searchParams.set('after', last.id)
  const estimated_total = inOrder.filter(matches).length
  return answered(data, { pagination: { per_page, next: String(next), has_more: per_page < rest.length, estimated_total } })
}

function answered(data: unknown, meta: Fields = {}): Response {
  return json(200, { data, meta: { request_id: randomUUID(), ...meta } })
}

function invalidField(field: string, message: string): Response {
  return failure(400, 'bad_request', 'Invalid request.', [{ field, message }])
}

function failure(status: number, code: string, detail: string, errors?: unknown[]): Response {
  const documentation_url = `https://developer.paddle.com/v1/errors/shared/${code}`
  const error = { type: 'request_error', code, detail, documentation_url, ...(errors && { errors }) }
  return json(status, { error, meta: { request_id: randomUUID() } })
}
