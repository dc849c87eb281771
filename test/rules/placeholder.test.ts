import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { isPlaceholder } from '../../src/placeholder.ts'
import { PROVIDERS } from '../../src/providers/index.ts'
import { settingReader } from '../../src/setting-reader.ts'

describe('a placeholder is recognised', () => {
  it.each([
    ['replace-me', 'REPLACE_ME', 'replaceMe', 'replace me', 'changeme', 'change-this', 'todo', 'TBD', 'paste here', 'insert_key_here'],
    ['your-key', 'YOUR_API_KEY', 'yourApiKey', 'your-stripe-secret-key-here', 'enter the key'],
    ['none', 'None', '-', '--', 'n/a', 'N/A', 'na', 'unused', 'not-used', 'null', 'undefined', 'example', 'false', 'off', 'empty'],
    ['<your key>', '<key>', '{KEY}', '{{ STRIPE_KEY }}', 'rk_live_<key>', '…', '...', 'rk_live_...', 'sk_live_…abcd'],
    ['rk_live_', 'sk_test_', 'rk_', 'df_', 'dft_', 'whsec_', 'polar_oat_', 'polar_whs_', 'creem_', 'creem_test_', 'pdl_ntfset_'],
    ['rk_live_xxxxxxxx', 'sk_test_XXXXXXXXXXXXXXXX', 'whsec_xxx', 'xxxx', 'rk_live_51Habcxxxxxxxxxxxx', 'pdl_live_apikey_xxx'],
    ['whsec_replace_me', 'whsec_your_secret', 'df_your_key', 'polar_oat_your_token', 'creem_replace-me'],
    [
      'rk_live_••••••••abcd',
      'sk_live_****************1234',
      'dummy',
      'fake-key',
      'sample',
      'placeholder',
      'your_lemonsqueezy_webhook_secret',
    ],
  ])('%s, %s, %s and the like', (...texts) => {
    expect(texts.filter((text) => !isPlaceholder(text))).toEqual([])
  })
})

// ── Keys as the services make them ────────────────────────────────────────────────────────────────────────────────────

const DIGITS = '0123456789'
const HEX = `${DIGITS}abcdef`
const LOWER = 'abcdefghijklmnopqrstuvwxyz'
const UPPER = LOWER.toUpperCase()

function random(alphabet: string, length: number, upTo = length): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...alphabet), minLength: length, maxLength: upTo })
}

/** After a prefix, where one of several is there. */
function key(prefixes: string[], part: fc.Arbitrary<string>) {
  return fc.tuple(fc.constantFrom(...prefixes), part).map(([prefix, random]) => prefix + random)
}

const base62 = DIGITS + LOWER + UPPER
const base64Url = `${base62}-_`
const base64 = `${base62}+/`

/** The shapes that the services' documents show, and what else their alphabets allow. */
const KEYS: Record<string, fc.Arbitrary<string>> = {
  DATAFAST_API_KEY: key(['df_', 'dft_'], fc.oneof(random(HEX, 32, 64), random(base62, 24, 48))),
  STRIPE_SECRET_KEY: key(['rk_live_', 'rk_test_', 'sk_live_', 'sk_test_'], random(base62, 24, 107)),
  STRIPE_WEBHOOK_SECRET: key(['whsec_'], random(base62, 32)),
  DODO_PAYMENTS_API_KEY: fc.tuple(random(base64Url, 16), random(base64Url, 48)).map((parts) => parts.join('.')),
  DODO_PAYMENTS_WEBHOOK_KEY: key(['whsec_'], random(base64, 32, 44)),
  CREEM_API_KEY: key(['creem_', 'creem_test_'], random(base62, 20, 32)),
  CREEM_WEBHOOK_SECRET: key(['whsec_', ''], random(base62, 20, 32)),
  POLAR_ACCESS_TOKEN: key(['polar_oat_', 'polar_pat_'], random(base62, 32, 64)),
  POLAR_WEBHOOK_SECRET: key(['polar_whs_', 'whsec_', ''], random(base64, 32, 64)),
  LEMONSQUEEZY_API_KEY: fc
    .tuple(random(base64Url, 60), random(base64Url, 200), random(base64Url, 300))
    .map((parts) => `eyJ${parts.join('.')}`),
  LEMONSQUEEZY_WEBHOOK_SECRET: random(DIGITS + LOWER, 12, 40),
  GUMROAD_ACCESS_TOKEN: random(base64Url, 43, 64),
  GUMROAD_PING_SECRET: random(base64Url, 20, 64),
  PADDLE_API_KEY: fc.oneof(
    key(
      ['pdl_live_apikey_', 'pdl_sdbx_apikey_'],
      fc.tuple(random(DIGITS + LOWER, 26), random(base62, 22), random(base62, 3)).map((parts) => parts.join('_')),
    ),
    random(HEX, 50),
  ),
  PADDLE_WEBHOOK_SECRET: key(
    ['pdl_ntfset_'],
    fc.tuple(random(DIGITS + LOWER, 26), random(base64, 32)).map((parts) => parts.join('_')),
  ),
  STATUS_TOKEN: random(HEX, 48),
}

