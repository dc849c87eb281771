import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { AFTERMATH } from '../../sandbox/world/aftermath/list.ts'
import { delivered } from '../../sandbox/world/provider-event.ts'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import type { Fault } from '../../sandbox/world/service.ts'
import { at, deliver, recorded, withWorker, worker } from './at-provider.ts'
import {
  BASIC,
  BEARER,
  check,
  moved,
  OWN_FORM,
  page,
  press,
  report,
  retried,
  sweep,
  TOKEN,
  untilQuiet,
  WITH_STATUS,
  waiting,
} from './operator.ts'
import { SELLERS } from './sellers.ts'
import { creemId, dodoId, eventually, gumroadId, OTHER_VISITOR, paddleId, sessionId, THANK_YOU, uniqueVisitor, VISITOR } from './worker.ts'

const stripe = at('stripe')
const STATUS = '/checkout/status'
const OURS = 'https://pay.example.com/checkout/success/stripe?session_id={CHECKOUT_SESSION_ID}'

/** Whoever answers like this wants to be left alone for so long that nothing but a button asks again. */
const down: Fault = { kind: 'answer', status: 500, headers: { 'retry-after': '3600' } }

/** A sale of today; default: nobody has come back yet. */
function sell(fields: Record<string, unknown> = {}): { id: string; reference: `stripe:${string}`; transactionId: string } {
  const id = sessionId()
  worker.world.stripe.sell(id, {
    created: Math.floor(Date.now() / 1000) - 5,
    payment_intent: `pi_${id.slice(8)}`,
    success_url: OURS,
    ...fields,
  })
  return { id, reference: `stripe:${id}`, transactionId: String(fields.payment_intent ?? `pi_${id.slice(8)}`) }
}

const returns = (id: string, visitor: string | undefined = uniqueVisitor()) => stripe.visitAt(`session_id=${id}`, visitor)

describe('without a STATUS_TOKEN', () => {
  withWorker({})

  it.each([
    ['GET', STATUS],
    ['POST', `${STATUS}/retry`],
  ])('there is no status page: %s %s', async (method, path) => {
    expect((await worker.visit(path, { method, headers: BEARER })).status).toBe(404)
  })
})

describe('a STATUS_TOKEN short enough to be guessed', () => {
  withWorker({ secrets: { ...SECRETS, STATUS_TOKEN: 'twenty-three-letters-ok' } })

  it('unlocks nothing, and health names it', async () => {
    const headers = { authorization: 'Bearer twenty-three-letters-ok' }
    expect((await worker.visit(STATUS, { headers })).status).toBe(404)
    const health = await worker.visit('/checkout/health')
    expect(health.status).toBe(503)
    expect(JSON.parse(health.text)).toMatchObject({
      problems: [expect.stringMatching(/^STATUS_TOKEN must be at least 24 plain characters long/)],
    })
    expect(health.text).not.toContain('twenty-three')
  })
})

