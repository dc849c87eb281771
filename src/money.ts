/** The runtime's own list, once it was asked for, and currencies too young, or too old, for it. */
let listed: readonly string[] | undefined
const UNLISTED = ['SLE', 'STD', 'XCG', 'ZWG']

/** Digits after the decimal point per currency, as one provider counts them. Codes not named have two. */
export type CurrencyTable = Readonly<{ 0: string; 3: string; unclear?: string }>

/** Two digits for every currency. */
export const CENTS: CurrencyTable = { 0: '', 3: '' }

/** ISO 4217 itself, for providers that keep to it. */
export const ISO_4217 = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
} as const satisfies CurrencyTable

/** An amount in major units: what was paid, and the same without tax where the tax makes sense. */
export type Money = { currency: string; gross: number; net: number | undefined }

/** An amount, or the reason why it cannot be told. */
export type Price = { is: 'priced'; money: Money } | { is: 'unclear'; reason: 'unclear-currency' | 'unclear-amount' | 'unclear-scale' }

/**
 * Prices an order in the major units DataFast expects: 1999 EUR becomes 19.99, 500 JPY stays 500, 1234 KWD becomes 1.234.
 *
 * @param minor - whole number of the currency's smallest unit as this provider counts it, tax included
 * @param tax - the tax within it, in the same unit
 * @param code - ISO 4217 code in any case
 * @param table - the provider's own table: scales differ between providers
 */
export function price(minor: unknown, tax: number | null | undefined, code: string | null | undefined, table: CurrencyTable): Price {
  const currency = code?.toUpperCase() ?? ''
  // A currency nobody has heard of has no known scale; guessing two decimals would report yen 100 times too low.
  listed ??= [...Intl.supportedValuesOf('currency'), ...UNLISTED]
  const isKnown = listed.includes(currency) || `${table[0]} ${table[3]}`.split(' ').includes(currency)
  if (!currency || !isKnown || table.unclear?.includes(currency)) return { is: 'unclear', reason: 'unclear-currency' }
  if (!isMinorAmount(minor)) return { is: 'unclear', reason: 'unclear-amount' }
  const taxMinor = tax ?? 0
  const digits = table[0].includes(currency) ? 0 : table[3].includes(currency) ? 3 : 2
  const hasNet = isMinorAmount(taxMinor) && taxMinor <= minor
  return {
    is: 'priced',
    money: { currency, gross: toMajorUnits(minor, digits), net: hasNet ? toMajorUnits(minor - taxMinor, digits) : undefined },
  }
}

/** Divides, never multiplies: 1999 / 100 is exactly the double 19.99, 1999 * 0.01 is not. */
export function toMajorUnits(minor: number, digits: number): number {
  return minor / 10 ** digits
}

function isMinorAmount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
