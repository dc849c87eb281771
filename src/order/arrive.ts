/** What an arrival does to an order: it is remembered, and may set something in motion. Pure, as rules.ts. */
import { isRunningTotal } from '../reference.ts'
import { mergeVisitors } from '../visitor.ts'
import type { Circumstances } from './circumstances.ts'
import { owing } from './debts.ts'
import { knowsMore, mayUpgrade } from './outlook.ts'
import { type Arrival, BEFORE_START, type Door, NO_SALE, OTHER_PRODUCT, OTHER_SHOP, type Stage, type State } from './state.ts'
import { FRESH_ANSWER, start, startTrying, tryNow } from './timing.ts'

/** An arrival at an order that may be new. */
export function arrive(known: State | undefined, arrival: Arrival, world: Circumstances): State {
  const before = known ?? newOrder(arrival, world)
  const { struck } = before
  const newNames = arrival.alias && !before.aliases.includes(arrival.alias) ? [arrival.alias] : []
  const state: State = {
    ...before,
    announced: before.announced || arrival.door !== 'redirect',
    arrivals: before.arrivals + 1,
    firstArrivalAt: Math.min(before.firstArrivalAt, arrival.at),
    returned: before.returned !== false || arrival.door === 'redirect' || !!arrival.returned,
    test: before.test || arrival.test,
    here: arrival.here ?? before.here,
    badCookie: before.badCookie || arrival.badCookie,
    doors: doorsAfter(before, arrival),
    ofKin: (!known || before.ofKin) && arrival.ofKin,
    firstSale: before.firstSale ?? arrival.firstSale,
    toldMinor: Math.max(before.toldMinor ?? 0, arrival.toldMinor ?? 0) || undefined,
    visitors: mergeVisitors(before.visitors, arrival.visitors, struck),
    carried: mergeVisitors(before.carried, arrival.carried, struck),
    aliases: [...before.aliases, ...newNames],
    ...owing(before, before.recorded ? newNames : [], world),
  }
  return { ...state, stage: react(before, state, arrival, world) }
}

function doorsAfter({ doors = [] }: State, arrival: Arrival): Door[] {
  const more = arrival.ofKin ? [] : arrival.door === 'order' ? (arrival.doors ?? []) : [arrival.door]
  return [...new Set([...doors, ...more])]
}

function newOrder({ reference, at }: Arrival, world: Circumstances): State {
  return {
    v: 1,
    reference,
    announced: false,
    arrivals: 0,
    firstArrivalAt: at,
    returned: false,
    visitors: [],
    carried: [],
    struck: [],
    lagged: false,
    aliases: [],
    debts: [],
    debtTries: startTrying(world.now),
    stage: start('provider', world),
  }
}

/** What an arrival sets in motion, beyond being remembered. */
function react(before: State, state: State, arrival: Arrival, world: Circumstances): Stage {
  const { stage } = state
  const broughtVisitor = state.visitors.length + state.carried.length > before.visitors.length + before.carried.length
  // A running total has no address and no test of its own, and a step that is under way must not be forgotten.
  const isJudgedAnew = !state.recorded && !isRunningTotal(state.reference) && knowsMore(before, state)
  switch (stage.at) {
    case 'provider': {
      const { row } = stage.tries
      // A forged reference is not asked for again and again; what the provider itself announces is.
      const mayAsk = row && (row !== 'unknown' || state.announced) && (stage.waitUntil ?? 0) <= world.now
      const due = mayAsk && dueAfter(stage.answeredAt, arrival, world)
      return due ? { ...stage, tries: tryNow(stage.tries, due) } : stage
    }
    case 'gathering':
      if (isJudgedAnew) return start('provider', world)
      // While the first sale is undecided a visitor of its own is no reason to wait less: the sale may yet be skipped.
      return stage.tries.row === 'silence' && broughtVisitor ? start('datafast', world) : stage
    case 'held':
      if (isJudgedAnew) return start('provider', world)
      return broughtVisitor ? start('datafast', world) : stage
    case 'datafast':
      if (isJudgedAnew) return start('provider', world)
      return stage.tries.row === 'visitor-lag' && broughtVisitor ? start('datafast', world) : stage
    case 'moved':
      return { ...stage, tries: tryNow(stage.tries, world.now) }
    case 'ended': {
      if (mayUpgrade(state)) return start('datafast', world)
      const due = asksAgain(before, state, arrival, world)
      return due ? { at: 'provider', tries: { ...startTrying(world.now), due } } : stage
    }
  }
}

/** When an ended order is asked about again. A refused one may be paid after all: a retried checkout keeps its id. */
function asksAgain(before: State, state: State, arrival: Arrival, world: Circumstances): number | undefined {
  const { reference, stage, returned, payment } = state
  if (stage.at !== 'ended') return undefined
  if (isRunningTotal(reference)) return world.now
  // It looked like another shop's, and now a buyer came back with it to this one.
  if (stage.reason === OTHER_SHOP && ((!before.returned && returned) || knowsMore(before, state))) return world.now
  // By the names it came by now it may be known what was bought.
  if (stage.reason === OTHER_PRODUCT && state.aliases.length > before.aliases.length) return world.now
  // Now somebody tells of the sale itself.
  if (stage.reason === BEFORE_START && before.ofKin && !state.ofKin) return world.now
  // What was left out because of its sale may count by now, as the sale does.
  const mayChange = stage.end === 'refused' || stage.reason === NO_SALE || (stage.reason === OTHER_SHOP && !!payment?.firstSale)
  const isKnown = stage.outcome !== 'unknown' || before.announced || arrival.door !== 'redirect'
  return mayChange && isKnown ? dueAfter(stage.endedAt, arrival, world) : undefined
}

/**
 * When to ask again after an answer, if at all. An arrival that was stored elsewhere and is older than the answer brings no
 * news; a young answer is not asked for again by a visit, while what the provider tells just after it is news a moment later.
 */
function dueAfter(answeredAt: number | undefined, { at, door }: Arrival, { now }: Circumstances): number | undefined {
  const fresh = (answeredAt ?? Number.NEGATIVE_INFINITY) + FRESH_ANSWER
  if (Math.min(at, now) > fresh) return now
  return door !== 'redirect' && at > fresh - FRESH_ANSWER ? fresh : undefined
}
