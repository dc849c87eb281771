import { Flaw } from '../flaw.ts'
import { landed, recordedOnce, thanked } from '../judge.ts'
import type { Trouble } from '../outside.ts'
import { pause, type Stage } from '../stage.ts'
import type { Case } from './case.ts'

const ASKED_TO_WAIT_S = 4

/** DataFast is down, slow or odd at the moment of the visit, and mended a second later. Nobody comes a second time. */
export const DATAFAST: Case[] = [
  {
    name: 'DataFast is down during the visit: the buyer is thanked, and the sale is recorded later, without another visit.',
    run: (stage) => through(stage, { is: 'answer', status: 503, body: '<h1>Service unavailable</h1>' }),
  },
  {
    name: 'DataFast says nothing at all: the buyer lands within three seconds, and the sale is recorded later.',
    run: (stage) => through(stage, { is: 'silent' }),
  },
  {
    name: 'DataFast takes the payment but the connection breaks: the buyer lands, and the sale is there once, under one id.',
    run: (stage) => through(stage, { is: 'breaks-after' }),
  },
  {
    name: 'DataFast answers 200 with an error in it: that is no success, and the sale is recorded later.',
    run: (stage) =>
      through(stage, { is: 'answer', status: 200, body: '{"status":"error","error":{"code":500,"message":"Internal server error"}}' }),
  },
  {
    name: 'DataFast asks for a pause of four seconds (429, Retry-After): it gets one, and the sale is recorded after it.',
    async run(stage) {
      const sale = stage.sell()
      const headers = { 'retry-after': String(ASKED_TO_WAIT_S) }
      const mend = stage.trouble('datafast', sale, { is: 'answer', status: 429, headers })
      landed(await stage.visit(sale))
      await stage.until(() => stage.calls(sale, 'datafast').length > 0, 'DataFast was not asked')
      mend()
      await recordedOnce(stage, sale)
      const [first, second] = stage.calls(sale, 'datafast')
      const waited = ((second?.at ?? 0) - (first?.at ?? 0)) / 1_000
      if (waited < ASKED_TO_WAIT_S - 0.1) throw new Flaw(`asked again after ${waited.toFixed(1)} s`)
    },
  },
  {
    name: 'DataFast refuses the key until it is mended: the buyer lands, and the sale is recorded then.',
    run: (stage) =>
      through(stage, { is: 'answer', status: 401, body: '{"status":"error","error":{"code":401,"message":"Invalid API key"}}' }),
  },
]

async function through(stage: Stage, trouble: Trouble): Promise<void> {
  const sale = stage.sell()
  const mend = stage.trouble('datafast', sale, trouble)
  thanked(await stage.visit(sale), sale, stage)
  await stage.until(() => stage.calls(sale, 'datafast').length > 0, 'DataFast was not asked')
  await pause(1_000)
  mend()
  await recordedOnce(stage, sale)
}
