import { describe, expect, it } from 'vitest'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import type { Overview } from '../../src/books/overview.ts'
import { settingsFor } from '../../src/settings.ts'
import { checksOf } from '../../src/status/checks.ts'
import type { Check } from '../../src/status/report.ts'
import { DAY, HOUR, MINUTE, START } from './order.ts'
import { movementOf, overviewOf, providerOf, websiteOf } from './overview-fixture.ts'

const BOUND = { RECORDED: {}, ORDERS: {}, LEDGER: {}, LIMITER: {} }
const ALL_SET = { ...SECRETS, ...BOUND, THANK_YOU_URL: 'https://example.com/thanks', PUBLIC_URL: 'https://pay.example.com' }
const HERE = new URL('https://pay.example.com/checkout/status')

function checks(changes: Partial<Overview> = {}, settings: Record<string, unknown> = {}): Check[] {
  return checksOf(settingsFor({ ...ALL_SET, ...settings } as never), overviewOf(changes), HERE, START)
}

function check(id: string, changes: Partial<Overview> = {}, settings: Record<string, unknown> = {}): Check {
  const found = checks(changes, settings).find((one) => one.id === id)
  if (!found) throw new Error(`no check ${id}`)
  return found
}

describe('the checks', () => {
  it('are all green in a shop in which nothing is wrong, and then say nothing of what to do', () => {
    expect(checks().filter(({ state, fix }) => state !== 'green' || fix)).toEqual([])
  })

  it('are never empty: each says what it is about, what it found, and what to do when that is not good', () => {
    const wrong = overviewOf({
      providers: [providerOf({ webhook: { isExpected: false }, mode: 'test' })],
      website: undefined,
      cookieSeenAt: 0,
      movements: [],
      wokenAt: undefined,
    })
    for (const { id, title, state, text, fix } of checks(wrong)) {
      expect.soft(`${title} ${text}`, id).toMatch(/^\S.+\.$/)
      expect.soft(!!fix, id).toBe(state !== 'green')
    }
  })
})

describe('this host and the visitor cookie', () => {
  it.each([
    ['pay.example.com', 'example.com', 'green'],
    ['pay.example.com', 'https://example.com', 'green'],
    ['pay.example.com', 'Example.COM', 'green'],
    ['example.com', 'example.com', 'green'],
    ['pay.shop.example.co.uk', 'shop.example.co.uk', 'green'],
    ['pay.example.com', 'www.example.com', 'red'],
    ['example.com', 'www.example.com', 'red'],
    ['pay.example.com', 'example.org', 'red'],
    ['pay.notexample.com', 'example.com', 'red'],
    ['shop.workers.dev', 'shop.workers.dev', 'red'],
  ])('%s, for a site at %s: %s', (host, domain, state) => {
    expect(check('cookie-host', { website: websiteOf({ domain }) }, { PUBLIC_URL: `https://${host}` })).toMatchObject({ state })
  })

  it('tells a cookie that is set too narrowly from a host elsewhere, even one that ends alike', () => {
    const fixFor = (host: string, domain: string) =>
      check('cookie-host', { website: websiteOf({ domain }) }, { PUBLIC_URL: `https://${host}` }).fix
    expect(fixFor('pay.example.com', 'www.example.com')).toBe('Set data-domain="example.com" on DataFast’s script tag.')
    expect(fixFor('pay.example.org', 'www.example.com')).toContain('Give the Worker a host under example.com')
    expect(fixFor('pay.notexample.com', 'example.com')).toContain('Give the Worker a host under example.com')
  })

  it.each(['shop.workers.dev', 'pay.example.org'])('%s need not see it where most payment links carry the visitor', (host) => {
    const at = { PUBLIC_URL: `https://${host}` }
    const carried = movementOf({ cookie: false, visitorSeen: true })
    expect(check('cookie-host', { movements: [movementOf({ cookie: false, visitorSeen: false }), carried, carried] }, at)).toMatchObject({
      state: 'green',
      text: expect.stringContaining('Payment links carry the visitor instead.'),
    })
    expect(check('cookie-host', { movements: [movementOf({ cookie: false, visitorSeen: false }), carried] }, at)).toMatchObject({
      state: 'red',
      fix: expect.stringContaining('links.js'),
    })
  })

  it('is yellow as long as DataFast did not tell the domain', () => {
    expect(check('cookie-host', { website: undefined })).toMatchObject({ state: 'yellow' })
    expect(check('cookie-host', { website: websiteOf({ domain: undefined }) })).toMatchObject({ state: 'yellow' })
  })
})

