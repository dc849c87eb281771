/** How each provider's simulation gets an order of given terms, at a given moment. */
import type { World } from '../../sandbox/world/world.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import { OURS, type Terms, THEIRS } from './terms.ts'
import { DAY } from './trouble.ts'

/** `isPaid`: the money is there, which of a late order it is not at first. */
type Sell = (world: World, id: string, terms: Terms, at: Date, isPaid: boolean) => unknown

export const SELL: Record<ProviderName, Sell> = {
  stripe({ stripe }, id, terms, at, isPaid) {
    const { kind, fate, currency, minor, tax, carried } = terms
    const created = Math.floor(at.getTime() / 1000)
    const isMarked = created % 2 === 0
    const fields = {
      ...{ created, currency: currency.toLowerCase(), livemode: fate !== 'test' },
      customer_details: { ...person(id), address: null, phone: null },
      // By metadata of the link, or in the field that sellers use for ids of their own.
      ...(carried && (isMarked ? { client_reference_id: `order7-datafast_${carried}` } : { metadata: carrying(carried) })),
      success_url: `${OURS}/stripe?session_id={CHECKOUT_SESSION_ID}`,
    }
    const amounts = { amount_total: minor, amount_subtotal: minor, total_details: { amount_tax: tax } }
    if (fate === 'free') {
      const nothing = { amount_total: 0, amount_subtotal: 0, total_details: { amount_tax: 0 } }
      return stripe.sell(id, { ...fields, ...nothing, payment_status: 'no_payment_required', payment_intent: null })
    }
    if (fate === 'unpaid') return stripe.sell(id, { ...fields, ...amounts, status: 'expired', payment_status: 'unpaid' })
    if (kind === 'trial') return stripe.startTrial(id, fields, created)
    if (kind === 'subscription') return stripe.subscribe(id, { ...fields, ...amounts }, { created })
    // Its bank says yes later: the same session, settled.
    const session = stripe.sessions.get(id)
    if (session && isPaid) return Object.assign(session, { payment_status: 'paid' })
    return stripe.sell(id, { ...fields, ...amounts, payment_status: isPaid ? 'paid' : 'unpaid' })
  },

  dodo({ dodo: live, dodoTest }, id, terms, at, isPaid) {
    const { kind, fate, currency, minor, tax, carried } = terms
    const dodo = fate === 'test' ? dodoTest : live
    const customer = { customer_id: `cus_${id.slice(-10)}`, ...person(id) }
    const common = { created_at: at.toISOString(), currency, metadata: carrying(carried), customer }
    const amounts = fate === 'free' ? { total_amount: 0, tax: 0 } : { total_amount: minor, tax }
    const status = fate === 'unpaid' ? 'failed' : isPaid ? 'succeeded' : 'processing'
    const subscription_id = id.replace('pay_', 'sub_')
    if (kind !== 'one-time') {
      const trial_period_days = kind === 'trial' ? 14 : 0
      dodo.subscribe(subscription_id, { ...common, trial_period_days, recurring_pre_tax_amount: minor })
    }
    if (kind === 'trial') return
    dodo.sell(id, { ...common, ...amounts, status, ...(kind === 'subscription' && { subscription_id }) })
  },

  creem({ creem: live, creemTest }, id, terms, at, isPaid) {
    const { kind, fate, currency, minor, tax, carried } = terms
    const creem = fate === 'test' ? creemTest : live
    const created_at = at.toISOString()
    const amounts = { amount: minor - tax, sub_total: minor - tax, tax_amount: tax, amount_due: minor, amount_paid: minor }
    const nothing = { amount: 0, sub_total: 0, tax_amount: 0, amount_due: 0, amount_paid: 0 }
    const changes = {
      checkout: { metadata: carrying(carried) },
      product: { price: minor - tax, currency },
      order: { created_at, updated_at: created_at, currency, ...amounts },
    }
    if (kind === 'trial') return creem.startTrial(id, { ...changes, order: { created_at, currency } })
    if (kind === 'subscription') return creem.subscribe(id, changes)
    if (fate === 'free') return creem.sell(id, { ...changes, order: { ...changes.order, ...nothing }, transaction: null })
    if (fate === 'unpaid' || !isPaid) {
      const status = fate === 'unpaid' ? 'expired' : 'processing'
      return creem.sell(id, { ...changes, checkout: { ...changes.checkout, status }, transaction: null })
    }
    return creem.sell(id, changes)
  },

  polar({ polar: live, polarSandbox }, id, terms, at, isPaid) {
    const { kind, fate, currency, minor, tax, carried } = terms
    const polar = fate === 'test' ? polarSandbox : live
    const created_at = at.toISOString()
    const metadata = carried ? (at.getTime() % 2 ? carrying(carried) : { reference_id: `datafast_${carried}` }) : {}
    const amounts = fate === 'free' ? { subtotal_amount: 0, tax_amount: 0 } : { subtotal_amount: minor - tax, tax_amount: tax }
    const success_url = fate === 'elsewhere' ? THEIRS : `${OURS}/polar?checkout_id=${id}`
    const priced = { ...amounts, discount_amount: 0 }
    const checkout = { ...priced, created_at, currency: currency.toLowerCase(), metadata, success_url, ...buyerOf(id) }
    const changes = { checkout, order: { created_at, metadata }, subscription: { metadata, created_at } }
    if (kind === 'trial') {
      const trial_end = new Date(at.getTime() + 14 * DAY).toISOString()
      return polar.startTrial(id, { ...changes, checkout: { ...checkout, trial_end } })
    }
    if (kind === 'subscription') return polar.subscribe(id, changes)
    if (isPaid && fate !== 'unpaid') return polar.sell(id, changes)
    return polar.sell(id, { checkout: { ...checkout, status: fate === 'unpaid' ? 'failed' : 'confirmed' }, order: null })
  },

  lemonsqueezy({ lemonSqueezy }, id, terms, at, isPaid) {
    const { kind, fate, currency, minor, tax } = terms
    const dated = { created_at: at.toISOString(), updated_at: at.toISOString() }
    const { email: user_email, name: user_name } = person(id)
    const amounts = fate === 'free' ? { subtotal: 0, tax: 0 } : { subtotal: minor - tax, tax }
    const status = fate === 'unpaid' ? 'failed' : isPaid ? 'paid' : 'pending'
    const attributes = { ...dated, currency, user_email, user_name, test_mode: fate === 'test' }
    if (kind === 'trial') {
      const trial_ends_at = new Date(at.getTime() + 14 * DAY).toISOString()
      return lemonSqueezy.startTrial(id, attributes, { trial_ends_at, renews_at: trial_ends_at })
    }
    if (kind === 'subscription') return lemonSqueezy.subscribe(id, { ...attributes, ...amounts })
    return lemonSqueezy.sell(id, { ...attributes, ...amounts, status })
  },

  paddle({ paddle: live, paddleSandbox }, id, terms, at, isPaid) {
    const { kind, fate, currency, minor, tax, carried } = terms
    const paddle = fate === 'test' ? paddleSandbox : live
    const moment = at.toISOString()
    const dated = { created_at: moment, billed_at: moment, updated_at: moment }
    const fields = { ...dated, currency_code: currency, custom_data: carrying(carried) }
    const totals = fate === 'free' ? { subtotal: '0', tax: '0' } : { subtotal: String(minor - tax), tax: String(tax) }
    if (kind === 'trial') return paddle.startTrial(id, fields)
    if (kind === 'subscription') return paddle.subscribe(id, fields, totals)
    const status = fate === 'unpaid' ? 'canceled' : isPaid ? 'completed' : 'billed'
    return paddle.sell(id, { ...fields, status }, totals)
  },

  gumroad({ gumroad }, id, terms, at) {
    const { kind, fate, minor } = terms
    const { email, name } = person(id)
    const own = fate === 'test' ? gumroad.user.email : email
    const price = fate === 'free' ? 0 : minor
    const dollars = `$${(price / 100).toFixed(2)}`
    const fields = {
      ...{ created_at: at.toISOString().replace(/\.\d+/, ''), email: own, full_name: name, price },
      ...{ formatted_display_price: dollars, currency_symbol: '$', amount_refundable_in_currency: dollars.slice(1) },
    }
    if (kind === 'trial') return gumroad.startTrial(id, fields)
    return kind === 'subscription' ? gumroad.subscribe(id, fields) : gumroad.sell(id, fields)
  },
}

function carrying(visitor: string | undefined) {
  return visitor === undefined ? {} : { datafast_visitor_id: visitor }
}

/** A buyer nobody else is: whoever keeps their name or address can be caught. */
function person(id: string) {
  return { email: `buyer.${id.replaceAll(/\W/g, '').slice(-12).toLowerCase()}@example.net`, name: 'Bea Buyer' }
}

function buyerOf(id: string) {
  const { email, name } = person(id)
  return { customer_email: email, customer_name: name }
}
