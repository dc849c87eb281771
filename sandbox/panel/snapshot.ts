import type { State } from '../../src/order/state.ts'
import type { Scene } from '../scene.ts'
import type { Happening } from '../timeline.ts'
import type { MemoryEntry, SandboxWorker } from '../worker.ts'
import type { LedgerEntry } from '../world/datafast.ts'

/** An order as its object holds it, and the address its buyer came back to. */
export type OrderShown = { reference: string; path: string | undefined; state: State | undefined }

/** Everything the panel shows, at one moment. */
export type Snapshot = {
  now: number
  happenings: readonly Happening[]
  orders: OrderShown[]
  memory: MemoryEntry[]
  ledger: LedgerEntry[]
  awaitedPayments: number
}

export async function takeSnapshot(scene: Scene, worker: SandboxWorker): Promise<Snapshot> {
  const [orders, memory] = await Promise.all([lookAtOrders(scene, worker), worker.memory()])
  return {
    now: Date.now(),
    happenings: scene.timeline.happenings,
    orders,
    memory,
    ledger: [...scene.world.dataFast.ledger.values()],
    awaitedPayments: scene.awaitedPayments,
  }
}

/** The orders of the latest visits, each followed by the one it was handed over to. */
async function lookAtOrders(scene: Scene, worker: SandboxWorker): Promise<OrderShown[]> {
  const returns = scene.latestReturns
  const states = await worker.orders(returns.map(({ reference }) => reference))
  const targets = states.flatMap((state) => (state?.stage.at === 'moved' ? [state.stage.to] : []))
  const moved = new Map((await worker.orders(targets)).map((state, index) => [targets[index], state]))
  return returns.flatMap(({ reference, path }, index) => {
    const state = states[index]
    const order = { reference, path, state }
    if (state?.stage.at !== 'moved') return [order]
    const { to } = state.stage
    return [order, { reference: to, path: undefined, state: moved.get(to) }]
  })
}
