/**
 * A sample of the month in the real runtime: the built Worker in Miniflare, the same shop, days pressed into seconds. DataFast is
 * down for a part of it, webhooks are lost, doubled and late, and the runtime is killed. By itself: `node test/month/sample.ts`.
 */
import type { Miniflare } from 'miniflare'
import { QUICK } from '../../bench/proof-page.ts'
import type { Delivery } from '../../sandbox/world/provider-event.ts'
import type { World } from '../../sandbox/world/world.ts'
import { ownRuntime } from '../bundle/runtime.ts'
import type { Finding } from './comparison.ts'
import { Dice } from './dice.ts'
import { judgeDoors } from './doors.ts'
import { Order } from './order.ts'
import { byCurrency, byProvider, figure, judge, type Outcome, tellFindings } from './report.ts'
import type { Seen, Stage } from './stage.ts'
import { PROVIDER_NAMES } from './terms.ts'
import { DAY } from './trouble.ts'

/** `sells`: for so long; `longest`: what takes a month in life takes so long here. In ms. */
const FORM = QUICK ? { orders: 35, sells: 2_000, longest: 2_500, kills: 1 } : { orders: 210, sells: 40_000, longest: 14_000, kills: 3 }
/** After this the Worker has had the time to do everything there is to do. */
const PATIENCE = QUICK ? 25_000 : 120_000
/** A real runtime computes in real time, on a machine that does other things as well. In ms. */
const BUYER_PATIENCE = 20_000
/** For which share of the time in which it sells DataFast is down. */
const DATAFAST_DOWN = 0.4
const TOKEN = 'known-to-the-shop-of-the-sample-alone'
const HOST = 'https://pay.example.com'

const runtime = ownRuntime()
const { world } = runtime
let worker: Miniflare | undefined
const stored = new Set<string>()
const returnedAt = new Map<string, number>()
let deaths = 0
/** What the Worker owed an answer to, and nobody had killed it. */
const failures: Finding[] = []

const BINDINGS = {
  ...{ PUBLIC_URL: HOST, STATUS_TOKEN: TOKEN, ATTRIBUTION_WAIT_SECONDS: '6', CUSTOMER_FIELDS: 'customer_id,email,name' },
  ...{ PENDING_URL: 'https://shop.example.com/almost-there', NOT_PAID_URL: 'https://shop.example.com/pricing' },
  STRIPE_SECRET_KEY: 'rk_live_sandboxkey rk_test_sandboxkey',
  CREEM_API_KEY: 'creem_sandboxkey creem_test_sandboxkey',
  PADDLE_API_KEY: 'pdl_live_apikey_sandboxkey pdl_sdbx_apikey_sandboxkey',
}

type Answer = { status: number; headers: { get(name: string): string | null }; text(): Promise<string> }

/** One request; `undefined` when nobody answers, which only a Worker that is killed may do. */
async function ask(path: string, init: Record<string, unknown>): Promise<Answer | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(resolve, BUYER_PATIENCE, undefined)
  const asked = worker
  const answer = asked?.dispatchFetch(HOST + path, { redirect: 'manual', ...init }) as Promise<Answer> | undefined
  const first = await Promise.race([answer?.catch((error: unknown) => `threw ${error}`), late])
  clearTimeout(timer)
  if (typeof first === 'object') return first
  if (asked && asked === worker) {
    const what = first ?? `gave no answer within ${BUYER_PATIENCE / 1000} s`
    failures.push({ text: `the Worker ${what}, and nobody had killed it: ${path.replace(/\?.*/, '')}` })
  }
  return undefined
}

/** What is as quick in life stays so; the longest waits are still longer than the others. */
function pressed(ms: number): number {
  const quick = 1_000
  if (ms <= quick) return ms
  return quick + ((FORM.longest - quick) * Math.log(ms / quick)) / Math.log((30 * DAY) / quick)
}

function stageUntil(open: number): Stage {
  return {
    world,
    isPressed: true,
    now: () => Date.now(),
    in: (ms, act) => void setTimeout(act, pressed(ms)),
    isOpen: () => Date.now() < open,
    hasStored: (text) => stored.has(text),

    async visit(path, cookie): Promise<Seen | undefined> {
      const from = Date.now()
      const headers = { 'cf-connecting-ip': `198.18.0.${from % 250}`, ...(cookie && { cookie: `datafast_visitor_id=${cookie}` }) }
      const answer = await ask(path, { headers })
      const [location, outcome] = ['location', 'x-checkout-outcome'].map((name) => answer?.headers.get(name) ?? '')
      // Whoever hears the verdict knows that the visit was stored before.
      const isCertain = outcome === 'paid' || outcome === 'repeat'
      if (isCertain && cookie) {
        stored.add(cookie)
        returnedAt.set(cookie, returnedAt.get(cookie) ?? Date.now())
      }
      const checkout = /checkout_id=(ch_\w+)/.exec(path)?.[1]
      if (isCertain && checkout) stored.add(`creem:${checkout}`)
      return answer && { status: answer.status, location: location ?? '', outcome: outcome ?? '', ms: Date.now() - from, cookie }
    },

    async deliver(delivery): Promise<number | undefined> {
      const answer = await ask(delivery.path, { method: 'POST', headers: delivery.headers, body: delivery.body })
      if (answer?.status === 200 && (await answer.text()).includes('"received":1')) told(delivery)
      return answer?.status
    },
  }
}

