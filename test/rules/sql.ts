import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'

/** The SQLite of an object, in memory: as much of it as the books use. */
export function sqlStorage(): SqlStorage {
  const database = new DatabaseSync(':memory:')
  const prepared = new Map<string, StatementSync>()
  const exec = (query: string, ...values: SQLInputValue[]) => {
    if (values.length || !query.includes(';')) {
      const statement = prepared.get(query) ?? database.prepare(query)
      prepared.set(query, statement)
      const rows = statement.all(...values)
      return { toArray: () => rows }
    }
    database.exec(query)
    return { toArray: () => [] }
  }
  return { exec } as unknown as SqlStorage
}
