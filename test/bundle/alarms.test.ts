import type { Miniflare, RequestInit } from 'miniflare'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ownRuntime } from './runtime.ts'
import { eventually, sessionId, VISITOR } from './worker.ts'

/** The bundle, whose orders tell when they set their alarm, and for when. The first ones fail where `failing` says so. */
const WATCHED = `
import worker, { Order as Bundled, Ledger } from './bundle.js'
const alarms = []
let failing = 0
export { Ledger }
export class Order extends Bundled {
  constructor(ctx, env) {
    super(ctx, env)
    const storage = new Proxy(ctx.storage, { get: (target, name) => {
      if (name === 'setAlarm') return (at) => {
        alarms.push({ now: Date.now(), at })
        return failing-- > 0 ? Promise.reject(new Error('no alarm')) : target.setAlarm(at)
      }
      const value = target[name]
      return typeof value === 'function' ? value.bind(target) : value
    } })
    Object.defineProperty(this, 'ctx', { value: { storage } })
  }
}
export default { ...worker, fetch(request, env, ctx) {
  const { pathname, searchParams } = new URL(request.url)
  if (pathname !== '/alarms') return worker.fetch(request, env, ctx)
  failing = Number(searchParams.get('failing'))
  return Response.json(alarms)
} }`

const DAY = 86_400_000
type Alarm = { now: number; at: number }

let runtime: ReturnType<typeof ownRuntime>
let worker: Miniflare

beforeEach(async () => {
  runtime = ownRuntime()
  worker = await runtime.start({}, WATCHED)
})
afterEach(() => runtime.stop())

async function alarms(failing = 0): Promise<Alarm[]> {
  return (await (await worker.dispatchFetch(`https://pay.example.com/alarms?failing=${failing}`)).json()) as Alarm[]
}

/** A buyer who comes back with a paid order. */
function visit() {
  const id = sessionId()
  runtime.world.stripe.sell(id, { payment_intent: 'pi_alarm' })
  const init: RequestInit = { redirect: 'manual', headers: { cookie: `datafast_visitor_id=${VISITOR}` } }
  return worker.dispatchFetch(`https://pay.example.com/checkout/success/stripe?session_id=${id}`, init)
}

/** Until an order has done everything, and stands to be forgotten. */
function untilKept(): Promise<Alarm[]> {
  return eventually(alarms, (set) => (set.at(-1)?.at ?? 0) > Date.now() + 29 * DAY)
}

/** How far ahead each was set, in whole seconds. */
function ahead(set: Alarm[]): number[] {
  return set.map(({ at, now }) => Math.round((at - now) / 1_000))
}

describe('An order’s alarm', () => {
  it('is set when it is taken up, five seconds ahead, and when it has ended: every other setting would be paid for nothing', async () => {
    await visit()
    expect(ahead(await untilKept())).toEqual([5, 30 * 86_400])
  })

  it('moves with what is due next: to the next try, and five seconds ahead as soon as that is under way', async () => {
    runtime.world.service('datafast').faults.push({ kind: 'answer', status: 503 })
    await visit()
    expect(ahead(await untilKept())).toEqual([5, 2, 3_600, 5, 30 * 86_400])
  })

  it('that could not be set is set by the next step', async () => {
    await alarms(1)
    await visit()
    expect(ahead(await untilKept())).toEqual([5, 5, 30 * 86_400])
    expect(runtime.world.dataFast.ledger.size).toBe(1)
  })
})
