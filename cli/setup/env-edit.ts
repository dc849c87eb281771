import { isDeepStrictEqual, parseEnv } from 'node:util'
import type { Edited } from './toml-edit.ts'

/** Name → value; an empty value means not set. Absent: as it is. */
export type Secrets = Readonly<Record<string, string>>

/** One `NAME=value`, over several lines where it is quoted. `from`, `to`: where its value stands. */
type Line = { readonly name: string; readonly from: number; readonly to: number }

/**
 * Changes secrets where they stand in .dev.vars, comments and order kept. The result is read again: it says what the file said
 * before and exactly these changes, or it is refused.
 */
export function editEnv(text: string, secrets: Secrets): Edited {
  const before = parseEnv(text)
  const changes = Object.entries(secrets).filter(([name, value]) => (before[name] ?? '') !== value)
  let after = text
  for (const [name, value] of changes) {
    const safe = written(value)
    if (safe === undefined)
      return { is: 'refused', reason: `cannot hold what ${name} is to be: it has line breaks, or every kind of quotes` }
    after = withSecret(after, name, safe)
  }
  const wanted = { ...before, ...Object.fromEntries(changes) }
  const isRight = isDeepStrictEqual({ ...parseEnv(after) }, wanted)
  return isRight ? { is: 'edited', text: after } : { is: 'refused', reason: 'is written in a way that cannot be changed safely' }
}

/** Quoted so that every reader of such files takes it as it is: nothing is expanded, cut off or unescaped. */
function written(value: string): string | undefined {
  if (/[\r\n]/.test(value)) return undefined
  if (/^[\w.:/+=@%~,-]*$/.test(value)) return value
  const isLiteral = !/[\\$]/.test(value)
  const quote = ['"', "'", '`'].find((mark) => !value.includes(mark) && (isLiteral || mark !== '"'))
  return quote && quote + value + quote
}

function withSecret(text: string, name: string, value: string): string {
  const line = linesOf(text).findLast((one) => one.name === name)
  // Without a blank before it, what follows would not be a comment to every reader.
  if (line) return text.slice(0, line.from) + value + (text[line.to] === '#' ? ' ' : '') + text.slice(line.to)
  // The shipped file shows some names commented out: that is where a reader looks for them.
  const shown = new RegExp(`^([ \\t]*)#[ \\t]*${name}[ \\t]*=[^\\s#]*[ \\t]*$`, 'm').exec(text)
  if (shown) return [text.slice(0, shown.index), shown[1], name, '=', value, text.slice(shown.index + shown[0].length)].join('')
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const end = text && !text.endsWith('\n') ? newline : ''
  return `${text}${end}${name}=${value}${newline}`
}

function linesOf(text: string): Line[] {
  const lines: Line[] = []
  const assignment = /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*/gm
  for (let match = assignment.exec(text); match; match = assignment.exec(text)) {
    const from = match.index + match[0].length
    const to = endOfValue(text, from)
    lines.push({ name: match[1] ?? '', from, to })
    assignment.lastIndex = Math.max(to, from)
  }
  return lines
}

/** A quoted value ends with its quote, on whatever line; any other before a comment or the end of its line. */
function endOfValue(text: string, from: number): number {
  const quote = text[from] ?? ''
  const closing = /["'`]/.test(quote) ? text.indexOf(quote, from + 1) : -1
  if (closing > 0) return closing + 1
  const line = /^[^\r\n#]*/.exec(text.slice(from))?.[0] ?? ''
  return from + line.trimEnd().length
}
