import { describe, expect, it } from 'vitest'
import { withWorker, worker } from '../bundle/at-provider.ts'
import { NOT_PAID, PENDING, sessionId, THANK_YOU, VISITOR } from '../bundle/worker.ts'
import { some } from './form.ts'
import { ADDRESSES, BREAKS, HOSTILE, INHERITED, OUTCOMES, strangersAmong } from './hostile.ts'
import { ask, headerOf } from './wire.ts'

const PRO = 'https://shop.example.com/welcome-pro'
const LINK = 'https://buy.stripe.com/8x2aEW'
const PAGES = [THANK_YOU, PENDING, NOT_PAID, PRO]

withWorker({ vars: { PENDING_URL: PENDING, NOT_PAID_URL: NOT_PAID, THANK_YOU_PAGES: { pro: PRO }, LINKS: { pro: LINK } } })

/** A paid order's success URL, so that nothing is refused before it comes to redirecting. */
function paid(fields: Record<string, unknown> = {}): string {
  const id = sessionId()
  worker.world.stripe.sell(id, fields)
  return `/checkout/success/stripe?session_id=${id}`
}

const PARAMETERS = [
  ...['page', 'next', 'url', 'uri', 'redirect', 'redirect_url', 'redirect_uri', 'redirect_to', 'return', 'return_to', 'return_url'],
  ...['success_url', 'cancel_url', 'continue', 'dest', 'destination', 'target', 'goto', 'to', 'out', 'callback', 'r', 'u'],
  ...['THANK_YOU_URL', 'PENDING_URL', 'outcome', 'transaction_id', 'location', 'Location', 'host', 'provider', 'link'],
]

/** What is tried first wherever there is a parameter to lead somewhere. */
const WELL_KNOWN = ['https://evil.example/', '//evil.example']

describe('Nobody is led astray by a parameter', () => {
  it.each(PARAMETERS.map((name, place) => [name, place] as const))('%s', async (name, place) => {
    const visited = paid()
    for (const value of [...WELL_KNOWN, ...some(HOSTILE, place, 1)]) {
      const query = `${encodeURIComponent(name)}=${encodeURIComponent(value)}`
      const { location, outcome, headers } = await worker.visit(`${visited}&${query}`)
      expect([location, ['paid', 'repeat'].includes(outcome ?? '')], value).toEqual([THANK_YOU, true])
      expect(strangersAmong(headers)).toEqual([])
      const invalid = await worker.visit(`/checkout/success/stripe?${query}`)
      expect(invalid.location, value).toBe(PENDING)
    }
  })

  it('that stands in the address as it is, undecoded, or as often as one likes', async () => {
    const visited = paid()
    for (const query of ['page=//evil.example', 'page=https://evil.example', 'page=pro&page=//evil.example', 'page[]=//evil.example']) {
      const answer = await ask(worker, `GET ${visited}&${query}`)
      expect(PAGES).toContain(headerOf(answer, 'location'))
    }
  })

  it('page: not even by the name of a setting, or of what every object has', async () => {
    const visited = paid()
    for (const name of [...INHERITED, 'THANK_YOU_PAGES.pro', 'PENDING_URL', 'NOT_PAID_URL', 'pro/..', 'PRO', ' pro']) {
      expect((await worker.visit(`${visited}&page=${encodeURIComponent(name)}`)).location).toBe(THANK_YOU)
    }
    expect((await worker.visit(`${visited}&page=pro`)).location).toBe(PRO)
  })
})

