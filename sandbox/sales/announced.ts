import type { ProviderName } from '../../src/providers/index.ts'
import type { ProviderEvent } from '../world/provider-event.ts'

/** The ids that the events of some provider hold, as far as orders are called by them. */
type Told = { data: Ids & { object: Ids; attributes: Ids }; object: Ids & { transaction: Ids } }
type Ids = Record<string, string>

/** The order that an event announces, as the Worker calls it; of one that it takes no order from, anything. */
export function announcedBy({ provider, name, body }: ProviderEvent): `${ProviderName}:${string}` {
  if (provider === 'gumroad') {
    const ping = new URLSearchParams(body)
    return `gumroad:${ping.get('resource_name') === 'refund' ? 'refund_' : ''}${ping.get('sale_id')}`
  }
  return `${provider}:${NAMES[provider](JSON.parse(body), name)}`
}

const NAMES: Record<Exclude<ProviderName, 'gumroad'>, (told: Told, event: string) => string | undefined> = {
  stripe: ({ data }) => data.object.id,

  dodo: ({ data }, event) => data[`${event.split('.')[0]}_id`],

  creem({ object }, event) {
    if (event === 'refund.created') return `refunds_${object.transaction.id}`
    return event === 'subscription.paid' ? object.last_transaction_id : object.id
  },

  polar({ data }, event) {
    if (event.startsWith('refund.')) return `refund_${data.id}`
    // An order goes by its checkout, if it has one.
    return event.startsWith('order.') ? (data.checkout_id ?? `order_${data.id}`) : data.id
  },

  lemonsqueezy({ data }, event) {
    const name = event.startsWith('order_') ? `${data.id}.${data.attributes.identifier}` : `subinv_${data.id}`
    return event.endsWith('_refunded') ? `refunds_${name}` : name
  },

  paddle: ({ data }) => data.id,
}
