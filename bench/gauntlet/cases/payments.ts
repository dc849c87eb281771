import { Flaw } from '../flaw.ts'
import { landed, notRecorded, notThanked, recordedOnce, thanked } from '../judge.ts'
import { daysAgo, newSessionId } from '../sale.ts'
import { pause } from '../stage.ts'
import type { Case } from './case.ts'

const THREE_DAYS = 3
const A_MINUTE = 60_000
/** Until a buyer looks again: long enough for whoever asks Stripe no more often than every few seconds. */
const A_WHILE = 12_000

/** What Stripe says of an order: paid, not yet, not at all, or that it knows none. */
export const PAYMENTS: Case[] = [
  {
    name: 'A payment that takes days is not recorded before it is there, and is when the buyer looks again.',
    async run(stage) {
      const sale = stage.sell({ payment_status: 'unpaid' })
      landed(await stage.visit(sale))
      await notRecorded(stage, sale, A_WHILE)
      stage.change(sale, { payment_status: 'paid' })
      landed(await stage.visit(sale))
      await recordedOnce(stage, sale)
    },
  },
  {
    name: 'Whoever left the checkout without paying, or let it expire, is not recorded, and not thanked.',
    async run(stage) {
      const sales = ['open', 'expired'].map((status) => stage.sell({ status, payment_status: 'unpaid', payment_intent: null }))
      for (const sale of sales) notThanked(await stage.visit(sale), sale, stage)
      for (const sale of sales) await notRecorded(stage, sale)
    },
  },
  {
    name: 'A card that is declined at first and accepted then is recorded.',
    async run(stage) {
      const sale = stage.sell({ status: 'open', payment_status: 'unpaid' })
      landed(await stage.visit(sale))
      await pause(A_WHILE)
      stage.change(sale, { status: 'complete', payment_status: 'paid' })
      thanked(await stage.visit(sale), sale, stage)
      await recordedOnce(stage, sale)
    },
  },
  {
    name: 'An id that Stripe does not know is not recorded, and whoever brings it sees no error.',
    async run(stage) {
      const sale = stage.sell()
      landed(await stage.visit(sale, { id: newSessionId(sale.tail) }))
      await notRecorded(stage, sale)
    },
  },
  {
    name: 'A test purchase stays out of the revenue, and whoever tries one sees no error.',
    async run(stage) {
      const sale = stage.sellInTestMode()
      landed(await stage.visit(sale))
      await notRecorded(stage, sale)
    },
  },
  {
    name: 'A free order, by a coupon for all of it, is thanked for, and is neither revenue nor a trial.',
    async run(stage) {
      const nothing = { amount_total: 0, total_details: { amount_discount: 1999, amount_shipping: 0, amount_tax: 0 }, payment_intent: null }
      const sale = stage.sell({ ...nothing, payment_status: 'no_payment_required' })
      thanked(await stage.visit(sale), sale, stage)
      await notRecorded(stage, sale)
    },
  },
  {
    name: 'A free trial is recorded as one: with an amount of nothing.',
    async run(stage) {
      const sale = stage.startTrial()
      thanked(await stage.visit(sale), sale, stage)
      const entry = await recordedOnce(stage, sale, { amount: 0 })
      if (entry.is_free_trial === false) throw new Flaw('was recorded as no trial')
    },
  },
  {
    name: 'The first payment of a subscription, which has no payment intent, is recorded once, under an id of its own.',
    async run(stage) {
      const sales = [stage.subscribe(), stage.subscribe()]
      for (const sale of sales) thanked(await stage.visit(sale), sale, stage)
      for (const sale of sales) await recordedOnce(stage, sale)
      for (const sale of sales) thanked(await stage.visit(sale), sale, stage)
      for (const sale of sales) await recordedOnce(stage, sale)
    },
  },
  {
    name: 'A sale counts on the day when it was paid, though its buyer came back three days later.',
    async run(stage) {
      const created = daysAgo(THREE_DAYS)
      const sale = stage.sell({ created })
      thanked(await stage.visit(sale), sale, stage)
      const { timestamp } = await recordedOnce(stage, sale)
      const isRight = Math.abs(Date.parse(timestamp) - created * 1_000) < A_MINUTE
      if (!isRight) throw new Flaw(`is dated ${timestamp ?? 'by when it arrived'}`)
    },
  },
]
