/** What one buyer buys, and how: drawn from the seed and the order's number alone, so that a single order can be lived through again. */
import { PROVIDERS, type ProviderName } from '../../src/providers/index.ts'
import type { Dice } from './dice.ts'

type Kind = 'one-time' | 'subscription' | 'trial'

/**
 * What becomes of an order: `late` is paid days after its checkout; `elsewhere` is bought in another shop of the same account.
 * Free, test, unpaid orders and those from elsewhere are not to be counted.
 */
type Fate = 'paid' | 'late' | 'free' | 'test' | 'unpaid' | 'elsewhere'

export type Terms = {
  provider: ProviderName
  kind: Kind
  fate: Fate
  /** ISO 4217, upper case. */
  currency: string
  /** What the buyer pays, in the currency's smallest unit, and the tax within it. */
  minor: number
  tax: number
  /** The visitor that the payment link carries. */
  carried: string | undefined
}

export const PROVIDER_NAMES: readonly ProviderName[] = PROVIDERS.map(({ name }) => name)

/** Where the checkout sends the buyers of this shop, and those of the other one. */
export const OURS = 'https://pay.example.com/checkout/success'
export const THEIRS = 'https://other-shop.example.com/thanks'

/** Digits after the decimal point: ISO 4217. */
export const DIGITS: Readonly<Record<string, number>> = { EUR: 2, USD: 2, GBP: 2, JPY: 0, KWD: 3 }

/** What each provider can charge in, as far as its scale is known. Gumroad tells US cents whatever was paid. */
const CURRENCIES: Record<ProviderName, Readonly<Record<string, number>>> = {
  stripe: { EUR: 4, USD: 3, GBP: 2, JPY: 2, KWD: 1 },
  dodo: { USD: 4, EUR: 2, GBP: 1, JPY: 2, KWD: 1 },
  creem: { EUR: 3, USD: 3 },
  polar: { USD: 4, EUR: 2, JPY: 1 },
  lemonsqueezy: { EUR: 3, USD: 3, GBP: 1, JPY: 1, KWD: 1 },
  paddle: { EUR: 3, USD: 3, GBP: 1, JPY: 2 },
  gumroad: { USD: 1 },
}

/** Which of these a provider has no such thing as, or tells nothing of. */
const IMPOSSIBLE: Partial<Record<ProviderName, readonly Fate[]>> = { gumroad: ['late', 'unpaid'] }

export function termsOf(dice: Dice, provider: ProviderName): Terms {
  const kind = dice.weighed({ 'one-time': 60, subscription: 28, trial: 12 })
  const drawn = dice.weighed({ paid: 86, late: 3, free: 3, test: 3, unpaid: 4, elsewhere: 1 })
  const currency = dice.weighed(CURRENCIES[provider])
  const digits = DIGITS[currency] ?? 2
  // Odd amounts: what can be rounded wrongly is to be among them.
  const minor = dice.between(101, 30_000) * (digits === 3 ? 10 : 1) + (digits === 3 ? dice.between(0, 9) : 0)
  const tax = dice.chance(0.7) ? Math.round((minor * dice.between(5, 25)) / 125) : 0
  return {
    provider,
    kind: drawn === 'paid' || drawn === 'test' ? kind : 'one-time',
    // Polar alone tells where a one-time order's checkout leads, whoever asks.
    fate: IMPOSSIBLE[provider]?.includes(drawn) || (drawn === 'elsewhere' && provider !== 'polar') ? 'paid' : drawn,
    currency,
    minor,
    tax,
    carried: dice.chance(0.55) ? dice.uuid() : undefined,
  }
}
