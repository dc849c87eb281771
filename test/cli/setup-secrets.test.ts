import { describe, expect, it } from 'vitest'
import { type Answers, currentAnswers } from '../../cli/setup/answers.ts'
import { secretsToSend } from '../../cli/setup/deploy.ts'
import { missingInventions, withStatusToken } from '../../cli/setup/secrets-of-ours.ts'
import { masked, wrongInTheOpen, wrongWithSecret } from '../../cli/setup/shapes.ts'

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
    ['STRIPE_SECRET_KEY', 'rk_live_…', 'placeholder'],
    ['STRIPE_SECRET_KEY', 'rk_live_51abc...', 'placeholder'],
    ['STRIPE_WEBHOOK_SECRET', 'whsec_51abc…', 'placeholder'],
    ['POLAR_WEBHOOK_SECRET', 'polar_whs_<your secret>', 'placeholder'],
    ['LEMONSQUEEZY_WEBHOOK_SECRET', 'replace-me', 'placeholder'],
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

describe('a secret given where everybody can read it', () => {
  it.each([
    ['rk_live_51HsecretPart', 'a Stripe key'],
    ['df_0123456789abcdef', 'a DataFast key'],
    ['plink_1, creem_test_0123456789', 'a Creem key'],
    ['eyJhbGciOiJ.eyJhdWQiOiI.c2lnbmF0dXJl', 'a Lemon Squeezy key'],
    ['pdl_ntfset_0123456789', 'the secret of a Paddle notification destination'],
  ])('is told by its form: %s', (text, what) => {
    expect(wrongInTheOpen(text)).toBe(`That is ${what}, not what belongs here.`)
  })

  it.each(['creem_pro', 'https://creem.io/payment/prod_1', 'prod_1, price_2', '0123456789abcdef01234567', 'dfid_0123456789abcdef', ''])(
    'is not what belongs there: %s',
    (text) => {
      expect(wrongInTheOpen(text)).toBeUndefined()
    },
  )
})

/** What people make up, with signs that keys do not have. */
const OWN = ['k9<Vq2!mZ7>-and-more-of-that', 's{3cr}et-of-the-harbour', 'schlüssel-für-den-hafen']

describe('a secret that the founder made up', () => {
  const stored = (setting: string, secret: string) => {
    const env = { [setting]: secret, THANK_YOU_URL: '' }
    return currentAnswers({ is: 'read', env, name: 'x', toml: {}, stored: { [setting]: secret } })
  }

  it.each(OWN)('counts as set, is uploaded as it is, and nothing is made up in its place: %s', (secret) => {
    for (const setting of ['STATUS_TOKEN', 'LEMONSQUEEZY_WEBHOOK_SECRET']) {
      const answers: Answers = { ...stored(setting, secret), providers: ['lemonsqueezy'] }
      expect(answers.secrets).toEqual({ [setting]: secret })
      expect(secretsToSend(answers.secrets)).toEqual({ [setting]: secret })
      expect(withStatusToken(answers).secrets[setting]).toBe(secret)
      expect(missingInventions(answers)).not.toContain(setting)
    }
  })

  it.each(OWN)('is taken where one of the founder’s own is asked for: %s', (secret) => {
    expect(wrongWithSecret('LEMONSQUEEZY_WEBHOOK_SECRET', secret)).toBeUndefined()
  })

  it.each(['', 'replace-me', '<your secret>', '{SECRET}', '…'])('is made up as long as there is none: %j', (nothing) => {
    expect(stored('STATUS_TOKEN', nothing).secrets).toEqual({})
    expect(missingInventions({ ...stored('GUMROAD_PING_SECRET', nothing), providers: ['gumroad'] })).toEqual(['GUMROAD_PING_SECRET'])
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

describe('what is set now', () => {
  it('is what the environment says, as long as that is no placeholder', () => {
    const stored = { STRIPE_SECRET_KEY: 'rk_live_stored', CREEM_API_KEY: 'creem_stored' }
    const env = { STRIPE_SECRET_KEY: 'rk_live_given', CREEM_API_KEY: 'replace-me' }
    expect(currentAnswers({ is: 'read', env, name: 'x', toml: {}, stored }).secrets).toEqual({
      STRIPE_SECRET_KEY: 'rk_live_given',
      CREEM_API_KEY: 'creem_stored',
    })
  })

  it('counts a placeholder as not set', () => {
    const env = { STRIPE_SECRET_KEY: 'replace-me', CREEM_API_KEY: 'creem_key', THANK_YOU_URL: '' }
    const { providers, secrets } = currentAnswers({ is: 'read', env, name: 'x', toml: {}, stored: {} })
    expect([providers, secrets]).toEqual([['creem'], { CREEM_API_KEY: 'creem_key' }])
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
