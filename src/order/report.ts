import { logName, partsOf } from '../reference.ts'
import type { State } from './state.ts'
import type { Row } from './timing.ts'

/** A line for the log, without anything personal. */
type Report = { loudness: 'quiet' | 'loud'; line: Record<string, string | number | undefined> }

/** Waiting that only the founder can end. */
const LOUD_ROWS: readonly (Row | undefined)[] = [
  'provider-configuration',
  'announced-unknown',
  'unclear',
  'datafast-configuration',
  'datafast-refused',
]
/** Ends that lose money if nobody looks. */
const LOUD_REASONS = ['provider-unreachable', 'provider-configuration']

/**
 * What one transition is worth telling: every end once, and every wait that needs the founder once, when it begins.
 */
export function report(before: State | undefined, after: State): Report | undefined {
  const { stage } = after
  const order = { event: 'order', provider: partsOf(after.reference).provider, order: logName(after.reference) }
  if (stage.at === 'ended') {
    const same = before?.stage.at === 'ended' && before.stage.endedAt === stage.endedAt && before.stage.reason === stage.reason
    if (same) return undefined
    const loud = stage.end === 'parked' || LOUD_REASONS.includes(stage.reason)
    return { loudness: loud ? 'loud' : 'quiet', line: { ...order, end: stage.end, reason: stage.reason, kind: after.payment?.kind } }
  }
  if (stage.at !== 'provider' && stage.at !== 'datafast') return undefined
  const { row } = stage.tries
  const entered = before?.stage.at !== stage.at || before.stage.tries.row !== row
  if (!entered || !LOUD_ROWS.includes(row)) return undefined
  return { loudness: 'loud', line: { ...order, waiting: row, reason: stage.reason } }
}
