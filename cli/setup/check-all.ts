import type { Website } from '../../src/books/website.ts'
import { PROVIDERS, type ProviderName } from '../../src/providers/index.ts'
import { settingsFor } from '../../src/settings.ts'
import { GUIDES } from '../guides/index.ts'
import { type Answers, envOf, withVar } from './answers.ts'
import { checkDataFast } from './datafast-check.ts'
import { checkKey, type KeyResult } from './key-check.ts'
import { keySentence, keyWarnings, placeOf } from './key-words.ts'
import type { KeyReport } from './outcome.ts'
import { wrongWithSecret } from './shapes.ts'

/** What came of all keys. `answers`: with the environment that takes a key which does not say its own. */
export type Checked = {
  readonly answers: Answers
  readonly reports: readonly KeyReport[]
  readonly website: Website | undefined
  readonly warnings: readonly string[]
}

/** Tests every key that is there, all at once. @param isOffline - none is to be tested */
export async function checkAll(wanted: Answers, isOffline: boolean): Promise<Checked> {
  const names = PROVIDERS.filter(({ keySetting }) => wanted.secrets[keySetting]).map(({ name }) => name)
  if (isOffline) return { answers: wanted, reports: untested(wanted, names), website: undefined, warnings: [] }
  const [dataFast, ...results] = await Promise.all([
    checkDataFast(settingsFor(envOf(wanted))),
    ...names.map((name) => checkKey(name, envOf(wanted))),
  ])
  // Keys that do not say their mode: what took them is what is set.
  const moved = results.flatMap((result) => (result.is === 'elsewhere' ? [result] : []))
  const answers = moved.reduce((before, { setting, value }) => withVar(before, setting, value), wanted)
  const settings = settingsFor(envOf(answers))
  const reports = names.map((name, place) => reportOf(name, settled(name, results[place])))
  return {
    answers,
    reports: [...(wanted.secrets.DATAFAST_API_KEY ? [reportOf('datafast', dataFast.key)] : []), ...reports],
    website: dataFast.website,
    warnings: [
      ...moved.map(({ setting, value }) => `${setting} is set to ${value}: that is where the key is taken.`),
      ...names.flatMap((name, place) => keyWarnings(settled(name, results[place]), placeOf(name), settings)),
    ],
  }
}

/** A key that is taken elsewhere works, once the setting says so. */
function settled(name: ProviderName, result: KeyResult = { is: 'untested' }): KeyResult {
  if (result.is !== 'elsewhere') return result
  return { is: 'works', modes: [result.value === GUIDES[name].environment?.test ? 'test' : 'live'] }
}

function untested(wanted: Answers, names: readonly ProviderName[]): KeyReport[] {
  const all = wanted.secrets.DATAFAST_API_KEY ? (['datafast', ...names] as const) : names
  return all.map((name) => reportOf(name, { is: 'untested' }))
}

function reportOf(name: ProviderName | 'datafast', result: KeyResult): KeyReport {
  const place = placeOf(name)
  const permissions = 'permissions' in result && result.permissions.length ? { permission: result.permissions } : {}
  return { setting: place.setting, result: result.is, text: keySentence(result, place), ...permissions }
}

/** What is wrong with a secret that evidently belongs elsewhere, as a list of one, or empty. */
export function misplacedAt(setting: string, secret: string): { setting: string; text: string }[] {
  const text = secret && setting !== 'ALERT_URL' ? wrongWithSecret(setting, secret) : undefined
  return text ? [{ setting, text }] : []
}
