import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import type { DayProof } from '../../src/books/proof.ts'
import { DAY, HOUR, jobsOf, MINUTE, PUBLIC_URL, STATUS_TOKEN, statusOf } from './at-sweep.ts'
import { eventually, sessionId, startWorker, type TestWorker, uniqueVisitor } from './worker.ts'

/** A month that lies ahead: what was sold before a provider was switched on is not proved. */
const FIRST = (Math.floor(Date.now() / DAY) + 1) * DAY
const DAYS = 30

let worker: TestWorker

beforeAll(async () => {
  const { DATAFAST_API_KEY, STRIPE_SECRET_KEY, POLAR_ACCESS_TOKEN } = SECRETS
  const keys = { DATAFAST_API_KEY, POLAR_ACCESS_TOKEN, STRIPE_SECRET_KEY: `${STRIPE_SECRET_KEY}, rk_test_sandboxkey` }
  const vars = { PUBLIC_URL, DATAFAST_WEBSITE_ID: '665f0b3c4d2e1a0012345678', ALERT_URL: 'https://alerts.example.com/founder' }
  worker = await startWorker({ vars: { ...vars, ATTRIBUTION_WAIT_SECONDS: 0 }, secrets: { ...keys, STATUS_TOKEN } })
})
afterAll(() => worker?.stop())

// ── What is sold on a day ─────────────────────────────────────────────────────────────────────────────────────────────

type Sale = { id: string; transactionId: string; path: string }

/** Something that Stripe's payment link sold on the day of that number, at that hour. */
function sold(day: number, hour: number, cents: number, fields: Record<string, unknown> = {}): Sale {
  const id = sessionId(fields.livemode === false ? 'test' : 'live')
  const path = `/checkout/success/stripe?session_id=${id}`
  const created = (FIRST + day * DAY + hour * HOUR) / 1000
  const total_details = { amount_tax: Math.round(cents * 0.16) }
  const success_url = `${PUBLIC_URL}/checkout/success/stripe?session_id={CHECKOUT_SESSION_ID}`
  const session = worker.world.stripe.sell(id, { created, amount_total: cents, total_details, success_url, ...fields })
  return { id, path, transactionId: String(session.payment_intent) }
}

function soldByPolar(day: number, cents: number): void {
  const created_at = new Date(FIRST + day * DAY + 15 * HOUR).toISOString().replace('Z', '000Z')
  const price = { subtotal_amount: cents, discount_amount: 0, tax_amount: Math.round(cents * 0.19) }
  worker.world.polar.sell(crypto.randomUUID(), { checkout: { ...price, currency: 'eur' }, order: { created_at } })
}

/** A subscription, and its renewal six days later. */
function subscribed(day: number): void {
  const id = sessionId()
  const created = (FIRST + day * DAY + 9 * HOUR) / 1000
  const { subscription } = worker.world.stripe.subscribe(id, { created }, { created })
  const renewed = created + (6 * DAY) / 1000
  const fields = { created: renewed, status_transitions: { paid_at: renewed + 60 } }
  worker.world.stripe.renew(String(subscription), `in_${id.slice(-12)}r`, fields)
}

function givenBack(day: number, { transactionId }: Sale, cents: number): void {
  const created = (FIRST + day * DAY + 18 * HOUR) / 1000
  worker.world.stripe.refund(`re_${transactionId.slice(3)}`, transactionId, { amount: cents, created })
}

const sales: Sale[] = []
const isForeign = (day: number) => day % 8 === 5

/** An ordinary day: a few sales of different amounts, now and then something else. The first is what will have gone wrong. */
async function trade(day: number): Promise<Sale> {
  const one = sold(day, 8, 1234 + 137 * day)
  sales.push(one, sold(day, 23.99, 4900 + 11 * day, { metadata: { datafast_visitor_id: uniqueVisitor() } }))
  soldByPolar(day, 2000 + 29 * day)
  const earlier = sales.at(-4)
  if (day % 5 === 2 && earlier) givenBack(day, earlier, 500)
  if (day % 7 === 1) subscribed(day)
  if (day % 6 === 3) worker.world.stripe.startTrial(sessionId(), {}, (FIRST + day * DAY) / 1000 + 300)
  if (day % 4 === 0) sold(day, 10, 900, { livemode: false })
  if (day % 4 === 1) sold(day, 11, 3300, { success_url: 'https://other.example/thanks' })
  if (day % 4 === 2) sold(day, 12, 0)
  if (isForeign(day)) sold(day, 13, 2500, { currency: 'usd' })
  return one
}

// ── What may go wrong on a day ────────────────────────────────────────────────────────────────────────────────────────

type Fault = {
  what: string
  /** During the day, or after the provider's lists were read. */
  during?: (sale: Sale) => unknown
  after?: (sale: Sale) => unknown
  says: (sale: Sale) => string
}

const books = () => worker.worker.getDurableObjectStorage('LEDGER', { name: 'books' })
const isRecorded = ({ transactionId }: Sale) => eventually(() => worker.world.dataFast.ledger.has(transactionId), Boolean)
const visited = async (sale: Sale) => {
  await worker.visit(sale.path, { visitor: uniqueVisitor() })
  await isRecorded(sale)
}
const explained = (how: string) => (sale: Sale) => `, as if it ${how}: ${sale.transactionId}`

