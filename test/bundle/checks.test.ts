import { describe, expect, it } from 'vitest'
import { AFTERMATH } from '../../sandbox/world/aftermath/list.ts'
import { delivered } from '../../sandbox/world/provider-event.ts'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { at, recorded, withWorker, worker } from './at-provider.ts'
import { ALL_SET, check, press, sweep, untilQuiet, WEBSITE_ID, WITH_STATUS, waiting } from './operator.ts'
import { eventually, sessionId, uniqueVisitor } from './worker.ts'

/** "Check again now", and everything that follows from it. */
async function checkAgain(): Promise<void> {
  await press({ checks: '1' })
  await untilQuiet()
}

/** A buyer pays at Stripe today and comes back. */
async function buys(visitor?: string) {
  const id = sessionId()
  const transactionId = `pi_${id.slice(8)}`
  worker.world.stripe.sell(id, { created: Math.floor(Date.now() / 1000) - 5, payment_intent: transactionId })
  await at('stripe').visitAt(`session_id=${id}`, visitor)
  return { id, transactionId, reference: `stripe:${id}` }
}

/** What Stripe tells of a sale, signed with some secret. */
async function tells(secret: string): Promise<number[]> {
  const id = sessionId()
  worker.world.stripe.sell(id)
  const secrets = { ...SECRETS, STRIPE_WEBHOOK_SECRET: secret }
  const events = AFTERMATH.stripe(worker.world, id).sold().events
  const answers = await Promise.all(events.map((event) => worker.post(delivered(event, new Date(), secrets))))
  return answers.map(({ status }) => status)
}

/** As soon as a check has turned out like this. */
function turns(id: string, state: string) {
  return eventually(
    () => check(id),
    (now) => now.state === state,
  )
}

describe('in a shop that has just been set up', () => {
  withWorker(ALL_SET)

  it('every setting is in order', async () => {
    expect(await check('settings')).toEqual({ id: 'settings', title: 'Settings', state: 'green', text: 'Every setting is in order.' })
  })

  it('nothing else is called good before it was tried', async () => {
    for (const id of ['datafast-key', 'cookie-host', 'cookie-seen', 'key-stripe', 'webhook-stripe', 'native-integration', 'sweep']) {
      expect.soft(await check(id)).toMatchObject({ id, state: 'yellow', fix: expect.any(String) })
    }
  })

  it('after the first cron run everything that can be asked is green', async () => {
    await sweep()
    for (const id of ['datafast-key', 'cookie-host', 'key-stripe', 'key-gumroad', 'native-integration', 'disable-payments', 'sweep']) {
      const found = await check(id)
      expect.soft(found).toMatchObject({ id, state: 'green' })
      expect.soft(found).not.toHaveProperty('fix')
    }
    expect(await check('datafast-key')).toMatchObject({ text: 'It works, for example.com.' })
    expect(await check('cookie-host')).toMatchObject({ text: 'pay.example.com sees the cookie of example.com.' })
    expect(await check('sweep')).toMatchObject({ text: expect.stringMatching(/^It last ran at \d\d:\d\d UTC\.$/) })
  })
})

describe('Settings', () => {
  withWorker({ ...WITH_STATUS, vars: { REVENUE: 'brutto', DATAFAST_WEBSITE_ID: 'dfid_x' } })

  it('each mistake is a check of its own: red what must be mended, yellow what works all the same', async () => {
    expect(await check('settings-1')).toMatchObject({ state: 'yellow', text: expect.stringContaining('DATAFAST_WEBSITE_ID') })
    expect(await check('settings-2')).toMatchObject({
      ...{ state: 'red', text: 'REVENUE must be one of: gross, net.' },
      fix: expect.stringContaining('wrangler.toml'),
    })
  })
})

describe('DataFast key', () => {
  describe('that is not set', () => {
    withWorker({ secrets: { ...WITH_STATUS.secrets, DATAFAST_API_KEY: '' } })

    it('is red', async () => {
      expect(await check('datafast-key')).toMatchObject({ state: 'red', fix: expect.stringContaining('DATAFAST_API_KEY') })
    })
  })

  describe('that is', () => {
    withWorker(ALL_SET)

    it.each([
      [401, 'red', 'DATAFAST_API_KEY'],
      // Payments may be posted all the same.
      [403, 'yellow', 'analytics:read'],
    ])('refused with %i is %s, and green once it is taken', async (status, state, fix) => {
      worker.world.service('datafast').failFor('analytics/metadata', { kind: 'answer', status })
      await checkAgain()
      expect(await check('datafast-key')).toMatchObject({ state, fix: expect.stringContaining(fix) })
      await checkAgain()
      expect(await check('datafast-key')).toMatchObject({ state: 'green' })
    })

    it.each([
      [503, 'http-503'],
      [200, 'garbage'],
    ])('not answered for (%i) is yellow, and asked again at the next cron run', async (status, reason) => {
      worker.world.service('datafast').failFor('analytics/metadata', { kind: 'answer', status, body: '<html>' })
      await checkAgain()
      expect(await check('datafast-key')).toMatchObject({ state: 'yellow', text: `DataFast could not be asked (${reason}).` })
      await sweep()
      expect(await check('datafast-key')).toMatchObject({ state: 'green' })
    })
  })
})

