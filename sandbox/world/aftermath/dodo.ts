import { derivedUuid } from '../derived-uuid.ts'
import type { Dodo, DodoPayment, DodoRefund, DodoSubscription } from '../dodo.ts'
import { DAY_MS } from '../later.ts'
import type { ProviderEvent } from '../provider-event.ts'
import type { AftermathOf, Movement } from './aftermath.ts'
import { inMajorUnits, shareOf } from './amounts.ts'

type Fields = Record<string, unknown>
/** A sale as the world has it; one-time payments have no subscription, a free trial no payment. */
type Sale = { subscription?: DodoSubscription; payment?: DodoPayment }

/** What Dodo Payments tells about one sale, named by its payment or by its subscription. */
export const dodo: AftermathOf = (world, saleId) => {
  const api = [world.dodo, world.dodoTest].find(({ payments, subscriptions }) => payments.has(saleId) || subscriptions.has(saleId))
  if (!api) throw new Error(`no sale ${saleId}`)
  const sold = (): Movement => saleOf(findSale(api, saleId), saleId)
  return {
    sold,

    renewed() {
      const { subscription } = findSale(api, saleId)
      if (!subscription) throw new Error(`${saleId} is no subscription`)
      const payment = api.renew(subscription.subscription_id, `pay_${saleId.slice(4)}R${api.payments.size}`)
      return { transactionId: payment.payment_id, amount: paidOf(payment), events: chargeEvents(subscription, payment) }
    },

    refunded(part, of = sold().transactionId) {
      const payment = api.payments.get(of)
      if (!payment) throw new Error(`nothing was paid under ${of}`)
      const amount = shareOf(part, payment.total_amount, api.refundedOf(of))
      const refund = api.refund(`ref_${of.slice(4)}N${api.refunds.size + 1}`, of, { amount })
      return { transactionId: refund.refund_id, amount: inMajorUnits(amount, payment.currency), events: [refundEvent(refund)] }
    },
  }
}

function findSale(api: Dodo, id: string): Sale {
  const named = api.payments.get(id)
  const subscription = api.subscriptions.get(String(named?.subscription_id ?? id))
  if (named || !subscription) return { payment: named, subscription }
  const end = trialEnd(subscription)
  const [payment] = api.chargesOf(id).filter(({ created_at }) => !end || Date.parse(created_at) < end)
  return { subscription, payment }
}

/** When a subscription's free trial ends; 0 where it has none. */
function trialEnd({ trial_period_days, trial_amount, created_at }: DodoSubscription): number {
  const days = Number(trial_amount) > 0 ? 0 : Number(trial_period_days)
  return days > 0 ? Date.parse(created_at) + days * DAY_MS : 0
}

function saleOf({ subscription, payment }: Sale, id: string): Movement {
  const started = subscription ? startEvents(subscription) : []
  if (!payment) return { transactionId: id, amount: 0, events: started }
  const charged = subscription ? chargeEvents(subscription, payment) : paymentEvents(payment)
  const ofTrial = subscription && trialEnd(subscription) > 0 && payment.total_amount === 0
  return {
    transactionId: ofTrial ? subscription.subscription_id : payment.payment_id,
    amount: paidOf(payment),
    events: [...started, ...charged],
  }
}

function startEvents(subscription: DodoSubscription): ProviderEvent[] {
  const { status, created_at, subscription_id } = subscription
  // Dodo sends an object's latest state: one that was cancelled since was active all the same.
  const name = status === 'pending' ? undefined : status === 'failed' ? 'subscription.failed' : 'subscription.active'
  return name ? [event(name, subscription_id, created_at, { payload_type: 'Subscription', ...subscription })] : []
}

/** A subscription is told to be renewed at its first charge, too, and does not name the payment. */
function chargeEvents(subscription: DodoSubscription, payment: DodoPayment): ProviderEvent[] {
  const { payment_id, status, created_at } = payment
  const renewed = event('subscription.renewed', payment_id, created_at, { payload_type: 'Subscription', ...subscription })
  return [...(status === 'succeeded' ? [renewed] : []), ...paymentEvents(payment)]
}

/** A payment that waits for the buyer is not told. */
function paymentEvents(payment: DodoPayment): ProviderEvent[] {
  const { status, payment_id, created_at } = payment
  if (!status || !['succeeded', 'failed', 'processing', 'cancelled'].includes(status)) return []
  return [event(`payment.${status}`, payment_id, created_at, { payload_type: 'Payment', ...payment })]
}

function refundEvent(refund: DodoRefund): ProviderEvent {
  return event('refund.succeeded', refund.refund_id, refund.created_at, { payload_type: 'Refund', ...refund })
}

/** @param key - tells events of one name apart */
function event(name: string, key: string, timestamp: string, data: Fields): ProviderEvent {
  const id = `msg_${derivedUuid(`${name} ${key}`).replaceAll('-', '').slice(0, 27)}`
  return { provider: 'dodo', name, id, body: JSON.stringify({ business_id: 'bus_sandbox', type: name, timestamp, data }) }
}

function paidOf({ total_amount, currency }: DodoPayment): number {
  return inMajorUnits(total_amount, currency)
}
