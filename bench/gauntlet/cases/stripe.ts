import { landed, recordedOnce } from '../judge.ts'
import type { Trouble } from '../outside.ts'
import { pause, type Stage } from '../stage.ts'
import type { Case } from './case.ts'

const ERROR = '{"error":{"type":"api_error","message":"Something went wrong."}}'
const KEY_EXPIRED = '{"error":{"type":"invalid_request_error","code":"api_key_expired","message":"Expired API Key provided"}}'

/** Stripe is down, slow or odd at the moment of the visit, and mended a second later. Nobody comes a second time. */
export const STRIPE: Case[] = [
  {
    name: 'Stripe takes six seconds: the buyer lands within three, and the sale is recorded.',
    async run(stage) {
      const sale = stage.sell()
      stage.trouble('stripe', sale, { is: 'slow', ms: 6_000 })
      landed(await stage.visit(sale))
      await recordedOnce(stage, sale)
    },
  },
  {
    name: 'Stripe says nothing at all: the buyer lands within three seconds, and the sale is recorded later, without another visit.',
    run: (stage) => through(stage, { is: 'silent' }),
  },
  {
    name: 'Stripe answers with an error, or asks for fewer requests: the buyer lands, and the sale is recorded later.',
    async run(stage) {
      const headers = { 'stripe-should-retry': 'true' }
      await Promise.all([500, 429].map((status) => through(stage, { is: 'answer', status, body: ERROR, headers })))
    },
  },
  {
    name: 'Stripe answers with something that is no answer, or breaks off: the buyer lands, and the sale is recorded later.',
    async run(stage) {
      const page = '<html><body>We will be right back.</body></html>'
      await Promise.all([through(stage, { is: 'answer', status: 200, body: page }), through(stage, { is: 'breaks-after' })])
    },
  },
  {
    name: 'Stripe refuses the key until it is mended: the buyer lands, and the sale is recorded then.',
    run: (stage) => through(stage, { is: 'answer', status: 401, body: KEY_EXPIRED }),
  },
]

async function through(stage: Stage, trouble: Trouble): Promise<void> {
  const sale = stage.sell()
  const mend = stage.trouble('stripe', sale, trouble)
  landed(await stage.visit(sale))
  await pause(1_000)
  mend()
  await recordedOnce(stage, sale)
}
