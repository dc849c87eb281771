import { derivedUuid } from './derived-uuid.ts'
import { later, latest, MONTH_MS } from './later.ts'
import { API, amountsOf, byAge, type Fields, type LemonSqueezyResource, refundedBy, resource } from './lemonsqueezy-shapes.ts'
import { pageOf } from './paging.ts'

const ORDERED_AT = '2026-09-21T13:46:40.000000Z'
const RENEWED_AT = '2026-10-21T13:46:52.000000Z'
const TRIAL_ENDS_AT = '2026-10-05T13:46:40.000000Z'
const LISTS: Record<string, string[]> = {
  orders: ['store_id', 'user_email'],
  'subscription-invoices': ['store_id', 'subscription_id', 'status', 'refunded'],
}

/**
 * Lemon Squeezy's API: JSON:API on one host for both modes, where whoever asks for plain JSON is told that the key is wrong.
 * No object carries the custom data of the checkout: that exists in webhooks only.
 */
export class LemonSqueezy {
  readonly orders = new Map<string, LemonSqueezyResource>()
  readonly subscriptions = new Map<string, LemonSqueezyResource>()
  readonly invoices = new Map<string, LemonSqueezyResource>()
  /** What was bought, by order. */
  readonly orderItems = new Map<string, LemonSqueezyResource[]>()
  /** Every other key is let in. A real one expires after a year. */
  readonly expiredKeys = new Set<string>()

  answer(request: Request): Response {
    const { pathname, searchParams } = new URL(request.url)
    const isJsonApi = request.headers.get('accept')?.includes('application/vnd.api+json')
    const [, key] = /^Bearer (\S+)/.exec(request.headers.get('authorization') ?? '') ?? []
    if (!isJsonApi || !key || this.expiredKeys.has(key)) return failure(401, 'Unauthorized', 'Unauthenticated.')
    const [, type = '', id] = /^\/v1\/(orders|subscriptions|subscription-invoices)(?:\/([^/]+))?$/.exec(pathname) ?? []
    const resources = { orders: this.orders, subscriptions: this.subscriptions, 'subscription-invoices': this.invoices }[type]
    if (!resources) return failure(404, 'Not Found', 'The route could not be found.')
    if (!id) return this.list(type, [...resources.values()], searchParams)
    const found = resources.get(id)
    if (!found) return failure(404, 'Not Found', 'The related resource does not exist.')
    return this.withIncluded(found, searchParams.get('include'))
  }

  /** Each wish must be one that can be granted. */
  private withIncluded(found: LemonSqueezyResource, include: string | null): Response {
    const self = `${API}/${found.type}/${found.id}`
    if (include === null) return jsonApi(200, { links: { self }, data: found })
    const names = include.split(',')
    const refused = names.find((name) => found.type !== 'orders' || !['subscriptions', 'order-items'].includes(name))
    if (refused !== undefined) return failure(400, 'Invalid Query Parameter', `Include path ${refused} is not allowed.`)
    const related = names.map((name) => ({ name, resources: this.relatedTo(found.id, name) }))
    const linked = related.map(({ name, resources }) => {
      const data = resources.map(({ type, id }) => ({ type, id }))
      return [name, { ...(found.relationships[name] as Fields), data }] as const
    })
    const relationships = { ...found.relationships, ...Object.fromEntries(linked) }
    const included = related.flatMap(({ resources }) => resources)
    return jsonApi(200, { links: { self }, data: { ...found, relationships }, included })
  }

  private relatedTo(orderId: string, name: string): LemonSqueezyResource[] {
    if (name === 'order-items') return this.orderItems.get(orderId) ?? []
    return [...this.subscriptions.values()].filter(({ attributes }) => String(attributes.order_id) === orderId)
  }

  /** Newest first unless asked otherwise. There is no filter by date. */
  private list(type: string, resources: LemonSqueezyResource[], query: URLSearchParams): Response {
    const wanted = [...query].flatMap(([key, value]) => {
      const name = /^filter\[(\w+)\]$/.exec(key)?.[1]
      return name ? [{ name, value }] : []
    })
    const refused = wanted.find(({ name }) => !LISTS[type]?.includes(name))
    if (refused) return failure(400, 'Invalid Query Parameter', `Filter parameter ${refused.name} is not allowed.`)
    const sort = query.get('sort') ?? '-createdAt'
    if (!/^-?createdAt$/.test(sort)) return failure(400, 'Invalid Query Parameter', `Sort parameter ${sort} is not allowed.`)
    const all = resources.filter(({ attributes }) => wanted.every(({ name, value }) => String(attributes[name]) === value)).sort(byAge)
    if (sort === '-createdAt') all.reverse()
    const number = Number(query.get('page[number]') ?? 1)
    const size = Number(query.get('page[size]') ?? 10)
    if (!(number >= 1 && size >= 1 && size <= 100))
      return failure(400, 'Invalid Query Parameter', 'The page size must be between 1 and 100.')
    const { items, pages, total } = pageOf(all, number, size)
    const others = [...query].filter(([name]) => name !== 'page[number]')
    const linkTo = (page: number) => `${API}/${type}?${new URLSearchParams([...others, ['page[number]', String(page)]])}`
    const from = items.length ? (number - 1) * size + 1 : null
    const page = { currentPage: number, from, lastPage: pages, perPage: size, to: from && from + items.length - 1, total }
    const beside = { ...(number > 1 && { prev: linkTo(number - 1) }), ...(number < pages && { next: linkTo(number + 1) }) }
    const links = { first: linkTo(1), last: linkTo(pages), ...beside }
    return jsonApi(200, { meta: { page }, links, data: items })
  }

