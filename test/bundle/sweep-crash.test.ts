import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare, type V4MiniflareOptions } from 'miniflare'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { unstable_getMiniflareWorkerOptions } from 'wrangler'
import { ownRequest } from '../../sandbox/world/foreign-request.ts'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { World } from '../../sandbox/world/world.ts'
import type { Reference } from '../../src/reference.ts'
import { MINUTE, PUBLIC_URL, soldNow } from './at-sweep.ts'
import { eventually, THANK_YOU } from './worker.ts'

const { DATAFAST_API_KEY, STRIPE_SECRET_KEY, GUMROAD_ACCESS_TOKEN } = SECRETS
const BINDINGS = {
  DATAFAST_API_KEY,
  STRIPE_SECRET_KEY,
  GUMROAD_ACCESS_TOKEN,
  THANK_YOU_URL: THANK_YOU,
  PUBLIC_URL,
  ATTRIBUTION_WAIT_SECONDS: 1,
}
const CRON = { cron: '*/15 * * * *' }

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
    bindings: BINDINGS,
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

async function cron(worker: Miniflare): Promise<void> {
  await (await worker.getWorker()).scheduled(CRON)
}

/** The runtime has seen its providers, and its first run is over: what is sold from now on counts. */
async function startSweeping(): Promise<Miniflare> {
  const worker = await start()
  await cron(worker)
  await eventually(pages, (urls) => urls.some((url) => url.includes('refunds')) && urls.some((url) => url.includes('gumroad')))
  await new Promise((resolve) => setTimeout(resolve, 500))
  world.calls.length = 0
  return worker
}

function pages(): string[] {
  return [...world.callsTo('stripe'), ...world.callsTo('gumroad')]
    .map(({ url }) => url)
    .filter((url) => /created\[gte\]|\/sales\?after/.test(url))
}

/** So many sessions, of which all but a few are remembered, the newest first. */
async function soldFromNowOn(worker: Miniflare, count: number, unknown: readonly number[]) {
  const now = Date.now()
  const sales = Array.from({ length: count }, (_, place) => soldNow('stripe', world, 'one-time', new Date(now + place * MINUTE))).reverse()
  const memory = await worker.getKVNamespace('RECORDED')
  const known = sales.filter((_, place) => !unknown.includes(place)).map(({ id }): Reference => `stripe:${id}`)
  const value = JSON.stringify({ v: 1, transaction_id: 'of_long_ago' })
  await Promise.all(known.map((reference) => memory.put(reference, value, { metadata: { attributed: 'yes' } })))
  return { sales, found: sales.filter((_, place) => unknown.includes(place)) }
}

async function expectEachOnce(found: readonly { transactionId: string }[], timeoutMs: number): Promise<void> {
  await eventually(
    () => world.dataFast.ledger.size,
    (size) => size >= found.length,
    timeoutMs,
  )
  // Time enough for one too many.
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect([...world.dataFast.ledger.keys()].sort()).toEqual(found.map(({ transactionId }) => transactionId).sort())
}

describe('a runtime killed in the middle of a sweep', () => {
  it('while it waits for a page: it goes on from that page by itself, and everything is recorded once', { timeout: 90_000 }, async () => {
    const worker = await startSweeping()
    const { sales, found } = await soldFromNowOn(worker, 250, [3, 120, 180, 240])
    const second = `starting_after=${sales[99]?.id}`
    world.service('stripe').failFor(second, { kind: 'hang' })
    await cron(worker)
    await eventually(pages, (urls) => urls.some((url) => url.includes(second)))
    await killRuntime()
    await start()
    await expectEachOnce(found, 60_000)
    expect(world.callsTo('datafast', 'transaction_id')).toHaveLength(found.length)
    const sessions = pages().filter((url) => url.includes('/sessions'))
    expect(sessions.filter((url) => !url.includes('starting_after'))).toHaveLength(1)
    expect(sessions.filter((url) => url.includes(second))).toHaveLength(2)
  })

  it('while what it found is being asked about: each is recorded once', { timeout: 90_000 }, async () => {
    const worker = await startSweeping()
    const { found } = await soldFromNowOn(
      worker,
      60,
      Array.from({ length: 30 }, (_, place) => place * 2),
    )
    world.service('stripe').delayMs = 50
    await cron(worker)
    // It announces twenty, and then rests for four seconds.
    await eventually(
      () => world.callsTo('stripe', '/sessions/cs_').length,
      (count) => count >= 10,
    )
    await killRuntime()
    world.service('stripe').delayMs = 0
    await start()
    await expectEachOnce(found, 60_000)
  })

  it('again and again: the run comes to its end all the same', { timeout: 90_000 }, async () => {
    let worker = await startSweeping()
    const { sales, found } = await soldFromNowOn(worker, 350, [3, 120, 180, 240, 349])
    for (const last of [99, 199, 299]) {
      const page = `starting_after=${sales[last]?.id}`
      world.service('stripe').failFor(page, { kind: 'hang' })
      await cron(worker)
      await eventually(pages, (urls) => urls.some((url) => url.includes(page)))
      await killRuntime()
      worker = await start()
    }
    await cron(worker)
    await expectEachOnce(found, 60_000)
  })
})
