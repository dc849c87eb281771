/** One page of a list, the first being number 1, and how many there are. An empty list has one page. */
export function pageOf<Item>(all: readonly Item[], page: number, size: number): { items: Item[]; pages: number; total: number } {
  return { items: all.slice((page - 1) * size, page * size), pages: Math.max(1, Math.ceil(all.length / size)), total: all.length }
}
