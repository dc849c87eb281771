import { randomUUID } from 'node:crypto'
import { DAY_MS, HOUR_MS, later } from './later.ts'

export type Fields = Record<string, unknown>
export type PaddleTransaction = Fields & {
  id: string
  status: string
  subscription_id: string | null
  created_at: string
  details: Fields & { totals: Fields }
}
export type PaddleAdjustment = Fields & {
  id: string
  transaction_id: string
  subscription_id: string | null
  action: string
  status: string
  created_at: string
}

/** What Paddle writes where something has never been updated. */
export const NEVER = '0001-01-01T00:00:00Z'

/** An id nobody used before; or, for a text, the one that follows from it. */
export function paddleId(prefix: string, uuid: string = randomUUID()): string {
  return `${prefix}_01${uuid.replaceAll('-', '').slice(0, 24)}`
}

/** An approved refund of some of a transaction, of which `minor` is given back, the tax within it. `earlier`: refunds before it. */
export function refundShape(
  transaction: PaddleTransaction,
  minor: number,
  before: { count: number; minor: number },
  fields: Fields,
): PaddleAdjustment {
  const { id, subscription_id, customer_id, currency_code, billed_at, details } = transaction
  const { grand_total, grand_total_tax } = details.totals
  const type = minor === Number(grand_total) ? 'full' : 'partial'
  // What is left at last has the tax that is left.
  const taxUpTo = (amount: number) => Math.round((Number(grand_total_tax) * amount) / Number(grand_total))
  const tax = taxUpTo(before.minor + minor) - taxUpTo(before.minor)
  const shares = { subtotal: String(minor - tax), tax: String(tax), total: String(minor) }
  const created_at = later(billed_at ?? transaction.created_at, DAY_MS + before.count * HOUR_MS, '297')
  return {
    id: paddleId('adj'),
    action: 'refund',
    type,
    transaction_id: id,
    subscription_id,
    customer_id,
    reason: 'requested by the buyer',
    credit_applied_to_balance: null,
    currency_code,
    status: 'approved',
    items: [{ id: paddleId('adjitm'), item_id: paddleId('txnitm'), type, amount: String(minor), proration: null, totals: shares }],
    totals: { ...shares, fee: '0', retained_fee: '0', earnings: shares.subtotal, currency_code },
    payout_totals: null,
    tax_rates_used: [],
    created_at,
    updated_at: fields.status === 'pending_approval' ? NEVER : later(created_at, 10 * 60_000, '425'),
    ...fields,
  }
}

/** In the smallest unit, as text. Fee and earnings are known once the transaction is completed, and nothing is open then. */
export function totalsOf(fields: Fields, status: string): Fields {
  const { subtotal = '3500', discount = '0', tax = '665', credit = '0', ...rest } = fields
  const total = Number(subtotal) - Number(discount) + Number(tax)
  const grand_total = total - Number(credit)
  const isPaid = status === 'completed' || status === 'paid'
  const fee = Math.round(grand_total * 0.05)
  return {
    subtotal,
    discount,
    tax,
    total: String(total),
    credit,
    credit_to_balance: '0',
    balance: isPaid ? '0' : String(grand_total),
    grand_total: String(grand_total),
    grand_total_tax: tax,
    fee: status === 'completed' ? String(fee) : null,
    earnings: status === 'completed' ? String(grand_total - Number(tax) - fee) : null,
    ...rest,
  }
}

/** One unit of what is sold; its price tells how it is charged. */
export function item(price: Fields): Fields {
  return {
    quantity: 1,
    proration: null,
    price: {
      id: 'pri_01sandboxpriceofpaddle0000',
      product_id: 'pro_01sandboxproductofpaddle00',
      name: 'Sandbox price',
      description: 'Sandbox price',
      type: 'standard',
      tax_mode: 'account_setting',
      unit_price: { amount: '3500', currency_code: 'EUR' },
      unit_price_overrides: [],
      quantity: { minimum: 1, maximum: 1 },
      status: 'active',
      custom_data: null,
      ...price,
    },
  }
}
