/**
 * The orders' objects without a Worker around them: the same rules (src/order/), a memory of their own that is empty at
 * first, a clock that jumps over every wait, and a DataFast that would accept everything and is told nothing.
 */
import { bodyOf, type DataFastPayment } from '../../src/datafast.ts'
import type { Env } from '../../src/env.ts'
import { arrive } from '../../src/order/arrive.ts'
import type { Circumstances } from '../../src/order/circumstances.ts'
import { wroteMemory } from '../../src/order/debts.ts'
import { gather } from '../../src/order/gather.ts'
import { isOurs } from '../../src/order/ours.ts'
import { nextStep, onward, type Step, verdictOf } from '../../src/order/outlook.ts'
import { answered, gathered, handedOver, replied } from '../../src/order/rules.ts'
import type { Arrival, State, Verdict } from '../../src/order/state.ts'
import { DAY } from '../../src/order/timing.ts'
import { wantedFor } from '../../src/order/wanted.ts'
import { leadsBack } from '../../src/page.ts'
import type { Answer } from '../../src/payment.ts'
import { type Ask, type Get, startAsking } from '../../src/providers/ask.ts'
import { providerNamed } from '../../src/providers/index.ts'
import { partsOf, type Reference } from '../../src/reference.ts'
import type { Settings } from '../../src/settings.ts'

/** One request to the provider: its address, and what came of it. */
type Question = { address: string; is: 'found' | Answer['is']; reason?: string }
/** What the provider was asked about one reference, and what its answers mean. `ms`: how long that took from here. */
export type Lookup = { reference: Reference; answer: Answer; questions: Question[]; ms: number }
/** What would be posted. `from`: whose word the visitor is. */
export type Posting = { body: DataFastPayment; visitor: string | undefined; from: 'provider' | 'cookie' | 'first-sale' | 'nobody' }

/** What became of an order and of those it led to. */
export type Rehearsed = {
  /** The order itself, or the one it turned out to be. */
  final: State
  /** What a buyer is told who came back with it. */
  verdict: Verdict
  lookups: Lookup[]
  postings: ReadonlyMap<Reference, Posting>
  /** The names KV would hold each order under. */
  names: ReadonlyMap<Reference, Reference[]>
  /** How long each order would wait for a visitor, in ms: those that have none. */
  waits: ReadonlyMap<Reference, number>
  firstSale: State | undefined
  /** Hosts of success URLs that nobody knows to be ours, and that were taken to be. */
  assumedHosts: ReadonlySet<string>
}

/** No order takes more steps than these to its end: a bug must not ask a provider for ever. */
const MAX_ROUNDS = 50

/**
 * Lets an order live from its arrival to its end.
 * @param ofKin - visitors of the buyer who made the first sale that a renewal or refund leads to
 */
export async function rehearse(arrival: Arrival, settings: Settings, ofKin: readonly string[] = []): Promise<Rehearsed> {
  const stage = new Rehearsal(settings, ofKin)
  return stage.play(arrival)
}

class Rehearsal {
  private readonly orders = new Map<Reference, State>()
  private readonly lookups: Lookup[] = []
  private readonly postings = new Map<Reference, Posting>()
  private readonly names = new Map<Reference, Reference[]>()
  private readonly waits = new Map<Reference, number>()
  private readonly assumedHosts = new Set<string>()
  private readonly env = this.withOrders()
  private now = Date.now()
  private readonly settings: Settings
  private readonly ofKin: readonly string[]

  constructor(settings: Settings, ofKin: readonly string[]) {
    this.settings = settings
    this.ofKin = ofKin
  }

