import { DurableObject } from 'cloudflare:workers'
import { standingOf, tell } from '../books/books.ts'
import { movementOf } from '../books/movement.ts'
import type { Standing } from '../books/overview.ts'
import { bodyOf, post, type Reply } from '../datafast.ts'
import type { Env } from '../env.ts'
import { isOverSecondQuestions } from '../limiter.ts'
import { log, logFault } from '../log.ts'
import type { Answer, Payment } from '../payment.ts'
import { startAsking } from '../providers/ask.ts'
import { providerNamed } from '../providers/index.ts'
import { loadRecorded, writeRecorded } from '../recorded.ts'
import { isRunningTotal, partsOf, type Reference } from '../reference.ts'
import { type Settings, settingsFor } from '../settings.ts'
import { within } from '../within.ts'
import { arrive } from './arrive.ts'
import type { Circumstances } from './circumstances.ts'
import { owingBooks, wroteBooks, wroteMemory } from './debts.ts'
import { CALL_TIMEOUT, gather } from './gather.ts'
import { orderNamed } from './order-named.ts'
import { isOurs } from './ours.ts'
import { nextDeadline, nextStep, onward, type Step, verdictOf } from './outlook.ts'
import { report } from './report.ts'
import { answered, gathered, handedOver, hurried, replied } from './rules.ts'
import type { Arrival, State, Verdict } from './state.ts'
import { DAY, HOUR, SECOND } from './timing.ts'
import { wantedFor } from './wanted.ts'

/** How soon an interrupted run is taken up again after the runtime was killed. */
const TAKE_UP = 5 * SECOND
/** The buyer's or the provider's answer leaves before anything else begins, in ms: it would compete for the processor. */
const ANSWER_FIRST = 20
/** After a bug in our own code: not at once again, and never "never". */
const AFTER_FAULT = 5 * 60 * SECOND

/** A buyer may have come meanwhile, and wait for the same answer. */
const BOOKS_PATIENCE = SECOND
/** How often a payment waits for the books before it is sent without them. */
const BOOKS_TRIES = 2

const KEY = 'order'

const KEY_MISSING = { is: 'misconfigured', reason: 'key-missing' } as const
const IMPORTED = { is: 'imported', reason: 'native-integration' } as const

/** What was learned, as it changes the state of whatever moment it is applied in. */
type Follow = (state: State, world: Circumstances) => State

/**
 * One order: the only place that verifies and sends it. A thin shell around the rules: it applies what happened to the
 * state as it is at that moment, stores the result together with the alarm, and does what comes next. At most one run is
 * under way; calls and the alarm share it.
 */
export class Order extends DurableObject<Env> {
  private state = this.ctx.storage.kv.get<State>(KEY)
  private running: Promise<void> | undefined
  /** Resolved by the next change of the state, or the end of a run. */
  private change = Promise.withResolvers<void>()
  private target: DurableObjectStub<Order> | undefined
  /** What the books last said of this order's provider. */
  private standing: Standing | undefined
  /** The last run ended in a bug: nothing more is known than what is stored. */
  private faulty = false
  /** When the alarm was last set to ring, in ms; unknown to an object that was just loaded. */
  private alarmAt: number | undefined

  /** Takes an arrival in. Resolves once it is stored, here or where this order points to; what becomes of it is asked with `verdict`. */
  async arrive(arrival: Arrival): Promise<void> {
    const next = this.state && onward(this.state, arrival)
    if (next && (await this.passOn(next))) return
    this.become(arrive(this.state, arrival, this.circumstances()))
    // Should the runtime be killed until then, the alarm takes it up. A verdict that is not known yet begins at once.
    setTimeout(() => void this.run(), ANSWER_FIRST)
  }

  /** Whether the order that this one points to has stored an arrival. */
  private async passOn(arrival: Arrival): Promise<boolean> {
    const isStored = await within(then(this.orderAt(arrival.reference).arrive(arrival), true), CALL_TIMEOUT, false)
    // A stub that failed once may fail for ever.
    if (!isStored) this.target = undefined
    return isStored
  }

  /** The order that this one points to: through one stub, whose calls arrive in their order. */
  private orderAt(reference: Reference): DurableObjectStub<Order> {
    this.target ??= orderNamed(this.env, reference)
    return this.target
  }

