import { checkoutNamed } from './checkouts/list.ts'
import { applySwitches, type Switches } from './switches.ts'
import { Timeline } from './timeline.ts'
import { World } from './world/world.ts'

/** Orders whose latest visit is not this recent are no longer shown. */
const ORDERS_SHOWN = 4

/**
 * Everything that "start over" throws away. What is still under way then (a slow answer, a charge due in a few seconds)
 * keeps its old scene and can no longer be seen.
 */
export class Scene {
  readonly world = new World()
  readonly timeline = new Timeline()
  /** What the banks owe: each call pays one order. */
  private readonly awaited: (() => void)[] = []
  /** The orders that buyers came back with, and the address they came back to; the latest last. */
  private readonly returns = new Map<string, string>()

  constructor(switches: Switches) {
    applySwitches(switches, this.world)
  }

  /** The order is complete but the money is on its way until `bankPays`. */
  awaitBank(pay: () => void): void {
    this.awaited.push(pay)
  }

  get awaitedPayments(): number {
    return this.awaited.length
  }

  bankPays(): void {
    for (const pay of this.awaited.splice(0)) pay()
    this.timeline.tell('The bank has paid.')
  }

  /** Remembers which order a buyer came back with, if the address names one. */
  noteReturn(url: URL): void {
    const provider = /^\/checkout\/success\/([^/]+)\/?$/.exec(url.pathname)?.[1]
    const reference = checkoutNamed(provider)?.referenceIn(url.searchParams)
    if (!reference) return
    this.returns.delete(reference)
    this.returns.set(reference, url.pathname + url.search)
  }

  /** The orders of the latest visits, newest first. */
  get latestReturns(): { reference: string; path: string }[] {
    return [...this.returns]
      .map(([reference, path]) => ({ reference, path }))
      .reverse()
      .slice(0, ORDERS_SHOWN)
  }
}