describe('This host and the visitor cookie', () => {
  describe.each([
    ['https://success-url.me.workers.dev', 'example.com', 'red', 'success-url.me.workers.dev can never see the cookie of your site.'],
    ['https://pay.example.com', 'www.example.com', 'red', 'The cookie of www.example.com does not reach pay.example.com.'],
    ['https://pay.example.com', 'other.org', 'red', 'pay.example.com cannot see the cookie of other.org.'],
    ['https://www.example.com', 'www.example.com', 'green', 'www.example.com sees the cookie of www.example.com.'],
  ])('at %s, for %s', (PUBLIC_URL, domain, state, text) => {
    withWorker({ ...ALL_SET, vars: { ...ALL_SET.vars, PUBLIC_URL } })

    it(`is ${state}`, async () => {
      worker.world.dataFast.website.domain = domain
      await checkAgain()
      expect(await check('cookie-host')).toMatchObject({ state, text })
    })
  })
})

describe('Visitor cookies', () => {
  withWorker(ALL_SET)

  it('are red after buyers without one, and green after one with one', async () => {
    const { transactionId } = await buys()
    await recorded(transactionId)
    expect(await turns('cookie-seen', 'red')).toMatchObject({ text: 'None of the last 1 buyers brought one.' })
    await recorded((await buys(uniqueVisitor())).transactionId)
    expect(await turns('cookie-seen', 'green')).toMatchObject({ text: 'One came within the last day.' })
  })
})

describe('Stripe’s key', () => {
  withWorker(ALL_SET)

  it('that may not read one of the lists is red, and says which permission is missing', async () => {
    worker.world.stripe.forbidden.add('invoices')
    await sweep()
    expect(await check('key-stripe')).toMatchObject({
      ...{ state: 'red', text: expect.stringContaining('invoices') },
      fix: expect.stringMatching(/^Set STRIPE_SECRET_KEY to a valid key that may read: .*Invoices/),
    })
    worker.world.stripe.forbidden.clear()
    await sweep()
    expect(await check('key-stripe')).toMatchObject({ state: 'green', text: 'It works, for live orders.' })
  })

  it('is yellow while a list cannot be read, until that is checked again', async () => {
    worker.world.service('stripe').failFor('/v1/refunds', { kind: 'answer', status: 503 })
    await sweep()
    expect(await check('key-stripe')).toMatchObject({ state: 'yellow', text: 'Stripe could not list refunds (http-503).' })
    await checkAgain()
    expect(await check('key-stripe')).toMatchObject({ state: 'green' })
  })

  it('says nothing of the other providers', async () => {
    worker.world.service('creem').failFor('/v1/transactions', { kind: 'answer', status: 401 })
    await sweep()
    expect(await check('key-creem')).toMatchObject({ state: 'red', fix: expect.stringContaining('CREEM_API_KEY') })
    expect(await check('key-dodo')).toMatchObject({ state: 'green' })
  })
})

describe('A test key alone', () => {
  withWorker({ secrets: { ...WITH_STATUS.secrets, STRIPE_SECRET_KEY: 'rk_test_sandboxkey' } })

  it('is yellow: it works, and nothing is recorded', async () => {
    await sweep()
    expect(await check('key-stripe')).toMatchObject({
      state: 'yellow',
      text: 'It works, for test orders: they are verified and left out.',
      fix: expect.stringContaining('before you sell'),
    })
  })
})