describe('the status page opens', () => {
  withWorker(WITH_STATUS)
  const get = async (headers: Record<string, string>, path = STATUS) => (await worker.visit(path, { headers })).status

  it.each([
    ['as a Bearer token', `Bearer ${TOKEN}`],
    ['as a Bearer token in any case', `bearer ${TOKEN}`],
    ['as the password of Basic', `Basic ${btoa(`operator:${TOKEN}`)}`],
    ['as the password of Basic under no name', `Basic ${btoa(`:${TOKEN}`)}`],
  ])('by the token %s', async (_, authorization) => {
    expect(await get({ authorization })).toBe(200)
  })

  it.each([
    ['nothing', {}],
    ['an empty Bearer token', { authorization: 'Bearer ' }],
    ['a wrong Bearer token', { authorization: `Bearer ${TOKEN.slice(1)}` }],
    ['more than the token', { authorization: `Bearer ${TOKEN}x` }],
    ['the token in other letters', { authorization: `Bearer ${TOKEN.toUpperCase()}` }],
    ['the token without a scheme', { authorization: TOKEN }],
    ['the token in another scheme', { authorization: `Token ${TOKEN}` }],
    ['a wrong password', { authorization: `Basic ${btoa('operator:wrong')}` }],
    ['the token as the name', { authorization: `Basic ${btoa(`${TOKEN}:`)}` }],
    ['Basic without base64', { authorization: 'Basic %%%' }],
    ['a cookie', { cookie: `STATUS_TOKEN=${TOKEN}; token=${TOKEN}` }],
  ])('not by %s', async (_, headers) => {
    const { status, text, headers: told } = await worker.visit(STATUS, { headers: headers as Record<string, string> })
    expect(status).toBe(401)
    expect(text).toBe('unauthorized\n')
    expect(told.get('www-authenticate')).toBe('Basic realm="success-url", charset="UTF-8"')
    expect(told.get('cache-control')).toBe('no-store')
  })

  it.each(['token', 'STATUS_TOKEN', 'access_token', 'key'])('not by the token in the query, as %s', async (name) => {
    expect(await get({}, `${STATUS}?${name}=${TOKEN}`)).toBe(401)
    expect((await worker.visit(`${STATUS}/retry?${name}=${TOKEN}`, { method: 'POST', body: `${name}=${TOKEN}` })).status).toBe(401)
  })

  it('to HEAD without a body', async () => {
    expect(await worker.visit(STATUS, { method: 'HEAD', headers: BEARER })).toMatchObject({ status: 200, text: '' })
  })

  it.each([
    [STATUS, 'POST', 'GET, HEAD'],
    [STATUS, 'DELETE', 'GET, HEAD'],
    [`${STATUS}/retry`, 'GET', 'POST'],
  ])('%s not to %s', async (path, method, allowed) => {
    const answer = await worker.visit(path, { method, headers: BEARER })
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe(allowed)
  })

  it('no longer to an address that guessed wrong 30 times, not even for the right token; others go on', async () => {
    const guess = (token: string, address = '203.0.113.9') =>
      worker.visit(STATUS, { headers: { authorization: `Bearer ${token}` }, address })
    let guesses = 0
    // The minute may end among them.
    for (let status = 401; status === 401 && guesses < 61; guesses++) status = (await guess(`wrong-${guesses}`)).status
    expect(guesses).toBeGreaterThan(30)
    const limited = await guess(TOKEN)
    expect(limited.status).toBe(429)
    expect(limited.headers.get('retry-after')).toBe('60')
    expect((await guess(TOKEN, '203.0.113.10')).status).toBe(200)
  })
})

describe('what is shown', () => {
  withWorker(WITH_STATUS)

  it.each([
    ['application/json', 'application/json'],
    ['application/json, text/plain', 'application/json'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'text/html; charset=utf-8'],
    ['text/html, application/json', 'text/html; charset=utf-8'],
    ['*/*', 'text/html; charset=utf-8'],
  ])('to whoever accepts %s is %s', async (accept, type) => {
    const { headers } = await worker.visit(STATUS, { headers: { ...BEARER, accept } })
    expect(headers.get('content-type')).toBe(type)
    expect(headers.get('vary')).toBe('Accept')
  })

  it('as JSON: the same data as the page', async () => {
    const { id } = sell()
    await returns(id)
    await moved(`stripe:${id}`, ({ stage }) => stage === 'recorded')
    const { headers, text } = await worker.visit(STATUS, { headers: { ...BEARER, accept: 'application/json' } })
    expect(headers.get('cache-control')).toBe('no-store')
    expect(JSON.parse(text)).toEqual({
      name: 'success-url',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      origin: 'https://pay.example.com',
      now: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      checks: expect.arrayContaining([expect.objectContaining({ id: 'settings', state: 'green', title: 'Settings' })]),
      incidents: [],
      attribution: { rate: 1, recorded: 1, attributed: 1, days: expect.any(Array), misses: [] },
      movements: [
        {
          reference: `stripe:${id}`,
          provider: 'stripe',
          at: expect.any(String),
          kind: 'sale',
          amount: 19.99,
          currency: 'EUR',
          transactionId: `pi_${id.slice(8)}`,
          stage: 'recorded',
          reason: 'attributed',
          text: 'Recorded.',
          attributed: 'yes',
          visitorSeen: true,
          doors: ['redirect'],
          attempts: 0,
          nextTry: null,
          canRetry: false,
        },
      ],
      waiting: [],
      waitingCount: 0,
      rehearsal: [],
      proof: [],
    })
  })

  it('as a page: kept nowhere, found by no search engine, and bound to its own style', async () => {
    const { headers, text } = await page()
    const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(text) ?? []
    const hash = createHash('sha256').update(style).digest('base64')
    expect(headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    )
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-robots-tag')).toBe('noindex')
    expect(headers.get('referrer-policy')).toBe('same-origin')
  })

  it('asks nobody anything, however often it is looked at', async () => {
    await untilQuiet()
    const before = worker.world.calls.length
    for (let view = 0; view < 5; view++) await Promise.all([page(), report(), worker.visit(STATUS, { method: 'HEAD', headers: BEARER })])
    await untilQuiet()
    expect(worker.world.calls.length).toBe(before)
  })

  it('is asked for anew by its button', async () => {
    const before = worker.world.calls.length
    expect((await press({ checks: '1' })).status).toBe(200)
    await untilQuiet()
    const asked = worker.world.calls.slice(before).map(({ url }) => new URL(url).pathname)
    expect(asked).toEqual(expect.arrayContaining(['/api/v1/analytics/metadata', '/v1/checkout/sessions', '/v2/sales']))
    expect(await check('datafast-key')).toMatchObject({ state: 'green' })
  })
})

