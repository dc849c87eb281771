import { beforeAll } from 'vitest'
import { AFTERMATH } from '../../sandbox/world/aftermath/list.ts'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import type { World } from '../../sandbox/world/world.ts'
import type { Job } from '../../src/books/jobs.ts'
import type { Env } from '../../src/env.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import type { Mode } from '../../src/providers/listing.ts'
import type { Reference } from '../../src/reference.ts'
import type { StatusReport } from '../../src/status/report.ts'
import { withWorker, worker } from './at-provider.ts'
import { askBooks } from './books-lens-worker.ts'
import { SELLERS } from './sellers.ts'
import { eventually, type TestWorker } from './worker.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export const PUBLIC_URL = 'https://pay.example.com'
export const STATUS_TOKEN = 'sandbox-status-token-0123456789'
export const OPEN_SECRETS = { ...SECRETS, STATUS_TOKEN }
/** A Worker that knows its own address and has a status page. No sale waits for a visitor, so that no test does. */
export const SETTINGS = { vars: { PUBLIC_URL, ATTRIBUTION_WAIT_SECONDS: 0 }, secrets: OPEN_SECRETS }

/** The same with one provider alone. */
export function only(provider: ProviderName, more: Record<string, unknown> = {}) {
  const { DATAFAST_API_KEY } = SECRETS
  const keys = Object.entries(OPEN_SECRETS).filter(([name]) => new RegExp(`^(${provider}|STATUS)_`, 'i').test(name))
  return { vars: { ...SETTINGS.vars, ...more }, secrets: { ...Object.fromEntries(keys), DATAFAST_API_KEY } }
}

/** As `withWorker`; the books have seen their providers before anything is sold, which is when these start. */
export function withBooks(settings: Parameters<typeof withWorker>[0]): void {
  withWorker(settings)
  beforeAll(async () => {
    if (settings?.withoutBooks || settings?.broken?.books) return
    await jobsOf(worker)
  })
}

const MIDNIGHT = Math.floor(Date.now() / DAY) * DAY
/** Cron runs: an ordinary one of today, one that reads every list as far back as it goes, and the first one of the next day. */
const SCHEDULES = {
  ordinary: new Date(MIDNIGHT + 30 * MINUTE),
  deep: new Date(MIDNIGHT + 12 * HOUR),
  tomorrow: new Date(MIDNIGHT + DAY + 30 * MINUTE),
}

type Schedule = keyof typeof SCHEDULES
/** The cron run under way, or the last one; and those that have not begun. */
const sweeps = new WeakMap<TestWorker, { last: Promise<void>; ahead: Map<Schedule, Promise<void>> }>()

/**
 * A cron run, and everything the books do because of it. One at a time, and tests that run side by side share one that has
 * not begun: what is made before this is called is seen by it.
 */
export function sweep(of: TestWorker, schedule: Schedule = 'ordinary'): Promise<void> {
  const known = sweeps.get(of) ?? { last: Promise.resolve(), ahead: new Map<Schedule, Promise<void>>() }
  const run = async () => {
    known.ahead.delete(schedule)
    await startCron(of, schedule)
    // No test waits for the pace that spares the providers.
    await finished(of)
  }
  const joined = known.ahead.get(schedule)
  if (joined) return joined
  const swept = known.last.then(run)
  known.ahead.set(schedule, swept)
  known.last = swept.catch(() => {})
  sweeps.set(of, known)
  return swept
}

/** The same at the pace of real life: what is done a while later is still to come. */
export async function cronRun(of: TestWorker, schedule: Schedule = 'ordinary'): Promise<void> {
  await startCron(of, schedule)
  await idle(of, 500)
}

async function startCron(of: TestWorker, schedule: Schedule): Promise<void> {
  await of.worker.scheduled({ cron: '*/15 * * * *', scheduledTime: SCHEDULES[schedule] })
}

/** Goes on by itself in a while, with what has not failed. */
function isPaced({ tries, due }: Job): boolean {
  return tries === 0 && due < Date.now() + MINUTE
}

/** When a job that is under way, and may kill the runtime, would be tried again; and how long one may take here. */
const IN_CASE_OF_A_CRASH = [30_000, 120_000, 600_000]
const TURN = 1_000

function mayBeUnderWay({ tries, due }: Job): boolean {
  const begunFor = Date.now() + (IN_CASE_OF_A_CRASH[tries - 1] ?? 0) - due
  return begunFor >= 0 && begunFor < TURN
}

