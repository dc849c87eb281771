import type { World } from '../../sandbox/world/world.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import { creemId, dodoId, gumroadId, lemonSqueezyId, paddleId, polarId, sessionId } from './ids.ts'

/** One way to buy something at a provider. `sell`: makes the order. `returning`: what the buyer comes back with. */
export type Seller = {
  id: () => string
  sell: Record<'one-time' | 'subscription' | 'trial', (world: World, id: string) => unknown>
  returning: (world: World, id: string) => string
  /** The event that tells of the sale itself; the others are about its subscription, or repeat it in other words. */
  announcement: string
  /** Makes an order of that id that was never paid, where the provider knows such orders. */
  sellInVain?: (world: World, id: string) => unknown
}

const by = (parameter: string) => (_: World, id: string) => `${parameter}=${encodeURIComponent(id)}`

/** How each provider sells. */
export const SELLERS: Record<ProviderName, Seller> = {
  stripe: {
    id: sessionId,
    announcement: 'checkout.session.completed',
    sellInVain: ({ stripe }, id) => stripe.sell(id, { status: 'expired', payment_status: 'unpaid' }),
    sell: {
      'one-time': ({ stripe }, id) => stripe.sell(id),
      subscription: ({ stripe }, id) => stripe.subscribe(id),
      trial: ({ stripe }, id) => stripe.startTrial(id),
    },
    returning: by('session_id'),
  },
  dodo: {
    id: dodoId,
    announcement: 'payment.succeeded',
    sellInVain: ({ dodo }, id) => dodo.sell(id, { status: 'failed' }),
    sell: {
      'one-time': ({ dodo }, id) => dodo.sell(id),
      subscription: ({ dodo }, id) => {
        const subscription_id = id.replace('pay_', 'sub_')
        dodo.subscribe(subscription_id)
        dodo.sell(id, { subscription_id })
      },
      trial: ({ dodo }, id) => dodo.subscribe(id.replace('pay_', 'sub_'), { trial_period_days: 14 }),
    },
    // After a subscription the buyer returns with its id alone.
    returning: ({ dodo }, id) =>
      dodo.payments.get(id)?.subscription_id === null ? `payment_id=${id}` : `subscription_id=${id.replace('pay_', 'sub_')}`,
  },
  creem: {
    id: creemId,
    announcement: 'checkout.completed',
    sellInVain: ({ creem }, id) => creem.sell(id, { checkout: { status: 'expired' }, transaction: null }),
    sell: {
      'one-time': ({ creem }, id) => creem.sell(id),
      subscription: ({ creem }, id) => creem.subscribe(id),
      trial: ({ creem }, id) => creem.startTrial(id),
    },
    returning: by('checkout_id'),
  },
  polar: {
    id: polarId,
    announcement: 'order.paid',
    sellInVain: ({ polar }, id) => polar.sell(id, { checkout: { status: 'failed' }, order: null }),
    sell: {
      'one-time': ({ polar }, id) => polar.sell(id),
      subscription: ({ polar }, id) => polar.subscribe(id),
      trial: ({ polar }, id) => polar.startTrial(id),
    },
    returning: by('checkout_id'),
  },
  lemonsqueezy: {
    id: lemonSqueezyId,
    announcement: 'order_created',
    sellInVain: ({ lemonSqueezy }, id) => lemonSqueezy.sell(id, { status: 'failed' }),
    sell: {
      'one-time': ({ lemonSqueezy }, id) => lemonSqueezy.sell(id),
      subscription: ({ lemonSqueezy }, id) => lemonSqueezy.subscribe(id),
      trial: ({ lemonSqueezy }, id) => lemonSqueezy.startTrial(id),
    },
    returning: ({ lemonSqueezy }, id) => `order_id=${id}&order_identifier=${lemonSqueezy.identifierOf(id)}`,
  },
  paddle: {
    id: paddleId,
    announcement: 'transaction.completed',
    sellInVain: ({ paddle }, id) => paddle.sell(id, { status: 'canceled' }),
    sell: {
      'one-time': ({ paddle }, id) => paddle.sell(id),
      subscription: ({ paddle }, id) => paddle.subscribe(id),
      trial: ({ paddle }, id) => paddle.startTrial(id),
    },
    returning: by('_ptxn'),
  },
  gumroad: {
    id: gumroadId,
    announcement: 'sale',
    sell: {
      'one-time': ({ gumroad }, id) => gumroad.sell(id),
      subscription: ({ gumroad }, id) => gumroad.subscribe(id),
      trial: ({ gumroad }, id) => gumroad.startTrial(id),
    },
    returning: by('sale_id'),
  },
}

export const PROVIDER_NAMES = Object.keys(SELLERS) as ProviderName[]
