import type { Listed } from '../providers/listing.ts'

/** Something the books do in turns of their own. Times in ms since 1970. */
export type Job = { name: string; due: number; tries: number } & (
  | { do: 'arrivals' | 'overdue' | 'website' | 'alerts' | 'trim' }
  | ({ do: 'list' } & ListJob)
  | { do: 'proof'; day: string; since: number }
)

/** Reading one list of one provider. */
export type ListJob = {
  provider: string
  list: string
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

/** How one turn ended. `again`: the same job goes on; `failed`: it is tried again, from the same page. */
export type Turn =
  | { is: 'done' }
  | { is: 'again'; job: Job; inMs: number }
  | { is: 'failed'; job: Job; retryAfterMs?: number; untilWoken?: boolean }

const BACKOFF = [30_000, 120_000, 600_000]

/** The job to do now, in the order of the list; `undefined`: none is due. */
export function nextJob(jobs: readonly Job[], now: number): Job | undefined {
  return jobs.find(({ due }) => due <= now)
}

/** When the next one is due; `undefined`: nothing is left. */
export function nextTurn(jobs: readonly Job[]): number | undefined {
  const dues = jobs.map(({ due }) => due).filter(Number.isFinite)
  return dues.length ? Math.min(...dues) : undefined
}

/** The jobs after a turn. */
export function afterTurn(jobs: readonly Job[], turn: Turn, name: string, now: number): Job[] {
  return jobs.flatMap((job) => {
    if (job.name !== name) return [job]
    if (turn.is === 'done') return []
    if (turn.is === 'again') return [{ ...turn.job, tries: 0, due: now + turn.inMs }]
    const wait = turn.untilWoken ? undefined : BACKOFF[job.tries]
    // Beyond that the next cron run takes it up. As text Infinity would be lost.
    const due = wait === undefined ? Number.MAX_SAFE_INTEGER : now + Math.max(wait, turn.retryAfterMs ?? 0)
    return [{ ...turn.job, tries: job.tries + 1, due }]
  })
}

/** The jobs after the cron run: those that wait are taken up, and new ones join. One of a name is enough. */
export function woken(jobs: readonly Job[], more: readonly Job[], now: number): Job[] {
  const names = new Set(jobs.map(({ name }) => name))
  const kept = jobs.map((job) => takenUp(job.due === Number.MAX_SAFE_INTEGER ? { ...job, due: now, tries: 0 } : job, more))
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