describe('what is nobody’s business', () => {
  withWorker({ ...WITH_STATUS, vars: { CUSTOMER_FIELDS: 'email,name,customer_id', ATTRIBUTION_WAIT_SECONDS: 600 } })

  it('stands nowhere on the page: no secret, name, address, cookie or visitor id', async () => {
    const person = { customer: 'cus_personal', customer_details: { email: 'bea@personal.example', name: 'Beatrix Personal' } }
    const [done, stuck, odd] = [sell(person), sell(person), sell({ ...person, currency: 'zzz' })]
    worker.world.service('datafast').failFor(stuck.transactionId, { ...down, body: { message: 'bea@personal.example' } })
    await returns(done.id, VISITOR)
    await returns(stuck.id, OTHER_VISITOR)
    await returns(odd.id, OTHER_VISITOR)
    const held = sell(person)
    await deliver(AFTERMATH.stripe(worker.world, held.id).sold().events)
    await Promise.all([waiting(stuck.reference), waiting(odd.reference), waiting(held.reference), recorded(done.transactionId)])
    const shown = JSON.stringify(await report()) + (await page()).text
    for (const { reference } of [done, stuck, odd, held]) expect(shown).toContain(reference)
    const personal = [...Object.values(SECRETS), TOKEN, VISITOR, OTHER_VISITOR, 'personal', 'Beatrix', 'bea@', '198.18.']
    expect(personal.filter((text) => shown.includes(text))).toEqual([])
  })
})

describe('a button', () => {
  withWorker(WITH_STATUS)
  const own = 'https://pay.example.com'

  it.each([
    ['without an origin', { ...BASIC }],
    ['from another site', { ...BASIC, origin: 'https://evil.example' }],
    ['from a neighbour’s host', { ...BASIC, origin: 'https://shop.example.com' }],
    ['from another port', { ...BASIC, origin: `${own}:8443` }],
    ['from nowhere', { ...BASIC, origin: 'null' }],
    ['from another site that claims our origin', { ...BASIC, origin: own, 'sec-fetch-site': 'cross-site' }],
    ['from a neighbour that claims our origin', { ...BASIC, origin: own, 'sec-fetch-site': 'same-site' }],
  ])('pressed in a browser %s does nothing', async (_, headers) => {
    const { id, reference } = sell()
    worker.world.service('stripe').failFor(id, down)
    await returns(id)
    await waiting(reference)
    expect((await press({ all: '1' }, headers)).status).toBe(403)
    expect((await press({ reference }, headers)).status).toBe(403)
    expect(await waiting(reference)).toMatchObject({ attempts: 1 })
  })

  it('pressed on the page itself leads back to it', async () => {
    expect(await press({ all: '1' }, OWN_FORM)).toMatchObject({ status: 303, location: STATUS })
    expect(await press({ checks: '1' }, { ...BASIC, origin: own })).toMatchObject({ status: 303, location: STATUS })
  })

  it('pressed by a script needs no origin', async () => {
    const { status, headers, text } = await press({ all: '1' })
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json'])
    expect(JSON.parse(text)).toEqual({ retried: expect.any(Number) })
  })

  it('is pressed in vain without the token', async () => {
    expect((await press({ all: '1' }, { origin: own, 'sec-fetch-site': 'same-origin' })).status).toBe(401)
  })

  it('wakes nothing that nobody knows', async () => {
    const objects = (await worker.worker.listDurableObjectIds('Order')).length
    for (const reference of ['stripe:cs_live_never_heard_of', 'nonsense', '../x', '💥', 'x'.repeat(3_000)]) {
      expect(await retried({ reference })).toBe(0)
    }
    expect(await worker.worker.listDurableObjectIds('Order')).toHaveLength(objects)
  })

  it.each([
    ['nothing', ''],
    ['an empty object', '{}'],
    ['an empty list', '[]'],
    ['a list', '["all"]'],
    ['a number', '7'],
    ['null', 'null'],
    ['a reference that is none', '{"reference":7}'],
    ['an empty reference', 'reference='],
    ['another field', 'everything=1'],
    ['bytes', '\u0000\u0001\ufffd\u001f%00=%ff'],
    ['far too much', `all=1&${'x'.repeat(1_000_000)}`],
  ])('that sends %s does nothing', async (_, body) => {
    const { id, reference } = sell()
    worker.world.service('stripe').failFor(id, down)
    await returns(id)
    await waiting(reference)
    expect((await press(body)).status).toBe(400)
    expect(await waiting(reference)).toMatchObject({ attempts: 1 })
  })

  it('may send JSON', async () => {
    expect(await retried('{"all":true}')).toEqual(expect.any(Number))
  })
})

