import { redirectTo } from './answer.ts'
import { deliver, secure } from './arrivals.ts'
import type { Env } from './env.ts'
import { isOverLimit } from './limiter.ts'
import { log } from './log.ts'
import type { Order } from './order/object.ts'
import { orderNamed } from './order/order-named.ts'
import type { Arrival, Verdict } from './order/state.ts'
import { destination } from './page.ts'
import { providerNamed } from './providers/index.ts'
import type { Reading } from './providers/provider.ts'
import { readRecorded } from './recorded.ts'
import { logName, type Reference } from './reference.ts'
import type { Settings } from './settings.ts'
import { readVisitorCookies } from './visitor.ts'
import { within } from './within.ts'

/** KV is read first on every visit and may take this much of the buyer's time. */
const MEMORY_PATIENCE_MS = 300
/** Even a buyer who is to be redirected at once waits this long for the arrival to be stored. */
const STORING_PATIENCE_MS = 100
/** A form a checkout returns with holds a few ids. */
const MAX_FORM_BYTES = 16_384
/** Its body may come a moment after its headers, whatever the budget is. */
const MIN_FORM_PATIENCE_MS = 300

/** What is told of an order that has not said anything of itself. */
const UNREACHABLE: Verdict = { outcome: 'pending', reason: 'unreachable' }
const SLOW: Verdict = { outcome: 'pending', reason: 'slow' }
const UNHEARD = [UNREACHABLE.reason, SLOW.reason, 'not-started']

/** A request with everything around it. `here`: its address. */
export type Call = { request: Request; here: URL; env: Env; ctx: ExecutionContext; settings: Settings }

/**
 * A buyer returns from the checkout: which order, is it recorded already, is it paid, onwards. The buyer is redirected
 * within the budget whatever happens; the order's object does the rest.
 */
export async function visit(call: Call, providerName: string | undefined): Promise<Response> {
  const startedAt = Date.now()
  const { request, settings, here } = call
  const reading = await readReturn(call, providerName)
  const verdict: Verdict =
    reading.is === 'invalid'
      ? { outcome: 'invalid', reason: reading.reason }
      : request.method === 'HEAD'
        ? { outcome: 'pending', reason: 'head' }
        : await settle(call, reading.reference, startedAt)

  log('quiet', {
    event: 'visit',
    outcome: verdict.outcome,
    reason: verdict.reason,
    provider: providerNamed(providerName)?.name,
    order: reading.is === 'reference' ? logName(reading.reference) : undefined,
    ms: Date.now() - startedAt,
  })
  return redirectTo(destination(settings, here, verdict.outcome, verdict.transactionId), verdict.outcome)
}

async function settle({ request, here, env, ctx, settings }: Call, reference: Reference, startedAt: number): Promise<Verdict> {
  const { verifyBudgetMs } = settings
  const leftMs = () => startedAt + (verifyBudgetMs || STORING_PATIENCE_MS) - Date.now()
  const cookie = request.headers.get('cookie')
  const visitors = readVisitorCookies(cookie)

  const memory = await readRecorded(env, reference, Math.min(leftMs(), MEMORY_PATIENCE_MS))
  const repeat: Verdict | undefined = memory && { outcome: 'repeat', reason: 'recorded', transactionId: memory.transactionId }
  if (repeat && (memory?.attributed !== 'no' || !visitors.length)) return repeat
  if (!repeat && (await isOverLimit(env, request, leftMs()))) return { outcome: 'pending', reason: 'rate-limited' }

  const badCookie = !visitors.length && /(^|;)\s*datafast_visitor_id\s*=/.test(cookie ?? '')
  const arrival: Arrival = { reference, door: 'redirect', at: startedAt, visitors, here: here.origin, badCookie: badCookie || undefined }
  // One stub for both calls: through it they arrive in their order.
  const order = env.ORDERS && orderNamed(env, reference)
  const secured = secure(env, arrival, deliver(env, arrival, order))
  ctx.waitUntil(secured)
  // A visitor for what was recorded without one: the order may add it, the buyer need not wait for that.
  if (repeat || !verifyBudgetMs) {
    await within(secured, leftMs(), undefined)
    return repeat ?? { outcome: 'pending', reason: 'redirect-at-once' }
  }
  const asked = askVerdict(order).catch(() => UNREACHABLE)
  ctx.waitUntil(asked)

  const verdict = await within(asked, leftMs(), SLOW)
  // The order may not even have it, and the buyer is the only one who could bring it again: as long as their time allows.
  if (UNHEARD.includes(verdict.reason)) {
    const stored = (await within(secured, leftMs(), 'slow')) !== 'nowhere'
    return stored ? verdict : { outcome: 'pending', reason: 'not-stored' }
  }
  // Recorded since this buyer came: to them it is still the first time.
  return (verdict.recordedAt ?? 0) >= startedAt ? { ...verdict, outcome: 'paid' } : verdict
}

async function askVerdict(order: DurableObjectStub<Order> | undefined): Promise<Verdict> {
  return order?.verdict() ?? UNREACHABLE
}

async function readReturn(
  { request, here, settings }: Call,
  providerName: string | undefined,
): Promise<Reading | { is: 'invalid'; reason: string }> {
  const provider = providerNamed(providerName)
  if (!provider) return { is: 'invalid', reason: providerName ? 'unknown-provider' : 'missing-provider' }
  const parameters = new URLSearchParams(here.search)
  const patienceMs = Math.max(settings.verifyBudgetMs / 2, MIN_FORM_PATIENCE_MS)
  const form = isForm(request) ? await within(request.text(), patienceMs, '') : ''
  for (const [name, value] of new URLSearchParams(form)) if (!parameters.has(name, value)) parameters.append(name, value)
  return provider.readReturn(parameters)
}

/** Some checkouts return by form; whatever cannot be read in time counts as no field at all. */
function isForm({ method, headers }: Request): boolean {
  const isSmall = Number(headers.get('content-length') ?? Number.NaN) <= MAX_FORM_BYTES
  return method === 'POST' && isSmall && /^application\/x-www-form-urlencoded/i.test(headers.get('content-type') ?? '')
}
