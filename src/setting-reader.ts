/** A mistake in the configuration, told by the setting's name and never by its value. */
export type Problem = { setting: string; text: string; serious: boolean }

/** Reads settings by name from the environment and collects what is wrong with them. */
export type SettingReader = ReturnType<typeof settingReader>

/** No provider's key holds any of these; texts such as "replace-me", "<your key>" or "sk_live_..." do. */
const PLACEHOLDER = /[\s<>{}…]|\.\.\.|^(replace|change|your|paste|insert|todo|xxx)|[_-]?x{4,}$|^(rk|sk|df|dft)_(live_|test_)?$/i

/** Starts reading one environment. Nothing here throws: a broken setting is a problem with a name. */
export function settingReader(env: Readonly<Record<string, unknown>>) {
  const problems: Problem[] = []
  const fail = (setting: string, text: string) => void problems.push({ setting, text, serious: true })

  return {
    problems,
    fail,
    /** Something that works, but not as well as it should. */
    warn: (setting: string, text: string) => void problems.push({ setting, text, serious: false }),

    /** The value as it stands; an empty text counts as not set. */
    raw(setting: string): unknown {
      const value = env[setting]
      return value === '' ? undefined : typeof value === 'string' ? value.trim() : value
    },

    /** A secret; `undefined` when it is not set or still the placeholder of the example file. */
    secret(setting: string): string | undefined {
      const value = this.raw(setting)
      if (value === undefined) return undefined
      if (typeof value === 'string' && value !== '' && !PLACEHOLDER.test(value)) return value
      fail(setting, 'still holds a placeholder; set the real value or remove it')
      return undefined
    },

    /** One of a few words; the first is the default. */
    choice<Word extends string>(setting: string, words: readonly [Word, ...Word[]]): Word {
      const value = this.raw(setting)
      const word = words.find((known) => known === value)
      if (!word && value !== undefined) fail(setting, `must be one of: ${words.join(', ')}`)
      return word ?? words[0]
    },
  }
}
