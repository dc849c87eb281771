import { describe, expect, it } from 'vitest'
import type { ProviderState } from '../../src/books/incidents.ts'
import { Movements } from '../../src/books/movements.ts'
import { Notebook } from '../../src/books/notebook.ts'
import { providerStates } from '../../src/books/provider-states.ts'
import { takeUp } from '../../src/books/take-up.ts'
import type { Env } from '../../src/env.ts'
import { settingsFor } from '../../src/settings.ts'
import { sqlStorage } from './sql.ts'

type Plan = { query: string; values: (string | number)[]; steps: string[] }
type Detail = { detail: string }

/** How each query of some use of the movements would be answered. There are none. */
async function plansOf(use: (movements: Movements) => unknown): Promise<Plan[]> {
  const { exec } = sqlStorage()
  const plans: Plan[] = []
  const planning = (query: string, ...values: (string | number)[]) => {
    if (!query.includes('CREATE TABLE')) {
      const steps = exec<Detail>(`EXPLAIN QUERY PLAN ${query}`, ...values).toArray()
      plans.push({ query, values, steps: steps.map(({ detail }) => detail) })
    }
    return exec(query, ...values)
  }
  await use(new Movements({ exec: planning } as unknown as SqlStorage))
  return plans
}

/** What has only a few rows: those that wait, and those that were left out and may yet count. */
const FEW = /USING (COVERING )?INDEX movement_(open|left_out)/
/** Bounds of an index, or of the key. SQLite's SEARCH without any is the search for a maximum among all. */
const BOUNDED = /^SEARCH movement USING .+\(.+\)$/

/** Whether a step goes through every row there is. */
function readsAll(step: string): boolean {
  return /^(SCAN|SEARCH) movement\b/.test(step) && !FEW.test(step) && !BOUNDED.test(step)
}

const NOW = Date.now()
const DAY = 86_400_000
const PROVIDER: ProviderState = {
  ...{ name: 'stripe', title: 'Stripe', keySetting: 'STRIPE_SECRET_KEY', webhookSetting: 'STRIPE_WEBHOOK_SECRET', mode: 'live' },
  ...{ startedAt: NOW - DAY, webhook: { isExpected: true } },
  lists: [{ list: 'sessions', mode: 'live', permission: '', result: 'ok', checkedAt: NOW }],
}

describe('No cron run reads the whole of the books', () => {
  it.each<[what: string, use: (movements: Movements) => unknown]>([
    [
      'to wake what waits',
      (movements) => takeUp({} as Env, movements, { imported: ['polar'], isDataFastWell: true, providers: [PROVIDER] }),
    ],
    ['to know what a page tells of already', (movements) => movements.among(['stripe:cs_1', 'polar:2'])],
    ['to raise alerts', (movements) => [movements.open(500), movements.parked(500)]],
    ['to see whether a webhook is silent', (movements) => movements.foundBySweep('stripe', NOW - DAY, NOW)],
    ['to look at other shops’ orders again', (movements) => movements.leftOut('other-success-url', 'stripe:cs_1', 50)],
    ['to prove a day', (movements) => [movements.between(NOW - DAY, NOW), movements.among(['stripe:cs_1'])]],
    ['to forget, or give up', (movements) => movements.trim(NOW)],
    ['to drop an order that was lost', (movements) => movements.lost('stripe:cs_1')],
  ])('%s', async (_, use) => {
    const plans = await plansOf(use)
    expect(plans).not.toEqual([])
    for (const { query, steps } of plans) expect(steps.filter(readsAll), query).toEqual([])
  })
})

describe('Whether the webhook of a provider that hardly sells is silent', () => {
  it('is not looked for among everything that the others have sold since it last came', async () => {
    const settings = settingsFor({ STRIPE_SECRET_KEY: 'rk_live_x', STRIPE_WEBHOOK_SECRET: 'whsec_x' } as unknown as Env)
    const yearAgo = NOW - 365 * DAY
    const known: Record<string, unknown> = {
      'start:stripe:live': yearAgo,
      'webhook:stripe': { expectedAt: yearAgo, verifiedAt: yearAgo },
    }
    const notes = new Notebook({ get: (key: string) => known[key] } as unknown as SyncKvStorage)
    const plans = await plansOf((movements) => providerStates(settings, notes, movements))
    expect(plans).toHaveLength(1)
    for (const { query, values, steps } of plans) {
      // Either by the provider, or not so far back.
      const isNear = values.every((value) => typeof value === 'string' || value > NOW - 60 * DAY)
      expect(isNear || steps.every((step) => /provider=\?/.test(step)), query).toBe(true)
    }
  })
})

describe('No order makes the books read the whole of themselves', () => {
  it.each<[what: string, reference: 'stripe:cs_1' | 'creem:refunds_tran_1']>([
    ['its one row', 'stripe:cs_1'],
    ['one of its steps', 'creem:refunds_tran_1'],
  ])('to write %s', async (_, reference) => {
    const row = { provider: 'stripe', stage: 'recorded', reason: 'attributed', visitorSeen: false, cookie: false } as const
    const plans = await plansOf((movements) =>
      movements.write({ ...row, reference, transactionId: 'pi_1', at: NOW, doors: [], attempts: 0 }, NOW),
    )
    expect(plans).toHaveLength(2)
    for (const { query, steps } of plans) expect(steps.filter(readsAll), query).toEqual([])
  })
})

describe('A query that reads the whole of the books', () => {
  it.each([
    "SELECT max(told_at) FROM movement WHERE stage = 'recorded'",
    'SELECT row FROM movement ORDER BY at',
    "SELECT row FROM movement WHERE provider = 'stripe'",
    "UPDATE movement SET stage = 'refused' WHERE stage = 'parked' AND told_at < 1",
  ])('is seen: %s', async (query) => {
    const { exec } = sqlStorage()
    new Movements({ exec } as unknown as SqlStorage)
    const steps = exec<Detail>(`EXPLAIN QUERY PLAN ${query}`).toArray()
    expect(steps.map(({ detail }) => detail).filter(readsAll)).not.toEqual([])
  })
})
