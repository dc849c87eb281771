import type { DataFastPayment } from '../../src/datafast.ts'
import { type Heard, type Line, wordsOf } from './line.ts'
import { type Read, readDay, readGoals, readRevenue } from './website.ts'

/** How many readings the first payment may take until it shows in the totals… */
const FIRST_READINGS = 30
/** …and how many more than that any later one. */
const MORE_READINGS = 2
/** The Worker replays for 30 days at most. */
const OLD_DAYS = 29
const DAY_MS = 86_400_000
/** Amounts are doubles, and totals are rounded to cents. */
const NOTHING = 0.005

/** What one step was answered, and by how much the totals changed. `undefined`: they cannot be read. */
export type Step = { heard: Heard[]; change: number | undefined; goals?: number | undefined }

/** What was seen; a step that was not come to is not there. */
export type Observations = {
  /** ISO 4217: what the amounts are in. */
  currency: string
  amounts: Amounts
} & { [Name in StepName]?: Step }

type StepName =
  | 'sale'
  | 'repeat'
  | 'atOnce'
  | 'refund'
  | 'visitorless'
  | 'late'
  | 'unknownVisitor'
  | 'trial'
  | 'zeroDecimals'
  | 'threeDecimals'
  | 'old'
  | 'deletion'
  | 'unknownDeletion'

/** Different ones, so that a total tells which of them it holds. In major units of the website's currency. */
export type Amounts = { sale: number; refund: number; atOnce: number; visitorless: number; unknownVisitor: number; old: number }

/** What a probe works on. */
export type Bench = {
  line: Line
  prefix: string
  currency: string
  visitor: string | undefined
  /** All that the website took before. */
  revenue: number
  /** Told of the id of all that is to be recorded, before it is sent: what is lost on the way may be there. */
  make(transactionId: string): void
  tell(step: string): void
}

/** DataFast refuses or cannot be reached, so that nothing more can be tried. */
export class Broken extends Error {}

/**
 * Tries everything, one thing after the other, and notes what it sees in `seen`, so that an interruption loses nothing.
 * Throws `Broken`, or whatever stops the line.
 */
export async function experiment(bench: Bench, seen: Observations): Promise<void> {
  const { line, prefix, currency, visitor, make, tell } = bench
  const { amounts } = seen
  const totals = totalsOf(bench)
  const payment = (name: string, amount: number, more: Partial<DataFastPayment> = {}): DataFastPayment => {
    return { amount, currency, transaction_id: `${prefix}-${name}`, timestamp: new Date().toISOString(), ...more }
  }
  const post = async (body: DataFastPayment): Promise<Heard> => {
    make(body.transaction_id)
    return checked(await line.ask('POST', '/payments', body))
  }
  /** Does one step: between a reading of the totals, and of the visitor's goals, and the next. */
  const step = async (name: StepName, words: string, act: () => Promise<Heard[]>, isAttributed = false): Promise<void> => {
    tell(words)
    const goals = isAttributed && visitor ? valueIn(await readGoals(line, visitor)) : undefined
    const heard = await act()
    seen[name] = { heard, change: undefined }
    const change = await totals.change(heard.every(({ status }) => status >= 200 && status < 300))
    const after = goals === undefined || !visitor ? undefined : valueIn(await readGoals(line, visitor))
    seen[name] = { heard, change, goals: after === undefined || goals === undefined ? undefined : after - goals }
  }

  const sale = payment('sale', amounts.sale, visitor ? { datafast_visitor_id: visitor } : {})
  await step('sale', 'posting a sale', async () => [await post(sale)], true)
  await step('repeat', 'posting it again', async () => [await post(sale)])
  await step('atOnce', 'posting another one twice at the same moment', async () => {
    const both = payment('at-once', amounts.atOnce, visitor ? { datafast_visitor_id: visitor } : {})
    make(both.transaction_id)
    return (await line.askTwice('POST', '/payments', both)).map(checked)
  })
  await step('refund', 'posting a refund of a part of the sale', async () => [
    await post(payment('refund', amounts.refund, { ...sale, amount: amounts.refund, transaction_id: `${prefix}-refund`, refunded: true })),
  ])
  const visitorless = payment('visitorless', amounts.visitorless)
  await step('visitorless', 'posting a sale without a visitor', async () => [await post(visitorless)])
  if (visitor) {
    const late = { ...visitorless, datafast_visitor_id: visitor }
    await step('late', 'posting it again with the visitor', async () => [await post(late)], true)
  }
  await step('unknownVisitor', 'posting a sale under a visitor nobody has seen', async () => [
    await post(payment('unknown-visitor', amounts.unknownVisitor, { datafast_visitor_id: crypto.randomUUID() })),
  ])
  const trial = { is_free_trial: true, customer_id: `${prefix}-customer`, ...(visitor && { datafast_visitor_id: visitor }) }
  await step('trial', 'posting a free trial', async () => [await post(payment('trial', 0, trial))])
  const own = visitor ? { datafast_visitor_id: visitor } : {}
  await step('zeroDecimals', 'posting 500 JPY', async () => [await post(payment('jpy', 500, { ...own, currency: 'JPY' }))])
  await step('threeDecimals', 'posting 1.234 KWD', async () => [await post(payment('kwd', 1.234, { ...own, currency: 'KWD' }))])
  await tryOldTimestamp()
  await step('deletion', 'deleting the sale', async () => [await line.ask('DELETE', deletionOf(sale.transaction_id))])
  await step('unknownDeletion', 'deleting what was never posted', async () => [
    await line.ask('DELETE', deletionOf(`${prefix}-never-posted`)),
  ])

  /** Of an old payment the day it is filed under counts, and not the total. */
  async function tryOldTimestamp(): Promise<void> {
    const timestamp = `${new Date(Date.now() - OLD_DAYS * DAY_MS).toISOString().slice(0, 10)}T12:00:00.000Z`
    const before = valueIn(await readDay(line, timestamp.slice(0, 10)))
    await step('old', `posting a sale of ${OLD_DAYS} days ago`, async () => [
      await post(payment('old', amounts.old, { ...own, timestamp })),
    ])
    const after = valueIn(await readDay(line, timestamp.slice(0, 10)))
    const heard = seen.old?.heard ?? []
    seen.old = { heard, change: before === undefined || after === undefined ? undefined : after - before }
  }
}

