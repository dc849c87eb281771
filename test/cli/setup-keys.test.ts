import { beforeEach, describe, expect, it, vi } from 'vitest'
import { checkDataFast } from '../../cli/setup/datafast-check.ts'
import { checkKey } from '../../cli/setup/key-check.ts'
import { keySentence, placeOf } from '../../cli/setup/key-words.ts'
import { WEBSITE_ID } from '../../sandbox/world/datafast.ts'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import type { Fault } from '../../sandbox/world/service.ts'
import { World } from '../../sandbox/world/world.ts'
import { PROVIDERS, type ProviderName } from '../../src/providers/index.ts'
import { settingsFor } from '../../src/settings.ts'

const REFUSED: Fault = { kind: 'answer', status: 401 }
let world = new World()

beforeEach(() => {
  world = new World()
  vi.stubGlobal('fetch', (input: RequestInfo, init?: RequestInit) => world.handle(new Request(input, init)))
})

function check(name: ProviderName, env: Record<string, string> = {}) {
  return checkKey(name, { ...SECRETS, ...env })
}

describe('a key', () => {
  it.each(PROVIDERS)('of $title that is right works, by nothing but reads', async ({ name }) => {
    expect(await check(name)).toMatchObject({ is: 'works' })
    expect(world.calls.length).toBeGreaterThan(0)
    expect(new Set(world.calls.map(({ method }) => method))).toEqual(new Set(['GET']))
  })

  it.each(PROVIDERS.filter(({ name }) => name !== 'dodo' && name !== 'polar'))('of $title that is refused says so', async ({ name }) => {
    world.service(name).fault = REFUSED
    const result = await check(name)
    expect(result).toMatchObject({ is: 'refused', reason: 'key-refused-401' })
    expect(keySentence(result, placeOf(name))).toMatch(/refuses this key \(401\)\. Copy it once more, or make another: .+→.+\.$/)
  })

  it.each([
    ['stripe', 'invoices', 'Invoices: Read', () => world.stripe.forbidden],
    ['stripe', 'refunds', 'Charges and Refunds: Read', () => world.stripe.forbidden],
    ['polar', 'refunds', 'refunds:read', () => world.polar.forbidden],
    ['polar', 'checkouts', 'checkouts:read', () => world.polar.forbidden],
    ['paddle', 'adjustments', 'adjustment.read', () => world.paddle.forbidden],
  ] as const)('of %s that may not read %s lacks “%s”, by name', async (name, what, permission, forbidden) => {
    forbidden().add(what)
    const result = await check(name)
    expect(result).toMatchObject({ is: 'lacks', permissions: [permission] })
    expect(keySentence(result, placeOf(name))).toContain(`It lacks: ${permission}.`)
  })

  it('that may read nothing at all is refused, with all that it would need', async () => {
    for (const what of ['invoices', 'refunds', 'checkout/sessions']) world.stripe.forbidden.add(what)
    const result = await check('stripe')
    expect(result).toMatchObject({ is: 'refused', reason: 'key-refused-403' })
    expect(keySentence(result, placeOf('stripe'))).toContain('Checkout Sessions: Read, Invoices: Read, Charges and Refunds: Read')
  })

  it('of a live and a test pair is told apart: which of the two is refused', async () => {
    world.service('paddle-sandbox').fault = REFUSED
    const result = await check('paddle', { PADDLE_API_KEY: 'pdl_live_apikey_one pdl_sdbx_apikey_two' })
    expect(result).toMatchObject({ is: 'refused', mode: 'test' })
    expect(keySentence(result, placeOf('paddle'))).toContain('refuses the test key')
  })

  it('says what it is for, where it tells', async () => {
    expect(await check('stripe', { STRIPE_SECRET_KEY: 'rk_live_a rk_test_b' })).toEqual({ is: 'works', modes: ['live', 'test'] })
    expect(await check('creem', { CREEM_API_KEY: 'creem_test_a' })).toEqual({ is: 'works', modes: ['test'] })
    expect(await check('lemonsqueezy')).toEqual({ is: 'works', modes: [] })
  })

  it.each([
    ['dodo', 'dodo', 'DODO_PAYMENTS_ENVIRONMENT', 'live_mode', 'test_mode'],
    ['dodo', 'dodo-test', 'DODO_PAYMENTS_ENVIRONMENT', 'test_mode', 'live_mode'],
    ['polar', 'polar', 'POLAR_SERVER', 'production', 'sandbox'],
    ['polar', 'polar-sandbox', 'POLAR_SERVER', 'sandbox', 'production'],
  ] as const)('of %s that %s refuses is tried in the other environment', async (name, host, setting, wrong, right) => {
    world.service(host).fault = REFUSED
    expect(await check(name, { [setting]: wrong })).toEqual({ is: 'elsewhere', setting, value: right })
  })

  it('that no environment takes is refused', async () => {
    world.service('dodo').fault = REFUSED
    world.service('dodo-test').fault = REFUSED
    expect(await check('dodo')).toMatchObject({ is: 'refused' })
  })

  it.each([
    [{ kind: 'reset' }, 'network', /could not be reached/],
    [{ kind: 'answer', status: 503 }, 'http-503', /did not answer the question/],
    [{ kind: 'answer', status: 200, body: '<html>' }, 'garbage', /did not answer the question/],
  ] as [Fault, string, RegExp][])('is not called wrong when nobody can tell: %j', async (fault, reason, said) => {
    world.service('creem').fault = fault
    const result = await check('creem')
    expect(result).toEqual({ is: 'unreachable', reason })
    expect(keySentence(result, placeOf('creem'))).toMatch(said)
  })
})

describe('DataFast’s key', () => {
  function ask(env: Record<string, string>) {
    return checkDataFast(settingsFor({ ...SECRETS, ...env }))
  }

  it('that works tells the website, and by nothing but reads', async () => {
    const { key, website } = await ask({})
    expect(key).toEqual({ is: 'works', modes: [], site: 'example.com' })
    expect(website?.unread).toBe('website-id')
    expect(new Set(world.calls.map(({ method }) => method))).toEqual(new Set(['GET']))
  })

  it('tells with the website’s id what DataFast imports by itself', async () => {
    world.dataFast.connected.add('stripe')
    const { website } = await ask({ DATAFAST_WEBSITE_ID: WEBSITE_ID })
    expect(website?.connected).toEqual(['stripe'])
  })

  it('that DataFast does not know is refused', async () => {
    expect((await ask({ DATAFAST_API_KEY: 'df_other' })).key).toMatchObject({ is: 'refused', reason: 'key-refused-401' })
  })

  it('of an account says which permission it lacks', async () => {
    world.dataFast.keys.add('dft_token')
    world.dataFast.forbidden.add(`admin/websites/${WEBSITE_ID}/integrations`)
    const { key } = await ask({ DATAFAST_API_KEY: 'dft_token', DATAFAST_WEBSITE_ID: WEBSITE_ID })
    expect(key).toEqual({ is: 'lacks', permissions: ['settings:read'] })
  })

  it('of an account that names another website is told by that', async () => {
    world.dataFast.keys.add('dft_token')
    const { key } = await ask({ DATAFAST_API_KEY: 'dft_token', DATAFAST_WEBSITE_ID: 'f'.repeat(24) })
    expect(key).toMatchObject({ is: 'refused', reason: 'website-unknown' })
    expect(keySentence(key, placeOf('datafast'))).toContain('DATAFAST_WEBSITE_ID')
  })
})
