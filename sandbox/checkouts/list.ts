import type { Checkout } from './checkout.ts'
import { dodo } from './dodo.ts'
import { stripe } from './stripe.ts'

export const CHECKOUTS: readonly Checkout[] = [stripe, dodo]

export function checkoutNamed(provider: string | undefined): Checkout | undefined {
  return CHECKOUTS.find((checkout) => checkout.provider === provider)
}
