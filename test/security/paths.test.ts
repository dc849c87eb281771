import { describe, expect, it } from 'vitest'
import { withWorker, worker } from '../bundle/at-provider.ts'
import { sessionId, THANK_YOU } from '../bundle/worker.ts'
import { ask, exchangeOf, head, headerOf, usual } from './wire.ts'

describe('A path under another base', () => {
  withWorker({ vars: { BASE_PATH: '/pay.v1/a-b~c' } })

  it.each(['/pay.v1/a-b~c/success/stripe', '/pay.v1/a-b~c/success/stripe/'])('is that base to the letter: %s', async (path) => {
    expect(headerOf(await ask(worker, `GET ${path}`), 'x-checkout-outcome')).toBe('invalid')
  })

  it.each([
    '/payXv1/a-b~c/success/stripe',
    '/pay.v1/a-b~cc/success/stripe',
    '/pay.v1/success/stripe',
    '/checkout/success/stripe',
    '/success/stripe',
  ])('is nothing else: %s', async (path) => {
    expect((await ask(worker, `GET ${path}`))?.status).toBe(404)
  })
})

describe('Under the usual base', () => {
  withWorker({})

  describe('A path on the wire', () => {
    /** What an answer came to: its outcome where there is one, else its status. */
    const comesTo = async (target: string, method = 'GET') => {
      const answer = await ask(worker, `${method} ${target}`)
      return headerOf(answer, 'x-checkout-outcome') ?? answer?.status
    }
    const success = (path: string) => `${path}?session_id=${sessionId()}`

    it.each([
      ['twice the slash', '/checkout//success/stripe'],
      ['a host in front', '//evil.example/checkout/success/stripe'],
      ['in capitals', '/CHECKOUT/success/stripe'],
      ['half in capitals', '/checkout/Success/stripe'],
      ['escaped slashes', '/checkout%2fsuccess%2fstripe'],
      ['escaped twice', '/checkout/%2573uccess/stripe'],
      ['an escaped letter', '/check%6fut/success/stripe'],
      ['a longer name', '/checkout/successful/stripe'],
      ['no slash between', '/checkoutsuccess/stripe'],
      ['the base path doubled', '/checkout/checkout/success/stripe'],
      ['without the base path', '/success/stripe'],
      ['a parameter in the path', '/checkout;a=b/success/stripe'],
      ['a NUL in the path', '/checkout/success%00/stripe'],
      ['up and beside', '/checkout/../success/stripe'],
      ['up, escaped', '/checkout/%2e%2e/success/stripe'],
      ['up, half escaped', '/checkout/.%2e/success/stripe'],
    ])('is no other than itself: %s is nothing of ours', async (_, path) => {
      const before = worker.world.calls.length
      expect(await comesTo(success(path))).toBe(404)
      expect(worker.world.calls).toHaveLength(before)
    })

    it.each([
      ['an escaped letter', '/checkout/success/strip%65'],
      ['capitals', '/checkout/success/Stripe'],
      ['a dot behind', '/checkout/success/stripe.'],
      ['a blank behind', '/checkout/success/stripe%20'],
      ['a NUL behind', '/checkout/success/stripe%00'],
      ['a line break behind', '/checkout/success/stripe%0a'],
      ['a parameter of the path', '/checkout/success/stripe;jsessionid=1'],
      ['an ending', '/checkout/success/stripe.css'],
      ['escaped slashes and dots', '/checkout/success/..%2f..%2fstatus'],
      ['a backslash', '/checkout/success/..%5c..%5cstatus'],
      ['an impossible escape', '/checkout/success/%E0%A4%A'],
      ['letters that only look alike', '/checkout/success/%D1%95tripe'],
      ['too many bytes for a letter', '/checkout/success/%C1%B3tripe'],
      ['60,000 letters', `/checkout/success/${'a'.repeat(60_000)}`],
      ['20,000 slashes', `/checkout/success/stripe${'/a'.repeat(20_000)}`],
      ['20,000 slashes alone', `/checkout/success${'/'.repeat(20_000)}x`],
    ])('is redirected and asks nobody, when its provider is none: %s', async (_, path) => {
      const before = worker.world.calls.length
      expect(await comesTo(success(path))).toBe('invalid')
      expect(worker.world.calls).toHaveLength(before)
    })

    it.each(['/checkout/success/stripe/', '/checkout/x/../success/stripe', '/checkout/success/./stripe', '/checkout/success/%2e/stripe'])(
      'is what every server takes it for: %s',
      async (path) => {
        expect(await comesTo(success(path))).toBe('unknown')
      },
    )

    it.each([
      '/checkout/success/../status',
      '/checkout/success/%2e%2e/status',
      '/checkout/go/../status',
      '/checkout/success/stripe/../../status/retry',
    ])('leads into no locked room: %s', async (path) => {
      expect([401, 404, 405]).toContain(await comesTo(path))
    })

    it.each([
      '/.env',
      '/.dev.vars',
      '/wrangler.toml',
      '/index.js.map',
      '/checkout/.dev.vars',
      '/checkout/..%2f.dev.vars',
      '/cdn-cgi/../.git/config',
    ])('finds no file: %s', async (path) => {
      expect(await comesTo(path)).toBe(404)
    })
  })

  describe('A method', () => {
    const routes = [
      '/checkout/success/stripe',
      '/checkout/webhook/stripe',
      '/checkout/go/pro',
      '/checkout/health',
      '/checkout/status',
      '/checkout/links.js',
    ]

    it.each(['TRACE', 'OPTIONS', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'PURGE', 'SEARCH', 'LOCK'])(
      '%s is taken by no route, and echoes nothing',
      async (method) => {
        for (const route of routes) {
          const answer = await ask(worker, `${method} ${route}?session_id=cs_live_echo`, ['Cookie: echo=1', 'X-Echo: 1'])
          expect(answer?.status).toBe(405)
          expect(headerOf(answer, 'allow')).toMatch(/^(GET, HEAD(, POST)?|POST)$/)
          expect(answer?.body).toBe('method not allowed\n')
        }
      },
    )

    it.each(['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])('is not what %s says', async (name) => {
      expect((await ask(worker, 'GET /checkout/webhook/stripe', [`${name}: POST`]))?.status).toBe(405)
      const posted = await exchangeOf(worker, head('POST /checkout/health?_method=GET', [...usual(), `${name}: GET`, 'Content-Length: 0']))
      expect(posted.map(({ status }) => status)).toEqual([405])
    })

    it.each(['FOO', 'get', 'GET\tX', 'CONNECT'])('that is none, as %j, is not answered as one', async (method) => {
      const answer = await ask(worker, `${method} /checkout/success/stripe`)
      expect(answer?.status ?? 400).toBeGreaterThanOrEqual(400)
      expect(headerOf(answer, 'location')).toBeUndefined()
    })

    it('HEAD tells where to and does nothing else, whatever stands behind it', async () => {
      const id = sessionId()
      worker.world.stripe.sell(id)
      const answers = await exchangeOf(worker, head(`HEAD /checkout/success/stripe?session_id=${id}`, usual()))
      expect(answers.map(({ status, body }) => [status, body])).toEqual([[303, '']])
      expect(headerOf(answers[0], 'location')).toBe(THANK_YOU)
      expect(worker.world.callsTo('stripe', id)).toEqual([])
    })
  })

  describe('One request on the wire is one request', () => {
    // The connection would go on: whatever is taken for a second request is answered.
    const open = () => usual().filter((header) => header !== 'Connection: close')
    const hook = (...headers: string[]) => head('POST /checkout/webhook/stripe', [...open(), ...headers])
    const hidden = (id: string) => head(`GET /checkout/success/stripe?session_id=${id}`, usual())

    it.each<[string, (id: string) => string]>([
      ['two lengths', (id) => hook('Content-Length: 0', 'Content-Length: 30') + hidden(id)],
      ['a length and chunks', (id) => `${hook('Content-Length: 4', 'Transfer-Encoding: chunked')}0\r\n\r\n${hidden(id)}`],
      [
        'chunks and a length',
        (id) => `${hook('Transfer-Encoding: chunked', `Content-Length: ${hidden(id).length + 5}`)}0\r\n\r\n${hidden(id)}`,
      ],
      ['an unknown encoding', (id) => `${hook('Transfer-Encoding: xchunked')}0\r\n\r\n${hidden(id)}`],
      ['a blank before the colon', (id) => `${hook('Transfer-Encoding : chunked')}0\r\n\r\n${hidden(id)}`],
      ['two encodings', (id) => `${hook('Transfer-Encoding: chunked', 'Transfer-Encoding: identity')}0\r\n\r\n${hidden(id)}`],
      ['a negative length', (id) => hook('Content-Length: -1') + hidden(id)],
      ['a length with a sign', (id) => `${hook('Content-Length: +5')}aaaaa${hidden(id)}`],
      ['a length beyond all numbers', (id) => hook(`Content-Length: ${'9'.repeat(30)}`) + hidden(id)],
      ['a chunk of a negative size', (id) => `${hook('Transfer-Encoding: chunked')}-1\r\n${hidden(id)}`],
      ['a header on two lines', (id) => hook('X-A: b', ' Content-Length: 0') + hidden(id)],
      ['a NUL in a header', (id) => hook('X-A: b\0Content-Length: 0') + hidden(id)],
      [
        'a body that GET has',
        (id) => head('GET /checkout/health', [...open(), 'Connection: close', `Content-Length: ${hidden(id).length}`]) + hidden(id),
      ],
    ])('with %s: at most one answer, and nothing of what was hidden happens', async (_, bytes) => {
      const id = sessionId()
      worker.world.stripe.sell(id)
      const answers = await exchangeOf(worker, bytes(id))
      expect(answers.length).toBeLessThanOrEqual(1)
      expect(answers.map(({ status }) => status).filter((status) => status === 303)).toEqual([])
      expect(worker.world.callsTo('stripe', id)).toEqual([])
    })

    it('names its order in its address alone: not in a cookie, a header, or a second one of a name', async () => {
      const [id, other] = [sessionId(), sessionId()]
      for (const one of [id, other]) worker.world.stripe.sell(one)
      const headers = [
        `Cookie: session_id=${other}`,
        `Cookie: checkout_id=${other}`,
        `Session-Id: ${other}`,
        `Referer: https://x.example/?session_id=${other}`,
      ]
      expect(headerOf(await ask(worker, `GET /checkout/success/stripe?session_id=${id}`, headers), 'location')).toBe(THANK_YOU)
      expect(headerOf(await ask(worker, 'GET /checkout/success/stripe', headers), 'x-checkout-outcome')).toBe('invalid')
      expect(worker.world.callsTo('stripe', other)).toEqual([])
      expect(await worker.stateOf(`stripe:${other}`)).toBeUndefined()
    })
  })
})
