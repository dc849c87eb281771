import { announcedBy } from '../../sandbox/sales/announced.ts'
import { AFTERMATH } from '../../sandbox/world/aftermath/list.ts'
import type { ProviderEvent } from '../../sandbox/world/provider-event.ts'
import type { World } from '../../sandbox/world/world.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import type { Reference } from '../../src/reference.ts'
import { HOUR, referenceOf, soldNow } from '../bundle/at-sweep.ts'
import { SELLERS } from '../bundle/sellers.ts'

/** Who tells the Worker of a sale. */
export type Door = 'redirect' | 'webhook' | 'sweep'
export const DOORS: readonly Door[] = ['redirect', 'webhook', 'sweep']

/** A paid order, and the truth about it. */
export type Order = {
  provider: ProviderName
  door: Door
  /** What its order, and every address at its provider, is known by. */
  mark: string
  reference: Reference
  transactionId: string
  amount: number
  currency: string
  /** Whose it is; `undefined` where nobody tells. */
  visitor: string | undefined
  /** Where its buyer, whose address is their own, comes back to. */
  path: string
  address: string
  /** What its provider tells of it. */
  event: ProviderEvent
}

type Kind = 'one-time' | 'subscription'

/** Whose lists, and what they lead to, do not tell the visitor: only events and the buyer do (docs/sweep.md). */
function isSilent(provider: ProviderName, kind: Kind): boolean {
  return provider === 'lemonsqueezy' || provider === 'gumroad' || (provider === 'creem' && kind === 'one-time')
}

let counter = 0

/**
 * Somebody buys. What the sweep is to find is sold now; what it is to leave to the other doors, an hour ago, before there was
 * anybody who could sweep.
 */
export function buy(world: World, provider: ProviderName, kind: Kind, door: Door): Order {
  const buyer = crypto.randomUUID()
  const carried = door === 'redirect' ? undefined : buyer
  const at = new Date(Date.now() - (door === 'sweep' ? 0 : HOUR))
  // Stripe's links carry the visitor in a field that founders use for their own ids as well.
  const { id, path, transactionId, amount } = soldNow(provider, world, kind, at, provider === 'stripe' ? undefined : carried)
  const session = world.stripe.sessions.get(id)
  if (session && carried) session.client_reference_id = `datafast_${carried}`
  const told = AFTERMATH[provider](world, id, carried)
    .sold()
    .events.find(({ name }) => name === SELLERS[provider].announcement)
  if (!told) throw new Error(`${provider} told nothing`)
  counter += 1
  return {
    ...{ provider, door, transactionId, amount, path, event: told },
    mark: id.replace(/^(pay|ch|txn)_/, '').replace(/=+$/, ''),
    reference:
      door === 'redirect'
        ? returnedAs(provider, world, id, path)
        : door === 'webhook'
          ? announcedBy(told)
          : referenceOf(provider, world, id),
    currency: currencyOf(provider, world, id).toUpperCase(),
    visitor: door === 'sweep' && isSilent(provider, kind) ? undefined : buyer,
    address: `198.18.${counter >> 8}.${counter & 255}`,
  }
}

function returnedAs(provider: ProviderName, world: World, id: string, path: string): Reference {
  const returned = new URLSearchParams(path.split('?')[1]).get('subscription_id')
  if (provider === 'creem') return `creem:${id}`
  return returned ? `${provider}:${returned}` : referenceOf(provider, world, id)
}

function currencyOf(provider: ProviderName, world: World, id: string): string {
  const told: Record<ProviderName, unknown> = {
    stripe: world.stripe.sessions.get(id)?.currency,
    dodo: world.dodo.payments.get(id)?.currency,
    creem: world.creem.checkouts.get(id)?.order.currency,
    polar: world.polar.checkouts.get(id)?.currency,
    lemonsqueezy: world.lemonSqueezy.orders.get(id)?.attributes.currency,
    paddle: world.paddle.transactions.get(id)?.currency_code,
    // Its prices are in dollars, whatever symbol stands before them (docs/gumroad.md).
    gumroad: 'USD',
  }
  return String(told[provider])
}
