import type { ProviderName } from '../../src/providers/index.ts'
import type { Currency } from '../switches.ts'

/** Something the shop sells, through one provider's checkout. Prices are in the currency's smallest unit, tax included. */
export type Product = {
  id: string
  title: string
  line: string
  provider: ProviderName
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
  {
    id: 'knot-guide',
    title: 'Knot Guide',
    line: 'Forty knots, each drawn in six steps.',
    provider: 'creem',
    subscription: false,
    prices: { EUR: 1500, USD: 1700, JPY: 2400, KWD: 4900 },
  },
  {
    id: 'dry-dock',
    title: 'Dry Dock',
    line: 'Your site, backed up every night.',
    provider: 'creem',
    subscription: true,
    prices: { EUR: 700, USD: 800, JPY: 1100, KWD: 2300 },
  },
  {
    id: 'aurora-kit',
    title: 'Aurora Kit',
    line: 'Twelve gradients that never look alike.',
    provider: 'polar',
    subscription: false,
    prices: { EUR: 2900, USD: 3200, JPY: 4600, KWD: 9400 },
  },
  {
    id: 'night-watch',
    title: 'Night Watch',
    line: 'Wakes you when your site goes dark.',
    provider: 'polar',
    subscription: true,
    prices: { EUR: 500, USD: 600, JPY: 800, KWD: 1700 },
  },
  {
    id: 'gull-sounds',
    title: 'Gull Sounds',
    line: 'Ninety recordings from one quay.',
    provider: 'lemonsqueezy',
    subscription: false,
    prices: { EUR: 1400, USD: 1500, JPY: 2200, KWD: 4500 },
  },
  {
    id: 'harbour-log',
    title: 'Harbour Log',
    line: 'A changelog that people like to read.',
    provider: 'lemonsqueezy',
    subscription: true,
    prices: { EUR: 800, USD: 900, JPY: 1300, KWD: 2600 },
  },
  {
    id: 'chart-paper',
    title: 'Chart Paper',
    line: 'Printable grids for drawing interfaces.',
    provider: 'gumroad',
    subscription: false,
    prices: { EUR: 600, USD: 700, JPY: 950, KWD: 1900 },
  },
  {
    id: 'galley-club',
    title: 'The Galley',
    line: 'One pot, one recipe, every week.',
    provider: 'gumroad',
    subscription: true,
    prices: { EUR: 400, USD: 500, JPY: 650, KWD: 1300 },
  },
  {
    id: 'paper-canoe',
    title: 'Paper Canoe',
    line: 'A tiny generator for tiny sites.',
    provider: 'paddle',
    subscription: false,
    prices: { EUR: 3900, USD: 4200, JPY: 6200, KWD: 12700 },
  },
  {
    id: 'little-ferry',
    title: 'Little Ferry',
    line: 'Carries your files to all your machines.',
    provider: 'paddle',
    subscription: true,
    prices: { EUR: 1100, USD: 1200, JPY: 1750, KWD: 3600 },
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
