import { randomBytes } from 'node:crypto'
import type { ProviderName } from '../../src/providers/index.ts'
import type { Scene } from '../scene.ts'
import type { Currency, Switches } from '../switches.ts'

/** What a buyer agrees to on a checkout's page. */
export type Purchase = {
  /** As the shop calls the product, in addresses. */
  product: string
  title: string
  subscription: boolean
  /** In the smallest unit of the currency, tax included. */
  minor: number
  /** What a code has taken off that, in the same unit. */
  discount: number
  currency: Currency
  /** The same in US cents. */
  cents: number
  payment: Switches['payment']
  /** Begins with a free trial; only ever set for subscriptions. */
  trial: boolean
}

/** A provider's simulated hosted checkout. Adding one means: a file of this shape, and a line in list.ts. */
export type Checkout = {
  /** As it stands in `/checkout/success/:provider`. */
  provider: ProviderName
  title: string
  /** Where the real one lives. */
  host: string
  /** How its buyers come back, for the shop's shelves. */
  comeback: string
  /** What it sells in: the first one, when the switches ask for another. */
  currencies: readonly Currency[]
  /** Nobody can pay later here, whatever the switches say. */
  paysAtOnce?: true
  /** What is peculiar to a purchase here, beside the button that pays for it. */
  hint?(purchase: Purchase): string | undefined
  /** It does not redirect: it thanks the buyer on a page of its own, where the seller has placed a button. */
  confirmation?: { title: string; text: string; hint: string }
  /**
   * Takes the order: it exists in the scene's world afterwards.
   *
   * @returns the parameters the buyer comes back with; `undefined` when the provider keeps a buyer who has not paid
   */
  take(purchase: Purchase, scene: Scene): Record<string, string> | undefined
  /** The order that a return address names, as the Worker would call it. */
  referenceIn(parameters: URLSearchParams): string | undefined
}

/** An id nobody used before. */
export function freshId(prefix: string, bytes = 8): string {
  return prefix + randomBytes(bytes).toString('hex')
}

/** A price as those write it who sell in their own name: without tax, less the discount, and the tax on what is left. */
export function billOf({ minor, discount }: Purchase): { subtotal: number; discount: number; net: number; tax: number } {
  const net = Math.round(minor / 1.19)
  const subtotal = Math.round((minor + discount) / 1.19)
  return { subtotal, discount: subtotal - net, net, tax: minor - net }
}

/** Now, two weeks on: when a trial that begins at this moment ends. */
export function trialEnd(): Date {
  return new Date(Date.now() + 14 * 86_400_000)
}
