/** Durable Objects: one of each name in the whole world, living in memory while it is used, and woken by its alarm. */
import type { DurableObject } from 'cloudflare:workers'
import type { Env } from '../../src/env.ts'
import { type Actor, actAs, actor } from './actor.ts'
import { ObjectStorage } from './object-storage.ts'
import { ConnectionLost, type Course, type Runtime } from './runtime.ts'

type Entity = DurableObject<Env> & Record<string, unknown>
type EntityClass = new (ctx: DurableObjectState, env: Env) => DurableObject<Env>

/** After so long without anything to do an object is dropped from memory, in ms. */
const IDLE = 60_000
/** A handler that threw, or was cut off, is called again (developers.cloudflare.com/durable-objects/api/alarms). */
const ALARM_RETRY = 2_000
const MAX_ALARM_RETRIES = 6

/** All objects of one class. */
export class Objects {
  readonly all = new Map<string, SimulatedObject>()
  private readonly runtime: Runtime
  private readonly entityClass: EntityClass
  private readonly env: () => Env
  private readonly course: () => Course
  private readonly onDone: (method: string, values: unknown[]) => void

  /**
   * @param course - how the next call goes
   * @param onDone - told of every call that was done, when what it wrote is durable
   */
  constructor(runtime: Runtime, entityClass: EntityClass, env: () => Env, course: () => Course, onDone: Objects['onDone']) {
    this.runtime = runtime
    this.entityClass = entityClass
    this.env = env
    this.course = course
    this.onDone = onDone
    runtime.onDeath(() => {
      for (const object of this.all.values()) object.lose()
    })
  }

  /** The namespace as it is bound. */
  readonly api = { getByName: (name: string) => this.stub(name) }

  named(name: string): SimulatedObject {
    const { runtime, entityClass, env } = this
    const known = this.all.get(name)
    if (known) return known
    const made = new SimulatedObject(name, runtime, (ctx) => new entityClass(ctx, env()) as Entity)
    this.all.set(name, made)
    return made
  }

  /** Calls through one stub arrive in their order. */
  private stub(name: string): unknown {
    const way = { free: 0 }
    const call =
      (method: string) =>
      (...values: unknown[]) =>
        this.call(name, method, structuredClone(values), way)
    // Whoever awaits a stub must not take it for a promise.
    return new Proxy({}, { get: (_, method) => (typeof method === 'string' && method !== 'then' ? call(method) : undefined) })
  }

  private call(name: string, method: string, values: unknown[], way: { free: number }): Promise<unknown> {
    const { runtime } = this
    const { clock, life } = runtime
    const [who, course, fate] = [actor(), this.course(), runtime.fate()]
    const step = `call ${method}`
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const answer = (give: () => void) => {
      if (runtime.life !== life) return
      if (fate === 'between') return runtime.die(step)
      clock.in(course.takes / 2, () => {
        if (!runtime.lives(who) || runtime.life !== life) return
        if (fate === 'after') return runtime.die(step)
        if (who) who.pending -= 1
        give()
      })
    }
    const leave = () => {
      if (!runtime.lives(who) || runtime.life !== life) return
      if (fate === 'before') return runtime.die(step)
      way.free = Math.max(way.free, clock.now + course.takes / 2)
      clock.at(way.free, () => {
        // Both sides are the runtime's: a call under way dies with it.
        if (runtime.life !== life) return
        if (course.fails === 'before') return answer(() => reject(new ConnectionLost()))
        this.named(name)
          .perform(method, values)
          .then(
            (result) => {
              this.onDone(method, values)
              if (course.fails !== 'never') answer(() => (course.fails === 'after' ? reject(new ConnectionLost()) : resolve(result)))
            },
            (error: unknown) => answer(() => reject(error)),
          )
      })
    }
    if (who) who.pending += 1
    runtime.throughGate(who, leave)
    return promise
  }
}

/** One object: what it stored, and what of it is in memory at the moment. */
export class SimulatedObject {
  readonly name: string
  readonly storage: ObjectStorage
  private readonly runtime: Runtime
  private readonly make: (ctx: DurableObjectState) => Entity
  private awake: { entity: Entity; actor: Actor; usedAt: number } | undefined
  private isRinging = false
  private retries = 0

  constructor(name: string, runtime: Runtime, make: (ctx: DurableObjectState) => Entity) {
    this.name = name
    this.runtime = runtime
    this.make = make
    this.storage = new ObjectStorage(runtime.clock, (at) => this.ringAt(at))
  }

  /** The runtime died. */
  lose(): void {
    this.awake = undefined
    this.storage.rollBack()
    if (!this.isRinging) return
    this.isRinging = false
    // What the handler has not replaced stands as it stood: it rings again.
    const { alarm } = this.storage
    if (alarm !== undefined) this.ringAt(Math.max(alarm, this.runtime.clock.now + ALARM_RETRY))
  }

  /** Calls a method, and answers when everything written by then is durable. */
  async perform(method: string, values: unknown[]): Promise<unknown> {
    const { entity, actor: own } = this.wake()
    own.pending += 1
    try {
      const act = entity[method] as (...values: unknown[]) => unknown
      const result = await actAs(own, async () => act.apply(entity, values))
      await own.gate()
      return structuredClone(result)
    } finally {
      own.pending -= 1
      this.used()
    }
  }

  private used(): void {
    if (this.awake) this.awake.usedAt = this.runtime.clock.now
  }

  private wake() {
    const { runtime, storage } = this
    const { now } = runtime.clock
    if (this.awake && this.awake.actor.pending === 0 && now - this.awake.usedAt > IDLE) this.awake = undefined
    if (!this.awake) {
      const own: Actor = { life: runtime.life, isCut: false, pending: 0, gate: () => storage.gate() }
      const ctx = { storage: storage.api } as unknown as DurableObjectState
      this.awake = { actor: own, entity: actAs(own, () => this.make(ctx)), usedAt: now }
    }
    this.awake.usedAt = now
    return this.awake
  }

  private ringAt(at: number): void {
    this.runtime.clock.at(at, () => {
      if (this.storage.alarm === undefined || this.storage.alarm > this.runtime.clock.now || this.isRinging) return
      void this.ring(this.storage.alarm)
    })
  }

  private async ring(at: number): Promise<void> {
    const { life } = this.runtime
    this.isRinging = true
    const isDone = await this.perform('alarm', []).then(
      () => true,
      (error: unknown) => {
        this.runtime.hasThrown('alarm', error)
        return false
      },
    )
    if (this.runtime.life !== life) return
    this.isRinging = false
    const { storage } = this
    const isReplaced = storage.alarm !== at
    this.retries = isDone || isReplaced ? 0 : this.retries + 1
    if (!isReplaced && (isDone || this.retries > MAX_ALARM_RETRIES)) storage.alarm = undefined
    if (storage.alarm !== undefined) this.ringAt(isReplaced ? storage.alarm : this.runtime.clock.now + ALARM_RETRY * 2 ** this.retries)
  }
}
