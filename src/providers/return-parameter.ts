import { isId } from '../reference.ts'
import type { Reading } from './provider.ts'

/** A checkout that did not fill in its own template: `{CHECKOUT_SESSION_ID}`, `%7B…%7D` twice encoded, `[order_id]`, `__sale_info__`. */
const PLACEHOLDER = /[{}[\]]|%7B|%5B|^__.+__$/i

/**
 * Reads the id in one parameter of the return URL.
 *
 * @param ids - every value the parameter came with; two of them name no order, since nobody can tell which is meant
 * @param prefix - what the provider's ids start with, as a pattern
 * @param ending - and end with
 */
export function readReturnParameter(provider: string, ids: string[], prefix: string, ending?: string): Reading {
  const [id] = ids
  if (!id) return { is: 'invalid', reason: 'missing' }
  if (ids.length > 1) return { is: 'invalid', reason: 'repeated' }
  if (PLACEHOLDER.test(id)) return { is: 'invalid', reason: 'placeholder' }
  return isId(id, prefix, ending) ? { is: 'reference', reference: `${provider}:${id}` } : { is: 'invalid', reason: 'malformed' }
}