describe('visitor cookies', () => {
  const buyers = (count: number, at: number) => Array.from({ length: count }, () => movementOf({ at, cookie: false, visitorSeen: false }))

  it.each([
    ['within the last day', START - DAY + 1, 'green', 'One came within the last day.'],
    ['longer ago', START - DAY, 'green', 'The last one came on 2026-11-21.'],
    ['never', 0, 'red', 'None of the last 4 buyers brought one.'],
  ])('the last one came %s', (_, cookieSeenAt, state, text) => {
    expect(check('cookie-seen', { cookieSeenAt, movements: buyers(4, START - MINUTE) })).toMatchObject({ state, text })
  })

  it('are yellow when the last five buyers came without', () => {
    const of = (count: number) => check('cookie-seen', { cookieSeenAt: START - HOUR, movements: buyers(count, START - MINUTE) })
    expect(of(4)).toMatchObject({ state: 'green' })
    expect(of(5)).toMatchObject({ state: 'yellow', text: 'None of the last 5 buyers brought one.' })
  })

  it('are not missed by buyers whose payment link carried the visitor', () => {
    const carried = Array.from({ length: 6 }, () => movementOf({ at: START - MINUTE, cookie: false, visitorSeen: true }))
    expect(check('cookie-seen', { cookieSeenAt: 0, movements: carried })).toMatchObject({ state: 'green' })
    expect(check('cookie-seen', { cookieSeenAt: START - HOUR, movements: carried })).toMatchObject({ state: 'green' })
    expect(check('cookie-seen', { cookieSeenAt: 0, movements: [...carried, ...buyers(2, START - MINUTE)] })).toMatchObject({
      state: 'red',
      text: 'None of the last 2 buyers brought one.',
    })
  })

  it('are no matter of renewals, refunds, or buyers who never came back', () => {
    const others = [
      ...(['renewal', 'refund'] as const).map((kind) => movementOf({ kind, cookie: false })),
      movementOf({ doors: ['webhook', 'sweep'], cookie: false }),
    ]
    expect(check('cookie-seen', { cookieSeenAt: 0, movements: others })).toMatchObject({
      state: 'yellow',
      text: 'No buyer has come back yet.',
    })
  })
})

describe('a webhook', () => {
  const verifiedAt = START - HOUR
  it.each([
    ['yellow', 'There is none: the sweep finds what nobody tells, every 15 minutes.', { isExpected: false }, undefined],
    ['yellow', 'Nothing has come yet.', { isExpected: true }, undefined],
    ['green', 'Deliveries arrive and verify; the last one on 2026-11-22.', { isExpected: true, verifiedAt }, undefined],
    ['red', 'Deliveries are refused (signature-wrong).', { isExpected: true, refusedAt: START, refusal: 'signature-wrong' }, undefined],
    ['red', expect.any(String), { isExpected: true, verifiedAt: START - DAY, refusedAt: START, refusal: 'signature-wrong' }, undefined],
    // Anybody can send what is not signed: what verified within the day is the provider's.
    ['yellow', expect.any(String), { isExpected: true, verifiedAt, refusedAt: START, refusal: 'signature-wrong' }, undefined],
    ['green', expect.any(String), { isExpected: true, verifiedAt, refusedAt: verifiedAt - 1, refusal: 'signature-wrong' }, undefined],
    ['red', 'It is silent, while the sweep finds sales.', { isExpected: true, verifiedAt }, START - 40 * MINUTE],
  ])('is %s: %s', (state, text, webhook, silentSince) => {
    expect(check('webhook-stripe', { providers: [providerOf({ webhook, silentSince })] })).toMatchObject({ state, text })
  })
})

