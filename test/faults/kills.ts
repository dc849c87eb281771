import { QUICK } from '../../bench/proof-page.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import { PROVIDER_NAMES } from '../bundle/sellers.ts'
import { arrive, type Cell, every, kindOf, type Ran, type Result, settle, strikesOf } from './cells.ts'
import type { Kills, Landing } from './doors.ts'
import { buy, DOORS, type Door, type Order } from './order.ts'
import { type Runtime, startRuntime } from './runtime.ts'
import type { Mishap, Place, Weather } from './strikes.ts'
import type { Trouble } from './troubles.ts'

/**
 * What was killed, and what became of it. `again`: how many orders the second kill in the same step was to meet there, and how
 * many it met; the others had got further, or not so far yet.
 */
export type Killed = Ran & { kills: number; again?: { sought: number; met: number } }

/** An order on its way. `held`: where it stands still until the runtime is killed; `isAgain`: it gets there again afterwards. */
type Underway = { cell: Cell; order: Order; landing: Promise<Landing>; held: ReturnType<typeof strikesOf>; missed: string[] }

/** By now everybody has got to where they are held: mostly within a second. Some places hold for five and no longer. */
const HELD_WITHIN_MS = 10_000
/** What was cut short is taken up after five seconds, and DataFast tried again after two. */
const HELD_AGAIN_WITHIN_MS = 12_000
const CRON_MS = 6_000

/** Where an order is held when the runtime is killed: before a step is done, or after, when nobody has heard of it yet. */
const HOLDS: readonly Trouble[] = [
  // Through one stub calls arrive in their order: whoever holds the first holds both.
  ...held('the arrival is stored', 'door:orders.arrive', ['redirect']).map((trouble): Trouble => {
    const strikes: Trouble['strikes'] = (order, times) => [
      ...trouble.strikes(order, times),
      { at: 'door:orders.verdict', how: 'hangs', mark: order.mark, times },
    ]
    return { ...trouble, strikes }
  }),
  ...held('the arrival is stored', 'door:orders.arrive', ['webhook']),
  ...held('the verdict is told', 'door:orders.verdict', ['redirect']),
  ...heldOutside('the provider answers', ({ mark }) => mark),
  ...held('KV is asked for an earlier record', 'order:memory.getWithMetadata', DOORS),
  ...heldOutside('DataFast takes the payment', ({ transactionId }) => `"${transactionId}"`),
  ...held('KV is written', 'order:memory.put', DOORS),
  ...held('the books are told', 'order:books.record', DOORS),
  ...held('the order is handed over', 'order:orders.arrive', ['redirect', 'webhook'], ['creem']),
  ...held('the order is handed over', 'order:orders.arrive', ['redirect'], ['dodo']),
]

/** Killed at a moment nobody chose. */
const ANY_MOMENT: Trouble = {
  ...{ what: 'Runtime killed', when: 'during', how: 'any moment, again and again', step: '', doors: DOORS },
  strikes: () => [],
}

