import { Client } from './client.ts'
import { type ByContender, CONTENDERS, type ContenderName, forEach } from './contenders.ts'
import type { Internet } from './internet.ts'
import type { Runtime } from './runtime.ts'

/** Where things are measured: one runtime, and what its Workers can reach. */
export type Lab = { internet: Internet; runtime: Runtime }

/** Who visits the contenders. */
export type Clients = ByContender<Client>

/** At each contender's own socket: Miniflare's entry in front would make all of them slower by the same, and their ratios smaller. */
export function clientsOf(runtime: Runtime, connections = 1): Promise<Clients> {
  return forEach(async (name) => new Client(await runtime.at(name), connections))
}

/** The same through that entry, for comparison. */
export function clientsAtEntry({ entry }: Runtime): Promise<Clients> {
  return forEach((name) => new Client(entry, 1, `${name}.example`))
}

/** So many rounds in which every contender has its turn, each time in another order. @returns what each turn measured */
export async function inTurns<Value>(rounds: number, turn: (name: ContenderName) => Promise<Value>): Promise<ByContender<Value[]>> {
  const measured = await forEach((): Value[] => [])
  for (let round = 0; round < rounds; round++) {
    const first = round % CONTENDERS.length
    for (const name of [...CONTENDERS.slice(first), ...CONTENDERS.slice(0, first)]) measured[name].push(await turn(name))
  }
  return measured
}