describe('"Try again now"', () => {
  withWorker(WITH_STATUS)

  it('asks a provider again that had failed', async () => {
    const { id, reference, transactionId } = sell()
    worker.world.service('stripe').failFor(id, down)
    await returns(id)
    expect(await waiting(reference)).toMatchObject({
      ...{ stage: 'waiting', reason: 'provider-down:http-500', attempts: 1, canRetry: true, amount: null, transactionId: null },
      text: 'The provider cannot be reached; it is asked again by itself.',
    })
    expect(await retried({ reference })).toBe(1)
    expect(await recorded(transactionId, 3_000)).toMatchObject({ amount: 19.99, datafast_visitor_id: expect.any(String) })
    expect(await moved(reference, ({ stage }) => stage === 'recorded')).toMatchObject({ attributed: 'yes', canRetry: false })
  })

  it('tells DataFast what it could not be told', async () => {
    const { id, reference, transactionId } = sell()
    worker.world.service('datafast').failFor(transactionId, down)
    await returns(id)
    expect(await waiting(reference)).toMatchObject({
      ...{ reason: 'datafast-down:http-500', attempts: 1, amount: 19.99, currency: 'EUR', transactionId, visitorSeen: true },
      nextTry: expect.any(String),
    })
    expect(await retried({ reference })).toBe(1)
    await recorded(transactionId, 3_000)
  })

  it('begins anew with what was given up', async () => {
    const { id, reference, transactionId } = sell()
    const refused: Fault = { kind: 'answer', status: 400, body: { message: 'timestamp is odd' } }
    worker.world.service('datafast').failFor(transactionId, refused, refused, refused)
    await returns(id)
    expect(await waiting(reference, ({ stage }) => stage === 'parked', 25_000)).toMatchObject({
      ...{ reason: 'datafast-refused:http-400', nextTry: null, canRetry: true },
      text: 'DataFast refuses this payment: try again, and report it if that does not help.',
    })
    expect(await retried({ reference })).toBe(1)
    await recorded(transactionId, 3_000)
    await eventually(report, ({ waiting }) => waiting.length === 0)
  })

  it('for all of them wakes all of them', async () => {
    const orders = Array.from({ length: 4 }, () => sell())
    for (const { id, reference } of orders) {
      worker.world.service('stripe').failFor(id, down)
      await returns(id)
      await waiting(reference)
    }
    expect((await report()).waitingCount).toBe(4)
    expect(await press({ all: '1' }, OWN_FORM)).toMatchObject({ status: 303 })
    for (const { transactionId } of orders) await recorded(transactionId, 5_000)
    for (const { transactionId } of orders) expect(worker.world.callsTo('datafast', `"${transactionId}"`)).toHaveLength(1)
  })

  it('of what is recorded posts nothing again', async () => {
    const { id, reference, transactionId } = sell()
    await returns(id)
    await moved(reference, ({ stage }) => stage === 'recorded')
    await retried({ reference })
    await untilQuiet()
    expect(worker.world.callsTo('datafast', `"${transactionId}"`)).toHaveLength(1)
  })
})

