import { describe, expect, it } from 'vitest'
import { delivered } from '../../sandbox/world/provider-event.ts'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { withWorker, worker } from '../bundle/at-provider.ts'
import { BASIC, BEARER, TOKEN, untilQuiet } from '../bundle/operator.ts'
import { PROVIDER_NAMES, SELLERS } from '../bundle/sellers.ts'
import { soldAt } from '../bundle/sold-at.ts'
import { eventually, uniqueVisitor } from '../bundle/worker.ts'
import { some } from './form.ts'
import { OUTCOMES } from './hostile.ts'

const ALERT_URL = 'https://alerts.example.com/hooks/secret-part-of-the-address'
const ALL = { ...SECRETS, STATUS_TOKEN: TOKEN, ALERT_URL }
const VALUES = [
  ...Object.values(ALL),
  'secret-part-of-the-address',
  ...Object.values(SECRETS).map((value) => value.replace(/^[a-z]+_/, '')),
]

/** What a stack, a file of ours, a message of the runtime or of a library looks like. */
const INNARDS = /\bat \w+ \(|index\.js|\.ts:\d|node_modules|workerd|valibot|SQLITE|Error: |overloaded|KV put/

/** Every route, asked as anybody may ask it, and as the operator does. */
async function askEverything(place: number): Promise<string[]> {
  const answers: Awaited<ReturnType<typeof worker.visit>>[] = []
  for (const provider of some(PROVIDER_NAMES, place, 2)) {
    const { id, event } = soldAt(provider, worker.world)
    const query = SELLERS[provider].returning(worker.world, id)
    answers.push(await worker.visit(`/checkout/success/${provider}?${query}`, { visitor: uniqueVisitor() }))
    answers.push(await worker.visit(`/checkout/success/${provider}?${query}`, { method: 'POST', body: 'x' }))
    const { path, headers, body } = delivered(event)
    for (const sent of [body, '{', ''] as const) answers.push(await worker.visit(path, { method: 'POST', headers, body: sent }))
    answers.push(await worker.visit(path, { method: 'POST', headers: {}, body }))
  }
  const operators = [{}, BEARER, BASIC, { authorization: 'Bearer wrong' }, { ...BEARER, accept: 'application/json' }]
  for (const headers of operators) {
    for (const path of ['status', 'health', 'links.js', 'go/pro', 'go/none', 'success', 'nothing'])
      answers.push(await worker.visit(`/checkout/${path}`, { headers }))
    for (const body of ['all=1', 'reference=stripe:cs_live_none', '{"checks":1}', '{']) {
      answers.push(
        await worker.visit('/checkout/status/retry', { method: 'POST', headers: { ...headers, origin: 'https://pay.example.com' }, body }),
      )
    }
  }
  expect(answers.filter(({ outcome }) => outcome !== null && !OUTCOMES.includes(outcome))).toEqual([])
  // Nobody is stranded meanwhile.
  expect(answers.filter(({ outcome, status }) => outcome && ![303, 200].includes(status))).toEqual([])
  return answers.map(({ status, headers, text }) => JSON.stringify([status, [...headers], text]))
}

function expectDiscretion(texts: readonly string[]): void {
  const told = texts.join('\n')
  expect(told.length).toBeGreaterThan(1000)
  expect(VALUES.filter((value) => told.includes(value))).toEqual([])
  expect(INNARDS.exec(told)?.[0]).toBeUndefined()
}

/** The key that was sent, in the answer, as some services do when they refuse it. */
function echoKeys(): void {
  for (const service of worker.world.services) {
    const body = {
      error: { message: `Invalid key: ${VALUES.join(' ')}`, stack: 'Error: at handler (index.js:1)' },
      status: 'error',
      message: VALUES.join(),
    }
    service.fault = { kind: 'answer', status: 401, body }
  }
}

const STATES: [string, Parameters<typeof withWorker>[0], arrange?: () => void][] = [
  ['every service refuses the key, and repeats it', {}, echoKeys],
  ['nothing can be stored', { broken: { orders: 'throws', memory: 'throws', books: 'throws' } }],
]

describe.each(STATES)('While %s, no secret and none of our innards is told', (what, settings, arrange) => {
  withWorker({
    ...settings,
    vars: { ATTRIBUTION_WAIT_SECONDS: 0, LINKS: { pro: 'https://buy.stripe.com/a' }, ...settings?.vars },
    secrets: ALL,
  })

  it('in an answer or in the log', async () => {
    arrange?.()
    expectDiscretion(await askEverything(STATES.findIndex(([name]) => name === what)))
    await worker.worker.scheduled({ cron: '*/15 * * * *' })
    await untilQuiet()
    expectDiscretion([worker.logs().join('\n')])
  })
})

describe('While secrets are set to each other’s values, or to nonsense', () => {
  const nonsense = Object.fromEntries(Object.keys(ALL).map((name, place) => [name, `nonsense-${place}-<script>alert(1)</script>`]))
  withWorker({
    vars: {
      THANK_YOU_URL: 'javascript:alert("nonsense-x")',
      PUBLIC_URL: 'nonsense-y',
      DATAFAST_WEBSITE_ID: 'nonsense-z',
      REVENUE: 'nonsense-r',
      ONLY: 'nonsense-o',
    },
    secrets: { ...nonsense, STATUS_TOKEN: TOKEN },
  })

  it('health, the status page and the log name them, and never tell what they hold', async () => {
    const health = await worker.visit('/checkout/health')
    const status = await worker.visit('/checkout/status', { headers: BEARER })
    await worker.visit('/checkout/success/stripe?session_id=cs_live_a1nonsense')
    const logs = await eventually(
      () => worker.logs().join('\n'),
      (text) => text.includes('"settings"'),
    )
    for (const text of [health.text, status.text, logs]) {
      expect(text).toContain('THANK_YOU_URL')
      expect(text).not.toMatch(/nonsense-\w|<script>|alert\(/)
    }
    expect(health.status).toBe(503)
  })
})

describe('While all is well', () => {
  withWorker({ vars: { ATTRIBUTION_WAIT_SECONDS: 0, LINKS: { pro: 'https://buy.stripe.com/a' } }, secrets: ALL })

  it('no secret and none of our innards is told in an answer or in the log', async () => {
    expectDiscretion(await askEverything(2))
    expectDiscretion([worker.logs().join('\n')])
  })

  it.each(['https://evil.example', 'null', 'https://pay.example.com.evil.example'])(
    'no page of %s can read it, nor ask whether it may',
    async (origin) => {
      for (const headers of [{ origin }, { origin, ...BASIC }]) {
        const read = await worker.visit('/checkout/status', { headers })
        const asked = await worker.visit('/checkout/status', {
          method: 'OPTIONS',
          headers: { ...headers, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
        })
        expect([read, asked].flatMap((answer) => [...answer.headers.keys()].filter((name) => name.startsWith('access-control')))).toEqual(
          [],
        )
        expect(asked.status).toBe(405)
      }
    },
  )

  it('nobody can frame the operator’s page, keep it, or guess what it is', async () => {
    const { headers, text } = await worker.visit('/checkout/status', { headers: BASIC })
    expect(headers.get('content-security-policy')).toMatch(
      /default-src 'none'.*form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    )
    expect([headers.get('cache-control'), headers.get('x-content-type-options'), headers.get('x-robots-tag')]).toEqual([
      'no-store',
      'nosniff',
      'noindex',
    ])
    expect(text).not.toMatch(/<script|\son\w+=|javascript:|https?:\/\/(?!pay\.example\.com)/)
    expect([text, JSON.stringify([...headers])].join()).not.toContain(TOKEN)
  })

  it('a guess at its token costs a place in a queue of thirty a minute, for each address; each network of IPv6 is one', async () => {
    const guess = (address: string, token = 'x'.repeat(30)) =>
      worker.visit('/checkout/status', { address, headers: { authorization: `Bearer ${token}` } })
    for (let place = 0; place < 30; place++) await guess(`2001:db8:7:7::${place.toString(16)}`)
    const answers = await Promise.all([guess('2001:db8:7:7:ffff::1', TOKEN), guess('2001:db8:7:7::2'), guess('2001:db8:7:8::1', TOKEN)])
    expect(answers.map(({ status }) => status)).toEqual([429, 429, 200])
  })
})
