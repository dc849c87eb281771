import { QUICK } from '../../bench/proof-page.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import { PROVIDER_NAMES } from '../bundle/sellers.ts'
import { announce, comeBack, type Kills, type Landing, NOBODY } from './doors.ts'
import { buy, type Door, type Order } from './order.ts'
import { type Ending, judge } from './promises.ts'
import { type Runtime, startRuntime } from './runtime.ts'
import type { Strike } from './strikes.ts'
import { TROUBLES, type Trouble } from './troubles.ts'

/** One order, and what goes wrong on its way. `times`: how often it goes wrong. */
export type Cell = { trouble: Trouble; door: Door; provider: ProviderName; times: number }

/** How it ended. `missed`: what was to go wrong and did not, so that nothing was tried. */
export type Result = { cell: Cell; order: Order; ending: Ending; missed: string[] }

/** What cells came to. `unexplained`: what failed besides, in words, and nothing that was to go wrong explains it. */
export type Ran = { results: Result[]; unexplained: string[] }

/** Between two buyers. */
const GAP_MS = 40
const UNTIL_NEXT_VISIT_MS = 4_000
/** Cron runs are a quarter of an hour apart; here is no time for that. */
const CRON_MS = QUICK ? 3_000 : 8_000

/** Every trouble at every door. In short each with one provider, in turns; otherwise with all of them, and once with twice the trouble. */
export function cellsOf(isShort: boolean): Cell[] {
  let turn = 0
  return TROUBLES.filter(({ isLong }) => !(isShort && isLong)).flatMap((trouble) =>
    trouble.doors.flatMap((door): Cell[] => {
      const providers = trouble.providers ?? PROVIDER_NAMES
      const one = providers[turn++ % providers.length] ?? 'stripe'
      const once = (isShort || trouble.isShared ? [one] : providers).map((provider) => ({ trouble, door, provider, times: 1 }))
      return isShort || !mayRepeat(trouble, door) ? once : [...once, { trouble, door, provider: one, times: 2 }]
    }),
  )
}

/** A visit makes each of its calls once; how many alarms are refused is a part of that trouble. */
function mayRepeat({ what, step, ends, isShared }: Trouble, door: Door): boolean {
  const isOfVisit = /^(by the visit|asked|told of the arrival|asked for the verdict)$/.test(step)
  return what !== 'Nothing' && !ends && !isShared && !/kept|webhooks come|refused/.test(step) && !(isOfVisit && door !== 'webhook')
}

/**
 * Runs them in a runtime of their own.
 * @param patienceMs - how long orders may take to end well, once all have come
 * @param onCome - called when everybody has come to their door
 */
export async function runCells(cells: readonly Cell[], patienceMs: number, onCome: () => void = () => {}): Promise<Ran> {
  const runtime = await startRuntime()
  // The books see their providers: what is sold from now on is theirs to find.
  await runtime.look([])
  const orders = cells.map((cell, place) => ({ cell, order: buy(runtime.world, cell.provider, kindOf(cell, place), cell.door) }))
  const strikes = orders.map(({ cell, order }, place) => strikesOf(cell, order, place))
  await runtime.strike(strikes.flat())
  // The books are hurried: their own waits grow with every failure, and here are many more than in a year.
  const cron = every(CRON_MS, { 'The cron run': runtime.cron, 'Hurrying the books': runtime.hurry })
  const landings = await Promise.all(
    orders.map(({ cell, order }, place) => later(order.door === 'sweep' ? 0 : place * GAP_MS, () => comeTo(runtime, cell, order))),
  )
  onCome()
  const endings = await settle(
    runtime,
    orders.map(({ cell, order }, place) => ({ order, landing: landings[place] ?? NOBODY, isRecorded: cell.trouble.ends !== 'believed' })),
    Date.now() + patienceMs,
  )
  const unexplained = await cron.stop()
  const hits = new Set(await runtime.hits())
  await runtime.stop()
  const results = orders.flatMap(({ cell, order }, place): Result[] => {
    const ending = endings[place]
    const missed = (strikes[place] ?? []).map(({ name }) => name).filter((name) => !hits.has(name))
    return ending ? [{ cell, order, ending, missed }] : []
  })
  return { results, unexplained }
}

