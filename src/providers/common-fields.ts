import * as v from 'valibot'
import { lenient } from '../lenient.ts'

/** Who bought, in the words most providers use. */
export const Buyer = lenient(v.object({ customer_id: lenient(v.string()), email: lenient(v.string()), name: lenient(v.string()) }))

/** What the shop attached to an order: its visitor, perhaps. */
export const Metadata = lenient(v.object({ datafast_visitor_id: lenient(v.string()) }))

/**
 * A moment, given as ISO 8601 text or in ms since 1970, as DataFast wants it: ISO 8601, UTC. What a Date cannot hold is no
 * moment, so that no answer can make one throw.
 */
export const Time = v.pipe(
  v.custom<string | number>((time) => isTextOrNumber(time) && !Number.isNaN(new Date(time).getTime())),
  v.transform((time) => new Date(time).toISOString()),
)

/** Another object, of which some answers hold no more than the id: then only that is known of it. */
export function linked<Fields extends v.ObjectEntries>(fields: Fields) {
  const withId = v.transform((value: unknown) => (typeof value === 'string' ? { id: value } : value))
  return v.nullish(v.pipe(v.unknown(), withId, v.object({ id: v.string(), ...fields })))
}

/** An id that some providers write as a number. */
export const AnyId = lenient(v.custom<string | number>(isTextOrNumber))

function isTextOrNumber(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}

/** Ids as texts, the absent ones left out. */
export function idsOf(...ids: (string | number | null | undefined)[]): string[] {
  return ids.flatMap((id) => (id ? [String(id)] : []))
}