describe('until the first order', () => {
  describe('by the address that the page is asked at', () => {
    withWorker({
      secrets: {
        DATAFAST_API_KEY: SECRETS.DATAFAST_API_KEY,
        STRIPE_SECRET_KEY: SECRETS.STRIPE_SECRET_KEY,
        LEMONSQUEEZY_API_KEY: SECRETS.LEMONSQUEEZY_API_KEY,
        GUMROAD_ACCESS_TOKEN: SECRETS.GUMROAD_ACCESS_TOKEN,
        STRIPE_WEBHOOK_SECRET: SECRETS.STRIPE_WEBHOOK_SECRET,
        STATUS_TOKEN: TOKEN,
      },
    })

    it('the page says exactly what to paste where, and then no longer', async () => {
      expect((await report()).setUp).toEqual([
        {
          provider: 'stripe',
          successUrl: 'https://pay.example.com/checkout/success/stripe?session_id={CHECKOUT_SESSION_ID}',
          webhookUrl: 'https://pay.example.com/checkout/webhook/stripe',
          webhookSecret: 'STRIPE_WEBHOOK_SECRET',
          webhookReady: true,
        },
        {
          provider: 'lemonsqueezy',
          successUrl: expect.stringMatching(/^https:\/\/pay\.example\.com\/checkout\/success\/lemonsqueezy\?order_id=\[order_id\]/),
          webhookUrl: 'https://pay.example.com/checkout/webhook/lemonsqueezy',
          webhookSecret: 'LEMONSQUEEZY_WEBHOOK_SECRET',
          webhookReady: false,
        },
        {
          provider: 'gumroad',
          successUrl: 'https://pay.example.com/checkout/success/gumroad?__sale_info__',
          webhookUrl: 'https://pay.example.com/checkout/webhook/gumroad/<GUMROAD_PING_SECRET>',
          webhookSecret: 'GUMROAD_PING_SECRET',
          webhookReady: false,
        },
      ])
      const { text } = await page()
      expect(text).toContain('<code>https://pay.example.com/checkout/success/stripe?session_id={CHECKOUT_SESSION_ID}</code>')
      expect(text).toContain('<code>npx wrangler secret put LEMONSQUEEZY_WEBHOOK_SECRET</code>')
      const { id, transactionId } = sell()
      await returns(id)
      await recorded(transactionId)
      const later = await eventually(report, ({ setUp }) => setUp === undefined)
      expect(later.movements).toHaveLength(1)
      expect((await page()).text).not.toContain('Set up your payment link')
    })
  })

  describe('by PUBLIC_URL and BASE_PATH', () => {
    withWorker({ ...WITH_STATUS, vars: { PUBLIC_URL: 'https://buy.example.org/', BASE_PATH: '/p' } })

    it('the addresses follow the settings', async () => {
      const answer = await worker.visit('/p/status', { headers: { ...BEARER, accept: 'application/json' } })
      expect(JSON.parse(answer.text)).toMatchObject({
        origin: 'https://buy.example.org',
        setUp: expect.arrayContaining([
          expect.objectContaining({ provider: 'dodo', successUrl: 'https://buy.example.org/p/success/dodo' }),
          expect.objectContaining({ provider: 'creem', webhookUrl: 'https://buy.example.org/p/webhook/creem' }),
        ]),
      })
      expect((await worker.visit('/p/status', { headers: BASIC })).text).toContain('action="/p/status/retry"')
      expect(await worker.visit('/p/status/retry', { method: 'POST', body: 'all=1', headers: OWN_FORM })).toMatchObject({
        location: '/p/status',
      })
    })
  })
})

