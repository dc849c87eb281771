import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { parse } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { clone, DATAFAST_API_KEY, internet } from './setup-conversation.ts'
import { KEYS, SHOP, setUp } from './setup-unattended.ts'
import { NO_NETWORK, run } from './simulated-internet.ts'

describe('npm run setup -- --json', () => {
  it('sets a shop up in one go, and says what to paste where', async () => {
    const more = ['--link', 'pro=https://buy.stripe.com/abc', '--only', 'stripe=plink_1', '--pending', 'https://example.com/wait']
    const { code, outcome } = await setUp([...SHOP, ...more])
    expect(code).toBe(0)
    expect(outcome).toMatchObject({
      ok: true,
      written: ['wrangler.toml', '.dev.vars'],
      worker: { name: 'success-url-example-com', install: 'host', address: 'https://pay.example.com/checkout' },
      keys: [
        { setting: 'DATAFAST_API_KEY', result: 'works' },
        { setting: 'STRIPE_SECRET_KEY', result: 'works' },
      ],
      problems: [],
      warnings: [],
      paste: [
        {
          provider: 'stripe',
          successUrl: 'https://pay.example.com/checkout/success/stripe?session_id={CHECKOUT_SESSION_ID}',
          webhookUrl: 'https://pay.example.com/checkout/webhook/stripe',
          events: expect.arrayContaining(['checkout.session.completed']),
          webhookSecret: 'STRIPE_WEBHOOK_SECRET',
        },
      ],
      buyButtons: [{ name: 'pro', url: 'https://pay.example.com/checkout/go/pro' }],
      statusPage: 'https://pay.example.com/checkout/status',
      deployed: 'no',
    })
    expect(parse(clone.read('wrangler.toml'))).toMatchObject({
      name: 'success-url-example-com',
      routes: [{ pattern: 'pay.example.com', custom_domain: true }],
      workers_dev: false,
      vars: { THANK_YOU_URL: 'https://example.com/thanks', ONLY: { stripe: ['plink_1'] }, LINKS: { pro: 'https://buy.stripe.com/abc' } },
    })
    const secrets = parseEnv(clone.read('.dev.vars'))
    expect(secrets).toMatchObject({ ...KEYS, STATUS_TOKEN: expect.stringMatching(/^[0-9a-f]{32}$/), CREEM_API_KEY: '' })
    expect(statSync(join(clone.folder, '.dev.vars')).mode & 0o777).toBe(0o600)
  })

  it('changes nothing when it is run again, byte for byte', async () => {
    await setUp([...SHOP, '--provider', 'gumroad,lemonsqueezy'])
    const before = clone.bytes()
    const { outcome } = await setUp([], {})
    expect(outcome.written).toEqual([])
    expect(clone.bytes()).toEqual(before)
  })

  it('makes up the webhook secrets that are the seller’s own, and never shows them', async () => {
    const keys = { ...KEYS, GUMROAD_ACCESS_TOKEN: SECRETS.GUMROAD_ACCESS_TOKEN, LEMONSQUEEZY_API_KEY: SECRETS.LEMONSQUEEZY_API_KEY }
    const { output, outcome } = await setUp(SHOP, keys)
    const { GUMROAD_PING_SECRET = '', LEMONSQUEEZY_WEBHOOK_SECRET = '', STATUS_TOKEN = '' } = parseEnv(clone.read('.dev.vars'))
    for (const secret of [GUMROAD_PING_SECRET, LEMONSQUEEZY_WEBHOOK_SECRET, STATUS_TOKEN]) {
      expect(secret.length).toBeGreaterThanOrEqual(24)
      expect(output).not.toContain(secret)
    }
    expect(outcome.paste.map(({ webhookUrl }) => webhookUrl)).toContain(
      'https://pay.example.com/checkout/webhook/gumroad/<GUMROAD_PING_SECRET>',
    )
  })

  it('leaves the secrets alone that the founder made up, byte for byte, whatever signs are in them', async () => {
    const own = { STATUS_TOKEN: 'k9<Vq2!mZ7>-and-more-of-that', LEMONSQUEEZY_WEBHOOK_SECRET: 's{3cr}et-of-the-harbour' }
    const lines = Object.entries({ ...KEYS, LEMONSQUEEZY_API_KEY: SECRETS.LEMONSQUEEZY_API_KEY, ...own })
    const text = `${lines.map(([name, secret]) => `${name}='${secret}'`).join('\n')}\n`
    clone.write('.dev.vars', text)
    const { outcome } = await setUp(SHOP, {})
    expect([outcome.problems, outcome.written]).toEqual([[], ['wrangler.toml']])
    expect(clone.read('.dev.vars')).toBe(text)
  })

  it('complains of a token that is too short, and does not replace it', async () => {
    clone.write('.dev.vars', 'STATUS_TOKEN=short-but-mine\n')
    const { outcome } = await setUp(SHOP)
    expect(outcome.problems).toEqual([expect.stringContaining('STATUS_TOKEN must be at least 24 plain characters long')])
    expect(parseEnv(clone.read('.dev.vars')).STATUS_TOKEN).toBe('short-but-mine')
  })

  it('warns of links whose buyers do not come back, and of those of the other mode than the key', async () => {
    const links = ['--link', 'book=https://checkout.dodopayments.com/buy/pdt_1', '--link', 'pro=https://buy.stripe.com/test_abc']
    const { code, outcome } = await setUp([...SHOP, ...links], { ...KEYS, DODO_PAYMENTS_API_KEY: SECRETS.DODO_PAYMENTS_API_KEY })
    const completed = 'https://checkout.dodopayments.com/buy/pdt_1?redirect_url=https%3A%2F%2Fpay.example.com%2Fcheckout%2Fsuccess%2Fdodo'
    expect([code, outcome.warnings]).toEqual([
      0,
      [
        'LINKS.pro is a link of the test mode, and STRIPE_SECRET_KEY a live key.',
        expect.stringMatching(/^LINKS\.book does not bring its buyers back here: .*: https:/),
      ],
    ])
    expect(outcome.warnings[1]).toContain(completed)
    expect(outcome.paste.map(({ links }) => links)).toEqual([[{ name: 'pro' }], [{ name: 'book', completed }]])
  })

  it('says by its name which stored key the environment replaces, and takes the environment’s', async () => {
    await setUp(SHOP)
    const { outcome } = await setUp([], { DATAFAST_API_KEY, STRIPE_SECRET_KEY: 'rk_live_sandboxkey_of_another' })
    expect(outcome.warnings).toEqual([expect.stringContaining('STRIPE_SECRET_KEY of the environment replaces the one in .dev.vars.')])
    expect(parseEnv(clone.read('.dev.vars')).STRIPE_SECRET_KEY).toBe('rk_live_sandboxkey_of_another')
  })

  it('writes nothing as long as a new key is refused, and says so by the setting’s name', async () => {
    internet.world.service('stripe').fault = { kind: 'answer', status: 401 }
    const before = clone.bytes()
    const { code, outcome } = await setUp(SHOP)
    expect(code).toBe(1)
    expect(outcome).toMatchObject({
      ok: false,
      written: [],
      keys: [{ result: 'works' }, { setting: 'STRIPE_SECRET_KEY', result: 'refused' }],
    })
    expect(outcome.next.join()).toContain('STRIPE_SECRET_KEY')
    expect(clone.bytes()).toEqual(before)
  })

  it('names the permission that a key lacks', async () => {
    internet.world.stripe.forbidden.add('invoices')
    const { code, outcome } = await setUp(SHOP)
    internet.world.stripe.forbidden.clear()
    expect(code).toBe(1)
    expect(outcome.keys[1]).toMatchObject({ result: 'lacks', permission: ['Invoices: Read'] })
  })

  it('sets the environment that takes a key which does not tell its own', async () => {
    internet.world.service('dodo').fault = { kind: 'answer', status: 401 }
    const { outcome } = await setUp(SHOP, { ...KEYS, DODO_PAYMENTS_API_KEY: SECRETS.DODO_PAYMENTS_API_KEY })
    expect(parse(clone.read('wrangler.toml'))).toMatchObject({ vars: { DODO_PAYMENTS_ENVIRONMENT: 'test_mode' } })
    expect(outcome.warnings.join()).toContain('DODO_PAYMENTS_ENVIRONMENT is set to test_mode')
  })

  it('does not write a key down where another one belongs', async () => {
    const { code, outcome } = await setUp([...SHOP, '--offline'], { ...KEYS, CREEM_API_KEY: 'rk_live_elsewhere' })
    expect([code, outcome.written]).toEqual([1, []])
    expect(outcome.problems.join()).toContain('CREEM_API_KEY: That is a Stripe key')
  })

  it.each(['rk_live_…', 'rk_live_51abc...', 'rk_live_<your key>'])('refuses a key that still holds a gap, by its name: %s', async (key) => {
    const { code, outcome } = await setUp(SHOP, { DATAFAST_API_KEY, STRIPE_SECRET_KEY: key })
    expect([code, outcome.written]).toEqual([1, []])
    expect(outcome.problems).toContain('STRIPE_SECRET_KEY still holds a gap: give the whole of it.')
  })

  it('takes the shipped replace-me of a provider that is not used for nothing at all', async () => {
    const { code, outcome } = await setUp(SHOP, { ...KEYS, CREEM_API_KEY: 'replace-me' })
    expect([code, outcome.problems]).toEqual([0, []])
  })

  it('without a network writes nothing down untested, unless it is told to', async () => {
    const before = clone.bytes()
    const refused = await setUp(SHOP, KEYS, NO_NETWORK)
    expect([refused.code, refused.outcome.keys[1]?.result]).toEqual([1, 'unreachable'])
    expect(refused.outcome.next.join()).toContain('--offline')
    expect(clone.bytes()).toEqual(before)
    const told = await setUp([...SHOP, '--offline'], KEYS, NO_NETWORK)
    expect([told.code, told.outcome.written]).toEqual([0, ['wrangler.toml', '.dev.vars']])
  })

  it('says what is missing, and writes what it was given', async () => {
    const { code, outcome } = await setUp([...SHOP, '--provider', 'creem'], { DATAFAST_API_KEY })
    expect([code, outcome.written]).toEqual([1, ['wrangler.toml', '.dev.vars']])
    expect(outcome.problems).toEqual(['CREEM_API_KEY is not set: it switches Creem on.'])
  })

  it('warns of sales that would count twice', async () => {
    internet.world.dataFast.connected.add('stripe')
    const { outcome } = await setUp([...SHOP, '--website-id', internet.world.dataFast.websiteId])
    expect(outcome.warnings.join()).toMatch(/DataFast imports Stripe by itself already.*count twice/)
  })

  it('with --print writes nothing, and says what would stand where: secrets by their names alone', async () => {
    const before = clone.bytes()
    const { code, outcome, output } = await setUp([...SHOP, '--print'])
    expect([code, outcome.written]).toEqual([0, []])
    expect(outcome.toWrite).toEqual([
      { file: 'wrangler.toml', lines: expect.arrayContaining(['THANK_YOU_URL = "https://example.com/thanks"', 'workers_dev = false']) },
      { file: '.dev.vars', lines: expect.arrayContaining(['STRIPE_SECRET_KEY is set']) },
    ])
    for (const secret of Object.values(KEYS)) expect(output).not.toContain(secret)
    expect(clone.bytes()).toEqual(before)
  })

  it('leaves a wrangler.toml alone that it cannot change safely, and says what to put there', async () => {
    clone.write('wrangler.toml', 'name = "shop"\nvars = { THANK_YOU_URL = "https://example.com/old" }\n')
    const before = clone.bytes()
    const { code, outcome } = await setUp(['--thank-you', 'https://example.com/new'])
    expect([code, outcome.written]).toEqual([1, []])
    expect(outcome.problems.join()).toContain('wrangler.toml is written in a way that cannot be changed safely')
    expect(outcome.toWrite?.[0]).toEqual({ file: 'wrangler.toml', lines: ['THANK_YOU_URL = "https://example.com/new"'] })
    expect(clone.bytes()).toEqual(before)
  })

  it.each([[['--thank-you', 'example.com']], [['--nonsense']], [['--provider', 'paypal']]])(
    'answers wrong flags with JSON, too, and ends with 2: %j',
    async (args) => {
      const { code, outcome } = await setUp(args)
      expect([code, outcome.ok, outcome.written]).toEqual([2, false, []])
      expect(outcome.problems).toHaveLength(1)
    },
  )

  it('does nothing in a folder that is no clone', async () => {
    rmSync(join(clone.folder, 'wrangler.toml'))
    const { code, outcome } = await setUp(SHOP)
    expect([code, outcome.problems]).toEqual([1, [expect.stringContaining('There is no wrangler.toml here')]])
    expect(clone.has('wrangler.toml')).toBe(false)
  })

  it('answers a file that nobody can read with JSON, too', async () => {
    clone.write('wrangler.toml', 'name = \n')
    const { code, outcome } = await setUp(SHOP)
    expect([code, outcome.ok]).toEqual([1, false])
    expect(outcome.problems[0]).toContain('wrangler.toml cannot be read')
  })
})

describe('npm run setup without a terminal', () => {
  it('asks nothing: it tells the flags and ends with 2', async () => {
    const { code, output, complaint } = await run('setup.ts', [], clone.folder, internet.environment)
    expect([code, output]).toEqual([2, ''])
    expect(complaint).toContain('--json')
  })

  it('answers --yes in words, and --help with the flags', async () => {
    const told = await run('setup.ts', ['--yes', ...SHOP], clone.folder, { ...internet.environment, ...KEYS })
    expect([told.code, told.output.split('\n')[0]]).toEqual([0, 'Written: wrangler.toml, .dev.vars.'])
    expect(told.output).toContain('https://pay.example.com/checkout/webhook/stripe')
    for (const secret of Object.values(KEYS)) expect(told.output).not.toContain(secret)
    const help = await run('setup.ts', ['--help'], clone.folder, internet.environment)
    expect([help.code, help.output]).toEqual([0, expect.stringContaining('--thank-you URL')])
  })
})
