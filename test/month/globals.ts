/** The globals that the Worker's source finds, for as long as the month lasts: the simulated clock, the simulated internet, chance from a seed. */
import crypto, { webcrypto } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import type { Clock, Happening } from './clock.ts'
import type { Dice } from './dice.ts'
import type { Runtime } from './runtime.ts'
import { countRealWork } from './settled.ts'

type Fetch = (url: string, init: RequestInit & { deadline?: number }) => Promise<Response>

/** @returns gives Node its own back */
export function replaceGlobals(clock: Clock, runtime: Runtime, dice: Dice, fetch: Fetch, log: (line: string) => void): () => void {
  const undo = [countRealWork(), replaceClock(clock, runtime), replaceChance(dice)]
  const deadlines = new WeakMap<AbortSignal, number>()
  undo.push(
    replace(AbortSignal, 'timeout', (ms: number) => {
      const { signal } = new AbortController()
      deadlines.set(signal, clock.now + ms)
      return signal
    }),
    replace(globalThis, 'fetch', (url: string, init: RequestInit = {}) => {
      const { signal, ...rest } = init
      return fetch(url, { ...rest, deadline: signal ? deadlines.get(signal) : undefined })
    }),
    replace(console, 'log', log),
    replace(console, 'error', log),
  )
  return () => {
    for (const one of undo.reverse()) one()
  }
}

function replaceClock(clock: Clock, runtime: Runtime): () => void {
  class SimulatedDate extends Date {
    constructor(...values: [] | [number | string | Date]) {
      if (values.length) super(...(values as [number]))
      else super(clock.now)
    }
    static override now(): number {
      return clock.now
    }
  }
  const undo = [
    replace(globalThis, 'Date', SimulatedDate),
    replace(globalThis, 'setTimeout', runtime.timer.bind(runtime)),
    replace(globalThis, 'clearTimeout', (happening: Happening | undefined) => {
      if (happening) happening.act = undefined
    }),
  ]
  return () => {
    for (const one of undo) one()
  }
}

function replaceChance(dice: Dice): () => void {
  const bytes = (size: number) => Buffer.from(dice.fill(new Uint8Array(size)))
  const undo = [
    replace(Math, 'random', () => dice.next()),
    replace(webcrypto, 'randomUUID', () => dice.uuid()),
    replace(crypto, 'randomUUID', () => dice.uuid()),
    replace(crypto, 'randomBytes', bytes),
  ]
  syncBuiltinESMExports()
  return () => {
    for (const one of undo) one()
    syncBuiltinESMExports()
  }
}

function replace(owner: object, name: string, value: unknown): () => void {
  const original = Object.getOwnPropertyDescriptor(owner, name)
  Object.defineProperty(owner, name, { value, configurable: true, writable: true, enumerable: original?.enumerable ?? true })
  return () => {
    if (original) Object.defineProperty(owner, name, original)
    else Reflect.deleteProperty(owner, name)
  }
}
