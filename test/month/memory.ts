/** Workers KV: a map that the whole world shares, read through caches that may be a minute behind. */
import type { Course, Runtime } from './runtime.ts'

/** How long another place may still read what was there before (developers.cloudflare.com/kv/concepts/how-kv-works). */
const BEHIND = 60_000
/** How often a reading is one of those. */
const STALE = 0.3
/** One key takes one write a second (developers.cloudflare.com/kv/platform/limits). */
const BETWEEN_WRITES = 1_000

/** Thrown to whoever writes to a key again too soon. */
export class TooManyWrites extends Error {
  override readonly name = 'TooManyWrites'
}

type Stored = { text: string; metadata: unknown; expiresAt: number }
type Entry = { stored: Stored | undefined; before: Stored | undefined; writtenAt: number }
type PutOptions = { expirationTtl?: number; metadata?: unknown }

export class Memory {
  private readonly entries = new Map<string, Entry>()
  private readonly runtime: Runtime
  private readonly course: () => Course

  /** @param course - how the next operation goes */
  constructor(runtime: Runtime, course: () => Course) {
    this.runtime = runtime
    this.course = course
  }

  /** What is stored now, by key. */
  *contents(): Iterable<[key: string, text: string]> {
    for (const [key, { stored }] of this.entries) if (stored && stored.expiresAt > this.runtime.clock.now) yield [key, stored.text]
  }

  /** As much of a namespace as the Worker uses. */
  readonly api = {
    get: (keys: string | string[], type?: string) =>
      this.ask('read', () => {
        const value = (key: string) => readAs(this.read(key), type)
        return Array.isArray(keys) ? new Map(keys.map((key) => [key, value(key)])) : value(keys)
      }),
    getWithMetadata: (key: string, type?: string) =>
      this.ask('read', () => {
        const stored = this.read(key)
        return { value: readAs(stored, type), metadata: stored ? structuredClone(stored.metadata) : null }
      }),
    put: (key: string, text: string, { expirationTtl = Number.POSITIVE_INFINITY, metadata = null }: PutOptions = {}) =>
      this.ask('write', () => this.write(key, { text, metadata, expiresAt: this.runtime.clock.now + expirationTtl * 1000 })),
    delete: (key: string) => this.ask('delete', () => this.write(key, undefined)),
    list: ({ prefix }: { prefix: string }) =>
      this.ask('list', () => {
        const { now } = this.runtime.clock
        const names = [...this.entries.keys()].filter((name) => name.startsWith(prefix))
        const there = names.filter((name) => (this.entries.get(name)?.stored?.expiresAt ?? 0) > now)
        return { keys: there.sort().map((name) => ({ name })), list_complete: true }
      }),
  }

  private ask<Result>(what: string, act: () => Result): Promise<Result> {
    return this.runtime.ask(`kv ${what}`, this.course(), act)
  }

  private read(key: string): Stored | undefined {
    const entry = this.entries.get(key)
    if (!entry) return undefined
    const { now } = this.runtime.clock
    const { stored, before, writtenAt } = entry
    const seen = now - writtenAt < BEHIND && this.runtime.dice.chance(STALE) ? before : stored
    return seen && seen.expiresAt > now ? seen : undefined
  }

  private write(key: string, stored: Stored | undefined): void {
    const { now } = this.runtime.clock
    const known = this.entries.get(key)
    if (known && stored && now - known.writtenAt < BETWEEN_WRITES) throw new TooManyWrites('429 Too Many Requests')
    this.entries.set(key, { stored, before: known?.stored, writtenAt: now })
  }
}

function readAs(stored: Stored | undefined, type: string | undefined): unknown {
  if (!stored) return null
  return type === 'json' ? JSON.parse(stored.text) : stored.text
}
