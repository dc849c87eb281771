import { derivedUuid } from '../derived-uuid.ts'
import type { ProviderEvent } from '../provider-event.ts'
import type { StripeInvoice, StripeSession } from '../stripe.ts'
import type { World } from '../world.ts'
import type { AftermathOf, Movement } from './aftermath.ts'
import { inMajorUnits, shareOf } from './amounts.ts'

type Fields = Record<string, unknown>
type Api = World['stripe']
/** `livemode` is the payment's where the object has none; `key` tells events about one object apart. */
type Circumstances = { livemode: boolean; created: number; key?: string; previous_attributes?: Fields }

/** What Stripe tells about one session. Amounts and ids follow from the world alone, so that a second aftermath continues the first. */
export const stripe: AftermathOf = ({ stripe: api }, saleId) => {
  const session = () => sessionOf(api, saleId)
  let awaited = false
  return {
    sold() {
      const sale = session()
      if (sale.payment_status === 'paid') api.settle(saleId)
      const events = sale.status === 'complete' ? saleEvents(api, sale, awaited) : []
      awaited ||= sale.payment_status === 'unpaid'
      return { transactionId: transactionOf(sale), amount: inMajorUnits(sale.amount_total, sale.currency), events }
    },

    renewed() {
      const { mode, subscription } = session()
      if (mode !== 'subscription') throw new Error(`${saleId} is no subscription`)
      const invoice = api.renew(String(subscription), `in_${saleId.slice(-12)}r${api.invoices.size}`)
      return { transactionId: invoice.id, amount: inMajorUnits(invoice.amount_paid, invoice.currency), events: paidEvents(invoice) }
    },

    refunded: (part, of = transactionOf(session())) => giveBack(api, of.startsWith('in_') ? api.intentOf(of) : of, part),
  }
}

/**
 * An event about an invoice as an endpoint of an API version before 2025-03-31 ("basil") receives it: whoever made an
 * endpoint long ago keeps its version.
 */
export function preBasil({ stripe: api }: World, event: ProviderEvent): ProviderEvent {
  const told = JSON.parse(event.body) as { data: { object: StripeInvoice } }
  const { parent, total_taxes, lines, ...invoice } = told.data.object
  const { subscription, metadata } = parent.subscription_details
  const intent = api.intentOf(invoice.id) ?? null
  const object = {
    ...invoice,
    paid: invoice.status === 'paid',
    subscription,
    subscription_details: { metadata },
    payment_intent: intent,
    charge: intent && chargeOf(intent),
    tax: total_taxes[0]?.amount ?? null,
    total_tax_amounts: total_taxes.map(({ amount }) => ({ amount, inclusive: true, tax_rate: 'txr_sandbox' })),
    lines: {
      ...lines,
      data: lines.data.map(({ pricing: { price_details }, ...line }) => {
        const price = { id: price_details.price, object: 'price', product: price_details.product }
        return { ...line, type: 'subscription', subscription, price }
      }),
    },
  }
  return { ...event, body: JSON.stringify({ ...told, api_version: '2024-06-20', data: { object } }) }
}

/** @param awaited - whether the sale was told before, while its money was not there yet */
function saleEvents(api: Api, sale: StripeSession, awaited: boolean): ProviderEvent[] {
  const { livemode, created } = sale
  const invoice = api.invoices.get(String(sale.invoice))
  const subscription = api.subscriptions.get(String(sale.subscription))
  const completed = awaited ? { ...sale, payment_status: 'unpaid' } : sale
  return [
    ...(subscription ? [event('customer.subscription.created', subscription, { livemode, created: created + 1 })] : []),
    ...(invoice?.status === 'paid' ? [event('invoice.paid', invoice, { livemode, created: created + 2 })] : []),
    event('checkout.session.completed', completed, { livemode, created: created + 3 }),
    ...(awaited && sale.payment_status === 'paid'
      ? [event('checkout.session.async_payment_succeeded', sale, { livemode, created: created + 86_400 })]
      : []),
  ]
}

/** One charge of a subscription is told twice. */
function paidEvents(invoice: StripeInvoice): ProviderEvent[] {
  const at = { livemode: invoice.livemode, created: invoice.created + 3601 }
  return [event('invoice.paid', invoice, at), event('invoice.payment_succeeded', invoice, at)]
}

function giveBack(api: Api, intent: string | undefined, part: 'part' | 'rest'): Movement {
  const paid = intent && api.paidWith(intent)
  if (!paid) throw new Error('nothing was paid')
  const before = api.refundedOf(intent)
  const amount = shareOf(part, paid.amount, before)
  const refund = api.refund(`re_${intent.slice(3)}n${api.refunds.size + 1}`, intent, { amount })
  const at = { livemode: paid.livemode, created: refund.created + 1, key: refund.id }
  const charge = {
    id: refund.charge,
    object: 'charge',
    amount: paid.amount,
    amount_captured: paid.amount,
    // Of all refunds together.
    amount_refunded: before + amount,
    captured: true,
    created: paid.created,
    currency: paid.currency,
    customer: paid.customer,
    disputed: false,
    livemode: paid.livemode,
    metadata: {},
    paid: true,
    payment_intent: intent,
    refunded: before + amount === paid.amount,
    status: 'succeeded',
  }
  const events = [
    event('charge.refunded', charge, { ...at, previous_attributes: { amount_refunded: before, refunded: false } }),
    event('refund.created', refund, at),
    event('refund.updated', refund, { ...at, created: at.created + 5, previous_attributes: { balance_transaction: null } }),
  ]
  return { transactionId: refund.id, amount: inMajorUnits(amount, refund.currency), events }
}

function event(name: string, object: Fields, { livemode, created, key, previous_attributes }: Circumstances): ProviderEvent {
  const id = `evt_1${derivedUuid(`${name} ${key ?? object.id}`)
    .replaceAll('-', '')
    .slice(0, 23)}`
  const envelope = {
    id,
    object: 'event',
    api_version: '2026-07-29.dahlia',
    created,
    data: { object, ...(previous_attributes && { previous_attributes }) },
    livemode,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type: name,
  }
  return { provider: 'stripe', name, id, body: JSON.stringify(envelope) }
}

function sessionOf(api: Api, id: string): StripeSession {
  const session = api.sessions.get(id)
  if (!session) throw new Error(`no session ${id}`)
  return session
}

/** No single id exists everywhere: the intent is null for subscriptions, the invoice for one-time payments. */
function transactionOf({ id, mode, invoice, payment_intent }: StripeSession): string {
  return String((mode === 'subscription' ? invoice : payment_intent) ?? id)
}

function chargeOf(intent: string): string {
  return `ch_${intent.slice(3)}`
}
