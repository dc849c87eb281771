import { deliver, secure } from '../arrivals.ts'
import type { Env } from '../env.ts'
import { log } from '../log.ts'
import type { Arrival } from '../order/state.ts'
import { startAsking } from '../providers/ask.ts'
import type { Listed, Listing } from '../providers/listing.ts'
import { isRunningTotal } from '../reference.ts'
import { within } from '../within.ts'
import type { ListJob } from './jobs.ts'
import type { Movement } from './movement.ts'

/** Free plans allow 50 requests to the outside in a turn; calls to our own objects are not among them. */
const PER_TURN = 20
const MINUTE = 60_000
const CALL_TIMEOUT = 5_000
/** KV takes as many keys at once. */
const KEYS_AT_ONCE = 100
/** Where a provider has no dates to ask for, one pass does not read on for ever. */
const MAX_PAGES = 1_000
/** Of an order's look-up, which takes two or three requests. */
const PAGE_COSTS = 0.3

/** What a turn of a sweep came to. `pauseMs`: how long its provider is to be left alone. */
export type Swept =
  | { is: 'done'; pauseMs: number }
  | { is: 'on'; job: ListJob; pauseMs: number }
  | { is: 'failed'; job: ListJob; pauseMs: number; reason: string; retryAfterMs?: number; untilWoken?: boolean }

/** Where the sweep looks up what is known already. */
export type Memory = { books(references: string[]): Movement[]; startedAt: number; tally(listed: readonly Listed[]): void }

/**
 * One turn of a sweep: a page is read, what is recorded already is left out, and the rest is announced to its orders, which
 * ask the provider for the truth themselves. Nothing is announced twice by a crash: orders take the same arrival twice.
 */
export async function sweepOn(env: Env, listing: Listing, job: ListJob, memory: Memory): Promise<Swept> {
  if (job.todo.length || job.isRead) return announce(env, listing, job)
  const page = await listing.page(job.since, job.cursor, startAsking())
  if (page.is !== 'page') {
    const retryAfterMs = page.is === 'unreachable' ? page.retryAfterMs : undefined
    return { is: 'failed', job, pauseMs: retryAfterMs ?? 0, reason: page.reason, retryAfterMs, untilWoken: page.is === 'misconfigured' }
  }
  // Whole seconds: some providers count no finer.
  const from = new Date(Math.floor(Math.max(job.since, memory.startedAt) / 1000) * 1000).toISOString()
  const listed = page.listed.filter(({ at }) => at >= from)
  memory.tally(listed)
  const todo = await unknownAmong(env, listed, memory)
  const pages = job.pages + 1
  const isTooLong = !!page.next && pages >= MAX_PAGES
  if (isTooLong) log('loud', { event: 'sweep', provider: job.provider, list: job.list, reason: 'too-long' })
  const isRead = !page.next || isTooLong
  return announce(env, listing, { ...job, todo, pages, isRead, cursor: page.next ?? undefined })
}

/** Announces a part of what was found, no faster than the provider bears to be asked about. */
async function announce(env: Env, listing: Listing, job: ListJob): Promise<Swept> {
  const part = job.todo.slice(0, PER_TURN)
  const stored = await Promise.all(part.map((listed) => tell(env, listed)))
  const left = [...part.filter((_, place) => !stored[place]), ...job.todo.slice(PER_TURN)]
  const rest: ListJob = { ...job, todo: left }
  // A page costs a request as well.
  const pauseMs = (Math.max(part.length, PAGE_COSTS) * MINUTE) / listing.perMinute
  // The watermark waits for what could not be stored anywhere.
  if (stored.includes(false)) return { is: 'failed', job: rest, pauseMs, reason: 'not-stored' }
  return job.isRead && !left.length ? { is: 'done', pauseMs } : { is: 'on', job: rest, pauseMs }
}

/** Stored in its order, or where the books take it up for it. */
async function tell(env: Env, { reference, toldMinor }: Listed): Promise<boolean> {
  const arrival: Arrival = { reference, door: 'sweep', at: Date.now(), visitors: [], toldMinor }
  return (await secure(env, arrival, deliver(env, arrival))) !== 'nowhere'
}

/** What neither the books nor the edge's memory know the end of. When the memory is silent, orders know by themselves. */
async function unknownAmong(env: Env, listed: readonly Listed[], { books }: Memory): Promise<Listed[]> {
  const rows = Map.groupBy(books([...new Set(listed.map(({ reference }) => reference))]), ({ reference }) => reference)
  // The books are at hand; the memory counts every question.
  const unbooked = listed.filter((one) => !isKnown(one, undefined, rows.get(one.reference) ?? []))
  const names = [...new Set(unbooked.map(({ reference }) => reference))]
  const remembered = new Map<string, string>()
  for (let from = 0; from < names.length; from += KEYS_AT_ONCE) {
    const keys = names.slice(from, from + KEYS_AT_ONCE)
    const values = await within(Promise.resolve(env.RECORDED?.get<{ transaction_id?: string }>(keys, 'json')), CALL_TIMEOUT, undefined)
    // An entry that is none is a miss, as for a visit.
    for (const [key, value] of values ?? []) if (value?.transaction_id) remembered.set(key, value.transaction_id)
  }
  return unbooked.filter((one) => !isKnown(one, remembered.get(one.reference), []))
}

/** Exported for the tests of its rules. */
export function isKnown({ reference, toldMinor }: Listed, remembered: string | undefined, rows: readonly Movement[]): boolean {
  if (isRunningTotal(reference)) {
    const step = `_refund_${toldMinor}`
    return (
      !!remembered?.endsWith(step) ||
      rows.some(({ transactionId, stage }) => stage === 'skipped' || (stage !== 'refused' && transactionId.endsWith(step)))
    )
  }
  if (remembered !== undefined) return true
  // A refused one may be paid by now, and one that waits for the provider need not wait any longer.
  return rows.some(({ stage, reason }) => (stage === 'waiting' ? !/^(provider|payment|trial|announced)/.test(reason) : stage !== 'refused'))
}
