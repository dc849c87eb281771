import * as v from 'valibot'

/**
 * A field that decorates an order (who bought it, which visitor) and must never make a paid one unreadable:
 * whatever else it holds counts as absent.
 */
export function lenient<Schema extends v.GenericSchema>(schema: Schema) {
  return v.fallback(v.nullish(schema), undefined)
}
