import { derivedUuid } from './derived-uuid.ts'
import { later, latest, MONTH_MS } from './later.ts'
import { type Bounds, boundsOf, momentOf, newestFirst, pageOf } from './paging.ts'
import {
  checkoutShape,
  type Fields,
  ORDERED_AT,
  orderShape,
  type PolarCheckout,
  type PolarOrder,
  type PolarRefund,
  type PolarSubscription,
  refundShape,
  subscriptionShape,
} from './polar-shapes.ts'
import { json } from './service.ts'

const TRIAL_END = '2026-10-05T13:46:36.000000Z'
const VERSIONS = ['2026-04', '2026-10', '2027-01']
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** The ids and moments by which a list can be narrowed down: refunds have no moments. */
const ORDERS: Filters = {
  ids: ['checkout_id', 'subscription_id', 'customer_id'],
  moments: { created_after: 'gte', created_before: 'lte' },
}
const REFUNDS: Filters = { ids: ['id', 'order_id', 'subscription_id', 'customer_id'], moments: {} }
type Filters = { ids: readonly string[]; moments: Bounds }

/** Polar's API on one of its two hosts: checkouts, the orders that say what was really paid, and what was given back. */
export class Polar {
  readonly checkouts = new Map<string, PolarCheckout>()
  readonly orders = new Map<string, PolarOrder>()
  readonly subscriptions = new Map<string, PolarSubscription>()
  readonly refunds = new Map<string, PolarRefund>()
  /** Resources that the token has no scope for, such as `refunds`. */
  readonly forbidden = new Set<string>()

  answer(request: Request): Response {
    const url = new URL(request.url)
    const version = request.headers.get('polar-version')
    if (version && !VERSIONS.includes(version)) return json(404, { detail: 'Not Found' })
    // A list lies at its slash.
    if (/^\/v1\/(orders|refunds)$/.test(url.pathname))
      return new Response(null, { status: 307, headers: { location: `${url.origin}${url.pathname}/${url.search}` } })
    const response = this.find(request.headers.get('authorization') ?? '', url)
    if (version) response.headers.set('polar-version', version)
    return response
  }

  private find(authorization: string, { pathname, searchParams }: URL): Response {
    if (!/^Bearer polar_\w/.test(authorization)) {
      const refused = json(401, {
        error: 'invalid_token',
        error_description: 'The access token provided is expired, revoked or malformed.',
      })
      refused.headers.set('www-authenticate', 'Bearer realm="polar", error="invalid_token"')
      return refused
    }
    const resource = /^\/v1\/([^/]+)/.exec(pathname)?.[1] ?? ''
    if (this.forbidden.has(resource)) return json(403, { error: 'NotPermitted', detail: `The token lacks the scope ${resource}:read.` })
    if (pathname === '/v1/orders/') return list([...this.orders.values()], ORDERS, searchParams)
    if (pathname === '/v1/refunds/') return this.listRefunds(searchParams)
    return this.one(pathname)
  }

  /** Refunds are not among these: they can only be listed. */
  private one(pathname: string): Response {
    const [, resource, id = ''] = /^\/v1\/(checkouts|orders|subscriptions)\/([^/]+)$/.exec(pathname) ?? []
    if (!resource) return json(404, { detail: 'Not Found' })
    if (!UUID.test(id)) return invalid('path', 'id', id)
    const objects = resource === 'checkouts' ? this.checkouts : resource === 'orders' ? this.orders : this.subscriptions
    const found = objects.get(id.toLowerCase())
    return found ? json(200, found) : json(404, { error: 'ResourceNotFound', detail: 'Not found' })
  }

  private listRefunds(query: URLSearchParams): Response {
    const succeeded = query.get('succeeded')
    if (succeeded !== null && !/^(true|false)$/.test(succeeded))
      return invalid('query', 'succeeded', succeeded, 'Input should be a valid boolean')
    const all = [...this.refunds.values()]
    const wanted = succeeded === null ? all : all.filter(({ status }) => String(status === 'succeeded') === succeeded)
    return list(wanted, REFUNDS, query)
  }

