import type { Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AFTERMATH } from '../../sandbox/world/aftermath/list.ts'
import { type Delivery, delivered, type ProviderEvent } from '../../sandbox/world/provider-event.ts'
import type { World } from '../../sandbox/world/world.ts'
import type { StatusReport } from '../../src/status/report.ts'
import { ownRuntime } from './runtime.ts'
import { GENERATIONS, PLANTER, type Stored, storedBefore } from './stored-before.ts'
import { eventually, OTHER_VISITOR, VISITOR } from './worker.ts'

const MINUTE = 60_000
/** How long the upgrade took: whatever waited for minutes is overdue, and what waits for an hour is not. */
const AWAY = 20 * MINUTE
const STATUS_TOKEN = 'a-status-token-for-tests-only'
const POLAR_CHECKOUT = '3f2b8c1e-5d4a-4f6b-9a7c-1b2d3e4f5a6b'
const LEMON_SQUEEZY_ORDER = '5000042'

const session = (name: string) => `cs_live_a1${name}`
const order = (name: string) => `stripe:${session(name)}` as const
const intent = (name: string) => `pi_${session(name).slice(-12)}`
const success = (name: string) => `/checkout/success/stripe?session_id=${session(name)}`

/** What was sold in the shop of the fixtures: by now everything is paid, and everybody well. */
function reopen({ stripe, creem, polar, lemonSqueezy }: World, { orders, memory }: Stored): void {
  const names = [...Object.keys(orders), ...memory.map(({ key }) => key)].map((name) => /cs_live_a1(\w+)/.exec(name)?.[1])
  for (const name of new Set(names.filter((found) => found !== undefined))) {
    if (name === 'SubscribedOnce') stripe.subscribe(session(name))
    else stripe.sell(session(name), name === 'SoldElsewhere' ? { success_url: 'https://other.example/thanks' } : {})
  }
  for (const id of ['ch_MovedToItsPayment', 'ch_RefundedInSteps']) creem.sell(id)
  polar.sell(POLAR_CHECKOUT)
  lemonSqueezy.sell(LEMON_SQUEEZY_ORDER)
  if (orders['stripe:re_aleUndecidedn1']) stripe.refund('re_aleUndecidedn1', intent('SaleUndecided'), { amount: 500 })
}

/** What nobody has to do anything for. Transaction id → the visitor it is recorded under. */
const GOES_ON: [what: string, where: string, transactionId: (world: World) => string, visitor: string | undefined][] = [
  ['the provider was down', order('ProviderIsDown'), () => intent('ProviderIsDown'), VISITOR],
  ['the payment was pending', order('PendingPayment'), () => intent('PendingPayment'), VISITOR],
  ['the provider’s key was missing', `polar:${POLAR_CHECKOUT}`, ({ polar }) => polar.orderIdOf(POLAR_CHECKOUT), VISITOR],
  ['it was held for a visitor, and its time is over', order('HeldTenMinutes'), () => intent('HeldTenMinutes'), undefined],
  ['DataFast was down', order('DataFastIsDown'), () => intent('DataFastIsDown'), VISITOR],
  ['DataFast’s key was missing', order('NoDataFastKey'), () => intent('NoDataFastKey'), VISITOR],
  ['the provider had announced what it did not know yet', order('UnknownToStripe'), () => intent('UnknownToStripe'), undefined],
  ['its refund came before it could be verified', order('SaleUndecided'), () => intent('SaleUndecided'), VISITOR],
  ['the refund waited for its sale', 'stripe:re_aleUndecidedn1', () => 're_aleUndecidedn1', VISITOR],
]

/** What was kept in KV while the orders were out of reach, by the door it came through. */
const ARRIVALS: [door: string, key: string, transactionId: string, visitor: string | undefined][] = [
  ['redirect', `arrival:${order('LeftByAVisit')}:`, intent('LeftByAVisit'), VISITOR],
  ['webhook', `arrival:lemonsqueezy:${LEMON_SQUEEZY_ORDER}.`, `ls_order_${LEMON_SQUEEZY_ORDER}`, VISITOR],
  ['sweep', `arrival:${order('LeftByTheSweep')}:`, intent('LeftByTheSweep'), undefined],
]

