/** What an order owes: to the edge's memory entries under all its names, to the books its row, until they are written. */
import { movementOf, type Owed } from '../books/movement.ts'
import type { RecordedEntry } from '../recorded.ts'
import type { Reference } from '../reference.ts'
import type { Circumstances } from './circumstances.ts'
import { inheritedFrom, memoryOf } from './outlook.ts'
import type { State } from './state.ts'
import { startTrying, tryAgain } from './timing.ts'

/** Every name the edge is to know a recorded order under: for renewals to inherit from, and refreshed where this one inherited. */
export function namesOf(state: State): Reference[] {
  const { reference, aliases, payment } = state
  // What inherits has nothing to leave: its first sale has left it already.
  const heritage = payment?.firstSale ? undefined : payment?.subscription
  return [reference, ...aliases, heritage, ...inheritedFrom(state)].filter((name) => name !== undefined)
}

/** Owes the edge its memory under more names. */
export function owing({ debts, debtTries }: State, more: Reference[], { now }: Circumstances): Pick<State, 'debts' | 'debtTries'> {
  return { debts: [...new Set([...debts, ...more])], debtTries: more.length ? startTrying(now) : debtTries }
}

/** @param written - whether KV took the entry */
export function wroteMemory(state: State, reference: Reference, entry: RecordedEntry, written: boolean, world: Circumstances): State {
  if (!written) return { ...state, debtTries: tryAgain(state.debtTries, 'kv-down', world) ?? startTrying(world.now) }
  const current = memoryOf(state, reference)
  // It may have changed while it was being written: then it is owed again.
  if (current?.attributed !== entry.attributed || current.visitor !== entry.visitor) return state
  return { ...state, debts: state.debts.filter((debt) => debt !== reference), debtTries: startTrying(world.now) }
}

/** Owes the books what has become of this order, where that is news to them. */
export function owingBooks(state: State, world: Circumstances): State {
  const movement = world.keepsBooks ? movementOf(state, world.revenue, world.now) : 'as-before'
  if (movement === 'as-before') return state
  const { owed = [], tries = startTrying(world.now), told } = state.books ?? {}
  if (movement === 'nothing' && told === undefined) return state
  const news: Owed = movement === 'nothing' ? { reference: state.reference, isGone: true } : movement
  const telling = movement === 'nothing' ? undefined : JSON.stringify(movement)
  if (telling === told) return state
  // Of one movement only the latest counts; a running total has several.
  const others = owed.filter((other) => 'transactionId' in other && 'transactionId' in news && other.transactionId !== news.transactionId)
  return { ...state, books: { owed: [...others, news], tries: owed.length ? tries : startTrying(world.now), told: telling } }
}

/** @param owed - what the books were told; `written`: whether they took it */
export function wroteBooks(state: State, owed: readonly Owed[], written: boolean, world: Circumstances): State {
  const { books } = state
  if (!books) return state
  if (!written) return { ...state, books: { ...books, tries: tryAgain(books.tries, 'books-down', world) ?? startTrying(world.now) } }
  return { ...state, books: { ...books, owed: books.owed.filter((one) => !owed.includes(one)), tries: startTrying(world.now) } }
}