describe('a rehearsal: live and test keys side by side', () => {
  withWorker({
    secrets: {
      ...WITH_STATUS.secrets,
      STRIPE_SECRET_KEY: 'rk_live_sandboxkey rk_test_sandboxkey',
      STRIPE_WEBHOOK_SECRET: 'whsec_livesecret, whsec_testsecret',
      CREEM_API_KEY: 'creem_sandboxkey,creem_test_sandboxkey',
      PADDLE_API_KEY: 'pdl_live_apikey_sandboxkey\npdl_sdbx_apikey_sandboxkey',
    },
  })

  const orders = {
    stripe: (isTest: boolean) => {
      const id = sessionId(isTest ? 'test' : 'live')
      worker.world.stripe.sell(id, { livemode: !isTest, payment_intent: `pi_${id}` })
      return { id, query: `session_id=${id}` }
    },
    creem: (isTest: boolean) => {
      const id = creemId()
      worker.world[isTest ? 'creemTest' : 'creem'].sell(id)
      return { id: id.replace('ch_', 'tran_'), query: `checkout_id=${id}` }
    },
    paddle: (isTest: boolean) => {
      const id = paddleId()
      worker.world[isTest ? 'paddleSandbox' : 'paddle'].sell(id)
      return { id, query: `_ptxn=${id}` }
    },
  }
  const PROVIDERS = ['stripe', 'creem', 'paddle'] as const

  it.each(PROVIDERS)('%s: a test purchase is verified, shown with what it would have sent, and not recorded', async (provider) => {
    for (const visitor of [undefined, uniqueVisitor()]) {
      const { id, query } = orders[provider](true)
      const before = worker.world.dataFast.ledger.size
      expect(await at(provider).visitAt(query, visitor)).toMatchObject({ outcome: 'test', location: THANK_YOU })
      const [row] = await eventually(
        async () => (await report()).rehearsal.filter(({ reference }) => reference === `${provider}:${id}`),
        (rows) => rows.length > 0,
      )
      expect(row).toMatchObject({ kind: 'sale', stage: 'skipped', visitorSeen: visitor !== undefined, canRetry: false })
      expect(row?.amount).toBeGreaterThan(1)
      expect(row?.currency).toMatch(/^(EUR|USD)$/)
      expect((await page()).text).toContain(
        `Verified; would have sent: ${row?.amount} ${row?.currency} as sale; visitor seen: ${visitor ? 'yes' : 'no'}`,
      )
      expect(worker.world.dataFast.ledger.size).toBe(before)
    }
  })

  it.each(PROVIDERS)('%s: a live purchase is recorded all the same', async (provider) => {
    const { query, id } = orders[provider](false)
    expect(await at(provider).visitAt(query, uniqueVisitor())).toMatchObject({ outcome: 'paid' })
    expect(await moved(`${provider}:${id}`, ({ stage }) => stage === 'recorded')).toMatchObject({ attributed: 'yes' })
  })

  it.each(['whsec_livesecret', 'whsec_testsecret'])('a delivery signed with %s is taken', async (secret) => {
    const { id } = sell()
    const secrets = { ...(SECRETS as Required<typeof SECRETS>), STRIPE_WEBHOOK_SECRET: secret }
    for (const event of AFTERMATH.stripe(worker.world, id).sold().events) {
      expect(await worker.post(delivered(event, new Date(), secrets))).toMatchObject({ status: 200 })
    }
  })

  it('neither is a problem of the settings, nor of the key', async () => {
    await sweep()
    expect(await check('settings')).toMatchObject({ state: 'green' })
    for (const provider of PROVIDERS) {
      expect(await check(`key-${provider}`)).toMatchObject({ state: 'green', text: 'It works, for live orders.' })
    }
  })
})

