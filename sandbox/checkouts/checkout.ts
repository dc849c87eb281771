import { randomBytes } from 'node:crypto'
import type { ProviderName } from '../../src/providers/index.ts'
import type { Currency, Switches } from '../switches.ts'
import type { Timeline } from '../timeline.ts'
import type { World } from '../world/world.ts'

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

/** Where an order is taken: the provider's world, and what is to happen to the order there by itself. */
export type Counter = {
  world: World
  timeline: Timeline
  /** Where the seller's payment links send their buyers: the Worker, reached there. */
  origin: string
  /** What the buyer's payment link brought along, or the seller's page handed over. */
  carried: URLSearchParams
  /** Something that happens some time after the order, such as a first charge. */
  later(ms: number, happens: () => void): void
  /** The order is complete but the money is on its way, until the panel lets the bank pay. */
  awaitBank(pay: () => void): void
}

/**
 * What a provider makes of a purchase. `id`: what it calls the sale; `parameters`: what the buyer comes back with; `visitor`:
 * whom its link carried, where events alone tell it.
 */
export type Taken = { id: string; parameters: Record<string, string>; visitor?: string | undefined }

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
  /** It tells of an order before its money has come, and once more when it has. */
  tellsUnpaid?: true
  /** What is peculiar to a purchase here, beside the button that pays for it. */
  hint?(purchase: Purchase): string | undefined
  /** It has no payment links: it opens over a page of the seller's own, whose script hands the visitor over. */
  onSellersPage?: true
  /** It does not redirect: it thanks the buyer on a page of its own, where the seller has placed a button. */
  confirmation?: { title: string; text: string; hint: string }
  /** Takes the order: it exists in the world afterwards. `undefined` when the provider keeps a buyer who has not paid. */
  take(purchase: Purchase, counter: Counter): Taken | undefined
  /** Whether one of a sale's events has happened by now, where they do not all happen at once. */
  hasHappened?(event: string, id: string, world: World): boolean
  /** The order that a return address names, as the Worker would call it. */
  referenceIn(parameters: URLSearchParams): string | undefined
}

/** The success URL that a buyer opens. */
export function successPath(provider: ProviderName, parameters: URLSearchParams): string {
  return `/checkout/success/${provider}?${parameters}`
}

/** An id nobody used before. */
export function freshId(prefix: string, bytes = 8): string {
  return prefix + randomBytes(bytes).toString('hex')
}

/**
 * What a link brought along for the provider to keep.
 * @param names - the parameters it keeps; their first group is what it calls them
 */
export function keptOf(carried: URLSearchParams, names: RegExp): Record<string, string> {
  const kept = Array.from(carried, ([name, value]) => [names.exec(name)?.[1], value] as const)
  return Object.fromEntries(kept.flatMap(([name, value]) => (name === undefined ? [] : [[name, value]])))
}

/** A price as those write it who sell in their own name: without tax, less the discount, and the tax on what is left. */
export function billOf({ minor, discount }: Purchase): { subtotal: number; discount: number; net: number; tax: number } {
  const net = Math.round(minor / 1.19)
  const subtotal = Math.round((minor + discount) / 1.19)
  return { subtotal, discount: subtotal - net, net, tax: minor - net }
}

/** Whether the money of an order is on its way for longer than its buyer stays. */
export function isPaidLater({ payment, minor, trial }: Purchase): boolean {
  return payment === 'later' && minor > 0 && !trial
}

/** Now, two weeks on: when a trial that begins at this moment ends. */
export function trialEnd(): Date {
  return new Date(Date.now() + 14 * 86_400_000)
}
