import { describe, expect, it } from 'vitest'
import type { Fault } from '../../sandbox/world/service.ts'
import { at, recorded, withWorker, worker } from './at-provider.ts'
import { ALL_SET, press, report, sweep, untilQuiet, waiting } from './operator.ts'
import { eventually, sessionId, VISITOR } from './worker.ts'

const WITH_ALERTS = { ...ALL_SET, vars: { ...ALL_SET.vars, ALERT_URL: 'https://alerts.example.com/hook', CUSTOMER_FIELDS: 'email,name' } }
const HERE = 'https://pay.example.com/checkout/status'
const refused: Fault = { kind: 'answer', status: 400, body: { error: { message: 'bea@personal.example is odd' } } }

/** What was told since the last time. */
function news(): string[] {
  return worker.world.alerts.messages.splice(0).map(({ text }) => String(text))
}

/** What is told at the next cron run, and at the one after it, which has nothing to add. */
async function told(): Promise<string[]> {
  await sweep()
  const first = news()
  await sweep()
  expect(news()).toEqual([])
  return first
}

async function buys(): Promise<{ transactionId: string; reference: string }> {
  const id = sessionId()
  const transactionId = `pi_${id.slice(8)}`
  const person = { customer_details: { email: 'bea@personal.example', name: 'Beatrix Personal' }, customer: 'cus_personal' }
  worker.world.stripe.sell(id, { created: Math.floor(Date.now() / 1000) - 5, payment_intent: transactionId, ...person })
  return { transactionId, reference: `stripe:${id}` }
}

const returns = (reference: string) => at('stripe').visitAt(`session_id=${reference.slice(7)}`, VISITOR)

describe('one message when it begins, one when it is over', () => {
  withWorker(WITH_ALERTS)

  it('nothing is told while nothing is wrong', async () => {
    expect(await told()).toEqual([])
  })

  it('a provider refuses the key', async () => {
    worker.world.stripe.forbidden.add('invoices')
    const [message, ...more] = await told()
    expect(message).toMatch(/^Stripe refuses the key in STRIPE_SECRET_KEY\. It must be allowed to read: .*Invoices: Read\. /)
    expect(message?.endsWith(HERE)).toBe(true)
    expect(more).toEqual([])
    expect((await report()).incidents).toEqual([{ since: expect.any(String), text: message?.replace(` ${HERE}`, '') }])
    worker.world.stripe.forbidden.clear()
    expect(await told()).toEqual([expect.stringMatching(/^Over: Stripe refuses the key in STRIPE_SECRET_KEY\./)])
    expect((await report()).incidents).toEqual([])
  })

  it('a provider refuses the key while an order is looked up', async () => {
    const { reference, transactionId } = await buys()
    worker.world.service('stripe').failFor(reference.slice(7), { kind: 'answer', status: 401 })
    await returns(reference)
    await waiting(reference)
    await sweep()
    expect(news()).toEqual([expect.stringContaining('1 order waits until it is mended')])
    await press({ reference })
    await recorded(transactionId)
    expect(await told()).toEqual([expect.stringMatching(/^Over: Stripe refuses the key/)])
  })

  it('DataFast refuses the key', async () => {
    worker.world.dataFast.keys.clear()
    await press({ checks: '1' })
    await untilQuiet()
    expect(news()).toEqual([expect.stringMatching(/^DataFast takes no payments with the key in DATAFAST_API_KEY\./)])
    worker.world.dataFast.keys.add('df_sandbox_website_key')
    expect(await told()).toEqual([expect.stringMatching(/^Over: DataFast takes no payments with the key/)])
  })

  it('an order is parked', async () => {
    const { reference, transactionId } = await buys()
    worker.world.service('datafast').failFor(transactionId, refused, refused, refused)
    await returns(reference)
    await waiting(reference, ({ stage }) => stage === 'parked', 25_000)
    expect(await told()).toEqual([
      `The order ${transactionId} is parked: datafast-refused:http-400. The status page says what to do. ${HERE}`,
    ])
    await press({ reference })
    await recorded(transactionId)
    expect(await told()).toEqual([expect.stringMatching(`^Over: The order ${transactionId} is parked`)])
  })

  it('several orders are parked: each is told of once', async () => {
    const orders = await Promise.all([buys(), buys(), buys()])
    for (const { reference } of orders) worker.world.stripe.sell(reference.slice(7), { currency: 'zzz' })
    for (const { reference } of orders) await returns(reference)
    for (const { reference } of orders) await waiting(reference)
    const messages = await told()
    expect(messages).toHaveLength(3)
    for (const { reference } of orders) expect(messages.join()).toContain(`The order ${reference} is parked: unclear:unclear-currency.`)
    for (const { reference, transactionId } of orders) {
      worker.world.stripe.sell(reference.slice(7), { payment_intent: transactionId })
      await press({ reference })
      await recorded(transactionId)
    }
    expect(await told()).toHaveLength(3)
  })

  it('DataFast imports the provider by itself', async () => {
    worker.world.dataFast.connected.add('stripe')
    await press({ checks: '1' })
    await untilQuiet()
    const { reference, transactionId } = await buys()
    await returns(reference)
    await waiting(reference, ({ stage }) => stage === 'parked')
    // One message for the integration, none for each order that it parks.
    expect(news()).toEqual([expect.stringMatching(/^DataFast is connected to Stripe itself/)])
    expect(await told()).toEqual([])
    worker.world.dataFast.connected.clear()
    expect(await told()).toEqual([expect.stringMatching(/^Over: DataFast is connected to Stripe itself/)])
    await recorded(transactionId)
  })

  it('nobody’s name, address or visitor id is in any message', () => {
    const sent = JSON.stringify(worker.world.callsTo('alerts').map(({ body }) => body))
    expect(sent.length).toBeGreaterThan(1_000)
    expect(
      ['personal', 'Beatrix', 'bea@', VISITOR, 'cus_', ...Object.values(ALL_SET.secrets)].filter((text) => sent.includes(text)),
    ).toEqual([])
  })

  it('every message is what Slack, Discord and ntfy read', () => {
    for (const { method, headers, body } of worker.world.callsTo('alerts')) {
      const { text, content, message, title } = body as Record<string, unknown>
      expect(method).toBe('POST')
      expect(headers.get('content-type')).toBe('application/json')
      expect([content, message, title]).toEqual([text, text, 'success-url'])
    }
  })
})

