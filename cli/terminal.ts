import type { DayProof } from '../src/books/proof.ts'
import type { Check, Row, StatusReport } from '../src/status/report.ts'
import {
  attributionSentence,
  capital,
  checksSentence,
  counted,
  dayOf,
  momentOf,
  money,
  movementTitle,
  percent,
  plain,
  proofSentence,
  providerTitle,
  rehearsalSentence,
  STATES,
  visitorOf,
  worstFirst,
} from '../src/status/words.ts'

/** Of a text that somebody else wrote: what a terminal shows, and nothing that it obeys. Bidirectional marks go too. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
}

const COLOURS = { bold: 1, soft: 2, red: 31, green: 32, yellow: 33 }
type Colour = keyof typeof COLOURS
type Paint = (colour: Colour, text: string) => string

const SHADES = '▁▂▃▄▅▆▇█'

/** The report as lines, in the order of the page. */
export function describe(report: StatusReport, isColourful: boolean): string {
  const paint: Paint = (colour, text) => (isColourful ? `\x1b[${COLOURS[colour]}m${text}\x1b[0m` : text)
  const { setUp, checks, waiting, waitingCount, rehearsal, movements, proof } = report
  const section = (title: string, ...lines: string[]) => ['', paint('bold', title), ...lines.map((line) => `  ${line}`)]
  const tried = section('Rehearsal', ...orSay(rehearsal.map(rehearsed), 'No test purchase so far.'))
  const lines = [
    `${paint('bold', 'success-url')} ${report.version}  ${report.origin}`,
    paint('soft', `as of ${momentOf(report.now)}`),
    ...(report.incidents.length ? section(paint('red', 'Needs your attention'), ...incidents(report)) : []),
    ...(setUp ? [...section('Set up, waiting for your first test purchase', ...setUp.flatMap(toPaste)), ...tried] : []),
    ...section('Attribution', ...attribution(report)),
    ...section(`Set-up checks: ${checksSentence(checks) || 'none yet'}`, ...worstFirst(checks).flatMap((one) => check(one, paint))),
    ...section(`Waiting: ${waitingCount}`, ...orSay(waiting.flatMap(waitingRow), 'Nothing waits.')),
    ...(setUp ? [] : tried),
    ...section('Last movements', ...orSay(table(movements.map(movement)), 'No payment yet.')),
    ...section('Daily proof', ...orSay(proof.flatMap(provenDay), 'The first one comes after the first whole day (UTC).')),
  ]
  return `${lines.join('\n')}\n`
}

function orSay(lines: string[], otherwise: string): string[] {
  return lines.length ? lines : [otherwise]
}

function incidents({ incidents: all }: StatusReport): string[] {
  return all.map(({ since, text }) => `${text} Since ${momentOf(since)}.`)
}

function toPaste({ provider, successUrl, webhookUrl, webhookSecret, webhookReady }: NonNullable<StatusReport['setUp']>[number]): string[] {
  const secret = webhookReady ? 'set' : `not set yet: npx wrangler secret put ${webhookSecret}`
  return [providerTitle(provider), `  Success URL     ${successUrl}`, `  Webhook URL     ${webhookUrl}`, `  Webhook secret  ${secret}`]
}

function attribution({ attribution: numbers }: StatusReport): string[] {
  const { rate, misses, days } = numbers
  if (rate === null) return ['No first payment in the last 30 days.']
  return [
    `${percent(rate)} ${attributionSentence(numbers)}`,
    ...misses.map(({ count, reason, text }) => `${String(count).padStart(4)}  ${text} (${plain(reason)})`),
    `${skyline(days.map(({ recorded }) => recorded))}  day by day`,
  ]
}

function skyline(counts: number[]): string {
  const most = Math.max(1, ...counts)
  return counts.map((count) => SHADES.charAt(Math.ceil((count * (SHADES.length - 1)) / most))).join('')
}

function check({ state, title, text, fix }: Check, paint: Paint): string[] {
  const word = STATES[state] ?? state
  return [`${paint(state, word.padEnd(8))} ${title}: ${text}`, ...(fix ? [`         → ${fix}`] : [])]
}

function waitingRow(row: Row): string[] {
  const { reference, stage, amount, currency, text, nextTry, attempts } = row
  const next = nextTry === null ? 'no next try' : `next try ${momentOf(nextTry)}`
  return [
    `${capital(stage)}: ${[movementTitle(row), money(amount, currency)].filter(Boolean).join(', ')} (${reference})`,
    `  ${text}`,
    `  ${next}, ${counted(attempts, 'attempt')}`,
  ]
}

function rehearsed(row: Row): string {
  return `${momentOf(row.at)}, ${providerTitle(row.provider)}: ${rehearsalSentence(row)}`
}

function movement(row: Row): string[] {
  return [momentOf(row.at), movementTitle(row), money(row.amount, row.currency) ?? '–', capital(row.stage), visitorOf(row), row.reference]
}

/** Columns as wide as their widest text. */
function table(rows: string[][]): string[] {
  const widthOf = (column: number) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0))
  return rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widthOf(column)))
      .join('  ')
      .trimEnd(),
  )
}

function provenDay(day: DayProof): string[] {
  return [`${dayOf(day.day)}: ${proofSentence(day)}`, ...day.findings.map((finding) => `  ! ${finding}`)]
}
