import { isDeepStrictEqual } from 'node:util'
import { parse, type TomlTable, type TomlValue } from 'smol-toml'
import { lineAfter, type Place, type Places, placesIn } from './toml-lines.ts'

/** A value that can be written into wrangler.toml. */
export type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value }

/** One setting that is to be another. Without a `value` it is commented out. */
export type Change = {
  /** Empty for the top of the file. */
  readonly table: '' | 'vars'
  readonly key: string
  readonly value?: Value
  /** Where the file shows several ways of writing it, commented out: the one this is. */
  readonly like?: RegExp
}

/** The file as it should be; or why it is left alone, such as one that is written in a way this does not know. */
export type Edited = { is: 'edited'; text: string } | { is: 'refused'; reason: string }

/**
 * Changes settings where they stand and leaves every other byte alone: comments, order, blank lines. The result is parsed and
 * compared: it says what the file said before and exactly these changes, or it is refused.
 */
export function editToml(text: string, changes: readonly Change[]): Edited {
  const before = parsed(text)
  if (!before) return { is: 'refused', reason: 'is no valid TOML' }
  const wanted = changes.filter((change) => !isSet(before, change))
  const after = wanted.reduce(withChange, text)
  const data = parsed(after)
  const isRight = data && isDeepStrictEqual(plain(data), plain(wanted.reduce(applied, before)))
  return isRight ? { is: 'edited', text: after } : { is: 'refused', reason: 'is written in a way that cannot be changed safely' }
}

/** A value as TOML has it, on one line. */
export function written(value: Value): string {
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`
  if (typeof value !== 'object') return String(value)
  const entries = Object.entries(value).map(([key, inner]) => `${/^[\w-]+$/.test(key) ? key : quoted(key)} = ${written(inner)}`)
  return entries.length ? `{ ${entries.join(', ')} }` : '{}'
}

/** A JSON string is a TOML one, but for the one control character that JSON lets stand. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('\x7f', '\\u007f')
}

function withChange(text: string, change: Change): string {
  const places = placesIn(text)
  const mine = places.settings.filter(({ table, key }) => table === change.table && key === change.key)
  const inForce = mine.find(({ mark }) => mark === undefined)
  const { value } = change
  if (value === undefined) return inForce ? commentedOut(text, inForce) : text
  if (inForce) return text.slice(0, inForce.end - inForce.value.length) + written(value) + text.slice(inForce.end)
  const shown = mine.find((place) => !change.like || change.like.test(place.value))
  const line = `${change.key} = ${written(value)}`
  if (shown) return text.slice(0, shown.start) + indentOf(shown) + line + text.slice(shown.end)
  return inserted(text, places, change.table, line)
}

function commentedOut(text: string, { start, end }: Place): string {
  const lines = text.slice(start, end).replace(/^(?=[^\r\n])/gm, '# ')
  return text.slice(0, start) + lines + text.slice(end)
}

function indentOf({ mark = '' }: Place): string {
  return /^[ \t]*/.exec(mark)?.[0] ?? ''
}

/** A new line after the last setting of its table. */
function inserted(text: string, { settings, headers }: Places, table: Change['table'], line: string): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const header = headers.findLast((one) => one.table === table)
  if (table && !header) return `${withEnd(text, newline)}${text ? newline : ''}[${table}]${newline}${line}${newline}`
  const last = settings.findLast((place) => place.table === table && place.mark === undefined)
  const at = last ? lineAfter(text, last.end) : (header?.end ?? headers[0]?.start ?? text.length)
  return withEnd(text.slice(0, at), newline) + line + newline + text.slice(at)
}

function withEnd(text: string, newline: string): string {
  return text && !text.endsWith('\n') ? text + newline : text
}

function parsed(text: string): TomlTable | undefined {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

function isSet(data: TomlTable, { table, key, value }: Change): boolean {
  return isDeepStrictEqual(plain(tableOf(data, table)[key]), plain(value))
}

function tableOf(data: TomlTable, table: Change['table']): Record<string, unknown> {
  return table ? (Object(data[table]) as Record<string, unknown>) : data
}

function applied(data: TomlTable, { table, key, value }: Change): TomlTable {
  const { [key]: _, ...others } = tableOf(data, table)
  const changed = { ...others, ...(value !== undefined && { [key]: value }) } as TomlTable
  return table ? { ...data, [table]: changed as TomlValue } : changed
}

/** Tables as ordinary objects, whatever a parser made them of, in no particular order. Dates and large numbers as text. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null || value instanceof Date) return typeof value === 'object' ? String(value) : value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}
