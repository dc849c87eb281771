/**
 * What DataFast's documentation leaves open, one switch for each question of docs/datafast.md. The first word of each is what
 * the Worker assumes.
 */
export type Habits = {
  /** A transaction id that was posted before. `conflict`: status 409. `refused`: a 400 whose words do not say why. */
  repeated: 'ignored' | 'conflict' | 'refused' | 'counted'
  /** The same one twice at the same moment, which here is: without any other request in between. */
  atOnce: 'ignored' | 'counted'
  /** A refund under an id of its own. `as-sale`: the flag is overlooked. */
  refund: 'recorded' | 'refused' | 'as-sale'
  /** A payment without a visitor. */
  visitorless: 'recorded' | 'refused'
  /** A visitor nobody has seen a pageview of. `recorded`: without that visitor. */
  unseenVisitor: 'refused' | 'recorded'
  /** The visitor a payment was posted with. */
  visitor: 'kept' | 'dropped'
  /** A visitor for what was recorded without one. */
  lateVisitor: 'added' | 'ignored' | 'counted'
  /** An amount of 0. */
  trial: 'recorded' | 'refused'
  /** A timestamp of weeks ago. `now`: it is filed as if it happened at once. */
  oldTimestamp: 'kept' | 'refused' | 'now'
  /** `pretended`: it says so, and keeps the payment. */
  deletion: 'done' | 'refused' | 'pretended'
  /** Deleting what is not there. */
  unknownDeletion: 'not-found' | 'done'
  /** Currencies whose amounts count for so many times what they are, as where cents are taken for units. */
  scale: Readonly<Record<string, number>>
  /** After how many readings of the totals a payment shows in them. */
  totalsLate: number
}

export const ASSUMED: Habits = {
  repeated: 'ignored',
  atOnce: 'ignored',
  refund: 'recorded',
  visitorless: 'recorded',
  unseenVisitor: 'refused',
  visitor: 'kept',
  lateVisitor: 'added',
  trial: 'recorded',
  oldTimestamp: 'kept',
  deletion: 'done',
  unknownDeletion: 'not-found',
  scale: {},
  totalsLate: 0,
}

/** Timestamps older than this are old. */
export const OLD_MS = 7 * 86_400_000
