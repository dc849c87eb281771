import * as v from 'valibot'
import { parseJson } from './outgoing.ts'
import { isPlaceholder } from './placeholder.ts'

/** A mistake in the configuration, told by the setting's name and never by its value. */
export type Problem = { text: string; serious: boolean }

/** Reads settings by name from the environment and collects what is wrong with them. */
export type SettingReader = ReturnType<typeof settingReader>

/** A header carries it: nothing else goes there, and no service's key holds anything else. */
const KEY = /^[!-~]+$/
const NO_KEY = 'holds blanks or characters that no key has: set the real value'
const PLACEHOLDER_LEFT =
  'holds a placeholder, which is used for nothing: set the real value with npx wrangler secret put, or delete the secret in the dashboard (Settings → Variables and Secrets)'

/** Starts reading one environment. Nothing here throws: a broken setting is a problem with a name. */
export function settingReader(env: Readonly<Record<string, unknown>>) {
  const problems: Problem[] = []

  return {
    problems,

    /** @param serious - whether it must be mended; otherwise it works, but not as well as it should */
    complain(setting: string, text: string, serious = true): void {
      problems.push({ text: `${setting} ${text}`, serious })
    },

    /** The setting as text, whatever it was written as: a table as JSON. Empty means not set. */
    text(setting: string): string {
      const value = env[setting] ?? ''
      return typeof value === 'string' ? value.trim() : JSON.stringify(value)
    },

    /** What `parse` makes of a setting; `undefined` when it is not set, or nothing can be made of it, which is a problem. */
    read<Value>(setting: string, mustBe: string, parse: (text: string) => Value | undefined, given?: string) {
      const text = given ?? this.text(setting)
      const value = text ? parse(text) : undefined
      if (text && value === undefined) this.complain(setting, `must be ${mustBe}`)
      return value
    },

    /**
     * A secret that may be of the founder's own making. A placeholder is told of and used for nothing, as if it were not set.
     * @param isNeeded - whether nothing works without it
     * @param isOwn - whether it may hold anything at all, as what people make up does
     */
    ownSecret(setting: string, isNeeded = false, isOwn = true): string | undefined {
      const text = this.text(setting)
      if (!isPlaceholder(text, isOwn)) return text || undefined
      this.complain(setting, PLACEHOLDER_LEFT, isNeeded)
      return undefined
    },

    /** A key or token as a service gives it. */
    secret(setting: string, isNeeded = false): string | undefined {
      const text = this.ownSecret(setting, isNeeded, false)
      if (!text || KEY.test(text)) return text
      this.complain(setting, NO_KEY, isNeeded)
      return undefined
    },

    /** Several keys side by side, such as a live and a test one, separated by commas or spaces. */
    secrets(setting: string): string[] {
      const parts = this.text(setting).match(/(<[^<>]*>|{[^{}]*}|[^\s,])+/g) ?? []
      // Beside a placeholder a word such as "key" belongs to it.
      const isPhrase = parts.some((part) => isPlaceholder(part))
      const real = parts.filter((part) => !isPlaceholder(isPhrase ? `your ${part}` : part))
      const keys = real.filter((part) => KEY.test(part))
      if (keys.length < parts.length) this.complain(setting, real.length < parts.length ? PLACEHOLDER_LEFT : NO_KEY, false)
      return keys
    },

    /** One of a few words; the first is the default. */
    choice<Word extends string>(setting: string, words: readonly [Word, ...Word[]]): Word {
      return this.read(setting, `one of: ${words.join(', ')}`, (text) => words.find((word) => word === text)) ?? words[0]
    },

    number(setting: string, max: number): number | undefined {
      const isInside = (number: number) => number >= 0 && number <= max
      return this.read(setting, `a number from 0 to ${max}`, (text) => [Number(text)].find(isInside))
    },

    address(setting: string, text?: string): URL | undefined {
      return this.read(setting, 'an absolute https address', parseAddress, text)
    },

    /** A table written in wrangler.toml, or the same as JSON text when it was set in the dashboard. */
    table<Schema extends v.GenericSchema>(setting: string, schema: Schema): ReadonlyMap<string, v.InferOutput<Schema>> {
      const isTable = (table: unknown): table is Record<string, v.InferOutput<Schema>> =>
        Object(table) === table && v.safeParse(v.array(schema), Object.values(table as object)).success
      const entries = this.read(setting, 'a table of names', (text) => {
        const table = parseJson(text)
        return isTable(table) ? Object.entries(table) : undefined
      })
      return new Map(entries)
    },
  }
}

/** An address for the public: without https only on the machine of whoever tries things out, and never with a password. */
function parseAddress(text: string): URL | undefined {
  const url = URL.parse(text)
  return url && /^(https:\/\/[^@/]+|http:\/\/(localhost|127\.0\.0\.1|\[::1])(:\d+)?)\//.test(url.href) ? url : undefined
}
