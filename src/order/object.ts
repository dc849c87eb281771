import { DurableObject } from 'cloudflare:workers'
import { type DataFastPayment, post } from '../datafast.ts'
import type { Env } from '../env.ts'
import { log } from '../log.ts'
import type { Payment } from '../payment.ts'
import { startAsking } from '../providers/ask.ts'
import { readRecorded, writeRecorded } from '../recorded.ts'
import { partsOf, type Reference } from '../reference.ts'
import { type Settings, settingsFor } from '../settings.ts'
import { within } from '../within.ts'
import { orderNamed } from './order-named.ts'
import { report } from './report.ts'
import {
  answered,
  arrive,
  type Circumstances,
  type Gathered,
  gathered,
  handedOver,
  newsOf,
  nextDeadline,
  nextStep,
  replied,
  type SaleNews,
  type Step,
  verdictOf,
  wroteMemory,
} from './rules.ts'
import type { Arrival, State, Verdict } from './state.ts'
import { HOUR, SECOND } from './timing.ts'

/** How soon an interrupted run is taken up again after the runtime was killed. */
const TAKE_UP = 5 * SECOND
/** After a bug in our own code: not at once again, and never "never". */
const AFTER_FAULT = 5 * 60 * SECOND

/** No call within our own Worker may hold a run up for longer. */
const CALL_TIMEOUT = 5 * SECOND

const KEY = 'order'

/**
 * One order: the only place that verifies and sends it. A thin shell around the rules: it applies what happened to the
 * state as it is at that moment, stores the result together with the alarm, and does what comes next. At most one run is
 * under way; calls and the alarm share it.
 */
