/** What one object has stored: as with the real one, what is written in a turn becomes durable a moment later, all of it or nothing. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { Clock } from './clock.ts'

/** A write takes so long to become durable, in ms. */
const COMMIT_MS = 4

export class ObjectStorage {
  /** What a crash leaves. */
  readonly durable = new Map<string, unknown>()
  /** When the object is to be woken, in ms. */
  alarm: number | undefined
  private readonly clock: Clock
  /** Told when a durable alarm is set. */
  private readonly onAlarm: (at: number) => void
  private changes: { values: Map<string, unknown>; isCleared: boolean; alarm?: { at: number | undefined } } | undefined
  private committed: PromiseWithResolvers<void> | undefined
  private database: DatabaseSync | undefined
  private readonly statements = new Map<string, StatementSync>()
  private isInTransaction = false

  constructor(clock: Clock, onAlarm: (at: number) => void) {
    this.clock = clock
    this.onAlarm = onAlarm
  }

  /** Resolves when everything written is durable; `undefined`: it is. */
  gate(): Promise<void> | undefined {
    return this.committed?.promise
  }

  /** A crash: what was not durable yet was never written. */
  rollBack(): void {
    this.changes = undefined
    this.committed = undefined
    if (this.isInTransaction) this.database?.exec('ROLLBACK')
    this.isInTransaction = false
  }

  /** As much of the real one as the Worker uses. */
  readonly api = {
    kv: {
      get: (key: string): unknown => structuredClone(this.read(key)),
      put: (key: string, value: unknown): void => {
        this.change().values.set(key, structuredClone(value))
      },
      delete: (key: string): void => {
        this.change().values.set(key, undefined)
      },
    },
    sql: { exec: (query: string, ...values: SQLInputValue[]) => this.exec(query, values) },
    getAlarm: async (): Promise<number | null> => (this.changes?.alarm ?? { at: this.alarm }).at ?? null,
    setAlarm: async (at: number): Promise<void> => {
      this.change().alarm = { at: Number(at) }
    },
    deleteAlarm: async (): Promise<void> => {
      this.change().alarm = { at: undefined }
    },
    // Since 2026-02-24 the alarm goes with everything else (compatibility flag delete_all_deletes_alarm).
    deleteAll: async (): Promise<void> => {
      this.change()
      this.changes = { values: new Map(), isCleared: true, alarm: { at: undefined } }
    },
  }

  private read(key: string): unknown {
    const { changes } = this
    if (changes?.values.has(key)) return changes.values.get(key)
    return changes?.isCleared ? undefined : this.durable.get(key)
  }

  private change() {
    if (!this.committed) {
      const committed = Promise.withResolvers<void>()
      this.committed = committed
      this.clock.in(COMMIT_MS, () => {
        if (this.committed === committed) this.commit()
      })
    }
    this.changes ??= { values: new Map(), isCleared: false }
    return this.changes
  }

  private commit(): void {
    const { changes, committed } = this
    this.changes = undefined
    this.committed = undefined
    if (this.isInTransaction) this.database?.exec('COMMIT')
    this.isInTransaction = false
    if (changes?.isCleared) this.durable.clear()
    for (const [key, value] of changes?.values ?? []) {
      if (value === undefined) this.durable.delete(key)
      else this.durable.set(key, value)
    }
    if (changes?.alarm) {
      this.alarm = changes.alarm.at
      if (this.alarm !== undefined) this.onAlarm(this.alarm)
    }
    committed?.resolve()
  }

  private exec(query: string, values: SQLInputValue[]) {
    this.database ??= new DatabaseSync(':memory:')
    if (!/^\s*SELECT/.test(query)) {
      this.change()
      if (!this.isInTransaction) this.database.exec('BEGIN')
      this.isInTransaction = true
    }
    if (!values.length && query.includes(';')) {
      this.database.exec(query)
      return { toArray: () => [] }
    }
    const statement = this.statements.get(query) ?? this.database.prepare(query)
    this.statements.set(query, statement)
    const rows = statement.all(...values)
    return { toArray: () => rows }
  }
}
