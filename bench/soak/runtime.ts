/** The runtime that is soaked: the real bundle with the production configuration, storage that is cleaned up however it ends. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare, type V4MiniflareOptions } from 'miniflare'
import { unstable_getMiniflareWorkerOptions } from 'wrangler'
import { WEBSITE_ID } from '../../sandbox/world/datafast.ts'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { runtimesOfOurs } from '../../test/bundle/runtimes-of-ours.ts'
import { STORAGE } from '../bench/runtime.ts'
import type { Counts, Unfinished } from './around.ts'
import { Heap } from './vitals.ts'

/** As wrangler.toml has it. */
const NAME = 'success-url'
const ROOT = join(import.meta.dirname, '../..')
export const THANK_YOU = 'https://shop.example.com/thank-you'
export const PENDING = 'https://shop.example.com/almost-there'
export const STATUS_TOKEN = 'known-to-the-operator-of-the-soak-alone'

/** `url`: the Worker itself, without the local runtime's own router before it. `pid`: of workerd. */
export type Runtime = {
  url: URL
  pid: number
  storage: string
  /** The JavaScript heap of the Worker without garbage, in bytes. */
  heap(): Promise<number>
  /** The cron run. */
  cron(): Promise<void>
  counts(): Promise<Counts>
  stages(): Promise<Record<string, number>>
  /** Which of some recorded orders are not finished. */
  look(references: string[]): Promise<Unfinished[]>
  /** How many arrivals wait in KV for the next cron run; a list's first thousand at most. */
  kept(): Promise<number>
  /**
   * From now on this share of KV's operations fails, and that of the calls to orders.
   * @param twice - also the same operation again
   */
  weather(failing: number, orders: number, twice: boolean): Promise<void>
  stop(): Promise<void>
}

/**
 * @param internet - answers everything the Worker asks for
 * @param onLine - every line the Worker logs
 */
export async function startRuntime(
  internet: (request: IncomingMessage, response: ServerResponse) => void,
  onLine: (line: string) => void,
  attributionWaitSeconds: number,
): Promise<Runtime> {
  const storage = mkdtempSync(join(STORAGE, 'success-url-soak-'))
  // Also when it is interrupted: a soak leaves gigabytes behind otherwise.
  process.on('exit', () => rmSync(storage, { recursive: true, force: true }))
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(ROOT, 'wrangler.toml'))
  const bindings = {
    ...SECRETS,
    STATUS_TOKEN,
    THANK_YOU_URL: THANK_YOU,
    PENDING_URL: PENDING,
    PUBLIC_URL: 'https://pay.example.com',
    DATAFAST_WEBSITE_ID: WEBSITE_ID,
    ATTRIBUTION_WAIT_SECONDS: attributionWaitSeconds,
  }
  const options = {
    ...(workerOptions as object),
    ...{ rootPath: undefined, modulesRules: undefined, modules: modules(), cf: false, bindings, inspectorPort: 0, name: NAME },
    outboundService: { node: internet },
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
    handleStructuredLogs: ({ message }: { message: string }) => onLine(message),
    kvPersist: storage,
    durableObjectsPersist: storage,
  } as unknown as V4MiniflareOptions
  const miniflare = new Miniflare({ ...convertV4MiniflareOptions(options), resourcePersistencePath: storage })
  await miniflare.ready
  const url = await miniflare.unsafeGetDirectURL()
  const ask = async (path: string, body?: unknown) => {
    const response = await fetch(new URL(path, url), body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`${path} answered ${response.status}`)
    return response
  }
  const worker = await miniflare.getWorker()
  const heap = await Heap.open(await miniflare.getInspectorURL(), NAME)
  const counts = async () => (await (await ask('/soak/counts')).json()) as Counts

  return {
    url,
    pid: pidOfRuntime(),
    storage,
    heap: () => heap.live(counts),
    cron: async () => void (await worker.scheduled({ cron: '*/15 * * * *', scheduledTime: new Date() })),
    counts,
    stages: async () => (await (await ask('/soak/stages')).json()) as Record<string, number>,
    look: async (references) => (await (await ask('/soak/look', references)).json()) as Unfinished[],
    kept: async () => (await (await ask('/soak/kept')).json()) as number,
    weather: async (failing, orders, twice) => {
      await ask(`/soak/weather?failing=${failing}&orders=${orders}${twice ? '&twice' : ''}`)
    },
    stop() {
      heap.close()
      return miniflare.dispose()
    },
  }
}

function modules() {
  const around = stripTypeScriptTypes(readFileSync(join(import.meta.dirname, 'around.ts'), 'utf8'))
  return [
    { type: 'ESModule', path: 'main.js', contents: around.replace('../../src/index.ts', './bundle.js') },
    { type: 'ESModule', path: 'bundle.js', contents: readFileSync(join(ROOT, 'dist/index.js'), 'utf8') },
  ]
}

/** The workerd that this process has started; throws when that is not exactly one. */
export function pidOfRuntime(): number {
  const pids = runtimesOfOurs()
  if (pids.length !== 1) throw new Error(`${pids.length} runtimes instead of one`)
  return Number(pids[0])
}
