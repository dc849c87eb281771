import { derivedUuid } from '../derived-uuid.ts'
import type { LemonSqueezy } from '../lemonsqueezy.ts'
import type { LemonSqueezyResource } from '../lemonsqueezy-shapes.ts'
import type { ProviderEvent } from '../provider-event.ts'
import type { AftermathOf } from './aftermath.ts'
import { inMajorUnits, shareOf } from './amounts.ts'

/** Names the event, shows what it is about, and tells by `step` which of its kind it is where that is not enough. */
type Tell = (name: string, data: LemonSqueezyResource, step?: unknown) => ProviderEvent

/** Whatever an order of Lemon Squeezy is followed by. Only its events carry what the checkout's link said of the visitor. */
export const lemonsqueezy: AftermathOf = ({ lemonSqueezy: api }, saleId, visitor) => {
  const tell: Tell = (name, data, step) => eventOf(name, data, visitor, step)
  return {
    sold() {
      const order = orderOf(api, saleId)
      const [subscription, initial] = [subscriptionOf(api, saleId), api.initialInvoiceOf(saleId)]
      const events = [
        tell('order_created', order),
        ...(subscription ? [tell('subscription_created', subscription)] : []),
        ...(initial ? [tell('subscription_payment_success', initial)] : []),
      ]
      return { transactionId: transactionOf(order), amount: inMajorUnits(order.attributes.total, order.attributes.currency), events }
    },

    renewed() {
      const subscription = subscriptionOf(api, saleId)
      if (!subscription) throw new Error(`order ${saleId} began no subscription`)
      const nth = String(api.invoicesOf(subscription.id).length + 1).padStart(3, '0')
      const invoice = api.renew(subscription.id, `7${saleId}${nth}`)
      const events = [tell('subscription_payment_success', invoice), tell('subscription_updated', subscription, invoice.id)]
      return { transactionId: transactionOf(invoice), amount: inMajorUnits(invoice.attributes.total, invoice.attributes.currency), events }
    },

    refunded(part, of = `ls_order_${saleId}`) {
      const paid = paymentOf(api, saleId, of)
      const { total, currency, refunded_amount } = paid.attributes
      const minor = shareOf(part, Number(total), Number(refunded_amount))
      const touched = refund(api, paid, minor)
      const sum = Number(refunded_amount) + minor
      const events = touched.map((data) =>
        tell(data.type === 'orders' ? 'order_refunded' : 'subscription_payment_refunded', data, `refunded ${sum}`),
      )
      return { transactionId: `${of}_refund_${sum}`, amount: inMajorUnits(minor, currency), events }
    },
  }
}

function orderOf(api: LemonSqueezy, id: string): LemonSqueezyResource {
  const order = api.orders.get(id)
  if (!order) throw new Error(`no order ${id}`)
  return order
}

function subscriptionOf(api: LemonSqueezy, orderId: string): LemonSqueezyResource | undefined {
  return [...api.subscriptions.values()].find(({ attributes }) => String(attributes.order_id) === orderId)
}

/** Orders and invoices are both plain numbers. */
function transactionOf({ type, id }: LemonSqueezyResource): string {
  return `${type === 'orders' ? 'ls_order' : 'ls_subinv'}_${id}`
}

/** The order or invoice behind a transaction of this sale. */
function paymentOf(api: LemonSqueezy, saleId: string, transactionId: string): LemonSqueezyResource {
  const subscription = subscriptionOf(api, saleId)
  const payments = [orderOf(api, saleId), ...(subscription ? api.invoicesOf(subscription.id) : [])]
  const payment = payments.find((candidate) => transactionOf(candidate) === transactionId)
  if (!payment || payment === api.initialInvoiceOf(saleId)) throw new Error(`no movement ${transactionId} of order ${saleId}`)
  return payment
}

/** @returns all that changed: an order and the invoice that repeats it are told of one by one */
function refund(api: LemonSqueezy, { type, id }: LemonSqueezyResource, minor: number): LemonSqueezyResource[] {
  if (type !== 'orders') return [api.refundInvoice(id, minor)]
  const initial = api.initialInvoiceOf(id)
  return [api.refund(id, minor), ...(initial ? [initial] : [])]
}

/** The resource as the API shows it, under a `meta` that no API call returns. No event has a time of its own. */
function eventOf(event_name: string, data: LemonSqueezyResource, visitor: string | undefined, step: unknown): ProviderEvent {
  const id = derivedUuid(`lemonsqueezy ${event_name} ${data.type} ${data.id} ${step ?? ''}`)
  const custom_data = visitor === undefined ? {} : { custom_data: { datafast_visitor_id: visitor } }
  const meta = { test_mode: data.attributes.test_mode, event_name, ...custom_data, webhook_id: id }
  return { provider: 'lemonsqueezy', name: event_name, id, body: JSON.stringify({ meta, data }) }
}
