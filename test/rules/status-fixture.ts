import type { DayProof } from '../../src/books/proof.ts'
import type { Row, StatusReport } from '../../src/status/report.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const NOW = '2026-11-25T17:05:00.000Z'

/** A shop that sells through all seven providers, on a day on which not everything went well. */
export function reportWith(changes: Partial<StatusReport> = {}): StatusReport {
  return {
    name: 'success-url',
    version: '0.2.0',
    origin: 'https://pay.example.com',
    now: NOW,
    checks: CHECKS,
    incidents: [
      {
        since: '2026-11-25T15:12:00.000Z',
        text: 'DataFast has not answered for two hours. 3 payments wait and are sent as soon as it is back; nothing is lost.',
      },
    ],
    attribution: {
      rate: 78 / 83,
      recorded: 83,
      attributed: 78,
      days: lastDays([3, 2, 4, 1, 0, 2, 3, 5, 2, 4, 3, 0, 1, 2, 6, 4, 3, 2, 3, 5, 1, 2, 4, 3, 7, 2, 3, 1, 3, 2], [0, 7, 14, 19, 24]),
      misses: [
        { reason: 'no-visitor-seen', count: 3, text: 'The buyer never came back, and the payment carries no visitor id.' },
        { reason: 'visitor-unknown', count: 2, text: 'DataFast does not know the visitor: a script blocker kept the pageview from it.' },
      ],
    },
    movements: MOVEMENTS,
    waiting: WAITING,
    waitingCount: WAITING.length,
    rehearsal: [
      rowOf({
        reference: 'stripe:cs_test_a1B2c3',
        at: '2026-11-20T09:30:00.000Z',
        stage: 'skipped',
        reason: 'test-payment',
        text: 'A test purchase: it was verified and left out.',
        attributed: null,
      }),
      rowOf({
        reference: 'paddle:txn_01test',
        provider: 'paddle',
        at: '2026-11-19T14:02:00.000Z',
        kind: 'trial',
        amount: 0,
        currency: 'USD',
        stage: 'skipped',
        reason: 'test-payment',
        text: 'A test purchase: it was verified and left out.',
        attributed: null,
        visitorSeen: false,
      }),
    ],
    proof: PROOF,
    ...changes,
  }
}

/** Before the first order: nothing but addresses to paste. */
export function newShop(changes: Partial<StatusReport> = {}): StatusReport {
  return reportWith({
    incidents: [],
    attribution: { rate: null, recorded: 0, attributed: 0, days: lastDays([], []), misses: [] },
    movements: [],
    waiting: [],
    waitingCount: 0,
    rehearsal: [],
    proof: [],
    setUp: SET_UP,
    ...changes,
  })
}

export function rowOf(changes: Partial<Row> = {}): Row {
  return {
    reference: 'stripe:cs_live_b1Xk93',
    provider: 'stripe',
    at: '2026-11-25T16:41:00.000Z',
    kind: 'sale',
    amount: 19.99,
    currency: 'EUR',
    transactionId: 'pi_3Qx81',
    stage: 'recorded',
    reason: 'paid',
    text: 'Recorded in DataFast.',
    attributed: 'yes',
    visitorSeen: true,
    doors: ['redirect', 'webhook'],
    attempts: 1,
    nextTry: null,
    canRetry: false,
    ...changes,
  }
}

const CHECKS: StatusReport['checks'] = [
  { id: 'thank-you', state: 'green', title: 'Thank-you page', text: 'https://example.com/thanks answers with 200.' },
  { id: 'datafast-key', state: 'green', title: 'DataFast’s key', text: 'DataFast accepts it; it belongs to example.com.' },
  {
    id: 'dodo-webhook',
    state: 'yellow',
    title: 'Webhook of Dodo Payments',
    text: 'No event has come for 9 days, though 4 buyers returned in that time.',
    fix: 'Open Dodo’s dashboard → Developer → Webhooks and send a test event to https://pay.example.com/checkout/webhook/dodo.',
  },
  { id: 'stripe-key', state: 'green', title: 'Stripe’s key', text: 'It may read all that is needed, and is of live mode.' },
  {
    id: 'lemonsqueezy-key',
    state: 'red',
    title: 'Lemon Squeezy’s key',
    text: 'Lemon Squeezy refuses it (401): such keys expire after a year.',
    fix: 'Create a new key under Settings → API, then run npx wrangler secret put LEMONSQUEEZY_API_KEY.',
  },
  {
    id: 'cookie-domain',
    state: 'yellow',
    title: 'The visitor’s cookie',
    text: 'Only 6 of the last 20 buyers came with a DataFast cookie.',
    fix: 'Set data-domain of DataFast’s script to example.com, not www.example.com.',
  },
]