  async play(arrival: Arrival): Promise<Rehearsed> {
    const { reference } = arrival
    this.take(arrival)
    let verdict: Verdict | undefined
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const moved = await this.turn(this.canonical(reference))
      verdict ??= this.verdictOn(reference)
      if (!moved) break
    }
    const final = this.stateOf(this.canonical(reference))
    const sale = final.payment?.firstSale
    return {
      final,
      verdict: verdict ?? { outcome: 'pending', reason: 'not-asked' },
      lookups: this.lookups,
      postings: this.postings,
      names: this.names,
      waits: this.waits,
      firstSale: sale && this.orders.get(this.canonical(sale)),
      assumedHosts: this.assumedHosts,
    }
  }

  /** Goes one step further. @returns whether there was one */
  private async turn(reference: Reference): Promise<boolean> {
    const state = this.stateOf(reference)
    const step = nextStep(state, this.now)
    if (step.do === 'rest' || step.do === 'forget') return this.waitOn(state)
    const follow = await this.perform(step, state)
    this.orders.set(reference, follow(this.stateOf(reference), this.circumstances(reference)))
    return true
  }

  /** What would be waited for here: the buyer, whom nobody awaits in a rehearsal, and the first sale, which goes its way first. */
  private async waitOn({ reference, stage, payment, firstArrivalAt }: State): Promise<boolean> {
    if (stage.at === 'held') {
      this.waits.set(reference, stage.until - firstArrivalAt)
      this.now = Math.max(this.now, stage.until)
      return true
    }
    const sale = payment?.firstSale
    if (stage.at !== 'gathering' || stage.tries.row !== 'sale-undecided' || !sale) return false
    let isDecided = false
    for (let round = 0; round < MAX_ROUNDS && (await this.turn(this.canonical(sale))); round++) isDecided = true
    this.now = Math.max(this.now, stage.tries.due)
    return isDecided
  }

  private async perform(
    step: Exclude<Step, { do: 'rest' | 'forget' }>,
    asked: State,
  ): Promise<(now: State, world: Circumstances) => State> {
    const { reference } = asked
    switch (step.do) {
      case 'lookup': {
        const answer = await this.lookUp(asked)
        return (state, world) => answered(state, answer, world, asked)
      }
      case 'gather': {
        const found = await gather(this.env, step, asked)
        return (state, world) => gathered(state, found, world)
      }
      case 'send': {
        const { payment, visitor } = step
        this.postings.set(reference, {
          body: bodyOf(payment, visitor, this.settings.revenue),
          visitor,
          from: this.sourceOf(visitor, asked),
        })
        return (state, world) => replied(state, visitor, { is: 'accepted', reason: 'recorded' }, world)
      }
      case 'hand-over':
        this.take(step.arrival)
        return (state, world) => handedOver(state, step.arrivals, world)
      case 'remember':
        this.names.set(reference, [...(this.names.get(reference) ?? []), step.reference])
        return (state, world) => wroteMemory(state, step.reference, step.entry, true, world)
      case 'book':
        // There are no books here, and nothing is owed to them.
        return (state) => state
    }
  }

  private sourceOf(visitor: string | undefined, { payment, carried }: State): Posting['from'] {
    if (!visitor) return 'nobody'
    const sale = payment?.firstSale && this.orders.get(this.canonical(payment.firstSale))
    if (sale?.recorded?.visitor === visitor) return 'first-sale'
    return carried.includes(visitor) ? 'provider' : 'cookie'
  }

  private async lookUp(order: State): Promise<Answer> {
    const { reference } = order
    const { provider, id } = partsOf(reference)
    const connection = this.settings.connections.get(provider)
    if (!connection) return { is: 'misconfigured', reason: 'key-missing' }
    // What was recorded before is in the Worker's memory alone.
    const wanted = wantedFor(order, this.settings, undefined)
    const questions: Question[] = []
    const startedAt = Date.now()
    const answer = await connection.lookup(id, noting(questions), wanted)
    this.lookups.push({ reference, answer, questions, ms: Date.now() - startedAt })
    return answer
  }

  /** Takes an arrival in, here or where the order points to. */
  private take(arrival: Arrival): void {
    const known = this.orders.get(arrival.reference)
    const next = known && onward(known, arrival)
    const { reference } = arrival
    if (next) this.take(next)
    else this.orders.set(reference, arrive(known, arrival, this.circumstances(reference)))
  }

  private verdictOn(reference: Reference): Verdict | undefined {
    const state = this.orders.get(reference)
    const verdict = state && verdictOf(state, this.now)
    if (!verdict || verdict === 'asking') return undefined
    return 'ask' in verdict ? this.verdictOn(verdict.ask) : verdict
  }

  /** Where an order lives: a pointer is followed once it has handed over. */
  private canonical(reference: Reference): Reference {
    const stage = this.orders.get(reference)?.stage
    return stage?.at === 'moved' && this.orders.has(stage.to) ? this.canonical(stage.to) : reference
  }

  private stateOf(reference: Reference): State {
    const state = this.orders.get(reference)
    if (!state) throw new Error('an order nobody has told of')
    return state
  }

  private circumstances(reference: Reference): Circumstances {
    const { settings } = this
    const isByButton = providerNamed(partsOf(reference).provider)?.returnsByButton
    return {
      ...{ ...settings, now: this.now, random: 0, keepsBooks: false },
      attributionWaitMs: settings.attributionWaitMs ?? (isByButton ? DAY : undefined),
      isOurs: (successUrl, here) =>
        isOurs(successUrl, settings, { here, standing: undefined, hasBooks: false }) ?? this.looksLikeOurs(new URL(successUrl)),
    }
  }

  /** The Worker learns its hosts from its requests. Here there are none, and the path alone has to tell. */
  private looksLikeOurs(successUrl: URL): boolean {
    const isLike = leadsBack(successUrl, this.settings, successUrl)
    if (isLike) this.assumedHosts.add(successUrl.host)
    return isLike
  }

  /** The other orders, as `gather` finds them: in this process, and with no memory of earlier ones. */
  private withOrders(): Env {
    const orderAt = (reference: Reference) => ({
      look: async () => this.orders.get(reference),
      arrive: async (arrival: Arrival) => this.take({ ...arrival, visitors: [...arrival.visitors, ...this.ofKin] }),
    })
    return { ORDERS: { getByName: orderAt } } as unknown as Env
  }
}

/** Asks as the Worker does, and notes each question. */
function noting(questions: Question[]): Ask {
  const ask = startAsking()
  return (api, headers, notFound) => {
    const get = ask(api, headers, notFound)
    const noted: Get = async (path, schema) => {
      const found = await get(path, schema)
      questions.push({ address: api + path, is: found.is, ...('reason' in found && { reason: found.reason }) })
      return found
    }
    return noted
  }
}
