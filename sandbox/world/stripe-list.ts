import { boundsOf, newestFirst } from './paging.ts'
import { json } from './service.ts'

export type Fields = Record<string, unknown>
export type Stored = Fields & { id: string }
/** One kind of object: all of them, and by which parameters their list can be narrowed, besides the time. */
export type Collection = { object: string; all: Map<string, Stored>; filters: string[] }

const CREATED = { 'created[gt]': 'gt', 'created[gte]': 'gte', 'created[lt]': 'lt', 'created[lte]': 'lte' } as const

/** Newest first, ten to a page unless asked otherwise, and only what belongs to the key's mode. */
export function list(path: string, { object, all, filters }: Collection, query: URLSearchParams, isVisible: (object: Stored) => boolean) {
  const known = [...filters, ...Object.keys(CREATED), 'limit', 'starting_after', 'expand[]']
  const unknown = [...query.keys()].find((name) => !known.includes(name))
  if (unknown) return failure(400, `Received unknown parameter: ${unknown}`, 'parameter_unknown', unknown)
  const limit = Number(query.get('limit') ?? 10)
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= 100)) {
    return failure(400, 'Invalid limit: must be between 1 and 100', 'parameter_invalid_integer', 'limit')
  }
  const created = boundsOf(query, CREATED, (text) => (/^\d+$/.test(text) ? Number(text) : Number.NaN))
  if (created.wrong) return failure(400, `Invalid integer: ${query.get(created.wrong)}`, 'parameter_invalid_integer', created.wrong)
  const inOrder = newestFirst([...all.values()].filter(isVisible), (candidate) => Number(candidate.created))
  // What the cursor names need not be in the list: it may have changed since the page before.
  const cursor = query.get('starting_after')
  const position = inOrder.findIndex(({ id }) => id === cursor)
  if (cursor !== null && position < 0) return failure(400, `No such ${object}: '${cursor}'`, 'resource_missing', 'starting_after')
  const named = filters.filter((name) => query.has(name)).map((name) => ({ name, wanted: query.get(name) }))
  const rest = inOrder
    .slice(position + 1)
    .filter((candidate) => created.hold(Number(candidate.created)))
    .filter((candidate) => named.every(({ name, wanted }) => comparedWith(candidate, name) === wanted))
  return { url: `/v1/${path}`, has_more: limit < rest.length, data: rest.slice(0, limit) }
}

/** The subscription that an invoice charges for. */
export function subscriptionOf({ parent }: Fields): unknown {
  return (parent as { subscription_details: Fields } | undefined)?.subscription_details.subscription
}

/** What a parameter of a list is compared with. */
function comparedWith(object: Fields, parameter: string): unknown {
  if (object.object === 'invoice' && parameter === 'subscription') return subscriptionOf(object)
  const [, outer = '', inner = ''] = /^(\w+)\[(\w+)\]$/.exec(parameter) ?? []
  return outer ? (object[outer] as Fields)[inner] : object[parameter]
}

export function failure(status: number, message: string, code?: string, param = 'session'): Response {
  return json(status, { error: { type: 'invalid_request_error', message, ...(code && { code, param }) } })
}
