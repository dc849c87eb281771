/** What buyers and providers saw at the Worker's doors. */
import type { Finding } from './comparison.ts'
import type { Order } from './order.ts'

/** A buyer waits no longer than that (`VERIFY_BUDGET_MS`), in ms; computing takes no time on the simulated clock. */
export const BUDGET = 2_500
const PAGES = /^https:\/\/shop\.example\.com\/(thank-you|almost-there|pricing)$/

/** Every buyer landed, in time, on a configured page, and none who paid was told otherwise. */
export function judgeDoors(orders: readonly Order[], patience = BUDGET): Finding[] {
  return orders.flatMap((order) => {
    const { fate } = order.terms
    const seen = order.buyer.visits.flatMap(({ status, location, outcome, ms }) => {
      const complaints = [
        status !== 303 && `was answered with ${status}`,
        !PAGES.test(location) && `was sent to ${location}`,
        ms > patience && `waited ${ms} ms`,
        outcome === 'not-paid' && fate !== 'unpaid' && 'was told that nothing was paid',
        outcome === 'paid' && fate === 'unpaid' && 'was told that it was paid',
      ]
      return complaints.flatMap((text) => (text ? [{ order, text: `a buyer ${text}` }] : []))
    })
    const odd = [...order.post.answers.keys()].filter((status) => status !== 200 && status !== 503 && status !== 'none')
    return [...seen, ...odd.map((status) => ({ order, text: `a webhook was answered with ${status}` }))]
  })
}
