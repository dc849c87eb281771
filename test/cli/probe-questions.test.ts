import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPace } from '../../cli/probe/line.ts'
import { type ProbeReport, probe } from '../../cli/probe/probe.ts'
import { QUESTIONS, type Verdict } from '../../cli/probe/questions.ts'
import type { Habits } from '../../sandbox/world/datafast-habits.ts'
import { World } from '../../sandbox/world/world.ts'

/** Each open question, in a DataFast where it holds, in one where it does not, and where nobody can tell. */

const VISITOR = '6f1c2a34-9b7d-4e21-8c55-d0e1f2a3b4c5'

/** A DataFast that keeps one thing otherwise than the Worker assumes. */
type Other = Partial<Habits> & { revenueIncludesRefunds?: boolean; withoutVisitor?: boolean; currency?: string; noAnalytics?: boolean }

let world = new World()
const realFetch = globalThis.fetch
beforeAll(() => {
  globalThis.fetch = (input, init) => world.handle(new Request(input, init))
})
afterAll(() => {
  globalThis.fetch = realFetch
})

async function probed({ revenueIncludesRefunds, withoutVisitor, currency, noAnalytics, ...habits }: Other = {}): Promise<ProbeReport> {
  world = new World()
  const { dataFast } = world
  Object.assign(dataFast.habits, habits)
  Object.assign(dataFast, { seenVisitors: new Set([VISITOR]), revenueIncludesRefunds: revenueIncludesRefunds ?? true })
  if (currency) dataFast.website.currency = currency
  if (noAnalytics) dataFast.forbidden.add('analytics/overview')
  return probe({
    account: { key: 'df_sandbox_website_key' },
    keySetting: 'PROBE_DATAFAST_API_KEY',
    website: { domain: 'throwaway.example.com', currency: dataFast.website.currency },
    visitor: withoutVisitor ? undefined : VISITOR,
    revenue: 0,
    pace: startPace(0),
    stop: new AbortController().signal,
    tell: () => {},
    standing: new Set(),
  })
}

function verdictOn(id: string, { answers }: ProbeReport): Verdict | undefined {
  return answers.find((answer) => answer.id === id)
}

/** For each question a DataFast where it does not hold, and what is then seen. */
const OTHERWISE: Record<string, [Other, string]> = {
  'sale-counted': [{ scale: { EUR: 0.01 } }, 'revenue +0.30 EUR instead of +29.99 EUR'],
  'repeat-accepted': [{ repeated: 'refused' }, '400 “Bad request”'],
  'repeat-counted-once': [{ repeated: 'counted' }, 'revenue +29.99 EUR instead of +0.00 EUR'],
  'at-once-counted-once': [{ atOnce: 'counted' }, 'revenue +15.54 EUR instead of +7.77 EUR'],
  'refund-own-id': [{ refund: 'as-sale' }, 'revenue +10.00 EUR instead of -10.00 EUR'],
  'refund-lowers-revenue': [{ revenueIncludesRefunds: false }, 'revenue +0.00 EUR instead of -10.00 EUR'],
  'no-visitor-accepted': [{ visitorless: 'refused' }, '400 “datafast_visitor_id is required”'],
  'visitor-attributed': [{ visitor: 'dropped' }, 'completed goals 0'],
  'late-visitor-attributed': [{ lateVisitor: 'ignored' }, 'completed goals 0'],
  'late-visitor-counted-once': [{ lateVisitor: 'counted' }, 'revenue +5.55 EUR instead of +0.00 EUR'],
  'unknown-visitor-refused': [{ unseenVisitor: 'recorded' }, '200 “Payment recorded successfully”'],
  'trial-counts-nothing': [{ trial: 'refused' }, '400 “amount must be greater than zero”'],
  'zero-decimal-currency': [{ scale: { JPY: 0.01 } }, 'revenue +0.03 EUR, about +3.05 EUR expected'],
  'three-decimal-currency': [{ scale: { KWD: 10 } }, 'revenue +37.14 EUR, about +3.65 EUR expected'],
  'old-timestamp': [{ oldTimestamp: 'now' }, 'that day’s revenue +0.00 EUR instead of +11.11 EUR'],
  'delete-by-id': [{ deletion: 'pretended' }, 'revenue +0.00 EUR instead of -29.99 EUR'],
  'delete-unknown-404': [{ unknownDeletion: 'done' }, '200 “Payment deleted successfully”'],
}