  /** A succeeded checkout of a one-time product, and its order. `order: null`: there is none yet. */
  sell(checkoutId: string, changes: { checkout?: Fields; order?: Fields | null } = {}): PolarCheckout {
    const checkout = this.addCheckout(checkoutId, changes.checkout)
    if (changes.order !== null) this.addOrder(checkoutId, { id: this.orderIdOf(checkoutId), ...changes.order })
    return checkout
  }

  orderIdOf(checkoutId: string): string {
    return derivedUuid(`order of ${checkoutId}`)
  }

  subscriptionIdOf(checkoutId: string): string {
    return derivedUuid(`subscription of ${checkoutId}`)
  }

  customerIdOf(checkoutId: string): string {
    return derivedUuid(`customer of ${checkoutId}`)
  }

  private addCheckout(id: string, fields: Fields = {}): PolarCheckout {
    const checkout = checkoutShape(id, this.customerIdOf(id), fields)
    this.checkouts.set(id, checkout)
    return checkout
  }

  /** One more order of a checkout: what it is called is random unless `fields` say it. */
  addOrder(checkoutId: string, fields: Fields = {}): PolarOrder {
    const checkout = this.checkouts.get(checkoutId)
    const customerId = String(checkout?.customer_id ?? this.customerIdOf(checkoutId))
    const order = orderShape(checkoutId, checkout, customerId, fields)
    this.orders.set(order.id, order)
    return order
  }

  /** The same for a subscription: the order carries it and says that it created it. */
  subscribe(checkoutId: string, changes: { checkout?: Fields; order?: Fields | null; subscription?: Fields } = {}): PolarCheckout {
    const checkout = this.addCheckout(checkoutId, changes.checkout)
    const subscription = subscriptionShape(this.subscriptionIdOf(checkoutId), checkout, changes.subscription ?? {})
    this.subscriptions.set(subscription.id, subscription)
    if (changes.order !== null) {
      this.addOrder(checkoutId, {
        id: this.orderIdOf(checkoutId),
        billing_reason: 'subscription_create',
        subscription_id: subscription.id,
        subscription,
        ...changes.order,
      })
    }
    return checkout
  }

  /** A trial of two weeks: the checkout shows the price all the same, and only its order says that nothing was charged. */
  startTrial(checkoutId: string, changes: { checkout?: Fields; order?: Fields | null; subscription?: Fields } = {}): PolarCheckout {
    const trial = { allow_trial: true, active_trial_interval: 'day', active_trial_interval_count: 14, trial_end: TRIAL_END }
    const nothing = { subtotal_amount: 0, discount_amount: 0, tax_amount: 0 }
    const end = changes.checkout?.trial_end ?? TRIAL_END
    return this.subscribe(checkoutId, {
      checkout: {
        ...trial,
        is_payment_required: false,
        is_payment_setup_required: true,
        is_payment_form_required: true,
        ...changes.checkout,
      },
      order: changes.order === null ? null : { ...nothing, ...changes.order },
      subscription: {
        status: 'trialing',
        trial_start: '2026-09-21T13:46:39.500000Z',
        trial_end: end,
        current_period_end: end,
        ...changes.subscription,
      },
    })
  }

  /** A later charge, a month after the latest: it has no checkout, but keeps the metadata. What was a trial is none any more. */
  renew(subscriptionId: string, orderId: string, fields: Fields = {}): PolarOrder {
    const subscription = this.subscriptions.get(subscriptionId)
    if (!subscription) throw new Error(`no subscription ${subscriptionId}`)
    const earlier = [...this.orders.values()].filter(({ subscription_id }) => subscription_id === subscriptionId)
    const previous = earlier.length ? latest(earlier.map(({ created_at }) => created_at)) : ORDERED_AT
    const created_at = String(fields.created_at ?? later(previous, MONTH_MS + 5_531, '321'))
    Object.assign(subscription, {
      status: 'active',
      modified_at: created_at,
      current_period_start: created_at,
      current_period_end: later(created_at, MONTH_MS),
    })
    return this.addOrder(String(subscription.checkout_id), {
      id: orderId,
      created_at,
      billing_reason: 'subscription_cycle',
      checkout_id: null,
      subscription_id: subscriptionId,
      subscription,
      metadata: subscription.metadata,
      ...fields,
    })
  }

