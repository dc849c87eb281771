import * as v from 'valibot'
import { lenient } from '../../src/lenient.ts'
import { parseJson } from '../../src/outgoing.ts'
import type { Heard, Line } from './line.ts'

/** Something read from DataFast, or its answer where that says nothing of the kind. */
export type Read<Value> = { is: 'read'; value: Value } | { is: 'failed'; heard: Heard }

/** The website a key belongs to. `currency`: ISO 4217, what its totals are in. */
export type Website = { domain: string; currency: string | undefined }

/** Answers hold their one object in a list, or by older pages of the documentation as it is. */
function answerOf<Schema extends v.GenericSchema>(schema: Schema) {
  const first = v.transform((data: unknown) => (Array.isArray(data) ? data[0] : data))
  return v.object({ data: v.pipe(v.unknown(), first, schema) })
}

const Metadata = answerOf(v.object({ domain: v.string(), currency: lenient(v.string()) }))
const Overview = answerOf(v.object({ revenue: v.number() }))
/** Documented: identity, activity, `completedGoals` with their origin. Of these only how many there are matters here. */
const Visitor = answerOf(v.object({ completedGoals: v.array(v.unknown()) }))

/** GET analytics/metadata: whose key this is, without any effect. */
export async function readWebsite(line: Line): Promise<Read<Website>> {
  const read = readAs(await line.ask('GET', '/analytics/metadata'), Metadata)
  if (read.is === 'failed') return read
  const { domain, currency } = read.value.data
  return { is: 'read', value: { domain, currency: currency?.toUpperCase() } }
}

/** All that the website ever took, refunds off or not: in its currency. Tomorrow is included, whatever its timezone. */
export function readRevenue(line: Line, now: number): Promise<Read<number>> {
  return revenueBetween(line, '2015-01-01', new Date(now + 2 * 86_400_000).toISOString().slice(0, 10))
}

/** The same of one day, in UTC. */
export function readDay(line: Line, day: string): Promise<Read<number>> {
  return revenueBetween(line, day, day)
}

/** Asked as the books do (src/books/website.ts). */
async function revenueBetween(line: Line, first: string, last: string): Promise<Read<number>> {
  const path = `/analytics/overview?startAt=${first}T00:00:00.000Z&endAt=${last}T23:59:59.999Z&timezone=UTC`
  const read = readAs(await line.ask('GET', path), Overview)
  return read.is === 'failed' ? read : { is: 'read', value: read.value.data.revenue }
}

/** How many goals a visitor has completed: a payment under that visitor is one more. */
export async function readGoals(line: Line, visitor: string): Promise<Read<number>> {
  const read = readAs(await line.ask('GET', `/visitors/${visitor}`), Visitor)
  return read.is === 'failed' ? read : { is: 'read', value: read.value.data.completedGoals.length }
}

function readAs<Schema extends v.GenericSchema>(heard: Heard, schema: Schema): Read<v.InferOutput<Schema>> {
  const parsed = v.safeParse(schema, parseJson(heard.text))
  return heard.status === 200 && parsed.success ? { is: 'read', value: parsed.output } : { is: 'failed', heard }
}
