import { describe, expect, it } from 'vitest'
import { recorded, withWorker, worker } from '../bundle/at-provider.ts'
import { page, untilQuiet, WITH_STATUS } from '../bundle/operator.ts'
import { eventually, sessionId, uniqueVisitor } from '../bundle/worker.ts'

withWorker({ ...WITH_STATUS, vars: { ATTRIBUTION_WAIT_SECONDS: 0 } })

const MEGABYTE = 1_000_000
const DEPTH = 100_000

/** Bodies that no API of sound mind answers with. */
const BODIES: [string, string][] = [
  ['ten megabytes of text', 'x'.repeat(10 * MEGABYTE)],
  ['ten megabytes of JSON', `{"id":"cs_1","filler":"${'x'.repeat(10 * MEGABYTE)}"}`],
  ['a list of a million', `{"data":[${'0,'.repeat(MEGABYTE)}0]}`],
  ['lists in lists, 100,000 deep', `${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`],
  ['objects in objects, 100,000 deep', `${'{"a":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`],
  ['a nested list that never ends', '['.repeat(DEPTH)],
  ['a prototype', '{"__proto__":{"status":"complete","payment_status":"paid","id":"cs_1"},"constructor":{"prototype":{"paid":true}}}'],
  ['nothing', ''],
  ['null', 'null'],
  ['a number', '1e308'],
  ['a page', '<html><script>alert(1)</script></html>'],
  ['bytes that are no text', '\ufffd\u0000\u0001'],
]

const visit = (id: string, visitor = uniqueVisitor()) => worker.visit(`/checkout/success/stripe?session_id=${id}`, { visitor })

/** A sale that nothing of the test concerns. */
async function isRecorded(): Promise<void> {
  const id = sessionId()
  worker.world.stripe.sell(id, { payment_intent: `pi_of_${id}` })
  expect(await visit(id)).toMatchObject({ status: 303, outcome: 'paid' })
  await recorded(`pi_of_${id}`)
}

describe('An answer of a hostile provider', () => {
  it.each(BODIES)('%s: the buyer lands as pending, nothing is recorded, and everybody else is served', async (_, body) => {
    const id = sessionId()
    worker.world.stripe.sell(id, { payment_intent: `pi_of_${id}` })
    worker.world.service('stripe').failFor(id, { kind: 'answer', status: 200, body })
    expect(await visit(id)).toMatchObject({ status: 303, outcome: 'pending' })
    await isRecorded()
    expect(worker.world.callsTo('datafast', `"pi_of_${id}"`)).toEqual([])
  })

  it.each<[string, Record<string, unknown>]>([
    ['more than there is', { amount_total: 1e308 }],
    ['less than nothing', { amount_total: -1 }],
    ['a part of a cent', { amount_total: 0.5 }],
    ['more than can be counted', { amount_total: 2 ** 53 }],
    ['a text', { amount_total: '1999' }],
    ['an object that claims to be a number', { amount_total: { valueOf: 1999 } }],
    ['a tax beyond all measure', { total_details: { amount_tax: 1e308 } }],
    ['a currency of ten thousand letters', { currency: 'e'.repeat(10_000) }],
    ['a currency out of the prototype', { currency: '__proto__' }],
    ['a currency with a control character', { currency: 'eu\u0000r' }],
    ['a moment at the end of all time', { created: 1e300 }],
    ['a moment before the beginning', { created: -1e300 }],
  ])('with %s is no amount and no moment: nothing false is recorded', async (_, fields) => {
    const id = sessionId()
    worker.world.stripe.sell(id, { payment_intent: `pi_of_${id}`, ...fields })
    expect((await visit(id)).status).toBe(303)
    await isRecorded()
    for (const { body } of worker.world.callsTo('datafast', `"pi_of_${id}"`)) {
      // A tax that makes no sense leaves the gross amount as it is.
      expect(body).toMatchObject({ amount: 19.99, currency: 'EUR', timestamp: expect.stringMatching(/^20\d\d-/) })
    }
  })

  it.each(['\ud800', 'pi_\udfff_1', 'x'.repeat(100_000), '\u0000', '\u001b[2J', '\u202e', '__proto__', '{"a":1}'])(
    'with a transaction id such as %j: the buyer lands, the page shows, everybody else is served',
    async (transactionId) => {
      const id = sessionId()
      worker.world.stripe.sell(id, { payment_intent: transactionId })
      expect(await visit(id)).toMatchObject({ status: 303, outcome: 'paid' })
      expect(await visit(id)).toMatchObject({ status: 303, outcome: expect.stringMatching(/^(paid|repeat)$/) })
      await isRecorded()
      expect((await page()).status).toBe(200)
    },
  )

  it('that wants to be left alone for ever is asked again within six hours', async () => {
    for (const wish of ['99999999999', '1e308', 'Infinity', 'Fri, 31 Dec 9999 23:59:59 GMT', '-1', 'x'.repeat(60_000)]) {
      const id = sessionId()
      worker.world.stripe.sell(id)
      worker.world.service('stripe').failFor(id, { kind: 'answer', status: 503, headers: { 'retry-after': wish } })
      expect(await visit(id)).toMatchObject({ outcome: 'pending' })
      const state = await eventually(
        () => worker.stateOf(`stripe:${id}`),
        (one) => one?.stage.at === 'provider' && one.stage.tries.count > 0,
      )
      const due = state?.stage.at === 'provider' ? state.stage.tries.due : 0
      expect(due - Date.now()).toBeLessThanOrEqual(6 * 3_600_000)
    }
  })
})

describe('An answer of a hostile DataFast', () => {
  it.each(BODIES)('%s: the buyer has landed already, and what it refuses is sent again', async (_, body) => {
    const id = sessionId()
    worker.world.stripe.sell(id, { payment_intent: `pi_of_${id}` })
    worker.world.service('datafast').failFor(`pi_of_${id}`, { kind: 'answer', status: 500, body })
    expect(await visit(id)).toMatchObject({ status: 303, outcome: 'paid' })
    await eventually(() => worker.world.callsTo('datafast', `"pi_of_${id}"`).length, Boolean)
  })

  it('is not believed about its own website either: the page shows, as text', async () => {
    Object.assign(worker.world.dataFast.website, { domain: 'x'.repeat(100_000), currency: '</style><script>alert(1)</script>' })
    await worker.worker.scheduled({ cron: '*/15 * * * *' })
    await untilQuiet()
    const { status, text } = await page()
    expect(status).toBe(200)
    expect(text).not.toContain('<script')
  })
})

describe('After all that', () => {
  it('nobody has changed what every object has, and all is recorded that was paid', async () => {
    await isRecorded()
    expect(worker.world.dataFast.ledger.has('cs_1')).toBe(false)
    for (const path of ['/checkout/success/__proto__', '/checkout/go/polluted', '/checkout/webhook/constructor']) {
      expect([303, 404, 405]).toContain((await worker.visit(path)).status)
    }
  })
})
