import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { createTestHarness } from 'wrangler'
import { delivered, WEBHOOK_SECRETS } from '../../sandbox/world/provider-event.ts'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { PROVIDERS } from '../../src/providers/index.ts'
import { dodoId, eventually, sessionId, startWorker, type TestWorker, THANK_YOU, VISITOR } from './worker.ts'

let worker: TestWorker | undefined
afterEach(() => worker?.stop())

async function start(secrets: Record<string, string>): Promise<TestWorker> {
  worker = await startWorker({ secrets })
  return worker
}

async function health(of: TestWorker) {
  const answer = await of.visit('/checkout/health')
  return { code: answer.status, ...(JSON.parse(answer.text) as { status: string; providers: string[]; problems: string[] }) }
}

/** What becomes of a buyer who paid with Stripe. */
async function buy(of: TestWorker) {
  const id = sessionId()
  of.world.stripe.sell(id, { payment_intent: `pi_${id.slice(-14)}` })
  const { outcome } = await of.visit(`/checkout/success/stripe?session_id=${id}`, { visitor: VISITOR })
  return { id, outcome, transactionId: `pi_${id.slice(-14)}` }
}

/** What the deploy button fills in, where its user changes nothing. */
const LEFT = parseEnv(readFileSync('.dev.vars.example', 'utf8')) as Record<string, string>
const KEYS = PROVIDERS.map(({ keySetting }) => keySetting)
const WEBHOOKS = PROVIDERS.map(({ webhook }) => webhook.secret)
const { DATAFAST_API_KEY, STRIPE_SECRET_KEY } = SECRETS

describe('a secret that was left as a placeholder', () => {
  it('is told of by name, and does no harm where its provider is not used', async () => {
    const started = await start({ ...LEFT, DATAFAST_API_KEY, STRIPE_SECRET_KEY })
    const report = await health(started)
    expect(report).toMatchObject({ code: 200, status: 'ok', providers: ['stripe'] })
    const left = Object.keys(LEFT).filter((name) => name !== 'DATAFAST_API_KEY' && name !== 'STRIPE_SECRET_KEY')
    expect(report.problems.map((problem) => problem.split(' ')[0]).sort()).toEqual(left.sort())
    for (const problem of report.problems) expect(problem).toMatch(/set the real value with npx wrangler secret put, or delete the secret/)
    expect((await buy(started)).outcome).toBe('paid')
    const logged = started.logs().filter((line) => line.includes('"event":"settings"'))
    for (const name of left) expect(logged.join()).toContain(name)
    expect([...logged, JSON.stringify(report)].join()).not.toContain('replace-me')
  })

  it('is sent to nobody, whoever asks and whatever the sweep would read', async () => {
    const started = await start({ ...LEFT, DATAFAST_API_KEY, STRIPE_SECRET_KEY })
    const id = dodoId()
    started.world.dodo.sell(id)
    expect(await started.visit(`/checkout/success/dodo?payment_id=${id}`, { visitor: VISITOR })).toMatchObject({ outcome: 'pending' })
    const { transactionId } = await buy(started)
    await started.worker.scheduled({ cron: '*/15 * * * *', scheduledTime: new Date() })
    await eventually(() => started.world.dataFast.ledger.get(transactionId), Boolean)
    await eventually(
      () => started.world.callsTo('stripe').length,
      (count) => count > 1,
    )
    expect([...new Set(started.world.calls.map(({ service }) => service))].sort()).toEqual(['datafast', 'stripe'])
    expect(await started.stateOf(`dodo:${id}`)).toMatchObject({ stage: { reason: 'key-missing' } })
  })

  it('is serious at DataFast: orders wait for the real key, and DataFast hears nothing', async () => {
    const started = await start({ ...LEFT, STRIPE_SECRET_KEY })
    expect(await health(started)).toMatchObject({ code: 503, status: 'misconfigured' })
    const { id, outcome } = await buy(started)
    expect(outcome).toBe('paid')
    await eventually(
      () => started.stateOf(`stripe:${id}`),
      (state) => state?.stage.at === 'datafast' && state.stage.reason === 'key-missing',
    )
    expect(started.world.callsTo('datafast')).toEqual([])
  })

  it.each(KEYS)('%s alone is serious: no provider works at all', async (name) => {
    const report = await health(await start({ DATAFAST_API_KEY, [name]: 'replace-me' }))
    expect(report).toMatchObject({ code: 503, status: 'misconfigured', providers: [] })
    expect(report.problems.join()).toContain(`${name} holds a placeholder`)
    expect(report.problems.join()).toContain('another provider’s key is not set')
  })

  it.each(['', 'replace-me'])('signs no webhook, whether “%s” is a webhook’s secret or a token', async (secret) => {
    const asSecrets = Object.fromEntries(WEBHOOKS.map((name) => [name, secret]))
    const started = await start({ ...SECRETS, ...asSecrets })
    for (const { name } of PROVIDERS) {
      const event =
        name === 'gumroad'
          ? { provider: name, name: 'sale', id: '1', body: 'sale_id=1' }
          : { provider: name, name: 'any', id: '1', body: '{}' }
      const forged = delivered(event, new Date(), { ...WEBHOOK_SECRETS, ...asSecrets })
      expect(await started.post(forged)).toMatchObject({ status: 404 })
    }
    const report = await health(started)
    expect(report).toMatchObject({ code: 200, status: 'ok' })
    expect(report.problems.filter((problem) => problem.includes('placeholder'))).toHaveLength(secret ? WEBHOOKS.length : 0)
  })

  it('opens no status page, and alerts nobody', async () => {
    const token = 'replace-me-with-a-secret-token-of-your-own'
    const started = await start({ ...SECRETS, STATUS_TOKEN: token, ALERT_URL: 'replace-me' })
    expect((await started.visit('/checkout/status', { headers: { authorization: `Bearer ${token}` } })).status).toBe(404)
    const report = await health(started)
    expect(report).toMatchObject({ code: 200, status: 'ok' })
    expect(report.problems.map((problem) => problem.split(' ')[0]).sort()).toEqual(['ALERT_URL', 'STATUS_TOKEN'])
  })
})

describe('an install', () => {
  it('needs the thank-you page in wrangler.toml as it is shipped, and two secrets', async () => {
    const harness = createTestHarness({
      workers: [
        {
          configPath: 'wrangler.toml',
          prebuiltWorkerDir: resolve('dist'),
          vars: { THANK_YOU_URL: THANK_YOU },
          secrets: { DATAFAST_API_KEY, STRIPE_SECRET_KEY },
        },
      ],
    })
    await harness.listen()
    try {
      const answer = await harness.fetch('https://pay.example.com/checkout/health')
      expect(answer.status).toBe(200)
      expect(await answer.json()).toEqual({ status: 'ok', providers: ['stripe'], problems: [] })
    } finally {
      await harness.close()
    }
  })
})
