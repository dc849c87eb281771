/** One order of the month, from the checkout to the last refund: what happens at its provider, what that tells, and what its buyer does. */
import type { Aftermath } from '../../sandbox/world/aftermath/aftermath.ts'
import { AFTERMATH } from '../../sandbox/world/aftermath/list.ts'
import type { ProviderEvent } from '../../sandbox/world/provider-event.ts'
import { sessionId } from '../bundle/ids.ts'
import { SELLERS } from '../bundle/sellers.ts'
import { type Buyer, buyerOf } from './buyer.ts'
import type { Dice } from './dice.ts'
import { inMinor, type Movement, type MovementKind } from './money.ts'
import { CHARGED_AT, REFUNDED_AT } from './redated.ts'
import { SELL } from './selling.ts'
import type { Stage } from './stage.ts'
import { type Terms, termsOf } from './terms.ts'
import { announce, type Post } from './tidings.ts'
import { DAY, HOUR } from './trouble.ts'

/** Tells how much has gone back so far, and nothing of the single refunds: two of them may be recorded as one. */
export const RUNNING_TOTALS: readonly string[] = ['creem', 'lemonsqueezy']

/** What was paid once, and how much of it is left, in the smallest unit. */
type Charge = { transactionId: string; minor: number; left: number }

export class Order {
  readonly number: number
  readonly terms: Terms
  readonly id: string
  readonly buyer: Buyer
  /** What really happened. */
  readonly movements: Movement[] = []
  readonly post: Post = { sent: 0, duplicated: 0, lost: 0, answers: new Map() }
  /** Some of a Gumroad sale went back: nobody can be told how much. */
  hasUntoldRefund = false
  /** What happened, for whoever looks into it. */
  readonly story: string[] = []
  private readonly dice: Dice
  private readonly stage: Stage
  private readonly charges: Charge[] = []
  private started: Aftermath | undefined

  constructor(number: number, dice: Dice, stage: Stage, provider: Terms['provider']) {
    this.number = number
    this.dice = dice
    this.stage = stage
    this.terms = termsOf(dice, provider)
    this.id = this.terms.fate === 'test' && provider === 'stripe' ? sessionId('test') : SELLERS[provider].id()
    this.buyer = buyerOf(dice, this.terms, stage)
  }

  /** Whether it is to be counted at all. */
  get counts(): boolean {
    return this.terms.fate === 'paid' || this.terms.fate === 'late'
  }

  note(text: string): void {
    this.story.push(`${new Date(this.stage.now()).toISOString()} ${text}`)
  }

  /** The buyer presses “pay”. */
  begin(): void {
    const { terms, stage, dice, id } = this
    const { provider, kind, fate, currency, minor } = terms
    this.note(`${provider} ${id}: ${kind}, ${fate}, ${minor} ${currency}, link carries ${terms.carried ?? 'nobody'}`)
    SELL[provider](stage.world, id, terms, new Date(stage.now()), fate !== 'late')
    if (fate === 'paid') this.paid()
    else if (fate === 'late') this.late()
    else if (isTold(terms)) this.announce(this.aftermath.sold().events)
    if (fate !== 'elsewhere') this.buyer.comeBack(this)
    for (const { id: visitor, seen } of this.buyer.visitors) if (seen !== 'yes') this.note(`DataFast sees ${visitor} ${seen}`)
    if (fate !== 'paid') return
    // Gumroad's memberships are charged by the month at most.
    const period = provider !== 'gumroad' && dice.chance(0.8) ? 7 * DAY : 30 * DAY
    if (kind === 'subscription') this.charged(period)
    if (kind === 'trial' && dice.chance(0.75) && !stage.isPressed) this.charged(14 * DAY, period)
  }

  /** Where the buyer is sent. */
  get path(): string {
    const { provider } = this.terms
    return `/checkout/success/${provider}?${SELLERS[provider].returning(this.stage.world, this.id)}`
  }

