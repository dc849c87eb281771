/** Whether every sale is recorded under the visitor who made it, as far as anybody could know that. */
import type { Finding, Match } from './comparison.ts'
import type { Order } from './order.ts'

/** Who an order may be recorded under. `isCertain`: one of them, and not nobody. */
type Knowable = { visitors: string[]; isCertain: boolean }

export type Attribution = {
  findings: Finding[]
  /** First payments and trials: whose visitor was known in time, and how many of these are under one. */
  knowable: number
  attributed: number
  /** Recorded under nobody, since nobody knew a visitor that DataFast takes. */
  nobody: number
}

/** Where the order itself tells the visitor of its link, whoever asks (docs/sweep.md). */
function tellsVisitor({ terms: { provider, kind } }: Order): boolean {
  if (provider === 'gumroad' || provider === 'lemonsqueezy') return false
  return provider !== 'creem' || kind === 'subscription'
}

/** The events that bring the visitor of a link along, where no order does. What its renewals bring does not reach the first sale. */
const BRINGS_VISITOR = /^(order_created|subscription_payment_success|sale|checkout\.completed)$/

/** Whether somebody has told of a visitor for the sale itself. */
function isToldOf(order: Order, id: string): boolean {
  const isByCookie = order.buyer.visits.some(({ cookie }) => cookie === id)
  const isByEvent = id === order.terms.carried && !!order.movements[0]?.acknowledged.some((name) => BRINGS_VISITOR.test(name))
  return isByCookie || isByEvent
}

/** @param hasStored - whether the Worker is known to have stored a visitor */
function knowableOf(order: Order, hasStored: (visitor: string) => boolean): Knowable {
  const { carried } = order.terms
  const accepted = order.buyer.visitors.filter(({ seen }) => seen !== 'never')
  // The provider's own word comes first, whatever cookies say.
  const best = accepted.find(({ id, seen }) => id === carried && seen === 'yes' && tellsVisitor(order))
  if (best) return { visitors: [best.id], isCertain: true }
  const isTold = accepted.some(({ id }) => (id === carried && tellsVisitor(order)) || (isToldOf(order, id) && hasStored(id)))
  // One that DataFast has rejected for good may have closed the matter before another was known.
  return { visitors: accepted.map(({ id }) => id), isCertain: isTold && accepted.length === order.buyer.visitors.length }
}

/** @param wasLate - whether a transaction was first recorded under nobody */
export function judgeAttribution(
  matches: readonly Match[],
  hasStored: (visitor: string) => boolean,
  wasLate: (transactionId: string) => boolean,
): Attribution {
  const result: Attribution = { findings: [], knowable: 0, attributed: 0, nobody: 0 }
  for (const [order, own] of Map.groupBy(matches, (match) => match.order)) {
    const { visitors, isCertain } = knowableOf(order, hasStored)
    const [first] = order.movements
    const sale = own.find(({ movements }) => movements[0] === first)?.entries[0]
    const saleVisitor = sale?.datafast_visitor_id
    const say = (text: string) => result.findings.push({ order, text })
    if (sale) {
      if (isCertain) result.knowable += 1
      if (isCertain && saleVisitor) result.attributed += 1
      if (!saleVisitor) result.nobody += 1
      if (saleVisitor ? !visitors.includes(saleVisitor) : isCertain) {
        say(`${sale.transaction_id} is under ${saleVisitor ?? 'nobody'}, and not under ${visitors.join(' or ') || 'nobody'}`)
      }
    }
    for (const entry of own.flatMap(({ entries }) => entries)) {
      if (entry === sale) continue
      const visitor = entry.datafast_visitor_id
      // Sent while its sale was still under nobody.
      const isEarly = !visitor && sale && wasLate(sale.transaction_id)
      const isHeir = saleVisitor ? visitor === saleVisitor || isEarly : !visitor || visitors.includes(visitor)
      if (!isHeir) say(`${entry.transaction_id} is under ${visitor ?? 'nobody'}, and its first sale under ${saleVisitor ?? 'nobody'}`)
    }
  }
  return result
}
