import type { State } from '../../src/order/state.ts'
import type { KnownPurchase, Scene } from '../scene.ts'
import type { Happening } from '../timeline.ts'
import type { MemoryEntry, SandboxWorker } from '../worker.ts'
import type { LedgerEntry } from '../world/datafast.ts'
import { type PurchaseShown, purchaseShown } from './purchase.ts'

/** Everything the panel shows, at one moment. */
export type Snapshot = {
  now: number
  happenings: readonly Happening[]
  purchases: PurchaseShown[]
  memory: MemoryEntry[]
  ledger: LedgerEntry[]
  awaitedPayments: number
}

export async function takeSnapshot(scene: Scene, worker: SandboxWorker): Promise<Snapshot> {
  const [purchases, memory] = await Promise.all([lookAtPurchases(scene, worker), worker.memory()])
  return {
    now: Date.now(),
    happenings: scene.timeline.happenings,
    purchases,
    memory,
    ledger: [...scene.world.dataFast.ledger.values()],
    awaitedPayments: scene.awaitedPayments,
  }
}

/** The latest purchases, with every order that they are made of, also those that one was handed over to. */
async function lookAtPurchases({ latestPurchases }: Scene, worker: SandboxWorker): Promise<PurchaseShown[]> {
  const states = new Map<string, State | undefined>()
  const look = async (references: string[]) => {
    const unseen = [...new Set(references)].filter((reference) => !states.has(reference))
    for (const [index, state] of (await worker.orders(unseen)).entries()) states.set(unseen[index] ?? '', state)
  }
  await look(latestPurchases.flatMap(namesOf))
  await look([...states.values()].flatMap((state) => (state?.stage.at === 'moved' ? [state.stage.to] : [])))
  return latestPurchases.map((purchase) => purchaseShown(purchase, states))
}

function namesOf({ reference, sale }: KnownPurchase): string[] {
  return [reference, ...(sale?.announced.keys() ?? [])]
}
