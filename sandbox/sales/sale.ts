import type { Reference } from '../../src/reference.ts'
import type { Checkout, Purchase, Taken } from '../checkouts/checkout.ts'
import type { Aftermath, Movement } from '../world/aftermath/aftermath.ts'
import { AFTERMATH } from '../world/aftermath/list.ts'
import type { ProviderEvent } from '../world/provider-event.ts'
import type { World } from '../world/world.ts'
import type { Afterwards } from './afterwards.ts'

/** What a provider has to tell of its own accord: of the sale itself, or of what followed it. */
export type Tidings = { of: 'sale' | 'renewal' | 'refund'; events: ProviderEvent[] }

/** What was paid once. `left`: how much of it has not gone back, in major units. */
type Charge = { transactionId: string; left: number }

/** Amounts are doubles: less than the smallest coin there is counts as nothing. */
const NOTHING = 0.0005

/** A sale made at one of the simulated checkouts: what its provider tells of it, and what can still happen to it. */
export class Sale {
  readonly checkout: Checkout
  readonly purchase: Purchase
  /** The orders that the Worker has taken from its webhooks. */
  readonly announced = new Map<Reference, Tidings['of']>()
  private readonly taken: Taken
  private readonly world: World
  private readonly due: ReadonlySet<unknown>
  private started: Aftermath | undefined
  private readonly told = new Set<string>()
  private latest: Tidings = { of: 'sale', events: [] }
  /** The sale's own is the first. */
  private charges: Charge[] = []

  /**
   * @param taken - what its provider has made of it, and finds in the world
   * @param due - what is still to happen by itself: the bank's payment, a first charge
   */
  constructor(checkout: Checkout, purchase: Purchase, taken: Taken, world: World, due: ReadonlySet<unknown>) {
    this.checkout = checkout
    this.purchase = purchase
    this.taken = taken
    this.world = world
    this.due = due
  }

  /** Begun when there is first something to tell: until then the sale may lie in the world unfinished. */
  private get aftermath(): Aftermath {
    const { id, visitor } = this.taken
    this.started ??= AFTERMATH[this.checkout.provider](this.world, id, visitor)
    return this.started
  }

  /** What has happened to it since its provider last told of it: an event that was told once is not told again. */
  news(): Tidings {
    const { transactionId, amount, events } = this.aftermath.sold()
    this.charges = [{ transactionId, left: amount }]
    const { hasHappened } = this.checkout
    return this.tell(
      'sale',
      events.filter(({ id, name }) => !this.told.has(id) && hasHappened?.(name, this.taken.id, this.world) !== false),
    )
  }

  /** Whether something makes sense by now. */
  can(what: Afterwards): boolean {
    if (what === 'send-again') return this.latest.events.length > 0
    return this.due.size === 0 && (what === 'renew' ? this.purchase.subscription : this.refundable !== undefined)
  }

  /** Makes something happen to it; throws where `can` says no. */
  make(what: Afterwards): Tidings {
    if (!this.can(what)) throw new Error(`${what}: not now`)
    switch (what) {
      case 'renew':
        return this.renew()
      case 'refund-part':
        return this.refund('part')
      case 'refund-all':
        return this.refund('rest')
      case 'send-again':
        return this.latest
    }
  }

  private renew(): Tidings {
    const { transactionId, amount, events } = this.aftermath.renewed()
    this.charges.push({ transactionId, left: amount })
    return this.tell('renewal', events)
  }

  private refund(part: 'part' | 'rest'): Tidings {
    const charge = this.refundable
    if (!charge) throw new Error('nothing is left')
    const refunded: Movement = this.aftermath.refunded(part, charge.transactionId)
    charge.left = part === 'rest' ? 0 : charge.left - refunded.amount
    return this.tell('refund', refunded.events)
  }

  /** The latest payment of which something is left. */
  private get refundable(): Charge | undefined {
    return this.charges.findLast(({ left }) => left > NOTHING)
  }

  private tell(of: Tidings['of'], events: ProviderEvent[]): Tidings {
    for (const { id } of events) this.told.add(id)
    const tidings = { of, events }
    if (events.length) this.latest = tidings
    return tidings
  }
}
