import type { Movement } from '../books/movement.ts'
import type { Overview } from '../books/overview.ts'
import { PROVIDERS } from '../providers/index.ts'
import type { Provider } from '../providers/provider.ts'
import type { Settings } from '../settings.ts'
import { version } from '../version.ts'
import { checksOf } from './checks.ts'
import { meaningOf, missOf } from './reasons.ts'
import type { Attribution, Row, StatusReport } from './report.ts'

const DAYS = 30
const DAY = 86_400_000

/** What the status page shows, made of what the books know. Pure. @param now - in ms */
export function compose(settings: Settings, overview: Overview, here: URL, now: number): StatusReport {
  const { movements, open, openCount, rehearsed, incidents, proofs, isEmpty } = overview
  return {
    name: 'success-url',
    version,
    origin: originOf(settings, here),
    now: isoOf(now),
    checks: checksOf(settings, overview, here, now),
    incidents: incidents.filter(({ isOver }) => !isOver).map(({ since, text }) => ({ since: isoOf(since), text })),
    attribution: attributionOf(overview, now),
    movements: movements.map(rowOf),
    waiting: open.map(rowOf),
    waitingCount: openCount,
    rehearsal: rehearsed.map(rowOf),
    proof: proofs,
    setUp: isEmpty ? toPaste(settings, here) : undefined,
  }
}

function rowOf(movement: Movement): Row {
  const { reference, provider, at, kind, amount, currency, transactionId, stage, reason, attributed, visitorSeen, doors, attempts } =
    movement
  const { nextTry } = movement
  return {
    ...{ reference, provider, stage, reason, visitorSeen, doors, attempts },
    at: isoOf(at),
    kind: kind ?? null,
    amount: amount ?? null,
    currency: currency ?? null,
    transactionId: transactionId || null,
    text: meaningOf(stage, reason),
    attributed: attributed ?? null,
    nextTry: nextTry === undefined ? null : isoOf(nextTry),
    canRetry: stage === 'waiting' || stage === 'parked',
  }
}

function attributionOf({ attribution }: Overview, now: number): Attribution {
  const days = Array.from({ length: DAYS }, (_, place) => isoOf(now - (DAYS - 1 - place) * DAY).slice(0, 10)).map((day) => {
    const counts = attribution.filter((one) => one.day === day)
    return { day, recorded: sum(counts), attributed: sum(counts.filter(({ attributed }) => attributed === 'yes')) }
  })
  const misses = Map.groupBy(
    attribution.filter(({ attributed }) => attributed !== 'yes'),
    ({ attributed }) => attributed,
  )
  const recorded = sum(attribution)
  const attributed = sum(attribution.filter((one) => one.attributed === 'yes'))
  return {
    rate: recorded ? attributed / recorded : null,
    recorded,
    attributed,
    days,
    misses: [...misses].map(([reason, counts]) => ({ reason, count: sum(counts), text: missOf(reason) })).sort((a, b) => b.count - a.count),
  }
}

/** The addresses for each provider that is switched on. */
function toPaste(settings: Settings, here: URL): StatusReport['setUp'] {
  const { connections, webhookSecrets } = settings
  return PROVIDERS.filter(({ name }) => connections.has(name)).map((provider) => ({
    provider: provider.name,
    ...addressesOf(provider, settings, here),
    webhookSecret: provider.webhook.secret,
    webhookReady: webhookSecrets.has(provider.name),
  }))
}

/** Where a provider is to send buyers and events. */
export function addressesOf({ name, returnQuery, webhook }: Provider, settings: Settings, here: URL) {
  const base = originOf(settings, here) + settings.basePath
  return {
    successUrl: `${base}/success/${name}${returnQuery}`,
    webhookUrl: `${base}/webhook/${name}${webhook.secretInPath ? `/<${webhook.secret}>` : ''}`,
  }
}

/** Where buyers reach us: always by https, but on the machine of whoever tries things out. */
export function originOf({ publicUrl }: Settings, { hostname, host, origin }: URL): string {
  return publicUrl?.origin ?? (/^(localhost|127\.0\.0\.1|\[::1])$/.test(hostname) ? origin : `https://${host}`)
}

function sum(counts: readonly { count: number }[]): number {
  return counts.reduce((total, { count }) => total + count, 0)
}

function isoOf(at: number): string {
  return new Date(at).toISOString()
}
