import type { DayProof } from '../books/proof.ts'

/** What the operator's page shows and its JSON says: the same data for eyes and for scripts. All times are ISO 8601, UTC. */
export type StatusReport = {
  name: 'success-url'
  version: string
  /** Where this page was asked for. */
  origin: string
  now: string
  checks: Check[]
  incidents: { since: string; text: string }[]
  attribution: Attribution
  /** The newest first, at most 50. */
  movements: Row[]
  /** Everything that waits, is retried, or is parked. */
  waiting: Row[]
  /** How many of them there are, should the list be shorter. */
  waitingCount: number
  /** Test purchases that were verified and left out, the newest first. */
  rehearsal: Row[]
  /** The newest day first. */
  proof: DayProof[]
  /** Until the first order: what to paste where. */
  setUp?: { provider: string; successUrl: string; webhookUrl: string; webhookSecret: string; webhookReady: boolean }[]
}

/** One check of the set-up. `fix`: the one sentence that says what to do; absent when it is green. */
export type Check = { id: string; state: 'green' | 'yellow' | 'red'; title: string; text: string; fix?: string }

/** Of first payments, over the last 30 days. `rate`: from 0 to 1; `null` while there is none. */
export type Attribution = {
  rate: number | null
  recorded: number
  attributed: number
  /** The oldest first, each day once, those without sales included. */
  days: { day: string; recorded: number; attributed: number }[]
  misses: { reason: string; count: number; text: string }[]
}

/** One movement of money. What is not known is `null`. */
export type Row = {
  reference: string
  provider: string
  at: string
  kind: 'sale' | 'trial' | 'renewal' | 'refund' | null
  /** Major units. */
  amount: number | null
  currency: string | null
  transactionId: string | null
  stage: 'waiting' | 'held' | 'recorded' | 'skipped' | 'refused' | 'parked'
  reason: string
  /** The reason in plain words, and what to do about it. */
  text: string
  /** `yes`, or why not; `null` while it is not recorded. */
  attributed: string | null
  visitorSeen: boolean
  /** By which doors it became known: redirect, webhook, sweep. */
  doors: string[]
  attempts: number
  nextTry: string | null
  canRetry: boolean
}
