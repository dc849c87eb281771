import { QUICK } from '../proof-page.ts'

const SHORT = {
  firstVisits: 1,
  firstVisitsEach: 1,
  repeats: 100,
  afterWebhooks: 2,
  loadRounds: 1,
  loadRepeats: 400,
  loadVisits: 12,
  coldStarts: 1,
  loads: 3,
  growthRounds: 1,
  growthVisits: 1,
  growthEntries: 500,
  growthOrders: 50,
  cronRuns: 0,
}
const FULL: typeof SHORT = {
  firstVisits: 25,
  firstVisitsEach: 10,
  repeats: 3_000,
  afterWebhooks: 40,
  loadRounds: 5,
  loadRepeats: 2_000,
  loadVisits: 60,
  coldStarts: 8,
  loads: 30,
  growthRounds: 4,
  growthVisits: 12,
  growthEntries: 100_000,
  growthOrders: 20_000,
  cronRuns: 1,
}

/**
 * How much is measured. Each count can be set in the environment: `firstVisits` as `FIRST_VISITS`, and so on.
 *
 * `firstVisitsEach`, `afterWebhooks`: at each provider; `load…`: of each contender in each round; `loads`: of each script into a
 * runtime that is up already; `growth…`: rounds before and after, visits in each, and KV entries and orders between them.
 */
export const COUNTS: Readonly<typeof SHORT> = overridden(QUICK ? SHORT : FULL)

function overridden(counts: typeof SHORT): typeof SHORT {
  const names = Object.keys(counts) as (keyof typeof SHORT)[]
  const given = names.map((name) => [name, Number(process.env[name.replace(/[A-Z]/g, '_$&').toUpperCase()] ?? counts[name])])
  return Object.fromEntries(given) as typeof SHORT
}
