import { randomBytes } from 'node:crypto'
import type { Scene } from '../scene.ts'
import type { Currency, Switches } from '../switches.ts'

/** What a buyer agrees to on a checkout's page. */
export type Purchase = {
  title: string
  subscription: boolean
  /** In the smallest unit of the currency, tax included. */
  minor: number
  currency: Currency
  payment: Switches['payment']
  /** Begins with a free trial; only ever set for subscriptions. */
  trial: boolean
}

/** A provider's simulated hosted checkout. Adding one means: a file of this shape, and a line in list.ts. */
export type Checkout = {
  /** As it stands in `/checkout/success/:provider`. */
  provider: string
  title: string
  /** Where the real one lives. */
  host: string
  /** Takes the order: it exists in the scene's world afterwards. @returns the parameters the provider sends the buyer back with */
  take(purchase: Purchase, scene: Scene): Record<string, string>
  /** The order that a return address names, as the Worker would call it. */
  referenceIn(parameters: URLSearchParams): string | undefined
}

/** An id nobody used before. */
export function freshId(prefix: string): string {
  return prefix + randomBytes(8).toString('hex')
}