describe('Nobody is led astray by a header', () => {
  it.each([
    ...['X-Forwarded-Host', 'X-Forwarded-Server', 'X-Forwarded-Proto', 'X-Forwarded-Prefix', 'X-Forwarded-Path', 'Forwarded', 'X-Host'],
    ...['X-HTTP-Host-Override', 'X-Original-Host', 'X-Original-URL', 'X-Rewrite-URL', 'X-Override-URL', 'X-Real-IP', 'Via'],
    ...['Referer', 'Origin', 'Location', 'Refresh', 'Content-Location', 'Destination', 'Base-URL', 'Proxy-Host', 'CF-Worker'],
  ])('%s', async (name) => {
    const visited = paid()
    for (const value of some(['evil.example', 'https://evil.example/', '/checkout/health', 'host=evil.example;proto=http'], 0, 2)) {
      const answer = await ask(worker, `GET ${visited}`, [`${name}: ${value}`])
      expect([answer?.status, headerOf(answer, 'location')]).toEqual([303, THANK_YOU])
      const link = await ask(worker, 'GET /checkout/go/pro', [`${name}: ${value}`])
      expect(headerOf(link, 'location')).toBe(LINK)
    }
  })

  it.each(['evil.example', 'pay.example.com.evil.example', 'pay.example.com:1234', '127.0.0.1', '[::1]'])('Host: %s', async (host) => {
    const answer = await ask(worker, `GET ${paid()}`, [], host)
    expect([answer?.status, headerOf(answer, 'location')]).toEqual([303, THANK_YOU])
    expect(headerOf(await ask(worker, 'GET /checkout/go/pro', [], host), 'location')).toBe(LINK)
    expect(headerOf(await ask(worker, 'GET /checkout/success', [], host), 'location')).toBe(PENDING)
  })

  it.each(['https://evil.example', 'http://user:evil@evil.example', 'http://evil.example:8080'])(
    'a request for the absolute address %s/…',
    async (origin) => {
      const answer = await ask(worker, `GET ${origin}${paid()}`)
      expect([answer?.status, headerOf(answer, 'location')]).toEqual([303, THANK_YOU])
    },
  )
})

describe('A payment link’s name', () => {
  it.each([...ADDRESSES, ...BREAKS, ...INHERITED])('is one of those in LINKS, and never %j', async (name) => {
    const { status, location, text, headers } = await worker.visit(`/checkout/go/${encodeURIComponent(name)}`, { visitor: VISITOR })
    expect([status, location]).toEqual([404, null])
    expect(text).toBe('This link leads nowhere. Please go back to the shop.\n')
    expect(strangersAmong(headers)).toEqual([])
  })

  it('leads to exactly that link: nothing of the visit but a visitor’s id is added', async () => {
    for (const query of ['', '?url=https://evil.example', '?client_reference_id=evil', '?prefilled_email=evil', '?utm_source=a%0d%0ab']) {
      expect((await worker.visit(`/checkout/go/pro${query}`)).location).toBe(LINK)
      const { location } = await worker.visit(`/checkout/go/pro${query}`, { visitor: VISITOR })
      expect(location).toBe(`${LINK}?client_reference_id=datafast_${VISITOR}`)
    }
  })

  it('takes no visitor along whose id is none', async () => {
    for (const cookie of [
      `datafast_visitor_id=${VISITOR}%0d%0aX-Evil:1`,
      'datafast_visitor_id=https://evil.example',
      `datafast_visitor_id=${VISITOR}&x=y`,
    ]) {
      expect((await worker.visit('/checkout/go/pro', { headers: { cookie } })).location).toBe(LINK)
    }
  })
})

describe('No header of the answer is anybody’s but ours', () => {
  const places: [string, (text: string) => string][] = [
    ['the id', (text) => `/checkout/success/stripe?session_id=${text}`],
    ['an id that begins well', (text) => `/checkout/success/stripe?session_id=cs_live_a1${text}`],
    ['a parameter’s name', (text) => `/checkout/success/stripe?${text}=1`],
    ['the page', (text) => `/checkout/success/stripe?page=${text}`],
    ['the provider', (text) => `/checkout/success/${text}`],
    ['what follows the provider', (text) => `/checkout/success/stripe/${text}`],
    ['a link’s name', (text) => `/checkout/go/${text}`],
    ['a webhook’s provider', (text) => `/checkout/webhook/${text}`],
    ['a webhook’s secret', (text) => `/checkout/webhook/gumroad/${text}`],
    ['the path', (text) => `/checkout/${text}`],
    ['a path outside', (text) => `/${text}`],
  ]

  it.each(places.map(([where, path], place) => [where, path, place] as const))(
    'with a line break, a NUL and worse in %s',
    async (_, path, place) => {
      for (const text of some(HOSTILE, place, 5)) {
        for (const method of ['GET', 'POST']) {
          const { headers, status, outcome, location } = await worker.visit(path(encodeURIComponent(text)), {
            method,
            ...(method === 'POST' && { body: '' }),
          })
          expect(strangersAmong(headers)).toEqual([])
          expect([200, 303, 401, 404, 405]).toContain(status)
          expect([...OUTCOMES, null]).toContain(outcome)
          expect([...PAGES, null]).toContain(location)
          expect([...headers.values()].join()).not.toMatch(/evil/i)
        }
      }
    },
  )
})