  /** A paid order in euros with the tax in its total. The amounts in dollars follow from the others. */
  sell(orderId: string, attributes: Fields = {}): LemonSqueezyResource {
    const dates = { created_at: attributes.created_at ?? ORDERED_AT, updated_at: attributes.updated_at ?? ORDERED_AT }
    const test_mode = attributes.test_mode ?? false
    const amounts = amountsOf({ subtotal: 2500, tax: 475, ...attributes })
    const item = {
      order_id: Number(orderId),
      product_id: 61_204,
      variant_id: 90_417,
      product_name: 'Sandbox product',
      variant_name: 'Default',
      price: amounts.subtotal,
      quantity: 1,
      ...dates,
      test_mode,
    }
    const identifier = this.identifierOf(orderId)
    const order = resource('orders', orderId, {
      store_id: 8_350,
      customer_id: customerOf(orderId),
      identifier,
      order_number: 17,
      user_name: 'Bea Buyer',
      user_email: 'buyer@example.com',
      ...amounts,
      tax_name: 'VAT',
      tax_rate: '19.00',
      tax_inclusive: false,
      status: 'paid',
      status_formatted: 'Paid',
      refunded: false,
      refunded_at: null,
      first_order_item: { id: Number(orderId) + 1, ...item },
      urls: { receipt: `https://app.lemonsqueezy.com/my-orders/${identifier}?signature=sandbox` },
      ...dates,
      test_mode,
      ...attributes,
    })
    this.orders.set(orderId, order)
    this.orderItems.set(orderId, [resource('order-items', String(Number(orderId) + 1), item)])
    return order
  }

  /** What an order is called on the way back, beside its number. */
  identifierOf(orderId: string): string {
    return derivedUuid(`order ${orderId}`)
  }

  subscriptionIdOf(orderId: string): string {
    return `3${orderId}`
  }

  initialInvoiceIdOf(orderId: string): string {
    return `6${orderId}`
  }

  /** The order of a subscription, which already holds its first payment, and the invoice that repeats it. */
  subscribe(orderId: string, attributes: Fields = {}, subscription: Fields = {}): LemonSqueezyResource {
    const order = this.sell(orderId, attributes)
    this.addSubscription(order, subscription)
    const { subtotal, tax, discount_total, setup_fee, total, currency, currency_rate, created_at, test_mode } = order.attributes
    this.invoice(this.initialInvoiceIdOf(orderId), this.subscriptionIdOf(orderId), {
      ...{ subtotal, tax, discount_total, setup_fee, total, currency, currency_rate, created_at, test_mode },
      billing_reason: 'initial',
    })
    return order
  }

  private addSubscription({ id: orderId, attributes: order }: LemonSqueezyResource, attributes: Fields): void {
    const id = this.subscriptionIdOf(orderId)
    const subscription = resource('subscriptions', id, {
      store_id: order.store_id,
      customer_id: order.customer_id,
      order_id: Number(orderId),
      order_item_id: Number(orderId) + 1,
      product_id: 61_204,
      variant_id: 90_417,
      product_name: 'Sandbox product',
      variant_name: 'Default',
      user_name: order.user_name,
      user_email: order.user_email,
      status: 'active',
      status_formatted: 'Active',
      card_brand: 'visa',
      card_last_four: '4242',
      payment_processor: 'stripe',
      pause: null,
      cancelled: false,
      trial_ends_at: null,
      billing_anchor: 21,
      first_subscription_item: null,
      urls: {},
      renews_at: RENEWED_AT,
      ends_at: null,
      created_at: order.created_at,
      updated_at: order.updated_at,
      test_mode: order.test_mode,
      ...attributes,
    })
    this.subscriptions.set(id, subscription)
  }

  /** A trial of two weeks: an order over nothing, and a subscription that says so. */
  startTrial(orderId: string, attributes: Fields = {}, subscription: Fields = {}): LemonSqueezyResource {
    const order = this.sell(orderId, { subtotal: 0, tax: 0, ...attributes })
    const trial = { status: 'on_trial', status_formatted: 'On Trial', trial_ends_at: TRIAL_ENDS_AT, renews_at: TRIAL_ENDS_AT }
    this.addSubscription(order, { ...trial, ...subscription })
    return order
  }