/** Kills the runtime with orders in every step, and starts it again on the storage it had. @param patienceMs - after the last kill */
export async function runKills(patienceMs: number): Promise<Killed> {
  const runtime = await startRuntime()
  await runtime.look([])
  let alive = Promise.resolve()
  let count = 0
  const kills: Kills = { count: () => count, over: () => alive }
  const underway: Underway[] = []
  const kill = async () => {
    const started = Promise.withResolvers<void>()
    alive = started.promise
    await runtime.killAndStart()
    count += 1
    started.resolve()
  }
  const begin = async (cells: readonly Cell[], spreadMs: number) => {
    const begun = cells.map((cell, place): Omit<Underway, 'landing'> => {
      const order = buy(runtime.world, cell.provider, kindOf(cell, place), cell.door)
      return { cell, order, held: strikesOf(cell, order, underway.length + place), missed: [] }
    })
    await runtime.strike(begun.flatMap(({ held }) => held))
    // A list that is read when the runtime is killed rests for half a minute. The kill may cut this run short.
    if (cells.some(({ door }) => door === 'sweep')) void runtime.cron().catch(() => {})
    const going = begun.map((one, place): Underway => {
      const start = new Promise((resolve) => setTimeout(resolve, (place * spreadMs) / cells.length))
      return { ...one, landing: start.then(() => arrive(runtime, one.order, { kills })) }
    })
    underway.push(...going)
    return going
  }

  const cells = cellsOf(HOLDS)
  const going: Underway[] = []
  // One group after the other: the sweep takes its time.
  for (const group of [cells.filter(({ door }) => door !== 'sweep'), cells.filter(({ door }) => door === 'sweep')]) {
    const begun = await begin(group, 500)
    await untilHeld(runtime, begun, HELD_WITHIN_MS)
    await kill()
    going.push(...begun)
  }
  let metAgain: Killed['again']
  if (!QUICK) {
    // And once more in the same step: whoever was not done with it comes to it again.
    const again = going.filter(({ cell: { trouble } }) => /^(the provider|DataFast|KV is written|the books)/.test(trouble.how))
    const held = again.map((one) => ({ ...one, held: one.held.map((strike) => ({ ...strike, name: `${strike.name} again` })), missed: [] }))
    await runtime.strike(held.flatMap((one) => one.held))
    await untilHeld(runtime, held, HELD_AGAIN_WITHIN_MS)
    metAgain = { sought: held.length, met: held.filter(({ missed }) => !missed.length).length }
    if (!metAgain.met) throw new Error('nobody came to the same step again')
    await kill()
  }
  for (let round = 0; round < (QUICK ? 2 : 12); round++) {
    await begin(cellsOf([ANY_MOMENT], false), 500)
    await new Promise((resolve) => setTimeout(resolve, 150 + ((round * 137) % 600)))
    await kill()
  }

  const cron = every(CRON_MS, { 'The cron run after the kills': runtime.cron })
  const landings = await Promise.all(underway.map(({ landing }) => landing))
  const orders = underway.map(({ order }, place) => ({ order, landing: landings[place] ?? NOWHERE, isRecorded: true }))
  const endings = await settle(runtime, orders, Date.now() + patienceMs)
  const unexplained = await cron.stop()
  await runtime.stop()
  const results = underway.flatMap(({ cell, order, missed }, place): Result[] => {
    const ending = endings[place]
    return ending ? [{ cell, order, ending, missed }] : []
  })
  return { kills: count, results, unexplained, ...(metAgain && { again: metAgain }) }
}

const NOWHERE: Landing = { landed: false, seen: 'nothing', ms: 0, lateMs: 0, tries: 0 }

/** Each with one provider, in turns, or with all of them. */
function cellsOf(troubles: readonly Trouble[], isShort = QUICK): Cell[] {
  let turn = 0
  return troubles.flatMap((trouble) =>
    trouble.doors.flatMap((door) => {
      const providers = trouble.providers ?? PROVIDER_NAMES
      const chosen = isShort ? [providers[turn++ % providers.length] ?? 'stripe'] : providers
      return chosen.map((provider) => ({ trouble, door, provider, times: 1 }))
    }),
  )
}

/** Waits until everybody stands where they are to be held, and notes who does not. */
async function untilHeld(runtime: Runtime, going: readonly Underway[], patienceMs: number): Promise<void> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    const hits = new Set(await runtime.hits())
    const missing = going.filter(({ held }) => held.some(({ name }) => !hits.has(name)))
    if (missing.length && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      continue
    }
    for (const one of missing) one.missed.push(...one.held.map(({ name }) => name))
    return
  }
}

function held(step: string, at: Place, doors: readonly Door[], providers?: readonly ProviderName[]): Trouble[] {
  const ways: [Mishap, 'before' | 'after'][] = [
    ['hangs', 'before'],
    ['done-hangs', 'after'],
  ]
  return ways.map(([how, when]) => {
    const strikes: Trouble['strikes'] = ({ mark }, times) => [{ at, how, mark, times }]
    return { what: 'Runtime killed', when, how: step, step: '', doors, strikes, ...(providers && { providers }) }
  })
}

function heldOutside(step: string, markOf: (order: Order) => string): Trouble[] {
  const ways: [Weather, 'before' | 'after'][] = [
    ['hangs', 'before'],
    ['done-hangs', 'after'],
  ]
  return ways.map(([how, when]) => {
    const strikes: Trouble['strikes'] = (order, times) => [{ at: 'network', how, mark: markOf(order), times }]
    return { what: 'Runtime killed', when, how: step, step: '', doors: DOORS, strikes }
  })
}
