import { PROVIDERS } from '../../src/providers/index.ts'
import { settingReader } from '../../src/setting-reader.ts'
import { GUIDES } from '../guides/index.ts'

/**
 * What a text evidently is, by how it begins. `setting`: where it belongs; absent where it belongs nowhere here.
 * `isPublic`: anybody may read it.
 */
type Kind = { readonly pattern: RegExp; readonly title: string; readonly setting?: string; readonly isPublic?: true }

/** The first that fits counts. */
const KINDS: readonly Kind[] = [
  { pattern: /^dfid_/, title: 'the dfid_… of DataFast’s script tag', isPublic: true },
  { pattern: /^(df|dft)_/, title: 'a DataFast key', setting: 'DATAFAST_API_KEY' },
  { pattern: /^pk_(live|test)_/, title: 'Stripe’s publishable key', isPublic: true },
  { pattern: /^pdl_ntfset_/, title: 'the secret of a Paddle notification destination', setting: 'PADDLE_WEBHOOK_SECRET' },
  { pattern: /^polar_whs_/, title: 'the secret of a Polar webhook', setting: 'POLAR_WEBHOOK_SECRET' },
  { pattern: /^(live|test)_[0-9a-f]{27}$/, title: 'Paddle’s client-side token', isPublic: true },
  ...PROVIDERS.flatMap(({ name, title, keySetting }) => {
    const { keyPrefix } = GUIDES[name]
    return keyPrefix ? [{ pattern: keyPrefix, title: `a ${title} key`, setting: keySetting }] : []
  }),
  // Several providers share it.
  { pattern: /^whsec_/, title: 'the signing secret of a webhook' },
  { pattern: /^https?:\/\//, title: 'an address', isPublic: true },
]

/** What is wrong with a text as the value of a secret, before anybody is asked; `undefined` when nothing is. */
export function wrongWithSecret(setting: string, text: string): string | undefined {
  const provider = PROVIDERS.find(({ keySetting, webhook }) => keySetting === setting || webhook.secret === setting)
  const isWebhook = provider?.webhook.secret === setting
  const guide = provider && GUIDES[provider.name]
  const takesSeveral = isWebhook ? /^(whsec_|pdl_ntfset_)/.test(text) : !!guide?.takesTwoKeys
  for (const part of takesSeveral ? (text.match(/[^\s,]+/g) ?? []) : [text]) {
    const wrong = wrongWithOne(setting, part) ?? (isWebhook && guide ? wrongWithWebhookSecret(part, guide.webhookSecret) : undefined)
    if (wrong) return wrong
  }
  return undefined
}

/** No service's keys are as short as a name that only begins like one, such as `creem_pro`. */
const MIN_SECRET_LENGTH = 16

/** What is wrong with an answer that everybody may read, when it evidently is a secret; `undefined` when it is none. */
export function wrongInTheOpen(text: string): string | undefined {
  const parts = (text.match(/[^\s,]+/g) ?? []).filter((part) => part.length >= MIN_SECRET_LENGTH)
  const kinds = parts.map((part) => KINDS.find(({ pattern }) => pattern.test(part)))
  const secret = kinds.find((kind) => kind && !kind.isPublic)
  return secret && misplaced(secret)
}

function misplaced({ title }: Kind): string {
  return `That is ${title}, not what belongs here.`
}

function wrongWithOne(setting: string, text: string): string | undefined {
  const kind = KINDS.find(({ pattern }) => pattern.test(text))
  if (kind && kind.setting !== setting && !isWebhookSecretAt(setting, kind)) return misplaced(kind)
  // Behind a prefix that everybody knows nobody makes anything up: a gap there is one.
  const read = settingReader({ [setting]: text })
  const real = isKey(setting) || kind ? read.secret(setting) : read.ownSecret(setting)
  if (!real) return 'That looks like a placeholder, or has blanks in it: paste the real value.'
  return setting === 'DATAFAST_API_KEY' && !kind ? 'DataFast’s keys begin with df_ or dft_.' : undefined
}

/** `whsec_` fits wherever a webhook's secret is asked for, as do others of the seller's own. */
function isWebhookSecretAt(setting: string, kind: Kind): boolean {
  const isWebhook = PROVIDERS.some(({ webhook }) => webhook.secret === setting)
  return isWebhook && kind.pattern.source === '^whsec_'
}

function wrongWithWebhookSecret(text: string, { pattern, form }: { pattern: RegExp; form: string }): string | undefined {
  return pattern.test(text) ? undefined : `It must look like this: ${form}.`
}

/** Whether it is something to be used, and neither empty nor a placeholder such as the shipped `replace-me`: as the Worker reads it. */
export function isReal(setting: string, value: string | undefined): value is string {
  const read = settingReader({ [setting]: value })
  return isKey(setting) ? read.secrets(setting).length > 0 : read.ownSecret(setting) !== undefined
}

/** Whether it begins like a secret that a service gives, and is none: an example, or a key as a dashboard masks it. */
export function hasGap(setting: string, value: string): boolean {
  const kind = KINDS.find(({ pattern }) => pattern.test(value))
  return kind !== undefined && !kind.isPublic && settingReader({ [setting]: value }).secrets(setting).length === 0
}

/** Whether a service gives it. Any other secret may be of the founder's own making, and hold any sign. */
function isKey(setting: string): boolean {
  return setting === 'DATAFAST_API_KEY' || PROVIDERS.some(({ keySetting }) => keySetting === setting)
}

/** A secret as it may be shown: by the prefix that everybody knows, which says what kind it is, and nothing of its own. */
export function masked(text: string): string {
  const prefixes = (text.match(/[^\s,]+/g) ?? []).map((part) => PUBLIC_PREFIX.exec(part)?.[0])
  return prefixes.every((prefix) => prefix !== undefined) && prefixes.length
    ? `set (${prefixes.map((prefix) => `${prefix}…`).join(' ')})`
    : 'set'
}

const PUBLIC_PREFIX =
  /^((sk|rk)_(live|test)_|dft?_|creem_test_|creem_|polar_(oat|whs|pat)_|pdl_(live|sdbx)_apikey_|pdl_ntfset_|whsec_)(?=.)/
