/**
 * Writes one structured line. `loud` lines are for the founder to act on.
 * Only reason codes, provider names and counts belong here: no id, no cookie, no address, no amount of a person.
 */
export function log(loudness: 'quiet' | 'loud', line: Record<string, string | number | undefined>): void {
  console[loudness === 'loud' ? 'error' : 'log'](JSON.stringify(line))
}

/** Tells of an exception nobody foresaw, by its kind alone: its message may hold anything. */
export function logFault(where: 'route' | 'order' | 'books', error: unknown): void {
  log('loud', { event: 'fault', where, kind: error instanceof Error ? error.name : 'unknown' })
}
