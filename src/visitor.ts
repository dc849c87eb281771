/**
 * DataFast's visitor id: a UUID of 36 characters. Anything else is ignored and the payment is recorded
 * without a visitor. Source: the cookie as DataFast's own script writes it (`datafast_visitor_id`, UUID v4).
 */
const UUID = '[\\da-f]{8}(-[\\da-f]{4}){3}-[\\da-f]{12}'
const WHOLE = new RegExp(`^(${UUID})$`, 'i')
/** Of a `Cookie` header, and of a page's `document.cookie`, which is written alike: the visitor id is its first group. */
export const IN_COOKIES = `(?:^|;)\\s*datafast_visitor_id\\s*=\\s*"?(${UUID})"?\\s*(?=;|$)`
const IN_COOKIE_HEADER = new RegExp(IN_COOKIES, 'gi')
// Founders use general-purpose fields for ids of their own, so only the marked form counts, wherever it stands.
const MARKED = new RegExp(`datafast_(${UUID})(?![0-9a-f])`, 'i')

/** How many candidates one order keeps: a hostile cookie header must not fill the storage. */
const MAX_VISITORS = 5

/** All valid ids of a `Cookie` header in their order, each once. A malformed header gives an empty list. */
export function readVisitorCookies(header: string | null): string[] {
  const ids = Array.from((header ?? '').matchAll(IN_COOKIE_HEADER), ([, id = '']) => id)
  return [...new Set(ids)].slice(0, MAX_VISITORS)
}

/** The id in a field made for it, such as metadata `datafast_visitor_id`: as a list of one, or empty. */
export function readVisitorField(value: string | null | undefined, pattern = WHOLE): string[] {
  const id = value?.match(pattern)?.[1]
  return id ? [id] : []
}

/** The id in a general-purpose field, where it counts only as `datafast_<uuid>`: as a list of one, or empty. */
export function readMarkedVisitor(value: string | null | undefined): string[] {
  return readVisitorField(value, MARKED)
}

/** Adds ids that are new, in their order; rejected ones leave room. */
export function mergeVisitors(known: readonly string[], more: readonly string[] = [], struck: readonly string[]): string[] {
  const all = [...new Set([...known, ...more])]
  return all.slice(0, MAX_VISITORS + all.filter((visitor) => struck.includes(visitor)).length)
}
