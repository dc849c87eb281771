import { describe, expect, it } from 'vitest'
import { type Answers, addressOf, currentAnswers } from '../../cli/setup/answers.ts'
import { secretsToSend } from '../../cli/setup/deploy.ts'
import { readFlags, withFlags } from '../../cli/setup/flags.ts'
import { isKnown, likelyZone, readInstall, wrongWithHost } from '../../cli/setup/install.ts'
import { consequences, planFor } from '../../cli/setup/plan.ts'
import { wrapped } from '../../cli/setup/say.ts'
import { masked, wrongWithSecret } from '../../cli/setup/shapes.ts'
import { cookieWarning, doubleCounting, verdictOn } from '../../cli/setup/verdict.ts'
import { suggestedName, wrongWithName } from '../../cli/setup/worker-name.ts'

const SET: Answers = {
  name: 'success-url-shop',
  install: { is: 'host', host: 'pay.example.com' },
  providers: ['stripe'],
  vars: { THANK_YOU_URL: 'https://example.com/thanks' },
  secrets: { DATAFAST_API_KEY: 'df_testkey', STRIPE_SECRET_KEY: 'rk_test_key', STATUS_TOKEN: 'a'.repeat(24) },
}
const FRESH: Answers = { name: 'success-url', install: { is: 'workers-dev' }, providers: [], vars: { THANK_YOU_URL: '' }, secrets: {} }

const website = (more: object) => ({ checkedAt: 0, result: 'ok', connected: [], domain: 'example.com', ...more })

describe('a Worker’s name', () => {
  it.each([
    ['https://harbour.example/thanks', 'success-url-harbour'],
    ['https://www.harbour.co.uk/', 'success-url-harbour'],
    ['https://shop.harbour.com/', 'success-url-shop-harbour'],
    [`https://${'a'.repeat(60)}.com/`, `success-url-${'a'.repeat(51)}`],
    ['nonsense', 'success-url'],
  ])('is suggested by the thank-you page: %s', (page, name) => {
    expect(suggestedName(page)).toBe(name)
    expect(wrongWithName(name)).toBeUndefined()
  })

  it.each(['', 'Shop', 'shop_1', '-shop', 'shop-', 'a'.repeat(64), 'a.b'])('is refused when Cloudflare would refuse it: %s', (name) => {
    expect(wrongWithName(name)).toMatch(/^\S.+\.$/)
  })
})

describe('where the Worker answers', () => {
  const path = '/checkout'
  it.each([
    [{ workers_dev: true }, { is: 'workers-dev' }],
    [{}, { is: 'workers-dev' }],
    [{ workers_dev: false }, { is: 'own', host: undefined }],
    [
      { workers_dev: false, routes: [{ pattern: 'pay.a.com', custom_domain: true }] },
      { is: 'host', host: 'pay.a.com' },
    ],
    [
      { workers_dev: false, routes: [{ pattern: 'a.com/checkout/*', zone_name: 'a.com' }] },
      { is: 'path', host: 'a.com', zone: 'a.com' },
    ],
    [
      { workers_dev: true, routes: [{ pattern: 'pay.a.com', custom_domain: true }] },
      { is: 'own', host: 'pay.a.com' },
    ],
    [
      { workers_dev: false, routes: ['pay.a.com/*'] },
      { is: 'own', host: 'pay.a.com' },
    ],
    [
      { workers_dev: false, route: 'pay.a.com/*' },
      { is: 'own', host: 'pay.a.com' },
    ],
    [
      { workers_dev: false, routes: [{ pattern: 'a.com/pay/*', zone_name: 'a.com' }] },
      { is: 'own', host: 'a.com' },
    ],
  ])('is read from wrangler.toml, and left alone where it is of another make: %j', (toml, install) => {
    expect(readInstall(toml, path)).toEqual(install)
  })

  it.each(['https://pay.a.com', 'pay.a.com/x', 'pay', 'pay..com', '10.0.0.1', 'pay.a.com:8080', '', 'pay a.com'])(
    'is no host: %s',
    (host) => {
      expect(wrongWithHost(host)).toMatch(/^\S.+\.$/)
    },
  )

  it.each([
    ['www.shop.example.com', 'example.com'],
    ['shop.co.uk', 'shop.co.uk'],
    ['pay.shop.co.uk', 'shop.co.uk'],
    ['example.com', 'example.com'],
  ])('belongs to a domain, most likely: %s', (host, zone) => {
    expect(likelyZone(host)).toBe(zone)
  })

  it('on workers.dev is not known before the first deployment tells it', () => {
    const guessed = addressOf({ ...SET, install: { is: 'workers-dev' } })
    expect(isKnown(guessed)).toBe(false)
    const learned = addressOf({ ...SET, install: { is: 'workers-dev' } }, 'https://success-url-shop.me.workers.dev')
    expect([learned.host, isKnown(learned)]).toEqual(['success-url-shop.me.workers.dev', true])
  })
})

