/** Whether everything is tried, as `npm run test:security` does. `npm test` tries the same promises with smaller numbers. */
export const FULL = process.env.PROOF_FORM === 'full'

/**
 * All of a list in the full form; otherwise a few of it, other ones at each place, so that all of them are tried somewhere.
 * @param place - where they are tried: from 0 to as many places as there are
 */
export function some<Item>(all: readonly Item[], place: number, count = 4): Item[] {
  if (FULL || all.length <= count) return [...all]
  return Array.from({ length: count }, (_, index) => all[(place * count + index) % all.length] as Item)
}
