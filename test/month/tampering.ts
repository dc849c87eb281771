/** Whether the proof would notice: the ledger is tampered with in every way that matters, and each has to be found. */
import type { LedgerEntry } from '../../sandbox/world/datafast.ts'
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
  // A sale whose visitor its own order tells, so that there is no doubt about anything in it.
  const order = outcome.orders.find(({ terms, movements, buyer }) => {
    const isCertain = terms.provider === 'paddle' && terms.fate === 'paid' && terms.kind === 'one-time' && movements.length === 1
    return isCertain && buyer.visitors.some(({ id, seen }) => id === terms.carried && seen === 'yes')
  })
  const id = order?.movements[0]?.transactionId ?? ''
  const entry = outcome.ledger.get(id)
  if (!entry) return [{ text: 'there is no sale to try the proof with' }]
  return Object.entries(WAYS).flatMap(([name, tamper]) => {
    const ledger = new Map(outcome.ledger)
    tamper(ledger, id, entry)
    const found = judge({ ...outcome, ledger }).findings.length
    return found > before ? [] : [{ order, text: `the proof does not notice ${name}` }]
  })
}