/** What an acknowledged event has told: its visitor, and Creem's checkout. Of a refund both are the sale's. */
function told({ body }: Delivery): void {
  if (/refund.created|_refunded"|resource_name=refund/.test(body)) return
  const visitor = /datafast_visitor_id(?:%5D=|\]=|":")([\da-f-]{36})/.exec(body)?.[1]
  if (visitor) stored.add(visitor)
  const checkout = /"id":"(ch_\w+)"/.exec(body)?.[1]
  if (checkout) stored.add(`creem:${checkout}`)
}

async function start(): Promise<void> {
  worker = await runtime.start(BINDINGS)
}

/** The machine loses power, and comes back. */
async function kill(): Promise<void> {
  worker = undefined
  await runtime.kill()
  deaths += 1
  await start()
}

async function cron(): Promise<void> {
  const asked = worker
  const ended = await (await asked?.getWorker())?.scheduled({ cron: '*/15 * * * *' })
  if (ended && ended.outcome !== 'ok') failures.push({ text: `the cron run ended with ${ended.outcome}` })
}

/** Providers and DataFast are out of order for a while, DataFast for longest. */
function plagueServices(dice: Dice): void {
  const sells = FORM.sells
  const down = (name: Parameters<World['service']>[0], from: number, ms: number) => {
    const service = world.service(name)
    setTimeout(() => {
      service.fault = dice.chance(0.5) ? { kind: 'answer', status: 503 } : { kind: 'reset' }
      setTimeout(() => {
        service.fault = undefined
      }, ms)
    }, from)
  }
  down('datafast', sells * 0.3, sells * DATAFAST_DOWN)
  for (const name of PROVIDER_NAMES) down(name, dice.next() * sells * 0.8, sells * 0.1)
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

function outcomeOf(orders: readonly Order[]): Outcome {
  const posts = new Map<string, number>()
  const first = new Map<string, string | undefined>()
  for (const { body, status } of world.callsTo('datafast', 'transaction_id')) {
    const { transaction_id, datafast_visitor_id } = body as { transaction_id: string; datafast_visitor_id?: string }
    posts.set(transaction_id, (posts.get(transaction_id) ?? 0) + 1)
    if (status === 200 && !first.has(transaction_id)) first.set(transaction_id, datafast_visitor_id)
  }
  const wasLate = (transactionId: string) => first.get(transactionId) === undefined
  const known = { hasStored: (text: string) => stored.has(text), returnedAt: (visitor: string) => returnedAt.get(visitor) }
  return { orders, ledger: world.dataFast.ledger, posts, ...known, wasLate }
}

async function run(): Promise<boolean> {
  await start()
  await cron()
  await wait(1_000)
  const begun = Date.now()
  const dice = new Dice(7)
  const stage = stageUntil(begun + FORM.sells + FORM.longest)
  const orders = Array.from({ length: FORM.orders }, (_, number) => {
    const order = new Order(number, new Dice(70_000 + number), stage, PROVIDER_NAMES[number % PROVIDER_NAMES.length] ?? 'stripe')
    setTimeout(() => order.begin(), (number / FORM.orders) * FORM.sells)
    return order
  })
  plagueServices(dice)
  for (let nth = 1; nth <= FORM.kills; nth++) {
    await wait((FORM.sells * nth) / (FORM.kills + 1) - (Date.now() - begun))
    await kill()
  }
  // Until the last renewal is made, and what it caused has arrived.
  await wait(FORM.sells + 2 * FORM.longest - (Date.now() - begun))
  const deadline = Date.now() + PATIENCE
  let judged = judge(outcomeOf(orders))
  do {
    await cron()
    await wait(1_000)
    await ask('/checkout/status/retry', { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` }, body: 'all=1' })
    await wait(1_500)
    judged = judge(outcomeOf(orders))
  } while (judged.findings.length && Date.now() < deadline)
  const outcome = outcomeOf(orders)
  const findings = [...judged.findings, ...judgeDoors(orders, BUYER_PATIENCE), ...failures]
  console.log(
    `${figure(FORM.orders)} orders of the same kind on the real bundle in the real runtime, a month pressed into ${Math.round((Date.now() - begun) / 1000)} s: DataFast down for ${
      (FORM.sells * DATAFAST_DOWN) / 1000
    } s of it, the runtime killed ${deaths === 1 ? 'once' : `${deaths} times`} (SIGKILL), the rest swept at the end. Here clocks are real, on a machine that did other things as well: each request had ${BUYER_PATIENCE / 1000} s to be answered, and the time that buyers wait is judged above.\n`,
  )
  console.log(`${byProvider(outcome, judged)}\n\n${byCurrency(outcome, judged)}`)
  tellFindings(findings)
  return findings.length === 0
}

const isRight = await run().finally(() => runtime.stop())
process.exit(isRight ? 0 : 1)
