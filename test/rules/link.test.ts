import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attach } from '../../src/link.ts'
import { scriptRules } from '../../src/links.ts'
import { PROVIDERS } from '../../src/providers/index.ts'
import type { Provider } from '../../src/providers/provider.ts'
import { settingsFor } from '../../src/settings.ts'
import { readMarkedVisitor, readVisitorField } from '../../src/visitor.ts'

const VISITOR = '6f1c2a34-9b7d-4e21-8c55-d0e1f2a3b4c5'
const OTHER = '0a9b8c7d-1e2f-4a3b-9c4d-5e6f7a8b9c0d'

/** The fields a provider hands back: of its own, or shared with the seller's ids. */
const OWN = 'metadata[datafast_visitor_id]'
const SHARED = 'client_reference_id'

const withOwn = (link: string) => attach(link, VISITOR, OWN)
/** As Stripe's and Polar's rules have it. */
const FITS = /^[\w-]{0,200}$/
const withShared = (link: string) => attach(link, VISITOR, SHARED, FITS)

describe('a payment link takes a visitor along', () => {
  it('in a field of the visitor’s own, written as the provider’s documentation writes it', () => {
    expect(withOwn('https://creem.io/payment/prod_1')).toBe(`https://creem.io/payment/prod_1?metadata[datafast_visitor_id]=${VISITOR}`)
  })

  it('marked, in a field that sellers use for ids of their own', () => {
    expect(withShared('https://buy.stripe.com/abc')).toBe(`https://buy.stripe.com/abc?client_reference_id=datafast_${VISITOR}`)
  })

  it('behind the seller’s own id, where there is one', () => {
    expect(withShared('https://buy.stripe.com/abc?client_reference_id=user42')).toBe(
      `https://buy.stripe.com/abc?client_reference_id=user42_datafast_${VISITOR}`,
    )
  })

  it('in place of an older visitor, whose link somebody passed on', () => {
    expect(withShared(attach('https://buy.stripe.com/abc?client_reference_id=user42', OTHER, SHARED, FITS))).toBe(
      `https://buy.stripe.com/abc?client_reference_id=user42_datafast_${VISITOR}`,
    )
    expect(withOwn(`https://creem.io/payment/p?metadata%5Bdatafast_visitor_id%5D=${OTHER}`)).toBe(withOwn('https://creem.io/payment/p'))
  })

  it('but not at the price of a seller’s id for which there would be no room: Stripe drops more than 200 characters', () => {
    const room = 200 - `_datafast_${VISITOR}`.length
    const full = `https://buy.stripe.com/abc?client_reference_id=${'x'.repeat(room + 1)}`
    expect(withShared(full)).toBe(full)
    expect(withShared(full.slice(0, -1))).toBe(`${full.slice(0, -1)}_datafast_${VISITOR}`)
  })

  it('in place of an id that Stripe would drop, and the visitor with it', () => {
    expect(withShared('https://buy.stripe.com/abc?client_reference_id=me%40example.com')).toBe(withShared('https://buy.stripe.com/abc'))
    expect(withShared('https://buy.stripe.com/abc?client_reference_id=')).toBe(withShared('https://buy.stripe.com/abc'))
  })

  it('behind any id at Polar, which keeps up to 500 characters', () => {
    const { fits = '' } = PROVIDERS.map(({ link }: Provider) => link).find((link) => link?.parameter === 'reference_id') ?? {}
    const link = attach('https://buy.polar.sh/polar_cl_1?reference_id=me%40example.com', VISITOR, 'reference_id', new RegExp(`^${fits}$`))
    expect(new URL(link).searchParams.get('reference_id')).toBe(`me@example.com_datafast_${VISITOR}`)
  })

  it.each([
    '?quantity=1&redirect_url=https%3A%2F%2Fpay.example.com%2Fcheckout%2Fsuccess%2Fdodo',
    '?redirect_url=https://pay.example.com/a?b=c',
    '?wanted&name=J%C3%BCrgen+B&x=%2B&&y=',
    '?discount_code=A%20B&discount_code=C',
  ])('with every other parameter as it was, to the letter: %s', (query) => {
    const { search } = new URL(withOwn(`https://example.com/buy${query}`))
    expect(search).toBe(`${query}&${OWN}=${VISITOR}`)
  })

  it('with its fragment', () => {
    expect(withOwn('https://example.com/buy?a=1#plans')).toBe(`https://example.com/buy?a=1&${OWN}=${VISITOR}#plans`)
  })

  it('once, however often it is attached', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), fc.uuid(), (link, visitor) => {
        for (const [field, fits] of [
          [OWN, undefined],
          [SHARED, FITS],
        ] as const) {
          const once = attach(link, visitor, field, fits)
          expect(attach(once, visitor, field, fits)).toBe(once)
          expect(new URL(once).searchParams.getAll(field)).toHaveLength(1)
        }
      }),
    )
  })

  it('as the Worker reads it when the order comes back, whatever stood there before', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), fc.uuid(), (theirs, visitor) => {
        const link = `https://example.com/?${new URLSearchParams({ [SHARED]: theirs, [OWN]: theirs })}`
        expect(readMarkedVisitor(new URL(attach(link, visitor, SHARED, FITS)).searchParams.get(SHARED))).toEqual([visitor])
        expect(readVisitorField(new URL(attach(link, visitor, OWN)).searchParams.get(OWN))).toEqual([visitor])
      }),
    )
  })

  it('to the place it leads to, and to no other', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), fc.string(), (link, visitor) => {
        const [before, after] = [new URL(link), new URL(attach(link, visitor, OWN))]
        expect([after.origin, after.pathname, after.hash]).toEqual([before.origin, before.pathname, before.hash])
      }),
    )
  })

  it('without anything from outside of itself: links.js holds this very function', () => {
    const alone = new Function(`return ${attach}`)() as typeof attach
    expect(alone('https://example.com/a?b=c', VISITOR, SHARED, FITS)).toBe(withShared('https://example.com/a?b=c'))
  })
})

