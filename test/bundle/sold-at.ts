import { AFTERMATH } from '../../sandbox/world/aftermath/list.ts'
import type { ProviderEvent } from '../../sandbox/world/provider-event.ts'
import type { World } from '../../sandbox/world/world.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import { SELLERS } from './sellers.ts'

/**
 * A new, paid order of a one-time product, which nobody has come back with so far.
 * @param visitor - what the checkout's link carried, for providers that tell it in events alone
 */
export function soldAt(provider: ProviderName, world: World, visitor?: string) {
  const { id: newId, sell, announcement } = SELLERS[provider]
  const id = newId()
  sell['one-time'](world, id)
  const aftermath = AFTERMATH[provider](world, id, visitor)
  const { transactionId, events } = aftermath.sold()
  const event = events.find(({ name }) => name === announcement)
  if (!event) throw new Error(`${provider} told no ${announcement}`)
  return { id, transactionId, events, event, aftermath }
}

/** Whatever a provider tells about an order of each kind, from the sale to the refund, and the orders' ids. */
export function everythingTold(provider: ProviderName, world: World): { ids: string[]; events: ProviderEvent[] } {
  const { id: newId, sell } = SELLERS[provider]
  const sale = soldAt(provider, world)
  const id = newId()
  sell.subscription(world, id)
  const subscription = AFTERMATH[provider](world, id)
  const movements = [
    subscription.sold(),
    subscription.renewed(),
    sale.aftermath.refunded('part'),
    sale.aftermath.refunded('rest'),
    subscription.refunded('rest'),
  ]
  return { ids: [sale.id, id], events: [...sale.events, ...movements.flatMap(({ events }) => events)] }
}