/** Until the books have nothing to do within so many ms. */
function idle(of: TestWorker, within: number): Promise<Job[]> {
  return eventually(
    () => jobsOf(of),
    (jobs) => jobs.every((job) => job.due > Date.now() + within && !mayBeUnderWay(job)),
    30_000,
  )
}

/** Until the books wait for nothing but a time to come or the next cron run. */
async function finished(of: TestWorker): Promise<void> {
  // What is to come so soon begins by itself, before it could be brought forward.
  while ((await idle(of, 50)).some(isPaced)) await bringForward(of, isPaced)
}

export function jobsOf(of: TestWorker): Promise<Job[]> {
  return askBooks(of.harness, 'jobs')
}

/** Has the time come for everything the books are to try again later, so that no test waits for it. */
export async function laterOn(of: TestWorker): Promise<void> {
  await bringForward(of, ({ due }) => due !== Number.MAX_SAFE_INTEGER)
  await finished(of)
}

async function bringForward(of: TestWorker, isMeant: (job: Job) => boolean): Promise<void> {
  const jobs = (await jobsOf(of)).map((job) => (isMeant(job) ? { ...job, due: Date.now() } : job))
  await askBooks(of.harness, 'save', jobs)
}

/** Reads one list as a cron run of that moment would: from then on the books know everything before it. */
export async function readAsOf(of: TestWorker, provider: ProviderName, list: string, moment: Date, mode: Mode = 'live'): Promise<void> {
  const begunAt = moment.getTime()
  const job: Job = {
    ...{ name: `list ${provider} ${list} ${mode}`, due: Date.now(), tries: 0, do: 'list', provider, list, mode },
    ...{ since: 0, begunAt, isDeep: false, pages: 0, isRead: false, todo: [] },
  }
  await askBooks(of.harness, 'save', [...(await jobsOf(of)), job])
  await finished(of)
}

/** What the operator sees. It tells the Worker its own address, as any request of a buyer does. */
export async function statusOf(of: TestWorker): Promise<StatusReport> {
  const headers = { accept: 'application/json', authorization: `Bearer ${STATUS_TOKEN}` }
  const { status, text } = await of.visit('/checkout/status', { headers })
  if (status !== 200) throw new Error(`${status} ${text}`)
  return JSON.parse(text) as StatusReport
}

export async function checkOf(of: TestWorker, id: string) {
  return (await statusOf(of)).checks.find((check) => check.id === id)
}

/** What a movement's row says, as soon as there is one. */
export function rowOf(of: TestWorker, isIt: (row: StatusReport['movements'][number]) => boolean, timeoutMs?: number) {
  return eventually(async () => (await statusOf(of)).movements.find(isIt), Boolean, timeoutMs)
}

/** The edge's memory as it can be reached at this moment: a deployment cuts the earlier way off. */
export async function memoryOf(of: TestWorker): Promise<KVNamespace> {
  const { RECORDED } = await of.harness.getWorker<Env>().getEnv()
  if (!RECORDED) throw new Error('RECORDED is not bound')
  return RECORDED
}

/** As if these had been recorded long ago: the edge remembers them, and nobody else. */
export async function rememberedAlready(of: TestWorker, references: readonly Reference[]): Promise<void> {
  const memory = await memoryOf(of)
  const value = JSON.stringify({ v: 1, transaction_id: 'of_long_ago' })
  for (let from = 0; from < references.length; from += 100) {
    const part = references.slice(from, from + 100)
    await Promise.all(part.map((reference) => memory.put(reference, value, { metadata: { attributed: 'no' } })))
  }
}

// ── Orders of a moment ────────────────────────────────────────────────────────────────────────────────────────────────

type Kind = 'one-time' | 'subscription' | 'trial'
type SellAt = (world: World, id: string, kind: Kind, at: Date, visitor: string | undefined) => unknown