describe('whose a link is', () => {
  const links = (LINKS: unknown, more: Record<string, string> = { CREEM_API_KEY: 'creem_linktest' }) => {
    const settings = settingsFor({ LINKS, STRIPE_SECRET_KEY: 'rk_live_linktest', POLAR_ACCESS_TOKEN: 'polar_oat_linktest', ...more })
    return { links: settings.links, problems: settings.problems.filter(({ text }) => text.startsWith('LINKS')) }
  }

  it.each([
    ['stripe', 'https://buy.stripe.com/test_abc'],
    ['stripe', 'https://donate.stripe.com/abc'],
    ['stripe', 'https://book.stripe.com/abc'],
    ['dodo', 'https://checkout.dodopayments.com/buy/pdt_1'],
    ['dodo', 'https://test.checkout.dodopayments.com/buy/pdt_1'],
    ['creem', 'https://creem.io/payment/prod_1'],
    ['creem', 'https://www.creem.io/test/payment/prod_1'],
    ['polar', 'https://buy.polar.sh/polar_cl_1'],
    ['polar', 'https://sandbox-api.polar.sh/v1/checkout-links/polar_cl_1/redirect'],
    ['lemonsqueezy', 'https://store.lemonsqueezy.com/checkout/buy/0f0f'],
    ['gumroad', 'https://seller.gumroad.com/l/abc'],
    ['gumroad', 'https://gumroad.com/l/abc'],
  ])('%s is known by its host: %s', (provider, url) => {
    const { links: found, problems } = links({ pro: url })
    expect(found.get('pro')?.provider?.name).toBe(provider)
    expect(problems.filter(({ serious }) => serious)).toEqual([])
  })

  it.each([
    'https://dashboard.stripe.com/abc',
    'https://buy.stripe.com.example.com/abc',
    'https://notcreem.io/payment/prod_1',
    'https://polar.sh.example.com/',
    'https://gumroad.com.example.com/l/abc',
    'https://example.com/buy.stripe.com/abc',
  ])('and nobody’s at a host that only looks like one: %s', (url) => {
    const { links: found, problems } = links({ pro: url })
    expect(found.get('pro')?.provider).toBeUndefined()
    expect(problems).toMatchObject([{ serious: true, text: expect.stringContaining('LINKS.pro is at no provider’s host') }])
  })

  it('is said where it lies at a domain of the seller’s own', () => {
    const { links: found, problems } = links({ pro: { provider: 'stripe', url: 'https://pay.example.com/b/abc' } })
    expect(found.get('pro')?.provider?.name).toBe('stripe')
    expect(problems).toEqual([])
  })

  it.each([
    ['another provider’s host', { provider: 'polar', url: 'https://buy.stripe.com/abc' }, 'is at the host of Stripe, and not Polar’s'],
    ['no provider’s name', { provider: 'paypal', url: 'https://buy.stripe.com/abc' }, 'names no provider: it is one of stripe,'],
    ['a short link', 'https://l.creem.io/abc', 'is a short link'],
    ['a short link all the same', { provider: 'creem', url: 'https://l.creem.io/abc' }, 'is a short link'],
    ['no address', 'buy.stripe.com/abc', 'must be an absolute https address'],
    ['no secure address', 'http://buy.stripe.com/abc', 'must be an absolute https address'],
    ['an address with a password', 'https://me:secret@buy.stripe.com/abc', 'must be an absolute https address'],
    ['nothing', '', 'is empty'],
    ['a gap', 'https://buy.stripe.com/…', 'still holds a gap'],
    ['another gap', { provider: 'stripe', url: 'https://pay.example.com/<your link>' }, 'still holds a gap'],
    ['no room', `https://buy.stripe.com/abc?client_reference_id=${'x'.repeat(190)}`, 'leaves no room in client_reference_id'],
    ['a number', 7, 'must be an address, or { provider = "…", url = "…" }'],
    ['a provider alone', { provider: 'stripe' }, 'must be an address, or { provider = "…", url = "…" }'],
  ])('a mistake is told by the link’s name: %s', (_, given, text) => {
    const { links: found, problems } = links({ wrong: given, right: 'https://buy.stripe.com/abc' })
    expect(problems).toMatchObject([{ serious: true, text: expect.stringContaining(`LINKS.wrong ${text}`) }])
    expect(found.has('right')).toBe(true)
  })

  it.each(['a/b', 'a b', '..', 'ä', ''])('a name that cannot stand in an address is told: %j', (name) => {
    expect(links({ [name]: 'https://buy.stripe.com/abc' }).problems).toMatchObject([
      { text: expect.stringContaining(`LINKS.${name} cannot stand`) },
    ])
  })

  it('a link whose provider is not switched on works, and is told: its sales would be nobody’s', () => {
    const { links: found, problems } = links({ pro: 'https://creem.io/payment/prod_1' }, {})
    expect(found.has('pro')).toBe(true)
    expect(problems).toEqual([{ serious: false, text: 'LINKS.pro sells through Creem, which is not switched on: set CREEM_API_KEY' }])
  })

  it.each([
    ['stripe', 'https://buy.stripe.com/test_abc', 'https://buy.stripe.com/abc', 'STRIPE_SECRET_KEY', 'rk_test_abc'],
    ['dodo', 'https://test.checkout.dodopayments.com/buy/p', 'https://checkout.dodopayments.com/buy/p', 'DODO_PAYMENTS_API_KEY', undefined],
    ['creem', 'https://www.creem.io/test/payment/prod_1', 'https://www.creem.io/payment/prod_1', 'CREEM_API_KEY', 'creem_test_abc'],
    ['polar', 'https://sandbox-api.polar.sh/v1/checkout-links/1', 'https://buy.polar.sh/polar_cl_1', 'POLAR_ACCESS_TOKEN', undefined],
  ])('a link of %s that is of the other mode than the key is told: its sales would not be found', (_, test, live, setting, testKey) => {
    const live_ = { [setting]: 'rk_live_abc' }
    expect(links({ pro: test }, live_).problems).toEqual([
      { serious: false, text: `LINKS.pro is a link of the test mode, and ${setting} a live key` },
    ])
    expect(links({ pro: live }, live_).problems).toEqual([])
    const testMode = testKey
      ? { [setting]: testKey }
      : { [setting]: 'key', DODO_PAYMENTS_ENVIRONMENT: 'test_mode', POLAR_SERVER: 'sandbox' }
    expect(links({ pro: test }, testMode).problems).toEqual([])
    expect(links({ pro: live }, testMode).problems).toMatchObject([{ serious: false, text: expect.stringContaining('a test key') }])
  })

  it('an id that Stripe drops is told, since a seller expects to find it again', () => {
    expect(links({ pro: 'https://buy.stripe.com/abc?client_reference_id=a%2Fb' }).problems).toEqual([
      { serious: false, text: 'LINKS.pro holds a client_reference_id that Stripe drops: the visitor takes its place' },
    ])
  })

  it('a table that was set as text in the dashboard reads the same', () => {
    expect(links('{"pro":"https://buy.stripe.com/abc"}').links.get('pro')?.provider?.name).toBe('stripe')
    expect(links('not a table').problems).toMatchObject([{ text: 'LINKS must be a table of names' }])
  })
})

