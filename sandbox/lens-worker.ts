import { join } from 'node:path'
import { type TestHarness, unstable_readConfig } from 'wrangler'
import type { State } from '../src/order/state.ts'

const LENS = 'lens'

/**
 * The second Worker of lens.ts, to start beside the real one. Reading an order through the harness itself blocks Node, for
 * good when the runtime is closed meanwhile; this one answers in plain JSON.
 */
export function lensWorker() {
  const { name, compatibility_date } = unstable_readConfig({ config: join(import.meta.dirname, '../wrangler.toml') })
  if (!name || !compatibility_date) throw new Error('wrangler.toml lacks a name or a compatibility_date')
  const bindings = [{ name: 'ORDERS', class_name: 'Order', script_name: name }]
  return { config: { name: LENS, main: 'sandbox/lens.ts', compatibility_date, durable_objects: { bindings } } }
}

/** How orders stand; `undefined` where an object holds nothing. */
export async function lookAtOrders(harness: TestHarness, references: string[]): Promise<(State | undefined)[]> {
  if (!references.length) return []
  const answer = await harness.getWorker(LENS).fetch('/', { method: 'POST', body: JSON.stringify(references) })
  const states = (await answer.json()) as (State | null)[]
  return states.map((state) => state ?? undefined)
}
