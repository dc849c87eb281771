/** What a subscription's next charge, or a refund, is dated by: this moment, where the sandbox would have it a month or an hour after the sale. */
import { MONTH_MS } from '../../sandbox/world/later.ts'
import type { World } from '../../sandbox/world/world.ts'
import type { ProviderName } from '../../src/providers/index.ts'

type Redate = (world: World, transactionId: string, at: Date) => void

/** A charge of this moment. */
export const CHARGED_AT: Record<ProviderName, Redate> = {
  stripe({ stripe }, id, at) {
    const created = Math.floor(at.getTime() / 1000)
    Object.assign(found(stripe.invoices.get(id)), { created, status_transitions: { paid_at: created } })
  },
  dodo({ dodo }, id, at) {
    found(dodo.payments.get(id)).created_at = at.toISOString()
  },
  creem({ creem }, id, at) {
    const created_at = at.getTime()
    Object.assign(found(creem.transactions.get(id)), { created_at, period_start: created_at, period_end: created_at + MONTH_MS })
  },
  polar({ polar }, id, at) {
    found(polar.orders.get(id)).created_at = at.toISOString()
  },
  lemonsqueezy({ lemonSqueezy }, id, at) {
    const moment = at.toISOString()
    Object.assign(found(lemonSqueezy.invoices.get(id.replace('ls_subinv_', ''))).attributes, { created_at: moment, updated_at: moment })
  },
  paddle({ paddle }, id, at) {
    const moment = at.toISOString()
    Object.assign(found(paddle.transactions.get(id)), { created_at: moment, billed_at: moment, updated_at: moment })
  },
  gumroad({ gumroad }, id, at) {
    found(gumroad.sales.get(id)).created_at = at.toISOString().replace(/\.\d+/, '')
  },
}

/** A refund of this moment. Creem and Gumroad tell no time of it. */
export const REFUNDED_AT: Record<ProviderName, Redate> = {
  stripe({ stripe }, id, at) {
    found(stripe.refunds.get(id)).created = Math.floor(at.getTime() / 1000)
  },
  dodo({ dodo }, id, at) {
    const refund = found(dodo.refunds.get(id))
    const inPayment = dodo.payments.get(String(refund.payment_id))?.refunds.find(({ refund_id }) => refund_id === id)
    for (const one of [refund, found(inPayment)]) one.created_at = at.toISOString()
  },
  creem() {},
  polar({ polar }, id, at) {
    found(polar.refunds.get(id)).created_at = at.toISOString()
  },
  lemonsqueezy({ lemonSqueezy }, id, at) {
    const [, kind = '', bill = ''] = /^ls_(order|subinv)_(\d+)_/.exec(id) ?? []
    const bills = kind === 'order' ? lemonSqueezy.orders : lemonSqueezy.invoices
    Object.assign(found(bills.get(bill)).attributes, { refunded_at: at.toISOString() })
  },
  paddle({ paddle }, id, at) {
    found(paddle.adjustments.get(id)).created_at = at.toISOString()
  },
  gumroad() {},
}

function found<Thing>(thing: Thing | undefined): Thing {
  if (!thing) throw new Error('nothing of that id')
  return thing
}