/** Where that is what it takes, twice: what nobody could keep is known again from the next visit on. */
async function comeTo(runtime: Runtime, { trouble, times }: Cell, order: Order): Promise<Landing> {
  // A provider is told to come again only when its news could be kept nowhere, and as often as that.
  const refusals = trouble.strikes(order, times).some(({ at }) => at === 'door:memory.put') ? times : 0
  const first = await arrive(runtime, order, { refusals })
  if (trouble.ends !== 'next-visit' || !first.landed) return first
  await new Promise((resolve) => setTimeout(resolve, UNTIL_NEXT_VISIT_MS))
  const isEarly = runtime.posts.has(order.transactionId)
  return isEarly ? { ...first, landed: false, seen: 'recorded before it could be' } : arrive(runtime, order, { refusals })
}

/** What is bought: of each provider both, in turns. */
export function kindOf({ provider }: Cell, place: number): 'one-time' | 'subscription' {
  // After a subscription Dodo's buyers return with another name than their payment has.
  return provider === 'dodo' || place % 2 ? 'subscription' : 'one-time'
}

/** What goes wrong in a cell, by names that tell the cells apart. */
export function strikesOf({ trouble, times }: Cell, order: Order, place: number): Strike[] {
  return trouble.strikes(order, times).map((strike, which) => ({ ...strike, name: `${place}.${which} ${trouble.what}, ${trouble.step}` }))
}

/** Somebody comes to an order's door. @param explained - what may keep them waiting: so many refusals, or kills */
export function arrive(runtime: Runtime, order: Order, explained: { refusals?: number; kills?: Kills }): Promise<Landing> {
  const { refusals = 0, kills } = explained
  const doors: Record<Door, () => Promise<Landing>> = {
    redirect: () => comeBack(runtime, order, kills),
    webhook: () => announce(runtime, order, refusals, kills),
    sweep: async () => NOBODY,
  }
  return doors[order.door]()
}

/** Waits until every order has ended well, or the time is up. @returns their endings, in the same order */
export async function settle(
  runtime: Runtime,
  orders: readonly { order: Order; landing: Landing; isRecorded: boolean }[],
  deadline: number,
): Promise<Ending[]> {
  const endings = new Map<number, Ending>()
  const tell = progress(orders.length)
  for (let isLast = false; !isLast; ) {
    isLast = Date.now() > deadline
    for (const [place, { order, landing, isRecorded }] of orders.entries()) {
      const isDone = endings.get(place)?.broken.length === 0
      // Nobody is looked at before there is a reason: looking at an order keeps it awake.
      if (isDone || (isRecorded && !isLast && !runtime.posts.has(order.transactionId))) continue
      endings.set(place, await judge(runtime, order, landing, isRecorded))
    }
    tell(endings)
    isLast ||= orders.every((_, place) => endings.get(place)?.broken.every(({ promise }) => promise === 'landed'))
    if (!isLast) await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
  const ended = orders.map((_, place) => endings.get(place)).filter((ending) => ending !== undefined)
  const strangers = paidByNobody(runtime, orders)
  if (strangers.length) ended[0]?.broken.push({ promise: 'once', expected: 'no other payment', seen: strangers.join(', ') })
  return ended
}

/** Ten minutes are long without a word. */
function progress(all: number): (endings: ReadonlyMap<number, Ending>) => void {
  let toldAt = Date.now()
  return (endings) => {
    if (QUICK || Date.now() - toldAt < 30_000) return
    toldAt = Date.now()
    const ended = [...endings.values()].filter(({ broken }) => !broken.length).length
    console.log(`${ended} of ${all} orders have ended well so far`)
  }
}

/** Payments in DataFast that are no order's. */
function paidByNobody({ world }: Runtime, orders: readonly { order: Order }[]): string[] {
  const known = new Set(orders.map(({ order }) => order.transactionId))
  return [...world.dataFast.ledger.keys()].filter((id) => !known.has(id))
}

async function later<Value>(ms: number, act: () => Promise<Value>): Promise<Value> {
  await new Promise((resolve) => setTimeout(resolve, ms))
  return act()
}

/** Does some things again and again, the first time at once. @returns `stop`, which tells how often which of them failed, and why */
export function every(ms: number, acts: Record<string, () => Promise<void>>) {
  let isOver = false
  const failed = new Map<string, number>()
  const note = (failure: string) => failed.set(failure, (failed.get(failure) ?? 0) + 1)
  const going = (async () => {
    while (!isOver) {
      for (const [name, act] of Object.entries(acts)) await act().catch((error: unknown) => note(`${name} failed: ${error}`))
      for (let left = ms; left > 0 && !isOver; left -= 200) await new Promise((resolve) => setTimeout(resolve, 200))
    }
  })()
  return {
    stop: async () => {
      isOver = true
      await going
      return Array.from(failed, ([failure, times]) => (times > 1 ? `${failure} (${times} times)` : failure))
    },
  }
}
