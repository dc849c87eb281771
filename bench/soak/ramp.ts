/** Finds out how much this machine bears: more and more connections, until answers take long or there are no more of them. */
import { setTimeout as pause } from 'node:timers/promises'
import { percentile } from '../bench/statistics.ts'
import type { Load } from './load.ts'

const STEPS = [4, 8, 12, 16, 24, 32, 48, 64]
const SHORT_STEPS = [4, 8]
/** Whoever has been here before is on their way at once, and whoever has not well within the budget of 2.5 s. */
const SANE_MS = { 'repeat visit': 250, 'first visit': 1_200 } as const
/** A step that brings less than that is none. */
const WORTH_IT = 1.05

/** @returns the number of connections to hold */
export async function rampUp(load: Load, isShort: boolean): Promise<number> {
  let [best, bestRate] = [SHORT_STEPS[0] ?? 1, 0]
  for (const connections of isShort ? SHORT_STEPS : STEPS) {
    load.resize(connections)
    const stepMs = isShort ? 1_500 : 10_000
    await pause(stepMs / 3)
    const from = load.timings.length
    await pause((stepMs * 2) / 3)
    const timings = load.timings.slice(from)
    const late = (what: keyof typeof SANE_MS) =>
      percentile(
        timings.filter((timing) => timing.what === what).map(({ ms }) => ms),
        99,
      )
    const rate = timings.length / ((stepMs * 2) / 3000)
    const [first, repeat] = [late('first visit'), late('repeat visit')]
    const show = (ms: number) => ms.toFixed(0)
    console.log(
      `${connections} connections: ${rate.toFixed(0)} requests/s, p99 of first visits ${show(first)} ms, of repeats ${show(repeat)} ms`,
    )
    const isSane = !(first > SANE_MS['first visit'] || repeat > SANE_MS['repeat visit'])
    if (!isSane || rate < bestRate * WORTH_IT) break
    ;[best, bestRate] = [connections, rate]
  }
  return best
}
