import { readdirSync, readFileSync } from 'node:fs'
import { convertV4MiniflareOptions, Miniflare, type V4MiniflareOptions } from 'miniflare'
import { unstable_getMiniflareWorkerOptions } from 'wrangler'
import { ownRequest } from '../../sandbox/world/foreign-request.ts'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { World } from '../../sandbox/world/world.ts'
import type { ContenderName } from './contenders.ts'

export const THANK_YOU = 'https://shop.example.com/thank-you'
export const PROVIDER_MS = 150
export const DATAFAST_MS = 400

/** Where `filler.ts` writes what years of sales leave behind: the KV namespace that our Worker reads. */
const FILLER = `export default {
  async fetch(request, { RECORDED }) {
    const entries = await request.json()
    await Promise.all(entries.map(({ key, value, metadata }) => RECORDED.put(key, JSON.stringify(value), { metadata })))
    return new Response()
  },
}`

/** Loads a script anew under each name, as the platform does where it has not run lately, and hands the request to it. */
const LOADER = `export default {
  async fetch(request, { LOADER, SCRIPTS }) {
    const { searchParams } = new URL(request.url)
    const worker = LOADER.get(searchParams.get('as'), () => ({
      compatibilityDate: '2026-10-01',
      mainModule: 'main.js',
      modules: { 'main.js': SCRIPTS[searchParams.get('script')] },
      env: { THANK_YOU_URL: '${THANK_YOU}' },
    }))
    return worker.getEntrypoint().fetch(new Request('https://pay.example.com/checkout/success/stripe', { redirect: 'manual' }))
  },
}`

type Script = { name: ContenderName; script: string }

/** One local runtime with several Workers in it, the simulated internet around them, and its process, whose CPU time is counted. */
export type Runtime = {
  /** Everything the Workers can reach. A new one forgets all orders: looking one up among thousands takes the simulation's time. */
  world: World
  /** The process that runs the Workers. */
  pid: number
  /** A Worker's own socket. */
  at(worker: ContenderName | 'filler' | 'loader'): Promise<URL>
  /** The one socket in front of all: `Host` says which is meant. */
  entry: URL
  stop(): Promise<void>
}

/**
 * Starts the Workers of these scripts in one process. Ours gets what wrangler.toml binds; the others what they use.
 * @param first - whether only what the scripts themselves need is started: for timing the start
 */
export async function startRuntime(scripts: readonly Script[], first?: 'bare'): Promise<Runtime> {
  const runtime = { world: newWorld() }
  const outboundService = async (outgoing: Request) => runtime.world.handle(await ownRequest(outgoing))
  const common = { unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }], outboundService, cf: false, modules: true }
  const extras = [
    { ...common, name: 'filler', script: FILLER, compatibilityDate: '2026-10-01', kvNamespaces: { RECORDED: 'RECORDED' } },
    {
      ...{ ...common, name: 'loader', script: LOADER, compatibilityDate: '2026-10-01', workerLoaders: { LOADER: {} } },
      bindings: { SCRIPTS: Object.fromEntries(scripts.map(({ name, script }) => [name, script])) },
    },
  ]
  const workers = [...scripts.map((script) => ({ ...common, ...optionsOf(script) })), ...(first ? [] : extras)]
  const before = new Set(runtimesOfOurs())
  const options = { workers, handleStructuredLogs: () => {} } as unknown as V4MiniflareOptions
  const miniflare = new Miniflare(convertV4MiniflareOptions(options))
  const entry = await miniflare.ready
  const [pid] = runtimesOfOurs().filter((candidate) => !before.has(candidate))
  if (pid === undefined) throw new Error('the runtime has no process')
  return Object.assign(runtime, {
    ...{ pid, entry },
    at: (worker: string) => miniflare.unsafeGetDirectURL(worker),
    stop: () => miniflare.dispose(),
  })
}

/** How each Worker is set up. */
function optionsOf({ name, script }: Script) {
  const routes = [`${name}.example/*`]
  if (name === 'success-url') {
    const { workerOptions } = unstable_getMiniflareWorkerOptions('wrangler.toml')
    const settings = { THANK_YOU_URL: THANK_YOU, PUBLIC_URL: 'https://pay.example.com' }
    return { ...workerOptions, name, routes, script, rootPath: undefined, modulesRules: undefined, bindings: { ...SECRETS, ...settings } }
  }
  return {
    ...{ name, routes, script, compatibilityDate: '2026-10-01', kvNamespaces: { RECORDED: name } },
    bindings: { THANK_YOU_URL: THANK_YOU, STRIPE_SECRET_KEY: SECRETS.STRIPE_SECRET_KEY, DATAFAST_API_KEY: SECRETS.DATAFAST_API_KEY },
  }
}

/** The outside world without any order in it; providers take 150 ms and DataFast 400 ms. */
export function newWorld(dataFastMs = DATAFAST_MS, providerMs = PROVIDER_MS): World {
  const world = new World()
  for (const service of world.services) service.delayMs = service.name === 'datafast' ? dataFastMs : providerMs
  return world
}

/** The processes that this one has started to run Workers. */
function runtimesOfOurs(): number[] {
  return readdirSync('/proc').filter(isOurRuntime).map(Number)
}

function isOurRuntime(pid: string): boolean {
  try {
    const [, command, , parent] = /^\d+ \((.*)\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    return command === 'workerd' && Number(parent) === process.pid
  } catch {
    return false
  }
}