describe('what links.js does to which links', () => {
  const matches = (rules: ReturnType<typeof scriptRules>, url: string) => {
    const { host, pathname } = new URL(url)
    return rules.filter(({ address }) => new RegExp(`^${address}`).test(host + pathname)).map(({ parameter }) => parameter)
  }

  it('every provider that has links is known by its own hosts', () => {
    const rules = scriptRules(new Map())
    expect(rules).toHaveLength(PROVIDERS.filter(({ link }: Provider) => link).length)
    expect(matches(rules, 'https://buy.stripe.com/abc')).toEqual(['client_reference_id'])
    expect(matches(rules, 'https://buy.stripe.com.example.com/abc')).toEqual([])
    expect(matches(rules, 'https://example.com/buy.stripe.com/abc')).toEqual([])
  })

  it('of a domain of the seller’s own it is the link alone, for the domain may be that of the whole site', () => {
    const { links } = settingsFor({ LINKS: { app: { provider: 'gumroad', url: 'https://example.com/l/app.2?wanted=true' } } })
    const rules = scriptRules(links)
    expect(matches(rules, 'https://example.com/l/app.2?other=1')).toEqual(['datafast_visitor_id'])
    expect(matches(rules, 'https://example.com/l/app.2/more')).toEqual([])
    expect(matches(rules, 'https://example.com/l/appX2')).toEqual([])
    expect(matches(rules, 'https://example.com/')).toEqual([])
  })

  it('of several at one domain it is each of them, and takes little room', () => {
    const at = (end: string) => ({ provider: 'stripe', url: `https://payments.shop.example.com/b/${end}` })
    const { links } = settingsFor({
      LINKS: { a: at('test_8wM3a'), b: at('test_9xN4b'), c: at('c+d'), other: { provider: 'stripe', url: 'https://buy.example.com/x' } },
    })
    const rules = scriptRules(links)
    for (const end of ['test_8wM3a', 'test_9xN4b', 'c+d']) expect(matches(rules, at(end).url)).toEqual(['client_reference_id'])
    expect(matches(rules, 'https://buy.example.com/x')).toEqual(['client_reference_id'])
    for (const end of ['', 'test_8wM3a/x', 'test_', 'ccd']) expect(matches(rules, at(end).url)).toEqual([])
    expect(rules[0]?.address.split('payments')).toHaveLength(2)
  })
})
