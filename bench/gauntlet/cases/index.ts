import { ADDRESSES } from './addresses.ts'
import { AMOUNTS } from './amounts.ts'
import type { Case } from './case.ts'
import { CRASHES } from './crashes.ts'
import { DATAFAST } from './datafast.ts'
import { PAYMENTS } from './payments.ts'
import { RETURNING } from './returning.ts'
import { STRIPE } from './stripe.ts'
import { VISITORS } from './visitors.ts'
import { WEBHOOKS } from './webhooks.ts'

/** All of it, by what it is about. The number of a case is its place in all of them, from one. */
export const CHAPTERS: Record<string, Case[]> = {
  'The buyer comes back': RETURNING,
  'Whose sale it is': VISITORS,
  'What was paid': PAYMENTS,
  'How much it was': AMOUNTS,
  'What stands in the address': ADDRESSES,
  'Stripe fails': STRIPE,
  'DataFast fails': DATAFAST,
  'What Stripe tells by webhook': WEBHOOKS,
  'The handler is killed': CRASHES,
}

export type Numbered = Case & { number: number }

export const CASES: Numbered[] = Object.values(CHAPTERS)
  .flat()
  .map((one, place) => ({ ...one, number: place + 1 }))