describe('a key', () => {
  const lists = (result: string) => [
    { list: 'sessions', mode: 'live' as const, permission: 'Checkout Sessions: read', result: 'ok', checkedAt: START },
    { list: 'refunds', mode: 'live' as const, permission: 'Refunds: read', result, checkedAt: START },
  ]
  it.each([
    ['ok', 'green', 'It works, for live orders.'],
    ['not-read-yet', 'yellow', 'Not tried yet.'],
    ['http-503', 'yellow', 'Stripe could not list refunds (http-503).'],
    ['key-refused-403', 'red', 'Stripe refuses to list refunds.'],
  ])('whose lists are %s is %s', (result, state, text) => {
    expect(check('key-stripe', { providers: [providerOf({ lists: lists(result) })] })).toMatchObject({ state, text })
  })

  it.each([
    ['live', 'skip', 'green', 'It works, for live orders.'],
    ['unknown', 'skip', 'green', 'It works.'],
    ['test', 'skip', 'yellow', 'It works, for test orders: they are verified and left out.'],
    ['test', 'record', 'yellow', 'It works, for test orders.'],
  ] as const)('of mode %s with TEST_PAYMENTS = "%s" is %s', (mode, TEST_PAYMENTS, state, text) => {
    expect(check('key-stripe', { providers: [providerOf({ mode })] }, { TEST_PAYMENTS })).toMatchObject({ state, text })
  })
})

describe('the sweep', () => {
  it.each([
    ['has just been set up', undefined, MINUTE, 'yellow', 'It has not run yet.'],
    ['should have run by now', undefined, 46 * MINUTE, 'red', 'It has not run yet.'],
    ['ran', START - 45 * MINUTE, DAY, 'green', 'It last ran at 11:15 UTC.'],
    ['stopped running', START - 46 * MINUTE, DAY, 'red', 'It last ran on 2026-11-22, 11:14 UTC.'],
  ])('that %s', (_, wokenAt, ageMs, state, text) => {
    const provider = providerOf({ startedAt: START - ageMs })
    expect(check('sweep', { wokenAt, providers: [provider] })).toMatchObject({ state, text })
  })

  it('that is started and reads nothing is red', () => {
    const lists = [{ list: 'invoices', mode: 'live' as const, permission: 'Invoices: read', result: 'ok', checkedAt: START - 3 * HOUR }]
    expect(check('sweep', { wokenAt: START, providers: [providerOf({ lists })] })).toMatchObject({ state: 'red' })
  })

  it('of a shop without any provider is not called overdue', () => {
    expect(check('sweep', { wokenAt: START, providers: [] })).toMatchObject({ state: 'green' })
    expect(check('sweep', { wokenAt: undefined, providers: [] })).toMatchObject({ state: 'yellow' })
  })
})

describe('double counting', () => {
  it.each([
    ['nothing connected', {}, [], {}, 'green'],
    ['another provider connected', { connected: ['shopify'] }, [], {}, 'green'],
    ['connected, and parked', { connected: ['stripe'] }, ['stripe'], {}, 'red'],
    ['connected, and ignored', { connected: ['stripe'] }, [], { NATIVE_INTEGRATION: 'ignore' }, 'yellow'],
    ['not known whether', { unread: 'website-id' }, [], {}, 'yellow'],
    ['not told', { unread: 'key-refused-403' }, [], {}, 'yellow'],
    ['not asked', undefined, [], {}, 'yellow'],
  ])('%s: %s', (_, changes, imported, settings, state) => {
    const website = changes && websiteOf(changes)
    expect(check('native-integration', { website, imported: [...imported] }, settings)).toMatchObject({ state })
  })
})

describe('DataFast’s script on the thank-you page', () => {
  it.each([
    ['nothing connected', {}, 'green'],
    ['a provider connected whose ids it reads', { connected: ['stripe'] }, 'yellow'],
    ['a provider connected whose ids it does not read', { connected: ['paddle'] }, 'green'],
    ['not known what is connected', { unread: 'website-id' }, 'yellow'],
  ])('%s', (_, changes, state) => {
    expect(check('disable-payments', { website: websiteOf(changes) })).toMatchObject({ state })
  })
})
