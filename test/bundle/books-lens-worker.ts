import type { TestHarness } from 'wrangler'

const LENS = 'books-lens'

/** The Worker of books-lens.ts, to start beside the real one. */
export function booksLens() {
  const bindings = [{ name: 'LEDGER', class_name: 'Ledger', script_name: 'success-url' }]
  return { config: { name: LENS, main: 'test/bundle/books-lens.ts', compatibility_date: '2026-10-01', durable_objects: { bindings } } }
}

/** Calls a method of the books. */
export async function askBooks<Answer>(harness: TestHarness, method: string, ...parameters: unknown[]): Promise<Answer> {
  const answer = await harness.getWorker(LENS).fetch('/', { method: 'POST', body: JSON.stringify({ method, parameters }) })
  if (!answer.ok) throw new Error(await answer.text())
  return (await answer.json()) as Answer
}
