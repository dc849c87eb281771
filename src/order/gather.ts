/** Asking the other orders and the edge's memory: who made this payment, and what became of the sale it belongs to? */
import type { Env } from '../env.ts'
import { readRecorded } from '../recorded.ts'
import { isRunningTotal, type Reference } from '../reference.ts'
import { within } from '../within.ts'
import { orderNamed } from './order-named.ts'
import { newsOf, type SaleNews, type Step } from './outlook.ts'
import type { Gathered } from './rules.ts'
import type { Arrival, State } from './state.ts'

/** No call within our own Worker may hold a run up for longer, in ms. */
export const CALL_TIMEOUT = 5_000

/** Asks everybody who may know a visitor, or whether this was recorded long ago. Nobody's silence is an error. */
export async function gather(env: Env, { payment, aliases }: Extract<Step, { do: 'gather' }>, asked: State): Promise<Gathered> {
  const [memory, waiting, sale] = await Promise.all([
    // Its own name only: under an alias another payment may be remembered, such as the trial that began the subscription.
    // Of a running total it remembers the steps before this one.
    isRunningTotal(asked.reference) ? undefined : readRecorded(env, asked.reference, CALL_TIMEOUT),
    Promise.all(aliases.map((alias) => lookAt(env, alias))),
    payment.firstSale && askSale(env, payment.firstSale, asked),
  ])
  return {
    memory,
    visitors: waiting.flatMap((other) => (other && other !== 'silent' ? [...other.carried, ...other.visitors] : [])),
    silent: waiting.includes('silent'),
    sale,
  }
}

/** What became of the sale this one belongs to. A sale nobody has heard of is announced to its own object. */
async function askSale(env: Env, reference: Reference, asked: State): Promise<SaleNews> {
  const entry = await readRecorded(env, reference, CALL_TIMEOUT)
  if (entry) return { is: 'recorded', entry }
  const sale = await lookAt(env, reference)
  if (!sale) {
    const { announced, firstArrivalAt: at, here } = asked
    const door = announced ? 'webhook' : 'redirect'
    const announcement: Arrival = { reference, door, at, visitors: [], here, ofKin: true }
    await within(orderNamed(env, reference).arrive(announcement), CALL_TIMEOUT, undefined)
  }
  if (!sale || sale === 'silent') return { is: 'undecided', visitors: [] }
  return sale.stage.at === 'moved' ? askSale(env, sale.stage.to, asked) : newsOf(sale)
}

function lookAt(env: Env, reference: Reference): Promise<State | undefined | 'silent'> {
  return within(orderNamed(env, reference).look(), CALL_TIMEOUT, 'silent' as const)
}
