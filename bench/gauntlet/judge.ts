/** What is expected of a handler, as far as it can be seen from outside. Each rejects, or throws, with a flaw. */
import type { LedgerEntry } from '../../sandbox/world/datafast.ts'
import type { Answer } from './browser.ts'
import { Flaw } from './flaw.ts'
import type { Sale } from './sale.ts'
import { pause, type Stage } from './stage.ts'

/** A buyer looks at nothing for no longer than this. */
export const BUYERS_PATIENCE_MS = 3_000
/** So long it is watched whether what is right stays right. */
const WATCH_MS = 1_500
/** So long it is watched whether nothing happens. */
const NOTHING_MS = 4_000

/** What a sale is to look like at DataFast. Unless said otherwise: 19.99 euros of its own visitor, a first payment. */
export type Expected = Partial<Pick<LedgerEntry, 'amount' | 'currency' | 'renewal' | 'refunded'>> & { visitor?: string | 'nobody' }

/** The buyer sees a page, whichever it is, and soon. */
export function landed({ status, location, ms }: Answer): void {
  const isRedirect = status >= 300 && status < 400
  if (status < 200 || status >= 400) throw new Flaw(`the buyer saw an error, ${status}`)
  if (isRedirect && !location) throw new Flaw(`the buyer was redirected nowhere, ${status}`)
  if (ms > BUYERS_PATIENCE_MS) throw new Flaw(`the buyer waited for ${(ms / 1000).toFixed(1)} s`)
}

/** The buyer is thanked. */
export function thanked(answer: Answer, sale: Sale, { thankYou }: Stage): void {
  landed(answer)
  const place = placeOf(answer, sale)
  if (place !== thankYou) throw new Flaw(`the buyer was not sent to the thank-you page, but to ${place.slice(0, 80)}`)
}

/** The buyer sees a page, and is not told that they paid. */
export function notThanked(answer: Answer, sale: Sale, { thankYou }: Stage): void {
  landed(answer)
  if (placeOf(answer, sale) === thankYou) throw new Flaw('the buyer was thanked for what they did not pay')
}

/** Where a buyer was sent, without what differs from order to order; a page that is shown at once stands for itself. */
export function placeOf({ location, body }: Answer, { id, tail, session, visitor }: Sale): string {
  const own = [id, session.payment_intent, session.invoice, session.subscription, tail, visitor].filter((text) => typeof text === 'string')
  return own.reduce((text, word) => text.replaceAll(word, ''), location ?? body)
}

/** Which entries of an order are meant, where it has several movements, and how long it may take, in ms. */
type Which = { among?: (entry: LedgerEntry) => boolean; patience?: number }

/** The sale comes to stand at DataFast, once and as expected, and stays so. @returns its entry */
export async function recordedOnce(
  stage: Stage,
  sale: Sale,
  expected: Expected = {},
  { among = () => true, patience = stage.patience }: Which = {},
): Promise<LedgerEntry> {
  let missing = 'was not recorded'
  const entries = () => stage.records(sale).filter(among)
  const isRight = () => {
    const [entry, ...others] = entries()
    if (others.length) throw new Flaw(`was counted ${others.length + 1} times`)
    missing = entry ? differences(entry, sale, expected) : 'was not recorded'
    return !missing
  }
  await stage.until(isRight, () => missing, patience)
  await pause(WATCH_MS)
  if (!isRight()) throw new Flaw(`${missing} in the end`)
  const [entry] = entries()
  if (!entry) throw new Flaw('was not recorded in the end')
  return entry
}

/** What is wrong with an entry. What can still change is told, what cannot is thrown. */
function differences(
  entry: LedgerEntry,
  sale: Sale,
  { amount = 19.99, currency = 'EUR', visitor = sale.visitor, ...flags }: Expected,
): string {
  if (entry.amount !== amount || entry.currency !== currency) {
    throw new Flaw(`${amount} ${currency} were recorded as ${entry.amount} ${entry.currency}`)
  }
  if (Boolean(entry.renewal) !== Boolean(flags.renewal)) throw new Flaw(`was recorded as a ${entry.renewal ? 'renewal' : 'first payment'}`)
  if (Boolean(entry.refunded) !== Boolean(flags.refunded)) throw new Flaw(`was recorded as a ${entry.refunded ? 'refund' : 'payment'}`)
  const recorded = entry.datafast_visitor_id ?? 'nobody'
  return recorded === visitor ? '' : `was recorded for ${recorded === 'nobody' ? 'no visitor' : `the visitor “${recorded}”`}`
}

/** Nothing comes to stand at DataFast for a while. */
export async function notRecorded(stage: Stage, sale: Sale, ms = NOTHING_MS): Promise<void> {
  const deadline = Date.now() + ms
  do {
    if (stage.records(sale).length) throw new Flaw('was recorded')
    await pause(100)
  } while (Date.now() < deadline)
}
