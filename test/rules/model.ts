/**
 * A small world in which several orders live at once, on a simulated clock: the objects behave as the real shell does
 * (one run each, stored before anything goes out, resumed by an alarm after a crash), everything around them is slow,
 * repeated, reordered, broken or gone for a while. Only the rules under test are real.
 */
import type { Owed } from '../../src/books/movement.ts'
import { Movements } from '../../src/books/movements.ts'
import type { Reply } from '../../src/datafast.ts'
import { arrive } from '../../src/order/arrive.ts'
import type { Circumstances } from '../../src/order/circumstances.ts'
import { owingBooks, wroteBooks, wroteMemory } from '../../src/order/debts.ts'
import { newsOf, nextDeadline, nextStep, type SaleNews, type Step } from '../../src/order/outlook.ts'
import { answered, type Gathered, gathered, handedOver, replied } from '../../src/order/rules.ts'
import type { Arrival, State } from '../../src/order/state.ts'
import type { Answer, Payment } from '../../src/payment.ts'
import type { RecordedEntry } from '../../src/recorded.ts'
import type { Reference } from '../../src/reference.ts'
import { sqlStorage } from './sql.ts'

const MINUTE = 60_000
const TAKE_UP = 5_000

/** What really happened at the provider, as it looks from a given moment on. */
export type Truth = (reference: Reference, now: number) => Answer

export type Input = { at: number; reference: Reference; door: Arrival['door']; visitors: string[] }

export type Trouble = {
  /** Chances, from 0 to 1, while trouble lasts. */
  providerFails: number
  dataFastFails: number
  crash: number
  storageFails: number
  kvFails: number
  callsFail: number
  booksFail: number
  /** Nothing goes wrong any more after this moment. */
  until: number
}

export type Posted = {
  transactionId: string
  visitor: string | undefined
  amount: number
  kind: Payment['kind']
  at: number
  accepted: boolean
}

/** One table for all models, emptied for each: to make one takes longer than a model lives. */
const sql = sqlStorage()
const books = new Movements(sql)

type Simulated = { state?: State; run: number; busy: boolean }

export class Model {
  now = 0
  readonly ledger = new Map<string, Posted>()
  readonly posts: Posted[] = []
  readonly recorded = new Map<Reference, RecordedEntry>()
  readonly orders = new Map<Reference, Simulated>()
  readonly books = books
  /** Arrivals that an order has stored, and when: later than they came when they took the way through KV. */
  readonly acknowledged: (Input & { storedAt: number })[] = []
  private readonly queue: { at: number; order: number; act: () => void }[] = []
  private counter = 0
  private readonly truth: Truth
  private readonly trouble: Trouble
  private readonly unseen: ReadonlySet<string>
  private readonly random: () => number

  constructor(truth: Truth, trouble: Trouble, unseen: ReadonlySet<string>, seed: number) {
    this.truth = truth
    this.trouble = trouble
    this.unseen = unseen
    this.random = dice(seed)
    sql.exec('DELETE FROM movement')
  }

  /** Lets everything happen until nothing is left to do, or the time is up. */
  run(inputs: Input[], untilMs: number): void {
    for (const input of inputs) this.at(input.at, () => this.knock(input))
    while (this.queue.length) {
      const next = this.takeNext()
      if (!next || next.at > untilMs) return
      this.now = Math.max(this.now, next.at)
      next.act()
    }
  }

  private takeNext() {
    let best = 0
    this.queue.forEach((item, index) => {
      const than = this.queue[best]
      if (than && (item.at < than.at || (item.at === than.at && item.order < than.order))) best = index
    })
    return this.queue.splice(best, 1)[0]
  }

  private at(moment: number, act: () => void): void {
    this.queue.push({ at: moment, order: this.counter++, act })
  }

  private later(act: () => void): void {
    // Mostly quick, now and then as slow as a call may be.
    this.at(this.now + 1 + Math.floor(this.random() * (this.random() < 0.1 ? 8_000 : 400)), act)
  }

  private goesWrong(chance: number): boolean {
    return this.now < this.trouble.until && this.random() < chance
  }

  private circumstances(): Circumstances {
    return {
      now: this.now,
      random: this.random(),
      testPayments: 'skip',
      refunds: true,
      revenue: 'gross',
      customerFields: ['customer_id'],
      only: new Map(),
      attributionWaitMs: 10 * MINUTE,
      isOurs: () => true,
      keepsBooks: true,
    }
  }

  private order(reference: Reference): Simulated {
    const known = this.orders.get(reference)
    if (known) return known
    const order: Simulated = { run: 0, busy: false }
    this.orders.set(reference, order)
    return order
  }

  /** The door: what cannot be stored in the order is kept in KV and tried again by the cron run. */
  private knock(input: Input): void {
    const arrival: Arrival = { reference: input.reference, door: input.door, at: input.at, visitors: input.visitors }
    if (this.goesWrong(this.trouble.storageFails)) this.at(this.now + 15 * MINUTE, () => this.knock(input))
    else {
      this.take(arrival)
      this.acknowledged.push({ ...input, storedAt: this.now })
    }
  }

  private take(arrival: Arrival): void {
    const order = this.order(arrival.reference)
    this.become(order, arrive(order.state, arrival, this.circumstances()))
    this.pump(arrival.reference)
  }

  /** What an order owes is stored together with what has become of it. */
  private become(order: Simulated, changed: State): void {
    order.state = owingBooks(changed, this.circumstances())
  }

