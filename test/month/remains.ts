/** What is left behind in the Worker's storage when the month is over. */
import type { LedgerEntry } from '../../sandbox/world/datafast.ts'
import type { Movement as Row } from '../../src/books/movement.ts'
import type { State } from '../../src/order/state.ts'
import type { Cloudflare } from './cloudflare.ts'
import { type Finding, kindOf } from './comparison.ts'
import type { Order } from './order.ts'

/** How buyers are called in the simulated shop: none of it may outlive a delivery. */
const PERSONAL = /@|Bea Buyer|buyer\./i

/** Nothing is owed, nothing is waited for, and nothing personal is kept; `orders` may be forgotten by then. */
export function judgeObjects({ orders, books, memory }: Cloudflare): Finding[] {
  const findings: Finding[] = []
  for (const { name, storage } of orders.all.values()) {
    const state = storage.durable.get('order') as State | undefined
    if (!state) continue
    const { stage, debts, books: told, payment } = state
    if (debts.length) findings.push({ text: `${name} owes KV ${debts.length} entries` })
    if (told?.owed.length) findings.push({ text: `${name} owes the books ${told.owed.length} rows` })
    if (Object.values(payment?.customer ?? {}).some(Boolean)) findings.push({ text: `${name} keeps its customer` })
    if (stage.at !== 'ended' && stage.at !== 'moved' && !isUntold(name))
      findings.push({ text: `${name} still waits: ${JSON.stringify(stage)}` })
    if (storage.alarm === undefined) findings.push({ text: `${name} has no alarm: it is never forgotten` })
  }
  const stored = [
    ...[...orders.all.values(), ...books.all.values()].flatMap(({ name, storage }) =>
      [...storage.durable.values()].map((value) => [name, JSON.stringify(value)] as const),
    ),
    ...memory.contents(),
    ...rowsOf(books).map((row) => ['books', JSON.stringify(row)] as const),
  ]
  for (const [where, text] of stored) if (PERSONAL.test(text)) findings.push({ text: `${where} keeps something personal` })
  for (const [key] of memory.contents()) if (key.startsWith('arrival:')) findings.push({ text: `${key} still waits in KV` })
  return findings
}

/** The books say what the ledger says, and nothing is open in them. */
export function judgeBooks({ books }: Cloudflare, ledger: ReadonlyMap<string, LedgerEntry>, orders: readonly Order[]): Finding[] {
  const rows = rowsOf(books)
  const recorded = new Map(rows.filter(({ stage }) => stage === 'recorded').map((row) => [row.transactionId, row]))
  const findings: Finding[] = []
  for (const [id, entry] of ledger) {
    const row = recorded.get(id)
    if (!row) findings.push({ text: `the books have no row of ${id}` })
    else if (row.amount !== entry.amount || row.currency !== entry.currency || row.kind !== kindOf(entry)) {
      findings.push({
        text: `the books say of ${id}: ${row.kind} of ${row.amount} ${row.currency}, and not ${kindOf(entry)} of ${entry.amount} ${entry.currency}`,
      })
    } else if ((row.attributed === 'yes') !== (entry.datafast_visitor_id !== undefined)) {
      findings.push({ text: `the books say of ${id}: ${row.attributed}, and DataFast has ${entry.datafast_visitor_id ?? 'nobody'}` })
    }
  }
  for (const id of recorded.keys()) if (!ledger.has(id)) findings.push({ text: `the books have ${id}, and DataFast has not` })
  const open = rows.filter(({ stage }) => /^(waiting|held|parked)$/.test(stage))
  const untold = orders.filter(({ hasUntoldRefund }) => hasUntoldRefund).length
  for (const { reference, reason } of open)
    if (!isUntold(reference)) findings.push({ text: `${reference} is still open in the books: ${reason}` })
  if (open.filter(({ reference }) => isUntold(reference)).length > untold)
    findings.push({ text: 'more refunds are parked than were made in part' })
  return findings
}

/** That some of a sale went back is all Gumroad tells: it is parked, for the founder to see. */
function isUntold(reference: string): boolean {
  return reference.startsWith('gumroad:refund_')
}

function rowsOf(books: Cloudflare['books']): Row[] {
  const { sql } = books.named('books').storage.api
  return (sql.exec('SELECT row FROM movement').toArray() as { row: string }[]).map(({ row }) => JSON.parse(row) as Row)
}
