/** Who comes to a busy shop: buyers by every door and in every order, those who come again, providers, and people who were never meant. */
import { randomUUID } from 'node:crypto'
import { delivered, type ProviderEvent } from '../../sandbox/world/provider-event.ts'
import { World } from '../../sandbox/world/world.ts'
import { PROVIDER_NAMES, SELLERS } from '../../test/bundle/sellers.ts'
import type { Internet } from './internet.ts'
import { PENDING, THANK_YOU } from './runtime.ts'
import { Sale } from './sale.ts'

/** What is timed, each by itself. `first visit`: nobody has come back with that order before. */
export type What = 'first visit' | 'repeat visit' | 'webhook' | 'bystander'

export type Answer = { status: number; location: string | undefined; outcome: string | undefined }

/** One request. `judge`: what is wrong with its answer, in words. `again`: it has to be sent once more. */
export type Call = {
  what: What
  method: 'GET' | 'POST'
  path: string
  headers: Record<string, string>
  body?: string
  judge(answer: Answer): string | undefined
}

/** `due`: in ms since 1970. `make`: the requests, to be sent one after the other; `done`: they are answered. */
export type Step = { due: number; make(): Call[]; done?(): void }

type Weighted<Item> = readonly (readonly [weight: number, item: Item])[]
type Doors = 'webhook first' | 'visit first' | 'at once' | 'webhook alone' | 'visit alone'
type Bystander = 'forged' | 'placeholder' | 'health' | 'prefetch' | 'unsigned'

const DOORS: Weighted<Doors> = [
  [34, 'webhook first'],
  [26, 'visit first'],
  [25, 'at once'],
  [8, 'webhook alone'],
  [7, 'visit alone'],
]
const BYSTANDERS: Weighted<Bystander> = [
  [40, 'forged'],
  [15, 'placeholder'],
  [15, 'health'],
  [15, 'prefetch'],
  [15, 'unsigned'],
]
const SHARE_OF_BYSTANDERS = 0.2

let addresses = 0
let orders = 0

/** The stories of all who come. `pace`: how many times faster than usual they do what they do. */
export class Mix {
  private readonly internet: Internet
  private readonly pace: number
  private readonly onSale: (sale: Sale) => void

  constructor(internet: Internet, pace: number, onSale: (sale: Sale) => void) {
    this.internet = internet
    this.pace = pace
    this.onSale = onSale
  }

  /** Somebody new comes by. */
  next(now: number): Step[] {
    if (Math.random() < SHARE_OF_BYSTANDERS) return [{ due: now, make: () => [bystander(pick(BYSTANDERS))] }]
    const provider = turn()
    const doors = pick(DOORS)
    const hasCookie = doors !== 'webhook alone' && Math.random() < 0.9
    const visitor = hasCookie ? randomUUID() : undefined
    // The Buy button: the link carries the same visitor. Without a cookie nobody would know another.
    const linked = visitor && Math.random() < 0.3 ? visitor : doors === 'webhook alone' && Math.random() < 0.5 ? randomUUID() : undefined
    const kind = Math.random() < 0.3 ? 'subscription' : 'one-time'
    const sale = new Sale(new World(), { provider, kind, visitor, linked })
    this.internet.know(sale)
    this.onSale(sale)
    return this.story(sale, doors, kind === 'subscription', now)
  }

  /** An order that nobody tells of, for the sweep. */
  unheardOf(provider: (typeof PROVIDER_NAMES)[number]): Sale {
    const sale = new Sale(this.internet.shopWindow, { provider, kind: 'one-time' })
    this.internet.know(sale)
    this.onSale(sale)
    return sale
  }

  private story(sale: Sale, doors: Doors, isSubscription: boolean, now: number): Step[] {
    const in_ = (from: number, to: number) => now + (from + Math.random() * (to - from)) / this.pace
    const webhookAt = doors === 'visit first' ? in_(200, 2_000) : now
    const visitAt = doors === 'webhook first' ? in_(300, 2_000) : now
    const address = `100.${64 + ((addresses >> 16) & 63)}.${(addresses >> 8) & 255}.${addresses++ & 255}`
    const visit = (due: number, isFirst = false): Step => ({ due, make: () => [this.visit(sale, address, isFirst)] })
    const tell = (due: number): Step => ({ due, make: () => sale.events.map(webhook) })
    const steps: Step[] = []
    if (doors !== 'visit alone') {
      steps.push(tell(webhookAt))
      if (Math.random() < 0.15) steps.push(tell(in_(1_500, 8_000)))
    }
    if (doors !== 'webhook alone') {
      steps.push(visit(visitAt, true))
      if (Math.random() < 0.4) steps.push(visit(visitAt + Math.random() * 1_000))
      for (let repeats = Math.floor(Math.random() * 4); repeats > 0; repeats--) steps.push(visit(in_(3_000, 12_000)))
    }
    if (isSubscription && Math.random() < 0.4) steps.push(this.later(in_(4_000, 9_000), sale, () => sale.renew()))
    if (Math.random() < 0.12) steps.push(this.later(in_(5_000, 12_000), sale, () => sale.refund()))
    sale.stepsLeft = steps.length
    const done = () => {
      sale.stepsLeft -= 1
    }
    return steps.map((step) => ({ ...step, done }))
  }

