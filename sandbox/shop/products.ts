import type { Currency } from '../switches.ts'

/** Something the shop sells, through one provider's checkout. Prices are in the currency's smallest unit, tax included. */
export type Product = {
  id: string
  title: string
  line: string
  provider: string
  subscription: boolean
  prices: Record<Currency, number>
}

export const PRODUCTS: readonly Product[] = [
  {
    id: 'tide-icons',
    title: 'Tide Icons',
    line: '240 line icons, drawn by hand on one grid.',
    provider: 'stripe',
    subscription: false,
    prices: { EUR: 1999, USD: 2199, JPY: 3200, KWD: 6500 },
  },
  {
    id: 'harbour-letter',
    title: 'The Harbour Letter',
    line: 'A monthly letter for people who build alone.',
    provider: 'stripe',
    subscription: true,
    prices: { EUR: 900, USD: 1000, JPY: 1500, KWD: 3000 },
  },
  {
    id: 'beacon-mono',
    title: 'Beacon Mono',
    line: 'A typeface for code, in nine weights.',
    provider: 'dodo',
    subscription: false,
    prices: { EUR: 4900, USD: 5300, JPY: 7800, KWD: 15900 },
  },
  {
    id: 'weather-desk',
    title: 'Weather Desk',
    line: 'A quiet dashboard for your own forecast.',
    provider: 'dodo',
    subscription: true,
    prices: { EUR: 1200, USD: 1300, JPY: 1900, KWD: 3900 },
  },
]

export function productWithId(id: string | undefined): Product | undefined {
  return PRODUCTS.find((product) => product.id === id)
}

/** An amount for people: 1999 EUR is "€19.99", 3200 JPY "¥3,200". */
export function inWords(minor: number, currency: Currency): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay: 'narrowSymbol' })
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2))
}
