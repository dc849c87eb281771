/** What a cron run begins. Pure. */
import { DAY, HOUR } from '../order/timing.ts'
import type { Listing } from '../providers/listing.ts'
import type { ListState } from './incidents.ts'
import { type Job, UNTIL_WOKEN } from './jobs.ts'

const MINUTE = 60_000

/** A checkout lives for a day after it was made, and is listed by that. */
const LATE = 25 * HOUR
/** As far back every list is read once a day, and those that change every hour. */
const DEEP = 35 * DAY
const REREAD_AFTER = 55 * MINUTE
/** The day before is proved after this hour, when its late payments are listed. */
const PROVED_FROM = HOUR

/** One list of a provider that is switched on, and how far it is read. */
export type ListToRead = { provider: string; listing: Listing; state: ListState; startedAt: number }

/** `at`: when the run was scheduled. */
export type Moment = { at: number; now: number; isNewDay: boolean; asksWebsite: boolean; proved: string | undefined }

export function plan({ at, now, isNewDay, asksWebsite, proved }: Moment, lists: readonly ListToRead[]): Job[] {
  const begin = { due: now, tries: 0 }
  const yesterday = dayOf(at - DAY)
  const isProofDue = at % DAY >= PROVED_FROM && proved !== yesterday
  const jobs: (Job | false)[] = [
    { ...begin, name: 'arrivals', do: 'arrivals' },
    ...lists.map((list) => planList(list, isProofDue ? yesterday : undefined, now)),
    asksWebsite && { ...begin, name: 'website', do: 'website' },
    { ...begin, name: 'overdue', do: 'overdue' },
    // At the next cron run: what the sweep has found by then has had the time to be recorded.
    isProofDue && { ...begin, name: `proof ${yesterday}`, do: 'proof', day: yesterday, since: now, due: UNTIL_WOKEN },
    isNewDay && { ...begin, name: 'trim', do: 'trim' },
    { ...begin, name: 'alerts', do: 'alerts' },
  ]
  return jobs.filter((job) => job !== false)
}

function planList({ provider, listing, state, startedAt }: ListToRead, day: string | undefined, now: number): Job {
  const { watermark = startedAt, rereadAt = 0, tallied } = state
  const tally = tallied === day ? undefined : day
  const isDeep = tally !== undefined || (!!listing.changes && now - rereadAt >= REREAD_AFTER)
  const late = watermark - LATE
  return {
    name: `list ${provider} ${listing.name} ${listing.mode}`,
    due: now,
    tries: 0,
    do: 'list',
    provider,
    list: listing.name,
    mode: listing.mode,
    since: isDeep ? Math.min(now - DEEP, late) : late,
    isDeep,
    begunAt: now,
    tally,
    pages: 0,
    isRead: false,
    todo: [],
  }
}

/** The day of a moment, in UTC. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
