import { Flaw } from '../flaw.ts'
import { BUYERS_PATIENCE_MS, landed, notRecorded, recordedOnce, thanked } from '../judge.ts'
import { carry, daysAgo, type Sale } from '../sale.ts'
import { pause, type Stage } from '../stage.ts'
import type { Case } from './case.ts'

const HOUR_MS = 3_600_000
const ONE_TIME = 19.99

/** What Stripe tells of its own accord: before the buyer, after them, without them, and weeks later. */
export const WEBHOOKS: Case[] = (
  [
    {
      name: 'A buyer who never comes back is recorded by the webhook alone, for the visitor whom the link has carried.',
      async run(stage) {
        const sale = stage.sell()
        carry(sale)
        await stage.tell(...stage.told(sale))
        await recordedOnce(stage, sale)
      },
    },
    {
      name: 'A webhook that is a second faster than the buyer does not cost the sale its visitor.',
      async run(stage) {
        const sale = stage.sell()
        await stage.tell(...stage.told(sale))
        await pause(1_000)
        thanked(await stage.visit(sale), sale, stage)
        await recordedOnce(stage, sale)
      },
    },
    {
      name: 'A webhook that comes after the buyer, or twice, counts nothing twice, and is acknowledged every time.',
      async run(stage) {
        const sale = stage.sell()
        thanked(await stage.visit(sale), sale, stage)
        await recordedOnce(stage, sale)
        const events = stage.told(sale)
        await stage.tell(...events, ...events)
        await recordedOnce(stage, sale)
      },
    },
    {
      name: 'A webhook is acknowledged within three seconds even while Stripe and DataFast say nothing.',
      async run(stage) {
        const sale = stage.sell()
        carry(sale)
        const mend = [stage.trouble('stripe', sale, { is: 'silent' }), stage.trouble('datafast', sale, { is: 'silent' })]
        for (const event of stage.told(sale)) {
          const { status, ms } = await stage.deliver(event)
          if (status !== 200 && status !== 202 && status !== 204) throw new Flaw(`answered with ${status}`)
          if (ms > BUYERS_PATIENCE_MS) throw new Flaw(`acknowledged after ${(ms / 1000).toFixed(1)} s`)
        }
        for (const end of mend) end()
        await recordedOnce(stage, sale)
      },
    },
    {
      name: 'A webhook that somebody else signed, or Stripe hours ago, is refused, and nothing is recorded.',
      async run(stage) {
        await refused(stage, { secret: 'whsec_somebodyelses' })
        await refused(stage, { at: new Date(Date.now() - 3 * HOUR_MS) })
      },
    },
    {
      name: 'A webhook about a test purchase is acknowledged and recorded nowhere.',
      async run(stage) {
        const sale = stage.sellInTestMode()
        carry(sale)
        await stage.tell(...stage.told(sale))
        await notRecorded(stage, sale)
      },
    },
    {
      name: 'A refund is recorded as one: a positive amount of its own, beside the sale.',
      async run(stage) {
        const sale = stage.sell({ created: daysAgo(3) })
        await stage.visit(sale)
        await recordedOnce(stage, sale)
        await stage.tell(...stage.aftermath(sale).refunded('rest').events)
        await refundedWith(stage, sale, [ONE_TIME])
      },
    },
    {
      name: 'Two partial refunds count for what each gave back.',
      async run(stage) {
        const sale = stage.sell({ created: daysAgo(3) })
        await stage.visit(sale)
        await recordedOnce(stage, sale)
        const aftermath = stage.aftermath(sale)
        const first = aftermath.refunded('part')
        await stage.tell(...first.events)
        await refundedWith(stage, sale, [first.amount])
        const second = aftermath.refunded('rest')
        await stage.tell(...second.events)
        await refundedWith(stage, sale, [first.amount, second.amount])
      },
    },
    {
      name: 'A renewal is recorded as one, once, and for the visitor of the first payment.',
      async run(stage) {
        const sale = stage.subscribe({ created: daysAgo(40) })
        await stage.visit(sale)
        await recordedOnce(stage, sale)
        const { events } = stage.aftermath(sale).renewed()
        await stage.tell(...events)
        const isRenewal = ({ transaction_id }: { transaction_id: string }) => transaction_id.includes(`${sale.tail}r`)
        await recordedOnce(stage, sale, { renewal: true }, { among: isRenewal })
        await recordedOnce(stage, sale, {}, { among: (entry) => !isRenewal(entry) })
      },
    },
    {
      name: 'The first payment of a subscription, of which Stripe tells as an invoice too, is no renewal and counts once.',
      async run(stage) {
        const sale = stage.subscribe()
        const [first, ...rest] = stage.told(sale)
        if (first) await stage.tell(first)
        thanked(await stage.visit(sale), sale, stage)
        await stage.tell(...rest)
        await recordedOnce(stage, sale)
      },
    },
    {
      name: 'A bank debit that is paid days later is recorded when Stripe says so, for the visitor who was there at first.',
      async run(stage) {
        const sale = stage.sell({ payment_status: 'unpaid' })
        landed(await stage.visit(sale))
        const aftermath = stage.aftermath(sale)
        await stage.tell(...aftermath.sold().events)
        await notRecorded(stage, sale, 2_000)
        stage.change(sale, { payment_status: 'paid' })
        await stage.tell(...aftermath.sold().events)
        await recordedOnce(stage, sale)
      },
    },
  ] satisfies Omit<Case, 'needs'>[]
).map((one) => ({ ...one, needs: ['webhook'] }))

async function refused(stage: Stage, delivery: { secret?: string; at?: Date }): Promise<void> {
  const sale = stage.sell()
  carry(sale)
  for (const event of stage.told(sale)) {
    const { status } = await stage.deliver(event, delivery)
    if (status < 400) throw new Flaw(`answered ${event.name} with ${status}`)
  }
  await notRecorded(stage, sale, 2_000)
}

/** Beside the sale stand refunds of these amounts, in whatever order, and nothing else. */
async function refundedWith(stage: Stage, sale: Sale, amounts: number[]): Promise<void> {
  const refunds = () => stage.records(sale).filter(({ refunded }) => refunded)
  const sum = (all: number[]) => Math.round(all.reduce((total, amount) => total + amount, 0) * 100)
  const isRight = () => refunds().length === amounts.length && sum(refunds().map(({ amount }) => amount)) === sum(amounts)
  await stage.until(isRight, () => `of ${amounts.length} refunds ${refunds().length} were recorded`)
  await recordedOnce(stage, sale, {}, { among: ({ refunded }) => !refunded })
  if (!isRight()) throw new Flaw(`${refunds().length} refunds are recorded instead of ${amounts.length}`)
}