describe.each(GENERATIONS)('what a Worker from %s had stored', (generation) => {
  const stored = storedBefore(generation, AWAY)
  const { orders, memory, books } = stored
  const isThere = (name: string) => name in orders
  const runtime = ownRuntime()
  const { world } = runtime
  const { dataFast } = world
  let worker: Miniflare
  let visits = 0

  beforeAll(async () => {
    reopen(world, stored)
    const planter = await runtime.start({}, PLANTER)
    const body = JSON.stringify({ ...stored, alarm: Date.now() + 5_000 })
    expect(await (await planter.dispatchFetch('https://pay.example.com/', { method: 'POST', body })).text()).toBe('planted')
    await runtime.kill()
    // From here on it is the upgrade: the bundle of today on that storage.
    worker = await runtime.start({ STATUS_TOKEN })
  })
  afterAll(() => runtime.stop())

  async function visit(path: string, visitor?: string): Promise<string | null> {
    const headers = { 'cf-connecting-ip': `198.51.100.${++visits}`, ...(visitor && { cookie: `datafast_visitor_id=${visitor}` }) }
    const answer = await worker.dispatchFetch(`https://pay.example.com${path}`, { redirect: 'manual', headers })
    await answer.text()
    return answer.headers.get('x-checkout-outcome')
  }

  async function tell(events: ProviderEvent[]): Promise<void> {
    for (const { path, headers, body } of events.map((event): Delivery => delivered(event))) {
      const answer = await worker.dispatchFetch(`https://pay.example.com${path}`, { method: 'POST', headers, body })
      expect({ status: answer.status, text: await answer.text() }).toMatchObject({ status: 200 })
    }
  }

  const cron = async () => (await worker.getWorker()).scheduled({ cron: '*/15 * * * *' })
  const posts = (transactionId: string) => world.callsTo('datafast', `"${transactionId}"`)
  const recorded = (transactionId: string) => eventually(() => dataFast.ledger.get(transactionId), Boolean, 30_000)
  const memoryOf = async (key: string) => {
    const { value, metadata } = await (await worker.getKVNamespace('RECORDED')).getWithMetadata(key, 'json')
    return { ...(value as object | null), ...(metadata as object | null) }
  }
  const status = async () => {
    const headers = { accept: 'application/json', authorization: `Bearer ${STATUS_TOKEN}` }
    return (await (await worker.dispatchFetch('https://pay.example.com/checkout/status', { headers })).json()) as StatusReport
  }

  it.each(GOES_ON.filter(([, where]) => isThere(where)))('goes on: %s (%s)', async (_, where, transactionId, visitor) => {
    const id = transactionId(world)
    const entry = await recorded(id)
    expect(entry?.datafast_visitor_id).toBe(visitor)
    expect(posts(id)).toHaveLength(1)
    await eventually(
      () => memoryOf(where),
      (found) => 'transaction_id' in found,
    )
    expect(await memoryOf(where)).toMatchObject({ transaction_id: id, attributed: visitor ? 'yes' : 'no' })
  })

  it('writes what was owed to KV, and posts nothing for it', async () => {
    const found = await eventually(
      () => memoryOf(order('MemoryIsOwed')),
      (entry) => 'transaction_id' in entry,
    )
    expect(found).toMatchObject({ transaction_id: intent('MemoryIsOwed'), datafast_visitor_id: VISITOR, attributed: 'yes' })
    expect(posts(intent('MemoryIsOwed'))).toEqual([])
  })

  it('waits on for the visitor of a sale that is held, who is then recorded at once', async () => {
    expect(dataFast.ledger.has(intent('HeldForAnHour'))).toBe(false)
    expect(await visit(success('HeldForAnHour'), OTHER_VISITOR)).toBe('paid')
    expect(await recorded(intent('HeldForAnHour'))).toMatchObject({ datafast_visitor_id: OTHER_VISITOR })
  })

  it.each([
    [`a sale`, success('RecordedVisitor'), order('RecordedVisitor'), intent('RecordedVisitor')],
    [
      'one that has moved',
      '/checkout/success/creem?checkout_id=ch_MovedToItsPayment',
      'creem:ch_MovedToItsPayment',
      'tran_MovedToItsPayment',
    ],
  ])('knows %s that is recorded, by KV and without it', async (_, path, key, transactionId) => {
    expect(await visit(path, VISITOR)).toBe('repeat')
    await (await worker.getKVNamespace('RECORDED')).delete(key)
    expect(await visit(path, VISITOR)).toBe('repeat')
    expect(posts(transactionId)).toEqual([])
  })

  it('adds the visitor to a sale that was recorded without one, once', async () => {
    expect(await visit(success('RecordedNobody'), OTHER_VISITOR)).toBe('repeat')
    expect(await recorded(intent('RecordedNobody'))).toMatchObject({ datafast_visitor_id: OTHER_VISITOR })
    await eventually(
      () => memoryOf(order('RecordedNobody')),
      (entry) => 'attributed' in entry && entry.attributed === 'closed',
    )
    await visit(success('RecordedNobody'), VISITOR)
    expect(posts(intent('RecordedNobody'))).toHaveLength(1)
  })

  it('asks again about a checkout that was not paid, when its buyer is back', async () => {
    expect(await visit(success('ExpiredCheckout'))).toBe('paid')
    // The visitor of the first visit is still known.
    expect(await recorded(intent('ExpiredCheckout'))).toMatchObject({ datafast_visitor_id: VISITOR })
  })

  it('leaves to a renewal the visitor of its first sale', async () => {
    const { events, transactionId } = AFTERMATH.stripe(world, session('SubscribedOnce')).renewed()
    await tell(events)
    expect(await recorded(transactionId)).toMatchObject({ datafast_visitor_id: VISITOR })
    expect(posts(`in_${session('SubscribedOnce').slice(-12)}`)).toEqual([])
  })

  it.each(ARRIVALS.filter(([, key]) => memory.some((entry) => entry.key.startsWith(key))))(
    'hands an arrival of the door %s to its order (%s)',
    async (_, key, transactionId, visitor) => {
      await cron()
      const kept = async () => (await (await worker.getKVNamespace('RECORDED')).list({ prefix: key })).keys.length
      await eventually(kept, (count) => count === 0, 20_000)
      expect((await recorded(transactionId))?.datafast_visitor_id).toBe(visitor)
      expect(posts(transactionId)).toHaveLength(1)
    },
  )

  if (isThere('creem:refunds_tran_RefundedInSteps'))
    it('sends of a running total what was added since', async () => {
      const aftermath = AFTERMATH.creem(world, 'ch_RefundedInSteps')
      const before = aftermath.refunded('part')
      const { events, transactionId, amount } = aftermath.refunded('rest')
      await tell(events)
      expect(await recorded(transactionId)).toMatchObject({ amount, refunded: true, datafast_visitor_id: VISITOR })
      expect(posts(before.transactionId)).toEqual([])
    })

  if (isThere(order('SoldElsewhere')))
    it('counts what looked like another shop’s when its buyer comes here', async () => {
      expect(dataFast.ledger.has(intent('SoldElsewhere'))).toBe(false)
      await visit(success('SoldElsewhere'), VISITOR)
      expect(await recorded(intent('SoldElsewhere'))).toMatchObject({ datafast_visitor_id: VISITOR })
    })

  if (books)
    describe('in the books', () => {
      it('shows the movements of before, and tries again what was parked', async () => {
        const { movements } = await status()
        for (const name of ['RecordedVisitor', 'RecordedNobody', 'ParkedRefused']) {
          expect(movements.map(({ reference }) => reference)).toContain(order(name))
        }
        const body = new URLSearchParams({ reference: order('ParkedRefused') })
        await worker.dispatchFetch('https://pay.example.com/checkout/status/retry', {
          method: 'POST',
          headers: { authorization: `Bearer ${STATUS_TOKEN}`, 'content-type': 'application/x-www-form-urlencoded' },
          body: String(body),
        })
        expect(await recorded(intent('ParkedRefused'))).toMatchObject({ datafast_visitor_id: VISITOR })
      })

      it('sweeps on from where it was, and knows since when each provider counts', async () => {
        const success_url = 'https://pay.example.com/checkout/success/stripe?session_id={CHECKOUT_SESSION_ID}'
        const soldAt = (minutesAgo: number) => ({ success_url, created: Math.floor((Date.now() - minutesAgo * MINUTE) / 1000) })
        world.stripe.sell(session('WhileItWasAway'), { ...soldAt(10), metadata: { datafast_visitor_id: VISITOR } })
        world.stripe.sell(session('BeforeTheStart'), { ...soldAt(24 * 60), metadata: { datafast_visitor_id: VISITOR } })
        await cron()
        expect(await recorded(intent('WhileItWasAway'))).toMatchObject({ datafast_visitor_id: VISITOR })
        expect(dataFast.ledger.has(intent('BeforeTheStart'))).toBe(false)
      })
    })
})
