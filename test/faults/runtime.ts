import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare, type V4MiniflareOptions } from 'miniflare'
import { unstable_getMiniflareWorkerOptions } from 'wrangler'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { World } from '../../sandbox/world/world.ts'
import type { Movement } from '../../src/books/movement.ts'
import type { State } from '../../src/order/state.ts'
import type { Reference } from '../../src/reference.ts'
import { runtimesOfOurs } from '../bundle/runtimes-of-ours.ts'
import { network } from './network.ts'
import type { Strike } from './strikes.ts'

const HOST = 'https://pay.example.com'
export const PAGES = { THANK_YOU_URL: 'https://shop.example.com/thank-you', PENDING_URL: 'https://shop.example.com/almost-there' }
/** A second is time enough for whoever will not come back anyway. */
const SETTINGS = { ...SECRETS, ...PAGES, PUBLIC_URL: HOST, ATTRIBUTION_WAIT_SECONDS: '1' }

/** In memory where there is such a place: a killed process loses no more there, and no other's writes are waited for. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** Everything that is kept of one order. `rings`: when its alarm does, in ms; without one nobody wakes it. */
export type Kept = { state?: State; rings?: number; remembered?: { transaction_id?: string }; rows: Movement[] }

export type Runtime = Awaited<ReturnType<typeof startRuntime>>

/** The real bundle with the production configuration, in a runtime of its own, with somebody who lets things go wrong around it. */
export async function startRuntime() {
  const storage = mkdtempSync(join(MEMORY, 'success-url-faults-'))
  process.once('exit', () => rmSync(storage, { recursive: true, force: true }))
  const posts = new Map<string, number>()
  const world = new World(({ service, body }) => {
    const id = service === 'datafast' && (body as { transaction_id?: string } | undefined)?.transaction_id
    if (id) posts.set(id, (posts.get(id) ?? 0) + 1)
  })
  const strikes: Strike[] = []
  const hits: string[] = []
  let running = await boot(
    storage,
    network(world, strikes, (name) => hits.push(name)),
  )

  const ask = async <Answer>(path: string, question: unknown): Promise<Answer> => {
    const answer = await running.miniflare.dispatchFetch(HOST + path, { method: 'POST', body: JSON.stringify(question) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path}: ${text}`)
    return (text ? JSON.parse(text) : undefined) as Answer
  }

  return {
    world,
    /** How many posts of each transaction DataFast has processed. */
    posts,
    /** Rejects when the runtime dies meanwhile. */
    fetch: (path: string, init: Parameters<Miniflare['dispatchFetch']>[1]) =>
      Promise.race([running.miniflare.dispatchFetch(HOST + path, init), running.death]),
    /** One cron run. Rejects when the Worker throws, or dies meanwhile. */
    cron: async (): Promise<void> => {
      const { outcome } = await (await running.miniflare.getWorker()).scheduled({ cron: '*/15 * * * *' })
      if (outcome !== 'ok') throw new Error(`the cron run ended in ${outcome}`)
    },
    /** From now on these go wrong, in addition to what is still to come. */
    async strike(more: readonly Strike[]): Promise<void> {
      strikes.push(...more.filter(({ at }) => at === 'network').map((one) => ({ ...one })))
      await ask(
        '/strikes',
        more.filter(({ at }) => at !== 'network'),
      )
    },
    /** The books try again at once what they were to try again later. */
    hurry: () => ask<void>('/hurry', {}),
    /** The names of what has gone wrong, since the last start as far as it went wrong inside the Worker. */
    hits: async () => [...hits, ...(await ask<string[]>('/hits', {}))],
    look: (references: Reference[]) => ask<Kept[]>('/look', references),
    /** As the machine does when it loses power, and then it is switched on again: what was to go wrong is forgotten. */
    async killAndStart(): Promise<void> {
      process.kill(running.pid, 'SIGKILL')
      running.die()
      await running.miniflare.dispose().catch(() => {})
      strikes.length = 0
      running = await boot(
        storage,
        network(world, strikes, (name) => hits.push(name)),
      )
    },
    stop: () => running.miniflare.dispose(),
  }
}

let booting: Promise<unknown> = Promise.resolve()

/** One after the other, so that each knows its process. */
function boot(storage: string, node: ReturnType<typeof network>): ReturnType<typeof bootNow> {
  const booted = booting.then(() => bootNow(storage, node))
  booting = booted.catch(() => {})
  return booted
}

async function bootNow(storage: string, node: ReturnType<typeof network>) {
  const { workerOptions } = unstable_getMiniflareWorkerOptions('wrangler.toml')
  const modules = [
    { type: 'ESModule', path: 'main.js', contents: module('around.ts') },
    { type: 'ESModule', path: 'strikes.js', contents: module('strikes.ts') },
    { type: 'ESModule', path: 'bundle.js', contents: readFileSync('dist/index.js', 'utf8') },
  ]
  const options = {
    ...(workerOptions as object),
    ...{ rootPath: undefined, modulesRules: undefined, modules, cf: false },
    bindings: SETTINGS,
    outboundService: { node },
    handleStructuredLogs: () => {},
    kvPersist: storage,
    durableObjectsPersist: storage,
  } as unknown as V4MiniflareOptions
  const before = new Set(runtimesOfOurs())
  const miniflare = new Miniflare({ ...convertV4MiniflareOptions(options), resourcePersistencePath: storage })
  await miniflare.ready
  const [pid, ...others] = runtimesOfOurs().filter((one) => !before.has(one))
  if (pid === undefined || others.length) throw new Error('which process is the runtime?')
  const { promise: death, reject } = Promise.withResolvers<never>()
  death.catch(() => {})
  return { miniflare, pid, death, die: () => reject(new Error('the runtime was killed')) }
}

/** A module of this folder as the runtime takes it: without types, and the bundle instead of what it is made of. */
function module(name: string): string {
  const source = readFileSync(join(import.meta.dirname, name), 'utf8')
  return stripTypeScriptTypes(source)
    .replace('../../src/index.ts', './bundle.js')
    .replaceAll(/'\.\/(\w+)\.ts'/g, "'./$1.js'")
}
