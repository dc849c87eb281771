import { parseEnv } from 'node:util'
import { parse } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import {
  clone,
  DATAFAST_API_KEY,
  describeShop,
  expectNoSecretOn,
  giveDataFastKey,
  internet,
  open,
  pressEnterToTheEnd,
  STRIPE_SECRET_KEY,
  setUpShop,
  writeItDown,
} from './setup-conversation.ts'
import { SHOP, setUp } from './setup-unattended.ts'
import { KEYS, type Terminal } from './terminal.ts'

const { enter, space, down, interrupt, clear } = KEYS
/** Up to the keys, of a shop that is set up. */
const ABOUT_THE_SHOP = [
  'What is to be done?',
  'Where do you sell?',
  'Which page do buyers land on',
  'Other pages',
  'Where should the Worker answer?',
  'Which host?',
]
/** From there to the end. */
const ABOUT_THE_REST = [
  'DataFast key',
  'The id of the website',
  'Stripe key',
  'Stripe webhook secret',
  'What counts at Stripe',
  'A payment link',
  'The Worker’s name',
]

describe('Ctrl-C', () => {
  it.each([
    ['at the first question', async (terminal: Terminal) => terminal.answer('Where do you sell?', interrupt)],
    [
      'while a key is tested',
      async (terminal: Terminal) => {
        await describeShop(terminal)
        internet.world.service('datafast').fault = { kind: 'hang' }
        await terminal.answer('DataFast key', DATAFAST_API_KEY, enter)
        await terminal.answer('Asking DataFast…', interrupt)
      },
    ],
    [
      'at the last question, with every key given',
      async (terminal: Terminal) => {
        await describeShop(terminal)
        await giveDataFastKey(terminal)
        await terminal.answer('Stripe key', STRIPE_SECRET_KEY, enter)
        await pressEnterToTheEnd(terminal)
        await terminal.answer('Write it down?', interrupt)
      },
    ],
  ])('%s ends with 130 and leaves every file as it was', async (_, until) => {
    const before = clone.bytes()
    const terminal = open()
    await until(terminal)
    await terminal.shows('Stopped. Nothing was written: both files are as they were.')
    expect(await terminal.end()).toBe(130)
    expect(clone.bytes()).toEqual(before)
  })

  it('after the files were written says that they are', async () => {
    const terminal = open()
    await writeItDown(terminal)
    await terminal.answer('Deploy it now?', interrupt)
    await terminal.shows('Both files are written; the Worker was not deployed.')
    expect(await terminal.end()).toBe(130)
    expect(clone.has('.dev.vars')).toBe(true)
  })
})

