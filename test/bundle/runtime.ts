import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare, type V4MiniflareOptions } from 'miniflare'
import { expect } from 'vitest'
import { unstable_getMiniflareWorkerOptions } from 'wrangler'
import { ownRequest } from '../../sandbox/world/foreign-request.ts'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { World } from '../../sandbox/world/world.ts'
import { runtimesOfOurs } from './runtimes-of-ours.ts'
import { THANK_YOU } from './worker.ts'

/** A runtime that can be killed and started again on the storage it had: one at a time. */
export function ownRuntime() {
  const storage = mkdtempSync(join(tmpdir(), 'success-url-'))
  const world = new World()
  let running: Miniflare | undefined

  return {
    world,

    /**
     * The real bundle with the production configuration.
     * @param around - a module that stands before the bundle, which it may import as `./bundle.js`
     */
    async start(bindings: Record<string, string> = {}, around?: string): Promise<Miniflare> {
      const { workerOptions } = unstable_getMiniflareWorkerOptions('wrangler.toml')
      const bundle = readFileSync('dist/index.js', 'utf8')
      const modules = [
        { type: 'ESModule', path: 'main.js', contents: around ?? "export * from './bundle.js'; export { default } from './bundle.js'" },
        { type: 'ESModule', path: 'bundle.js', contents: bundle },
      ]
      const options = {
        ...(workerOptions as object),
        ...{ rootPath: undefined, modulesRules: undefined, modules, cf: false },
        bindings: { ...SECRETS, THANK_YOU_URL: THANK_YOU, ...bindings },
        outboundService: async (request: Request) => world.handle(await ownRequest(request)),
        kvPersist: storage,
        durableObjectsPersist: storage,
      } as unknown as V4MiniflareOptions
      running = new Miniflare({ ...convertV4MiniflareOptions(options), resourcePersistencePath: storage })
      await running.ready
      return running
    },

    /** As the machine does when it loses power: no signal to handle, nothing flushed. */
    async kill(): Promise<void> {
      const killed = runtimesOfOurs()
      expect(killed).toHaveLength(1)
      for (const pid of killed) process.kill(pid, 'SIGKILL')
      await running?.dispose().catch(() => {})
      running = undefined
    },

    async stop(): Promise<void> {
      await running?.dispose()
      running = undefined
      rmSync(storage, { recursive: true, force: true })
    },
  }
}
