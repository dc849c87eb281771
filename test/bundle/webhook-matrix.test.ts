import { afterAll, describe, expect, it } from 'vitest'
import type { Movement } from '../../sandbox/world/aftermath/aftermath.ts'
import { AFTERMATH } from '../../sandbox/world/aftermath/list.ts'
import { delivered, type ProviderEvent } from '../../sandbox/world/provider-event.ts'
import type { Fault } from '../../sandbox/world/service.ts'
import type { World } from '../../sandbox/world/world.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import { withWorker, worker } from './at-provider.ts'
import { PROVIDER_NAMES, SELLERS } from './sellers.ts'
import { eventually, type TestWorker, uniqueVisitor } from './worker.ts'

/**
 * Whatever comes first, and however often: the buyer's return, the webhook of the sale, the same one again, what is told of
 * the subscription, the refund. `FULL=1` tries every order; otherwise every fifth is tried.
 */
const EVERY = process.env.FULL ? 1 : 5

const STEPS = ['redirect', 'sale', 'again', 'subscription', 'refund'] as const
type Step = (typeof STEPS)[number]

const KINDS = ['one-time', 'subscription'] as const
type Kind = (typeof KINDS)[number]

function ordersOf<Item>(items: readonly Item[]): Item[][] {
  if (items.length < 2) return [[...items]]
  return items.flatMap((item) => ordersOf(items.filter((other) => other !== item)).map((rest) => [item, ...rest]))
}

/** How often each story ended well, by what came first. */
const tally = new Map<string, Map<Step, [good: number, all: number]>>()

afterAll(() => {
  const rows = [...tally].map(([name, counts]) => [
    name,
    Object.fromEntries(STEPS.map((step) => [`${step} first`, counts.get(step)?.join('/') ?? '-'])),
  ])
  console.log('one sale and one refund, both under the visitor who bought, whatever comes first:')
  console.table(Object.fromEntries(rows))
})

/** So many stories are told at the same time: what they wait for afterwards costs nothing, but all at once would drown the runtime. */
const AT_ONCE = 12
const waiting: (() => void)[] = []
let telling = 0

async function inTurn(tell: () => Promise<void>): Promise<void> {
  if (telling >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve))
  telling++
  await tell().finally(() => {
    telling--
    waiting.shift()?.()
  })
}

/** @param trouble - which troubles the story meets; none when there is no number */
async function play(at: TestWorker, provider: ProviderName, kind: Kind, order: readonly Step[], trouble?: number) {
  const { id, sell, returning, announcement } = SELLERS[provider]
  const saleId = id()
  const visitor = uniqueVisitor()
  sell[kind](at.world, saleId)
  const query = returning(at.world, saleId)
  const aftermath = AFTERMATH[provider](at.world, saleId)
  const sale = aftermath.sold()
  const refund = aftermath.refunded('rest')
  if (trouble !== undefined) makeTrouble(at.world, provider, saleId, [sale, refund], trouble)
  const { is, others } = split(sale.events, announcement)
  const post = (events: ProviderEvent[]) => events.map((event) => () => at.post(delivered(event)))
  const inputs: Record<Step, (() => Promise<unknown>)[]> = {
    redirect: [() => at.visit(`/checkout/success/${provider}?${query}`, { visitor })],
    sale: post(is),
    again: post(is),
    subscription: post(others),
    refund: post(refund.events),
  }
  await inTurn(async () => {
    for (const step of order) for (const input of inputs[step]) await input()
  })

  const expected = [
    { amount: sale.amount, visitor, refunded: false, renewal: false },
    { amount: refund.amount, visitor, refunded: true, renewal: false },
  ]
  const read = () => [entryOf(at, sale), entryOf(at, refund)]
  const isRight = (entries: unknown) => JSON.stringify(entries) === JSON.stringify(expected)
  const entries = await eventually(read, isRight, 120_000).catch(() => read())
  return { isRight: isRight(entries), entries, expected }
}

const TROUBLES: Fault[] = [
  { kind: 'answer', status: 503 },
  { kind: 'answer', status: 429, headers: { 'retry-after': '1' } },
  { kind: 'reset' },
  { kind: 'reset-after' },
]

/** One request to the provider and one for each movement to DataFast fail, each in another way. */
function makeTrouble(world: World, provider: ProviderName, saleId: string, movements: Movement[], number: number): void {
  const fault = (offset: number) => TROUBLES[(number + offset) % TROUBLES.length] ?? TROUBLES[0]
  const fail = (service: 'datafast' | ProviderName, text: string, offset: number) => {
    const trouble = fault(offset)
    if (trouble) world.service(service).failFor(text, trouble)
  }
  // What all names of one sale have in common.
  fail(
    provider,
    saleId
      .replace(/^[a-z]+_(live_)?/, '')
      .replaceAll('=', '')
      .slice(-12),
    0,
  )
  movements.forEach(({ transactionId }, index) => {
    fail('datafast', `"${transactionId}"`, index + 1)
  })
}

function split(events: ProviderEvent[], main: string) {
  const is = events.filter(({ name }) => name === main).slice(0, 1)
  if (!is.length) throw new Error(`no ${main} among ${events.map(({ name }) => name)}`)
  return { is, others: events.filter((event) => !is.includes(event)) }
}

/** What DataFast holds of a movement, in short. */
function entryOf(at: TestWorker, { transactionId }: Movement) {
  const entry = at.world.dataFast.ledger.get(transactionId)
  return entry && { amount: entry.amount, visitor: entry.datafast_visitor_id, refunded: !!entry.refunded, renewal: !!entry.renewal }
}

describe('Order matrix', () => {
  // Long enough for every visitor to come, as in real life.
  withWorker({ vars: { ATTRIBUTION_WAIT_SECONDS: 60 } })

  for (const provider of PROVIDER_NAMES) {
    for (const kind of KINDS) {
      for (const weather of ['calm', 'with failures'] as const) {
        const steps = kind === 'subscription' ? STEPS : STEPS.filter((step) => step !== 'subscription')
        const orders = ordersOf(steps).filter((_, index) => (weather === 'calm' ? index : index + 2) % EVERY === 0)
        it.concurrent(`${provider}, ${kind}, ${weather}: ${orders.length} orders of events`, {
          timeout: process.env.FULL ? 580_000 : 150_000,
        }, async () => {
          const counts = new Map<Step, [number, number]>()
          tally.set(`${provider}, ${kind}, ${weather}`, counts)
          const failures = await Promise.all(
            orders.map(async (order, index) => {
              const saga = await play(worker, provider, kind, order, weather === 'calm' ? undefined : index)
              const [first = 'redirect'] = order
              const [good, all] = counts.get(first) ?? [0, 0]
              counts.set(first, [good + Number(saga.isRight), all + 1])
              return saga.isRight ? undefined : { index, order: order.join(' → '), ...saga }
            }),
          )
          expect(failures.filter(Boolean)).toEqual([])
        })
      }
    }
  }

  it('nothing else was recorded, and nothing was recorded twice under another id', () => {
    const stories = [...tally.values()].flatMap((counts) => [...counts.values()]).reduce((sum, [, all]) => sum + all, 0)
    expect(worker.world.dataFast.ledger.size).toBe(2 * stories)
    expect(worker.logs().filter((line) => line.includes('"fault"'))).toEqual([])
  })
})
