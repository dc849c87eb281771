/** Whether every sale is recorded under the visitor who made it, as far as anybody could know that. */
import type { Finding, Match } from './comparison.ts'
import type { Order } from './order.ts'

/**
 * Who an order may be recorded under. `right`: the best of them, or several where nobody outside can tell whose arrival came
 * first. `accepted`: everybody DataFast came to know. `isCertain`: one of the right ones, and not nobody.
 */
type Knowable = { right: string[]; accepted: string[]; isCertain: boolean }

/** What the Worker is known to have stored, and when. */
export type Stored = {
  /** A visitor, or an order by its reference. */
  hasStored: (text: string) => boolean
  /** When a visitor’s own return was stored, in ms; `undefined`: not, or nobody knows. */
  returnedAt: (visitor: string) => number | undefined
}

export type Attribution = {
  findings: Finding[]
  /** First payments and trials whose visitor was known in time. `one`: a single visitor is right; `several`: any of them may be. */
  knowable: { one: number; several: number }
  /** How many of these are under a right one. */
  attributed: { one: number; several: number }
  /** Recorded under nobody, since nobody knew a visitor that DataFast takes. */
  nobody: number
}

/** Where the order itself tells the visitor of its link, whoever asks (docs/sweep.md). */
export function tellsVisitor({ terms: { provider, kind } }: Order): boolean {
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

/** Whether another cookie was stored before this one was first sent, and with nothing to be said against it. */
function isOutrun(order: Order, id: string, returnedAt: Stored['returnedAt']): boolean {
  const { visitors, cameAt } = order.buyer
  const came = cameAt.get(id)
  if (came === undefined) return true
  // One that DataFast came to know late was rejected once: whoever came meanwhile may have taken its place.
  return visitors.some((other) => other.id !== id && other.seen === 'yes' && (returnedAt(other.id) ?? Number.POSITIVE_INFINITY) < came)
}

function knowableOf(order: Order, { hasStored, returnedAt }: Stored): Knowable {
  const { carried } = order.terms
  const known = order.buyer.visitors.filter(({ seen }) => seen !== 'never')
  const accepted = known.map(({ id }) => id)
  // The provider's own word comes first, whatever cookies say.
  const best = known.find(({ id, seen }) => id === carried && seen === 'yes' && tellsVisitor(order))
  if (best) return { right: [best.id], accepted, isCertain: true }
  const isTold = accepted.some((id) => (id === carried && tellsVisitor(order)) || (isToldOf(order, id) && hasStored(id)))
  // The link's visitor, brought by a webhook, is the provider's word too: whether it was in time nobody outside can tell.
  const right = accepted.filter((id) => id === carried || !isOutrun(order, id, returnedAt))
  // One that DataFast has rejected for good may have closed the matter before another was known.
  return { right, accepted, isCertain: isTold && accepted.length === order.buyer.visitors.length }
}

/** @param wasLate - whether a transaction was first recorded under nobody */
export function judgeAttribution(matches: readonly Match[], stored: Stored, wasLate: (transactionId: string) => boolean): Attribution {
  const result: Attribution = { findings: [], knowable: { one: 0, several: 0 }, attributed: { one: 0, several: 0 }, nobody: 0 }
  for (const [order, own] of Map.groupBy(matches, (match) => match.order)) {
    const { right, accepted, isCertain } = knowableOf(order, stored)
    const [first] = order.movements
    const sale = own.find(({ movements }) => movements[0] === first)?.entries[0]
    const saleVisitor = sale?.datafast_visitor_id
    const say = (text: string) => result.findings.push({ order, text })
    if (sale) {
      const isRight = !!saleVisitor && right.includes(saleVisitor)
      const kind = right.length === 1 ? 'one' : 'several'
      if (isCertain) result.knowable[kind] += 1
      if (isCertain && isRight) result.attributed[kind] += 1
      if (!saleVisitor) result.nobody += 1
      if (saleVisitor ? !isRight : isCertain) {
        say(`${sale.transaction_id} is under ${saleVisitor ?? 'nobody'}, and not under ${right.join(' or ') || 'nobody'}`)
      }
    }
    for (const entry of own.flatMap(({ entries }) => entries)) {
      if (entry === sale) continue
      const visitor = entry.datafast_visitor_id
      // Sent while its sale was still under nobody.
      const isEarly = !visitor && sale && wasLate(sale.transaction_id)
      const isHeir = saleVisitor ? visitor === saleVisitor || isEarly : !visitor || accepted.includes(visitor)
      if (!isHeir) say(`${entry.transaction_id} is under ${visitor ?? 'nobody'}, and its first sale under ${saleVisitor ?? 'nobody'}`)
    }
  }
  return result
}
