import { describe, expect, it } from 'vitest'
import type { Movement } from '../../src/books/movement.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import type { Reference } from '../../src/reference.ts'
import { recorded, worker } from './at-provider.ts'
import { askedOf, cronRun, DAY, MINUTE, only, referenceOf, rememberedAlready, soldNow, sweep, withBooks } from './at-sweep.ts'
import { askBooks } from './books-lens-worker.ts'
import { eventually } from './worker.ts'

/** So many orders, one a minute from now on, the newest first: what was paid before now is none of the sweep's business. */
function soldFromNowOn(provider: ProviderName, count: number) {
  const now = Date.now()
  const sell = (_: unknown, place: number) => soldNow(provider, worker.world, 'one-time', new Date(now + place * MINUTE))
  return Array.from({ length: count }, sell).reverse()
}

function namesOf(sales: ReturnType<typeof soldFromNowOn>): Reference[] {
  return sales.map(({ provider, id }) => referenceOf(provider, worker.world, id))
}

/** Nobody asked about what is recorded. */
function expectNoOtherQuestion(provider: ProviderName, sales: ReturnType<typeof soldFromNowOn>): void {
  const { questions } = askedOf(provider, worker)
  expect(questions.filter((url) => !sales.some(({ mark }) => url.includes(encodeURIComponent(mark))) && !url.endsWith('/user'))).toEqual([])
}

describe.each<[provider: ProviderName, orders: number, pages: number, order: 'newest first' | 'oldest first']>([
  ['stripe', 250, 3, 'newest first'],
  ['dodo', 120, 2, 'newest first'],
  ['creem', 120, 3, 'newest first'],
  ['creem', 120, 3, 'oldest first'],
  ['polar', 120, 2, 'newest first'],
  ['lemonsqueezy', 120, 2, 'newest first'],
  ['paddle', 75, 3, 'newest first'],
  ['gumroad', 35, 4, 'newest first'],
])('%s: of %i orders on %i pages, %s', (provider, count, pages, order) => {
  withBooks(only(provider))

  it('those that are not recorded are found, wherever they stand, and no page is asked for twice', async () => {
    if (order === 'oldest first') worker.world.creem.searchOrder = 'oldest-first'
    const sales = soldFromNowOn(provider, count)
    const places = [0, 9, 10, Math.floor(count / 2), count - 2, count - 1]
    const unknown = sales.filter((_, place) => places.includes(place))
    await rememberedAlready(worker, namesOf(sales.filter((_, place) => !places.includes(place))))
    await sweep(worker)
    for (const { transactionId, amount } of unknown) expect(await recorded(transactionId)).toMatchObject({ amount })
    expect(worker.world.dataFast.ledger.size).toBe(unknown.length)
    expectNoOtherQuestion(provider, unknown)
    const asked = askedOf(provider, worker).pages.filter((url) => !/invoices|adjustments|refunds|subscriptions/.test(url))
    // In which order they come is seen on the first page alone, which is then read last.
    expect(asked.slice(order === 'oldest first' ? 1 : 0)).toHaveLength(pages)
    expect(new Set(asked).size).toBe(pages)
  })
})

describe('Ten thousand orders', () => {
  withBooks(only('stripe'))

  it('of which twelve are unknown: those twelve are found, and nobody asks about the rest', async () => {
    const sales = soldFromNowOn('stripe', 10_000)
    const unknown = sales.filter((_, place) => place % 900 === 450 || place === 9_999)
    const known = namesOf(sales.filter((sale) => !unknown.includes(sale)))
    // Most of them are in the books; a few were recorded before there were any.
    await askBooks(worker.harness, 'record', known.slice(500).map(rowOf))
    await rememberedAlready(worker, known.slice(0, 500))
    await sweep(worker)
    await eventually(
      () => worker.world.dataFast.ledger.size,
      (size) => size === unknown.length,
    )
    expect(unknown).toHaveLength(12)
    for (const { transactionId } of unknown) expect(worker.world.dataFast.ledger.has(transactionId)).toBe(true)
    const { pages, questions } = askedOf('stripe', worker)
    expect(pages.filter((url) => url.includes('/sessions'))).toHaveLength(100)
    expect(new Set(pages).size).toBe(pages.length)
    expect(questions).toHaveLength(12)
    expectNoOtherQuestion('stripe', unknown)
  })
})

function rowOf(reference: Reference): Movement {
  const row = {
    stage: 'recorded',
    reason: 'attributed',
    attributed: 'yes',
    visitorSeen: true,
    cookie: true,
    doors: [],
    attempts: 0,
  } as const
  return {
    ...row,
    doors: [],
    reference,
    transactionId: `pi_${reference.slice(-12)}`,
    provider: 'stripe',
    kind: 'sale',
    at: Date.now() - DAY,
  }
}

describe('A day on which everything failed', () => {
  withBooks(only('gumroad'))

  it('is made up for no faster than the provider bears to be asked', async () => {
    soldFromNowOn('gumroad', 45)
    await cronRun(worker)
    // 60 orders a minute, in turns of 20.
    expect(askedOf('gumroad', worker).questions.length).toBeLessThanOrEqual(20 + 1)
  })
})
