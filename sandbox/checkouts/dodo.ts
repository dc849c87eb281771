import { type Checkout, type Counter, freshId, keptOf, type Purchase, type Taken } from './checkout.ts'

/** A subscription's first charge trails its activation: by minutes at Dodo, by seconds here. */
const CHARGE_DELAY_MS = 4_000

/** It shows them on payments and subscriptions alike (docs.dodopayments.com, metadata). */
const METADATA = /^metadata_(.+)$/

/** A Dodo Payments link: it redirects with the payment's id, after a subscription with the subscription's alone. */
export const dodo: Checkout = {
  provider: 'dodo',
  title: 'Dodo Payments',
  host: 'checkout.dodopayments.com',
  comeback: 'redirects at once, a subscription before its first payment',
  currencies: ['EUR', 'USD', 'JPY', 'KWD'],
  tellsUnpaid: true,

  take: (purchase, counter) => (purchase.subscription ? subscribe(purchase, counter) : sell(purchase, counter)),

  referenceIn(parameters) {
    const id = parameters.get('payment_id') ?? parameters.get('subscription_id')
    return id && /^(pay|sub)_/.test(id) ? `dodo:${id}` : undefined
  },
}

function sell({ minor, currency, payment }: Purchase, { world, carried, awaitBank }: Counter): Taken {
  const id = freshId('pay_')
  const status = payment === 'declined' ? 'failed' : payment === 'later' && minor > 0 ? 'processing' : 'succeeded'
  const metadata = keptOf(carried, METADATA)
  const order = world.dodo.sell(id, { status, total_amount: minor, tax: 0, currency, created_at: new Date().toISOString(), metadata })
  if (status === 'processing') {
    awaitBank(() => {
      order.status = 'succeeded'
    })
  }
  return { id, parameters: { payment_id: id, status } }
}

function subscribe({ minor, currency, payment, trial }: Purchase, { world, timeline, carried, later, awaitBank }: Counter): Taken {
  const id = freshId('sub_')
  const status = payment === 'declined' ? 'failed' : 'active'
  const metadata = keptOf(carried, METADATA)
  world.dodo.subscribe(id, {
    status,
    currency,
    created_at: new Date().toISOString(),
    recurring_pre_tax_amount: minor,
    trial_period_days: trial ? 14 : 0,
    metadata,
  })
  const charge = () => {
    world.dodo.sell(freshId('pay_'), {
      subscription_id: id,
      total_amount: minor,
      tax: 0,
      currency,
      created_at: new Date().toISOString(),
      metadata,
    })
    timeline.tell('Dodo Payments takes the subscription’s first payment.')
  }
  if (status === 'active' && !trial) {
    if (payment === 'later' && minor > 0) awaitBank(charge)
    else later(CHARGE_DELAY_MS, charge)
  }
  return { id, parameters: { subscription_id: id, status } }
}
