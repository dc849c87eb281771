/**
 * A Worker at a loopback address, in the local runtime, whose outside world is the simulated one. A program of its own, so that
 * the whole of it can be killed as a machine is when it loses power. Started by worker.ts, which tells it what to serve.
 */
import { readFileSync } from 'node:fs'
import { convertV4MiniflareOptions, Miniflare, type V4MiniflareOptions } from 'miniflare'
import { unstable_getMiniflareWorkerOptions } from 'wrangler'

/**
 * `script`: the path of a bundle. `config`: of its wrangler.toml, if it has one. `bindings`: its variables and secrets, in
 * addition to those configured or, where `alone`, in place of them. `storage`: a folder that outlives the Worker.
 */
export type Served = {
  script: string
  config?: string
  bindings: Record<string, string>
  alone?: boolean
  storage: string
  port: number
  worldPort: number
}

process.once('message', (served: Served) => void serve(served))
// Whoever started this is gone.
process.once('disconnect', () => process.exit(0))

async function serve({ script, config, bindings, alone, storage, port, worldPort }: Served): Promise<void> {
  const configured = config ? (unstable_getMiniflareWorkerOptions(config).workerOptions as { bindings?: object }) : UNCONFIGURED
  const handler = {
    ...configured,
    ...{ name: 'handler', rootPath: undefined, modulesRules: undefined },
    modules: [{ type: 'ESModule', path: 'handler.js', contents: readFileSync(script, 'utf8') }],
    bindings: { ...(!alone && configured.bindings), ...bindings },
    outboundService: 'outside',
    kvPersist: storage,
    durableObjectsPersist: storage,
  }
  const outside = { name: 'outside', modules: true, compatibilityDate: '2026-10-01', script: toTheWorld(worldPort) }
  const options = { workers: [handler, outside], port, host: '127.0.0.1', cf: false, handleStructuredLogs: () => {} }
  const converted = convertV4MiniflareOptions(options as unknown as V4MiniflareOptions)
  await new Miniflare({ ...converted, resourcePersistencePath: storage }).ready
  process.send?.('ready')
}

/** A bundle without a configuration has the one thing that nearly all of them use. */
const UNCONFIGURED = { compatibilityDate: '2026-10-01', compatibilityFlags: ['nodejs_compat'], kvNamespaces: ['RECORDED'], bindings: {} }

/** Sends every request of the handler to the simulated world, with the host in its path. What breaks there, breaks here. */
function toTheWorld(port: number): string {
  return `export default {
    fetch(request) {
      const { host, pathname, search } = new URL(request.url)
      return fetch(new Request('http://127.0.0.1:${port}/' + host + pathname + search, request))
    },
  }`
}
