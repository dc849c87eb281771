import type { ProviderName } from '../../src/providers/index.ts'
import type { Checkout } from './checkout.ts'
import { creem } from './creem.ts'
import { dodo } from './dodo.ts'
import { gumroad } from './gumroad.ts'
import { lemonsqueezy } from './lemonsqueezy.ts'
import { paddle } from './paddle.ts'
import { polar } from './polar.ts'
import { stripe } from './stripe.ts'

/** A checkout for every provider that the Worker knows, in the order of the shop's shelves. */
export const CHECKOUTS: Record<ProviderName, Checkout> = { stripe, dodo, creem, polar, lemonsqueezy, gumroad, paddle }

export function checkoutNamed(provider: string | undefined): Checkout | undefined {
  return Object.values(CHECKOUTS).find((checkout) => checkout.provider === provider)
}
