import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare, type V4MiniflareOptions } from 'miniflare'
import { unstable_getMiniflareWorkerOptions } from 'wrangler'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { runtimesOfOurs } from '../../test/bundle/runtimes-of-ours.ts'
import type { ContenderName } from './contenders.ts'
import { EXTRAS, type ExtraName } from './extras.ts'
import type { Internet } from './internet.ts'

export const THANK_YOU = 'https://shop.example.com/thank-you'
export const STATUS_TOKEN = 'known-to-the-benchmark-and-nobody-else'

/** Storage lies in memory where the machine offers that: its disk is not what is measured, and nothing like it is in production. */
export const STORAGE = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** A contender and its bundle. */
export type Script = { name: ContenderName; script: string }

/** A local runtime: one process with these Workers in it. */
export type Runtime = {
  /** Whose CPU time is counted. */
  pid: number
  /** A Worker's own socket. */
  at(worker: ContenderName | ExtraName): Promise<URL>
  /** Miniflare's own door in front of all Workers, where `Host` says which is meant. */
  entry: URL
  /** The cron run of our Worker; it only wakes the books. */
  cron(at: Date): Promise<unknown>
  stop(): Promise<void>
}

/**
 * Starts the Workers of these scripts, ours with all that wrangler.toml binds.
 * @param extras - what stands beside them
 */
export async function startRuntime(internet: Internet, scripts: readonly Script[], extras: readonly ExtraName[] = []): Promise<Runtime> {
  const common = {
    ...{ modules: true, cf: false, compatibilityDate: '2026-10-01', unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }] },
    outboundService: (outgoing: Request) => internet.answer(outgoing),
  }
  const workers = [...scripts.map(optionsOf), ...extras.map((name) => ({ name, ...EXTRAS[name](scripts) }))]
  const before = new Set(runtimesOfOurs())
  const storage = mkdtempSync(join(STORAGE, 'success-url-'))
  const forget = () => rmSync(storage, { recursive: true, force: true })
  process.once('exit', forget)
  const options = {
    ...{ kvPersist: storage, durableObjectsPersist: storage, handleStructuredLogs: () => {} },
    workers: workers.map((worker) => ({ ...common, ...worker })),
  } as unknown as V4MiniflareOptions
  const miniflare = new Miniflare({ ...convertV4MiniflareOptions(options), resourcePersistencePath: storage })
  const entry = await miniflare.ready
  const [pid] = runtimesOfOurs().filter((candidate) => !before.has(candidate))
  if (pid === undefined) throw new Error('the runtime has no process of its own')
  return {
    ...{ pid, entry },
    at: (worker) => miniflare.unsafeGetDirectURL(worker),
    cron: async (scheduledTime) => (await miniflare.getWorker('success-url')).scheduled({ cron: '*/15 * * * *', scheduledTime }),
    stop: async () => {
      await miniflare.dispose()
      process.off('exit', forget)
      forget()
    },
  }
}

function optionsOf({ name, script }: Script) {
  const routes = [`${name}.example/*`]
  const { STRIPE_SECRET_KEY, DATAFAST_API_KEY } = SECRETS
  if (name !== 'success-url') {
    const bindings = { THANK_YOU_URL: THANK_YOU, STRIPE_SECRET_KEY, DATAFAST_API_KEY }
    return { name, routes, script, bindings, kvNamespaces: { RECORDED: name } }
  }
  const { workerOptions } = unstable_getMiniflareWorkerOptions('wrangler.toml')
  const bindings = { ...SECRETS, STATUS_TOKEN, THANK_YOU_URL: THANK_YOU, PUBLIC_URL: 'https://pay.example.com' }
  return { ...workerOptions, ...{ rootPath: undefined, modulesRules: undefined }, name, routes, script, bindings }
}
