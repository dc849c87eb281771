import type { Reference } from '../../src/reference.ts'
import type { Landing } from './doors.ts'
import type { Order } from './order.ts'
import type { Kept, Runtime } from './runtime.ts'

/** A promise that was not kept. */
type Broken = { promise: 'landed' | 'once' | 'attributed' | 'nothing owed'; expected: string; seen: string }

/** How an order ended. `posts`: how often DataFast took it; whoever counted posts instead of ids would count it so often. */
export type Ending = { landing: Landing; posts: number; broken: Broken[] }

/** Compares what is with what was promised. @param isRecorded - whether it is to be in DataFast by now */
export async function judge(runtime: Runtime, order: Order, landing: Landing, isRecorded = true): Promise<Ending> {
  const { posts, world } = runtime
  const entries = [...world.dataFast.ledger.values()].filter(
    ({ transaction_id: id }) => id === order.transactionId || id.includes(order.mark),
  )
  const broken: Broken[] = []
  const expect = (promise: Broken['promise'], expected: unknown, seen: unknown) => {
    const [one, other] = [JSON.stringify(expected), JSON.stringify(seen)]
    if (one !== other) broken.push({ promise, expected: one, seen: other })
  }
  if (!landing.landed)
    broken.push({
      promise: 'landed',
      expected: order.door === 'redirect' ? 'a configured page in time' : '200 or 503, at last 200',
      seen: landing.seen,
    })
  const { transactionId, amount, currency, visitor } = order
  const shown = entries.map((entry) => [entry.transaction_id, entry.amount, entry.currency])
  expect('once', isRecorded ? [[transactionId, amount, currency]] : [], shown)
  if (entries.length) expect('attributed', visitor ?? 'nobody', entries[0]?.datafast_visitor_id ?? 'nobody')
  if (isRecorded) expect('nothing owed', [], await owed(runtime, order))
  return { landing, posts: posts.get(transactionId) ?? 0, broken }
}

/** What is still to be written by an order, or by the one it was handed over to. */
async function owed(runtime: Runtime, { reference, transactionId }: Order): Promise<string[]> {
  const first = await lookAt(runtime, reference)
  const stage = first?.state?.stage
  const [last, name] = stage?.at === 'moved' ? [await lookAt(runtime, stage.to), stage.to] : [first, reference]
  const isBooked = last?.rows.some((row) => row.stage === 'recorded' && row.transactionId === transactionId)
  return [
    ...owedBy(first, reference, transactionId),
    ...(last === first ? [] : owedBy(last, name, transactionId)),
    ...(last?.state?.stage.at === 'ended' && last.state.stage.end === 'recorded'
      ? []
      : [`${name} is ${JSON.stringify(last?.state?.stage ?? 'nothing')}`]),
    ...(isBooked ? [] : [`${name} has no row that says recorded`]),
  ]
}

async function lookAt(runtime: Runtime, reference: Reference): Promise<Kept | undefined> {
  return (await runtime.look([reference]))[0]
}

function owedBy(kept: Kept | undefined, name: Reference, transactionId: string): string[] {
  const { state, rings, remembered } = kept ?? {}
  return [
    // Even one that is done is woken once more, to be forgotten.
    ...(state && !rings ? [`${name} has no alarm`] : []),
    ...(state?.debts.length ? [`${name} owes KV ${state.debts.join(', ')}`] : []),
    ...(state?.books?.owed.length ? [`${name} owes the books a row`] : []),
    ...(remembered?.transaction_id === transactionId ? [] : [`KV has nothing under ${name}`]),
  ]
}
