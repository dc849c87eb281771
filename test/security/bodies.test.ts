import { createHmac } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { delivered, WEBHOOK_SECRETS } from '../../sandbox/world/provider-event.ts'
import { recorded, withWorker, worker } from '../bundle/at-provider.ts'
import { BEARER, WITH_STATUS } from '../bundle/operator.ts'
import { PROVIDER_NAMES } from '../bundle/sellers.ts'
import { soldAt } from '../bundle/sold-at.ts'
import { sessionId } from '../bundle/worker.ts'
import { FULL } from './form.ts'
import { exchangeOf, head, headerOf, usual, wireTo } from './wire.ts'

withWorker({ ...WITH_STATUS, vars: { ATTRIBUTION_WAIT_SECONDS: 0 } })

const MEBIBYTE = 1_048_576
/** Far more than what lies in the buffers of a connection beyond what anybody has read. */
const ENDLESS = 128 * MEBIBYTE

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const chunk = (bytes: string) => `${bytes.length.toString(16)}\r\n${bytes}\r\n`

/** A buyer whom nothing of the test concerns. */
async function buys(): Promise<void> {
  const id = sessionId()
  worker.world.stripe.sell(id, { payment_intent: `pi_of_${id}` })
  expect(await worker.visit(`/checkout/success/stripe?session_id=${id}`)).toMatchObject({ status: 303, outcome: 'paid' })
  await recorded(`pi_of_${id}`)
}

/** A signed delivery that nothing of the test concerns. */
async function isTold(): Promise<void> {
  const { transactionId, event } = soldAt('stripe', worker.world)
  expect(await worker.post(delivered(event))).toMatchObject({ status: 200, json: { received: 1 } })
  await recorded(transactionId)
}

describe('A body without an end', () => {
  it.each(PROVIDER_NAMES)('is not read to the end of all days by the webhook of %s: it is too large', async (provider) => {
    const secret = provider === 'gumroad' ? `/${WEBHOOK_SECRETS.GUMROAD_PING_SECRET}` : ''
    const before = worker.logs().length
    const wire = await wireTo(worker)
    wire.send(head(`POST /checkout/webhook/${provider}${secret}`, [...usual(), 'Transfer-Encoding: chunked']))
    let sent = 0
    for (const part = chunk('x'.repeat(65_536)); !wire.answers().length && !wire.isOver() && sent < ENDLESS; sent += 65_536) {
      await wire.sent(part)
    }
    expect(sent).toBeLessThan(ENDLESS)
    wire.close()
    await buys()
    const lines = worker
      .logs()
      .slice(before)
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines.filter(({ event }) => event === 'webhook')).toMatchObject([{ provider, status: 413, reason: 'too-large' }])
  })

  it.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/json'])(
    'is not read at all at the success URL, whatever it calls itself: %s',
    async (type) => {
      const id = sessionId()
      worker.world.stripe.sell(id)
      const headers = [...usual(), 'Transfer-Encoding: chunked', `Content-Type: ${type}`]
      const [answer] = await exchangeOf(worker, head(`POST /checkout/success/stripe?session_id=${id}`, headers) + chunk('x'.repeat(1000)))
      expect([answer?.status, headerOf(answer, 'x-checkout-outcome')]).toEqual([303, 'paid'])
    },
  )

  it('of the status page’s button ends after 4 KiB', async () => {
    const endless = new ReadableStream({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode(`all=&${'x'.repeat(MEBIBYTE)}`))
        controller.enqueue(new TextEncoder().encode('&all=1'))
        controller.close()
      },
    })
    const init = { method: 'POST', headers: BEARER, body: endless, duplex: 'half' } as RequestInit
    expect(await worker.visit('/checkout/status/retry', init)).toMatchObject({ status: 400, text: 'name a reference, all or checks\n' })
  })
})

describe('A length that is not true', () => {
  it.each(['0', '99999999999'])('at the success URL changes nothing for the buyer: %s', async (length) => {
    const id = sessionId()
    worker.world.stripe.sell(id)
    const [answer] = await exchangeOf(
      worker,
      head(`POST /checkout/success/stripe?session_id=${id}`, [...usual(), `Content-Length: ${length}`]),
    )
    expect([answer?.status, headerOf(answer, 'x-checkout-outcome')]).toEqual([303, 'paid'])
  })

  it('at a webhook: what is behind it belongs to nobody’s delivery', async () => {
    const { id, event } = soldAt('stripe', worker.world)
    const { headers, body } = delivered(event)
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    const shorter = head('POST /checkout/webhook/stripe', [...usual(), ...lines, `Content-Length: ${body.length - 1}`])
    expect((await exchangeOf(worker, shorter + body)).map(({ status }) => status)).toEqual([401])
    expect(worker.world.callsTo('stripe', id)).toEqual([])
  })
})

describe('A body that unpacks to far more than it is', () => {
  const bomb = gzipSync(Buffer.alloc(16 * MEBIBYTE, ' '))

  it('is taken as the bytes that it is, unsigned', async () => {
    const answer = await worker.post(
      { path: '/checkout/webhook/creem', headers: { 'content-encoding': 'gzip', 'creem-signature': '0'.repeat(64) }, body: '' },
      { body: new Uint8Array(bomb) },
    )
    expect(answer).toMatchObject({ status: 401, text: 'signature-wrong\n' })
  })

  it('is taken as the bytes that it is, even when it is signed', async () => {
    const signature = createHmac('sha256', WEBHOOK_SECRETS.CREEM_WEBHOOK_SECRET).update(bomb).digest('hex')
    const headers = { 'content-encoding': 'gzip', 'creem-signature': signature }
    const answer = await worker.post({ path: '/checkout/webhook/creem', headers, body: '' }, { body: new Uint8Array(bomb) })
    expect(answer).toMatchObject({ status: 400, text: 'unreadable\n' })
  })

  it('at the success URL is no form', async () => {
    const headers = { 'content-encoding': 'gzip', 'content-type': 'application/x-www-form-urlencoded' }
    const form = { method: 'POST', headers, body: new Uint8Array(gzipSync('session_id=cs_live_zipped')) }
    expect(await worker.visit('/checkout/success/stripe', form)).toMatchObject({ status: 303, outcome: 'invalid' })
  })
})

