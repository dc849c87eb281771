import { Script } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { PROVIDERS } from '../../src/providers/index.ts'
import { withWorker, worker } from './at-provider.ts'
import { NOT_PAID, OTHER_VISITOR, VISITOR } from './worker.ts'

const SESSION_LINK = 'https://buy.stripe.com/abc?prefilled_promo_code=SPRING&client_reference_id=user42#top'

/** A payment link of each provider, with what stood in it before, and the same with the visitor attached. */
const LINKS: Record<string, { link: unknown; plain: string; attached: string }> = {
  stripe: {
    link: SESSION_LINK,
    plain: SESSION_LINK,
    attached: `https://buy.stripe.com/abc?prefilled_promo_code=SPRING&client_reference_id=user42_datafast_${VISITOR}#top`,
  },
  dodo: {
    link: 'https://checkout.dodopayments.com/buy/pdt_1?quantity=1&redirect_url=https%3A%2F%2Fpay.example.com%2Fcheckout%2Fsuccess%2Fdodo',
    plain: 'https://checkout.dodopayments.com/buy/pdt_1?quantity=1&redirect_url=https%3A%2F%2Fpay.example.com%2Fcheckout%2Fsuccess%2Fdodo',
    attached: `https://checkout.dodopayments.com/buy/pdt_1?quantity=1&redirect_url=https%3A%2F%2Fpay.example.com%2Fcheckout%2Fsuccess%2Fdodo&metadata_datafast_visitor_id=${VISITOR}`,
  },
  creem: {
    link: 'https://creem.io/payment/prod_1?discount_code=A%20B',
    plain: 'https://creem.io/payment/prod_1?discount_code=A%20B',
    attached: `https://creem.io/payment/prod_1?discount_code=A%20B&metadata[datafast_visitor_id]=${VISITOR}`,
  },
  polar: {
    link: 'https://buy.polar.sh/polar_cl_1',
    plain: 'https://buy.polar.sh/polar_cl_1',
    attached: `https://buy.polar.sh/polar_cl_1?reference_id=datafast_${VISITOR}`,
  },
  lemonsqueezy: {
    link: 'https://store.lemonsqueezy.com/checkout/buy/0f0f?media=0',
    plain: 'https://store.lemonsqueezy.com/checkout/buy/0f0f?media=0',
    attached: `https://store.lemonsqueezy.com/checkout/buy/0f0f?media=0&checkout[custom][datafast_visitor_id]=${VISITOR}`,
  },
  gumroad: {
    link: 'https://seller.gumroad.com/l/abc?wanted',
    plain: 'https://seller.gumroad.com/l/abc?wanted',
    attached: `https://seller.gumroad.com/l/abc?wanted&datafast_visitor_id=${VISITOR}`,
  },
  paddle: {
    link: { provider: 'paddle', url: 'https://shop.example.com/buy?price=pri_1' },
    plain: 'https://shop.example.com/buy?price=pri_1',
    // Its page hands the visitor over by itself.
    attached: 'https://shop.example.com/buy?price=pri_1',
  },
}

const OWN_DOMAIN = { provider: 'stripe', url: 'https://pay.shop.example.com/b/abc' }
const byName = Object.fromEntries(Object.entries(LINKS).map(([name, { link }]) => [name, link]))

