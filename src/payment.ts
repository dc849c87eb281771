import type { Reference } from './reference.ts'

/** The buyer as the provider knows them. Held only until the payment is delivered, and only the fields configured. */
export type Customer = { customer_id?: string | null; email?: string | null; name?: string | null }

/** A money movement in our own terms: the same whichever provider and whichever door it came through. */
export type Payment = {
  kind: 'sale' | 'trial' | 'renewal' | 'refund'
  /** DataFast's idempotency key: the same from redirect, refresh, webhook, sweep and replay. */
  transactionId: string
  /** Major units: what the buyer paid, and the same without tax. Zero for a trial. */
  gross: number
  net: number | undefined
  /** ISO 4217, upper case. */
  currency: string
  /** When the provider took the money: ISO 8601, UTC. */
  paidAt: string
  /** An order of the provider's test mode. */
  test: boolean
  customer: Customer
  /** Visitor ids the provider carries for this order: stronger evidence than a cookie. */
  carried: string[]
  /** Other names this payment may be returned under; whoever waits there is asked for a visitor. */
  aliases: Reference[]
  /** Where renewals will look for the visitor. */
  subscription?: Reference
  /** For a renewal, a refund, the first charge after a trial: the sale whose visitor it inherits. */
  firstSale?: Reference
  /** The product, price, payment-link and store ids it was sold as; filled when `ONLY` needs them. */
  soldAs: string[]
  /** Where the checkout sends its buyers, where the provider tells it. */
  successUrl?: string | null
  /** Paid before its provider was first switched on here. */
  beforeStart?: boolean
  /** For a refund told as a running total: the total that this one completes, in minor units. */
  refundedMinor?: number
}

/** What exists in an event alone. */
export type Told = {
  /** Visitor ids by the provider's own data: better than any cookie. */
  carried?: string[]
  /** The event called it a test: the provider's API does not. */
  test?: boolean
  /** The sale that a refund takes back, where the refund itself names no more than a payment. */
  firstSale?: Reference
  /** How much of a payment has gone back by now, in minor units: the API may still show less. */
  toldMinor?: number
}

/** What a provider says of a reference. Everything but `paid` names its reason; the reasons appear in logs. */
export type Answer =
  | { is: 'paid'; payment: Payment }
  /** Another reference is the canonical one. */
  | { is: 'moved'; to: Reference; carried: string[] }
  /** `trial`: money is due only after a trial, so there is longer to wait. */
  | { is: 'pending'; reason: string; trial?: boolean }
  | { is: 'not-paid'; reason: string }
  | { is: 'unknown' }
  /** Completed, but no payment for anything. */
  | { is: 'ignored'; reason: string }
  /** Money moved, but how much cannot be told. */
  | { is: 'unclear'; reason: string }
  | { is: 'unreachable'; reason: string; retryAfterMs?: number }
  /** Our configuration: the key is missing, refused or of the other mode. */
  | { is: 'misconfigured'; reason: string }
