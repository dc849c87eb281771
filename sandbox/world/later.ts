export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS
/** What lies between two charges of a subscription here. */
export const MONTH_MS = 30 * DAY_MS

/**
 * A moment some time after another, with microseconds, as most providers write it.
 *
 * @param micros - its last three digits, which JavaScript does not count
 */
export function later(moment: unknown, ms: number, micros = '000'): string {
  return new Date(Date.parse(String(moment)) + ms).toISOString().replace('Z', `${micros}Z`)
}

/** The latest of some moments, in whatever precision each is written. */
export function latest(moments: readonly unknown[]): string {
  return moments.map(String).reduce((a, b) => (Date.parse(b) > Date.parse(a) ? b : a))
}