describe('Stripe’s webhook', () => {
  describe('without a secret', () => {
    withWorker({ secrets: { ...WITH_STATUS.secrets, STRIPE_WEBHOOK_SECRET: '' } })

    it('is yellow: sales are found without it', async () => {
      expect(await check('webhook-stripe')).toMatchObject({
        state: 'yellow',
        text: 'There is none: the sweep finds what nobody tells, every 15 minutes.',
        fix: expect.stringContaining('set STRIPE_WEBHOOK_SECRET'),
      })
    })

    it('that is told of things all the same says which secret is missing', async () => {
      expect(await tells('whsec_whatever')).toContain(404)
      const isNoticed = async () => (await check('webhook-stripe')).text.startsWith('Deliveries come')
      await eventually(isNoticed, Boolean)
      expect(await check('webhook-stripe')).toMatchObject({ state: 'yellow', fix: 'Set STRIPE_WEBHOOK_SECRET.' })
    })
  })

  describe('with one', () => {
    withWorker(ALL_SET)

    it('is red while deliveries are refused, and green once one verifies', async () => {
      expect(await check('webhook-stripe')).toMatchObject({ state: 'yellow', text: 'Nothing has come yet.' })
      expect(await tells('whsec_of_another_endpoint')).toContain(401)
      expect(await turns('webhook-stripe', 'red')).toMatchObject({
        text: 'Deliveries are refused (signature-wrong).',
        fix: 'Copy the webhook’s secret from Stripe into STRIPE_WEBHOOK_SECRET anew.',
      })
      expect(await tells(SECRETS.STRIPE_WEBHOOK_SECRET)).toContain(200)
      expect(await turns('webhook-stripe', 'green')).toMatchObject({
        text: expect.stringMatching(/^Deliveries arrive and verify; the last one on \d{4}-\d\d-\d\d\.$/),
      })
    })

    it('is green again as soon as a delivery verifies after a refused one', async () => {
      expect((await worker.visit('/checkout/webhook/stripe', { method: 'POST', body: '{}' })).status).toBe(401)
      // Anybody can send that.
      await turns('webhook-stripe', 'yellow')
      await tells(SECRETS.STRIPE_WEBHOOK_SECRET)
      await turns('webhook-stripe', 'green')
    })
  })
})

describe('Double counting', () => {
  describe('of a website whose id is not known', () => {
    withWorker(WITH_STATUS)

    it('is yellow', async () => {
      await sweep()
      expect(await check('native-integration')).toMatchObject({ state: 'yellow', fix: expect.stringContaining('DATAFAST_WEBSITE_ID') })
      expect(await check('disable-payments')).toMatchObject({ state: 'yellow', fix: expect.stringContaining('data-disable-payments') })
    })
  })

  describe('by a key that may not read settings', () => {
    withWorker(ALL_SET)

    it('is yellow', async () => {
      worker.world.dataFast.forbidden.add(`admin/websites/${WEBSITE_ID}/integrations`)
      await sweep()
      expect(await check('datafast-key')).toMatchObject({ state: 'green' })
      expect(await check('native-integration')).toMatchObject({ state: 'yellow', text: expect.stringContaining('key-refused-403') })
    })
  })

  describe('by an integration of DataFast', () => {
    withWorker(ALL_SET)

    it('is red: what it imports is parked here, and goes on once it is disconnected', async () => {
      worker.world.dataFast.connected.add('stripe').add('shopify')
      await checkAgain()
      expect(await check('native-integration')).toMatchObject({
        state: 'red',
        text: 'DataFast imports stripe by itself: these are parked here.',
        fix: 'Disconnect stripe in DataFast, or set NATIVE_INTEGRATION = "ignore".',
      })
      expect(await check('disable-payments')).toMatchObject({ state: 'yellow' })
      const { reference, transactionId } = await buys(uniqueVisitor())
      await waiting(reference, ({ stage }) => stage === 'parked')
      worker.world.dataFast.connected.clear()
      await sweep()
      expect(await check('native-integration')).toMatchObject({ state: 'green' })
      expect(await recorded(transactionId)).toBeDefined()
    })

    it.each([
      ['the list of integrations cannot be read', '/integrations'],
      ['the website cannot be read', '/analytics/metadata'],
    ])('stays what it is while %s: nothing is counted twice by that', async (_, path) => {
      worker.world.dataFast.connected.add('stripe')
      await checkAgain()
      const { reference, transactionId } = await buys(uniqueVisitor())
      await waiting(reference, ({ stage }) => stage === 'parked')
      worker.world.service('datafast').failFor(path, { kind: 'answer', status: 503 })
      await sweep()
      expect(worker.world.dataFast.ledger.has(transactionId)).toBe(false)
      expect(await waiting(reference)).toMatchObject({ stage: 'parked', reason: 'native-integration' })
    })

    it('stays what it is while it is checked again', async () => {
      worker.world.dataFast.connected.add('stripe')
      await checkAgain()
      worker.world.service('datafast').failFor('/analytics/metadata', { kind: 'hang' })
      await press({ checks: '1' })
      const { reference, transactionId } = await buys(uniqueVisitor())
      expect(await waiting(reference)).toMatchObject({ stage: 'parked', reason: 'native-integration' })
      expect(worker.world.dataFast.ledger.has(transactionId)).toBe(false)
    })
  })

  describe('that is to be ignored', () => {
    withWorker({ ...ALL_SET, vars: { ...ALL_SET.vars, NATIVE_INTEGRATION: 'ignore' } })

    it('is yellow, and nothing is parked', async () => {
      worker.world.dataFast.connected.add('stripe')
      await sweep()
      expect(await check('native-integration')).toMatchObject({ state: 'yellow', text: expect.stringContaining('is told to be ignored') })
      await recorded((await buys(uniqueVisitor())).transactionId)
    })
  })
})
