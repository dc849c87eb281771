/** The value in the middle, or between the two that are. */
export function median(values: readonly number[]): number {
  const [middle, sorted] = [(values.length - 1) / 2, ascending(values)]
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2
}

/** Of fewer values than these the 99th percentile is the largest. */
export const TOLD_FROM = 100

/** What 99 of a hundred do not exceed; of fewer the largest. */
export function p99(values: readonly number[]): number {
  return percentile(values, 99)
}

/** The nearest-rank percentile; NaN of nothing. */
export function percentile(values: readonly number[], percent: number): number {
  return ascending(values)[Math.max(0, Math.ceil((values.length * percent) / 100) - 1)] ?? Number.NaN
}

function ascending(values: readonly number[]): number[] {
  return values.toSorted((one, other) => one - other)
}

/** NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
