import type { Env } from '../env.ts'
import { DAY } from '../order/timing.ts'
import { readRecorded } from '../recorded.ts'
import { partsOf, type Reference } from '../reference.ts'
import type { Settings } from '../settings.ts'
import type { Expectations } from './expectations.ts'
import type { Movements } from './movements.ts'
import { dayOf } from './plan.ts'
import { type DayProof, prove } from './proof.ts'
import { readRevenue, type Website } from './website.ts'

const MEMORY_PATIENCE = 1_000
/** More than that cannot be asked for in one turn. */
const MAX_ASKED = 100

type Sources = {
  env: Env
  settings: Settings
  movements: Movements
  expectations: Expectations
  website: Website | undefined
  /** When each provider was switched on. */
  starts: ReadonlyMap<string, number>
}

/** @param unread - lists that could not be read to their end @returns `undefined`: that day was before all providers */
export async function proveDay(day: string, unread: readonly string[], sources: Sources): Promise<DayProof | undefined> {
  const { env, settings, movements, expectations, website, starts } = sources
  const from = Date.parse(day)
  // On the day a provider is switched on, its list tells of what came before.
  const isProved = (provider: string) => (starts.get(provider) ?? from) < from
  const whole = [...starts.keys()].filter(isProved)
  if (!whole.length) return undefined
  const { dataFast, revenue } = settings
  const currency = website?.currency
  // What else DataFast counts is not known here.
  const isOurs = whole.length === starts.size && !website?.connected.length
  const told = dataFast && isOurs && currency ? await readRevenue(dataFast, day) : undefined
  const expected = expectations.between(day, dayOf(from + DAY)).filter(({ reference }) => isProved(partsOf(reference).provider))
  const names = expected.map(({ reference }) => reference)
  const known = movements.among(names)
  return prove({
    day,
    expected,
    listed: expectations.names(),
    movements: movements.between(from, from + DAY).filter(({ provider }) => isProved(provider)),
    known,
    remembered: await rememberedAmong(env, names, new Set(known.map(({ reference }) => reference))),
    unread,
    told: told?.is === 'read' && currency ? { revenue: told.revenue, currency } : undefined,
    revenue,
  })
}

/** What the edge's memory knows of orders that the books do not: they were recorded before there were books. */
async function rememberedAmong(env: Env, names: readonly Reference[], known: ReadonlySet<Reference>): Promise<Set<Reference>> {
  const asked = names.filter((name) => !known.has(name)).slice(0, MAX_ASKED)
  const entries = await Promise.all(asked.map((name) => readRecorded(env, name, MEMORY_PATIENCE)))
  return new Set(asked.filter((_, place) => entries[place]))
}
