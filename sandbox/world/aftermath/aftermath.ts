import type { ProviderEvent } from '../provider-event.ts'
import type { World } from '../world.ts'

/** A movement of money, and what the provider sends about it, in the order in which it does. */
export type Movement = {
  /** As the Worker is to call it in DataFast. */
  transactionId: string
  /** In major units of the sale's currency. */
  amount: number
  events: ProviderEvent[]
}

/** What follows one sale that lies in the world already. Each function but `sold` changes the world first. */
export type Aftermath = {
  /** The sale itself, once more at every call: a subscription's events, its first invoice and the rest included. */
  sold(): Movement
  /** The next charge of the subscription, a month on; throws for anything else. */
  renewed(): Movement
  /**
   * Gives money back.
   * @param part - `part`: a third of what was paid, rounded to the smallest unit; `rest`: all that is left of it
   * @param of - a movement of `sold` (the default) or `renewed`, by its transaction id
   */
  refunded(part: 'part' | 'rest', of?: string): Movement
}

/**
 * @param saleId - as the buyer comes back with it: the session, checkout, payment, order, transaction or sale
 * @param visitor - what the checkout's link carried, for providers that tell it in events alone
 */
export type AftermathOf = (world: World, saleId: string, visitor?: string) => Aftermath
