import { AFTERMATH } from '../../sandbox/world/aftermath/list.ts'
import { type Delivery, delivered } from '../../sandbox/world/provider-event.ts'
import type { World } from '../../sandbox/world/world.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import { sessionId } from '../../test/bundle/ids.ts'
import { SELLERS } from '../../test/bundle/sellers.ts'

/** A paid order. `path`: where its buyer returns to; `events`: what its provider tells by webhook. */
export type Order = { path: string; events: () => Delivery[] }

/**
 * A product that Stripe sold once.
 * @param carried - the visitor that the payment link carried, if it did
 */
export function soldByStripe(world: World, carried?: string): Order {
  const id = sessionId()
  world.stripe.sell(id, carried ? { client_reference_id: `datafast_${carried}` } : {})
  return orderOf(world, 'stripe', id)
}

/**
 * The first payment of a subscription: what takes the most events and requests.
 * @param carried - likewise
 */
export function subscribedAt(world: World, provider: ProviderName, carried?: string): Order {
  const id = SELLERS[provider].id()
  if (carried) SUBSCRIBE_CARRYING[provider](world, id, carried)
  else SELLERS[provider].sell.subscription(world, id)
  return orderOf(world, provider, id, carried)
}

function orderOf(world: World, provider: ProviderName, id: string, carried?: string): Order {
  return {
    path: `/checkout/success/${provider}?${SELLERS[provider].returning(world, id)}`,
    events: () =>
      AFTERMATH[provider](world, id, carried)
        .sold()
        .events.map((event) => delivered(event)),
  }
}

/** Where each provider keeps the visitor that a link carried; Lemon Squeezy and Gumroad tell it in events alone. */
const SUBSCRIBE_CARRYING: Record<ProviderName, (world: World, id: string, visitor: string) => unknown> = {
  stripe: ({ stripe }, id, visitor) => stripe.subscribe(id, { client_reference_id: `datafast_${visitor}` }),
  dodo({ dodo }, id, visitor) {
    const fields = { metadata: { datafast_visitor_id: visitor } }
    const subscription_id = id.replace('pay_', 'sub_')
    dodo.subscribe(subscription_id, fields)
    dodo.sell(id, { ...fields, subscription_id })
  },
  creem: ({ creem }, id, visitor) => creem.subscribe(id, { checkout: { metadata: { datafast_visitor_id: visitor } } }),
  polar({ polar }, id, visitor) {
    const fields = { metadata: { datafast_visitor_id: visitor } }
    polar.subscribe(id, { checkout: fields, order: fields, subscription: fields })
  },
  lemonsqueezy: ({ lemonSqueezy }, id) => lemonSqueezy.subscribe(id),
  paddle: ({ paddle }, id, visitor) => paddle.subscribe(id, { custom_data: { datafast_visitor_id: visitor } }),
  gumroad: ({ gumroad }, id) => gumroad.subscribe(id),
}
