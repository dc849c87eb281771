import { classify } from '../../src/datafast.ts'
import { money } from '../../src/status/words.ts'
import type { Observations, Step } from './experiment.ts'
import { wordsOf } from './line.ts'

/** Whether something holds. `seen`: what that is concluded from. */
export type Verdict = { is: 'holds' | 'does not hold' | 'could not be told'; seen: string }

/** One open question of docs/datafast.md, put as what the Worker assumes. */
export type Question = { id: string; assumes: string; judge(seen: Observations): Verdict }

/** In dollars, roughly: enough to tell 500 yen from 5 and from 50,000. */
const DOLLARS: Record<string, number> = {
  ...{ USD: 1, EUR: 1.1, GBP: 1.27, JPY: 0.0067, KWD: 3.25, CHF: 1.15, CAD: 0.72, AUD: 0.65, NZD: 0.6, SGD: 0.75 },
  ...{ SEK: 0.1, NOK: 0.095, DKK: 0.15, PLN: 0.26, CZK: 0.044, INR: 0.012, BRL: 0.18, MXN: 0.055, ZAR: 0.055, TRY: 0.025 },
}
/** Rates move, and scales lie a factor of ten or more apart. */
const ROUGHLY = 3
/** Totals are rounded to cents. */
const CENT = 0.011

const NO_TOTALS = 'nothing shows in the totals'
const NO_VISITOR = 'give --visitor, a visitor who was really on that website'

/** Everything that is asked, in the order of docs/datafast.md. A test holds both lists equal. */
export const QUESTIONS: readonly Question[] = [
  {
    id: 'sale-counted',
    assumes: 'A sale raises the revenue by its amount, in major units',
    judge: ({ sale, amounts, currency }) =>
      judged(sale, (step) => (isAccepted(step) ? changedBy(step, amounts.sale, currency) : no(`${wordsOfAll(step)}`))),
  },
  {
    id: 'repeat-accepted',
    assumes: 'A transaction id that is posted again is answered as a success, or as a duplicate',
    judge: ({ repeat }) => judged(repeat, (step) => (isAccepted(step) ? yes(wordsOfAll(step)) : no(wordsOfAll(step)))),
  },
  {
    id: 'repeat-counted-once',
    assumes: 'A transaction id that is posted again counts once',
    judge: ({ repeat, currency }) => judged(repeat, (step) => changedBy(step, 0, currency)),
  },
  {
    id: 'at-once-counted-once',
    assumes: 'A transaction id that is posted twice at the same moment counts once',
    judge: ({ atOnce, amounts, currency }) => judged(atOnce, (step) => changedBy(step, amounts.atOnce, currency)),
  },
  {
    id: 'refund-own-id',
    assumes: 'A refund under an id of its own is accepted, and leaves its sale as it was',
    judge: ({ refund, amounts, currency }) =>
      judged(refund, (step) => {
        if (!isAccepted(step)) return no(wordsOfAll(step))
        const { is, seen } = changedBy(step, -amounts.refund, currency)
        return is === 'does not hold' && isAbout(step.change, 0) ? yes(seen) : { is, seen }
      }),
  },
  {
    id: 'refund-lowers-revenue',
    assumes: 'A refund lowers the revenue by its amount',
    judge: ({ refund, amounts, currency }) => judged(refund, (step) => changedBy(step, -amounts.refund, currency)),
  },
  {
    id: 'no-visitor-accepted',
    assumes: 'A sale without a visitor is accepted, and counts',
    judge: ({ visitorless, amounts, currency }) =>
      judged(visitorless, (step) => (isAccepted(step) ? changedBy(step, amounts.visitorless, currency) : no(wordsOfAll(step)))),
  },
  {
    id: 'visitor-attributed',
    assumes: 'A sale under a visitor shows among what that visitor completed',
    judge: ({ sale }) => judged(sale, (step) => goalsOf(step)),
  },
  {
    id: 'late-visitor-attributed',
    assumes: 'A visitor who is posted later, under the same transaction id, is added',
    judge: ({ late, sale }) => {
      if (!late) return untold(NO_VISITOR)
      const [own, first] = [goalsOf(late), sale ? goalsOf(sale) : untold(NO_VISITOR)]
      // Where not even a sale shows there, its absence says nothing.
      return own.is === 'does not hold' && first.is !== 'holds' ? untold('not even a sale shows there') : own
    },
  },
  {
    id: 'late-visitor-counted-once',
    assumes: 'Posting that visitor later does not count the sale again',
    judge: ({ late, currency }) => (late ? changedBy(late, 0, currency) : untold(NO_VISITOR)),
  },
  {
    id: 'unknown-visitor-refused',
    assumes: 'A visitor without a pageview is refused in words that say so, and nothing is recorded',
    judge: ({ unknownVisitor, currency }) =>
      judged(unknownVisitor, (step) => {
        const [heard] = step.heard
        const isRefused = heard && classify(heard.status, heard.text, true).is === 'visitor-rejected'
        return isRefused ? changedBy(step, 0, currency) : no(wordsOfAll(step))
      }),
  },
  {
    id: 'trial-counts-nothing',
    assumes: 'A trial with an amount of 0 is accepted, and is no revenue',
    judge: ({ trial, currency }) => judged(trial, (step) => (isAccepted(step) ? changedBy(step, 0, currency) : no(wordsOfAll(step)))),
  },
  {
    id: 'zero-decimal-currency',
    assumes: 'An amount in a currency without decimals counts as it stands (500 JPY)',
    judge: ({ zeroDecimals, currency }) => judged(zeroDecimals, (step) => worth(step, 500, 'JPY', currency)),
  },
  {
    id: 'three-decimal-currency',
    assumes: 'An amount with three decimals is accepted, and counts as it stands (1.234 KWD)',
    judge: ({ threeDecimals, currency }) => judged(threeDecimals, (step) => worth(step, 1.234, 'KWD', currency)),
  },
  {
    id: 'old-timestamp',
    assumes: 'A payment with a timestamp of 29 days ago counts on that day',
    judge: ({ old, amounts, currency }) =>
      judged(old, (step) => (isAccepted(step) ? changedBy(step, amounts.old, currency, 'that day’s revenue') : no(wordsOfAll(step)))),
  },
  {
    id: 'delete-by-id',
    assumes: 'Deleting by transaction id takes that payment out of the totals, and no other',
    judge: ({ deletion, amounts, currency }) =>
      judged(deletion, (step) => whereAnswered(step, isDeleted(step) ? changedBy(step, -amounts.sale, currency) : no(wordsOfAll(step)))),
  },
  {
    id: 'delete-unknown-404',
    assumes: 'Deleting a transaction id that was never posted is answered with 404',
    judge: ({ unknownDeletion }) =>
      judged(unknownDeletion, (step) => whereAnswered(step, step.heard[0]?.status === 404 ? yes(wordsOfAll(step)) : no(wordsOfAll(step)))),
  },
]

