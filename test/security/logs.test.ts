import { describe, expect, it } from 'vitest'
import { delivered } from '../../sandbox/world/provider-event.ts'
import { recorded, withWorker, worker } from '../bundle/at-provider.ts'
import { PROVIDER_NAMES, SELLERS } from '../bundle/sellers.ts'
import { soldAt } from '../bundle/sold-at.ts'
import { sessionId, uniqueVisitor } from '../bundle/worker.ts'
import { FULL, some } from './form.ts'
import { BREAKS, HOSTILE } from './hostile.ts'

withWorker({ vars: { ATTRIBUTION_WAIT_SECONDS: 0 } })

/** What could end a line comes first. */
const WRITTEN = FULL ? HOSTILE : BREAKS

/** Of a session, what the Worker makes words of. */
const ODD_FIELDS = ['payment_status', 'status', 'currency', 'payment_intent', 'mode']

/** The fields a line may have, and what may stand in them. */
const FIELDS: Record<string, RegExp> = {
  event: /^[a-z]+$/,
  outcome: /^[a-z-]+$/,
  reason: /^[\w:-]+$/,
  provider: /^[a-z]+$/,
  order: /^[\da-f]{8}$/,
  setting: /^[A-Z_]+$/,
  ...{
    end: /^[a-z]+$/,
    kind: /^[A-Za-z]+$/,
    waiting: /^[a-z-]+$/,
    stored: /^[a-z]+$/,
    where: /^[a-z]+$/,
    list: /^[a-z-]+$/,
    day: /^[\d-]{10}$/,
  },
  ...{ ms: /^\d+$/, status: /^\d{3}$/, received: /^[01]$/, delivered: /^\d+$/, orders: /^\d+$/, findings: /^\d+$/ },
  problems: /^[\w ’,.;:()/…-]+$/,
}

describe('Every line of the log', () => {
  it('is one line of JSON with words of ours in it, whatever is written into a request', async () => {
    const visitor = uniqueVisitor()
    for (const text of WRITTEN) {
      const encoded = encodeURIComponent(text)
      const init = { visitor, headers: { 'user-agent': 'evil', referer: 'https://evil.example/' } }
      for (const path of [
        `success/stripe?session_id=${encoded}`,
        `success/${encoded}`,
        `go/${encoded}`,
        encoded,
        `success/stripe?page=${encoded}`,
      ]) {
        await worker.visit(`/checkout/${path}`, init)
      }
      await worker.visit(`/checkout/webhook/gumroad/${encoded}`, { method: 'POST', body: text, headers: { 'stripe-signature': encoded } })
      await worker.visit('/checkout/webhook/stripe', {
        method: 'POST',
        body: text,
        headers: { 'stripe-signature': `t=${encoded},v1=${encoded}` },
      })
    }
    expectPlain(70)
  })

  it('and whatever a provider writes into an event', async () => {
    for (const provider of PROVIDER_NAMES) {
      const { event } = soldAt(provider, worker.world)
      for (const text of WRITTEN) {
        const json = JSON.stringify(text).slice(1, -1)
        const body =
          provider === 'gumroad'
            ? String(new URLSearchParams({ sale_id: 'evil', resource_name: text }))
            : event.body.replace(/"(type|eventType|event_type|event_name)":"[^"]*"/, `"$1":"${json}"`)
        expect([200, 400]).toContain((await worker.post(delivered({ ...event, body }))).status)
      }
    }
    expectPlain(140)
  })

  it('and whatever a provider or DataFast answers', async () => {
    for (const [place, text] of WRITTEN.entries()) {
      const odd = some(ODD_FIELDS, place, 2).map((field) => {
        const id = sessionId()
        worker.world.stripe.sell(id, { [field]: text })
        return worker.visit(`/checkout/success/stripe?session_id=${id}`, { visitor })
      })
      const id = sessionId()
      worker.world.stripe.sell(id, { payment_intent: `pi_of_${id}` })
      worker.world
        .service('datafast')
        .failFor(`pi_of_${id}`, { kind: 'answer', status: 418, body: { error: { message: text } }, headers: { 'retry-after': '5' } })
      await Promise.all([...odd, worker.visit(`/checkout/success/stripe?session_id=${id}`, { visitor })])
    }
    for (const provider of PROVIDER_NAMES) {
      const { id } = soldAt(provider, worker.world)
      worker.world.service(provider).faults.push({ kind: 'answer', status: 499, body: HOSTILE.join() })
      await worker.visit(`/checkout/success/${provider}?${SELLERS[provider].returning(worker.world, id)}`)
    }
    const last = sessionId()
    worker.world.stripe.sell(last, { payment_intent: `pi_of_${last}` })
    await worker.visit(`/checkout/success/stripe?session_id=${last}`, { visitor })
    await recorded(`pi_of_${last}`)
    expectPlain(190)
  })
})

const visitor = uniqueVisitor()

/** @param atLeast - how many lines there are by now */
function expectPlain(atLeast: number): void {
  const logs = worker.logs()
  expect(logs.length).toBeGreaterThan(atLeast)
  const strange = logs.flatMap((text) => {
    const line = JSON.parse(text) as Record<string, unknown>
    const isPlain = /^[ -~’…]*$/.test(text) && !/evil|https?:|script|cs_|%|@/i.test(text) && !text.includes(visitor)
    const isOurs = Object.entries(line).every(([field, value]) => FIELDS[field]?.test(String(value)))
    return isPlain && isOurs && line.event !== 'fault' ? [] : [text]
  })
  expect(strange).toEqual([])
}
