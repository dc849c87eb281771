import { type Checkout, isPaidLater, type Purchase, successPath } from './checkouts/checkout.ts'
import { checkoutNamed } from './checkouts/list.ts'
import { type Afterwards, afterwardsInWords } from './sales/afterwards.ts'
import { deliver, type WebhookAddress } from './sales/deliver.ts'
import { Sale, type Tidings } from './sales/sale.ts'
import { applySwitches, type Switches } from './switches.ts'
import { Timeline } from './timeline.ts'
import { World } from './world/world.ts'

/** Purchases before the latest of them are no longer shown. */
const PURCHASES_SHOWN = 4

/** Where a scene is played: where its shop is reached, and where its providers send their webhooks. */
export type Stage = { origin: string; webhooks: WebhookAddress }

/**
 * What there is to know of one purchase: by its sale, unless a stranger made the address up, and by the address its buyer
 * comes back to.
 */
export type KnownPurchase = { reference: string; path: string; returned: boolean; sale?: Sale }

/**
 * Everything that "start over" throws away. What is still under way then (a slow answer, a charge due in a few seconds)
 * keeps its old scene and can no longer be seen.
 */
export class Scene {
  readonly world = new World()
  readonly timeline = new Timeline()
  private readonly stage: Stage
  /** What the banks owe: each call pays one order. */
  private readonly unpaid: (() => void)[] = []
  /** By the reference that the buyer's return names; the latest last. */
  private readonly purchases = new Map<string, KnownPurchase>()

  constructor(switches: Switches, stage: Stage) {
    this.stage = stage
    // The shop's own site, which the visitor's cookie belongs to.
    this.world.dataFast.website.domain = new URL(stage.origin).hostname
    applySwitches(switches, this.world)
  }

  /**
   * A buyer pays: the order is taken, and its provider tells of it before it lets the buyer go.
   *
   * @param carried - what their payment link brought along, or the seller's page handed over
   * @returns what the buyer comes back with; `undefined` when the provider keeps a buyer who has not paid
   */
  async sell(checkout: Checkout, purchase: Purchase, carried: URLSearchParams): Promise<URLSearchParams | undefined> {
    let sale: Sale | undefined
    const due = new Set<() => void>()
    const onceItHappens = (act: () => void) => {
      const happens = () => {
        due.delete(happens)
        act()
        if (sale) void this.tell(sale, sale.news())
      }
      due.add(happens)
      return happens
    }
    const { world, timeline, stage } = this
    const taken = checkout.take(purchase, {
      world,
      timeline,
      origin: stage.origin,
      carried,
      later: (ms, act) => setTimeout(onceItHappens(act), ms).unref(),
      awaitBank: (act) => this.unpaid.push(onceItHappens(act)),
    })
    if (!taken) return undefined
    const parameters = new URLSearchParams(taken.parameters)
    // Of what was declined there is nothing to tell, and nothing follows it.
    if (purchase.payment === 'declined') return parameters
    sale = new Sale(checkout, purchase, taken, world, due)
    this.keep({ path: successPath(checkout.provider, parameters), returned: false, sale }, checkout, parameters)
    if (checkout.tellsUnpaid || !isPaidLater(purchase)) await this.tell(sale, sale.news())
    return parameters
  }

  /** Remembers which order a buyer came back with, if the address names one. */
  noteReturn(url: URL): void {
    const checkout = checkoutNamed(/^\/checkout\/success\/([^/]+)\/?$/.exec(url.pathname)?.[1])
    if (checkout) this.keep({ path: url.pathname + url.search, returned: true }, checkout, url.searchParams)
  }

  private keep(news: Omit<KnownPurchase, 'reference'>, checkout: Checkout, parameters: URLSearchParams): void {
    const reference = checkout.referenceIn(parameters)
    if (!reference) return
    const known = this.purchases.get(reference)
    this.purchases.delete(reference)
    this.purchases.set(reference, { ...known, ...news, reference })
  }

  /** Newest first. */
  get latestPurchases(): KnownPurchase[] {
    return [...this.purchases.values()].reverse().slice(0, PURCHASES_SHOWN)
  }

  /** Makes something happen to a sale. Resolves once its provider has told of it; `false` when it cannot happen. */
  async make(what: Afterwards, reference: string): Promise<boolean> {
    const sale = this.purchases.get(reference)?.sale
    if (!sale?.can(what)) return false
    this.timeline.tell(afterwardsInWords(what, sale))
    await this.tell(sale, sale.make(what))
    return true
  }

  get awaitedPayments(): number {
    return this.unpaid.length
  }

  bankPays(): void {
    this.timeline.tell('The bank has paid.')
    for (const pay of this.unpaid.splice(0)) pay()
  }

  private tell(sale: Sale, tidings: Tidings): Promise<void> {
    return deliver(tidings, sale, this.stage.webhooks, this.timeline)
  }
}
