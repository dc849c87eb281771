import type { Mode } from '../providers/listing.ts'
import type { ProviderState, Raised } from './incidents.ts'
import type { Movement } from './movement.ts'
import type { DayProof } from './proof.ts'
import type { Website } from './website.ts'

/** What an order's object asks the books about its provider. */
export type Standing = {
  /** When the provider was first seen switched on, by the mode of its key: nothing older is imported. */
  startedAt: Partial<Record<Mode, number>>
  /** Whether DataFast imports its sales by itself, so that they are not posted. */
  imported: boolean
  /** The hosts where buyers and events have reached this Worker. */
  hosts: string[]
}

/** Everything the status page is made of. */
export type Overview = {
  providers: ProviderState[]
  website: Website | undefined
  imported: string[]
  movements: Movement[]
  open: Movement[]
  openCount: number
  rehearsed: Movement[]
  attribution: { day: string; attributed: string; count: number }[]
  cookieSeenAt: number
  wokenAt: number | undefined
  incidents: Raised[]
  proofs: DayProof[]
  isEmpty: boolean
}