describe('what strangers write', () => {
  withWorker({ ...WITH_STATUS, vars: { DATAFAST_WEBSITE_ID: '665f0b3c4d2e1a0012345678' } })
  const HOSTILE = `"'><i id=x onload=alert(1)>&lt;</style></title>`

  it('is shown as text and never as markup, wherever it comes from', async () => {
    const [named, priced, worded] = [sell({ payment_intent: HOSTILE }), sell({ currency: HOSTILE }), sell()]
    worker.world.stripe.sell(worded.id, { payment_status: HOSTILE })
    for (const { id } of [named, priced, worded]) await returns(id)
    const dodo = dodoId()
    worker.world.dodo.sell(dodo, { status: HOSTILE })
    await at('dodo').visitAt(`payment_id=${dodo}`)
    const gumroad = gumroadId()
    worker.world.gumroad.sell(gumroad, { currency_symbol: HOSTILE })
    await at('gumroad').visitAt(`sale_id=${encodeURIComponent(gumroad)}`)
    worker.world.dataFast.website.domain = HOSTILE
    worker.world.dataFast.website.currency = 'EUR'
    worker.world.dataFast.connected.add(HOSTILE)
    await press({ checks: '1' })
    await recorded(HOSTILE)
    await waiting(priced.reference)
    await untilQuiet()
    const { text } = await page()
    const escaped = '&#34;&#39;&#62;&#60;i id=x onload=alert(1)&#62;&#38;lt;&#60;/style&#62;&#60;/title&#62;'
    expect(text.split(`<code>${escaped}</code>`).length).toBeGreaterThan(1)
    expect(text).toContain(`It works, for ${escaped}.`)
    expect(text).not.toMatch(/<i\b|id=x onload=alert\(1\)>/)
    expect(text.match(/<\/(style|title)>/g)).toHaveLength(3)
  })

  it.each(['cs_live_--------', `cs_live_${'_'.repeat(240)}`, 'cs_constructor', 'cs___proto__'])('an id such as %s is an id', async (id) => {
    worker.world.stripe.sell(id, { payment_intent: `pi_${id}`, currency: 'zzz' })
    await returns(id)
    await waiting(`stripe:${id}`)
    expect((await page()).text).toContain(`value="stripe:${id}"`)
  })

  it('no header moves the addresses', async () => {
    const forged = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example', 'x-original-host': 'evil.example' }
    const { text } = await page(forged)
    expect(text).not.toContain('evil.example')
  })
})

describe('why a payment is not attributed', () => {
  withWorker(WITH_STATUS)

  const told = {
    'no-cookie': async () => {
      const sale = sell()
      await stripe.visitAt(`session_id=${sale.id}`)
      return sale
    },
    'bad-cookie': async () => {
      const sale = sell()
      await worker.visit(`/checkout/success/stripe?session_id=${sale.id}`, { headers: { cookie: 'datafast_visitor_id=GA1.2.3.4' } })
      return sale
    },
    'rejected-by-datafast': async () => {
      const sale = sell()
      const visitor = uniqueVisitor()
      worker.world.dataFast.unseenVisitors.add(visitor)
      await returns(sale.id, visitor)
      expect(await waiting(sale.reference)).toMatchObject({ reason: 'visitor-lag:visitor-rejected', visitorSeen: true })
      // Instead of five minutes.
      await retried({ reference: sale.reference })
      return sale
    },
    'webhook-only': async () => {
      const sale = sell()
      await deliver(AFTERMATH.stripe(worker.world, sale.id).sold().events)
      return sale
    },
    'sweep-only': async () => {
      const sale = sell({ created: Math.floor(Date.now() / 1000) + 1 })
      await sweep()
      return sale
    },
  } as const

  it.each(Object.keys(told) as (keyof typeof told)[])('%s', async (reason) => {
    const { reference } = await told[reason]()
    expect(await moved(reference, ({ stage }) => stage === 'recorded', 15_000)).toMatchObject({ attributed: reason })
    const { attribution } = await report()
    expect(attribution.misses.filter((miss) => miss.reason === reason)).toEqual([
      { reason, count: 1, text: expect.stringMatching(/\w.+\.$/) },
    ])
    const words = `(${reason.replaceAll('-', ' ')})`
    expect((await page()).text.split(words)).toHaveLength(2)
  })

  it('first-sale-unattributed', async () => {
    const { id, sell: sells } = SELLERS.creem
    const saleId = id()
    sells.subscription(worker.world, saleId)
    const aftermath = AFTERMATH.creem(worker.world, saleId)
    await deliver(aftermath.sold().events)
    await recorded(saleId.replace('ch_', 'tran_'))
    const renewal = aftermath.renewed()
    await deliver(renewal.events)
    await recorded(renewal.transactionId, 20_000)
    const row = await moved(`creem:${renewal.transactionId}`, ({ stage }) => stage === 'recorded', 15_000)
    expect(row).toMatchObject({ kind: 'renewal', attributed: 'first-sale-unattributed' })
    expect((await page()).text).toContain('Not attributed: first sale unattributed')
  })

  it('is counted of first payments alone, none of them twice', async () => {
    const { attribution } = await report()
    const missed = attribution.misses.reduce((sum, { count }) => sum + count, 0)
    expect(attribution.recorded - attribution.attributed).toBe(missed)
    expect(attribution.rate).toBe(attribution.attributed / attribution.recorded)
    const days = attribution.days.map(({ day }) => day)
    expect(days).toHaveLength(30)
    expect(new Set(days).size).toBe(30)
    expect(days.at(-1)).toBe(new Date().toISOString().slice(0, 10))
  })
})

