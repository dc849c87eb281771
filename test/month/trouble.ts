/** What goes wrong in the month, and when: planned from the seed, over before its end. */
import type { Dice } from './dice.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** How a service answers one request while something is wrong with it. Times in ms. */
export type Ailment =
  /** With this, and without having done anything. */
  | { is: 'answer'; status: number; body: string; headers?: Record<string, string> }
  /** The connection breaks, before the request was read or after it was done. */
  | { is: 'reset'; isDone: boolean }
  /** No answer ever comes. */
  | { is: 'hang'; isDone: boolean }
  | { is: 'slow'; ms: number }

/** A time at which a service is out of order. `share`: of the requests that fail, from 0 to 1. `isTotal`: none of them is done all the same. */
export type Outage = { service: string; from: number; until: number; share: number; isTotal?: boolean }

/** When things go wrong. `dataFastDown`: for so long, in the middle of it. `isCalm`: nothing goes wrong at all. */
type Span = { from: number; until: number; dataFastDown: number; isCalm: boolean }

/** At any time so many requests, operations of KV and calls of objects go wrong everywhere. */
export const NOISE = 0.01
const MORTALITY = 0.01
/** How often a provider is out of order, and for how long at the least and at most, in hours. */
const BAD_SPELLS = 3
export const BAD_SPELL_HOURS = [1, 8] as const

export class Trouble {
  readonly outages: readonly Outage[]
  private readonly from: number
  private readonly until: number
  private readonly isCalm: boolean

  /** @param services - the providers, each of which has its bad hours */
  constructor(dice: Dice, services: readonly string[], { from, until, dataFastDown, isCalm }: Span) {
    this.from = from
    this.until = until
    this.isCalm = isCalm
    const middle = (from + until - dataFastDown) / 2
    const brownOuts = services.flatMap((service) =>
      Array.from({ length: BAD_SPELLS }, (_, place) => {
        const third = (until - from) / BAD_SPELLS
        const begin = from + (place + dice.next()) * third
        const lasts = dice.between(...BAD_SPELL_HOURS) * HOUR
        return { service, from: begin, until: Math.min(begin + lasts, until), share: dice.pick([0.3, 0.7, 1]) }
      }),
    )
    this.outages = [{ service: 'datafast', from: middle, until: middle + dataFastDown, share: 1, isTotal: true }, ...brownOuts]
  }

  /** How likely the runtime is to die at one of its steps. */
  mortality(now: number): number {
    return this.lasts(now) ? MORTALITY : 0
  }

  private lasts(now: number): boolean {
    return !this.isCalm && now >= this.from && now < this.until
  }

  /** How one operation of KV, or one call of an object, goes wrong. */
  ofStorage(now: number, dice: Dice): { fails?: 'before' | 'after' | 'never'; slowness: number } {
    if (!this.lasts(now) || !dice.chance(NOISE)) return { slowness: 1 }
    const word = dice.weighed({ before: 4, after: 4, never: 1, slow: 4 })
    return word === 'slow' ? { slowness: dice.between(10, 100) } : { fails: word, slowness: 1 }
  }

  /** How one request to a service goes wrong, if it does. */
  ofService(service: string, now: number, dice: Dice): Ailment | undefined {
    if (!this.lasts(now)) return undefined
    const name = service.replace(/-(test|sandbox)$/, '')
    const outage = this.outages.find((one) => one.service === name && now >= one.from && now < one.until)
    return dice.chance(outage?.share ?? NOISE) ? ailment(name, dice, !!outage?.isTotal) : undefined
  }
}

const HTML = '<!doctype html><title>Something went wrong</title><h1>We are working on it</h1>'

function ailment(service: string, dice: Dice, isTotal: boolean): Ailment {
  switch (dice.weighed({ broken: 5, busy: 2, garbage: 2, reset: 3, hang: 2, slow: isTotal ? 0 : 2 })) {
    case 'broken':
      return { is: 'answer', status: dice.pick([500, 502, 503, 504, 520]), body: dice.pick([HTML, '{}', '']) }
    case 'busy':
      return { is: 'answer', status: 429, body: '{}', headers: dice.chance(0.7) ? { 'retry-after': String(dice.between(1, 300)) } : {} }
    case 'garbage':
      // A 200 of DataFast counts as done, whatever it says beside an error of its own.
      return {
        is: 'answer',
        status: 200,
        body: service === 'datafast' ? '{"status":"error"}' : dice.pick([HTML, '{}', '[]', '{"data":', 'null']),
      }
    case 'reset':
      return { is: 'reset', isDone: !isTotal && dice.chance(0.5) }
    case 'hang':
      return { is: 'hang', isDone: !isTotal && dice.chance(0.5) }
    case 'slow':
      return { is: 'slow', ms: dice.between(2_000, 12_000) }
  }
}
