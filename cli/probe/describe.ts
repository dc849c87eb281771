import { counted, money } from '../../src/status/words.ts'
import { visible } from '../terminal.ts'
import type { ProbeReport } from './probe.ts'

/** What a probe found, as lines for a terminal. Nothing in it steers one. */
export function describe({ website, prefix, ended, reason, answers, made, left, difference }: ProbeReport, currency: string): string {
  const width = Math.max(...answers.map(({ id }) => id.length))
  const isWidth = Math.max(...answers.map(({ is }) => is.length))
  const lines = [
    '',
    `The open questions of docs/datafast.md, at ${website}:`,
    '',
    ...answers.map(({ id, is, seen }) => `${id.padEnd(width)}  ${is.padEnd(isWidth)}  ${seen}`),
    '',
    ...(ended === 'complete' ? [] : [`It did not come to its end: ${reason}`]),
    `${counted(made, 'transaction id')} posted, beginning with ${prefix}-: ${left.length ? `${left.length} may still be there` : 'none of them is left'}.`,
    ...(difference === undefined && made > 0 ? ['What the totals show now could not be read.'] : []),
    ...(difference ? [`The totals differ from before by ${money(difference, currency)}. They may lag behind: look again in an hour.`] : []),
    ...(left.length ? ['', 'These may still be there. Delete them by hand:'] : []),
    ...left.flatMap((one) => [`  ${one.id}: ${one.reason}`, `    ${one.command}`]),
    ...(ended === 'complete' ? ['', 'Please tell us what you saw: it belongs into the column “verified live” of docs/datafast.md.'] : []),
  ]
  return `${lines.map(visible).join('\n')}\n`
}
