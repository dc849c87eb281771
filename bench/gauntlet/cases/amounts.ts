import { recordedOnce } from '../judge.ts'
import type { Stage } from '../stage.ts'
import type { Case } from './case.ts'

/** `minor`: as Stripe has it (docs.stripe.com/currencies). `major`: as DataFast is to get it. */
type Price = { minor: number; currency: string; major: number }

/** How much it was. */
export const AMOUNTS: Case[] = [
  {
    name: 'A currency without cents is not divided: 1,999 yen are 1,999 yen.',
    run: (stage) => each(stage, { minor: 1_999, currency: 'jpy', major: 1_999 }, { minor: 25_000, currency: 'krw', major: 25_000 }),
  },
  {
    name: 'A currency with thousandths is divided by a thousand: 2,990 is 2.99 dinars.',
    run: (stage) => each(stage, { minor: 2_990, currency: 'kwd', major: 2.99 }, { minor: 19_950, currency: 'bhd', major: 19.95 }),
  },
  {
    name: 'Where Stripe has cents though the currency has none, or the other way round, Stripe’s way counts.',
    run: (stage) =>
      each(
        stage,
        { minor: 50_000, currency: 'isk', major: 500 },
        { minor: 500_000, currency: 'ugx', major: 5_000 },
        { minor: 5_000, currency: 'mga', major: 5_000 },
      ),
  },
  {
    name: 'Cents stay exact: no 0.57 becomes 0.5700000000000001.',
    run: (stage) =>
      each(stage, ...[29, 57, 110, 435, 1_005, 6_410, 114_999].map((minor) => ({ minor, currency: 'eur', major: Number(decimal(minor)) }))),
  },
  {
    name: 'Large amounts stay exact: 9,999,999,999.99 rupiah.',
    run: (stage) => each(stage, { minor: 999_999_999_999, currency: 'idr', major: 9_999_999_999.99 }),
  },
  {
    name: 'A discount is taken off, and a price shown in the buyer’s own currency is recorded in the seller’s.',
    async run(stage) {
      const discount = {
        amount_subtotal: 2_499,
        amount_total: 1_999,
        total_details: { amount_discount: 500, amount_shipping: 0, amount_tax: 0 },
      }
      const sale = stage.sell({ ...discount, presentment_details: { presentment_amount: 2_163, presentment_currency: 'usd' } })
      await stage.visit(sale)
      await recordedOnce(stage, sale)
    },
  },
]

async function each(stage: Stage, ...prices: Price[]): Promise<void> {
  const sales = prices.map((price) => ({ price, sale: stage.sell(sessionOf(price)) }))
  for (const { sale } of sales) await stage.visit(sale)
  await Promise.all(
    sales.map(({ sale, price }) => recordedOnce(stage, sale, { amount: price.major, currency: price.currency.toUpperCase() })),
  )
}

function sessionOf({ minor, currency }: Price) {
  return { amount_subtotal: minor, amount_total: minor, currency, total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 } }
}

/** Cents as text, so that nothing is computed in the way that is tried. */
function decimal(cents: number): string {
  return `${String(cents).padStart(3, '0').slice(0, -2)}.${String(cents).slice(-2).padStart(2, '0')}`
}
