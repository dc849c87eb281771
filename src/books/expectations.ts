import type { Listed } from '../providers/listing.ts'
import type { Reference } from '../reference.ts'
import type { Expected } from './proof.ts'

/** What the providers' own lists say of the last days: the other side of the daily proof. */
export class Expectations {
  private readonly sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.sql = sql
    sql.exec('CREATE TABLE IF NOT EXISTS expected (reference TEXT PRIMARY KEY, at TEXT NOT NULL, money TEXT) WITHOUT ROWID')
  }

  add(listed: readonly Listed[]): void {
    for (const { reference, at, money } of listed) {
      this.sql.exec('INSERT OR REPLACE INTO expected VALUES (?, ?, ?)', reference, at, money ? JSON.stringify(money) : null)
    }
  }

  /** @param from - a day, such as 2026-11-25; `to`: the first day not wanted any more */
  between(from: string, to: string): Expected[] {
    const query = 'SELECT reference, money FROM expected WHERE at >= ? AND at < ?'
    const rows = this.sql.exec<{ reference: Reference; money: string | null }>(query, from, to).toArray()
    return rows.map(({ reference, money }) => ({ reference, money: money ? JSON.parse(money) : undefined }))
  }

  /** Every name that any list had. */
  names(): Set<string> {
    return new Set(
      this.sql
        .exec<{ reference: string }>('SELECT reference FROM expected')
        .toArray()
        .map(({ reference }) => reference),
    )
  }

  trim(before: number): void {
    this.sql.exec('DELETE FROM expected WHERE at < ?', new Date(before).toISOString())
  }
}
