/** One order in a little world of its own: what DataFast is to learn of it, and what it has been told so far. */

import type { Movement } from '../../sandbox/world/aftermath/aftermath.ts'
import { AFTERMATH } from '../../sandbox/world/aftermath/list.ts'
import type { ProviderEvent } from '../../sandbox/world/provider-event.ts'
import type { World } from '../../sandbox/world/world.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import { referenceOf, soldNow } from '../../test/bundle/at-sweep.ts'

/** What was sold, and by which way the visitor can become known: a cookie, or the checkout's own link. */
export type Order = { provider: ProviderName; kind: 'one-time' | 'subscription'; visitor?: string; linked?: string }

type Kind = 'sale' | 'renewal' | 'refund'

/** One movement of money as DataFast is to keep it. Times in ms since 1970. */
export type Expected = {
  kind: Kind
  amount: number
  visitor: string | undefined
  /** It followed a sale that had no visitor yet: the only visit was still on its way through KV. */
  isEarly?: boolean
  /** Since when the Worker could know of it; `undefined` while nobody has told it or come back with it. */
  toldAt?: number
  /** The last accepted post: whether its reply arrived, and whether it had a visitor. */
  last?: { delivered: boolean; attributed: boolean }
}

/** Why a payment was posted although it had been accepted before. */
export type Repost = 'after a lost reply' | 'with a late visitor' | 'for no reason'

export class Sale {
  readonly provider: ProviderName
  readonly world: World
  /** The success URL that the buyer comes back to. */
  readonly path: string
  readonly visitor: string | undefined
  /** As the provider's lists name it. */
  readonly reference: string
  readonly expected = new Map<string, Expected>()
  /** The ids it is known under here, once the internet has been told of it. */
  ids: string[] = []
  /** Steps of its story that are still to come. */
  stepsLeft = 0
  doneAt: number | undefined
  /** It was recorded without a visitor, at first. */
  private wasNobodys = false
  private readonly aftermath: ReturnType<(typeof AFTERMATH)[ProviderName]>
  private readonly owner: string | undefined
  private readonly sold: Movement

  constructor(world: World, { provider, kind, visitor, linked }: Order) {
    const { id, path } = soldNow(provider, world, kind, new Date(), linked)
    const session = world.stripe.sessions.get(id)
    // A payment link that leads here: the only order that its provider alone may announce.
    if (session) session.success_url = 'https://pay.example.com/checkout/success/stripe?session_id={CHECKOUT_SESSION_ID}'
    this.world = world
    this.provider = provider
    this.path = path
    this.visitor = visitor
    this.owner = linked ?? visitor
    this.reference = referenceOf(provider, world, id)
    this.aftermath = AFTERMATH[provider](world, id, linked)
    this.sold = this.expect('sale', this.aftermath.sold())
  }

  /** What the provider tells of the sale itself. */
  get events(): ProviderEvent[] {
    return this.sold.events
  }

  get transactionId(): string {
    return this.sold.transactionId
  }

  renew(): ProviderEvent[] {
    return this.expect('renewal', this.aftermath.renewed()).events
  }

  refund(): ProviderEvent[] {
    return this.expect('refund', this.aftermath.refunded('rest')).events
  }

  /** Somebody has told the Worker of this movement, or has come back with it. */
  told(transactionId: string, at: number): void {
    const expected = this.expected.get(transactionId)
    if (expected) expected.toldAt ??= at
  }

  private expect(kind: Kind, movement: Movement): Movement {
    const { transactionId, amount } = movement
    this.expected.set(transactionId, { kind, amount, visitor: this.owner })
    return movement
  }

  /** A post of one of its payments has reached DataFast. */
  accepted(transactionId: string, visitor: string | undefined): Repost | undefined {
    const expected = this.expected.get(transactionId)
    if (!expected) return 'for no reason'
    const { last } = expected
    expected.last = { delivered: false, attributed: visitor !== undefined }
    if (visitor === undefined && expected.kind === 'sale') this.wasNobodys = true
    // What follows a sale inherits the visitor that the sale has by then, and keeps it.
    expected.isEarly = visitor === undefined && expected.visitor !== undefined && expected.kind !== 'sale' && this.wasNobodys
    if (!last) return undefined
    if (!last.delivered) return 'after a lost reply'
    return visitor !== undefined && !last.attributed ? 'with a late visitor' : 'for no reason'
  }

  /** @param delivered - whether the reply to the last accepted post has arrived */
  replied(transactionId: string, delivered: boolean): void {
    const expected = this.expected.get(transactionId)
    if (expected?.last) expected.last.delivered = delivered
  }

  /** What is not right yet, in words; nothing when DataFast has all of it and as it happened. */
  wrong(): string | undefined {
    const entries = this.world.dataFast.ledger
    for (const [transactionId, { kind, amount, visitor, isEarly, last }] of this.expected) {
      const entry = entries.get(transactionId)
      if (!entry) return `${kind} not recorded`
      if (!last?.delivered) return `${kind} not acknowledged`
      if (entry.amount !== amount) return `${kind} of the wrong amount`
      if (entry.datafast_visitor_id !== (isEarly ? undefined : visitor)) return `${kind} under the wrong visitor`
      if (!!entry.refunded !== (kind === 'refund') || !!entry.renewal !== (kind === 'renewal')) return `${kind} recorded as something else`
    }
    return undefined
  }
}