const FAULTS: Record<number, Fault> = {
  3: {
    what: 'a payment that DataFast lost',
    after: (sale) => worker.world.dataFast.lose(sale.transactionId),
    says: explained('were missing there'),
  },
  6: {
    what: 'a payment that counts twice, under another id',
    after: ({ transactionId }) =>
      worker.world.dataFast.forge({ ...worker.world.dataFast.ledger.get(transactionId), transaction_id: `ch_${transactionId}` }),
    says: explained('had been counted twice'),
  },
  7: {
    what: 'cents taken for euros',
    after: (sale) => worker.world.dataFast.scale(sale.transactionId, 100),
    says: explained('were counted 100 times as high'),
  },
  11: {
    what: 'euros taken for cents',
    after: (sale) => worker.world.dataFast.scale(sale.transactionId, 1 / 100),
    says: explained('were counted at a 100th'),
  },
  15: {
    what: 'a payment of nobody’s',
    after: (sale) =>
      worker.world.dataFast.forge({ timestamp: new Date(FIRST + 15.5 * DAY).toISOString(), amount: 0.77, transaction_id: sale.id }),
    says: () => 'DataFast shows 0.77 EUR more than was recorded here.',
  },
  18: {
    what: 'an order that the books have lost',
    after: async ({ id }) => {
      await (await books()).exec('DELETE FROM movement WHERE reference = ?', `stripe:${id}`)
      await worker.recorded.delete(`stripe:${id}`)
    },
    says: ({ id }) => `Paid at the provider, but not recorded: stripe:${id}.`,
  },
  19: {
    what: 'an order recorded with another amount than was paid',
    during: async (sale) => {
      await visited(sale)
      Object.assign(worker.world.stripe.sessions.get(sale.id) ?? {}, { amount_total: 1, total_details: { amount_tax: 0 } })
    },
    says: ({ transactionId }) => `Recorded with another amount than the provider tells: ${transactionId} (38.37 EUR instead of 0.01 EUR).`,
  },
  23: {
    what: 'an order that the provider knows nothing of any more',
    during: async (sale) => {
      await visited(sale)
      worker.world.stripe.sessions.delete(sale.id)
    },
    says: ({ transactionId }) => `Recorded, but in no list of the provider: ${transactionId}.`,
  },
  27: {
    what: 'a row of the books that says another currency',
    after: async ({ id }) => {
      const change = "UPDATE movement SET row = json_set(row, '$.currency', 'USD') WHERE reference = ?"
      await (await books()).exec(change, `stripe:${id}`)
    },
    says: ({ transactionId }) => `${transactionId} (49.33 USD instead of 49.33 EUR)`,
  },
}

// ── The night after it ────────────────────────────────────────────────────────────────────────────────────────────────

/** A cron run of the night after that day, and everything the books do because of it. */
async function run(day: number, minutes: number): Promise<void> {
  const scheduledTime = new Date(FIRST + (day + 1) * DAY + minutes * MINUTE)
  await worker.worker.scheduled({ cron: '*/15 * * * *', scheduledTime })
  await eventually(
    () => jobsOf(worker),
    (jobs) => jobs.every(({ due }) => due > Date.now() + MINUTE),
  )
}

/** As many as were sold have an end, and none waits. */
async function settled(day: number): Promise<void> {
  const sql = await books()
  const query = 'SELECT stage, count(*) AS count FROM movement WHERE at >= ? AND at < ? GROUP BY stage'
  let before = ''
  await eventually(
    async () => JSON.stringify(await sql.exec<{ stage: string }>(query, FIRST + day * DAY, FIRST + (day + 1) * DAY)),
    (counts) => {
      const isQuiet = counts === before && counts.includes('recorded') && !/waiting|held/.test(counts)
      before = counts
      return isQuiet
    },
  )
}

async function prove(day: number): Promise<DayProof> {
  await run(day, 75)
  await settled(day)
  const sale = sales.at(-2)
  if (sale) await FAULTS[day]?.after?.(sale)
  await run(day, 90)
  const name = new Date(FIRST + day * DAY).toISOString().slice(0, 10)
  const { proof } = await statusOf(worker)
  const found = proof.find((one) => one.day === name)
  if (!found) throw new Error(`${name} is not proved: ${JSON.stringify(proof)}`)
  return found
}

const alerts = () => worker.world.alerts.messages.map(({ text }) => String(text))

describe('the proof of thirty days', () => {
  const days = Array.from({ length: DAYS }, (_, day) => ({ day, what: FAULTS[day]?.what ?? 'everything adds up' }))

  it.each(days)('day $day: $what', { timeout: 30_000 }, async ({ day }) => {
    const fault = FAULTS[day]
    const toldBefore = alerts().length
    const sale = await trade(day)
    await fault?.during?.(sale)
    const proof = await prove(day)
    const said = fault?.says(sale)
    if (said) expect(proof.findings.join(' ')).toContain(said)
    else expect(proof.findings).toEqual([])
    expect(proof.recorded).toBeGreaterThanOrEqual(2)
    expect(proof.waiting).toBe(0)
    const isCompared = proof.differences.length === 1 && proof.differences[0]?.dataFast !== null
    if (!fault) expect(isCompared).toBe(!isForeign(day))
    const news = alerts().slice(toldBefore)
    expect(news.filter((text) => !text.startsWith('Over: '))).toEqual(said ? [expect.stringContaining(said)] : [])
  })

  it('told of nothing else, and of each again when it was over', () => {
    const [over, begun] = [true, false].map((isOver) => alerts().filter((text) => text.startsWith('Over: ') === isOver))
    expect(begun).toHaveLength(Object.keys(FAULTS).length)
    expect(over).toHaveLength(Object.keys(FAULTS).length)
  })

  it('counted every payment once, and nothing that is not ours', () => {
    const ledger = [...worker.world.dataFast.ledger.values()]
    expect(ledger.filter(({ amount }) => amount === 9 || amount === 33)).toEqual([])
    expect(ledger.length).toBeGreaterThan(3 * DAYS)
  })
})
