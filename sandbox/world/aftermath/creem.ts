import { type Creem, type CreemCheckout, type CreemSubscription, type CreemTransaction, orderInEvents } from '../creem.ts'
import { derivedUuid } from '../derived-uuid.ts'
import { MONTH_MS } from '../later.ts'
import type { ProviderEvent } from '../provider-event.ts'
import type { AftermathOf, Movement } from './aftermath.ts'
import { inMajorUnits, shareOf } from './amounts.ts'

type Fields = Record<string, unknown>

/** What Creem tells about one checkout. */
export const creem: AftermathOf = (world, saleId) => {
  const api = [world.creem, world.creemTest].find(({ checkouts }) => checkouts.has(saleId))
  if (!api) throw new Error(`no checkout ${saleId}`)
  const sold = (): Movement => saleOf(api, checkoutOf(api, saleId))
  return {
    sold,

    renewed() {
      const checkout = checkoutOf(api, saleId)
      if (!checkout.subscription) throw new Error(`${saleId} is no subscription`)
      const transaction = charge(api, checkout.subscription, `tran_${saleId.slice(3)}R${api.transactions.size}`)
      return {
        transactionId: transaction.id,
        amount: paidOf(transaction),
        events: [paidEvent(checkout, checkout.subscription, transaction)],
      }
    },

    refunded(part, of = sold().transactionId) {
      const transaction = api.transactions.get(of)
      if (!transaction) throw new Error(`nothing was paid under ${of}`)
      const minor = shareOf(part, transaction.amount_paid, Number(transaction.refunded_amount))
      const refund = api.refund(of, minor)
      return {
        // No refund has an address at the API: the transaction with all that went back by then stands for it.
        transactionId: `${of}_refund_${transaction.refunded_amount}`,
        amount: inMajorUnits(minor, transaction.currency),
        events: [event('refund.created', refund.id, refund.created_at, refund)],
      }
    },
  }
}

function checkoutOf(api: Creem, id: string): CreemCheckout {
  const checkout = api.checkouts.get(id)
  if (!checkout) throw new Error(`no checkout ${id}`)
  return checkout
}

/** The next period begins where the one before ends: after the latest transaction's, or after the trial. */
function charge(api: Creem, subscription: CreemSubscription, id: string): CreemTransaction {
  const charges = [...api.transactions.values()].filter((transaction) => transaction.subscription === subscription.id)
  const end = Math.max(...charges.map(({ period_end }) => Number(period_end)))
  const start = charges.length ? end : Date.parse(String(subscription.current_period_end_date))
  return api.charge(subscription.id, id, { period_start: start, period_end: start + MONTH_MS, created_at: start + 5_000 })
}

/** An unfinished checkout is told nothing of. */
function saleOf(api: Creem, checkout: CreemCheckout): Movement {
  const { id, order, subscription } = checkout
  const transaction = api.transactions.get(String(order?.transaction))
  const paid = transaction && transaction.amount_paid > 0 ? transaction : undefined
  return {
    transactionId: paid?.id ?? id,
    amount: paid ? paidOf(paid) : 0,
    events: checkout.status === 'completed' ? [...begun(checkout, subscription, paid), completedEvent(checkout)] : [],
  }
}

/** What is told of a subscription when it begins. */
function begun(checkout: CreemCheckout, subscription?: CreemSubscription, paid?: CreemTransaction): ProviderEvent[] {
  if (!subscription) return []
  const { product } = checkout
  const trial = subscription.status === 'trialing' || (!paid && !!product.trial_period_days && !product.trial_price)
  const status = trial ? 'trialing' : 'active'
  const started = expanded(checkout, { ...inCheckout(subscription), status })
  const first = event(`subscription.${status}`, subscription.id, orderedAt(checkout) + 1_000, started)
  return paid ? [first, paidEvent(checkout, subscription, paid)] : [first]
}

/** Told of every charge, the first one included; the subscription names the transaction. */
function paidEvent(checkout: CreemCheckout, subscription: CreemSubscription, transaction: CreemTransaction): ProviderEvent {
  const { id, created_at, period_start, period_end } = transaction
  const told = {
    ...subscription,
    last_transaction_id: id,
    last_transaction_date: iso(created_at),
    next_transaction_date: iso(period_end),
    current_period_start_date: iso(period_start),
    current_period_end_date: iso(period_end),
  }
  return event('subscription.paid', id, created_at + 200, expanded(checkout, told))
}

function completedEvent(checkout: CreemCheckout): ProviderEvent {
  const { order, subscription } = checkout
  const told = { ...checkout, order: order && orderInEvents(order), ...(subscription && { subscription: inCheckout(subscription) }) }
  return event('checkout.completed', checkout.id, orderedAt(checkout) + 2_000, told)
}

/** A subscription inside a checkout, or just begun, tells nothing of transactions and periods. */
function inCheckout(subscription: CreemSubscription): Fields {
  return Object.fromEntries(Object.entries(subscription).filter(([name]) => !/transaction|period/.test(name)))
}

/** A subscription told by itself brings its customer and product along. */
function expanded({ product, customer }: CreemCheckout, subscription: Fields): Fields {
  return { ...subscription, product, customer }
}

function orderedAt({ order }: CreemCheckout): number {
  return Date.parse(String(order?.created_at))
}

/** @param key - tells events of one name apart */
function event(name: string, key: string, created_at: number, object: Fields): ProviderEvent {
  const id = `evt_${derivedUuid(`${name} ${key}`).replaceAll('-', '').slice(0, 22)}`
  return { provider: 'creem', name, id, body: JSON.stringify({ id, eventType: name, created_at, object }) }
}

function paidOf({ amount_paid, currency }: CreemTransaction): number {
  return inMajorUnits(amount_paid, currency)
}

function iso(ms: unknown): string | null {
  return typeof ms === 'number' ? new Date(ms).toISOString() : null
}
