/** What an order owes the edge's memory: entries under all its names, until they are written. */
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
