import { derivedUuid } from '../derived-uuid.ts'
import { later } from '../later.ts'
import type { Polar } from '../polar.ts'
import type { Fields, PolarCheckout, PolarOrder, PolarRefund } from '../polar-shapes.ts'
import type { ProviderEvent } from '../provider-event.ts'
import type { AftermathOf, Movement } from './aftermath.ts'
import { inMajorUnits, shareOf } from './amounts.ts'

/** An event, and how long after the thing it is about it is sent, in ms. */
type Happening = { name: string; afterMs: number; data: Fields & { id: string } }

/** Whatever a checkout of Polar is followed by. Its events tell no more of the visitor than its API does. */
export const polar: AftermathOf = (world, saleId) => {
  const api = [world.polar, world.polarSandbox].find(({ checkouts }) => checkouts.has(saleId))
  const checkout = api?.checkouts.get(saleId)
  if (!api || !checkout) throw new Error(`no checkout ${saleId}`)
  const sale = () => orderOf(api, saleId)

  return {
    sold: () => movementOf(sale(), saleOf(api, checkout, sale())),

    renewed() {
      const subscriptionId = String(sale().subscription_id ?? '')
      const order = api.renew(subscriptionId, crypto.randomUUID())
      const subscription = { ...api.subscriptions.get(subscriptionId), id: subscriptionId }
      return movementOf(order, [{ name: 'subscription.cycled', afterMs: -800, data: subscription }, ...paymentOf(order)])
    },

    refunded(part, of = sale().id) {
      const order = api.orders.get(of)
      if (!order) throw new Error(`no order ${of}`)
      const refund = api.refund(of, portionOf(order, part))
      const events = eventsOf(refund.created_at, refund.id, refundOf(refund, order))
      return { transactionId: refund.id, amount: inMajorUnits(refund.amount + refund.tax_amount, order.currency), events }
    },
  }
}

/** The order that a checkout made: the first, where later ones name it as well. */
function orderOf(api: Polar, checkoutId: string): PolarOrder {
  const first = [...api.orders.values()].find(({ checkout_id }) => checkout_id === checkoutId)
  const order = api.orders.get(api.orderIdOf(checkoutId)) ?? first
  if (!order) throw new Error(`no order of checkout ${checkoutId}`)
  return order
}

function movementOf(order: PolarOrder, happenings: Happening[]): Movement {
  const events = eventsOf(order.created_at, order.id, happenings)
  return { transactionId: order.id, amount: inMajorUnits(order.total_amount, order.currency), events }
}

/** The sequence of a captured first purchase: the checkout succeeds last of all. */
function saleOf(api: Polar, checkout: PolarCheckout, order: PolarOrder): Happening[] {
  const subscription = api.subscriptions.get(String(order.subscription_id))
  const begun = subscription ? [subscription] : []
  return [
    { name: 'checkout.updated', afterMs: -3_000, data: { ...checkout, status: 'confirmed', customer_id: null } },
    ...begun.map((data) => ({ name: 'subscription.created', afterMs: -300, data })),
    ...begun.map((data) => ({ name: 'subscription.active', afterMs: -200, data })),
    ...paymentOf(order),
    { name: 'checkout.updated', afterMs: 110, data: checkout },
  ]
}

/** An order is made before it is paid. Polar adds fields at any time: none of these is to disturb anybody. */
function paymentOf(order: PolarOrder): Happening[] {
  const data = { ...order, field_of_next_year: { settled_by: ['card'], points: 3 } }
  return [
    { name: 'order.created', afterMs: 20, data: { ...data, status: 'pending', paid: false, modified_at: null } },
    { name: 'order.updated', afterMs: 60, data },
    { name: 'order.paid', afterMs: 80, data },
  ]
}

/** A refund is pending at first; the order then shows the sum of all refunds. */
function refundOf(refund: PolarRefund, order: PolarOrder): Happening[] {
  return [
    { name: 'refund.created', afterMs: 500, data: { ...refund, status: 'pending', modified_at: null } },
    { name: 'refund.updated', afterMs: 2_100, data: refund },
    { name: 'order.refunded', afterMs: 2_200, data: { ...order, field_of_next_year: { settled_by: ['card'], points: 2 } } },
  ]
}

/** @param movementId - the order or the refund that all of these are about */
function eventsOf(start: string, movementId: string, happenings: Happening[]): ProviderEvent[] {
  return happenings.map(({ name, afterMs, data }) => ({
    provider: 'polar',
    name,
    id: derivedUuid(`polar ${name} ${data.id} ${data.status} ${movementId}`),
    body: JSON.stringify({ type: name, timestamp: later(start, afterMs, '537'), data }),
  }))
}

/** What a part of an order comes to, as Polar counts: the tax beside the amount. */
function portionOf(order: PolarOrder, part: 'part' | 'rest'): { amount: number; tax_amount: number } {
  const [total, tax, returnedTax] = [Number(order.total_amount), Number(order.tax_amount), Number(order.refunded_tax_amount)]
  const returned = Number(order.refunded_amount) + returnedTax
  const portion = shareOf(part, total, returned)
  const isRest = portion === total - returned
  const tax_amount = isRest ? tax - returnedTax : Math.round((tax * portion) / total)
  return { amount: portion - tax_amount, tax_amount }
}
