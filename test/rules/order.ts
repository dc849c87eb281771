import { arrive } from '../../src/order/arrive.ts'
import type { Circumstances } from '../../src/order/circumstances.ts'
import { nextDeadline } from '../../src/order/outlook.ts'
import { answered, gathered, replied } from '../../src/order/rules.ts'
import type { Arrival, State } from '../../src/order/state.ts'
import type { Answer, Payment } from '../../src/payment.ts'

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
/** A moment to start from. */
export const START = Date.parse('2026-11-22T12:00:00Z')

/** The default settings, no jitter, and a clock that stands. */
export function at(now: number, changes: Partial<Circumstances> = {}): Circumstances {
  return {
    now,
    random: 0,
    testPayments: 'skip',
    refunds: true,
    revenue: 'gross',
    customerFields: ['customer_id'],
    only: new Map(),
    attributionWaitMs: undefined,
    isOurs: () => true,
    keepsBooks: false,
    ...changes,
  }
}

export function arrivalOf(changes: Partial<Arrival> = {}): Arrival {
  return { reference: 'stripe:cs_live_1', door: 'redirect', at: START, visitors: [], ...changes }
}

export function newOrder(changes: Partial<Arrival> = {}): State {
  return arrive(undefined, arrivalOf(changes), at(START))
}

export function payment(changes: Partial<Payment> = {}): Payment {
  return {
    kind: 'sale',
    transactionId: 'pi_1',
    gross: 19.99,
    net: 16.8,
    currency: 'EUR',
    paidAt: '2026-11-22T11:59:00.000Z',
    test: false,
    customer: { customer_id: 'cus_1', email: 'buyer@example.com' },
    carried: [],
    aliases: [],
    soldAs: [],
    ...changes,
  }
}

/** A paid order about which everybody has been asked. */
export function paidOrder(arrival: Partial<Arrival> = {}, changes: Partial<Payment> = {}): State {
  const verified = answered(newOrder(arrival), { is: 'paid', payment: payment(changes) }, at(START))
  return verified.stage.at === 'gathering' ? gathered(verified, { visitors: [], silent: false }, at(START)) : verified
}

/** The delays between tries, in ms, when the same answer comes again and again, and how that ends. */
export function delaysOf(state: State, again: (state: State, now: number) => State, limit = 2000): { delays: number[]; end: State } {
  const delays: number[] = []
  let now = START
  let current = state
  while (delays.length < limit) {
    current = again(current, now)
    if (current.stage.at === 'ended') break
    const next = nextDeadline(current)
    delays.push(next - now)
    now = next
  }
  return { delays, end: current }
}

export const answering = (answer: Answer) => (state: State, now: number) => answered(state, answer, at(now))
export const replying = (reply: Parameters<typeof replied>[2], visitor?: string) => (state: State, now: number) =>
  replied(state, visitor, reply, at(now))
