import type { Payment } from '../payment.ts'
import type { Reference } from '../reference.ts'

/** One charge of a subscription that went through, also of nothing. `at`: ISO 8601, UTC. `minor`: how much, in any scale. */
export type Charge = { reference: Reference; at: string; minor: number }

export function oldestFirst(charges: readonly Charge[]): Charge[] {
  return [...charges].sort((a, b) => (a.at + a.reference < b.at + b.reference ? -1 : 1))
}

/**
 * First payment or renewal? A charge is a renewal when an earlier one of its subscription took money. The first money after
 * a trial or a free period is a first payment, and inherits from the order that began it.
 *
 * @param charges - oldest first; one that is missing among them comes after the others
 * @param gross - of this charge
 */
export function placeAmong(charges: readonly Charge[], reference: Reference, gross: number): Partial<Payment> {
  const place = charges.findIndex((charge) => charge.reference === reference)
  const earlier = place < 0 ? charges : charges.slice(0, place)
  const firstPaid = earlier.find((charge) => charge.minor > 0)
  if (firstPaid && gross > 0) return { kind: 'renewal', firstSale: firstPaid.reference }
  return { firstSale: earlier[0]?.reference }
}
