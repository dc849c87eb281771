import type { DayProof } from '../status/report.ts'
import type { ProviderState, Raised } from './incidents.ts'
import type { Movement } from './movement.ts'
import type { Website } from './website.ts'

/** What an order's object asks the books about its provider. */
export type Standing = {
  /** When the provider was first seen switched on: nothing older is imported. */
  startedAt: number
  /** Whether DataFast imports its sales by itself, so that they are not posted. */
  imported: boolean
  /** Where buyers and events have reached this Worker. */
  origins: string[]
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