describe('a secret in the wrong place', () => {
  it.each([
    ['DATAFAST_API_KEY', 'rk_live_key', 'a Stripe key'],
    ['DATAFAST_API_KEY', 'dfid_key', 'dfid_'],
    ['DATAFAST_API_KEY', 'something', 'df_ or dft_'],
    ['STRIPE_SECRET_KEY', 'df_key', 'a DataFast key'],
    ['STRIPE_SECRET_KEY', 'pk_live_key', 'publishable'],
    ['STRIPE_SECRET_KEY', 'whsec_key', 'signing secret'],
    ['STRIPE_SECRET_KEY', 'rk_live_key polar_oat_key', 'a Polar key'],
    ['PADDLE_API_KEY', `live_${'0'.repeat(27)}`, 'client-side token'],
    ['PADDLE_API_KEY', 'pdl_ntfset_key', 'notification destination'],
    ['DODO_PAYMENTS_API_KEY', 'creem_key', 'a Creem key'],
    ['GUMROAD_ACCESS_TOKEN', 'https://example.com', 'an address'],
    ['STRIPE_WEBHOOK_SECRET', 'rk_live_key', 'a Stripe key'],
    ['STRIPE_WEBHOOK_SECRET', 'secret', 'whsec_…'],
    ['PADDLE_WEBHOOK_SECRET', 'whsec_key', 'pdl_ntfset_…'],
    ['LEMONSQUEEZY_WEBHOOK_SECRET', 'short', '6 to 40'],
    ['STRIPE_SECRET_KEY', 'replace-me', 'placeholder'],
    ['CREEM_API_KEY', '<your key>', 'placeholder'],
  ])('%s: %s', (setting, secret, said) => {
    expect(wrongWithSecret(setting, secret)).toContain(said)
  })

  it.each([
    ['DATAFAST_API_KEY', 'dft_key'],
    ['STRIPE_SECRET_KEY', 'rk_live_key rk_test_key'],
    ['STRIPE_WEBHOOK_SECRET', 'whsec_one whsec_two'],
    ['POLAR_WEBHOOK_SECRET', 'polar_whs_key'],
    ['POLAR_WEBHOOK_SECRET', 'whsec_key'],
    ['DODO_PAYMENTS_API_KEY', 'Abc.dEf-123'],
    ['LEMONSQUEEZY_API_KEY', 'eyJhbGc.eyJhdWQ.c2ln'],
  ])('is told from one that is right: %s: %s', (setting, secret) => {
    expect(wrongWithSecret(setting, secret)).toBeUndefined()
  })
})

describe('a secret that is set', () => {
  it.each([
    ['rk_live_51HsecretPart', 'set (rk_live_…)'],
    ['rk_live_one rk_test_two', 'set (rk_live_… rk_test_…)'],
    ['pdl_sdbx_apikey_01abc', 'set (pdl_sdbx_apikey_…)'],
    ['opaque.token-of.dodo', 'set'],
  ])('is shown by nothing but the prefix that everybody knows: %s', (secret, shown) => {
    expect(masked(secret)).toBe(shown)
  })
})