  /** What the buyer can be told, as soon as that is known; the recording goes on without them. */
  async verdict(): Promise<Verdict> {
    for (;;) {
      const verdict = this.state && verdictOf(this.state, Date.now())
      if (!verdict) return { outcome: 'pending', reason: 'not-started' }
      if (verdict !== 'asking') return 'ask' in verdict ? this.orderAt(verdict.ask).verdict() : verdict
      if (this.faulty) return { outcome: 'pending', reason: 'fault' }
      // A question is due: it is under way already, unless an earlier run was cut short.
      void this.run()
      await this.change.promise
    }
  }

  /** The order as it stands, for whoever inherits from it. Changes nothing. */
  look(): State | undefined {
    return this.state
  }

  /**
   * Goes on with whatever is due; `now`: also with what is to be tried later, or was given up.
   * @returns whether there is such an order, and the books are to know of it
   */
  wake(now: boolean): boolean {
    const { state } = this
    if (!state || movementOf(state, settingsFor(this.env).revenue, Date.now()) === 'nothing') return false
    // It may be woken because its alarm was lost.
    this.alarmAt = undefined
    // What the books were told last may have come out of order: they are told anew.
    const untold = { ...state, books: state.books && { ...state.books, told: '' } }
    this.become(now ? hurried(untold, this.circumstances()) : untold)
    void this.run()
    return true
  }

  override async alarm(): Promise<void> {
    this.alarmAt = undefined
    // An alarm that keeps throwing is dropped after about six tries; whatever happens below, there is another one.
    await this.ctx.storage.setAlarm(Date.now() + HOUR)
    if (!this.state) return this.ctx.storage.deleteAlarm()
    this.setAlarm(this.state)
    await this.run()
  }

  /** Starts a run, or joins the one under way. Never rejects. */
  private run(): Promise<void> {
    this.running ??= this.work()
      .catch((error: unknown) => {
        this.faulty = true
        logFault('order', error)
        this.alarmAt = undefined
        return this.ctx.storage.setAlarm(Date.now() + AFTER_FAULT)
      })
      .finally(() => {
        this.running = undefined
        this.announceChange()
      })
    return this.running
  }

  private async work(): Promise<void> {
    while (this.state) {
      const step = nextStep(this.state, Date.now())
      if (step.do === 'rest') return
      if (step.do === 'forget') {
        this.state = this.target = this.alarmAt = undefined
        await this.ctx.storage.deleteAll()
        // Somebody may have come meanwhile, to an order that begins anew.
        continue
      }
      const follow = await this.perform(step, this.state)
      // The state may have changed meanwhile: what was learned is applied to the state as it is now.
      this.become(follow(this.state, this.circumstances()))
    }
  }

  private async perform(step: Exclude<Step, { do: 'rest' | 'forget' }>, asked: State): Promise<Follow> {
    const settings = settingsFor(this.env)
    switch (step.do) {
      case 'lookup': {
        const answer = await this.lookUp(asked, settings)
        return (state, world) => answered(state, answer, world, asked)
      }
      case 'gather': {
        const found = await gather(this.env, step, asked)
        return (state, world) => gathered(state, found, world)
      }
      case 'send': {
        const reply = await this.send(step, asked, settings)
        return (state, world) => replied(state, step.visitor, reply, world)
      }
      case 'hand-over': {
        const called = orderNamed(this.env, step.to).arrive(step.arrival)
        const passedOn = await within(then(called, step.arrivals), CALL_TIMEOUT, undefined)
        return (state, world) => handedOver(state, passedOn, world)
      }
      case 'remember': {
        const { reference, entry } = step
        const written = await within(then(writeRecorded(this.env, reference, entry), true), CALL_TIMEOUT, false)
        return (state, world) => wroteMemory(state, reference, entry, written, world)
      }
      case 'book': {
        // Whoever arrives meanwhile does not wait for the books.
        const told = Promise.race([tell(this.env, step.owed), this.change.promise.then(() => false)])
        const written = await within(told, CALL_TIMEOUT, false)
        return (state, world) => wroteBooks(state, step.owed, written, world)
      }
    }
  }

  private async send({ payment, visitor }: Extract<Step, { do: 'send' }>, asked: State, settings: Settings): Promise<Reply> {
    const { dataFast, revenue } = settings
    if (!dataFast) return KEY_MISSING
    await this.askBooks(asked)
    // What is imported already must not be posted as well; so late an answer is not waited for for ever.
    const { stage } = asked
    const isEarly = stage.at === 'datafast' && stage.tries.count < BOOKS_TRIES
    if (!this.standing && this.env.LEDGER && isEarly) return { is: 'unavailable', reason: 'books' }
    return this.standing?.imported ? IMPORTED : post(dataFast, bodyOf(payment, visitor, revenue))
  }