describe('a message that could not be sent', () => {
  withWorker(WITH_ALERTS)

  it('is sent at the next cron run, once', async () => {
    worker.world.stripe.forbidden.add('refunds')
    for (const fault of [{ kind: 'answer', status: 500 }, { kind: 'answer', status: 302 }, { kind: 'reset' }] as const) {
      worker.world.service('alerts').fault = fault
      await sweep()
      expect(news()).toEqual([])
    }
    worker.world.service('alerts').fault = undefined
    expect(await told()).toHaveLength(1)
    worker.world.stripe.forbidden.clear()
    worker.world.service('alerts').fault = { kind: 'answer', status: 500 }
    await sweep()
    worker.world.service('alerts').fault = undefined
    expect(await told()).toEqual([expect.stringMatching(/^Over: Stripe refuses the key/)])
  })

  it('is not sent at all when what it tells of is over by then', async () => {
    worker.world.service('alerts').fault = { kind: 'answer', status: 500 }
    worker.world.stripe.forbidden.add('refunds')
    await sweep()
    worker.world.stripe.forbidden.clear()
    worker.world.service('alerts').fault = undefined
    expect(await told()).toEqual([])
  })

  it('holds up neither the sweep nor a buyer', async () => {
    worker.world.service('alerts').fault = { kind: 'hang' }
    worker.world.stripe.forbidden.add('refunds')
    await worker.worker.scheduled({ cron: '*/15 * * * *' })
    await eventually(() => worker.world.callsTo('alerts').length, Boolean)
    const { reference, transactionId } = await buys()
    expect(await returns(reference)).toMatchObject({ outcome: 'paid' })
    await recorded(transactionId, 3_000)
  })
})

describe('the daily proof', () => {
  withWorker(WITH_ALERTS)
  const DAY = 86_400_000
  /** The first whole day that the providers are switched on. */
  const day = Math.floor(Date.now() / DAY + 1) * DAY
  /** The cron runs of a morning: the first reads the lists, the next compares. */
  const morning = async (after: number) => {
    for (const minutes of [75, 90]) {
      await worker.worker.scheduled({ cron: '*/15 * * * *', scheduledTime: new Date(after + DAY + minutes * 60_000) })
      await untilQuiet()
    }
    return news()
  }

  it('is told of when it does not add up, and when it does again', async () => {
    worker.world.dataFast.forge({ timestamp: new Date(day + DAY / 2).toISOString(), amount: 12.5 })
    const [message, ...more] = await morning(day)
    expect(message).toMatch(/^\d{4}-\d\d-\d\d does not add up\. DataFast shows 12\.5 EUR more than was recorded here\./)
    expect(more).toEqual([])
    expect((await report()).proof).toMatchObject([{ day: new Date(day).toISOString().slice(0, 10), findings: [expect.any(String)] }])
    expect(await morning(day + DAY)).toEqual([expect.stringMatching(/^Over: .* does not add up/)])
  })
})

describe('without an ALERT_URL', () => {
  withWorker(ALL_SET)

  it('nothing is sent, and the status page tells it all the same', async () => {
    worker.world.stripe.forbidden.add('invoices')
    await sweep()
    expect(worker.world.callsTo('alerts')).toEqual([])
    expect((await report()).incidents).toHaveLength(1)
    worker.world.stripe.forbidden.clear()
    await sweep()
    expect((await report()).incidents).toEqual([])
  })
})
