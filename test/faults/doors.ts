import { delivered } from '../../sandbox/world/provider-event.ts'
import type { Order } from './order.ts'
import { PAGES, type Runtime } from './runtime.ts'

/** What became of whoever came to a door. `tries`: how often they came. */
export type Landing = { landed: boolean; seen: string; ms: number; tries: number }

const VERIFY_BUDGET_MS = 2_500
/** For the way there and back, on a busy machine. */
const LANDS_WITHIN_MS = VERIFY_BUDGET_MS + 500
/** Providers wait for minutes to hours between two deliveries. */
const AGAIN_MS = 3_000
const DELIVERIES = 12

/** A buyer comes back from the checkout. Whose connection breaks comes back once more, as soon as there is anybody. */
export async function comeBack(runtime: Runtime, order: Order, again: () => Promise<void> = async () => {}): Promise<Landing> {
  for (let tries = 1; ; tries++) {
    const headers = { cookie: `theme=dark; datafast_visitor_id=${order.visitor}`, 'cf-connecting-ip': order.address }
    const response = await runtime.fetch(order.path, { redirect: 'manual', headers }).catch(() => undefined)
    if (!response && tries < DELIVERIES) {
      await again()
      continue
    }
    // As the Worker's clock says: this process plays the rest of the world, and may be busy.
    const ms = Number(response?.headers.get('x-took-ms'))
    const location = response?.headers.get('location') ?? 'nowhere'
    const isConfigured = response?.status === 303 && Object.values(PAGES).includes(location)
    const seen = `${response?.status ?? 'no answer'} to ${location} after ${ms} ms`
    return { landed: isConfigured && ms <= LANDS_WITHIN_MS, seen, ms, tries }
  }
}

/** A provider tells of an order, and goes on telling until it hears a 200. */
export async function announce(runtime: Runtime, order: Order, again: () => Promise<void> = async () => {}): Promise<Landing> {
  const startedAt = performance.now()
  const statuses: (number | 'no answer')[] = []
  while (statuses.length < DELIVERIES) {
    const { path, ...request } = delivered(order.event)
    const response = await runtime.fetch(path, { method: 'POST', ...request }).catch(() => undefined)
    statuses.push(response?.status ?? 'no answer')
    if (response?.status === 200) break
    await again()
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
  }
  const isExpected = statuses.every((status) => status === 200 || status === 503 || status === 'no answer')
  const landed = isExpected && statuses.at(-1) === 200
  return { landed, seen: statuses.join(', '), ms: performance.now() - startedAt, tries: statuses.length }
}

/** Nobody comes to the third door: the cron run does. */
export const NOBODY: Landing = { landed: true, seen: 'nobody', ms: 0, tries: 0 }
