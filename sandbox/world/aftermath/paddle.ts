import { derivedUuid } from '../derived-uuid.ts'
import { later } from '../later.ts'
import type { Paddle } from '../paddle.ts'
import { type Fields, NEVER, type PaddleTransaction, paddleId } from '../paddle-shapes.ts'
import type { ProviderEvent } from '../provider-event.ts'
import type { AftermathOf, Movement } from './aftermath.ts'
import { inMajorUnits, shareOf } from './amounts.ts'

/** How long after the money completion, with subscription and invoice, may come. */
const COMPLETION_MS = 99_000

/** An event, and when it happened. */
type Happening = { name: string; at: string; data: Fields }

/** Whatever a transaction of Paddle is followed by. Its events tell no more of the visitor than its API does. */
export const paddle: AftermathOf = (world, saleId) => {
  const api = [world.paddle, world.paddleSandbox].find(({ transactions }) => transactions.has(saleId))
  if (!api) throw new Error(`no transaction ${saleId}`)
  const sale = () => transactionOf(api, saleId)

  return {
    sold: () => movementOf(sale(), saleOf(sale())),

    renewed() {
      const first = sale()
      const { subtotal, discount, tax, grand_total } = first.details.totals
      // What cost nothing at first costs the usual now.
      const totals = Number(grand_total) > 0 ? { subtotal, discount, tax } : {}
      const renewal = api.renew(String(first.subscription_id), paddleId('txn'), { items: first.items }, totals)
      // Its subscription exists: only the invoice is still to come.
      return movementOf(renewal, [paidOf(renewal, renewal.subscription_id), completedOf(renewal)])
    },

    refunded(part, of = saleId) {
      const transaction = transactionOf(api, of)
      const minor = shareOf(part, Number(transaction.details.totals.grand_total), api.refundedOf(of))
      const adjustment = api.refund(of, part === 'rest' ? 'all' : minor)
      const requested = { ...adjustment, status: 'pending_approval', updated_at: NEVER }
      const events = eventsOf([
        { name: 'adjustment.created', at: later(adjustment.created_at, 500, '457'), data: requested },
        { name: 'adjustment.updated', at: later(adjustment.updated_at, 200, '443'), data: adjustment },
      ])
      return { transactionId: adjustment.id, amount: inMajorUnits(minor, transaction.currency_code), events }
    },
  }
}

function transactionOf(api: Paddle, id: string): PaddleTransaction {
  const transaction = api.transactions.get(id)
  if (!transaction) throw new Error(`no transaction ${id}`)
  return transaction
}

function movementOf(transaction: PaddleTransaction, happenings: Happening[]): Movement {
  const { id, details, currency_code } = transaction
  return { transactionId: id, amount: inMajorUnits(details.totals.grand_total, currency_code), events: eventsOf(happenings) }
}

/** The money comes first; subscription and invoice are made of it afterwards. */
function saleOf(transaction: PaddleTransaction): Happening[] {
  const completed = completedOf(transaction)
  const begun = transaction.subscription_id ? subscriptionOf(transaction, transaction.subscription_id) : []
  return [paidOf(transaction, null), ...begun, { ...completed, name: 'transaction.updated' }, completed]
}

function paidOf(transaction: PaddleTransaction, subscription_id: string | null): Happening {
  const { details } = transaction
  const totals = { ...details.totals, fee: null, earnings: null }
  const unfinished = { subscription_id, invoice_id: null, invoice_number: null, details: { ...details, totals } }
  return {
    name: 'transaction.paid',
    at: later(momentOf(transaction), 1_000, '401'),
    data: { ...transaction, ...unfinished, status: 'paid' },
  }
}

function completedOf(transaction: PaddleTransaction): Happening {
  const at = later(momentOf(transaction), COMPLETION_MS, '122')
  return { name: 'transaction.completed', at, data: { ...transaction, status: 'completed', updated_at: at } }
}

/** A trial is not activated: it begins. */
function subscriptionOf(transaction: PaddleTransaction, id: string): Happening[] {
  const { customer_id, custom_data, currency_code, address_id, business_id, billing_period, items } = transaction
  const isTrial = (items as { price?: { trial_period?: unknown } }[]).some(({ price }) => price?.trial_period)
  const at = later(momentOf(transaction), COMPLETION_MS - 2_000, '310')
  const data = {
    id,
    status: isTrial ? 'trialing' : 'active',
    ...{ customer_id, address_id, business_id, currency_code, custom_data, items },
    collection_mode: 'automatic',
    billing_cycle: { interval: 'month', frequency: 1 },
    billing_details: null,
    current_billing_period: billing_period,
    scheduled_change: null,
    discount: null,
    ...{ started_at: at, first_billed_at: at, next_billed_at: null, paused_at: null, canceled_at: null },
    ...{ created_at: at, updated_at: at },
  }
  return [
    { name: 'subscription.created', at, data: { ...data, transaction_id: transaction.id } },
    { name: isTrial ? 'subscription.trialing' : 'subscription.activated', at, data },
  ]
}

function momentOf({ billed_at, created_at }: PaddleTransaction): unknown {
  return billed_at ?? created_at
}

function eventsOf(happenings: Happening[]): ProviderEvent[] {
  return happenings.map(({ name, at, data }) => {
    const id = paddleId('evt', derivedUuid(`paddle ${name} ${data.id}`))
    const notification_id = paddleId('ntf', derivedUuid(`notification of ${id}`))
    return {
      provider: 'paddle',
      name,
      id,
      body: JSON.stringify({ event_id: id, event_type: name, occurred_at: at, notification_id, data }),
    }
  })
}