describe('npm run setup once more', () => {
  it('shows what is set by its prefix, tests it again, and with Enter all the way changes not a byte', async () => {
    await setUpShop()
    const before = clone.bytes()
    const terminal = open()
    await terminal.shows('This is set up already.')
    for (const question of ABOUT_THE_SHOP) {
      await terminal.answer(question, enter)
    }
    await terminal.answer('DataFast key (set (df_…); Enter keeps it)', enter)
    await terminal.shows('The key works, for example.com.')
    await terminal.answer('The id of the website at DataFast (optional)', enter)
    await terminal.answer('Stripe key (set (rk_live_…); Enter keeps it)', enter)
    await terminal.shows('The key works, for live orders.')
    await pressEnterToTheEnd(terminal)
    await terminal.shows('Nothing to write: both files are as you want them.')
    await terminal.answer('Deploy it now?', enter)
    expect(await terminal.end()).toBe(0)
    expect(clone.bytes()).toEqual(before)
    expectNoSecretOn(terminal)
  })

  it('asks before a key of the environment replaces the one that is stored, and keeps that one with Enter', async () => {
    await setUpShop()
    const before = clone.bytes()
    const terminal = open({ ...internet.environment, STRIPE_SECRET_KEY: 'rk_live_of_another_project' })
    await terminal.answer('STRIPE_SECRET_KEY of the environment is another than the one in .dev.vars. Replace that?', enter)
    await terminal.answer('What is to be done?', down, down, down, down, enter)
    await terminal.shows('Nothing to write: both files are as you want them.')
    await terminal.answer('Deploy it now?', enter)
    expect(await terminal.end()).toBe(0)
    expect(clone.bytes()).toEqual(before)
  })

  it('takes the key of the environment when that is said', async () => {
    await setUpShop()
    const terminal = open({ ...internet.environment, STRIPE_SECRET_KEY: 'rk_live_the_new_one' })
    await terminal.answer('STRIPE_SECRET_KEY of the environment is another', 'y')
    await terminal.answer('What is to be done?', down, down, down, down, enter)
    await terminal.shows('STRIPE_SECRET_KEY is set')
    await terminal.answer('Write it down?', 'y')
    await terminal.answer('Deploy it now?', 'n')
    expect(await terminal.end()).toBe(0)
    expect(parseEnv(clone.read('.dev.vars'))).toMatchObject({ STRIPE_SECRET_KEY: 'rk_live_the_new_one' })
    expect(terminal.output).not.toContain('the_new_one')
  })

  it('names first what is wrong, and takes the webhook’s secret that was not there the first time', async () => {
    await setUpShop()
    clone.write('wrangler.toml', clone.read('wrangler.toml').replace('# REVENUE = "gross"', 'REVENUE = "some"'))
    const terminal = open()
    await terminal.shows('To be mended:')
    await terminal.shows('- REVENUE must be one of: gross, net.')
    for (const question of ABOUT_THE_SHOP) {
      await terminal.answer(question, enter)
    }
    await terminal.answer('DataFast key', enter)
    await terminal.answer('The id of the website', enter)
    await terminal.answer('Stripe key', enter)
    await terminal.answer('Stripe webhook secret', 'whsec_testsecret', enter)
    await terminal.answer('What counts at Stripe', enter)
    await terminal.answer('A payment link', enter)
    await terminal.answer('The Worker’s name', enter)
    await terminal.shows('.dev.vars')
    await terminal.shows('STRIPE_WEBHOOK_SECRET is set')
    await terminal.answer('Write it down?', 'y')
    await terminal.answer('Deploy it now?', 'n')
    expect(await terminal.end()).toBe(1)
    expect(parseEnv(clone.read('.dev.vars'))).toMatchObject({ STRIPE_WEBHOOK_SECRET: 'whsec_testsecret' })
    expect(terminal.output).not.toContain('whsec_testsecret')
  })

  it('asks for nothing but the webhooks’ secrets when that is what somebody came back for', async () => {
    await setUpShop()
    const terminal = open()
    await terminal.answer('What is to be done?', down, enter)
    await terminal.answer('Stripe webhook secret', 'whsec_testsecret', enter)
    await terminal.shows('STRIPE_WEBHOOK_SECRET is set')
    await terminal.answer('Write it down?', 'y')
    await terminal.answer('Deploy it now?', 'n')
    await terminal.shows('Its secret is set (STRIPE_WEBHOOK_SECRET).')
    expect(await terminal.end()).toBe(0)
    expect(parseEnv(clone.read('.dev.vars'))).toMatchObject({ STRIPE_WEBHOOK_SECRET: 'whsec_testsecret' })
    expectNoSecretOn(terminal)
  })

  it('keeps, adds and removes payment links', async () => {
    await setUpShop()
    const links = 'LINKS = { pro = "https://buy.stripe.com/a", old = "https://buy.stripe.com/b" }'
    clone.write('wrangler.toml', clone.read('wrangler.toml').replace(/^# LINKS = .*\}/m, links))
    const terminal = open()
    await terminal.answer('What is to be done?', down, down, down, enter)
    await terminal.answer('What counts at Stripe', enter)
    await terminal.answer('Payment links: which are to stay?', down, space, enter)
    await terminal.answer('Another payment link', 'https://buy.stripe.com/c', enter)
    await terminal.answer('A short name for it', enter)
    await terminal.answer('Another payment link', enter)
    await terminal.answer('Write it down?', 'y')
    await terminal.answer('Deploy it now?', 'n')
    expect(await terminal.end()).toBe(0)
    expect(parse(clone.read('wrangler.toml'))).toMatchObject({
      vars: { LINKS: { pro: 'https://buy.stripe.com/a', buy: 'https://buy.stripe.com/c' } },
    })
    expect(clone.read('wrangler.toml')).not.toContain('old =')
  })

  it('warns of a payment link of the test mode beside a live key', async () => {
    await setUp(SHOP)
    const terminal = open()
    await terminal.answer('What is to be done?', down, down, down, enter)
    await terminal.answer('What counts at Stripe', enter)
    await terminal.answer('A payment link', 'https://buy.stripe.com/test_abc', enter)
    await terminal.answer('A short name for it', enter)
    await terminal.answer('Another payment link', enter)
    await terminal.shows('LINKS.buy is a link of the test mode, and STRIPE_SECRET_KEY a live key.')
    await terminal.answer('Write it down?', interrupt)
    expect(await terminal.end()).toBe(130)
  })

  it('completes a Dodo link that would not bring its buyers back', async () => {
    await setUp([...SHOP, '--offline'], { DATAFAST_API_KEY, DODO_PAYMENTS_API_KEY: SECRETS.DODO_PAYMENTS_API_KEY })
    const link = 'https://checkout.dodopayments.com/buy/pdt_1?quantity=1'
    const back = 'redirect_url=https%3A%2F%2Fpay.example.com%2Fcheckout%2Fsuccess%2Fdodo'
    const terminal = open()
    await terminal.answer('What is to be done?', down, down, down, enter)
    await terminal.answer('What counts at Dodo Payments', enter)
    await terminal.shows('A Dodo Payments link says itself where its buyers go. They come back here when it holds this:')
    await terminal.shows(back)
    await terminal.answer('A payment link', link, enter)
    await terminal.answer('A short name for it', enter)
    await terminal.shows('LINKS.buy does not bring its buyers back here')
    await terminal.answer('Put that link into LINKS?', enter)
    await terminal.answer('Another payment link', enter)
    await terminal.answer('Write it down?', 'y')
    await terminal.answer('Deploy it now?', 'n')
    await terminal.shows('The link in LINKS is the one to carry it: buy.')
    expect(await terminal.end()).toBe(0)
    expect(parse(clone.read('wrangler.toml'))).toMatchObject({ vars: { LINKS: { buy: `${link}&${back}` } } })
  })

  it('switches a provider off only when that is said twice', async () => {
    await setUpShop()
    const terminal = open()
    await terminal.answer('What is to be done?', enter)
    await terminal.answer('Where do you sell?', space, down, down, space, enter)
    await terminal.answer('Switch Stripe off? Its key is then taken out of .dev.vars.', 'y')
    for (const question of ABOUT_THE_SHOP.slice(2)) await terminal.answer(question, enter)
    await terminal.answer('DataFast key', enter)
    await terminal.answer('The id of the website', enter)
    await terminal.answer('Creem key', 'creem_testkey', enter)
    for (const question of ['Creem webhook secret', 'What counts at Creem', 'A payment link', 'The Worker’s name'])
      await terminal.answer(question, enter)
    await terminal.shows('npx wrangler secret delete STRIPE_SECRET_KEY')
    await terminal.shows('STRIPE_SECRET_KEY is emptied')
    await terminal.answer('Write it down?', 'y')
    await terminal.answer('Deploy it now?', 'n')
    expect(await terminal.end()).toBe(0)
    expect(parseEnv(clone.read('.dev.vars'))).toMatchObject({ STRIPE_SECRET_KEY: '', CREEM_API_KEY: 'creem_testkey' })
  })

  it('takes back what is answered with no, and leaves its line in the file, commented out', async () => {
    await setUpShop()
    clone.write('wrangler.toml', clone.read('wrangler.toml').replace('# PENDING_URL', 'PENDING_URL'))
    const terminal = open()
    for (const question of ABOUT_THE_SHOP.slice(0, 3)) await terminal.answer(question, enter)
    await terminal.answer('Other pages', 'n')
    for (const question of [...ABOUT_THE_SHOP.slice(4), ...ABOUT_THE_REST]) await terminal.answer(question, enter)
    await terminal.shows('PENDING_URL is commented out')
    await terminal.answer('Write it down?', 'y')
    await terminal.answer('Deploy it now?', 'n')
    expect(await terminal.end()).toBe(0)
    expect(clone.read('wrangler.toml')).toContain(
      '\n# PENDING_URL = "https://example.com/almost-there"        # default: the thank-you page\n',
    )
  })

  it('asks twice before a shop is renamed', async () => {
    await setUpShop()
    const before = clone.bytes()
    const terminal = open()
    for (const question of ABOUT_THE_SHOP) {
      await terminal.answer(question, enter)
    }
    for (const question of ABOUT_THE_REST.slice(0, -1)) {
      await terminal.answer(question, enter)
    }
    await terminal.answer('The Worker’s name', clear, 'another', enter)
    await terminal.answer('Rename it?', enter)
    await terminal.answer('Deploy it now?', enter)
    expect(await terminal.end()).toBe(0)
    expect(clone.bytes()).toEqual(before)
  })
})