describe('A body that comes drop by drop', () => {
  const drops = FULL ? 150 : 15
  const senders = FULL ? 100 : 20

  it('at the success URL: its buyer is redirected before it is there, and so is everybody else', async () => {
    const id = sessionId()
    worker.world.stripe.sell(id)
    const wire = await wireTo(worker)
    const headers = [...usual(), 'Content-Type: application/x-www-form-urlencoded', 'Content-Length: 10000']
    wire.send(head(`POST /checkout/success/stripe?session_id=${id}`, headers))
    for (let drop = 0; drop < drops && !wire.answers().length; drop++) {
      wire.send('a')
      if (drop === 2) await buys()
      await pause(200)
    }
    expect(wire.answers().map((answer) => headerOf(answer, 'x-checkout-outcome'))).toEqual(['paid'])
    wire.close()
  })

  it(`at a webhook, from ${senders} senders at once: buyers land, deliveries are taken, and its own is answered in the end`, async () => {
    const { event, transactionId } = soldAt('stripe', worker.world)
    const { headers, body } = delivered(event)
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    const wires = await Promise.all(Array.from({ length: senders }, () => wireTo(worker)))
    for (const wire of wires) wire.send(head('POST /checkout/webhook/stripe', [...usual(), ...lines, `Content-Length: ${body.length}`]))
    const length = Math.floor(body.length / drops)
    for (let drop = 0; drop < drops; drop++) {
      for (const wire of wires) wire.send(body.slice(drop * length, (drop + 1) * length))
      if (drop % 5 === 2) await Promise.all([buys(), isTold()])
      await pause(FULL ? 100 : 20)
    }
    expect(wires.flatMap((wire) => wire.answers())).toEqual([])
    for (const wire of wires) wire.send(body.slice(drops * length))
    const answers = await Promise.all(wires.map((wire) => wire.end()))
    expect(answers.map(([answer]) => answer?.status)).toEqual(wires.map(() => 200))
    await recorded(transactionId)
    expect(worker.world.callsTo('datafast', `"${transactionId}"`)).toHaveLength(1)
  })

  it('headers that never end hold nobody up', async () => {
    const wires = await Promise.all(Array.from({ length: senders }, () => wireTo(worker)))
    for (const wire of wires) wire.send('GET /checkout/success/stripe HTTP/1.1\r\nHost: pay.example.com\r\nX-A: ')
    for (let drop = 0; drop < 5; drop++) {
      for (const wire of wires) wire.send('a')
      await buys()
    }
    for (const wire of wires) wire.close()
  })
})

describe('What a body calls itself', () => {
  const types = [
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/html',
    'x',
    ';;;',
  ]

  it.each(types)('at a webhook is nobody’s concern: %s', async (type) => {
    const { event, transactionId } = soldAt('stripe', worker.world)
    const delivery = delivered(event)
    expect(await worker.post({ ...delivery, headers: { ...delivery.headers, 'content-type': type } })).toMatchObject({ status: 200 })
    await recorded(transactionId)
  })

  it.each([...types, 'application/json'])('at the success URL names no order, unless it is a form: %s', async (type) => {
    const id = sessionId()
    worker.world.stripe.sell(id)
    const isForm = type === 'application/x-www-form-urlencoded'
    for (const body of [`session_id=${id}`, JSON.stringify({ session_id: id })]) {
      const { status, outcome } = await worker.visit('/checkout/success/stripe', {
        method: 'POST',
        body,
        headers: { 'content-type': type },
      })
      expect([status, outcome]).toEqual([303, isForm && !body.startsWith('{') ? 'paid' : 'invalid'])
    }
  })

  it('of Gumroad’s ping: JSON in the place of a form is unreadable', async () => {
    const path = `/checkout/webhook/gumroad/${WEBHOOK_SECRETS.GUMROAD_PING_SECRET}`
    for (const body of [
      '{"sale_id":"abc"}',
      '<sale_id>abc</sale_id>',
      '--x\r\nContent-Disposition: form-data; name="sale_id"\r\n\r\nabc\r\n--x--',
    ]) {
      expect(await worker.post({ path, body, headers: { 'content-type': 'application/json' } })).toMatchObject({ status: 400 })
    }
  })
})

it('Nobody has stumbled over any of it', () => {
  expect(worker.logs().filter((line) => line.includes('"fault"'))).toEqual([])
})

describe('A body that breaks off', () => {
  it('is no delivery, and holds nobody up', async () => {
    const { id, event } = soldAt('stripe', worker.world)
    const { headers, body } = delivered(event)
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    const wire = await wireTo(worker)
    wire.send(head('POST /checkout/webhook/stripe', [...usual(), ...lines, `Content-Length: ${body.length + 1}`]) + body)
    await isTold()
    expect(wire.answers()).toEqual([])
    wire.close()
    await isTold()
    expect(worker.world.callsTo('stripe', id)).toEqual([])
    expect(worker.logs().filter((line) => line.includes('"fault"'))).toEqual([])
  })
})
