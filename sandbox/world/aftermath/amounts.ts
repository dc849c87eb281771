/** Digits after the decimal point, of the currencies that have not two. */
const DIGITS: Record<string, number> = { CLP: 0, JPY: 0, KRW: 0, VND: 0, BHD: 3, JOD: 3, KWD: 3, OMR: 3, TND: 3 }

/** As DataFast is to get it: 2975 is 29.75 euros, 2975 yen, 2.975 dinars. */
export function inMajorUnits(minor: unknown, currency: unknown): number {
  return Number(minor) / 10 ** (DIGITS[String(currency).toUpperCase()] ?? 2)
}

/** How much to give back of what was paid, in the smallest unit; throws when nothing is left. */
export function shareOf(part: 'part' | 'rest', paid: number, returned: number): number {
  const left = paid - returned
  if (!(left > 0)) throw new Error('nothing is left to refund')
  return part === 'rest' ? left : Math.min(left, Math.round(paid / 3))
}