  /**
   * Gives back some of an order. Unless it succeeded, the order does not know of it.
   *
   * @param money - in the smallest unit; the tax is not part of the amount
   */
  refund(orderId: string, money: { amount: number; tax_amount: number }, fields: Fields = {}): PolarRefund {
    const order = this.orders.get(orderId)
    if (!order) throw new Error(`no order ${orderId}`)
    const earlier = [...this.refunds.values()].filter(({ order_id }) => order_id === orderId)
    const refund = refundShape(order, earlier.length, { ...money, ...fields })
    if (refund.status === 'succeeded') giveBack(order, refund)
    this.refunds.set(refund.id, refund)
    return refund
  }
}

/** Only the sums and the status change: what was given back was paid all the same. */
function giveBack(order: PolarOrder, { amount, tax_amount, created_at }: PolarRefund): void {
  const refunded_amount = Number(order.refunded_amount) + amount
  const refunded_tax_amount = Number(order.refunded_tax_amount) + tax_amount
  const refundable_amount = Number(order.net_amount) - refunded_amount
  const refundable_tax_amount = Number(order.tax_amount) - refunded_tax_amount
  if (refundable_amount < 0 || refundable_tax_amount < 0) throw new Error(`order ${order.id} has less left to refund`)
  Object.assign(order, {
    status: refundable_amount || refundable_tax_amount ? 'partially_refunded' : 'refunded',
    modified_at: created_at,
    ...{ refunded_amount, refunded_tax_amount, refundable_amount, refundable_tax_amount },
  })
}

/** Newest first, ten to a page unless asked otherwise. What it does not know it ignores. */
function list(objects: readonly (Fields & { created_at: string })[], { ids, moments }: Filters, query: URLSearchParams): Response {
  const named = ids.filter((name) => query.has(name)).map((name) => ({ name, wanted: query.getAll(name) }))
  for (const { name, wanted } of named) for (const id of wanted) if (!UUID.test(id)) return invalid('query', name, id)
  const created = boundsOf(query, moments)
  if (created.wrong) return invalid('query', created.wrong, query.get(created.wrong), 'Input should be a valid datetime')
  const size = Number(query.get('limit') ?? 10)
  const page = Number(query.get('page') ?? 1)
  if (!(size >= 1 && size <= 100)) return invalid('query', 'limit', query.get('limit'), 'Input should be between 1 and 100')
  if (!(Number.isInteger(page) && page >= 1)) return invalid('query', 'page', query.get('page'), 'Input should be greater than 0')
  const sorting = query.get('sorting') ?? '-created_at'
  if (!/^-?created_at$/.test(sorting)) return invalid('query', 'sorting', sorting, "Input should be 'created_at' or '-created_at'")
  const matching = objects
    .filter((object) => named.every(({ name, wanted }) => wanted.includes(String(object[name]))))
    .filter(({ created_at }) => created.hold(momentOf(created_at)))
  const newest = newestFirst(matching, ({ created_at }) => momentOf(created_at))
  const { items, pages, total } = pageOf(sorting === 'created_at' ? newest.reverse() : newest, page, size)
  // They are counted along with the rows of the page: where there are none, there is no count.
  return json(200, { items, pagination: items.length ? { total_count: total, max_page: pages } : { total_count: 0, max_page: 0 } })
}

function invalid(place: string, name: string, input: unknown, msg = 'Input should be a valid UUID'): Response {
  const detail = [{ type: 'value_error', loc: [place, name], msg, input }]
  return json(422, { error: 'RequestValidationError', detail })
}
