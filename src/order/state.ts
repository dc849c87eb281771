import type { Owed } from '../books/movement.ts'
import type { Outcome } from '../outcome.ts'
import type { Payment, Told } from '../payment.ts'
import type { RecordedEntry } from '../recorded.ts'
import type { Reference } from '../reference.ts'
import type { Tries } from './timing.ts'

/** One call at an order's door. */
export type Arrival = {
  reference: Reference
  /** `redirect` is anybody's word; the others are the provider's: by itself, or asked by an order that hands over to this one. */
  door: 'redirect' | 'webhook' | 'sweep' | 'order'
  /** When the buyer or the event came, in ms: older than "now" when the arrival was stored elsewhere first. */
  at: number
  /** Visitor ids by cookie, best first. */
  visitors: string[]
  /** The order that became a pointer to this one. */
  alias?: Reference
  /** A buyer came back with it, if only to the order that hands over: that says whose it is. */
  returned?: boolean
  /** The origin that the buyer or the event came to. */
  here?: string
  /** The buyer had a visitor cookie, but not one that DataFast's script writes. */
  badCookie?: boolean
  /** Nobody told of it: a renewal or a refund belongs to it. */
  ofKin?: boolean
  /** By which doors the order that hands over became known. */
  doors?: Door[]
} & Told

/** How a movement of money became known to us. */
export type Door = 'redirect' | 'webhook' | 'sweep'

/** Everything an order's object stores, under one key. Docs: docs/storage.md. */
export type State = {
  v: 1
  reference: Reference
  /** Named by a signed webhook, the sweep or another order, and not by a redirect alone. */
  announced: boolean
  /** Counts the arrivals, so that a hand-over can tell what it has passed on. */
  arrivals: number
  firstArrivalAt: number
  /** As its arrivals told. Orders stored before there were webhooks do not say whether a buyer returned: one did. */
  returned?: boolean
  test?: boolean
  here?: string
  badCookie?: boolean
  doors?: Door[]
  /** Known only because a renewal or a refund belongs to it. */
  ofKin?: boolean
  firstSale?: Reference
  toldMinor?: number
  visitors: string[]
  carried: string[]
  /** Visitor ids that DataFast rejected. */
  struck: string[]
  /** Whether the rejected ones were already given the time their pageview may need. */
  lagged: boolean
  /** …and since when, in ms. Absent in orders stored before it was kept. */
  laggedAt?: number
  aliases: Reference[]
  /** Once verified. Customer fields are erased on acceptance. */
  payment?: Payment
  /** For a renewal: what was recorded of the sale it inherits from, whose memory it refreshes. */
  inherited?: RecordedEntry
  /** Once accepted by DataFast, now or before. */
  recorded?: RecordedEntry
  recordedAt?: number
  /** Of a running total: how much of it is recorded, in minor units, and how many arrivals the last question was asked for. */
  sentMinor?: number
  heard?: number
  /** KV entries still to be written, and when. */
  debts: Reference[]
  debtTries: Tries
  /** What the books are still to be told, and what they were told last. */
  books?: { owed: Owed[]; tries: Tries; told?: string }
  stage: Stage
}

/** Where an order stands. */
export type Stage =
  /**
   * `provider`: to be asked. `gathering`: paid, visitors are to be gathered from whoever may know one. `datafast`: to be
   * posted, with the best visitor there is by then.
   */
  | ({ at: 'provider' | 'gathering' | 'datafast' } & Doing)
  /** Paid, but without any visitor so far. */
  | { at: 'held'; until: number }
  /** A pointer: the order lives under another reference. `passedOn`: how many arrivals have been. */
  | ({ at: 'moved'; to: Reference; passedOn: number; until: number } & Doing)
  | { at: 'ended'; end: End; reason: string; outcome: Outcome; endedAt: number; until: number }

/** What is tried until it works. `reason`: why not yet, as `answeredAt` that time; `waitUntil`: the other side wants to be left alone. */
type Doing = { tries: Tries; reason?: string; answeredAt?: number; waitUntil?: number }

export type End = 'recorded' | 'skipped' | 'refused' | 'parked'

/** What a buyer is told, and the transaction id for pages that want it. `recordedAt`: since when it is a repeat. */
export type Verdict = { outcome: Outcome; reason: string; transactionId?: string; recordedAt?: number }

/** Why an order known from the provider alone is left out: its buyers are sent elsewhere. Several shops may share one account. */
export const OTHER_SHOP = 'other-success-url'
export const OTHER_PRODUCT = 'other-product'
/** Why a refund is left out: what it takes back was never counted. */
export const NO_SALE = 'sale-not-recorded'
/** Why a sale is left out that only its renewal or refund leads to: nobody asked for its provider's history. */
export const BEFORE_START = 'before-start'
