import type { Response as Answer } from 'miniflare'
import { delivered } from '../../sandbox/world/provider-event.ts'
import type { Order } from './order.ts'
import { PAGES, type Runtime } from './runtime.ts'

/**
 * What became of whoever came to a door. `ms`: how long a visit took by the Worker's clock, less `lateMs`: how late its timers
 * went off. `tries`: how often they came.
 */
export type Landing = { landed: boolean; seen: string; ms: number; lateMs: number; tries: number }

/** The kills of a runtime. `count`: after how many it was started again so far; `over` resolves when the present one is over. */
export type Kills = { count: () => number; over: () => Promise<void> }

const VERIFY_BUDGET_MS = 2_500
/** For the way there and back, on a busy machine. */
const LANDS_WITHIN_MS = VERIFY_BUDGET_MS + 500
/** A machine that stands still delays everybody, and some do for seconds; more than this is nobody's excuse. */
export const LATE_AT_MOST_MS = 5_000
/** Providers wait for minutes to hours between two deliveries. */
const AGAIN_MS = 3_000
const DELIVERIES = 12

/** What somebody hears. `killed`: nothing, since the runtime was killed meanwhile; `no answer`: nothing, and no kill explains it. */
async function heard(ask: () => Promise<Answer>, kills: Kills | undefined): Promise<Answer | 'killed' | 'no answer'> {
  const before = kills?.count() ?? 0
  try {
    return await ask()
  } catch {
    await kills?.over()
    return kills && kills.count() > before ? 'killed' : 'no answer'
  }
}

/** A buyer comes back from the checkout. Whose connection a kill broke comes back once more, as soon as there is anybody. */
export async function comeBack(runtime: Runtime, order: Order, kills?: Kills): Promise<Landing> {
  for (let tries = 1; ; tries++) {
    const headers = { cookie: `theme=dark; datafast_visitor_id=${order.visitor}`, 'cf-connecting-ip': order.address }
    const answer = await heard(() => runtime.fetch(order.path, { redirect: 'manual', headers }), kills)
    if (answer === 'killed') continue
    if (answer === 'no answer') return { landed: false, seen: answer, ms: 0, lateMs: 0, tries }
    // As the Worker's clock says: this process plays the rest of the world, and may be busy.
    const lateMs = Number(answer.headers.get('x-late-ms'))
    const ms = Number(answer.headers.get('x-took-ms')) - lateMs
    const location = answer.headers.get('location') ?? 'nowhere'
    const isConfigured = answer.status === 303 && Object.values(PAGES).includes(location)
    const seen = `${answer.status} to ${location} after ${ms} ms, timers late by ${lateMs} ms`
    return { landed: isConfigured && ms <= LANDS_WITHIN_MS && lateMs <= LATE_AT_MOST_MS, seen, ms, lateMs, tries }
  }
}

/**
 * A provider tells of an order, and goes on telling until it hears a 200.
 * @param refusals - how many 503 are explained by what goes wrong: one more is too many
 */
export async function announce(runtime: Runtime, order: Order, refusals: number, kills?: Kills): Promise<Landing> {
  const startedAt = performance.now()
  const answers: (number | 'killed' | 'no answer')[] = []
  while (answers.length < DELIVERIES) {
    const { path, ...request } = delivered(order.event)
    const answer = await heard(() => runtime.fetch(path, { method: 'POST', ...request }), kills)
    answers.push(typeof answer === 'string' ? answer : answer.status)
    if (answers.at(-1) === 200) break
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
  }
  const isExpected = answers.every((answer) => answer === 200 || answer === 503 || answer === 'killed')
  const isRefusedTooOften = answers.filter((answer) => answer === 503).length > refusals
  const landed = isExpected && !isRefusedTooOften && answers.at(-1) === 200
  return { landed, seen: answers.join(', '), ms: performance.now() - startedAt, lateMs: 0, tries: answers.length }
}

/** Nobody comes to the third door: the cron run does. */
export const NOBODY: Landing = { landed: true, seen: 'nobody', ms: 0, lateMs: 0, tries: 0 }
