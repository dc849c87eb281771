import { landed, recordedOnce } from '../judge.ts'
import type { ServiceName, Trouble } from '../outside.ts'
import { carry, type Sale } from '../sale.ts'
import type { Stage } from '../stage.ts'
import type { Case } from './case.ts'

const NEEDED = { needs: ['restart'], alone: true } as const

/** The machine loses its power at the worst moment. Nobody comes a second time. */
export const CRASHES: Case[] = [
  {
    name: 'Killed while Stripe is asked: the sale is recorded after the restart, without another visit.',
    ...NEEDED,
    slow: true,
    async run(stage) {
      await killed(stage, 'stripe', { is: 'silent' })
    },
  },
  {
    name: 'Killed between verification and delivery: the sale is recorded after the restart, without another visit.',
    ...NEEDED,
    slow: true,
    async run(stage) {
      await killed(stage, 'datafast', { is: 'silent' })
    },
  },
  {
    name: 'Killed while DataFast answers: the sale is there once, under one id, and the buyer can come again.',
    ...NEEDED,
    async run(stage) {
      const sale = await killed(stage, 'datafast', { is: 'silent-after' })
      landed(await stage.visit(sale))
      await recordedOnce(stage, sale)
    },
  },
  {
    name: 'Killed right after a webhook was acknowledged: the sale is recorded after the restart.',
    ...NEEDED,
    needs: ['webhook', 'restart'],
    async run(stage) {
      const sale = stage.sell()
      carry(sale)
      const mend = stage.trouble('stripe', sale, { is: 'silent' })
      await stage.tell(...stage.told(sale))
      await stage.crash()
      mend()
      await recordedOnce(stage, sale)
    },
  },
]

/** The handler dies while it waits for an answer about a sale, which it gets after its restart. */
async function killed(stage: Stage, asked: ServiceName, trouble: Trouble): Promise<Sale> {
  const sale = stage.sell()
  const mend = stage.trouble(asked, sale, trouble)
  // Whether this buyer lands depends on the moment, which is not theirs to choose.
  const visit = stage.visit(sale).catch(() => undefined)
  await stage.until(() => stage.calls(sale, asked).length > 0, `${asked === 'stripe' ? 'Stripe' : 'DataFast'} was not asked`)
  await stage.crash()
  mend()
  await visit
  await recordedOnce(stage, sale)
  return sale
}
