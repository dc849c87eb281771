import { recordedOnce, thanked } from '../judge.ts'
import { carry } from '../sale.ts'
import { cookieOf } from '../stage.ts'
import type { Case } from './case.ts'

/** Whose sale it is. */
export const VISITORS: Case[] = [
  {
    name: 'The visitor’s cookie is found among twenty others, some of which look like it.',
    async run(stage) {
      const sale = stage.sell()
      const others = Array.from({ length: 20 }, (_, number) => `cookie_${number}=${'x'.repeat(60)}`).join('; ')
      const lookalikes = `old_datafast_visitor_id=${crypto.randomUUID()}; datafast_session_id=s${crypto.randomUUID()}`
      const cookie = `${others}; ${lookalikes}; datafast_visitor_id=${sale.visitor}; datafast_visitor_id_2=no`
      thanked(await stage.visit(sale, { cookie }), sale, stage)
      await recordedOnce(stage, sale)
    },
  },
  {
    name: 'A cookie that holds no visitor id is no reason to lose the sale, and is not passed on.',
    async run(stage) {
      const sale = stage.sell()
      thanked(await stage.visit(sale, { cookie: cookieOf('undefined') }), sale, stage)
      await recordedOnce(stage, sale, { visitor: 'nobody' })
    },
  },
  {
    name: 'Of two cookies of that name, the one that holds a visitor id counts.',
    async run(stage) {
      const sale = stage.sell()
      const cookie = `datafast_visitor_id=deleted; ${cookieOf(sale.visitor)}`
      thanked(await stage.visit(sale, { cookie }), sale, stage)
      await recordedOnce(stage, sale)
    },
  },
  {
    name: 'A buyer whose cookie is lost is still the visitor whom the payment link has carried.',
    async run(stage) {
      const sale = stage.sell()
      carry(sale)
      thanked(await stage.visit(sale, { cookie: '' }), sale, stage)
      await recordedOnce(stage, sale)
    },
  },
  {
    name: 'A buyer without cookie whom no link carried is recorded as well, for nobody.',
    async run(stage) {
      const sale = stage.sell()
      thanked(await stage.visit(sale, { cookie: '' }), sale, stage)
      await recordedOnce(stage, sale, { visitor: 'nobody' })
    },
  },
  {
    name: 'A visitor whom DataFast does not know costs nothing but the visitor: the sale is recorded within six minutes.',
    slow: true,
    async run(stage) {
      const sale = stage.sell()
      stage.forgetVisitor(sale.visitor)
      thanked(await stage.visit(sale), sale, stage)
      await recordedOnce(stage, sale, { visitor: 'nobody' }, { patience: 360_000 })
    },
  },
]