/** Where a payment of ours is deleted: by its transaction id, and never by anything that could be somebody else's. */
export function deletionOf(transactionId: string): string {
  return `/payments?transaction_id=${encodeURIComponent(transactionId)}`
}

/** The totals, which may show a payment some readings after it was posted. */
function totalsOf({ line, revenue }: Bench) {
  let known = revenue
  /** How many readings that took, once something has shown. */
  let readings: number | undefined
  let isBlind = false
  return {
    /**
     * By how much the total has changed since it was last asked; `undefined` while nothing has ever shown in it.
     * @param isExpected - whether something was accepted that ought to show
     */
    async change(isExpected: boolean): Promise<number | undefined> {
      if (isBlind) return undefined
      const most = readings === undefined ? (isExpected ? FIRST_READINGS : 1) : readings + MORE_READINGS
      for (let reading = 1; reading <= most; reading++) {
        const total = valueIn(await readRevenue(line, Date.now()))
        if (total === undefined) break
        if (Math.abs(total - known) < NOTHING) continue
        readings ??= reading
        // A second payment may show a moment later.
        const settled = valueIn(await readRevenue(line, Date.now())) ?? total
        const change = settled - known
        known = settled
        return Math.round(change * 1000) / 1000
      }
      // Whether the first one counted as nothing, or nothing ever shows here, cannot be told apart.
      isBlind = readings === undefined && isExpected
      return readings === undefined ? undefined : 0
    },
  }
}

function valueIn<Value>(read: Read<Value>): Value | undefined {
  return read.is === 'read' ? read.value : undefined
}

/** An answer that is about the payment; whatever is about the key, the service or the network ends the probe. */
function checked(heard: Heard): Heard {
  const { status } = heard
  if (status === 401 || status === 403) throw new Broken(`DataFast does not let this key record payments (${wordsOf(heard)}).`)
  if (status === 429) throw new Broken('DataFast wants fewer requests (429): try again in an hour.')
  if (status === 0) throw new Broken(`DataFast cannot be asked on: ${heard.text}.`)
  if (status >= 500) throw new Broken(`DataFast is out of order (${wordsOf(heard)}): try again later.`)
  return heard
}