describe('the plan', () => {
  it('is empty when the answers are what is there', () => {
    expect(planFor(SET, SET, SET.secrets, '/checkout')).toEqual({ toml: [], env: {} })
  })

  it('writes down a secret that only the environment has', () => {
    expect(planFor(SET, SET, {}, '/checkout').env).toEqual(SET.secrets)
  })

  it('leaves a placeholder alone that nobody gave a value for', () => {
    const stored = { ...SET.secrets, CREEM_API_KEY: 'replace-me' }
    expect(planFor(SET, SET, stored, '/checkout').env).toEqual({})
  })

  it('says that another name is another Worker, unless there is none yet', () => {
    expect(consequences(SET, { ...SET, name: 'other' })).toEqual([expect.stringContaining('empty storage')])
    expect(consequences(FRESH, { ...SET, name: 'other' })).toEqual([])
  })

  it('says how a provider is switched off where it is deployed', () => {
    const off = { ...SET, secrets: { ...SET.secrets, STRIPE_SECRET_KEY: '' } }
    expect(consequences(SET, off)).toEqual([expect.stringContaining('npx wrangler secret delete STRIPE_SECRET_KEY')])
  })

  it('says that a public address from before is believed more than the new host', () => {
    const before = { ...SET, vars: { ...SET.vars, PUBLIC_URL: 'https://pay.example.com' } }
    const after: Answers = { ...before, install: { is: 'host', host: 'buy.example.com' } }
    expect(consequences(before, after)).toEqual([expect.stringContaining('PUBLIC_URL still says pay.example.com')])
    expect(consequences(before, before)).toEqual([])
  })
})

describe('what is uploaded', () => {
  it('are real secrets alone: nothing empty, no placeholder, nothing that is none', () => {
    const secrets = {
      DATAFAST_API_KEY: 'df_key',
      STRIPE_SECRET_KEY: '',
      CREEM_API_KEY: 'replace-me',
      PATH: '/bin',
      ALERT_URL: 'https://ntfy.sh/x',
    }
    expect(secretsToSend(secrets)).toEqual({ DATAFAST_API_KEY: 'df_key', ALERT_URL: 'https://ntfy.sh/x' })
  })
})

describe('the verdict on what is set up', () => {
  it('finds nothing wrong in a shop where nothing is', () => {
    expect(verdictOn(SET, website({}))).toEqual({ problems: [], warnings: [] })
  })

  it('names what is missing, each once', () => {
    const { problems } = verdictOn({ ...FRESH, providers: ['creem'] }, undefined)
    expect(problems.filter((text) => text.includes('CREEM_API_KEY'))).toHaveLength(1)
    expect(problems.join(' ')).toContain('THANK_YOU_URL is not set')
    expect(problems.join(' ')).toContain('DATAFAST_API_KEY is not set')
    expect(problems.join(' ')).not.toContain('another provider')
  })

  it('warns loudly when DataFast imports the same sales, and not when that is meant', () => {
    const imported = website({ connected: ['stripe', 'shopify'] })
    expect(doubleCounting(SET, imported)).toEqual([expect.stringMatching(/DataFast imports Stripe by itself already.*count twice/)])
    expect(doubleCounting({ ...SET, vars: { ...SET.vars, NATIVE_INTEGRATION: 'ignore' } }, imported)).toEqual([])
    expect(doubleCounting({ ...SET, providers: ['creem'] }, imported)).toEqual([])
  })

  it.each([
    ['pay.example.com', 'example.com', undefined],
    ['pay.example.com', 'www.example.com', 'data-domain="example.com"'],
    ['pay.example.com', 'example.org', 'cannot see the cookie of example.org'],
    ['x.me.workers.dev', 'example.com', 'links.js'],
    ['x.your-subdomain.workers.dev', undefined, 'links.js'],
  ])('says whether %s sees the cookie of %s', (host, domain, said) => {
    const warnings = cookieWarning(new URL(`https://${host}`), domain ? website({ domain }) : undefined)
    expect(warnings).toEqual(said ? [expect.stringContaining(said)] : [])
  })
})

