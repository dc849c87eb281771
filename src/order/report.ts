import { logName, partsOf } from '../reference.ts'
import type { State } from './state.ts'
import { rulesOf } from './timing.ts'

/** A line for the log, without anything personal. */
type Report = { loudness: 'quiet' | 'loud'; line: Record<string, string | undefined> }

/**
 * What one transition is worth telling: every end once, and every wait that needs the founder once, when it begins.
 */
export function report(before: State | undefined, { reference, stage, payment, recorded }: State): Report | undefined {
  const order = { event: 'order', provider: partsOf(reference).provider, order: logName(reference) }
  if (stage.at === 'ended') {
    if (before?.stage === stage) return undefined
    const { end, reason } = stage
    // Ends that lose money if nobody looks: it moved, or the provider could never be asked.
    const loud = end === 'parked' || reason.startsWith('provider-')
    return { loudness: loud ? 'loud' : 'quiet', line: { ...order, end, reason, kind: payment?.kind } }
  }
  // A step of a running total that has grown on meanwhile: it goes on at once.
  const isStep = recorded && recorded.transactionId !== before?.recorded?.transactionId && stage.at === 'provider'
  if (isStep) return { loudness: 'quiet', line: { ...order, end: 'recorded', reason: 'more-to-come', kind: payment?.kind } }
  const row = rowOf(stage)
  if (!row || !rulesOf(row).loud || (before && rowOf(before.stage) === row)) return undefined
  return { loudness: 'loud', line: { ...order, waiting: row, reason: 'reason' in stage ? stage.reason : undefined } }
}

function rowOf(stage: State['stage']) {
  return 'tries' in stage ? stage.tries.row : undefined
}
