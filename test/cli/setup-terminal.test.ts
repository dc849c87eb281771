import { statSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { parse } from 'smol-toml'
import { describe, expect, it, vi } from 'vitest'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import {
  clone,
  DATAFAST_API_KEY,
  describeNamedShop,
  describeShop,
  expectNoSecretOn,
  giveDataFastKey,
  internet,
  open,
  pressEnterToTheEnd,
  STRIPE_SECRET_KEY,
} from './setup-conversation.ts'
import { NO_NETWORK } from './simulated-internet.ts'
import { KEYS } from './terminal.ts'

const { enter, space, down, interrupt, clear } = KEYS

describe('a conversation with npm run setup', () => {
  it('sets up a shop that sells at Stripe, and ends with what to paste where', async () => {
    const terminal = open()
    await describeShop(terminal)
    await giveDataFastKey(terminal)
    await terminal.shows('Made at: Stripe Dashboard → Developers → API keys → Create restricted key')
    await terminal.answer('Stripe key', STRIPE_SECRET_KEY, enter)
    await terminal.shows('The key works, for live orders.')
    await terminal.answer('Stripe webhook secret', enter)
    await terminal.answer('What counts at Stripe', 'plink_1, plink_2', enter)
    await terminal.answer('A payment link', 'https://buy.stripe.com/abc', enter)
    await terminal.answer('A short name for it', clear, 'pro', enter)
    await terminal.answer('Another payment link', enter)
    await terminal.answer('The Worker’s name at Cloudflare', enter)
    await terminal.shows('STRIPE_SECRET_KEY is set')
    await terminal.answer('Write it down?', 'y')
    await terminal.shows('Written: wrangler.toml, .dev.vars.')
    await terminal.answer('Deploy it now?', 'n')
    const text = await terminal.shows('Status page')
    expect(await terminal.end()).toBe(0)

    expect(text).toContain('npm run setup -- --yes --deploy')
    for (const line of [
      'https://pay.harbour.example/checkout/success/stripe?session_id={CHECKOUT_SESSION_ID}',
      'https://pay.harbour.example/checkout/webhook/stripe',
      '<a href="https://pay.harbour.example/checkout/go/pro">Buy now</a>',
      'data-disable-payments="true"',
    ]) {
      expect(terminal.text()).toContain(line)
    }
    expect(parse(clone.read('wrangler.toml'))).toMatchObject({
      name: 'success-url-harbour-example',
      routes: [{ pattern: 'pay.harbour.example', custom_domain: true }],
      workers_dev: false,
      vars: {
        THANK_YOU_URL: 'https://harbour.example/thanks',
        ONLY: { stripe: ['plink_1', 'plink_2'] },
        LINKS: { pro: 'https://buy.stripe.com/abc' },
      },
    })
    expect(parseEnv(clone.read('.dev.vars'))).toMatchObject({ DATAFAST_API_KEY, STRIPE_SECRET_KEY })
    expect(statSync(join(clone.folder, '.dev.vars')).mode & 0o777).toBe(0o600)
    expectNoSecretOn(terminal)
  })

  it('says what is wrong with a key that is refused, and takes the right one then', async () => {
    const terminal = open()
    await describeShop(terminal)
    await giveDataFastKey(terminal)
    internet.world.service('stripe').fault = { kind: 'answer', status: 401 }
    await terminal.answer('Stripe key', 'rk_live_mistyped', enter)
    await terminal.shows('Stripe refuses this key (401). Copy it once more, or make another: Stripe Dashboard → Developers')
    internet.world.service('stripe').fault = undefined
    await terminal.answer('What now?', enter)
    await terminal.answer('Stripe key', STRIPE_SECRET_KEY, enter)
    await terminal.shows('The key works, for live orders.')
    await pressEnterToTheEnd(terminal)
    await terminal.answer('Write it down?', 'y')
    await terminal.answer('Deploy it now?', 'n')
    expect(await terminal.end()).toBe(0)
    expect(parseEnv(clone.read('.dev.vars'))).toMatchObject({ STRIPE_SECRET_KEY })
    expect(terminal.output).not.toContain('rk_live_mistyped')
  })

  it('names the permission that a key lacks, and asks again once it was added', async () => {
    internet.world.stripe.forbidden.add('invoices')
    const terminal = open()
    await describeShop(terminal)
    await giveDataFastKey(terminal)
    await terminal.answer('Stripe key', STRIPE_SECRET_KEY, enter)
    await terminal.shows('It lacks: Invoices: Read.')
    internet.world.stripe.forbidden.clear()
    await terminal.answer('What now?', down, enter)
    await terminal.shows('The key works, for live orders.')
    terminal.type(interrupt)
    expect(await terminal.end()).toBe(130)
  })

  it('keeps a refused key for whoever insists, and ends with 1: something is to be mended', async () => {
    const terminal = open()
    await describeShop(terminal)
    await giveDataFastKey(terminal)
    internet.world.service('stripe').fault = { kind: 'answer', status: 401 }
    await terminal.answer('Stripe key', STRIPE_SECRET_KEY, enter)
    await terminal.answer('What now?', down, down, enter)
    await pressEnterToTheEnd(terminal)
    await terminal.answer('Write it down?', 'y')
    await terminal.answer('Deploy it now?', enter)
    await terminal.shows('What to paste where, once the above is mended:')
    expect(await terminal.end()).toBe(1)
    expect(parseEnv(clone.read('.dev.vars'))).toMatchObject({ STRIPE_SECRET_KEY })
  })

  it('asks for another page when the one that was given lies under the Worker’s own path', async () => {
    const terminal = open()
    await terminal.answer('Where do you sell?', space, enter)
    await terminal.answer('Which page do buyers land on', 'https://www.harbour.example/checkout/thanks', enter)
    await terminal.answer('Other pages', 'n')
    await terminal.answer('Where should the Worker answer?', down, enter)
    await terminal.answer('On which host?', enter)
    await terminal.answer('To which domain at Cloudflare does it belong?', enter)
    await terminal.shows('buyers would go in circles.')
    await terminal.answer('Another page then', clear, 'https://www.harbour.example/thanks', enter)
    await giveDataFastKey(terminal)
    await terminal.answer('Stripe key', STRIPE_SECRET_KEY, enter)
    await pressEnterToTheEnd(terminal)
    await terminal.answer('Write it down?', 'y')
    await terminal.answer('Deploy it now?', 'n')
    await terminal.shows('set the Worker’s route to fail open')
    expect(await terminal.end()).toBe(0)
    expect(parse(clone.read('wrangler.toml'))).toMatchObject({
      routes: [{ pattern: 'www.harbour.example/checkout/*', zone_name: 'harbour.example' }],
      vars: { THANK_YOU_URL: 'https://www.harbour.example/thanks' },
    })
  })

  it('makes up a secret that is the seller’s own, and asks whose a link is that its host does not tell', async () => {
    const terminal = open(internet.environment, ['--provider', 'gumroad,creem'])
    await describeNamedShop(terminal)
    await giveDataFastKey(terminal)
    await terminal.answer('Creem key', SECRETS.CREEM_API_KEY, enter)
    await terminal.answer('Creem webhook secret', enter)
    await terminal.answer('Gumroad key', SECRETS.GUMROAD_ACCESS_TOKEN, enter)
    await terminal.answer('Gumroad’s webhook needs a secret of your own making', enter)
    await terminal.answer('What counts at Creem', enter)
    await terminal.answer('What counts at Gumroad', 'XCBbJ', enter)
    await terminal.answer('A payment link', 'https://l.creem.io/short', enter)
    await terminal.shows('It is a short link, which loses the visitor: give the long one.')
    terminal.type(`${clear}https://buy.harbour.example/…${enter}`)
    await terminal.shows('It still holds a gap: put the whole address of the payment link in.')
    terminal.type(`${clear}https://buy.harbour.example/boat${enter}`)
    await terminal.answer('A short name for it', clear, 'boat', enter)
    await terminal.answer('Whose link is it?', enter)
    await terminal.answer('Another payment link', enter)
    await terminal.answer('The Worker’s name', enter)
    await terminal.answer('Write it down?', 'y')
    await terminal.answer('Deploy it now?', 'n')
    await terminal.shows('https://pay.harbour.example/checkout/webhook/gumroad/<GUMROAD_PING_SECRET>')
    expect(await terminal.end()).toBe(0)
    expect(parse(clone.read('wrangler.toml'))).toMatchObject({
      vars: { ONLY: { gumroad: ['XCBbJ'] }, LINKS: { boat: { provider: 'creem', url: 'https://buy.harbour.example/boat' } } },
    })
    expect(parseEnv(clone.read('.dev.vars')).GUMROAD_PING_SECRET).toMatch(/^[0-9a-f]{32}$/)
    expectNoSecretOn(terminal)
  })

  it('does not even ask about a key that belongs elsewhere', async () => {
    const terminal = open()
    await describeShop(terminal)
    const before = internet.world.calls.length
    await terminal.answer('DataFast key', 'rk_live_elsewhere', enter)
    await terminal.shows('That is a Stripe key, not what belongs here.')
    expect(internet.world.calls.length).toBe(before)
    expect(terminal.output).not.toContain('rk_live_elsewhere')
  })

  it.each([
    ['The id of the website', 'rk_live_pasted_by_mistake', 'a Stripe key', 'Stripe key'],
    ['What counts at Stripe', 'plink_1, polar_oat_pasted_by_mistake', 'a Polar key', 'A payment link'],
    ['A payment link', 'whsec_pasted_by_mistake', 'the signing secret of a webhook', 'The Worker’s name'],
  ])('clears a secret out of a field that everybody can read, and says what it was: %s', async (question, pasted, what, next) => {
    const answers: Record<string, string> = { 'DataFast key': DATAFAST_API_KEY, 'Stripe key': STRIPE_SECRET_KEY }
    const questions = ['DataFast key', 'The id of the website', 'Stripe key', 'Stripe webhook secret', 'What counts at Stripe']
    const before = questions.slice(0, [...questions, 'A payment link'].indexOf(question))
    const terminal = open()
    await describeShop(terminal)
    for (const earlier of before) await terminal.answer(earlier, answers[earlier] ?? '', enter)
    await terminal.answer(question, pasted, enter)
    await terminal.shows(`That is ${what}, not what belongs here.`)
    await vi.waitUntil(() => !terminal.text().includes('pasted_by_mistake'), { timeout: 10_000 })
    expect(terminal.text()).toContain(`That is ${what}, not what belongs here.`)
    terminal.type(enter)
    await terminal.shows(next)
    expect(terminal.text()).not.toMatch(/pasted_by_mistake|not what belongs here/)
  })

  it('offers the other environment for a key that does not say its own', async () => {
    internet.world.service('dodo').fault = { kind: 'answer', status: 401 }
    const terminal = open(internet.environment, ['--provider', 'dodo'])
    await describeNamedShop(terminal)
    await giveDataFastKey(terminal)
    await terminal.answer('Dodo Payments key', SECRETS.DODO_PAYMENTS_API_KEY, enter)
    await terminal.answer('Set DODO_PAYMENTS_ENVIRONMENT = "test_mode"?', 'y')
    await terminal.shows('it sees test orders alone')
    await terminal.answer('Dodo Payments webhook secret', enter)
    await terminal.answer('What counts at Dodo Payments', enter)
    await terminal.answer('A payment link', enter)
    await terminal.answer('The Worker’s name', enter)
    await terminal.answer('Write it down?', 'y')
    await terminal.answer('Deploy it now?', 'n')
    expect(await terminal.end()).toBe(0)
    expect(parse(clone.read('wrangler.toml'))).toMatchObject({ vars: { DODO_PAYMENTS_ENVIRONMENT: 'test_mode' } })
    expect(terminal.text()).toContain('redirect_url=https%3A%2F%2Fpay.harbour.example%2Fcheckout%2Fsuccess%2Fdodo')
  })

  it('warns of sales that would count twice', async () => {
    internet.world.dataFast.connected.add('stripe')
    const terminal = open()
    await describeShop(terminal)
    await terminal.answer('DataFast key', DATAFAST_API_KEY, enter)
    await terminal.answer('The id of the website at DataFast (optional)', internet.world.dataFast.websiteId, enter)
    await terminal.shows('DataFast imports Stripe by itself already: recorded by both, every sale would count twice.')
  })

  it('without a network says so, and goes on untested when it is told to', async () => {
    const terminal = open(NO_NETWORK)
    await describeShop(terminal)
    await terminal.answer('DataFast key', DATAFAST_API_KEY, enter)
    await terminal.shows('DataFast could not be reached (network): is this machine connected to the internet?')
    await terminal.answer('What now?', down, enter)
    await terminal.answer('The id of the website at DataFast (optional)', enter)
    await terminal.answer('Stripe key', STRIPE_SECRET_KEY, enter)
    await pressEnterToTheEnd(terminal)
    await terminal.answer('Write it down?', 'y')
    await terminal.answer('Deploy it now?', 'n')
    expect(await terminal.end()).toBe(0)
    expect(parseEnv(clone.read('.dev.vars'))).toMatchObject({ DATAFAST_API_KEY, STRIPE_SECRET_KEY })
  })

  it('without a network stops when it is told to, and has written nothing', async () => {
    const before = clone.bytes()
    const terminal = open(NO_NETWORK)
    await describeShop(terminal)
    await terminal.answer('DataFast key', DATAFAST_API_KEY, enter)
    await terminal.answer('What now?', down, down, enter)
    await terminal.shows('Nothing was written: both files are as they were.')
    expect(await terminal.end()).toBe(1)
    expect(clone.bytes()).toEqual(before)
  })

  it('can be had without colour', async () => {
    const coloursOf = async (environment: Record<string, string | undefined>) => {
      const terminal = open({ ...internet.environment, ...environment })
      await terminal.answer('Where do you sell?', interrupt)
      await terminal.end()
      // An escape that begins with one of these digits and ends with m.
      const escapes = terminal.output.split('\x1b[').slice(1)
      return escapes.filter((sequence) => /^[349]\d(;\d+)*m/.test(sequence))
    }
    expect(await coloursOf({ NO_COLOR: undefined })).not.toEqual([])
    expect(await coloursOf({ NO_COLOR: '1' })).toEqual([])
  })
})
