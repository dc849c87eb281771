import type { DayProof } from '../books/proof.ts'
import type { Attribution, Check, Row } from './report.ts'

/** How bad a check is, the worst first: colour is never all that tells it. */
export const STATES: Record<Check['state'], string> = { red: 'Problem', yellow: 'Warning', green: 'OK' }

/** Providers whose names are more than their own word with a capital. */
const NAMES = new Map([
  ['dodo', 'Dodo Payments'],
  ['lemonsqueezy', 'Lemon Squeezy'],
])

export function providerTitle(name: string): string {
  return NAMES.get(name) ?? capital(name)
}

/** `no-visitor-seen` for people. */
export function plain(reason: string): string {
  return reason.replaceAll('-', ' ')
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** `1 order`, `27 orders`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** `5 Nov 2026`, of a day or a moment; what is none stays as it is. */
export function dayOf(iso: string): string {
  const date = new Date(iso)
  return Number.isNaN(date.getTime()) ? iso : date.toUTCString().slice(5, 16).replace(/^0/, '')
}

/** `5 Nov 2026, 17:05 UTC` */
export function momentOf(iso: string): string {
  const time = /T(\d\d:\d\d)/.exec(iso)?.[1]
  return time ? `${dayOf(iso)}, ${time} UTC` : dayOf(iso)
}

/** `19.99 EUR`, `500 JPY`, `1.234 KWD`; nothing while the amount is not known. */
export function money(amount: number | null, currency: string | null): string | undefined {
  if (amount === null) return undefined
  const digits = digitsOf(currency ?? '')
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits ?? 9, signDisplay: 'negative' } as const
  return `${amount.toLocaleString('en', options)} ${currency ?? ''}`.trim()
}

/** What is no currency code at all makes the runtime throw: such an amount is shown with the digits it has. */
function digitsOf(currency: string): number | undefined {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits
  } catch {
    return undefined
  }
}

/** Rounded down: 100% is said when all of them are attributed, and not before. */
export function percent(rate: number): string {
  return `${Math.floor(rate * 1000 + 1e-6) / 10}%`
}

export function attributionSentence({ recorded, attributed }: Attribution): string {
  return `of ${counted(recorded, 'first payment')} in the last 30 days, ${attributed} ${attributed === 1 ? 'is' : 'are'} attributed`
}

/** `Sale at Stripe` */
export function movementTitle({ kind, provider }: Row): string {
  return `${capital(kind ?? 'payment')} at ${providerTitle(provider)}`
}

export function visitorOf({ attributed, visitorSeen }: Row): string {
  if (attributed === null) return visitorSeen ? 'Visitor seen' : 'No visitor seen'
  return attributed === 'yes' ? 'Attributed' : `Not attributed: ${plain(attributed)}`
}

export function rehearsalSentence({ amount, currency, kind, visitorSeen }: Row): string {
  const what = `${money(amount, currency) ?? 'an amount not known'} as ${kind ?? 'payment'}`
  return `verified; would have sent: ${what}; visitor seen: ${visitorSeen ? 'yes' : 'no'}`
}

export function proofSentence({ orders, recorded, attributed, waiting, differences }: DayProof): string {
  return [
    counted(orders, 'order'),
    `${recorded} recorded`,
    `${attributed} attributed`,
    ...(waiting ? [`${waiting} waiting`] : []),
    ...differences.map(({ currency, difference }) => {
      const amount = money(difference, currency)
      return amount ? `difference ${amount}` : `${currency} cannot be compared`
    }),
  ].join(', ')
}

/** `2 problems, 1 warning, 5 fine`: what the checks come to. */
export function checksSentence(checks: Check[]): string {
  const has = (state: Check['state']) => checks.filter((check) => check.state === state).length
  const [red, yellow, green] = [has('red'), has('yellow'), has('green')]
  return [red && counted(red, 'problem'), yellow && counted(yellow, 'warning'), green && `${green} fine`].filter(Boolean).join(', ')
}

/** Red first, then yellow, then green. */
export function worstFirst(checks: Check[]): Check[] {
  const order = Object.keys(STATES)
  return checks.toSorted((one, other) => order.indexOf(one.state) - order.indexOf(other.state))
}
