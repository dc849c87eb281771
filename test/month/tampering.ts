/** Whether the proof would notice: the ledger is tampered with in every way that matters, and each has to be found. */
import type { LedgerEntry } from '../../sandbox/world/datafast.ts'
import { tellsVisitor } from './attribution.ts'
import type { Finding } from './comparison.ts'
import { judge, type Outcome } from './report.ts'
import { DIGITS } from './terms.ts'

type Ledger = Map<string, LedgerEntry>

const WAYS: Record<string, (ledger: Ledger, id: string, entry: LedgerEntry) => unknown> = {
  'a movement that is missing': (ledger, id) => ledger.delete(id),
  'one that is there twice, under another id': (ledger, id, entry) => ledger.set(`${id}again`, entry),
  'one smallest unit too much': (ledger, id, entry) => {
    const scale = 10 ** (DIGITS[entry.currency] ?? 2)
    return ledger.set(id, { ...entry, amount: (Math.round(entry.amount * scale) + 1) / scale })
  },
  'another currency': (ledger, id, entry) => ledger.set(id, { ...entry, currency: entry.currency === 'EUR' ? 'USD' : 'EUR' }),
  'a sale filed as a renewal': (ledger, id, entry) => ledger.set(id, { ...entry, renewal: true }),
  'another day': (ledger, id, entry) => ledger.set(id, { ...entry, timestamp: '2026-08-01T00:00:00.000Z' }),
  'somebody else’s visitor': (ledger, id, entry) =>
    ledger.set(id, { ...entry, datafast_visitor_id: '00000000-0000-4000-8000-000000000000' }),
  'a visitor that got lost': (ledger, id, { datafast_visitor_id: _, ...entry }) => ledger.set(id, entry),
}

/** @returns what was not noticed */
export function judgeProof(outcome: Outcome): Finding[] {
  const before = judge(outcome).findings.length
  const isNoticed = (ledger: Ledger) => judge({ ...outcome, ledger }).findings.length > before
  // A sale whose visitor its own order tells, so that there is no doubt about anything in it.
  const order = outcome.orders.find(({ terms, movements, buyer }) => {
    const isCertain = terms.provider === 'paddle' && terms.fate === 'paid' && terms.kind === 'one-time' && movements.length === 1
    return isCertain && buyer.visitors.some(({ id, seen }) => id === terms.carried && seen === 'yes')
  })
  const id = order?.movements[0]?.transactionId ?? ''
  const entry = outcome.ledger.get(id)
  if (!entry) return [{ text: 'there is no sale to try the proof with' }]
  const unnoticed = Object.entries(WAYS).flatMap(([name, tamper]) => {
    const ledger = new Map(outcome.ledger)
    tamper(ledger, id, entry)
    return isNoticed(ledger) ? [] : [{ order, text: `the proof does not notice ${name}` }]
  })
  return [...unnoticed, ...judgeSecondBest(outcome, isNoticed)]
}

/** A sale under another visitor of the same buyer, whom DataFast knows as well, though the provider tells whose it is. */
function judgeSecondBest({ orders, ledger }: Outcome, isNoticed: (ledger: Ledger) => boolean): Finding[] {
  for (const order of orders) {
    const { terms, movements, buyer } = order
    const id = movements[0]?.transactionId ?? ''
    const entry = ledger.get(id)
    const other = buyer.visitors.find(({ id: visitor, seen }) => seen === 'yes' && visitor !== terms.carried)
    const isTold = tellsVisitor(order) && entry?.datafast_visitor_id === terms.carried
    const isKnown = buyer.visitors.some(({ id: visitor, seen }) => seen === 'yes' && visitor === terms.carried)
    // What inherits from it would give it away as well.
    if (movements.length !== 1 || !entry || !other || !isTold || !isKnown) continue
    if (isNoticed(new Map(ledger).set(id, { ...entry, datafast_visitor_id: other.id }))) return []
    return [{ order, text: 'the proof does not notice the second best of a buyer’s own visitors' }]
  }
  return [{ text: 'there is no buyer of two visitors to try the proof with' }]
}
