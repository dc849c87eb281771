import type { DataFastAccount } from '../../src/datafast.ts'
import { type Cleaned, cleanUp } from './clean-up.ts'
import { type Amounts, Broken, experiment, type Observations } from './experiment.ts'
import { openLine, type Pace } from './line.ts'
import { QUESTIONS, type Verdict } from './questions.ts'
import type { Website } from './website.ts'

/** What a probe found. */
export type ProbeReport = {
  website: string
  /** What every transaction id of this run begins with. */
  prefix: string
  ended: 'complete' | 'interrupted' | 'broken'
  /** Why it ended before its end. */
  reason: string | null
  answers: ({ id: string; assumes: string } & Verdict)[]
  made: number
} & Cleaned

/** What is tried, on what, and how fast. `stop`: ends the trying, and not the cleaning up. */
export type Trial = {
  account: DataFastAccount
  keySetting: string
  website: Website
  visitor: string | undefined
  /** What the totals showed before. */
  revenue: number
  pace: Pace
  stop: AbortSignal
  /** Told of each step as it begins. */
  tell(step: string): void
  /** Filled with the ids of all that may be there by now, so that whoever cannot wait knows what is left. */
  standing: Set<string>
}

/** Tries everything, and takes everything back, however it ends. Never throws for anything that DataFast or the network does. */
export async function probe(trial: Trial, now = new Date()): Promise<ProbeReport> {
  const { account, keySetting, website, visitor, revenue, pace, stop, tell, standing } = trial
  const prefix = `success-url-probe-${now
    .toISOString()
    .replaceAll(/[-:]|\.\d+/g, '')
    .toLowerCase()}`
  const currency = website.currency ?? 'USD'
  const seen: Observations = { currency, amounts: amountsIn(currency) }
  const made = new Set<string>()
  const make = (id: string) => {
    made.add(id)
    standing.add(id)
  }
  const outcome = await experiment({ line: openLine(account, stop, pace), prefix, currency, visitor, revenue, make, tell }, seen).then(
    () => ({ ended: 'complete', reason: null }) as const,
    (error: unknown) => outcomeOf(error, stop),
  )
  if (made.size) tell(`deleting ${made.size} transaction ids`)
  // A line of its own: what interrupts the trying must not keep anything from being taken back.
  const cleaned = await cleanUp([...made], { line: openLine(account, undefined, pace), account, keySetting, before: revenue }, (id) =>
    standing.delete(id),
  )
  const answers = QUESTIONS.map(({ id, assumes, judge }) => ({ id, assumes, ...judge(seen) }))
  return { website: website.domain, prefix, ...outcome, answers, made: made.size, ...cleaned }
}

function outcomeOf(error: unknown, stop: AbortSignal): Pick<ProbeReport, 'ended' | 'reason'> {
  if (stop.aborted) return { ended: 'interrupted', reason: 'interrupted' }
  if (error instanceof Broken) return { ended: 'broken', reason: error.message }
  throw error
}

/** Whole amounts in a currency without decimals; all of them small. */
function amountsIn(currency: string): Amounts {
  const digits = digitsOf(currency)
  const amount = (number: number) => Number(number.toFixed(Math.min(digits, 2)))
  return {
    sale: amount(29.99),
    refund: amount(10),
    atOnce: amount(7.77),
    visitorless: amount(5.55),
    unknownVisitor: amount(3.33),
    old: amount(11.11),
  }
}

function digitsOf(currency: string): number {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
  } catch {
    return 2
  }
}
