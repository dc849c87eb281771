/**
 * Where the settings of a TOML file stand. This is no parser: it finds the places of simple `key = value` lines, values over
 * several lines included, and whatever is made of them is checked by a real parser (toml-edit.ts).
 */
export type Place = {
  /** The table it stands in: empty at the top of the file, `vars` under `[vars]`. */
  readonly table: string
  readonly key: string
  /** Where its line begins. */
  readonly start: number
  /** Where its value ends, before any comment. */
  readonly end: number
  /** The value as it is written. */
  readonly value: string
  /** What a line was commented out with, such as `# `; absent where the setting is in force. */
  readonly mark?: string
}

/** A header such as `[vars]`. `end`: where the line after it begins. */
type Header = { readonly table: string; readonly start: number; readonly end: number }

/** All settings, in force or commented out, and all headers, in their order. */
export type Places = { readonly settings: readonly Place[]; readonly headers: readonly Header[] }

const KEY = /[ \t]*([A-Za-z0-9_-]+)[ \t]*=[ \t]*/y
const COMMENTED = /([ \t]*#[ \t]*)([A-Za-z0-9_-]+)[ \t]*=[ \t]*/y
const HEADER = /[ \t]*(\[\[?)[ \t]*([^\]\r\n]*?)[ \t]*\]\]?[ \t]*(?:#[^\r\n]*)?(?=\r?\n|$)/y

/** Finds them. Whatever is no TOML gives some places, or none. */
export function placesIn(text: string): Places {
  const settings: Place[] = []
  const headers: Header[] = []
  let table = ''
  for (let start = 0; start < text.length; ) {
    const header = matchAt(HEADER, text, start)
    if (header) {
      // An array of tables is another thing than a table of the same name.
      table = header[1] === '[[' ? `[[${header[2]}]]` : (header[2] ?? '').replace(/^(["'])(.*)\1$/, '$2')
      const end = lineAfter(text, start)
      headers.push({ table, start, end })
      start = end
      continue
    }
    const place = placeAt(text, start, table)
    if (place) settings.push(place)
    start = lineAfter(text, place && !place.mark ? place.end : endOfUnknown(text, start))
  }
  return { settings, headers }
}

/** Where the line after this position begins. */
export function lineAfter(text: string, position: number): number {
  const end = text.indexOf('\n', position)
  return end < 0 ? text.length : end + 1
}

function placeAt(text: string, start: number, table: string): Place | undefined {
  const inForce = matchAt(KEY, text, start)
  if (inForce) {
    const from = start + inForce[0].length
    const end = endOfValue(text, from)
    return { table, key: inForce[1] ?? '', start, end, value: text.slice(from, end) }
  }
  const commented = matchAt(COMMENTED, text, start)
  if (!commented) return undefined
  const from = start + commented[0].length
  const end = endOfValue(text, from)
  const value = text.slice(from, end)
  // Prose may hold an equals sign too: a value is one line of something that TOML could mean.
  const isValue = /^(["'[{]|\d|true|false)/.test(value) && !value.includes('\n') && /^[ \t]*(#|\r?\n|$)/.test(text.slice(end))
  return isValue ? { table, key: commented[2] ?? '', start, end, value, mark: commented[1] ?? '' } : undefined
}

/** A line that is no setting we know: it may still hold a value over several lines, as behind a quoted or dotted key. */
function endOfUnknown(text: string, start: number): number {
  const lineEnd = lineAfter(text, start)
  const equals = text.indexOf('=', start)
  const isComment = /^[ \t]*#/.test(text.slice(start, lineEnd))
  return isComment || equals < 0 || equals >= lineEnd ? start : endOfValue(text, equals + 1)
}

/** Where a value ends: at the end of its line or before a comment, but never within a string, an array or an inline table. */
function endOfValue(text: string, from: number): number {
  let depth = 0
  let end = from
  for (let at = from; at < text.length; ) {
    const character = text[at] ?? ''
    if (depth === 0 && (character === '\n' || character === '#')) break
    if (character === '#') {
      at = lineAfter(text, at)
      continue
    }
    if (character === '"' || character === "'") {
      at = endOfString(text, at)
      end = at
      continue
    }
    if (character === '[' || character === '{') depth++
    if (character === ']' || character === '}') depth--
    at++
    if (/\S/.test(character)) end = at
  }
  return end
}

function endOfString(text: string, from: number): number {
  const quote = text[from] ?? ''
  const long = quote.repeat(3)
  const isLong = text.startsWith(long, from)
  const mark = isLong ? long : quote
  for (let at = from + mark.length; at < text.length; at++) {
    if (quote === '"' && text[at] === '\\') at++
    else if (text.startsWith(mark, at)) {
      // A long string may end with quotes of its own.
      while (isLong && text[at + mark.length] === quote) at++
      return at + mark.length
    } else if (!isLong && text[at] === '\n') return at
  }
  return text.length
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}