describe('a real key is never mistaken for one', () => {
  it('every secret has its shape here', () => {
    const settings = PROVIDERS.flatMap(({ keySetting, webhook }) => [keySetting, webhook.secret])
    expect(Object.keys(KEYS).sort()).toEqual(['DATAFAST_API_KEY', 'STATUS_TOKEN', ...settings].sort())
  })

  it.each(Object.entries(KEYS))('%s', (setting, real) => {
    fc.assert(
      fc.property(real, (text) => {
        const reader = settingReader({ [setting]: text })
        expect(reader.ownSecret(setting)).toBe(text)
        expect(reader.secret(setting)).toBe(text)
        expect(reader.problems).toEqual([])
      }),
      { numRuns: 2000 },
    )
  })

  it('nor what a founder made up', () => {
    const made = [
      'my-webhook-secret',
      'correct horse battery',
      'gumroad-ping-2026',
      'hunter2',
      'for my shop: (live) 7',
      'secret1',
      'a<b>c',
      's{3cr}et',
      'schlüssel-für-den-hafen',
      'k9<Vq2!mZ7>{x}…',
    ]
    for (const text of made) expect(settingReader({ OWN: text }).ownSecret('OWN')).toBe(text)
  })

  it('nor what a password manager made up, of whatever signs', () => {
    const printable = Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at)).join('')
    fc.assert(
      fc.property(random(printable, 20, 48), (text) => {
        expect(settingReader({ STATUS_TOKEN: text }).ownSecret('STATUS_TOKEN')).toBe(text)
      }),
      { numRuns: 5000 },
    )
  })

  it('nor the keys of somebody’s tests', () => {
    const tests = [
      'df_test_key',
      'df_fake',
      'dft_dummy',
      'rk_test_key',
      'sk_test_example',
      'creem_test_key',
      'polar_oat_fake',
      'whsec_test_secret',
      'test',
    ]
    expect(tests.filter((text) => isPlaceholder(text))).toEqual([])
  })

  it('nor the keys of the sandbox', () => {
    expect(Object.values(SECRETS).filter((text) => isPlaceholder(text))).toEqual([])
  })
})

describe('several keys side by side', () => {
  it.each([
    ['rk_live_abc rk_test_def', ['rk_live_abc', 'rk_test_def'], 0],
    ['rk_live_abc, rk_test_def', ['rk_live_abc', 'rk_test_def'], 0],
    ['rk_live_abc replace-me', ['rk_live_abc'], 1],
    ['rk_live_abc <your test key>', ['rk_live_abc'], 1],
    ['rk_live_abc rk_test_…', ['rk_live_abc'], 1],
    ['rk_live_abc rk_test_dëf', ['rk_live_abc'], 1],
    ['paste your key here', [], 1],
    ['<your live key> <your test key>', [], 1],
    ['', [], 0],
  ])('%s', (text, keys, problems) => {
    const reader = settingReader({ KEYS: text })
    expect(reader.secrets('KEYS')).toEqual(keys)
    expect(reader.problems).toHaveLength(problems)
  })
})
