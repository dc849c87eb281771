import * as v from 'valibot'
import { listen } from './http-server.ts'
import { playNetwork } from './network.ts'
import { type Snapshot, takeSnapshot } from './panel/snapshot.ts'
import { route } from './routes.ts'
import { Scene, type Stage } from './scene.ts'
import { AS_USUAL, applySwitches, Switches, type SwitchesChange } from './switches.ts'
import { type SandboxWorker, startWorker } from './worker.ts'

/** What the routes work with. */
export type Sandbox = {
  readonly scene: Scene
  readonly worker: SandboxWorker
  readonly switches: Switches
  snapshot(): Promise<Snapshot>
  flip(change: SwitchesChange): void
  /** Forgets the orders, the ledger and the timeline; the switches stay as they are. */
  startOver(): Promise<void>
}

/**
 * Starts the sandbox shop with the real Worker bundle behind it.
 * @param port - 0 for a free one
 */
export async function startSandbox({ port }: { port: number }) {
  let scene: Scene
  let switches = AS_USUAL
  let snapshot: Promise<Snapshot> | undefined
  let worker: SandboxWorker
  /** Requests that come while the runtime starts wait for it. */
  const { promise: open, resolve: opened } = Promise.withResolvers<Sandbox>()

  const { server, origin } = await listen(port, async (request) => route(request, await open))
  /** Webhooks of a scene that is over are lost: the Worker has forgotten what they are about. */
  const nextScene = () => {
    const webhooks: Stage['webhooks'] = {
      get isSet() {
        return switches.webhooks
      },
      post: async (path, headers, body) =>
        scene === next ? worker.fetch(new Request(origin + path, { method: 'POST', headers, body })) : undefined,
    }
    const next = new Scene(switches, { origin, webhooks })
    return next
  }
  scene = nextScene()
  const restoreNetwork = playNetwork(() => scene)
  const stopServer = () => {
    server.close()
    server.closeAllConnections()
  }
  try {
    worker = await startWorker(origin)
  } catch (error) {
    stopServer()
    restoreNetwork()
    throw error
  }

  const sandbox: Sandbox = {
    get scene() {
      return scene
    },
    worker,
    get switches() {
      return switches
    },
    // Several tabs share one look: it costs a round through the runtime per order.
    snapshot: () => {
      snapshot ??= takeSnapshot(scene, worker).finally(() => {
        snapshot = undefined
      })
      return snapshot
    },
    flip: (change) => {
      switches = v.parse(Switches, { ...switches, ...change })
      applySwitches(switches, scene.world)
    },
    startOver: async () => {
      await worker.reset()
      scene = nextScene()
    },
  }
  opened(sandbox)

  return {
    ...sandbox,
    origin,
    get world() {
      return scene.world
    },
    stop: async () => {
      stopServer()
      await worker.stop()
      restoreNetwork()
    },
  }
}
