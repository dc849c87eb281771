/** The runtime as a whole: it carries what its parts ask of others, and now and then it dies. */
import { type Actor, actAs, actor } from './actor.ts'
import type { Clock, Happening } from './clock.ts'
import type { Dice } from './dice.ts'

/** How an operation goes: how long it takes in ms, and whether its connection breaks before or after it was done, or it never ends. */
export type Course = { takes: number; fails?: 'before' | 'after' | 'never' }

/** Thrown to whoever asked: nobody knows whether it was done. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'
}

export class Runtime {
  readonly clock: Clock
  readonly dice: Dice
  /** Counts up with each death: what belongs to an earlier life has no effect any more. */
  life = 1
  /** At which steps it died. */
  readonly deaths = new Map<string, number>()
  /** What the Worker's code threw to the runtime itself, and nobody caught: from a request, the cron run or an alarm. */
  readonly thrown: string[] = []
  steps = 0
  /** How likely it is to die at one step; asked every time. */
  private readonly mortality: () => number
  private readonly mourners: (() => void)[] = []

  constructor(clock: Clock, dice: Dice, mortality: () => number) {
    this.clock = clock
    this.dice = dice
    this.mortality = mortality
  }

  /** Is told of every death, when it has happened. */
  onDeath(tell: () => void): void {
    this.mourners.push(tell)
  }

  /**
   * The whole runtime is gone, as when a machine loses power: what was in memory and in flight with it. Not in the middle of a
   * turn, of which real ones write all or nothing.
   */
  die(step: string): void {
    const { life } = this
    this.clock.in(0, () => {
      if (this.life !== life) return
      this.life += 1
      this.deaths.set(step, (this.deaths.get(step) ?? 0) + 1)
      for (const tell of this.mourners) tell()
    })
  }

  /** @param where - what was called, and threw */
  hasThrown(where: string, error: unknown): void {
    this.thrown.push(`${where} threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`)
  }

  lives(who: Actor | undefined): boolean {
    return !who || (who.life === this.life && !who.isCut)
  }

  /** Whether, and when, the runtime dies around one step. */
  fate(): 'before' | 'between' | 'after' | undefined {
    this.steps += 1
    if (!this.dice.chance(this.mortality())) return undefined
    return this.dice.pick(['before', 'between', 'after'])
  }

  /**
   * Something is asked of the world outside. What has left the runtime happens, whether or not it lives on; the answer
   * comes only if it does.
   *
   * @param step - what it is called among the deaths
   */
  ask<Result>(step: string, { takes, fails }: Course, act: () => Result | Promise<Result>): Promise<Result> {
    const who = actor()
    const fate = this.fate()
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    const answer = (give: () => void) => {
      this.clock.in(takes / 2, () => {
        if (!this.lives(who)) return
        if (fate === 'after') return this.die(step)
        if (who) who.pending -= 1
        give()
      })
      if (fate === 'between' && this.lives(who)) this.die(step)
    }
    const leave = () => {
      if (!this.lives(who)) return
      if (fate === 'before') return this.die(step)
      this.clock.in(takes / 2, () => {
        if (fails === 'before') return answer(() => reject(new ConnectionLost()))
        const done = actAs(undefined, async () => act())
        done.then(
          (result) => {
            if (fails !== 'never') answer(() => (fails === 'after' ? reject(new ConnectionLost()) : resolve(result)))
          },
          (error: unknown) => answer(() => reject(error)),
        )
      })
    }
    if (who) who.pending += 1
    this.throughGate(who, leave)
    return promise
  }

  /** Nothing leaves an object before what it wrote is durable. */
  throughGate(who: Actor | undefined, leave: () => void): void {
    const gate = who?.gate()
    if (gate) void gate.then(leave)
    else leave()
  }

  /** A timer of the code that is running. */
  timer(act: (...values: unknown[]) => void, ms: number, ...values: unknown[]): Happening {
    const who = actor()
    return this.clock.in(Math.max(0, ms), () => {
      if (this.lives(who)) actAs(who, () => act(...values))
    })
  }
}
