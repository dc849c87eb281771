/** Cloudflare as far as the Worker sees it: its own source, with everything around it simulated. */
import './cloudflare-module.ts'
import { WEBSITE_ID } from '../../sandbox/world/datafast.ts'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import type { Env } from '../../src/env.ts'
import type { Arrival } from '../../src/order/state.ts'
import { type Actor, actAs } from './actor.ts'
import type { Clock } from './clock.ts'
import { Dice } from './dice.ts'
import { Memory } from './memory.ts'
import { Objects } from './objects.ts'
import { type Course, Runtime } from './runtime.ts'
import type { Trouble } from './trouble.ts'

const { default: worker, Ledger, Order } = await import('../../src/index.ts')

/** What a request began may go on for so long after its answer (developers.cloudflare.com/workers/runtime-apis/context), in ms. */
const AFTER_ANSWER = 30_000
const MINUTE = 60_000

export const HOST = 'https://pay.example.com'

/** What the shop has set. Live and test keys lie side by side where a provider keeps both modes on one address. */
const SETTINGS = {
  ...SECRETS,
  STRIPE_SECRET_KEY: `${SECRETS.STRIPE_SECRET_KEY} rk_test_sandboxkey`,
  CREEM_API_KEY: `${SECRETS.CREEM_API_KEY} creem_test_sandboxkey`,
  PADDLE_API_KEY: `${SECRETS.PADDLE_API_KEY} pdl_sdbx_apikey_sandboxkey`,
  THANK_YOU_URL: 'https://shop.example.com/thank-you',
  PENDING_URL: 'https://shop.example.com/almost-there',
  NOT_PAID_URL: 'https://shop.example.com/pricing',
  PUBLIC_URL: HOST,
  DATAFAST_WEBSITE_ID: WEBSITE_ID,
  ALERT_URL: 'https://alerts.example.com/shop',
  // All of it, so that what is forgotten afterwards can be looked for.
  CUSTOMER_FIELDS: 'customer_id,email,name',
}

export class Cloudflare {
  readonly runtime: Runtime
  readonly orders: Objects
  readonly books: Objects
  readonly memory: Memory
  /** Every visitor and every reference that some object has stored an arrival of. */
  readonly stored = new Set<string>()
  /** When an object first stored that a visitor came back with their own cookie, in ms. */
  readonly returnedAt = new Map<string, number>()
  private readonly trouble: Trouble
  /** Whoever waits for an answer, and hears that there is none when the runtime dies. */
  private readonly waiting = new Set<() => void>()
  private current: { life: number; env: Env } | undefined

  constructor(clock: Clock, seed: number, trouble: Trouble) {
    this.trouble = trouble
    this.runtime = new Runtime(clock, new Dice(seed), () => trouble.mortality(clock.now))
    const env = () => this.env
    const call = () => this.course(2, 40)
    this.orders = new Objects(this.runtime, Order, env, call, (method, values) => this.note(method, values))
    this.books = new Objects(this.runtime, Ledger, env, call, () => {})
    this.memory = new Memory(this.runtime, () => this.course(3, 60))
    this.runtime.onDeath(() => {
      for (const tell of this.waiting) tell()
      this.waiting.clear()
    })
  }

  private note(method: string, [first]: unknown[]): void {
    if (method !== 'arrive') return
    const { reference, door, visitors, carried = [] } = first as Arrival
    const { now } = this.runtime.clock
    if (door === 'redirect') for (const visitor of visitors) this.returnedAt.set(visitor, this.returnedAt.get(visitor) ?? now)
    for (const text of [reference, ...visitors, ...carried]) this.stored.add(text)
  }

  /** Each life of the runtime reads its settings anew. */
  private get env(): Env {
    const { life } = this.runtime
    if (this.current?.life !== life) {
      const limiter = this.limiter()
      const bindings = { RECORDED: this.memory.api, ORDERS: this.orders.api, LEDGER: this.books.api, LIMITER: limiter }
      this.current = { life, env: { ...SETTINGS, ...bindings } as unknown as Env }
    }
    return this.current.env
  }

  /** Mostly quick, now and then slow; and now and then it goes wrong. */
  private course(fast: number, slow: number): Course {
    const { dice, clock } = this.runtime
    const { fails, slowness } = this.trouble.ofStorage(clock.now, dice)
    return { takes: dice.skewed(fast, slow) * slowness, fails }
  }

  private limiter() {
    const counts = new Map<string, { since: number; count: number }>()
    return {
      limit: ({ key }: { key: string }) =>
        this.runtime.ask('limiter', this.course(1, 10), () => {
          const { now } = this.runtime.clock
          const known = counts.get(key)
          const window = known && now - known.since < MINUTE ? known : { since: now, count: 0 }
          window.count += 1
          counts.set(key, window)
          return { success: window.count <= 30 }
        }),
    }
  }

  /** Somebody's request. @returns `undefined`: the runtime died, and no answer came */
  fetch(request: Request): Promise<Response | undefined> {
    return this.invoke('fetch', (ctx) => worker.fetch(request as never, this.env, ctx) as unknown as Promise<Response>)
  }

  /** The cron run. */
  scheduled(scheduledTime: number): Promise<unknown> {
    const controller = { scheduledTime, cron: '*/15 * * * *', noRetry: () => {} }
    return this.invoke('scheduled', () => worker.scheduled(controller as ScheduledController, this.env))
  }

  private invoke<Result>(handler: string, act: (ctx: ExecutionContext) => Promise<Result>): Promise<Result | undefined> {
    const own: Actor = { life: this.runtime.life, isCut: false, pending: 0, gate: () => undefined }
    const { promise, resolve } = Promise.withResolvers<Result | undefined>()
    const giveUp = () => resolve(undefined)
    this.waiting.add(giveUp)
    const ctx = { waitUntil: () => {}, passThroughOnException: () => {} } as unknown as ExecutionContext
    const end = (result: Result | undefined) => {
      this.waiting.delete(giveUp)
      this.runtime.clock.in(AFTER_ANSWER, () => {
        own.isCut = true
      })
      resolve(result)
    }
    // What it throws is no answer either, but no death: it is never to happen.
    void actAs(own, async () => act(ctx)).then(end, (error: unknown) => {
      this.runtime.hasThrown(handler, error)
      end(undefined)
    })
    return promise
  }
}