describe('the flags', () => {
  function answersOf(current: Answers, ...args: string[]): Answers {
    const read = readFlags(args)
    if (read.is === 'wrong') throw new Error(read.text)
    const given = withFlags(current, read.flags)
    if (given.is === 'wrong') throw new Error(given.text)
    return given.answers
  }

  it('become answers', () => {
    const args = [
      '--provider',
      'stripe,creem',
      '--thank-you',
      'https://harbour.example/t',
      '--install',
      'path',
      '--host',
      'www.harbour.example',
    ]
    const more = [
      '--only',
      'stripe=plink_1,plink_2',
      '--link',
      'pro=https://buy.stripe.com/a?b=c',
      '--link',
      'own=creem:https://pay.harbour.example/x',
    ]
    expect(answersOf(FRESH, ...args, ...more)).toMatchObject({
      name: 'success-url-harbour',
      install: { is: 'path', host: 'www.harbour.example', zone: 'harbour.example' },
      providers: ['stripe', 'creem'],
      vars: {
        THANK_YOU_URL: 'https://harbour.example/t',
        ONLY: { stripe: ['plink_1', 'plink_2'] },
        LINKS: { pro: 'https://buy.stripe.com/a?b=c', own: { provider: 'creem', url: 'https://pay.harbour.example/x' } },
      },
    })
  })

  it('add to what is there, and never rename a shop that is set up', () => {
    const before = { ...SET, name: 'success-url', vars: { ...SET.vars, LINKS: { a: 'https://buy.stripe.com/a' } } }
    const after = answersOf(before, '--thank-you', 'https://other.example/', '--link', 'b=https://buy.stripe.com/b')
    expect(after.name).toBe('success-url')
    expect(after.vars.LINKS).toEqual({ a: 'https://buy.stripe.com/a', b: 'https://buy.stripe.com/b' })
    expect(answersOf(before)).toEqual(before)
  })

  it.each([
    [['--provider', 'paypal'], '--provider'],
    [['--thank-you', 'http://example.com'], '--thank-you'],
    [['--install', 'moon', '--host', 'a.com'], '--install'],
    [['--install', 'host'], '--host'],
    [['--host', 'https://a.com'], '--host'],
    [['--only', 'stripe'], '--only'],
    [['--link', 'https://buy.stripe.com/a'], '--link'],
    [['--link', 'a=paddle:https://a.com/b'], 'Paddle has no payment links'],
    [['--name', 'My Shop'], '--name'],
    [['--website-id', 'dfid_1'], '--website-id'],
    [['--stripe-key', 'rk_live_secret'], '--stripe-key'],
    [['rk_live_secret'], 'none'],
  ])('that make no sense are told by name, and what was given is not repeated: %j', (args, said) => {
    const read = readFlags(args)
    const wrong = read.is === 'wrong' ? read : withFlags(FRESH, read.flags)
    expect(wrong).toMatchObject({ is: 'wrong', text: expect.stringContaining(said) })
    expect(JSON.stringify(wrong)).not.toContain('rk_live_secret')
  })
})

describe('what is set now', () => {
  it('counts a placeholder as not set', () => {
    const env = { STRIPE_SECRET_KEY: 'replace-me', CREEM_API_KEY: 'creem_key', THANK_YOU_URL: '' }
    const { providers, secrets } = currentAnswers({ is: 'read', env, name: 'x', toml: {}, stored: {} })
    expect([providers, secrets]).toEqual([['creem'], { CREEM_API_KEY: 'creem_key' }])
  })
})

describe('a long line', () => {
  it('is broken between words and stays indented, but what is to be copied is never broken', () => {
    const text = '  one two three four five six seven eight\n  https://example.com/a-long-address/that-goes-on'
    expect(wrapped(text, 30)).toBe('  one two three four five six\n  seven eight\n  https://example.com/a-long-address/that-goes-on')
  })
})
