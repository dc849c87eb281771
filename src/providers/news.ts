import * as v from 'valibot'
import { parseJson } from '../outgoing.ts'
import type { Told } from '../payment.ts'
import { isId, type Reference } from '../reference.ts'

/**
 * What an authentic event tells: which order to ask the provider about, and what only the event knows of it; or why nobody
 * needs to be asked.
 */
export type News = OrderNews | { is: 'ignored'; reason: string } | { is: 'unreadable' }

type OrderNews = { is: 'order'; reference: Reference } & Told

/** Reads a JSON event. What does not look like one at all is unreadable. */
export function readEvent<Schema extends v.GenericSchema>(
  body: string,
  schema: Schema,
  read: (event: v.InferOutput<Schema>) => News,
): News {
  const parsed = v.safeParse(schema, parseJson(body))
  return parsed.success ? read(parsed.output) : { is: 'unreadable' }
}

/**
 * An order by the id an event tells; without a sound one the event is unreadable.
 * @param prefix - what such ids start with, as a pattern
 * @param as - what the reference puts before the id
 * @param alone - what the event alone knows
 */
export function orderNews(provider: string, id: string | number | null | undefined, prefix = '', as = '', alone: Told = {}): News {
  const isSound = id && isId(String(id), prefix, '(\\.[\\w-]+)?=*')
  return isSound ? { is: 'order', reference: `${provider}:${as}${id}`, ...alone } : { is: 'unreadable' }
}

/** An event nothing follows from. */
export function ignored(type: string): News {
  return { is: 'ignored', reason: /dispute|chargeback/.test(type) ? 'dispute' : 'unused-event' }
}
