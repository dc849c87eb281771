import type { StripeSession } from '../../sandbox/world/stripe.ts'

/** An order of the simulated Stripe, and who made it. */
export type Sale = {
  /** The checkout session, as the buyer comes back with it. */
  id: string
  /** A text that the session shares with its payment intent, invoice, subscription, charges and refunds, and with nothing else. */
  tail: string
  /** The buyer’s visitor id at DataFast. */
  visitor: string
  /** The buyer’s own address on the internet. */
  address: string
  session: StripeSession
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

/** So many letters and digits that nobody has seen before. */
export function unseen(length: number): string {
  return Array.from({ length }, () => LETTERS.charAt(Math.floor(Math.random() * LETTERS.length))).join('')
}

/** A session id of the length that Stripe gives them, ended by a text of its own. */
export function newSessionId(tail: string, mode: 'live' | 'test' = 'live'): string {
  return `cs_${mode}_a1${unseen(44)}${tail}`
}

/** An address of a network that is kept for tests (RFC 2544). */
export function newAddress(): string {
  return `198.${18 + Math.floor(Math.random() * 2)}.${Math.floor(Math.random() * 256)}.${1 + Math.floor(Math.random() * 254)}`
}

/**
 * The payment link has taken the visitor along, in all the ways that handlers look for: in the metadata, as DataFast's guides
 * have it, and in the one parameter of a payment link that Stripe hands back.
 */
export function carry({ session, visitor }: Sale): void {
  Object.assign(session, { metadata: { datafast_visitor_id: visitor }, client_reference_id: `datafast_${visitor}` })
}

/** So many days ago, in the seconds that Stripe counts in. */
export function daysAgo(days: number): number {
  return Math.floor(Date.now() / 1000) - days * 86_400
}
