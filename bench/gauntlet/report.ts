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

/** For the page of proofs: the scores, and a row for each case. */
export function asPage(columns: Column[]): string {
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
    `A sale without a visitor waits ${ATTRIBUTION_WAIT_SECONDS} s for one here (\`ATTRIBUTION_WAIT_SECONDS\`), not ten minutes; everything else is as it is deployed.`,
    table(['Case', ...columns.map(({ name }) => name)], rows),
    ...(first ? reasons(first) : []),
  ].join('\n\n')
}

/** Why ours failed, should it ever. */
function reasons({ name, tried }: Column): string[] {
  const failed = tried.filter(({ result }) => result.is === 'failed')
  return failed.length ? [`${name} failed: ${failed.map((one) => `${one.number} ${whyOf(one)}`).join('; ')}.`] : []
}
