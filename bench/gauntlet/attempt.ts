import type { Numbered } from './cases/index.ts'
import { Flaw } from './flaw.ts'
import type { Handler } from './handler.ts'
import type { Outside } from './outside.ts'
import { Stage } from './stage.ts'

/** How a case ended. `no-webhook`: failed, since the handler has none. */
type Result = { is: 'survived' } | { is: 'failed'; why: string } | { is: 'no-webhook' } | { is: 'not-run'; why: string }
/** `seconds`: how long it took to find out. */
export type Tried = Numbered & { result: Result; seconds: number }

/** Most of the time a case waits: for somebody to try again. */
const AT_ONCE = 24

type Circumstances = { thankYou: string; patience: number; onResult?: (left: Numbered[]) => void }

/** What becomes of the time: cases that need the handler to themselves, those that only wait for minutes, and all the others. */
export function byNeed(cases: readonly Numbered[]): Record<'alone' | 'waiting' | 'together', Numbered[]> {
  const {
    alone = [],
    waiting = [],
    together = [],
  } = Object.groupBy(cases, ({ alone, slow }) => (alone ? 'alone' : slow ? 'waiting' : 'together'))
  return { alone, waiting, together }
}

/** Tries a handler with all these cases, many at a time, and those that need it to themselves one by one after that. */
export async function tryAll(
  handler: Handler,
  outside: Outside,
  cases: Numbered[],
  { onResult, ...given }: Circumstances,
): Promise<Tried[]> {
  const tried: Tried[] = []
  const left = new Set(cases)
  const tryOne = async (one: Numbered) => {
    const startedAt = performance.now()
    const result = await attempt(one, handler, new Stage(handler, outside, given))
    tried.push({ ...one, result, seconds: Math.round((performance.now() - startedAt) / 100) / 10 })
    left.delete(one)
    onResult?.([...left])
  }
  // Whatever takes longest begins first: outages stand towards the end.
  const together = cases
    .filter(({ alone }) => !alone)
    .reverse()
    .toSorted((a, b) => Number(b.slow ?? false) - Number(a.slow ?? false))
  const waiting = together.values()
  const line = async () => {
    for (const one of waiting) await tryOne(one)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, line))
  for (const one of cases.filter(({ alone }) => alone)) await tryOne(one)
  return tried.sort((a, b) => a.number - b.number)
}

async function attempt({ needs, run }: Numbered, handler: Handler, stage: Stage): Promise<Result> {
  if (needs?.includes('restart') && !handler.restart) return { is: 'not-run', why: 'nobody said how the handler is restarted (--restart)' }
  if (needs?.includes('webhook') && !handler.webhook) return { is: 'no-webhook' }
  try {
    await run(stage)
    return { is: 'survived' }
  } catch (error) {
    if (error instanceof Flaw) return { is: 'failed', why: error.message }
    throw error
  }
}
