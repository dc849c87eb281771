import * as v from 'valibot'
import { type DataFastAccount, requestTo } from '../datafast.ts'
import { lenient } from '../lenient.ts'
import { exchange, parseJson } from '../outgoing.ts'

const TIMEOUT_MS = 8_000
const STILL_HOLDS = 2 * 86_400_000

/** What DataFast says of the website its key belongs to. `result`: `ok`, or why it could not be asked. */
export type Website = {
  checkedAt: number
  result: string
  domain?: string
  /** ISO 4217: what its totals are in. */
  currency?: string
  /** The providers whose sales it imports by itself; `unread`: why that is not known. */
  connected: string[]
  unread?: string
  /** When that list was last read. */
  readAt?: number
}

/** Answers hold their one object in a list (datafa.st/docs/api-metadata, …/integrations/retrieve), or by older pages as it is. */
function answerOf<Schema extends v.GenericSchema>(schema: Schema) {
  const first = v.transform((data: unknown) => (Array.isArray(data) ? data[0] : data))
  return v.object({ data: v.pipe(v.unknown(), first, schema) })
}

const Metadata = answerOf(v.object({ domain: lenient(v.string()), currency: lenient(v.string()) }))
const Integrations = answerOf(v.record(v.string(), v.unknown()))
const Overview = answerOf(v.object({ revenue: v.number() }))

/**
 * Asks DataFast about the website: a key that works, the domain its cookie lives on, what it imports by itself.
 * @param before - what cannot be read now is taken to be as it was
 */
export async function readWebsite(account: DataFastAccount, before: Website | undefined): Promise<Website> {
  const { websiteId } = account
  const [metadata, integrations] = await Promise.all([
    read(account, '/analytics/metadata', Metadata),
    websiteId
      ? read(account, `/admin/websites/${websiteId}/integrations`, Integrations)
      : ({ is: 'failed', reason: 'website-id' } as const),
  ])
  const known = metadata.is === 'read' ? metadata.answer.data : (before ?? {})
  const list = integrations.is === 'read' ? Object.entries(integrations.answer.data) : undefined
  const checkedAt = Date.now()
  // What was read before holds over an outage, and not for ever: an unreadable list is no reason not to send.
  const isOutage = integrations.is === 'failed' && !/^(key-refused|website-id|http-40[0-5])/.test(integrations.reason)
  const isOld = !isOutage || checkedAt - (before?.readAt ?? 0) > STILL_HOLDS
  const isConnected = ([, entry]: [string, unknown]) => v.is(v.object({ connected: v.literal(true) }), entry)
  return {
    checkedAt,
    result: metadata.is === 'read' ? 'ok' : metadata.reason,
    domain: known.domain ?? undefined,
    currency: known.currency?.toUpperCase(),
    connected: list?.filter(isConnected).map(([name]) => name) ?? (isOld ? [] : (before?.connected ?? [])),
    readAt: list ? checkedAt : before?.readAt,
    unread: integrations.is === 'read' ? undefined : integrations.reason,
  }
}

/** What DataFast counts as a day's revenue (UTC), in the website's currency, or why it cannot be told. */
export async function readRevenue(
  account: DataFastAccount,
  day: string,
): Promise<{ is: 'read'; revenue: number } | { is: 'failed'; reason: string }> {
  const path = `/analytics/overview?startAt=${day}T00:00:00.000Z&endAt=${day}T23:59:59.999Z&timezone=UTC`
  const answer = await read(account, path, Overview)
  return answer.is === 'read' ? { is: 'read', revenue: answer.answer.data.revenue } : answer
}

async function read<Schema extends v.GenericSchema>(account: DataFastAccount, path: string, schema: Schema) {
  const { url, headers } = requestTo(account, path)
  const { status, text, reason } = await exchange(url, headers, TIMEOUT_MS)
  if (status === 401 || status === 403) return { is: 'failed', reason: `key-refused-${status}` } as const
  if (status !== 200) return { is: 'failed', reason } as const
  const parsed = v.safeParse(schema, parseJson(text))
  return parsed.success ? ({ is: 'read', answer: parsed.output } as const) : ({ is: 'failed', reason: 'garbage' } as const)
}