const WAITING: Row[] = [
  rowOf({
    reference: 'lemonsqueezy:order_482913',
    provider: 'lemonsqueezy',
    at: '2026-11-25T11:20:00.000Z',
    amount: null,
    currency: null,
    transactionId: null,
    stage: 'waiting',
    reason: 'key-refused-401',
    text: 'Lemon Squeezy refuses the key. Set LEMONSQUEEZY_API_KEY anew; the payment goes on by itself.',
    attributed: null,
    doors: ['redirect', 'webhook'],
    attempts: 11,
    nextTry: '2026-11-25T18:00:00.000Z',
    canRetry: true,
  }),
  rowOf({
    reference: 'gumroad:sale_Hj82kd',
    provider: 'gumroad',
    at: '2026-11-25T14:48:00.000Z',
    amount: 1500,
    currency: 'JPY',
    transactionId: 'Hj82kd==',
    stage: 'held',
    reason: 'no-visitor',
    text: 'Paid, but no visitor is known yet. It is held for one until the next try, then recorded without.',
    attributed: null,
    visitorSeen: false,
    doors: ['webhook'],
    attempts: 0,
    nextTry: '2026-11-26T14:48:00.000Z',
  }),
  rowOf({
    reference: 'polar:order_7d1c',
    provider: 'polar',
    at: '2026-11-25T15:20:00.000Z',
    kind: 'renewal',
    amount: 9,
    currency: 'USD',
    stage: 'waiting',
    reason: 'datafast-unreachable',
    text: 'DataFast does not answer. It is tried again until it does.',
    attributed: null,
    doors: ['sweep'],
    attempts: 6,
    nextTry: '2026-11-25T17:20:00.000Z',
    canRetry: true,
  }),
  rowOf({
    reference: 'creem:tran_9sk2',
    provider: 'creem',
    at: '2026-11-18T08:05:00.000Z',
    amount: 4.5,
    currency: 'KWD',
    stage: 'parked',
    reason: 'payment-refused-400',
    text: 'DataFast refuses the payment (400). Look at its message in the log, mend the cause, and try again.',
    attributed: null,
    attempts: 3,
    canRetry: true,
  }),
]

const MOVEMENTS: Row[] = [
  ...WAITING.slice(0, 3),
  rowOf(),
  rowOf({
    reference: 'dodo:pay_Kd93jf02',
    provider: 'dodo',
    at: '2026-11-25T13:17:00.000Z',
    kind: 'trial',
    amount: 0,
    currency: 'USD',
    transactionId: 'pay_Kd93jf02',
    doors: ['redirect'],
  }),
  rowOf({
    reference: 'paddle:txn_01hv8',
    provider: 'paddle',
    at: '2026-11-24T22:03:00.000Z',
    amount: 12.345,
    currency: 'KWD',
    transactionId: 'txn_01hv8',
    text: 'Recorded in DataFast without a visitor.',
    attributed: 'no-visitor-seen',
    visitorSeen: false,
    doors: ['webhook', 'sweep'],
  }),
  rowOf({
    reference: 'polar:refund_51ab',
    provider: 'polar',
    at: '2026-11-24T18:44:00.000Z',
    kind: 'refund',
    amount: 9,
    currency: 'USD',
    transactionId: 're_51ab',
    doors: ['webhook'],
  }),
  rowOf({
    reference: 'creem:ch_3kd8',
    provider: 'creem',
    at: '2026-11-24T10:00:00.000Z',
    amount: 29,
    currency: 'EUR',
    transactionId: null,
    stage: 'skipped',
    reason: 'other-success-url',
    text: 'Its buyers are sent to another shop’s success URL, so it is not counted here.',
    attributed: null,
    visitorSeen: false,
    doors: ['webhook'],
  }),
  rowOf({
    reference: 'gumroad:sale_00Zz',
    provider: 'gumroad',
    at: '2026-11-23T07:31:00.000Z',
    kind: null,
    amount: null,
    currency: null,
    transactionId: null,
    stage: 'refused',
    reason: 'not-paid',
    text: 'Gumroad says that it was never paid.',
    attributed: null,
  }),
  rowOf({
    reference: 'lemonsqueezy:order_481002',
    provider: 'lemonsqueezy',
    at: '2026-11-22T19:58:00.000Z',
    kind: 'renewal',
    amount: 1500,
    currency: 'JPY',
    transactionId: '481002',
    doors: ['webhook'],
  }),
  WAITING[3] ?? rowOf(),
]

const PROOF: DayProof[] = [
  {
    day: '2026-11-24',
    orders: 28,
    recorded: 27,
    attributed: 26,
    waiting: 1,
    differences: [
      { currency: 'EUR', recorded: 812.73, dataFast: 812.73, difference: 0 },
      { currency: 'USD', recorded: 117, dataFast: 108, difference: 9 },
    ],
    findings: [
      'DataFast tells 9.00 USD less than was recorded: polar:order_7c90 is missing there.',
      'lemonsqueezy:order_482913 is still waiting.',
    ],
  },
  {
    day: '2026-11-23',
    orders: 27,
    recorded: 27,
    attributed: 26,
    waiting: 0,
    differences: [{ currency: 'EUR', recorded: 540.27, dataFast: 540.27, difference: 0 }],
    findings: [],
  },
  {
    day: '2026-11-22',
    orders: 1,
    recorded: 1,
    attributed: 1,
    waiting: 0,
    differences: [{ currency: 'JPY', recorded: 1500, dataFast: null, difference: null }],
    findings: [],
  },
]

const SET_UP: StatusReport['setUp'] = [
  {
    provider: 'stripe',
    successUrl: 'https://pay.example.com/checkout/success/stripe?session_id={CHECKOUT_SESSION_ID}',
    webhookUrl: 'https://pay.example.com/checkout/webhook/stripe',
    webhookSecret: 'STRIPE_WEBHOOK_SECRET',
    webhookReady: true,
  },
  {
    provider: 'lemonsqueezy',
    successUrl: 'https://pay.example.com/checkout/success/lemonsqueezy?order_id=[order_id]&order_identifier=[order_identifier]',
    webhookUrl: 'https://pay.example.com/checkout/webhook/lemonsqueezy',
    webhookSecret: 'LEMONSQUEEZY_WEBHOOK_SECRET',
    webhookReady: false,
  },
]

/** The 30 days before `NOW`, each with so many sales; one fewer is attributed on the days named. */
function lastDays(recorded: number[], missed: number[]): StatusReport['attribution']['days'] {
  return Array.from({ length: 30 }, (_, at) => {
    const day = new Date(Date.parse(NOW) - (29 - at) * DAY_MS).toISOString().slice(0, 10)
    const count = recorded[at] ?? 0
    return { day, recorded: count, attributed: count - (missed.includes(at) ? 1 : 0) }
  })
}
