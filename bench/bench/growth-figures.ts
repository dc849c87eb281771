import type { Snapshot, Upkeep } from './growth.ts'
import { median } from './statistics.ts'

/** Rounds before and after the memory and the objects were filled. */
export type Growth = { before: Snapshot[]; after: Snapshot[]; upkeepBefore: Upkeep; upkeepAfter: Upkeep }

/** What growth may not change, as the table calls it; the last tells how the machine itself was doing. */
export const FIGURES: readonly { name: keyof Snapshot; label: string }[] = [
  { name: 'first', label: 'first visit' },
  { name: 'afterWebhook', label: 'visit after the webhook' },
  { name: 'repeat', label: 'repeat' },
  { name: 'cpuFirst', label: 'CPU of a first visit' },
  { name: 'cpuAfterWebhook', label: 'CPU of a visit after the webhook' },
  { name: 'cpuRepeat', label: 'CPU of a repeat' },
  { name: 'bare', label: 'for comparison: (c)' },
]

/**
 * How one figure grew, by the medians of its rounds. `noise`: how far the rounds before lie apart, by which anything may
 * differ: one round alone tells of none. What became less has not grown.
 */
export function grown({ before, after }: Growth, name: keyof Snapshot) {
  const [earlier, later] = [before.map((round) => round[name]), after.map((round) => round[name])]
  const noise = Math.max(...earlier) - Math.min(...earlier)
  const change = median(later) - median(earlier)
  const is = earlier.length < 2 ? 'unknown' : change <= noise ? 'within' : 'beyond'
  return { before: median(earlier), after: median(later), change, noise, is }
}
