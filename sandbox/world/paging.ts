/** One page of a list, the first being number 1, and how many there are. An empty list has one page. */
export function pageOf<Item>(all: readonly Item[], page: number, size: number): { items: Item[]; pages: number; total: number } {
  return { items: all.slice((page - 1) * size, page * size), pages: Math.max(1, Math.ceil(all.length / size)), total: all.length }
}

/** Newest first; of those made at the same moment, the one added last. */
export function newestFirst<Item>(all: Iterable<Item>, madeAt: (item: Item) => number): Item[] {
  const dated = Array.from(all, (item) => ({ item, at: madeAt(item) || 0 })).reverse()
  return dated.sort((a, b) => b.at - a.at).map(({ item }) => item)
}

const COMPARISONS = {
  gt: (moment: number, bound: number) => moment > bound,
  gte: (moment: number, bound: number) => moment >= bound,
  lt: (moment: number, bound: number) => moment < bound,
  lte: (moment: number, bound: number) => moment <= bound,
}
/** The parameters of a query that are moments, each with what it means. */
export type Bounds = Record<string, keyof typeof COMPARISONS>

/**
 * Which moments a query asks for.
 *
 * @returns `wrong`: the parameter that is no moment
 */
export function boundsOf(query: URLSearchParams, names: Bounds, read = readMoment) {
  const bounds = Object.entries(names)
    .filter(([name]) => query.has(name))
    .map(([name, comparison]) => ({ name, isMet: COMPARISONS[comparison], at: read(query.get(name) ?? '') }))
  return {
    wrong: bounds.find(({ at }) => Number.isNaN(at))?.name,
    hold: (moment: number) => bounds.every(({ isMet, at }) => isMet(moment, at)),
  }
}

/** A date alone would be accepted by JavaScript, but not by those who are played here. */
function readMoment(text: string): number {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? momentOf(text) : Number.NaN
}

/** When something was, in ms. JavaScript forgets the microseconds, which are the fraction here. */
export function momentOf(text: unknown): number {
  const [, micros = '0'] = /\.\d{3}(\d+)/.exec(String(text)) ?? []
  return Date.parse(String(text)) + Number(`0.${micros}`)
}