  /** Goes on with an order: does what is due, or sleeps until something is. */
  private pump(reference: Reference): void {
    const order = this.order(reference)
    if (order.busy || !order.state) return
    const step = nextStep(order.state, this.now)
    if (step.do === 'forget') {
      delete order.state
      return
    }
    if (step.do === 'rest') {
      const deadline = nextDeadline(order.state)
      if (deadline <= this.now) throw new Error(`${reference} rests although something is due: ${JSON.stringify(order.state.stage)}`)
      this.at(deadline, () => this.pump(reference))
      return
    }
    order.busy = true
    const run = ++order.run
    const asked = order.state
    this.later(() => {
      const follow = this.perform(step, asked)
      const crashed = this.goesWrong(this.trouble.crash)
      if (order.run !== run) return
      order.busy = false
      // What was learned is lost with the runtime; what was stored before the call went out is not.
      if (crashed) this.at(this.now + TAKE_UP, () => this.pump(reference))
      else {
        if (order.state) this.become(order, follow(order.state, this.circumstances()))
        this.pump(reference)
      }
    })
  }

  private perform(step: Exclude<Step, { do: 'rest' | 'forget' }>, asked: State): (state: State, world: Circumstances) => State {
    switch (step.do) {
      case 'lookup': {
        const answer = this.goesWrong(this.trouble.providerFails) ? this.providerTrouble() : this.truth(asked.reference, this.now)
        return (state, world) => answered(state, answer, world, asked)
      }
      case 'gather': {
        const found = this.gather(step, asked)
        return (state, world) => gathered(state, found, world)
      }
      case 'send': {
        const reply = this.post(step.payment, step.visitor)
        return (state, world) => replied(state, step.visitor, reply, world)
      }
      case 'hand-over': {
        if (this.goesWrong(this.trouble.callsFail)) return (state, world) => handedOver(state, undefined, world)
        this.take(step.arrival)
        // The reply may be lost although the arrival was stored.
        const reached = !this.goesWrong(this.trouble.callsFail)
        return (state, world) => handedOver(state, reached ? step.arrivals : undefined, world)
      }
      case 'remember': {
        const written = !this.goesWrong(this.trouble.kvFails)
        if (written) this.recorded.set(step.reference, step.entry)
        return (state, world) => wroteMemory(state, step.reference, step.entry, written, world)
      }
      case 'book': {
        const written = this.book(step.owed)
        return (state, world) => wroteBooks(state, step.owed, written, world)
      }
    }
  }

  /** @returns whether the order learns that its rows were taken: they may have been all the same */
  private book(owed: readonly Owed[]): boolean {
    if (this.goesWrong(this.trouble.booksFail)) return false
    for (const one of owed) this.books.write(one, this.now)
    return !this.goesWrong(this.trouble.booksFail)
  }

  private gather(step: Extract<Step, { do: 'gather' }>, asked: State): Gathered {
    const memory = this.memory(asked.reference)
    const waiting = step.aliases.map((alias) => (this.goesWrong(this.trouble.callsFail) ? ('silent' as const) : this.order(alias).state))
    const sale = step.payment.firstSale && this.askSale(step.payment.firstSale, asked)
    return {
      ...(memory && { memory }),
      visitors: waiting.flatMap((other) => (other && other !== 'silent' ? [...other.carried, ...other.visitors] : [])),
      silent: waiting.includes('silent'),
      ...(sale && { sale }),
    }
  }

  private askSale(reference: Reference, asked: State): SaleNews {
    const memory = this.memory(reference)
    if (memory) return { is: 'recorded', entry: memory }
    if (this.goesWrong(this.trouble.callsFail)) return { is: 'undecided', visitors: [] }
    const sale = this.order(reference).state
    if (sale?.stage.at === 'moved') return this.askSale(sale.stage.to, asked)
    if (sale) return newsOf(sale)
    this.take({ reference, door: asked.announced ? 'webhook' : 'redirect', at: asked.firstArrivalAt, visitors: [], ofKin: true })
    return { is: 'undecided', visitors: [] }
  }

  private memory(reference: Reference): RecordedEntry | undefined {
    return this.goesWrong(this.trouble.kvFails) ? undefined : this.recorded.get(reference)
  }

  private providerTrouble(): Answer {
    const troubles: Answer[] = [
      { is: 'unreachable', reason: 'timeout' },
      { is: 'unreachable', reason: 'http-429', retryAfterMs: 20_000 },
      { is: 'unreachable', reason: 'garbage' },
      { is: 'misconfigured', reason: 'key-refused-401' },
      { is: 'unclear', reason: 'unclear-currency' },
      { is: 'pending', reason: 'unpaid' },
    ]
    return troubles[Math.floor(this.random() * troubles.length)] ?? { is: 'unreachable', reason: 'network' }
  }

  /** Idempotent by transaction id; the first writer wins and a late visitor changes nothing. */
  private post(payment: Payment, visitor: string | undefined): Reply {
    const posted = {
      transactionId: payment.transactionId,
      visitor,
      amount: payment.gross,
      kind: payment.kind,
      at: this.now,
      accepted: false,
    }
    this.posts.push(posted)
    const fails = this.goesWrong(this.trouble.dataFastFails)
    if (fails && this.random() < 0.5) return { is: 'unavailable', reason: 'http-503' }
    if (fails && this.random() < 0.3) return { is: 'misconfigured', reason: 'http-401' }
    if (visitor && this.unseen.has(visitor)) return { is: 'visitor-rejected' }
    posted.accepted = true
    if (!this.ledger.has(payment.transactionId)) this.ledger.set(payment.transactionId, posted)
    // Recorded, but the answer got lost.
    return fails ? { is: 'unavailable', reason: 'timeout' } : { is: 'accepted', reason: 'recorded' }
  }
}

/** Mulberry32: small, fast, and the same on every machine. */
function dice(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
