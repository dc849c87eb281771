import { providerNamed } from '../../src/providers/index.ts'
import type { Mode } from '../../src/providers/listing.ts'
import type { Settings } from '../../src/settings.ts'
import { GUIDES } from '../guides/index.ts'
import type { KeyResult } from './key-check.ts'

/** Where a key is asked for and mended. `name`: as it stands in a sentence. */
export type KeyPlace = { readonly setting: string; readonly title: string; readonly page: string }

const DATAFAST: KeyPlace = {
  setting: 'DATAFAST_API_KEY',
  title: 'DataFast',
  page: 'DataFast → your website → Settings → API (newer pages: Developer)',
}

/** Where the key of a provider, or of DataFast, is made, and what it is called. */
export function placeOf(provider: keyof typeof GUIDES | 'datafast'): KeyPlace {
  if (provider === 'datafast') return DATAFAST
  const { title, keySetting } = providerNamed(provider) ?? { title: provider, keySetting: provider }
  return { setting: keySetting, title, page: GUIDES[provider].keyPage }
}

/** What a test of a key came to, in one or two sentences: what is wrong, and where to mend it. */
export function keySentence(result: KeyResult, { title, page }: KeyPlace): string {
  switch (result.is) {
    case 'works':
      return `The key works${result.site ? `, for ${result.site}` : forModes(result.modes)}.`
    case 'refused':
      return refusal(result, title, page)
    case 'lacks':
      return `${title} takes ${theKey(result.mode)}, but does not let it read everything. It lacks: ${result.permissions.join(', ')}. Add that under ${page}.`
    case 'elsewhere':
      return `${title} refuses this key where it was to be used, and takes it with ${result.setting} = "${result.value}".`
    case 'unreachable':
      return result.reason === 'network' || result.reason === 'timeout'
        ? `${title} could not be reached (${result.reason}): is this machine connected to the internet?`
        : `${title} was reached, but did not answer the question (${result.reason}). That may pass: try again in a minute.`
    case 'untested':
      return 'The key was not tested.'
  }
}

function refusal({ reason, permissions, mode }: Extract<KeyResult, { is: 'refused' }>, title: string, page: string): string {
  if (reason === 'website-unknown') {
    return `${title} takes the token, but knows no such website for it: compare DATAFAST_WEBSITE_ID, and the websites the token is for.`
  }
  const status = reason.replace('key-refused-', '')
  const may = status === '403' && permissions.length ? ` It is wrong, or it may not read: ${permissions.join(', ')}.` : ''
  return `${title} refuses ${theKey(mode)} (${status}).${may} Copy it once more, or make another: ${page}.`
}

function theKey(mode: Mode | undefined): string {
  return mode ? `the ${mode} key` : 'this key'
}

function forModes(modes: readonly Mode[]): string {
  if (modes.length > 1) return ', for live and for test orders'
  return modes[0] ? `, for ${modes[0]} orders` : ''
}

/** What is worth knowing of a key that works: a test key alone sees no sales. */
export function keyWarnings(result: KeyResult, { title, setting }: KeyPlace, { testPayments }: Settings): string[] {
  const isTest = result.is === 'works' && result.modes.length === 1 && result.modes[0] === 'test'
  const left = testPayments === 'skip' ? ', which are verified and left out' : ''
  const twoKeys = /^(STRIPE|CREEM|PADDLE)_/.test(setting) ? ', before this one with a space between if you like' : ''
  return isTest
    ? [`This key is for ${title}’s test mode: it sees test orders alone${left}. Before you sell, set a live key${twoKeys}.`]
    : []
}