/** How each provider sells at a moment; the visitor is one that the checkout's link carried, where the API tells it. */
const SELL_AT: Record<ProviderName, SellAt> = {
  stripe({ stripe }, id, kind, at, visitor) {
    const created = Math.floor(at.getTime() / 1000)
    const fields = { created, metadata: carrying(visitor) }
    if (kind === 'trial') return stripe.startTrial(id, fields, created)
    return kind === 'subscription' ? stripe.subscribe(id, fields, { created }) : stripe.sell(id, fields)
  },
  dodo({ dodo }, id, kind, at, visitor) {
    const fields = { created_at: at.toISOString(), metadata: carrying(visitor) }
    const subscription_id = id.replace('pay_', 'sub_')
    if (kind !== 'one-time') dodo.subscribe(subscription_id, { ...fields, trial_period_days: kind === 'trial' ? 14 : 0 })
    if (kind !== 'trial') dodo.sell(id, { ...fields, ...(kind === 'subscription' && { subscription_id }) })
  },
  creem({ creem }, id, kind, at, visitor) {
    const changes = { order: { created_at: at.toISOString() }, checkout: { metadata: carrying(visitor) } }
    if (kind === 'trial') return creem.startTrial(id, changes)
    return kind === 'subscription' ? creem.subscribe(id, changes) : creem.sell(id, changes)
  },
  polar({ polar }, id, kind, at, visitor) {
    const metadata = carrying(visitor)
    const changes = { order: { created_at: at.toISOString(), metadata }, checkout: { metadata }, subscription: { metadata } }
    const trial_end = new Date(at.getTime() + 14 * DAY).toISOString()
    if (kind === 'trial') return polar.startTrial(id, { ...changes, checkout: { metadata, trial_end } })
    return kind === 'subscription' ? polar.subscribe(id, changes) : polar.sell(id, changes)
  },
  lemonsqueezy({ lemonSqueezy }, id, kind, at) {
    const dated = { created_at: at.toISOString(), updated_at: at.toISOString() }
    const trial_ends_at = new Date(at.getTime() + 14 * DAY).toISOString()
    if (kind === 'trial') return lemonSqueezy.startTrial(id, dated, { trial_ends_at, renews_at: trial_ends_at })
    return kind === 'subscription' ? lemonSqueezy.subscribe(id, dated) : lemonSqueezy.sell(id, dated)
  },
  paddle({ paddle }, id, kind, at, visitor) {
    const moment = at.toISOString()
    const fields = { created_at: moment, billed_at: moment, updated_at: moment, custom_data: carrying(visitor) }
    if (kind === 'trial') return paddle.startTrial(id, fields)
    return kind === 'subscription' ? paddle.subscribe(id, fields) : paddle.sell(id, fields)
  },
  gumroad({ gumroad }, id, kind, at) {
    const fields = { created_at: at.toISOString().replace(/\.\d+/, '') }
    if (kind === 'trial') return gumroad.startTrial(id, fields)
    return kind === 'subscription' ? gumroad.subscribe(id, fields) : gumroad.sell(id, fields)
  },
}

function carrying(visitor: string | undefined) {
  return visitor === undefined ? {} : { datafast_visitor_id: visitor }
}

/** A paid order of that moment, which nobody has told of. `mark`: what every address and body about it contains. */
export function soldNow(provider: ProviderName, world: World, kind: Kind = 'one-time', at = new Date(), visitor?: string) {
  const id = SELLERS[provider].id()
  SELL_AT[provider](world, id, kind, at, visitor)
  const aftermath = AFTERMATH[provider](world, provider === 'dodo' && kind === 'trial' ? id.replace('pay_', 'sub_') : id)
  const { transactionId, amount } = aftermath.sold()
  const query = SELLERS[provider].returning(world, id)
  return {
    provider,
    id,
    mark: id.replace(/^(pay|ch|txn)_/, ''),
    aftermath,
    transactionId,
    amount,
    path: `/checkout/success/${provider}?${query}`,
  }
}

/** What the sweep calls such an order. */
export function referenceOf(provider: ProviderName, world: World, id: string): Reference {
  if (provider === 'creem') return `creem:tran_${id.slice(3)}`
  return provider === 'lemonsqueezy' ? `lemonsqueezy:${id}.${world.lemonSqueezy.identifierOf(id)}` : `${provider}:${id}`
}

/** What the address of a page of each provider's lists contains, and no question about one order. */
const PAGE: Record<ProviderName, RegExp> = {
  stripe: /created\[gte\]=/,
  dodo: /created_at_gte=/,
  creem: /\/transactions\/search\?page_number=/,
  polar: /created_after=|succeeded=true/,
  lemonsqueezy: /page\[number\]=/,
  paddle: /billed_at\[GTE\]|action=refund/,
  gumroad: /\/sales\?after=/,
}

/** Every page that was asked for, and every question about one order, by its address. */
export function askedOf(provider: ProviderName, { world }: TestWorker): { pages: string[]; questions: string[] } {
  const { pages = [], questions = [] } = Object.groupBy(
    world.callsTo(provider).map(({ url }) => url),
    (url) => (PAGE[provider].test(url) ? 'pages' : 'questions'),
  )
  return { pages, questions }
}
