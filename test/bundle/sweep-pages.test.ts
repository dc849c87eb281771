import { beforeAll, describe, expect, it } from 'vitest'
import type { Movement } from '../../src/books/movement.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import type { Reference } from '../../src/reference.ts'
import { recorded, worker } from './at-provider.ts'
import { askedOf, cronRun, DAY, MINUTE, only, referenceOf, rememberedAlready, SETTINGS, soldNow, sweep, withBooks } from './at-sweep.ts'
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

type Case = [provider: ProviderName, orders: number, pages: number]

/** Orders at several providers, most of which are known, and what the sweep made of them. */
function soldAndSwept(cases: readonly Case[], arrange = () => {}) {
  const unknown = new Map<ProviderName, ReturnType<typeof soldFromNowOn>>()
  beforeAll(async () => {
    arrange()
    for (const [provider, count] of cases) {
      const sales = soldFromNowOn(provider, count)
      const places = [0, 9, 10, Math.floor(count / 2), count - 2, count - 1]
      await rememberedAlready(worker, namesOf(sales.filter((_, place) => !places.includes(place))))
      unknown.set(
        provider,
        sales.filter((_, place) => places.includes(place)),
      )
    }
    await sweep(worker)
  })
  return async (provider: ProviderName) => {
    const found = unknown.get(provider) ?? []
    expect(found).toHaveLength(6)
    for (const { transactionId, amount } of found) expect(await recorded(transactionId)).toMatchObject({ amount })
    expectNoOtherQuestion(provider, found)
    return askedOf(provider, worker).pages.filter((url) => !/invoices|adjustments|refunds|subscriptions/.test(url))
  }
}

describe('Of orders on several pages, the newest first', () => {
  withBooks(SETTINGS)
  const CASES: Case[] = [
    ['stripe', 250, 3],
    ['dodo', 120, 2],
    ['creem', 120, 3],
    ['polar', 120, 2],
    ['lemonsqueezy', 120, 2],
    ['paddle', 75, 3],
    ['gumroad', 35, 4],
  ]
  const pagesAfter = soldAndSwept(CASES)

  it.concurrent.for(CASES)(
    '%s, %i on %i: those that are not recorded are found, wherever they stand, and no page is asked for twice',
    async ([provider, , pages]) => {
      const asked = await pagesAfter(provider)
      expect(asked).toHaveLength(pages)
      expect(new Set(asked).size).toBe(pages)
    },
  )
})

describe('Of orders on several pages, the oldest first', () => {
  withBooks(only('creem'))
  const pagesAfter = soldAndSwept([['creem', 120, 3]], () => {
    worker.world.creem.searchOrder = 'oldest-first'
  })

  it('creem, 120 on 3: those that are not recorded are found all the same', async () => {
    // In which order they come is seen on the first page alone, which is then read last.
    const asked = (await pagesAfter('creem')).slice(1)
    expect(asked).toHaveLength(3)
    expect(new Set(asked).size).toBe(3)
  })
})

describe('Three thousand orders', () => {
  withBooks(only('stripe'))

  it('of which twelve are unknown: those twelve are found, and nobody asks about the rest', async () => {
    const sales = soldFromNowOn('stripe', 3_000)
    const unknown = sales.filter((_, place) => place % 270 === 135 || place === 2_999)
    const known = namesOf(sales.filter((sale) => !unknown.includes(sale)))
    // Most of them are in the books; a few were recorded before there were any.
    await askBooks(worker.harness, 'record', known.slice(300).map(rowOf))
    await rememberedAlready(worker, known.slice(0, 300))
    await sweep(worker)
    await eventually(
      () => worker.world.dataFast.ledger.size,
      (size) => size === unknown.length,
    )
    expect(unknown).toHaveLength(12)
    for (const { transactionId } of unknown) expect(worker.world.dataFast.ledger.has(transactionId)).toBe(true)
    const { pages, questions } = askedOf('stripe', worker)
    expect(pages.filter((url) => url.includes('/sessions'))).toHaveLength(30)
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
