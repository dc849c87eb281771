/** What really happened: every movement of money in the smallest unit of its currency, as the shop knows it. */
import type { ProviderName } from '../../src/providers/index.ts'
import { DIGITS } from './terms.ts'

export type MovementKind = 'sale' | 'trial' | 'renewal' | 'refund'

export type Movement = {
  kind: MovementKind
  provider: ProviderName
  transactionId: string
  currency: string
  /** In the smallest unit; 0 for a trial. A refund is positive as well. */
  minor: number
  at: number
  /** The order it belongs to, by its number. */
  order: number
  /** Of a refund: what it takes back. */
  of?: string
  /** The events about it that were answered with 200, by their names. */
  acknowledged: string[]
}

/** The smallest units of an amount in major ones; throws when it is no whole number of them. */
export function inMinor(amount: number, currency: string): number {
  const scale = 10 ** (DIGITS[currency] ?? 2)
  const minor = Math.round(amount * scale)
  // The double nearest to the decimal number, and no other: what is off by less than a cent is wrong too.
  if (minor / scale !== amount) throw new Error(`${amount} ${currency} is no amount`)
  return minor
}

/** Smallest units as people write them. */
export function inWords(minor: number, currency: string): string {
  const digits = DIGITS[currency] ?? 2
  const [whole = '', rest] = (Math.abs(minor) / 10 ** digits).toFixed(digits).split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return `${minor < 0 ? '−' : ''}${grouped}${rest ? `.${rest}` : ''}`
}
