import { ATTRIBUTION_WAIT } from '../../src/order/timing.ts'
import { table } from '../proof-page.ts'
import type { Tried } from './attempt.ts'
import { CASES } from './cases/index.ts'
import { ATTRIBUTION_WAIT_SECONDS } from './known.ts'
import { markOf, scoreSentence, scoresOf, whyOf } from './score.ts'

/** What became of one handler. */
export type Column = { name: string; tried: Tried[] }

/** The cases by themselves. */
export function asList(): string {
  return `${CASES.map(({ number, name }) => `${String(number).padStart(2)}  ${name}`).join('\n')}\n`
}

/** For a terminal: each case with its mark, and why it failed. */
export function asLines({ name, tried }: Column): string {
  const lines = tried.flatMap((one) => [
    `${markOf(one)} ${String(one.number).padStart(2)}  ${one.name}`,
    ...(whyOf(one) ? [`      ${whyOf(one)}`] : []),
  ])
  return `${lines.join('\n')}\n\n${name} ${scoreSentence(tried)}.\n`
}

/** For programs. `notRun`: how many cases are in neither score. */
export function asJson(columns: Column[]): string {
  const results = columns.map(({ name, tried }) => ({
    handler: name,
    ...scoresOf(tried),
    cases: tried.map((one) => ({
      number: one.number,
      name: one.name,
      result: one.result.is,
      seconds: one.seconds,
      ...(whyOf(one) && { why: whyOf(one) }),
    })),
  }))
  return `${JSON.stringify(results.length === 1 ? results[0] : results, null, 2)}\n`
}

/** For the page of proofs: the scores, and a row for each case. @param seconds - how long all of it took */
export function asPage(columns: Column[], seconds: number): string {
  const [first] = columns
  const rows = (first?.tried ?? []).map(({ number, name }) => [
    `${number}. ${name}`,
    ...columns.map(({ tried }) => {
      const one = tried.find((candidate) => candidate.number === number)
      return one ? markOf(one) : ''
    }),
  ])
  return [
    `${columns.map(({ name, tried }) => `**${name}** ${scoreSentence(tried)}.`).join(' ')}`,
    `A sale without a visitor waits ${ATTRIBUTION_WAIT_SECONDS} s for one here (\`ATTRIBUTION_WAIT_SECONDS\`), not ${ATTRIBUTION_WAIT / 60_000} minutes; everything else is as it is deployed. ${howItWent(first?.tried ?? [], columns.length, seconds)}`,
    table(['Case', ...columns.map(({ name }) => name)], rows),
  ].join('\n\n')
}

function howItWent(tried: Tried[], handlers: number, seconds: number): string {
  const alone = tried.filter(({ alone }) => alone).length
  const took = seconds < 100 ? `${Math.round(seconds)} seconds` : `${(seconds / 60).toFixed(1)} minutes`
  const what = handlers > 1 ? `${tried.length} cases for each of ${handlers} handlers` : `${tried.length} cases`
  return `${what}, ${alone} of them with the handler${handlers > 1 ? ' and the machine' : ''} to themselves, took ${took}.`
}

/** What a handler did not survive, in words. Cases that were not run are none of it. */
export function failuresOf({ name, tried }: Column): string[] {
  const failed = tried.filter(({ result }) => result.is !== 'survived' && result.is !== 'not-run')
  return failed.map((one) => `${name} fails ${one.number}: ${whyOf(one)}`)
}
