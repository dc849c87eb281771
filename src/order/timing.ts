import type { Outcome } from '../outcome.ts'

export const SECOND = 1000
const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** No wait that the other side asks for is longer than this. */
const MAX_RETRY_AFTER = 6 * HOUR

/** How long an ended order, and whatever waits for one, is kept. */
export const KEEP = 30 * DAY
/** A reference nobody knows is remembered only to answer the next forged visit without asking again. */
export const KEEP_UNKNOWN = 10 * MINUTE
/** A provider's answer younger than this is not asked for again by a visit. */
export const FRESH_ANSWER = 5 * SECOND
/** A sale without any visitor waits this long for one, unless set otherwise. */
export const ATTRIBUTION_WAIT = 10 * MINUTE

/** A visitor DataFast does not know yet has this long to become known. */
export const VISITOR_LAG = 5 * MINUTE

const DOWN = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR]
const CONFIGURATION = [5 * SECOND, 30 * SECOND, 2 * MINUTE, ...Array<number>(8).fill(15 * MINUTE)]
const PENDING = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR]

/** One row of the state table. */
type Waiting = {
  /** In ms: after each try the next of these… */
  delays: readonly number[]
  /** …and then this one again and again… */
  every?: number
  /** …until so much has passed since the row was entered. */
  window?: number
  /** What a buyer is told. Of money that moved (`paid`) an order given up is parked, otherwise it is refused. */
  outcome?: Outcome
  /** The reason of giving up, where it is not made of the last answer's own. */
  reason?: string
  /** Waiting that only the founder can end. */
  loud?: boolean
}

const ROWS = {
  'provider-down': { delays: DOWN, outcome: 'pending', reason: 'provider-unreachable' },
  'provider-configuration': { delays: CONFIGURATION, outcome: 'pending', reason: 'provider-configuration', loud: true },
  /** Announced by a signed webhook or the sweep, yet unknown: a vendor's simulated event looks like this. */
  'announced-unknown': { delays: CONFIGURATION, window: 3 * DAY, outcome: 'unknown', reason: 'unknown', loud: true },
  'payment-pending': { delays: PENDING, every: 6 * HOUR, window: 21 * DAY, outcome: 'pending', reason: 'pending-expired' },
  'trial-pending': { delays: PENDING, every: 6 * HOUR, window: 40 * DAY, outcome: 'pending', reason: 'pending-expired' },
  /** Known from a redirect alone: asked once more. */
  unknown: { delays: [10 * SECOND], window: 0, outcome: 'unknown', reason: 'unknown' },
  unclear: { delays: [], every: DAY, loud: true },
  /** Asked of our own orders, which costs next to nothing. */
  'sale-undecided': { delays: [2 * SECOND, 5 * SECOND, ...Array<number>(4).fill(10 * SECOND), MINUTE, 5 * MINUTE, 5 * MINUTE] },
  /** Somebody who may know a visitor could not be asked. */
  silence: { delays: DOWN, window: DAY },
  'hand-over': { delays: DOWN, window: Number.POSITIVE_INFINITY },
  'datafast-down': { delays: [2 * SECOND, 10 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE] },
  'datafast-configuration': { delays: CONFIGURATION, loud: true },
  /** DataFast imports the provider's sales by itself: posted as well, each would count twice. */
  'native-integration': { delays: [], every: DAY, loud: true, reason: 'native-integration' },
  /** Three tries in all. */
  'datafast-refused': { delays: [2 * SECOND, 10 * SECOND], window: 0, loud: true },
  /** The visitor's first pageview may reach DataFast after the payment. */
  'visitor-lag': { delays: [VISITOR_LAG], window: 0 },
  'kv-down': { delays: DOWN, window: Number.POSITIVE_INFINITY },
  'books-down': { delays: DOWN, window: Number.POSITIVE_INFINITY },
} satisfies Record<string, Waiting>

export type Row = keyof typeof ROWS

/** The rules of one row, with what most of them have in common. */
export function rulesOf(row: Row) {
  const rules: Waiting = ROWS[row]
  return { every: HOUR, window: KEEP, outcome: 'paid' as const, ...rules }
}

/** Where a repeated try stands. All times are absolute, in ms since 1970. */
export type Tries = {
  /** Why it is repeated; absent before the first answer. */
  row?: Row
  /** When the row was entered. */
  since: number
  /** Answers of this row so far. */
  count: number
  /** When to try next. In the past while a try is due or under way. */
  due: number
  /** When the schedule alone would try: an arrival may ask earlier but never postpones it. */
  scheduled: number
}

/** A try that is due at once. */
export function startTrying(now: number): Tries {
  return { since: now, count: 0, due: now, scheduled: now }
}

/** A stage of an order that begins with a try at once. */
export function start<At extends 'provider' | 'gathering' | 'datafast' | 'moved'>(at: At, { now }: { now: number }) {
  return { at, tries: startTrying(now) }
}

/** The same tries, due at once in addition to their schedule. */
export function tryNow(tries: Tries, now: number): Tries {
  return { ...tries, due: Math.min(tries.due, now) }
}

/**
 * What follows an unsuccessful try; `undefined` when its row gives up.
 *
 * @param random - from 0 to 1, for up to 10 % jitter
 * @param retryAfterMs - the other side's own wish: the larger of it and the delay counts, at most six hours
 */
export function tryAgain(before: Tries, row: Row, { now, random }: { now: number; random: number }, retryAfterMs = 0): Tries | undefined {
  const { delays, every, window } = rulesOf(row)
  let { since, count, scheduled } = before.row === row ? before : startTrying(now)
  // When an arrival asked ahead of the schedule, the schedule goes on as if it had not.
  if (scheduled <= now) {
    if (count >= delays.length && now - since >= window) return undefined
    scheduled = now + Math.round((delays[count] ?? every) * (1 + random / 10))
    count += 1
  }
  const due = Math.max(scheduled, now + Math.min(retryAfterMs, MAX_RETRY_AFTER))
  return { row, since, count, due, scheduled: due }
}