function judged(step: Step | undefined, judge: (step: Step) => Verdict): Verdict {
  return step ? judge(step) : untold('it did not come to that')
}

/** Whether the Worker would take every answer for a success. */
function isAccepted({ heard }: Step): boolean {
  return heard.every(({ status, text }) => classify(status, text, false).is === 'accepted')
}

function isDeleted({ heard }: Step): boolean {
  return heard.every(({ status }) => status >= 200 && status < 300)
}

/** An outage, or a key that may not delete, answers no question. */
function whereAnswered(step: Step, verdict: Verdict): Verdict {
  const isAnswer = step.heard.every(({ status }) => status > 0 && status < 500 && ![401, 403, 429].includes(status))
  return isAnswer ? verdict : untold(wordsOfAll(step))
}

/** Whether the totals changed by what they should. */
function changedBy(step: Step, expected: number, currency: string, what = 'revenue'): Verdict {
  const { change } = step
  if (change === undefined) return untold(`${wordsOfAll(step)}; ${NO_TOTALS}`)
  const seen = `${wordsOfAll(step)}; ${what} ${signed(change, currency)}`
  return isAbout(change, expected) ? yes(seen) : no(`${seen} instead of ${signed(expected, currency)}`)
}

function isAbout(change: number | undefined, expected: number): boolean {
  return change !== undefined && Math.abs(change - expected) < CENT
}

/** Whether an amount of another currency counts for about what it is worth. */
function worth(step: Step, amount: number, code: string, currency: string): Verdict {
  if (!isAccepted(step)) return no(wordsOfAll(step))
  const { change } = step
  const [from, to] = [DOLLARS[code], DOLLARS[currency]]
  if (change === undefined) return untold(`${wordsOfAll(step)}; ${NO_TOTALS}`)
  if (!from || !to) return untold(`what ${code} is worth in ${currency} is not known here; revenue ${signed(change, currency)}`)
  const expected = (amount * from) / to
  const seen = `${wordsOfAll(step)}; revenue ${signed(change, currency)}, about ${signed(Math.round(expected * 100) / 100, currency)} expected`
  return change > expected / ROUGHLY && change < expected * ROUGHLY ? yes(seen) : no(seen)
}

function goalsOf(step: Step): Verdict {
  if (!isAccepted(step)) return no(wordsOfAll(step))
  if (step.goals === undefined) return untold(NO_VISITOR)
  const seen = `${wordsOfAll(step)}; completed goals ${step.goals > 0 ? '+' : ''}${step.goals}`
  return step.goals > 0 ? yes(seen) : no(seen)
}

function signed(amount: number, currency: string): string {
  return `${amount < 0 ? '' : '+'}${money(amount, currency)}`
}

function wordsOfAll({ heard }: Step): string {
  return heard.map(wordsOf).join(', ')
}

const yes = (seen: string): Verdict => ({ is: 'holds', seen })
const no = (seen: string): Verdict => ({ is: 'does not hold', seen })
const untold = (seen: string): Verdict => ({ is: 'could not be told', seen })
