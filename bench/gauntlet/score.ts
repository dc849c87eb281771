import type { Tried } from './attempt.ts'

/** How many cases a handler survived, of how many it was tried with. */
export type Score = { survived: number; of: number }

/** `all`: having no webhook counts as failing what needs one. `withoutWebhook`: of the cases that need none. `notRun` counts in neither. */
export function scoresOf(tried: Tried[]): { all: Score; withoutWebhook: Score; notRun: number } {
  const run = tried.filter(({ result }) => result.is !== 'not-run')
  return {
    all: scoreOf(run),
    withoutWebhook: scoreOf(run.filter(({ needs }) => !needs?.includes('webhook'))),
    notRun: tried.length - run.length,
  }
}

function scoreOf(tried: Tried[]): Score {
  return { survived: tried.filter(({ result }) => result.is === 'survived').length, of: tried.length }
}

/** Both scores and what is in neither, as a sentence without its end. */
export function scoreSentence(tried: Tried[]): string {
  const { all, withoutWebhook, notRun } = scoresOf(tried)
  const isSame = all.of === withoutWebhook.of
  const rest = isSame ? '' : ` (${withoutWebhook.survived} of the ${withoutWebhook.of} that need no webhook)`
  return `survives ${all.survived} of ${all.of}${rest}${notRun ? `; ${notRun} were not run` : ''}`
}

/** Why a case did not end well, in a few words; empty where it did. */
export function whyOf({ result }: Tried): string {
  return result.is === 'survived' ? '' : result.is === 'no-webhook' ? 'no webhook' : result.why
}

/** ✓ survived, ✗ failed, – not run. */
export function markOf({ result }: Tried): string {
  return result.is === 'survived' ? '✓' : result.is === 'not-run' ? '–' : '✗'
}