export class Order extends DurableObject<Env> {
  private state: State | undefined
  private running: Promise<void> | undefined
  private watchers: (() => void)[] = []
  /** The last run ended in a bug: nothing more is known than what is stored. */
  private faulty = false

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.state = ctx.storage.kv.get<State>(KEY)
  }

  /** Takes an arrival in. Resolves once it is stored; what becomes of it is asked with `verdict`. */
  arrive(arrival: Arrival): void {
    this.become(arrive(this.state, arrival, this.circumstances()))
    void this.run()
  }

  /** What the buyer can be told, as soon as that is known; the recording goes on without them. */
  async verdict(): Promise<Verdict> {
    for (;;) {
      const verdict = this.state ? verdictOf(this.state, Date.now()) : undefined
      if (!verdict) return { outcome: 'pending', reason: 'not-started' }
      if (verdict === 'asking' && this.faulty) return { outcome: 'pending', reason: 'fault' }
      if (verdict === 'asking') await this.nextChange()
      else if ('ask' in verdict) return orderNamed(this.env, verdict.ask).verdict()
      else return verdict
    }
  }

  /** The order as it stands, for whoever inherits from it. Changes nothing. */
  look(): State | undefined {
    return this.state
  }

  override async alarm(): Promise<void> {
    // An alarm that keeps throwing is dropped after about six tries; whatever happens below, there is another one.
    await this.ctx.storage.setAlarm(Date.now() + HOUR)
    if (!this.state) return this.ctx.storage.deleteAlarm()
    this.setAlarm()
    await this.run()
  }

  /** Starts a run, or joins the one under way. Never rejects. */
  private run(): Promise<void> {
    this.running ??= this.work()
      .catch((error: unknown) => {
        this.faulty = true
        log('loud', { event: 'fault', where: 'order', kind: error instanceof Error ? error.name : 'unknown' })
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
      if (step.do === 'forget') return this.forget()
      const follow = await this.perform(step, this.state)
      // The state may have changed meanwhile: what was learned is applied to the state as it is now.
      this.become(follow(this.state, this.circumstances()))
    }
  }

  /** Does one step and returns what it means for the state. */
  private async perform(
    step: Exclude<Step, { do: 'rest' | 'forget' }>,
    asked: State,
  ): Promise<(state: State, world: Circumstances) => State> {
    const settings = settingsFor(this.env)
    switch (step.do) {
      case 'lookup': {
        const { provider, id } = partsOf(asked.reference)
        const connection = settings.connections.get(provider)
        const answer = connection
          ? await connection.lookup(id, startAsking(), settings.only.has(provider))
          : ({ is: 'misconfigured', reason: 'key-missing' } as const)
        return (state, world) => answered(state, answer, world)
      }
      case 'gather': {
        const found = await this.gather(step, asked)
        return (state, world) => gathered(state, found, world)
      }
      case 'send': {
        const { dataFast } = settings
        const reply = dataFast
          ? await post(dataFast, bodyOf(step.payment, step.visitor, settings))
          : ({ is: 'misconfigured', reason: 'key-missing' } as const)
        return (state, world) => replied(state, step.visitor, reply, world)
      }
      case 'hand-over': {
        const call = orderNamed(this.env, step.to)
          .arrive(step.arrival)
          .then(() => step.arrivals)
        const passedOn = await within(call, CALL_TIMEOUT, undefined).catch(() => undefined)
        return (state, world) => handedOver(state, passedOn, world)
      }
      case 'remember': {
        const write = writeRecorded(this.env, step.reference, step.entry).then(() => true)
        const written = await within(write, CALL_TIMEOUT, false).catch(() => false)
        return (state, world) => wroteMemory(state, step.reference, step.entry, written, world)
      }
    }
  }

  /** Asks everybody who may know a visitor, or whether this was recorded long ago. Nobody's silence is an error. */
  private async gather({ payment, names, aliases }: Extract<Step, { do: 'gather' }>, asked: State): Promise<Gathered> {
    const [memories, waiting, sale] = await Promise.all([
      Promise.all(names.map((name) => readRecorded(this.env, name, CALL_TIMEOUT))),
      Promise.all(aliases.map((alias) => this.lookAt(alias))),
      payment.firstSale && this.askSale(payment.firstSale, asked),
    ])
    const memory = memories.find((entry) => entry !== undefined)
    return {
      ...(memory && { memory }),
      visitors: waiting.flatMap((other) => (other && other !== 'silent' ? [...other.carried, ...other.visitors] : [])),
      silent: waiting.includes('silent'),
      ...(sale && { sale }),
    }
  }

  /** What became of the sale this one belongs to. A sale nobody has heard of is announced to its own object. */
  private async askSale(reference: Reference, asked: State): Promise<SaleNews> {
    const memory = await readRecorded(this.env, reference, CALL_TIMEOUT)
    if (memory) return { is: 'recorded', entry: memory }
    const sale = await this.lookAt(reference)
    if (sale === 'silent') return { is: 'undecided', visitors: [] }
    if (sale?.stage.at === 'moved') return this.askSale(sale.stage.to, asked)
    if (sale) return newsOf(sale)
    const announcement: Arrival = { reference, door: asked.announced ? 'webhook' : 'redirect', at: asked.firstArrivalAt, visitors: [] }
    await within(orderNamed(this.env, reference).arrive(announcement), CALL_TIMEOUT, undefined).catch(() => undefined)
    return { is: 'undecided', visitors: [] }
  }

  private lookAt(reference: Reference): Promise<State | undefined | 'silent'> {
    return within(orderNamed(this.env, reference).look(), CALL_TIMEOUT, 'silent' as const).catch(() => 'silent' as const)
  }

  /** Stores a new state and its alarm in one turn, so that both are written or neither. */
  private become(state: State): void {
    const before = this.state
    this.state = state
    this.faulty = false
    this.ctx.storage.kv.put(KEY, state)
    this.setAlarm()
    this.announceChange()
    const told = report(before, state)
    if (told) log(told.loudness, told.line)
  }

  /** At the earliest deadline; while something is being done, at the moment it would be taken up after a crash. */
  private setAlarm(): void {
    if (!this.state) return
    const now = Date.now()
    const deadline = nextDeadline(this.state)
    // Without awaiting: the write belongs to this turn, and the runtime holds every reply back until it is durable.
    void this.ctx.storage.setAlarm(deadline > now ? deadline : now + TAKE_UP)
  }

  private async forget(): Promise<void> {
    this.state = undefined
    await this.ctx.storage.deleteAll()
  }

  private nextChange(): Promise<void> {
    // A question is due: it is under way already, unless an earlier run was cut short.
    void this.run()
    return new Promise((resolve) => this.watchers.push(resolve))
  }

  private announceChange(): void {
    for (const watcher of this.watchers.splice(0)) watcher()
  }

  private circumstances(): Circumstances {
    const { testPayments, refunds, revenue, customerFields, only, attributionWaitMs } = settingsFor(this.env)
    return { now: Date.now(), random: Math.random(), testPayments, refunds, revenue, customerFields, only, attributionWaitMs }
  }
}

/** The payment in DataFast's words: documented fields only, unknown ones omitted. */
function bodyOf(payment: Payment, visitor: string | undefined, { revenue }: Settings): DataFastPayment {
  return {
    amount: payment[revenue],
    currency: payment.currency,
    transaction_id: payment.transactionId,
    ...(visitor && { datafast_visitor_id: visitor }),
    ...payment.customer,
    ...(payment.kind === 'renewal' && { renewal: true }),
    ...(payment.kind === 'refund' && { refunded: true }),
    ...(payment.kind === 'trial' && { is_free_trial: true }),
    timestamp: payment.paidAt,
  }
}