/** For each question that may stay open a DataFast that leaves it so. */
const UNTOLD: Record<string, [Other, string]> = {
  'sale-counted': [{ noAnalytics: true }, 'nothing shows in the totals'],
  'repeat-counted-once': [{ noAnalytics: true }, 'nothing shows in the totals'],
  'at-once-counted-once': [{ noAnalytics: true }, 'nothing shows in the totals'],
  'refund-own-id': [{ noAnalytics: true }, 'nothing shows in the totals'],
  'refund-lowers-revenue': [{ noAnalytics: true }, 'nothing shows in the totals'],
  'no-visitor-accepted': [{ noAnalytics: true }, 'nothing shows in the totals'],
  'visitor-attributed': [{ withoutVisitor: true }, 'give --visitor'],
  'late-visitor-attributed': [{ visitor: 'dropped' }, 'not even a sale shows there'],
  'late-visitor-counted-once': [{ withoutVisitor: true }, 'give --visitor'],
  'unknown-visitor-refused': [{ noAnalytics: true }, 'nothing shows in the totals'],
  'trial-counts-nothing': [{ noAnalytics: true }, 'nothing shows in the totals'],
  'zero-decimal-currency': [{ currency: 'RSD' }, 'what JPY is worth in RSD is not known here'],
  'three-decimal-currency': [{ currency: 'RSD' }, 'what KWD is worth in RSD is not known here'],
  'old-timestamp': [{ noAnalytics: true }, 'nothing shows in the totals'],
  'delete-by-id': [{ noAnalytics: true }, 'nothing shows in the totals'],
  'delete-unknown-404': [{ deletion: 'refused' }, '500 “Internal server error”'],
}

const IDS = QUESTIONS.map(({ id }) => id)

describe('The probe says of each open question', () => {
  it('that it holds, where DataFast does what the Worker assumes', async () => {
    const report = await probed()
    expect(report.answers.filter(({ is }) => is !== 'holds')).toEqual([])
    expect(report.answers.map(({ id }) => id)).toEqual(IDS)
  })

  it.for(IDS)('that it does not hold, where DataFast does otherwise: %s', async (id) => {
    const [other, seen] = OTHERWISE[id] ?? []
    const verdict = verdictOn(id, await probed(other))
    expect(verdict).toEqual({ ...verdict, is: 'does not hold', seen: expect.stringContaining(seen ?? 'a DataFast of its own') })
  })

  it.for(Object.keys(UNTOLD))('that it could not be told, where nothing shows it: %s', async (id) => {
    const [other, seen] = UNTOLD[id] ?? []
    const verdict = verdictOn(id, await probed(other))
    expect(verdict).toEqual({ ...verdict, is: 'could not be told', seen: expect.stringContaining(seen ?? '') })
  })

  it('the same when a duplicate is called one by status 409, or refunds are left out of the totals', async () => {
    expect(verdictOn('repeat-accepted', await probed({ repeated: 'conflict' }))?.is).toBe('holds')
    expect(verdictOn('refund-own-id', await probed({ revenueIncludesRefunds: false }))?.is).toBe('holds')
  })

  it('that it does not hold when DataFast refuses what ought to be recorded', async () => {
    expect(verdictOn('refund-own-id', await probed({ refund: 'refused' }))).toMatchObject({
      is: 'does not hold',
      seen: '400 “Unknown transaction”',
    })
    expect(verdictOn('old-timestamp', await probed({ oldTimestamp: 'refused' }))).toMatchObject({
      is: 'does not hold',
      seen: '400 “timestamp is too old”',
    })
  })

  it('the same when the totals show a payment only after a while', async () => {
    const report = await probed({ totalsLate: 3 })
    expect(report.answers.filter(({ is }) => is !== 'holds')).toEqual([])
    expect(verdictOn('at-once-counted-once', await probed({ totalsLate: 3, atOnce: 'counted' }))?.is).toBe('does not hold')
  })

  it('the same on a website whose currency has no decimals', async () => {
    const report = await probed({ currency: 'JPY' })
    expect(report.answers.filter(({ is }) => is !== 'holds')).toEqual([])
  })
})

describe('docs/datafast.md', () => {
  /** The rows of its table of open questions. */
  const rows = () => {
    const [, section = ''] = readFileSync('docs/datafast.md', 'utf8').split('\n## Open questions\n')
    const [table = ''] = section.split('\n## ')
    return table.split('\n').filter((line) => line.startsWith('| `'))
  }

  it('lists the questions that the probe asks, and no others, in the same order', () => {
    expect(rows().map((row) => /^\| `([^`]+)` \|/.exec(row)?.[1])).toEqual(IDS)
  })

  it('says of each whether it was verified live', () => {
    for (const row of rows()) expect(row).toMatch(/ \| (not yet|20\d\d-\d\d-\d\d: (holds|does not hold).*) \|$/)
  })
})