describe('why a payment waits', () => {
  withWorker({ ...WITH_STATUS, vars: { ATTRIBUTION_WAIT_SECONDS: 3600, DATAFAST_WEBSITE_ID: '665f0b3c4d2e1a0012345678' } })

  const failing = async (service: 'stripe' | 'datafast', fault: Fault, fields: Record<string, unknown> = {}) => {
    const sale = sell(fields)
    worker.world.service(service).failFor(service === 'stripe' ? sale.id : sale.transactionId, fault)
    await returns(sale.id)
    return sale.reference
  }
  const odd = async (fields: Record<string, unknown>) => {
    const { id, reference } = sell(fields)
    await returns(id)
    return reference
  }

  it.each([
    ['waiting', 'provider-down:http-503', /cannot be reached/, () => failing('stripe', { kind: 'answer', status: 503 })],
    ['waiting', 'provider-down:garbage', /cannot be reached/, () => failing('stripe', { kind: 'answer', status: 200, body: '<html>' })],
    ['waiting', 'provider-configuration:key-refused-401', /refuses the key/, () => failing('stripe', { kind: 'answer', status: 401 })],
    ['waiting', 'payment-pending:unpaid', /not through yet/, () => odd({ payment_status: 'unpaid' })],
    ['parked', 'unclear:unclear-currency', /scale is not known/, () => odd({ currency: 'zzz' })],
    ['parked', 'unclear:unclear-amount', /How much was paid/, () => odd({ amount_total: 19.5 })],
    ['waiting', 'datafast-down:http-502', /DataFast cannot be reached/, () => failing('datafast', { kind: 'answer', status: 502 })],
    ['waiting', 'datafast-configuration:http-401', /DATAFAST_API_KEY/, () => failing('datafast', { kind: 'answer', status: 401 })],
    ['waiting', 'datafast-refused:http-422', /DataFast refuses this payment/, () => failing('datafast', { kind: 'answer', status: 422 })],
  ] as const)('%s, %s', async (stage, reason, text, happens) => {
    const reference = await happens()
    expect(await waiting(reference)).toMatchObject({
      stage,
      reason,
      text: expect.stringMatching(text),
      canRetry: true,
      nextTry: expect.any(String),
    })
  })

  it('held for its buyer, who may still come back: no button hurries that', async () => {
    const { id, reference } = sell()
    await deliver(AFTERMATH.stripe(worker.world, id).sold().events)
    const row = await waiting(reference, ({ stage }) => stage === 'held')
    expect(row).toMatchObject({ reason: 'no-visitor-yet', canRetry: false, visitorSeen: false, doors: ['webhook'], amount: 19.99 })
    expect(Date.parse(row.nextTry ?? '') - Date.now()).toBeGreaterThan(3_500_000)
  })

  it('announced, and unknown to the provider', async () => {
    const sale = sell()
    const { events } = AFTERMATH.stripe(worker.world, sale.id).sold()
    worker.world.stripe.sessions.delete(sale.id)
    await deliver(events)
    expect(await waiting(sale.reference)).toMatchObject({
      reason: 'announced-unknown:unknown',
      text: expect.stringContaining('a simulated event'),
    })
  })

  it('parked, as DataFast imports the provider by itself; disconnected, it goes on by itself', async () => {
    worker.world.dataFast.connected.add('stripe')
    await press({ checks: '1' })
    await untilQuiet()
    const { id, reference, transactionId } = sell()
    await returns(id)
    expect(await waiting(reference)).toMatchObject({ stage: 'parked', reason: 'native-integration', canRetry: true })
    expect(worker.world.dataFast.ledger.has(transactionId)).toBe(false)
    worker.world.dataFast.connected.delete('stripe')
    await press({ checks: '1' })
    await recorded(transactionId, 5_000)
  })

  it('and nobody’s forged id does', async () => {
    const id = sessionId()
    await returns(id)
    await untilQuiet()
    expect(JSON.stringify(await report())).not.toContain(id)
  })
})
