import { recordedOnce } from '../judge.ts'
import type { Stage } from '../stage.ts'
import type { Case } from './case.ts'

/** `minor`: as Stripe has it (docs.stripe.com/currencies). `major`: as DataFast is to get it. */
type Price = { minor: number; currency: string; major: number }

/** How much it was. */
export const AMOUNTS: Case[] = [
  {
    name: 'A currency without cents is not divided, one with thousandths by a thousand: 1,999 yen stay 1,999, and 2,990 are 2.99 dinars.',
    run: (stage) => each(stage, { minor: 1_999, currency: 'jpy', major: 1_999 }, { minor: 2_990, currency: 'kwd', major: 2.99 }),
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
    name: 'Amounts stay exact, whether cents or thousands of millions: no 0.57 becomes 0.5700000000000001.',
    run: (stage) =>
      each(
        stage,
        ...[29, 57, 110, 435, 1_005, 6_410, 114_999].map((minor) => ({ minor, currency: 'eur', major: Number(decimal(minor)) })),
        { minor: 999_999_999_999, currency: 'idr', major: 9_999_999_999.99 },
      ),
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
