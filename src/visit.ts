import { redirectTo } from './answer.ts'
import { deliver, secure } from './arrivals.ts'
import type { Env } from './env.ts'
import { chargeUnknown, isOverLimit } from './limiter.ts'
import { log } from './log.ts'
import { orderNamed } from './order/order-named.ts'
import type { Arrival, Verdict } from './order/state.ts'
import { destination } from './page.ts'
import { providerNamed } from './providers/index.ts'
import type { Reading } from './providers/provider.ts'
import { readRecorded } from './recorded.ts'
import { logName, type Reference } from './reference.ts'
import { type Settings, settingsFor } from './settings.ts'
import { readVisitorCookies } from './visitor.ts'
import { within } from './within.ts'

/** KV is read first on every visit and may take this much of the buyer's time. */
const MEMORY_PATIENCE_MS = 300
/** Even a buyer who is to be redirected at once waits this long for the arrival to be stored. */
const STORING_PATIENCE_MS = 100
/** A form a checkout returns with holds a few ids. */
const MAX_FORM_BYTES = 16_384

/**
 * A buyer returns from the checkout: which order, is it recorded already, is it paid, onwards. The buyer is redirected
 * within the budget whatever happens; the order's object does the rest.
 */
export async function visit(request: Request, env: Env, ctx: ExecutionContext, providerName: string | undefined): Promise<Response> {
  const startedAt = Date.now()
  const settings = settingsFor(env)
  const here = new URL(request.url)
  const reading = await readReturn(request, here, providerName, settings)
  const verdict: Verdict =
    reading.is === 'invalid'
      ? { outcome: 'invalid', reason: reading.reason }
      : request.method === 'HEAD'
        ? { outcome: 'pending', reason: 'head' }
        : await settle(reading.reference, request, env, ctx, settings, startedAt)

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

async function settle(
  reference: Reference,
  request: Request,
  env: Env,
  ctx: ExecutionContext,
  settings: Settings,
  startedAt: number,
): Promise<Verdict> {
  const deadline = startedAt + settings.verifyBudgetMs
  const patience = () => Math.max(deadline - Date.now(), STORING_PATIENCE_MS)
  const visitors = readVisitorCookies(request.headers.get('cookie'))

  const memory = await readRecorded(env, reference, Math.min(patience(), MEMORY_PATIENCE_MS))
  if (memory && (memory.attributed !== 'no' || !visitors.length)) {
    return { outcome: 'repeat', reason: 'recorded', transactionId: memory.transactionId }
  }
  if (!memory && (await isOverLimit(env, request))) return { outcome: 'pending', reason: 'rate-limited' }

  const arrival: Arrival = { reference, door: 'redirect', at: startedAt, visitors }
  const stored = deliver(env, arrival)
  const secured = secure(env, arrival, stored)
  ctx.waitUntil(secured)
  // Asked in the same breath: calls to one object arrive in their order.
  const asked = settings.verifyBudgetMs > 0 ? askVerdict(env, reference) : undefined
  if (asked) ctx.waitUntil(asked.catch(() => {}))

  const verdict = asked && (await within(asked, deadline - Date.now(), undefined).catch(() => 'unreachable' as const))
  if (verdict && verdict !== 'unreachable') {
    if (verdict.outcome === 'unknown') ctx.waitUntil(chargeUnknown(env, request))
    // Recorded since this buyer came: to them it is still the first time.
    return (verdict.recordedAt ?? 0) >= startedAt ? { ...verdict, outcome: 'paid' } : verdict
  }
  const where = await within(secured, patience(), 'slow')
  if (where === 'nowhere') return { outcome: 'pending', reason: 'not-stored' }
  return { outcome: 'pending', reason: verdict ?? (asked ? 'slow' : 'redirect-at-once') }
}

async function askVerdict(env: Env, reference: Reference): Promise<Verdict> {
  return orderNamed(env, reference).verdict()
}

async function readReturn(
  request: Request,
  here: URL,
  providerName: string | undefined,
  settings: Settings,
): Promise<Reading | { is: 'invalid'; reason: string }> {
  const provider = providerNamed(providerName)
  if (!provider) return { is: 'invalid', reason: providerName ? 'unknown-provider' : 'missing-provider' }
  const parameters = new URLSearchParams(here.searchParams)
  for (const [name, value] of await readForm(request, settings.verifyBudgetMs)) parameters.append(name, value)
  return provider.readReturn(parameters)
}

/** Some checkouts return by form; whatever cannot be read in time counts as no field at all. */
async function readForm(request: Request, budgetMs: number): Promise<URLSearchParams> {
  const { headers } = request
  const isForm = request.method === 'POST' && headers.get('content-type')?.startsWith('application/x-www-form-urlencoded')
  if (!isForm || Number(headers.get('content-length') ?? Number.POSITIVE_INFINITY) > MAX_FORM_BYTES) return new URLSearchParams()
  return new URLSearchParams(await within(request.text(), budgetMs / 2, '').catch(() => ''))
}

/** A page the browser loads ahead of a click: its answer might be reused, and the real visit never seen. */
export function isSpeculative(request: Request): boolean {
  return ['sec-purpose', 'purpose', 'x-moz', 'x-purpose'].some((name) =>
    /prefetch|prerender|preview/i.test(request.headers.get(name) ?? ''),
  )
}
