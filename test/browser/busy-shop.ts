import { expect, vi } from 'vitest'
import type { ProviderName } from '../../src/providers/index.ts'
import type { StatusReport } from '../../src/status/report.ts'
import { lemonSqueezyId, sessionId } from '../bundle/ids.ts'
import { SELLERS } from '../bundle/sellers.ts'
import type { openShop } from './buyer.ts'
import { SOON } from './buyer.ts'

type Sandbox = Awaited<ReturnType<typeof openShop>>['sandbox']

const DAY = 86_400_000

/** The status as a script reads it. */
export async function statusOf({ origin }: Pick<Sandbox, 'origin'>): Promise<StatusReport> {
  const answer = await fetch(`${origin}/checkout/status`, { headers: { accept: 'application/json', 'cf-connecting-ip': address() } })
  return (await answer.json()) as StatusReport
}

/**
 * A shop a month old, on a day on which not everything goes well: sales of every day, most of them attributed; a provider and
 * DataFast that are down for some; a key that lacks a permission; a test purchase.
 */
export async function makeBusy(sandbox: Sandbox): Promise<void> {
  const { world } = sandbox
  for (const [daysAgo, count] of [3, 2, 4, 1, 0, 2, 3, 5, 2, 4, 3, 0, 1, 2, 6, 4, 3, 2, 3, 5, 1, 2, 4, 3, 7, 2, 3, 1, 3, 2].entries()) {
    await Promise.all(Array.from({ length: count }, (_, nth) => sellAt(sandbox, Date.now() - (daysAgo + 0.1 + nth / 20) * DAY, nth)))
  }
  const test = lemonSqueezyId()
  world.lemonSqueezy.sell(test, { test_mode: true, created_at: new Date().toISOString() })
  await comesBack(sandbox, 'lemonsqueezy', SELLERS.lemonsqueezy.returning(world, test), true)
  world.stripe.forbidden.add('refunds')
  await sandbox.worker.sweep()
  await vi.waitFor(async () => expect((await statusOf(sandbox)).incidents).toHaveLength(1), SOON)
  // After the sweep, which would find what waits for its provider.
  world.service('creem').failFor('checkouts', { kind: 'answer', status: 503, headers: { 'retry-after': '3600' } })
  await pays(sandbox, 'knot-guide')
  world.service('datafast').failFor('"amount":49', { kind: 'answer', status: 502, headers: { 'retry-after': '3600' } })
  await pays(sandbox, 'beacon-mono')
  await vi.waitFor(async () => {
    const { waiting, rehearsal, attribution } = await statusOf(sandbox)
    expect([waiting.length, rehearsal.length, attribution.recorded]).toEqual([2, 1, 83])
  }, SOON)
}

/** The nth sale of some day, through one of two providers. On the best days some buyers have no cookie. */
async function sellAt(sandbox: Sandbox, at: number, nth: number): Promise<void> {
  const { world } = sandbox
  if (nth % 3 === 1) {
    const id = SELLERS.dodo.id()
    world.dodo.sell(id, { created_at: new Date(at).toISOString() })
    return comesBack(sandbox, 'dodo', `payment_id=${id}`, true)
  }
  const id = sessionId()
  world.stripe.sell(id, { created: Math.floor(at / 1000), payment_intent: `pi_${id.slice(8)}` })
  return comesBack(sandbox, 'stripe', `session_id=${id}`, nth < 4)
}

async function comesBack({ origin }: Sandbox, provider: ProviderName, query: string, withCookie: boolean): Promise<void> {
  const cookie = withCookie ? { cookie: `datafast_visitor_id=${crypto.randomUUID()}` } : undefined
  await fetch(`${origin}/checkout/success/${provider}?${query}`, {
    redirect: 'manual',
    headers: { ...cookie, 'cf-connecting-ip': address() },
  })
}

async function pays({ origin }: Sandbox, product: string): Promise<void> {
  const headers = { cookie: `datafast_visitor_id=${crypto.randomUUID()}` }
  await fetch(`${origin}/pay/${product}`, { method: 'POST', headers })
}

let addresses = 0

/** The local runtime gives everybody one address, and the limit is for one. */
function address(): string {
  addresses++
  return `198.18.${addresses >> 8}.${addresses & 255}`
}