  /** A renewal of a subscription, unless the attributes say otherwise. It does not name the order. */
  invoice(id: string, subscriptionId: string, attributes: Fields = {}): LemonSqueezyResource {
    const subscription = this.subscriptions.get(subscriptionId)
    const invoice = resource('subscription-invoices', id, {
      store_id: 8_350,
      subscription_id: Number(subscriptionId),
      customer_id: subscription?.attributes.customer_id ?? null,
      user_name: 'Bea Buyer',
      user_email: 'buyer@example.com',
      billing_reason: 'renewal',
      card_brand: 'visa',
      card_last_four: '4242',
      ...amountsOf({ subtotal: 2500, tax: 475, ...attributes }),
      tax_inclusive: false,
      status: 'paid',
      status_formatted: 'Paid',
      refunded: false,
      refunded_at: null,
      urls: {},
      created_at: RENEWED_AT,
      updated_at: RENEWED_AT,
      test_mode: false,
      ...attributes,
    })
    this.invoices.set(id, invoice)
    return invoice
  }

  /** The next charge of a subscription, a month after the latest. What was a trial is none any more. */
  renew(subscriptionId: string, invoiceId: string, attributes: Fields = {}): LemonSqueezyResource {
    const subscription = this.subscriptions.get(subscriptionId)
    const order = this.orders.get(String(subscription?.attributes.order_id))
    if (!subscription || !order) throw new Error(`no subscription ${subscriptionId}`)
    const charges = [order, ...this.invoicesOf(subscriptionId)].map((charge) => charge.attributes.created_at)
    const created_at = attributes.created_at ?? later(latest(charges), MONTH_MS + 12_000)
    const { subtotal, tax, discount_total, total, currency, currency_rate, test_mode } = order.attributes
    const invoice = this.invoice(invoiceId, subscriptionId, {
      ...{ currency, currency_rate, test_mode, created_at, updated_at: created_at },
      // What cost nothing at first costs the usual now; and nobody is set up twice.
      ...(Number(total) > 0 && { subtotal, tax, discount_total }),
      ...attributes,
    })
    const renews_at = later(created_at, MONTH_MS)
    const since = { status: 'active', status_formatted: 'Active', trial_ends_at: null, renews_at, updated_at: created_at }
    Object.assign(subscription.attributes, since)
    return invoice
  }

  /** The invoices of a subscription, in the order in which they were made. */
  invoicesOf(subscriptionId: string): LemonSqueezyResource[] {
    return [...this.invoices.values()].filter(({ attributes }) => String(attributes.subscription_id) === subscriptionId)
  }

  /** The invoice that repeats an order's money. A trial's order has none. */
  initialInvoiceOf(orderId: string): LemonSqueezyResource | undefined {
    const [subscription] = this.relatedTo(orderId, 'subscriptions')
    const paid = this.orders.get(orderId)?.attributes.total
    if (!subscription || !paid) return undefined
    return this.invoicesOf(subscription.id).find(({ attributes }) => attributes.billing_reason === 'initial')
  }

  /** Gives back some of an order: the same money in the first invoice of its subscription. `minor`: as the order counts. */
  refund(orderId: string, minor: number): LemonSqueezyResource {
    const order = this.orders.get(orderId)
    if (!order) throw new Error(`no order ${orderId}`)
    for (const repeating of [order, this.initialInvoiceOf(orderId)])
      if (repeating) Object.assign(repeating.attributes, refundedBy(repeating.attributes, minor))
    return order
  }

  /** Gives back some of an invoice; of the first one, which repeats an order, in the order too. */
  refundInvoice(invoiceId: string, minor: number): LemonSqueezyResource {
    const invoice = this.invoices.get(invoiceId)
    if (!invoice) throw new Error(`no invoice ${invoiceId}`)
    const orderId = String(this.subscriptions.get(String(invoice.attributes.subscription_id))?.attributes.order_id)
    if (this.initialInvoiceOf(orderId) === invoice) this.refund(orderId, minor)
    else Object.assign(invoice.attributes, refundedBy(invoice.attributes, minor))
    return invoice
  }
}

function customerOf(orderId: string): number {
  return Number(`4${orderId.slice(-6)}`)
}

function failure(status: number, title: string, detail: string): Response {
  return jsonApi(status, { errors: [{ detail, status: String(status), title }] })
}

function jsonApi(status: number, body: Fields): Response {
  const headers = { 'content-type': 'application/vnd.api+json' }
  return new Response(JSON.stringify({ jsonapi: { version: '1.0' }, ...body }), { status, headers })
}
