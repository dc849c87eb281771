import { isRunningTotal, type Reference } from '../reference.ts'
import type { Movement, Owed } from './movement.ts'

const DAY = 86_400_000
/** As long as the edge remembers (recorded.ts). */
const KEEP = 400 * DAY
/** An object forgets what it gave up after 30 days: nothing can be tried again then. */
const FORGOTTEN = 31 * DAY
/** Bound as one JSON text: an object's statements take 100 parameters. */
const AMONG = 'IN (SELECT value FROM json_each(?))'
const OPEN = "stage IN ('waiting', 'held', 'parked')"
/** Left out because of something else, which may change. */
const UNDECIDED = "stage = 'skipped' AND reason IN ('other-success-url', 'sale-not-recorded')"
/** What is shown as a movement of money, and not for the sweep's memory alone. */
const SHOWN = "kind IS NOT NULL AND stage IN ('recorded', 'skipped', 'parked', 'held', 'waiting')"

/** The books' one table: a row per movement of money, each as the order told it last. */
export class Movements {
  private readonly sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.sql = sql
    sql.exec(`
      CREATE TABLE IF NOT EXISTS movement (
        reference TEXT NOT NULL, transaction_id TEXT NOT NULL, provider TEXT NOT NULL, kind TEXT, at INTEGER NOT NULL,
        stage TEXT NOT NULL, reason TEXT NOT NULL, attributed TEXT, next_try INTEGER, told_at INTEGER NOT NULL, row TEXT NOT NULL,
        PRIMARY KEY (reference, transaction_id)
      ) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS movement_at ON movement (at);
      CREATE INDEX IF NOT EXISTS movement_open ON movement (stage, next_try) WHERE ${OPEN};
      CREATE INDEX IF NOT EXISTS movement_left_out ON movement (reason, reference) WHERE ${UNDECIDED};
    `)
  }

  write(owed: Owed, now: number): void {
    // Only a running total has several rows: a step that is settled stays, one that was not has become a part of this one.
    const isOnlyOne = 'isGone' in owed || !isRunningTotal(owed.reference)
    this.sql.exec(`DELETE FROM movement WHERE reference = ? AND (${OPEN} OR ?)`, owed.reference, isOnlyOne ? 1 : 0)
    if ('isGone' in owed) return
    const { reference, transactionId, provider, kind, at, stage, reason, attributed, nextTry } = owed
    const values = [reference, transactionId, provider, kind ?? null, at, stage, reason, attributed ?? null, nextTry ?? null, now]
    this.sql.exec('INSERT OR REPLACE INTO movement VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', ...values, JSON.stringify(owed))
  }

  /** The newest movements of money first. */
  latest(limit: number): Movement[] {
    return this.rows(`WHERE ${SHOWN} ORDER BY at DESC LIMIT ?`, limit)
  }

  /** Test purchases that were verified and left out. */
  rehearsed(limit: number): Movement[] {
    return this.rows("WHERE stage = 'skipped' AND reason = 'test-payment' ORDER BY at DESC LIMIT ?", limit)
  }

  /** What waits, is held or parked; the next to be tried first. */
  open(limit: number): Movement[] {
    return this.rows(`WHERE ${OPEN} ORDER BY next_try IS NULL, next_try LIMIT ?`, limit)
  }

  countOpen(): number {
    return this.number(`SELECT count(*) AS value FROM movement WHERE ${OPEN}`)
  }

  /** What should have been tried before some moment and was not. */
  overdue(before: number, limit: number): Movement[] {
    return this.rows(`WHERE ${OPEN} AND next_try < ? ORDER BY next_try LIMIT ?`, before, limit)
  }

  /** What waits at some providers for one reason, what is due soonest first. */
  waitingFor(reason: string, providers: readonly string[], limit: number): Movement[] {
    const condition = `WHERE ${OPEN} AND reason GLOB ? AND provider ${AMONG} ORDER BY next_try LIMIT ?`
    return this.rows(condition, `${reason}*`, JSON.stringify(providers), limit)
  }

  among(references: readonly string[]): Movement[] {
    return this.rows(`WHERE reference ${AMONG}`, JSON.stringify(references))
  }

  /** Everything of one span of time, whatever became of it. */
  between(from: number, to: number): Movement[] {
    return this.rows('WHERE at >= ? AND at < ? ORDER BY at', from, to)
  }

  /** First payments of a span, by day and by whether they have a visitor. */
  attribution(from: number): { day: string; attributed: string; count: number }[] {
    const query = `SELECT date(at / 1000, 'unixepoch') AS day, attributed, count(*) AS count FROM movement
      WHERE stage = 'recorded' AND kind IN ('sale', 'trial') AND at >= ? GROUP BY 1, 2`
    return this.sql.exec<{ day: string; attributed: string; count: number }>(query, from).toArray()
  }

  isEmpty(): boolean {
    return !this.number('SELECT count(*) AS value FROM (SELECT 1 FROM movement LIMIT 1)')
  }

  /** When a visitor cookie last came with an order, in ms; 0: never. */
  cookieSeenAt(since: number): number {
    return this.number("SELECT max(at) AS value FROM movement WHERE at >= ? AND json_extract(row, '$.cookie')", since)
  }

  /** What was given up, the newest first. */
  parked(limit: number): Movement[] {
    return this.rows(`WHERE ${OPEN} AND stage = 'parked' ORDER BY at DESC LIMIT ?`, limit)
  }

  /** What was left out for a reason that may be gone, as long as its order lives: the following ones by their reference. */
  leftOut(reason: string, after: string, limit: number): Movement[] {
    const condition = `WHERE ${UNDECIDED} AND reason = ? AND reference > ? AND told_at > ? ORDER BY reference LIMIT ?`
    return this.rows(condition, reason, after, Date.now() - FORGOTTEN, limit)
  }

  /** When the sweep last found a movement that no webhook had told of, in ms; 0: never. */
  foundBySweep(provider: string, since: number, until: number): number {
    const query = `SELECT max(at) AS value FROM movement WHERE provider = ? AND kind IN ('sale', 'renewal') AND stage IN ('recorded', 'held', 'waiting') AND at >= ? AND at < ?
      AND row LIKE '%"sweep"%' AND row NOT LIKE '%"webhook"%'`
    return this.number(query, provider, since, until)
  }

  /** The end of an order that its object has forgotten, or lost: nobody will tell the books of it any more. */
  lost(reference: Reference): void {
    this.sql.exec("DELETE FROM movement WHERE reference = ? AND stage IN ('waiting', 'held')", reference)
  }

  trim(now: number): void {
    this.sql.exec('DELETE FROM movement WHERE at < ?', now - KEEP)
    const givenUp = "stage = 'refused', row = json_set(row, '$.stage', 'refused')"
    this.sql.exec(`UPDATE movement SET ${givenUp} WHERE ${OPEN} AND stage = 'parked' AND told_at < ?`, now - FORGOTTEN)
  }

  private rows(condition: string, ...values: (string | number)[]): Movement[] {
    const found = this.sql.exec<{ row: string }>(`SELECT row FROM movement ${condition}`, ...values).toArray()
    return found.map(({ row }) => JSON.parse(row) as Movement)
  }

  private number(query: string, ...values: (string | number)[]): number {
    return this.sql.exec<{ value: number | null }>(query, ...values).toArray()[0]?.value ?? 0
  }
}