describe('a Buy button leads to a payment link', { concurrent: true }, () => {
  withWorker({
    vars: {
      LINKS: {
        ...byName,
        own: OWN_DOMAIN,
        full: `https://buy.stripe.com/abc?client_reference_id=${'x'.repeat(190)}`,
        nobody: 'https://shop.example.com/elsewhere',
        loop: 'https://pay.example.com/checkout/go/loop',
      },
    },
  })

  it('of every provider there is', () => {
    expect(Object.keys(LINKS).sort()).toEqual(PROVIDERS.map(({ name }) => name as string).sort())
  })

  it.each(Object.entries(LINKS))(
    '%s: with the visitor attached in that provider’s own way, and everything else as it was',
    async (name, { attached }) => {
      const { status, location } = await worker.visit(`/checkout/go/${name}`, { visitor: VISITOR })
      expect(status).toBe(303)
      expect(location).toBe(attached)
    },
  )

  it.each(Object.entries(LINKS))('%s: as it is, where there is no cookie', async (name, { plain }) => {
    expect((await worker.visit(`/checkout/go/${name}`)).location).toBe(plain)
  })

  it('at a domain of the seller’s own, named in LINKS', async () => {
    const { location } = await worker.visit('/checkout/go/own', { visitor: VISITOR })
    expect(location).toBe(`https://pay.shop.example.com/b/abc?client_reference_id=datafast_${VISITOR}`)
  })

  it('also where nobody knows whose it is: the visitor can buy, and the health page tells that nothing is attached', async () => {
    expect((await worker.visit('/checkout/go/nobody', { visitor: VISITOR })).location).toBe('https://shop.example.com/elsewhere')
    const health = await worker.visit('/checkout/health')
    expect(health.status).toBe(503)
    expect(health.text).toContain('LINKS.nobody is at no provider’s host')
  })

  it('and is kept nowhere on the way, nor found by robots', async () => {
    const { headers } = await worker.visit('/checkout/go/stripe', { visitor: VISITOR })
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-robots-tag')).toBe('noindex')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
  })

  it.each([
    ['malformed', 'datafast_visitor_id=not-a-uuid', undefined],
    ['too long', `datafast_visitor_id=${VISITOR}0`, undefined],
    ['of another name', `xdatafast_visitor_id=${VISITOR}`, undefined],
    ['an injection', 'datafast_visitor_id=%0d%0aset-cookie:x=1', undefined],
    ['quoted', `datafast_visitor_id="${VISITOR}"`, VISITOR],
    ['the second of two, the first being none', `datafast_visitor_id=undefined; datafast_visitor_id=${VISITOR}`, VISITOR],
    ['the first of two', `datafast_visitor_id=${VISITOR}; datafast_visitor_id=${OTHER_VISITOR}`, VISITOR],
    ['among a thousand others', `${'x=1; '.repeat(1000)}datafast_visitor_id=${VISITOR}`, VISITOR],
  ])('whatever the cookie is: %s', async (_, cookie, visitor) => {
    const { location } = await worker.visit('/checkout/go/polar', { headers: { cookie } })
    expect(location).toBe(visitor ? `https://buy.polar.sh/polar_cl_1?reference_id=datafast_${visitor}` : 'https://buy.polar.sh/polar_cl_1')
  })

  it.each([
    '?url=https://evil.example',
    '?provider=gumroad&url=//evil.example',
    '?next=https%3A%2F%2Fevil.example&client_reference_id=evil',
    `?datafast_visitor_id=${OTHER_VISITOR}`,
  ])('and nothing of the request but its name has a say in where: %s', async (query) => {
    expect((await worker.visit(`/checkout/go/polar${query}`)).location).toBe('https://buy.polar.sh/polar_cl_1')
  })

  it.each(['unknown', 'POLAR', '__proto__', 'constructor', 'toString', '%2e%2e', 'https:%2F%2Fevil.example', 'polar%00', '', 'polar/more'])(
    'a name that is not in LINKS leads nowhere: %s',
    async (name) => {
      const { status, location, text } = await worker.visit(`/checkout/go/${name}`, { visitor: VISITOR })
      expect(status).toBe(404)
      expect(location).toBeNull()
      expect(text).not.toContain('evil')
    },
  )

  it('a link back to itself is never followed, and told', async () => {
    expect((await worker.visit('/checkout/go/loop')).status).toBe(404)
    expect((await worker.visit('/checkout/health')).text).toContain('LINKS.loop leads back to this Worker')
  })

  it('HEAD is answered alike; other methods are not', async () => {
    expect((await worker.visit('/checkout/go/stripe', { method: 'HEAD', visitor: VISITOR })).location).toBe(LINKS.stripe?.attached)
    const { status, headers } = await worker.visit('/checkout/go/stripe', { method: 'POST' })
    expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  it('a browser that loads ahead is sent nowhere: what it keeps would be another visitor’s', async () => {
    const { status, location } = await worker.visit('/checkout/go/stripe', { headers: { 'sec-purpose': 'prefetch' } })
    expect([status, location]).toEqual([503, null])
  })

  it('leaves a seller’s own id alone where there is no room for both, and says so in the log', async () => {
    const { location } = await worker.visit('/checkout/go/full', { visitor: VISITOR })
    expect(new URL(location ?? '').searchParams.get('client_reference_id')).toBe('x'.repeat(190))
    expect(worker.logs()).toContain('{"event":"go","reason":"no-room","provider":"stripe"}')
  })

  it('asks nobody, and logs neither the visitor nor the address', async () => {
    await worker.visit('/checkout/go/gumroad', { visitor: VISITOR })
    await worker.visit('/checkout/go/no-such-name')
    expect(worker.world.calls).toEqual([])
    const logs = worker.logs().filter((line) => line.includes('"event":"go"'))
    expect(logs).toContain('{"event":"go","reason":"attached","provider":"gumroad"}')
    expect(logs).toContain('{"event":"go","reason":"unknown-link"}')
    expect(logs.join()).not.toMatch(new RegExp(`${VISITOR}|no-such-name|https:`))
  })
})

describe('the Buy button under another BASE_PATH', () => {
  withWorker({ vars: { BASE_PATH: '/shop/pay', LINKS: { pro: 'https://buy.stripe.com/abc' } } })

  it('lies there', async () => {
    expect((await worker.visit('/shop/pay/go/pro')).location).toBe('https://buy.stripe.com/abc')
    expect((await worker.visit('/checkout/go/pro')).status).toBe(404)
  })
})

describe('links.js', { concurrent: true }, () => {
  withWorker({ vars: { LINKS: { own: OWN_DOMAIN } } })

  it('is a script for pages of other hosts, kept for an hour', async () => {
    const { status, headers } = await worker.visit('/checkout/links.js')
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(headers.get('cache-control')).toBe('public, max-age=3600')
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin')
  })

  it('is the same for every visitor, and sets no cookie', async () => {
    const [one, other] = await Promise.all([worker.visit('/checkout/links.js', { visitor: VISITOR }), worker.visit('/checkout/links.js')])
    expect(one?.text).toBe(other?.text)
    expect(one?.headers.get('set-cookie')).toBeNull()
  })

  it.each(Object.entries(LINKS).filter(([name]) => name !== 'paddle'))(
    'attaches what /go attaches, letter by letter: %s',
    async (_, { plain, attached }) => {
      const page = await openPage(`theme=dark; datafast_visitor_id=${VISITOR}`)
      expect(page.click(plain)).toBe(attached)
    },
  )

  it('knows a link at a domain of the seller’s own that LINKS names, and leaves the rest of that domain alone', async () => {
    const page = await openPage(`datafast_visitor_id=${VISITOR}`)
    expect(page.click(`${OWN_DOMAIN.url}?x=1`)).toBe(`${OWN_DOMAIN.url}?x=1&client_reference_id=datafast_${VISITOR}`)
    expect(page.click('https://pay.shop.example.com/about')).toBe('https://pay.shop.example.com/about')
  })

  it.each([
    ['no cookie', '', 'https://buy.stripe.com/abc'],
    ['a cookie that is none', 'datafast_visitor_id=undefined', 'https://buy.stripe.com/abc'],
    ['another host', `datafast_visitor_id=${VISITOR}`, 'https://dashboard.stripe.com/abc'],
    ['a mail address', `datafast_visitor_id=${VISITOR}`, 'mailto:me@buy.stripe.com'],
  ])('changes nothing with %s', async (_, cookie, link) => {
    expect((await openPage(cookie)).click(link)).toBe(link)
  })
})

describe('links.js of a shop with a link at every provider’s host, and one at a domain of its own', () => {
  withWorker({ vars: { LINKS: { ...byName, own: OWN_DOMAIN } } })

  it('is at most one KiB', async () => {
    expect(new TextEncoder().encode((await worker.visit('/checkout/links.js')).text).length).toBeLessThanOrEqual(1024)
  })
})

describe('where a link’s provider has no key', () => {
  withWorker({
    secrets: { DATAFAST_API_KEY: 'df_test', STRIPE_SECRET_KEY: 'rk_live_test' },
    vars: { LINKS: { pro: 'https://creem.io/payment/prod_1' }, NOT_PAID_URL: NOT_PAID },
  })

  it('the visitor is sent there all the same, and the health page says what is missing', async () => {
    expect((await worker.visit('/checkout/go/pro', { visitor: VISITOR })).location).toContain(VISITOR)
    const { status, text } = await worker.visit('/checkout/health')
    expect(status).toBe(200)
    expect(text).toContain('LINKS.pro sells through Creem, which is not switched on: set CREEM_API_KEY')
  })
})

/** A page with the script, as far as the script needs one; the browser suite has a real one. */
async function openPage(cookie: string) {
  const { text } = await worker.visit('/checkout/links.js')
  const listeners: ((event: unknown) => void)[] = []
  new Script(text).runInNewContext({
    document: { cookie },
    URL,
    URLSearchParams,
    addEventListener: (type: string, listener: (event: unknown) => void) => type === 'click' && listeners.push(listener),
  })
  return {
    /** Where a link leads that is clicked. */
    click(href: string): string {
      const { hostname, host, pathname } = new URL(href)
      const link = { href, hostname, host, pathname }
      for (const listener of listeners) listener({ composedPath: () => [{}, link, {}] })
      return link.href
    },
  }
}