  /** Something happens to the sale only then, and is told at once. */
  private later(due: number, sale: Sale, happen: () => ProviderEvent[]): Step {
    return {
      due,
      make: () => {
        const events = happen()
        this.internet.know(sale)
        const [transactionId] = [...sale.expected.keys()].slice(-1)
        if (transactionId) sale.told(transactionId, Date.now())
        return events.map(webhook)
      },
    }
  }

  private visit(sale: Sale, address: string, isFirst: boolean): Call {
    if (isFirst) sale.told(sale.transactionId, Date.now())
    const cookie = sale.visitor === undefined ? 'theme=dark' : `theme=dark; datafast_visitor_id=${sale.visitor}`
    return {
      ...get(sale.path, { cookie, 'cf-connecting-ip': address }),
      what: isFirst ? 'first visit' : 'repeat visit',
      judge: (answer) => landed(answer, ['paid', 'repeat', 'pending']),
    }
  }
}

/** Nobody has bought anything here. */
const NOWHERE = new World()

/** Every provider in turn. */
function turn() {
  const name = PROVIDER_NAMES[orders++ % PROVIDER_NAMES.length]
  if (!name) throw new Error('there are no providers')
  return name
}

function webhook(event: ProviderEvent): Call {
  const { path, headers, body } = delivered(event)
  return {
    ...{ what: 'webhook', method: 'POST', path, headers, body },
    judge: ({ status }) => (status === 200 || status === 503 ? undefined : `a webhook was answered with ${status}`),
  }
}

function bystander(who: Bystander): Call {
  const address = { 'cf-connecting-ip': `100.127.${(addresses >> 8) & 255}.${addresses++ & 255}` }
  const provider = turn()
  const { id, returning } = SELLERS[provider]
  switch (who) {
    case 'forged': {
      const path = `/checkout/success/${provider}?${returning(NOWHERE, id())}`
      return bystanding(path, address, (answer) => landed(answer, ['unknown', 'pending']))
    }
    case 'placeholder':
      return bystanding('/checkout/success/stripe?session_id={CHECKOUT_SESSION_ID}', address, (answer) => landed(answer, ['invalid']))
    case 'health':
      return bystanding('/checkout/health', address, ({ status }) => (status === 200 ? undefined : `health answered ${status}`))
    case 'prefetch':
      return bystanding(
        `/checkout/success/stripe?session_id=${SELLERS.stripe.id()}`,
        { ...address, 'sec-purpose': 'prefetch' },
        (answer) => (answer.status === 503 ? undefined : `a prefetch was answered with ${answer.status}`),
      )
    case 'unsigned': {
      const { path, headers } = delivered({ provider: 'stripe', name: 'checkout.session.completed', id: 'evt_forged', body: '{}' })
      const call = { what: 'bystander' as const, method: 'POST' as const, path, headers, body: '{"forged":true}' }
      return { ...call, judge: ({ status }) => (status === 401 ? undefined : `an unsigned webhook was answered with ${status}`) }
    }
  }
}

function bystanding(path: string, headers: Record<string, string>, judge: Call['judge']): Call {
  return { ...get(path, headers), what: 'bystander', judge }
}

function get(path: string, headers: Record<string, string>) {
  return { method: 'GET' as const, path, headers }
}

/** A buyer is on a page of the shop's, and was told one of these. */
function landed({ status, location, outcome }: Answer, outcomes: readonly string[]): string | undefined {
  if (status !== 303) return `a buyer was answered with ${status}`
  if (location !== THANK_YOU && location !== PENDING) return 'a buyer was sent elsewhere'
  return outcomes.includes(outcome ?? '') ? undefined : `a buyer was told ${outcome}`
}

function pick<Item>(items: Weighted<Item>): Item {
  let left = Math.random() * items.reduce((sum, [weight]) => sum + weight, 0)
  for (const [weight, item] of items) {
    left -= weight
    if (left < 0) return item
  }
  throw new Error('nothing to pick from')
}