  /** What the books know of this order's provider. When they are silent, what they said before still holds. */
  private async askBooks({ reference }: State): Promise<void> {
    const { provider } = partsOf(reference)
    this.standing = await within(standingOf(this.env, provider), BOOKS_PATIENCE, this.standing)
  }

  private async lookUp(asked: State, settings: Settings): Promise<Answer> {
    const { reference, stage } = asked
    const isSecondQuestion = stage.at === 'provider' && stage.tries.row === 'unknown'
    if (isSecondQuestion && (await isOverSecondQuestions(this.env))) return { is: 'unknown' }
    const { provider, id } = partsOf(reference)
    const connection = settings.connections.get(provider)
    if (!connection) return KEY_MISSING
    const sentMinor = asked.sentMinor ?? (await this.sentOf(reference))
    if (sentMinor === 'silent') return { is: 'unreachable', reason: 'memory' }
    const answer = await connection.lookup(id, startAsking(), wantedFor(asked, settings, sentMinor))
    return answer.is === 'paid' ? this.judge(answer.payment) : answer
  }

  /** Whose order it is, and from when on orders count, matters for those that no buyer came back with. */
  private async judge(payment: Payment): Promise<Answer> {
    const { state } = this
    const isScoped = state?.returned === false && payment.successUrl
    if (!state || !(isScoped || state.ofKin)) return { is: 'paid', payment }
    await this.askBooks(state)
    if (!state.ofKin || !this.env.LEDGER) return { is: 'paid', payment }
    if (!this.standing) return { is: 'unreachable', reason: 'books' }
    const { startedAt } = this.standing
    const start = startedAt[payment.test ? 'test' : 'live'] ?? startedAt.unknown ?? 0
    return { is: 'paid', payment: { ...payment, beforeStart: Date.parse(payment.paidAt) < start } }
  }

  /** How much of a running total was recorded before this object forgot it: its last transaction id says so. */
  private async sentOf(reference: Reference): Promise<number | undefined | 'silent'> {
    if (!isRunningTotal(reference)) return undefined
    // Whoever took a silent memory for an empty one would send the earlier steps again.
    const memory = await within(loadRecorded(this.env, reference), CALL_TIMEOUT, 'silent' as const)
    return memory === 'silent' ? memory : Number(memory?.transactionId.split('_').at(-1)) || undefined
  }

  /** Stores a new state and its alarm in one turn, so that both are written or neither. */
  private become(changed: State): void {
    const state = owingBooks(changed, this.circumstances())
    const told = report(this.state, state)
    this.state = state
    this.faulty = false
    this.ctx.storage.kv.put(KEY, state)
    this.setAlarm(state)
    this.announceChange()
    if (told) log(told.loudness, told.line)
  }

  /**
   * At the earliest deadline; while something is being done, when it would be taken up after a crash. An alarm that stands is
   * not set anew: the founder pays for every write.
   */
  private setAlarm(state: State): void {
    const now = Date.now()
    const deadline = nextDeadline(state)
    const { alarmAt = 0 } = this
    if (alarmAt > now && (deadline > now ? alarmAt === deadline : alarmAt <= now + TAKE_UP)) return
    this.alarmAt = deadline > now ? deadline : now + TAKE_UP
    // Without awaiting: the write belongs to this turn, and the runtime holds every reply back until it is durable.
    this.ctx.storage.setAlarm(this.alarmAt).catch(() => {
      this.alarmAt = undefined
    })
  }

  private announceChange(): void {
    this.change.resolve()
    this.change = Promise.withResolvers()
  }

  private circumstances(): Circumstances {
    const settings = settingsFor(this.env)
    const provider = this.state && providerNamed(partsOf(this.state.reference).provider)
    const attributionWaitMs = settings.attributionWaitMs ?? (provider?.returnsByButton ? DAY : undefined)
    const { standing } = this
    const keepsBooks = !!this.env.LEDGER
    return {
      ...{ ...settings, attributionWaitMs, keepsBooks, now: Date.now(), random: Math.random() },
      isOurs: (successUrl, here) => isOurs(successUrl, settings, { here, standing, hasBooks: keepsBooks }),
    }
  }
}

/** What is known once something is done. */
async function then<Value>(done: Promise<unknown>, value: Value): Promise<Value> {
  await done
  return value
}
