import { describe, expect, it } from 'vitest'
import { lookAtOrders } from '../../sandbox/lens-worker.ts'
import { recorded, withWorker, worker } from '../bundle/at-provider.ts'
import { askBooks } from '../bundle/books-lens-worker.ts'
import { PROVIDER_NAMES, SELLERS } from '../bundle/sellers.ts'
import { dodoId, eventually, lemonSqueezyId, sessionId, uniqueVisitor } from '../bundle/worker.ts'
import { FULL } from './form.ts'

describe('Whoever guesses ids', () => {
  withWorker({ vars: { ATTRIBUTION_WAIT_SECONDS: 0 } })

  /** Everything that can be seen of an answer. */
  const seen = async (path: string) => {
    const { status, headers, text } = await worker.visit(path)
    return JSON.stringify([status, text, [...headers].filter(([name]) => name !== 'date')])
  }

  it('cannot tell a forged id from a test order’s, or another account’s: all are unknown', async () => {
    const [test, forged] = [sessionId('test'), sessionId()]
    worker.world.stripe.sell(test, { livemode: false })
    const answers = await Promise.all([test, forged, sessionId('test')].map((id) => seen(`/checkout/success/stripe?session_id=${id}`)))
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toContain('"unknown"')
  })

  it.each(PROVIDER_NAMES)(
    'at %s learns of an order that it was paid, or not, and nothing else: no amount, name, product or id',
    async (provider) => {
      const { id: newId, sell, returning, sellInVain } = SELLERS[provider]
      const [id, another] = [newId(), newId()]
      sell['one-time'](worker.world, id)
      sell.subscription(worker.world, another)
      const answers = await Promise.all([id, another].map((one) => seen(`/checkout/success/${provider}?${returning(worker.world, one)}`)))
      expect(new Set(answers).size).toBe(1)
      expect(answers[0]).toMatch(/^\[303,"",/)
      const vain = newId()
      sellInVain?.(worker.world, vain)
      if (sellInVain) expect(await seen(`/checkout/success/${provider}?${returning(worker.world, vain)}`)).toContain('"not-paid"')
    },
  )

  it('at Lemon Squeezy, whose orders are counted, needs the identifier as well', async () => {
    const id = lemonSqueezyId()
    worker.world.lemonSqueezy.sell(id)
    const at = (query: string) => worker.visit(`/checkout/success/lemonsqueezy?${query}`)
    expect(await at(`order_id=${id}`)).toMatchObject({ outcome: 'invalid' })
    for (const identifier of [crypto.randomUUID(), '0', id, '%2A', '_']) {
      expect((await at(`order_id=${id}&order_identifier=${identifier}`)).outcome).toMatch(/^(unknown|invalid)$/)
    }
    expect(worker.world.dataFast.ledger.has(`ls_order_${id}`)).toBe(false)
    expect(await at(`order_id=${id}&order_identifier=${worker.world.lemonSqueezy.identifierOf(id)}`)).toMatchObject({ outcome: 'paid' })
  })

  it('learns of no order by another route', async () => {
    const id = sessionId()
    worker.world.stripe.sell(id, { payment_intent: `pi_of_${id}` })
    const before = await Promise.all(['/checkout/health', '/checkout/links.js', '/checkout/status'].map(seen))
    await worker.visit(`/checkout/success/stripe?session_id=${id}`)
    await recorded(`pi_of_${id}`)
    expect(await Promise.all(['/checkout/health', '/checkout/links.js', '/checkout/status'].map(seen))).toEqual(before)
  })

  it('cannot name what only a provider names: refunds, invoices, subscriptions, orders of other kinds', async () => {
    const before = worker.world.calls.length
    const queries = [
      ...[
        'stripe?session_id=in_1',
        'stripe?session_id=re_1',
        'stripe?session_id=pi_1',
        'creem?checkout_id=tran_1',
        'creem?checkout_id=refunds_1',
      ],
      ...[
        'polar?checkout_id=order_1',
        'polar?checkout_id=refund_1',
        'polar?checkout_id=sub_1',
        'paddle?transaction_id=adj_1',
        'gumroad?sale_id=refund_1',
      ],
      ...[
        'gumroad?sale_id=sub_1',
        'dodo?payment_id=ref_1',
        'lemonsqueezy?order_id=subinv_1&order_identifier=a',
        'lemonsqueezy?order_id=refunds_1&order_identifier=a',
      ],
    ]
    for (const query of queries) expect(await worker.visit(`/checkout/success/${query}`)).toMatchObject({ outcome: 'invalid' })
    expect(worker.world.calls).toHaveLength(before)
  })

  it('of orders that nobody can be asked about, by their mode or their provider, ask nobody, and the books know of none', async () => {
    const others = ['stripe?session_id=cs_test_a1nobodys', 'creem?checkout_id=ch_nobodys0000']
    const before = worker.world.callsTo('stripe').length
    for (const query of others) await worker.visit(`/checkout/success/${query}`, { visitor: uniqueVisitor() })
    expect(worker.world.callsTo('stripe')).toHaveLength(before)
    const rows = await askBooks<unknown>(worker.harness, 'overview', 'https://pay.example.com')
    expect(JSON.stringify(rows)).not.toContain('nobodys')
    expect((await worker.recorded.list()).keys.filter(({ name }) => name.includes('nobodys'))).toEqual([])
  })

  it('can give a sale a visitor of theirs, if they have its id and come first; never a second one, and never another amount', async () => {
    const id = sessionId()
    worker.world.stripe.sell(id, { payment_intent: `pi_of_${id}` })
    const [theirs, buyers] = [uniqueVisitor(), uniqueVisitor()]
    const at = `/checkout/success/stripe?session_id=${id}`
    await worker.visit(`${at}&amount=0&currency=JPY`, { visitor: theirs })
    expect(await recorded(`pi_of_${id}`)).toMatchObject({ datafast_visitor_id: theirs, currency: 'EUR' })
    await eventually(() => worker.recorded.get(`stripe:${id}`), Boolean)
    await worker.visit(at, { visitor: buyers })
    expect(worker.world.callsTo('datafast', `"pi_of_${id}"`)).toHaveLength(1)
  })
})

const FORGED = FULL ? 10_000 : 200
const ADDRESSES = FULL ? 20 : 2
/** The limit, out of wrangler.toml, in each of the minutes it may take; two questions for each. */
const PER_ADDRESS = 30
const SECOND_QUESTIONS = 10

describe(`${FORGED} forged ids from ${ADDRESSES} addresses`, () => {
  // How fast this machine is makes no difference here.
  withWorker({ vars: { ATTRIBUTION_WAIT_SECONDS: 0, VERIFY_BUDGET_MS: 30_000 } })

  it('ask a bounded number of times, store nothing in KV, are forgotten in ten minutes, and no buyer in between is held up', {
    timeout: FULL ? 600_000 : 60_000,
  }, async () => {
    const begunAt = Date.now()
    const ids = Array.from({ length: FORGED }, () => sessionId())
    const buyers: string[] = []
    const outcomes: (string | null)[] = []
    for (let from = 0; from < FORGED; from += 100) {
      const part = ids.slice(from, from + 100).map((id, place) => {
        return worker.visit(`/checkout/success/stripe?session_id=${id}`, {
          visitor: uniqueVisitor(),
          address: `203.0.113.${place % ADDRESSES}`,
        })
      })
      const buyer = dodoId()
      worker.world.dodo.sell(buyer)
      const landed = worker.visit(`/checkout/success/dodo?payment_id=${buyer}`, { address: `198.51.100.${from / 100}` })
      for (const answer of await Promise.all(part)) expect(['unknown', 'pending']).toContain(answer.outcome)
      const { status, outcome } = await landed
      expect(status).toBe(303)
      outcomes.push(outcome)
      buyers.push(buyer)
    }
    // A machine that plays everybody's part at once may be late with one or the other.
    expect(outcomes.filter((outcome) => outcome === 'paid').length).toBeGreaterThanOrEqual(buyers.length * 0.9)
    await Promise.all(buyers.map((buyer) => recorded(buyer, 60_000)))
    // Each that got through is asked about once more after ten seconds.
    await new Promise((resolve) => setTimeout(resolve, 12_000))

    const minutes = Math.ceil((Date.now() - begunAt) / 60_000) + 1
    const asked = worker.world.callsTo('stripe').length
    expect(asked).toBeGreaterThan(0)
    expect(asked).toBeLessThanOrEqual((PER_ADDRESS * ADDRESSES + SECOND_QUESTIONS) * minutes)
    const states = []
    for (let from = 0; from < FORGED; from += 200) {
      const references = ids.slice(from, from + 200).map((id) => `stripe:${id}`)
      states.push(...(await lookAtOrders(worker.harness, references)).filter((state) => state !== undefined))
    }
    expect(states.length).toBeLessThanOrEqual(PER_ADDRESS * ADDRESSES * minutes)
    for (const { stage, arrivals, visitors } of states) {
      expect([stage.at, stage.at === 'ended' && stage.reason, arrivals, visitors.length]).toEqual(['ended', 'unknown', 1, 1])
      expect(stage.at === 'ended' && stage.until - stage.endedAt).toBe(600_000)
    }
    const { keys } = await worker.recorded.list()
    expect(keys.map(({ name }) => name).sort()).toEqual(buyers.map((buyer) => `dodo:${buyer}`).sort())
    expect(worker.world.dataFast.ledger.size).toBe(buyers.length)
  })
})
