import type { ProviderState } from '../../src/books/incidents.ts'
import type { Movement } from '../../src/books/movement.ts'
import type { Overview } from '../../src/books/overview.ts'
import type { Website } from '../../src/books/website.ts'
import { MINUTE, START } from './order.ts'

/** What the books know of a provider with which everything is fine. */
export function providerOf(changes: Partial<ProviderState> = {}): ProviderState {
  return {
    name: 'stripe',
    title: 'Stripe',
    keySetting: 'STRIPE_SECRET_KEY',
    webhookSetting: 'STRIPE_WEBHOOK_SECRET',
    mode: 'live',
    startedAt: START - 30 * 1440 * MINUTE,
    lists: [{ list: 'invoices', mode: 'live' as const, permission: 'Invoices: read', result: 'ok', checkedAt: START - 5 * MINUTE }],
    webhook: { isExpected: true, verifiedAt: START - 10 * MINUTE },
    ...changes,
  }
}

export function websiteOf(changes: Partial<Website> = {}): Website {
  return { checkedAt: START, result: 'ok', domain: 'example.com', currency: 'EUR', connected: [], ...changes }
}

/** A sale that is recorded under its visitor. */
export function movementOf(changes: Partial<Movement> = {}): Movement {
  return {
    reference: 'stripe:cs_live_1',
    provider: 'stripe',
    transactionId: 'pi_1',
    kind: 'sale',
    at: START - 10 * MINUTE,
    amount: 19.99,
    currency: 'EUR',
    stage: 'recorded',
    reason: 'attributed',
    visitorSeen: true,
    cookie: true,
    doors: ['redirect'],
    attempts: 0,
    ...changes,
  }
}

/** The books of a shop that has sold once, and in which nothing is wrong. */
export function overviewOf(changes: Partial<Overview> = {}): Overview {
  return {
    providers: [providerOf()],
    website: websiteOf(),
    imported: [],
    movements: [movementOf()],
    open: [],
    openCount: 0,
    rehearsed: [],
    attribution: [],
    cookieSeenAt: START - 10 * MINUTE,
    wokenAt: START - 5 * MINUTE,
    incidents: [],
    proofs: [],
    isEmpty: false,
    ...changes,
  }
}