  private get aftermath(): Aftermath {
    const { provider, kind, carried } = this.terms
    const name = provider === 'dodo' && kind === 'trial' ? this.id.replace('pay_', 'sub_') : this.id
    this.started ??= AFTERMATH[provider](this.stage.world, name, carried)
    return this.started
  }

  private paid(): void {
    const { kind, minor } = this.terms
    const { transactionId, events } = this.aftermath.sold()
    const isTrial = kind === 'trial'
    this.announce(events, this.moved(isTrial ? 'trial' : 'sale', transactionId, isTrial ? 0 : minor))
  }

  /** Complete, but the money comes days later. */
  private late(): void {
    const { provider } = this.terms
    if (/^(stripe|dodo|lemonsqueezy)$/.test(provider)) this.announce(this.aftermath.sold().events)
    this.stage.in(this.dice.between(2 * HOUR, 4 * DAY), () => {
      this.note('the money is there')
      const { created } = this.stage.world.stripe.sessions.get(this.id) ?? { created: 0 }
      SELL[provider](this.stage.world, this.id, this.terms, new Date(created * 1000 || this.stage.now()), true)
      this.paid()
    })
  }

  /** The next charge of its subscription, and those that follow. */
  private charged(ms: number, every = ms): void {
    this.stage.in(ms + this.dice.between(0, HOUR), () => {
      if (!this.stage.isOpen()) return
      const { provider, currency } = this.terms
      const { transactionId, amount, events } = this.aftermath.renewed()
      CHARGED_AT[provider](this.stage.world, transactionId, new Date(this.stage.now()))
      // The first money after a trial is a first payment.
      const kind = this.charges.length ? 'renewal' : 'sale'
      this.announce(events, this.moved(kind, transactionId, inMinor(amount, currency)))
      if (this.dice.chance(0.9)) this.charged(every)
    })
  }

  private moved(kind: MovementKind, transactionId: string, minor: number, of?: string): Movement {
    const { provider, currency } = this.terms
    const movement: Movement = {
      kind,
      provider,
      transactionId,
      currency,
      minor,
      at: this.stage.now(),
      order: this.number,
      of,
      acknowledged: [],
    }
    this.movements.push(movement)
    this.note(`${kind} ${transactionId}: ${minor} ${currency}`)
    if (kind !== 'refund' && minor > 0) {
      const charge = { transactionId, minor, left: minor }
      this.charges.push(charge)
      if (this.dice.chance(0.12)) this.stage.in(this.dice.skewed(HOUR, 10 * DAY), () => this.giveBack(charge))
    }
    return movement
  }

  private giveBack(charge: Charge): void {
    const { dice, stage, terms } = this
    if (!stage.isOpen() || charge.left <= 0) return
    const isPart = dice.chance(0.5) && charge.left === charge.minor
    const minor = isPart ? Math.min(charge.left, Math.round(charge.minor / 3)) : charge.left
    const { transactionId, events } = this.aftermath.refunded(isPart ? 'part' : 'rest', charge.transactionId)
    if (isPart && dice.chance(0.5)) stage.in(dice.skewed(10_000, 3 * DAY), () => this.giveBack(charge))
    if (terms.provider === 'gumroad' && isPart) {
      this.hasUntoldRefund = true
      this.note(`some of ${charge.transactionId} goes back`)
      this.announce(events)
      return
    }
    this.hasUntoldRefund = false
    charge.left -= minor
    REFUNDED_AT[terms.provider](stage.world, transactionId, new Date(stage.now()))
    this.announce(events, this.moved('refund', transactionId, minor, charge.transactionId))
  }

  private announce(events: ProviderEvent[], movement?: Movement): void {
    announce(events, this.post, { dice: this.dice, stage: this.stage, note: (text) => this.note(text) }, movement)
  }
}

/** Whether its provider tells our endpoint of an order that does not count. A test mode on a host of its own has endpoints of its own. */
function isTold({ provider, fate }: Terms): boolean {
  if (fate === 'unpaid') return provider === 'dodo' || provider === 'lemonsqueezy'
  return fate !== 'test' || (provider !== 'dodo' && provider !== 'polar')
}
