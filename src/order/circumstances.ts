import type { Customer } from '../payment.ts'

/** The settings the rules depend on, and the world's clock and dice. */
export type Circumstances = {
  now: number
  /** From 0 to 1, for jitter. */
  random: number
  testPayments: 'skip' | 'record'
  refunds: boolean
  revenue: 'gross' | 'net'
  customerFields: readonly (keyof Customer)[]
  only: ReadonlyMap<string, readonly string[]>
  attributionWaitMs: number | undefined
  /** Whether a success URL leads to this Worker, reached at that origin among others. `undefined`: nobody knows where that is. */
  isOurs(successUrl: string, here: string | undefined): boolean | undefined
  /** Whether there are books to be kept. */
  keepsBooks: boolean
}
