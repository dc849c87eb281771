import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare, type RequestInit, type V4MiniflareOptions } from 'miniflare'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { unstable_getMiniflareWorkerOptions } from 'wrangler'
import { AFTERMATH } from '../../sandbox/world/aftermath/list.ts'
import { ownRequest } from '../../sandbox/world/foreign-request.ts'
import { delivered } from '../../sandbox/world/provider-event.ts'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { World } from '../../sandbox/world/world.ts'
import { eventually, THANK_YOU, VISITOR } from './worker.ts'

let storage: string
let world: World
let running: Miniflare | undefined

beforeEach(() => {
  storage = mkdtempSync(join(tmpdir(), 'success-url-'))
  world = new World()
})
afterEach(async () => {
  await running?.dispose()
  rmSync(storage, { recursive: true, force: true })
})

/** The real bundle with the production configuration, on storage that outlives it. */
async function start(): Promise<Miniflare> {
  const { workerOptions } = unstable_getMiniflareWorkerOptions('wrangler.toml')
  const options = {
    ...(workerOptions as object),
    rootPath: undefined,
    modulesRules: undefined,
    modules: true,
    script: readFileSync('dist/index.js', 'utf8'),
    bindings: { ...SECRETS, THANK_YOU_URL: THANK_YOU },
    outboundService: async (request: Request) => world.handle(await ownRequest(request)),
    kvPersist: storage,
    durableObjectsPersist: storage,
    cf: false,
  } as unknown as V4MiniflareOptions
  running = new Miniflare({ ...convertV4MiniflareOptions(options), resourcePersistencePath: storage })
  await running.ready
  return running
}

/** As the machine does when it loses power: no signal to handle, nothing flushed. */
async function killRuntime(): Promise<void> {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const killed = children.filter((pid) => {
    try {
      const [, command, , parent] = /^\d+ \((.*)\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
      return command === 'workerd' && Number(parent) === process.pid
    } catch {
      return false
    }
  })
  expect(killed).toHaveLength(1)
  for (const pid of killed) process.kill(Number(pid), 'SIGKILL')
  await running?.dispose().catch(() => {})
  running = undefined
}

function visit(worker: Miniflare, id: string): Promise<unknown> {
  const init: RequestInit = { redirect: 'manual', headers: { cookie: `datafast_visitor_id=${VISITOR}` } }
  return worker.dispatchFetch(`https://pay.example.com/checkout/success/stripe?session_id=${id}`, init)
}

const posts = () => world.callsTo('datafast')
const lookups = () => world.callsTo('stripe')

async function expectDelivered(): Promise<void> {
  await eventually(
    () => world.dataFast.ledger.size,
    (size) => size === 1,
    25_000,
  )
  expect([...world.dataFast.ledger.values()]).toMatchObject([{ transaction_id: 'pi_crash', amount: 19.99, datafast_visitor_id: VISITOR }])
}

describe('a runtime killed in the middle', () => {
  it('between arrival and verification: the order is verified and recorded after the restart, without another visit', async () => {
    const id = 'cs_live_crash1'
    world.stripe.sell(id, { payment_intent: 'pi_crash' })
    world.service('stripe').faults.push({ kind: 'hang' })
    const worker = await start()
    visit(worker, id).catch(() => {})
    await eventually(
      () => lookups().length,
      (count) => count === 1,
    )
    await killRuntime()
    expect(posts()).toEqual([])
    await start()
    await expectDelivered()
    expect(posts()).toHaveLength(1)
  })

  it('between verification and delivery: the payment is delivered after the restart', async () => {
    const id = 'cs_live_crash2'
    world.stripe.sell(id, { payment_intent: 'pi_crash' })
    world.service('datafast').faults.push({ kind: 'answer', status: 503 })
    const worker = await start()
    await visit(worker, id)
    await eventually(
      () => posts().length,
      (count) => count === 1,
    )
    await killRuntime()
    await start()
    await expectDelivered()
    expect(lookups()).toHaveLength(1)
  })

  it('during delivery, after DataFast took the payment: it is sent again under the same id and counted once', async () => {
    const id = 'cs_live_crash3'
    world.stripe.sell(id, { payment_intent: 'pi_crash' })
    const worker = await start()
    world.service('datafast').delayMs = 2000
    await visit(worker, id)
    await new Promise((resolve) => setTimeout(resolve, 700))
    await killRuntime()
    world.service('datafast').delayMs = 0
    await start()
    await eventually(
      () => posts().length,
      (count) => count >= 2,
      25_000,
    )
    await expectDelivered()
    expect(new Set(posts().map((call) => (call.body as { transaction_id: string }).transaction_id))).toEqual(new Set(['pi_crash']))
  })

  it('during a delivery that the alarm had started: the next start takes it up within seconds', async () => {
    const id = 'cs_live_crash4'
    world.stripe.sell(id, { payment_intent: 'pi_crash' })
    world.service('datafast').faults.push({ kind: 'answer', status: 503 }, { kind: 'hang' })
    const worker = await start()
    await visit(worker, id)
    await eventually(
      () => posts().length,
      (count) => count === 2,
      8000,
    )
    await killRuntime()
    await start()
    await expectDelivered()
  })

  it('just after a webhook was acknowledged: what it told is recorded after the restart, a refund and its sale once each', async () => {
    const id = 'ch_crash5crash5crash5'
    world.creem.sell(id)
    const aftermath = AFTERMATH.creem(world, id)
    const [sale, refund] = [aftermath.sold(), aftermath.refunded('rest')]
    const worker = await start()
    world.service('creem').fault = { kind: 'hang' }
    for (const event of [...sale.events, ...refund.events]) {
      const { path, ...init } = delivered(event)
      const answer = await worker.dispatchFetch(`https://pay.example.com${path}`, { method: 'POST', ...init })
      expect(await answer.json()).toEqual({ received: 1 })
    }
    await killRuntime()
    world.service('creem').fault = undefined
    const next = await start()
    await next.dispatchFetch(`https://pay.example.com/checkout/success/creem?checkout_id=${id}`, {
      redirect: 'manual',
      headers: { cookie: `datafast_visitor_id=${VISITOR}` },
    })
    await eventually(
      () => world.dataFast.ledger.size,
      (size) => size === 2,
      50_000,
    )
    const common = { datafast_visitor_id: VISITOR, currency: 'EUR' }
    expect([...world.dataFast.ledger.values()]).toMatchObject([
      { transaction_id: sale.transactionId, amount: sale.amount, ...common },
      { transaction_id: refund.transactionId, amount: refund.amount, refunded: true, ...common },
    ])
    expect(posts()).toHaveLength(2)
  })
})
