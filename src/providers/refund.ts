import type { Price } from '../money.ts'
import type { Answer } from '../payment.ts'
import type { Reference } from '../reference.ts'

/** What was paid once, in minor units, and the tax within it. */
type Paid = { gross: number; tax: number }

/** What is known of a refund beside its amount. `firstSale`: the order of what was paid. `at`: ISO 8601, UTC. */
type Facts = { firstSale: Reference; at: string; test: boolean }

/** A refund as a payment of its own. */
export function refundOf(transactionId: string, amount: Price, { firstSale, at, test }: Facts, refundedMinor?: number): Answer {
  if (amount.is === 'unclear') return amount
  const common = { customer: {}, carried: [], aliases: [], soldAs: [] }
  return {
    is: 'paid',
    payment: { kind: 'refund', transactionId, ...amount.money, ...common, paidAt: at, test, firstSale, refundedMinor },
  }
}

/**
 * The tax within a part of what was paid that goes back. The parts of one payment add up to its tax exactly, whatever they are.
 * @param before - what had gone back earlier
 */
export function taxWithin(part: number, before: number, { gross, tax }: Paid): number {
  const upTo = (minor: number) => (gross > 0 ? Math.round((tax * Math.min(minor, gross)) / gross) : 0)
  return upTo(before + part) - upTo(before)
}

/** One refund of a payment that went through. `at`: ISO 8601, UTC. */
type Refund = { id: string; at: string; minor: number }

/** How much of a payment had gone back before one of its refunds, in minor units. `all`: in any order, itself among them or not. */
export function refundedBefore({ id, at }: Omit<Refund, 'minor'>, all: readonly Refund[]): number {
  return all.filter((other) => other.at + other.id < at + id).reduce((sum, { minor }) => sum + minor, 0)
}

type Growth = {
  total: number
  sent: number | undefined
  told: number | undefined
  paid: Paid
  price: (minor: number, tax: number) => Price
}

/**
 * The latest step of a refund of which the provider tells no more than how much has gone back so far.
 *
 * @param transactionId - of the payment that goes back
 * @param total - refunded so far, in minor units
 * @param sent - how much of that was recorded before
 * @param told - how much there is at least: the API may lag behind the provider's own event
 */
export function growthOf(transactionId: string, { total, sent = 0, told = 0, paid, price }: Growth, facts: Facts): Answer {
  const part = total - sent
  if (part <= 0) {
    return sent && told <= total ? { is: 'ignored', reason: 'already-recorded' } : { is: 'pending', reason: 'not-refunded-yet' }
  }
  return refundOf(`${transactionId}_refund_${total}`, price(part, taxWithin(part, sent, paid)), facts, total)
}
