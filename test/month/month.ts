/** The month on the simulated clock: the Worker's own source, the simulated Cloudflare and internet around it, and a shop that sells. */
import { actAs } from './actor.ts'
import { Clock } from './clock.ts'
import { Cloudflare, HOST } from './cloudflare.ts'
import { Dice } from './dice.ts'
import { replaceGlobals } from './globals.ts'
import { Internet } from './internet.ts'
import { Order } from './order.ts'
import type { Seen, Stage } from './stage.ts'
import { PROVIDER_NAMES } from './terms.ts'
import { DAY, HOUR, MINUTE, Trouble } from './trouble.ts'

/** A day on which the sandbox has sold nothing yet. */
const BEGIN = Date.parse('2026-09-01T00:00:00Z')
const CRON = 15 * MINUTE

export type Plan = {
  seed: number
  orders: number
  /** How long the shop sells, in days. What follows from that goes on for a day more, and then a few are left to come to rest. */
  days: number
  providers: readonly (typeof PROVIDER_NAMES)[number][]
  isCalm: boolean
  /** For how long DataFast is down, in ms. */
  dataFastDown: number
  /** Of all orders this one alone, by its number. */
  only?: number
}

export type Month = {
  plan: Plan
  cloudflare: Cloudflare
  internet: Internet
  trouble: Trouble
  orders: Order[]
  /** How often the Worker wrote which line to its log: the event and its reason. */
  log: Map<string, number>
  /** How many things happened, and how long the month was in ms. */
  happenings: number
  lasted: number
}

export async function liveThrough(plan: Plan): Promise<Month> {
  const { seed, days, isCalm, dataFastDown } = plan
  const clock = new Clock(BEGIN)
  const open = BEGIN + (days + 1) * DAY
  const end = open + 5 * DAY
  const services = [...PROVIDER_NAMES]
  const trouble = new Trouble(new Dice(seed + 1), services, { from: BEGIN + 2 * HOUR, until: open + DAY, dataFastDown, isCalm })
  const cloudflare = new Cloudflare(clock, seed + 2, trouble)
  const internet = new Internet(new Dice(seed + 3), trouble)
  const log = new Map<string, number>()
  const { runtime } = cloudflare
  const restore = replaceGlobals(
    clock,
    runtime,
    new Dice(seed + 4),
    (url, init) => internet.fetch(runtime, url, init),
    (line) => count(log, nameOf(line)),
  )
  try {
    const stage = stageOf(clock, cloudflare, internet, open)
    const orders = planOrders(plan, clock, stage)
    planCron(clock, cloudflare, end)
    await clock.runUntil(end)
    return { plan, cloudflare, internet, trouble, orders, log, happenings: clock.count, lasted: end - BEGIN }
  } finally {
    restore()
  }
}

function planOrders({ seed, orders, days, providers, only }: Plan, clock: Clock, stage: Stage): Order[] {
  const made: Order[] = []
  const dice = new Dice(seed)
  for (let number = 0; number < orders; number++) {
    const provider = providers[number % providers.length]
    const at = BEGIN + HOUR + Math.floor(((number + dice.next()) / orders) * days * DAY)
    if (!provider || (only !== undefined && only !== number)) continue
    clock.at(at, () => {
      const order = new Order(number, new Dice(seed * 100_003 + number), stage, provider)
      made.push(order)
      order.begin()
    })
  }
  return made
}

function planCron(clock: Clock, cloudflare: Cloudflare, end: number): void {
  const run = (at: number) => {
    void cloudflare.scheduled(at)
    if (at + CRON < end) clock.at(at + CRON, () => run(at + CRON))
  }
  clock.at(BEGIN, () => run(BEGIN))
}

function stageOf(clock: Clock, cloudflare: Cloudflare, { world }: Internet, open: number): Stage {
  let visits = 0
  return {
    world,
    isPressed: false,
    now: () => clock.now,
    in: (ms, act) => {
      clock.in(ms, () => actAs(undefined, act))
    },
    isOpen: () => clock.now < open,
    hasStored: (text) => cloudflare.stored.has(text),

    async visit(path, cookie): Promise<Seen | undefined> {
      visits += 1
      const address = `198.18.${(visits >> 8) & 255}.${visits & 255}`
      const headers = { 'cf-connecting-ip': address, ...(cookie && { cookie: `theme=dark; datafast_visitor_id=${cookie}` }) }
      const from = clock.now
      const answer = await cloudflare.fetch(new Request(HOST + path, { headers, redirect: 'manual' }))
      if (!answer) return undefined
      const [location, outcome] = ['location', 'x-checkout-outcome'].map((name) => answer.headers.get(name) ?? '')
      return { status: answer.status, location: location ?? '', outcome: outcome ?? '', ms: clock.now - from, cookie }
    },

    async deliver({ path, headers, body }): Promise<number | undefined> {
      return (await cloudflare.fetch(new Request(HOST + path, { method: 'POST', headers, body })))?.status
    },
  }
}

/** A line of the log by what it tells, without what it tells of. */
function nameOf(line: string): string {
  const { event, reason, outcome, end, waiting, where, kind } = JSON.parse(line) as Record<string, string | undefined>
  return [event, outcome, end, waiting, where, event === 'fault' && kind, reason].filter(Boolean).join(' ')
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
