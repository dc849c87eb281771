import type { Listed, Mode } from '../providers/listing.ts'

/** Something the books do in turns of their own. Times in ms since 1970. `restUntil`: the other side wants to be left alone. */
export type Job = { name: string; due: number; tries: number; restUntil?: number } & (
  | { do: 'arrivals' | 'overdue' | 'website' | 'alerts' | 'trim' }
  /** Orders that looked like another shop's are looked at again, since a new address of ours is known. */
  | { do: 'reopen'; after: string }
  | ({ do: 'list' } & ListJob)
  | { do: 'proof'; day: string; since: number }
)

/** Reading one list of one provider. */
export type ListJob = {
  provider: string
  list: string
  mode: Mode
  /** Nothing listed by an earlier moment is wanted. */
  since: number
  /** What the watermark becomes at the end: what is paid from now on is for the next time. */
  begunAt: number
  /** It reaches further back than what may have come late. */
  isDeep: boolean
  /** The day for whose proof the entries are noted. */
  tally?: string
  /** Where the next page begins, and how many there were. */
  cursor?: string
  pages: number
  isRead: boolean
  /** Found on the page before and not announced yet. */
  todo: Listed[]
}

/**
 * How one turn ended. `again`: the same job goes on; `failed`: it is tried again, from the same page. `pauseMs`: how long its
 * provider is to be left alone, by its other lists, too.
 */
export type Turn = { pauseMs?: number } & (
  | { is: 'done' }
  | { is: 'again'; job: Job }
  | { is: 'failed'; job: Job; retryAfterMs?: number; untilWoken?: boolean }
)

const BACKOFF = [30_000, 120_000, 600_000]
/** No wish to be left alone is granted for longer (timing.ts). */
const MAX_REST = 6 * 3_600_000
/** The next cron run takes it up. As text Infinity would be lost. */
export const UNTIL_WOKEN = Number.MAX_SAFE_INTEGER

/** The job to do now, in the order of the list; `undefined`: none is due. */
export function nextJob(jobs: readonly Job[], now: number): Job | undefined {
  return jobs.find(({ due }) => due <= now)
}

/** When the next one is due; `undefined`: none before the next cron run. */
export function nextTurn(jobs: readonly Job[]): number | undefined {
  const dues = jobs.map(({ due }) => due)
  const next = Math.min(UNTIL_WOKEN, ...dues)
  return next === UNTIL_WOKEN ? undefined : next
}

/** The jobs after a turn. */
export function afterTurn(jobs: readonly Job[], turn: Turn, done: Job, now: number): Job[] {
  const pauseMs = Math.min(turn.pauseMs ?? 0, MAX_REST)
  return jobs.flatMap((job) => {
    const isSame = job.name === done.name
    const isPaused = job.do === 'list' && done.do === 'list' && job.provider === done.provider
    if (!isSame) return isPaused ? [{ ...job, due: Math.max(job.due, now + pauseMs) }] : [job]
    if (turn.is === 'done') return []
    return [turn.is === 'again' ? { ...turn.job, tries: 0, due: now + pauseMs } : afterFailure(turn, done.tries, now)]
  })
}

function afterFailure({ job, retryAfterMs, untilWoken }: Extract<Turn, { is: 'failed' }>, tries: number, now: number): Job {
  const restUntil = retryAfterMs ? now + Math.min(retryAfterMs, MAX_REST) : undefined
  const wait = untilWoken ? undefined : BACKOFF[tries]
  const due = wait === undefined ? (restUntil ?? UNTIL_WOKEN) : Math.max(now + wait, restUntil ?? 0)
  return { ...job, tries: tries + 1, due, restUntil }
}

/**
 * The jobs after the cron run: those that wait for it are taken up, and new ones join. One of a name is enough.
 * @param isAsked - somebody wants to know now: what failed is not waited for either
 */
export function woken(jobs: readonly Job[], more: readonly Job[], now: number, isAsked = false): Job[] {
  const names = new Set(jobs.map(({ name }) => name))
  const isDue = ({ due, tries }: Job) => due === UNTIL_WOKEN || (isAsked && tries > 0)
  const kept = jobs.map((job) => takenUp(isDue(job) ? { ...job, due: Math.max(now, job.restUntil ?? 0), tries: 0 } : job, more))
  const all = [...kept, ...more.filter(({ name }) => !names.has(name))]
  // Alerts are raised from what the others found.
  return [...all.filter(({ name }) => name !== 'alerts'), ...all.filter(({ name }) => name === 'alerts')]
}

/** A list that could not be read so far is read anew where a day's proof wants more of it; what it found is kept. */
function takenUp(job: Job, more: readonly Job[]): Job {
  const planned = more.find(({ name }) => name === job.name)
  if (job.do !== 'list' || planned?.do !== 'list' || !planned.tally || planned.tally === job.tally) return job
  return { ...planned, due: job.due, tries: job.tries, todo: job.todo, since: Math.min(job.since, planned.since) }
}
