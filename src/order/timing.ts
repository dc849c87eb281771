export const SECOND = 1000
export const MINUTE = 60 * SECOND
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
/** The visitor's first pageview may reach DataFast after the payment. */
export const VISITOR_LAG = 5 * MINUTE
/** A sale without any visitor waits this long for one, unless set otherwise. */
export const ATTRIBUTION_WAIT = 10 * MINUTE

const DOWN = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR]
const CONFIGURATION = [5 * SECOND, 30 * SECOND, 2 * MINUTE, ...Array<number>(8).fill(15 * MINUTE)]
const PENDING = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR]

/**
 * The delays of the state table, in ms: after each try of a row the next delay, then `every`, until `window` has passed
 * since the row was entered.
 */
const ROWS = {
  'provider-down': { delays: DOWN, every: HOUR, window: 30 * DAY },
  'provider-configuration': { delays: CONFIGURATION, every: HOUR, window: 30 * DAY },
  /** Announced by a signed webhook or the sweep, yet unknown: a vendor's simulated event looks like this. */
  'announced-unknown': { delays: CONFIGURATION, every: HOUR, window: 3 * DAY },
  'payment-pending': { delays: PENDING, every: 6 * HOUR, window: 21 * DAY },
  'trial-pending': { delays: PENDING, every: 6 * HOUR, window: 40 * DAY },
  /** Known from a redirect alone: asked once more. */
  unknown: { delays: [10 * SECOND], every: 0, window: 0 },
  unclear: { delays: [], every: DAY, window: 30 * DAY },
  'sale-undecided': { delays: DOWN, every: HOUR, window: 30 * DAY },
  /** Somebody who may know a visitor could not be asked. */
  silence: { delays: DOWN, every: HOUR, window: DAY },
  'hand-over': { delays: DOWN, every: HOUR, window: 30 * DAY },
  'datafast-down': { delays: [2 * SECOND, 10 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE], every: HOUR, window: 30 * DAY },
  'datafast-configuration': { delays: CONFIGURATION, every: HOUR, window: 30 * DAY },
  /** Three tries in all. */
  'datafast-refused': { delays: [2 * SECOND, 10 * SECOND], every: 0, window: 0 },
  'visitor-lag': { delays: [VISITOR_LAG], every: 0, window: 0 },
  'kv-down': { delays: DOWN, every: HOUR, window: Number.POSITIVE_INFINITY },
} as const satisfies Record<string, { delays: readonly number[]; every: number; window: number }>

export type Row = keyof typeof ROWS

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
export function tryAgain(tries: Tries, row: Row, now: number, random: number, retryAfterMs = 0): Tries | undefined {
  const sameRow = tries.row === row
  const wish = now + Math.min(retryAfterMs, MAX_RETRY_AFTER)
  // An arrival asked ahead of the schedule: the schedule goes on as if it had not.
  if (sameRow && tries.scheduled > now)
    return { ...tries, due: Math.max(tries.scheduled, wish), scheduled: Math.max(tries.scheduled, wish) }

  const since = sameRow ? tries.since : now
  const count = sameRow ? tries.count + 1 : 1
  const { delays, every, window } = ROWS[row]
  const delay = delays[count - 1] ?? every
  if (!delay || (sameRow && window > 0 && now - since >= window)) return undefined
  const due = Math.max(now + Math.round(delay * (1 + random / 10)), wish)
  return { row, since, count, due, scheduled: due }
}
