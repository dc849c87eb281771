import { describe, expect, it } from 'vitest'
import { arrive } from '../../src/order/arrive.ts'
import { wroteMemory } from '../../src/order/debts.ts'
import { nextDeadline, nextStep, verdictOf } from '../../src/order/outlook.ts'
import { answered, gathered, handedOver, hurried, replied } from '../../src/order/rules.ts'
import type { State } from '../../src/order/state.ts'
import { answering, arrivalOf, at, DAY, delaysOf, HOUR, MINUTE, newOrder, paidOrder, payment, replying, SECOND, START } from './order.ts'

const VISITOR = '6f1c2a34-9b7d-4e21-8c55-d0e1f2a3b4c5'
const OTHER = '0a9b8c7d-1e2f-4a3b-9c4d-5e6f7a8b9c0d'

const sum = (delays: number[]) => delays.reduce((total, delay) => total + delay, 0)

describe('the provider is asked again', () => {
  it('after 5 s, 30 s, 2 min, 10 min, 1 h, then hourly for 30 days while it is down', () => {
    const { delays, end } = delaysOf(newOrder(), answering({ is: 'unreachable', reason: 'http-503' }))
    expect(delays.slice(0, 8)).toEqual([5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, HOUR, HOUR, HOUR])
    expect(sum(delays)).toBeGreaterThanOrEqual(30 * DAY)
    expect(sum(delays)).toBeLessThan(30 * DAY + HOUR)
    expect(end.stage).toMatchObject({ end: 'refused', reason: 'provider-unreachable' })
  })

  it('after 5 s, 30 s, 2 min, every 15 min for 2 h, then hourly for 30 days while our configuration is wrong', () => {
    const { delays, end } = delaysOf(newOrder(), answering({ is: 'misconfigured', reason: 'key-refused-401' }))
    expect(delays.slice(0, 3)).toEqual([5 * SECOND, 30 * SECOND, 2 * MINUTE])
    expect(delays.slice(3, 11)).toEqual(Array(8).fill(15 * MINUTE))
    expect(delays.slice(11, 14)).toEqual([HOUR, HOUR, HOUR])
    expect(sum(delays)).toBeGreaterThanOrEqual(30 * DAY)
    expect(end.stage).toMatchObject({ end: 'refused', reason: 'provider-configuration' })
  })

  it('on and on for 3 days when only the provider’s own announcement knows of the order', () => {
    const { delays, end } = delaysOf(newOrder({ door: 'webhook' }), answering({ is: 'unknown' }))
    expect(sum(delays)).toBeGreaterThanOrEqual(3 * DAY)
    expect(sum(delays)).toBeLessThan(3 * DAY + HOUR)
    expect(end.stage).toMatchObject({ end: 'refused', reason: 'unknown' })
  })

  it('after 5 s, 30 s, 2, 5, 10, 30 min, 1 h, then every 6 h for 21 days while the payment is pending', () => {
    const { delays, end } = delaysOf(newOrder(), answering({ is: 'pending', reason: 'unpaid' }))
    expect(delays.slice(0, 9)).toEqual([
      5 * SECOND,
      30 * SECOND,
      2 * MINUTE,
      5 * MINUTE,
      10 * MINUTE,
      30 * MINUTE,
      HOUR,
      6 * HOUR,
      6 * HOUR,
    ])
    expect(sum(delays)).toBeGreaterThanOrEqual(21 * DAY)
    expect(sum(delays)).toBeLessThan(21 * DAY + 6 * HOUR)
    expect(end.stage).toMatchObject({ end: 'refused', reason: 'pending-expired', outcome: 'pending' })
  })

  it('for 40 days when a trial must end first', () => {
    const { delays } = delaysOf(newOrder(), answering({ is: 'pending', reason: 'trial', trial: true }))
    expect(sum(delays)).toBeGreaterThanOrEqual(40 * DAY)
  })

  it('once more after 10 s when a redirect alone knows of the order, and is forgotten 10 min later', () => {
    const { delays, end } = delaysOf(newOrder(), answering({ is: 'unknown' }))
    expect(delays).toEqual([10 * SECOND])
    expect(end.stage).toMatchObject({ end: 'refused', reason: 'unknown', outcome: 'unknown' })
    expect(nextDeadline(end) - (START + 10 * SECOND)).toBe(10 * MINUTE)
    expect(nextStep(end, nextDeadline(end))).toEqual({ do: 'forget' })
  })

  it('daily for 30 days when the price cannot be told, and is parked then', () => {
    const { delays, end } = delaysOf(newOrder(), answering({ is: 'unclear', reason: 'unclear-currency' }))
    expect(new Set(delays)).toEqual(new Set([DAY]))
    expect(delays).toHaveLength(30)
    expect(end.stage).toMatchObject({ end: 'parked', reason: 'unclear-currency' })
  })

  it('no sooner than it wishes, but at the latest after six hours', () => {
    const wish = (retryAfterMs: number) =>
      nextDeadline(answered(newOrder(), { is: 'unreachable', reason: 'http-429', retryAfterMs }, at(START))) - START
    expect(wish(1 * SECOND)).toBe(5 * SECOND)
    expect(wish(90 * SECOND)).toBe(90 * SECOND)
    expect(wish(7 * DAY)).toBe(6 * HOUR)
  })

  it('up to a tenth later, so that many orders do not come at once', () => {
    const due = (random: number) =>
      nextDeadline(answered(newOrder(), { is: 'unreachable', reason: 'timeout' }, { ...at(START), random })) - START
    expect(due(0)).toBe(5000)
    expect(due(1)).toBe(5500)
  })

  it('from the start of its row again after another answer in between', () => {
    const down = answering({ is: 'unreachable', reason: 'timeout' })
    const twice = down(down(newOrder(), START), START + 5 * SECOND)
    const pending = answered(twice, { is: 'pending', reason: 'unpaid' }, at(START + 35 * SECOND))
    expect(nextDeadline(pending) - (START + 35 * SECOND)).toBe(5 * SECOND)
  })
})

describe('an arrival', () => {
  const pendingSince = (state = newOrder()) => answered(state, { is: 'pending', reason: 'unpaid' }, at(START))

  it('more than 5 s after the last answer asks at once, earlier ones wait', () => {
    const early = arrive(pendingSince(), arrivalOf({ at: START + 4 * SECOND }), at(START + 4 * SECOND))
    expect(nextStep(early, START + 4 * SECOND)).toEqual({ do: 'rest' })
    const late = arrive(pendingSince(), arrivalOf({ at: START + 6 * SECOND }), at(START + 6 * SECOND))
    expect(nextStep(late, START + 6 * SECOND)).toEqual({ do: 'lookup' })
  })

  it('never postpones a deadline, however often it comes', () => {
    const pending = answering({ is: 'pending', reason: 'unpaid' })
    const second = pending(pendingSince(), START + 5 * SECOND)
    const scheduled = nextDeadline(second)
    let state = second
    for (const moment of [11, 17, 23]) {
      state = arrive(state, arrivalOf({ at: START + moment * SECOND }), at(START + moment * SECOND))
      expect(nextStep(state, START + moment * SECOND)).toEqual({ do: 'lookup' })
      state = pending(state, START + moment * SECOND)
      expect(nextDeadline(state)).toBe(scheduled)
    }
  })

  it('that was stored elsewhere and comes late is no reason to ask', () => {
    const state = arrive(pendingSince(), arrivalOf({ at: START - MINUTE }), at(START + HOUR / 60))
    expect(nextStep(state, START + 4 * SECOND)).toEqual({ do: 'rest' })
    expect(state.firstArrivalAt).toBe(START - MINUTE)
  })

  it.each([
    ['redirect', 'expired', true],
    ['webhook', 'expired', true],
  ] as const)('by %s asks again about an order that was refused as %s', (door, reason, asks) => {
    const refused = answered(newOrder({ visitors: [VISITOR] }), { is: 'not-paid', reason }, at(START))
    const soon = arrive(refused, arrivalOf({ door, at: START + 4 * SECOND }), at(START + 4 * SECOND))
    const later = arrive(refused, arrivalOf({ door, at: START + 6 * SECOND }), at(START + 6 * SECOND))
    expect(nextStep(soon, START + 4 * SECOND).do).toBe('rest')
    expect(nextStep(later, START + 6 * SECOND).do === 'lookup').toBe(asks)
    expect(later.visitors).toEqual([VISITOR])
    expect(verdictOf(refused, START)).toMatchObject({ outcome: 'not-paid', reason })
  })

  it('does not ask again about an unknown order, unless the provider itself announces it', () => {
    const unknown = delaysOf(newOrder(), answering({ is: 'unknown' })).end
    const later = START + MINUTE
    expect(nextStep(arrive(unknown, arrivalOf({ at: later }), at(later)), later).do).toBe('rest')
    expect(nextStep(arrive(unknown, arrivalOf({ at: later, door: 'webhook' }), at(later)), later).do).toBe('lookup')
  })

  it('keeps the visitors of a refused order for 30 days', () => {
    const refused = answered(newOrder({ visitors: [VISITOR] }), { is: 'not-paid', reason: 'open' }, at(START))
    expect(nextDeadline(refused) - START).toBe(30 * DAY)
  })
})

describe('a verified order', () => {
  it('without a visitor is held until the wait is over, counted from the first arrival', () => {
    const held = paidOrder({ at: START - 4 * MINUTE })
    expect(held.stage).toEqual({ at: 'held', until: START + 6 * MINUTE })
    expect(nextStep(held, START + 6 * MINUTE - 1)).toEqual({ do: 'rest' })
    expect(nextStep(held, START + 6 * MINUTE)).toMatchObject({ do: 'gather' })
    const sent = gathered(held, { visitors: [], silent: false }, at(START + 6 * MINUTE))
    expect(nextStep(sent, START + 6 * MINUTE)).toMatchObject({ do: 'send', visitor: undefined })
  })

  it('goes at once with any visitor, the provider’s before a cookie’s', () => {
    expect(nextStep(paidOrder({ visitors: [VISITOR] }), START)).toMatchObject({ do: 'send', visitor: VISITOR })
    expect(nextStep(paidOrder({ visitors: [VISITOR] }, { carried: [OTHER] }), START)).toMatchObject({ do: 'send', visitor: OTHER })
    const held = paidOrder()
    expect(nextStep(arrive(held, arrivalOf({ visitors: [VISITOR] }), at(START + 1)), START + 1)).toMatchObject({
      do: 'send',
      visitor: VISITOR,
    })
  })

  it.each([
    ['a test order', { test: true }, {}, 'test-payment', 'test'],
    ['a free order', { gross: 0, net: 0 }, {}, 'free-order', 'paid'],
    ['an order that is all tax', { net: 0 }, { revenue: 'net' as const }, 'free-order', 'paid'],
    ['another product', { soldAs: ['prod_2'] }, { only: new Map([['stripe', ['prod_1']]]) }, 'other-product', 'paid'],
    [
      'a refund when refunds are off',
      { kind: 'refund' as const, firstSale: 'stripe:cs_live_0' as const },
      { refunds: false },
      'refunds-off',
      'paid',
    ],
  ])('that is %s is skipped', (_, changes, settings, reason, outcome) => {
    const state = answered(newOrder({ visitors: [VISITOR] }), { is: 'paid', payment: payment(changes) }, at(START, settings))
    expect(state.stage).toMatchObject({ at: 'ended', end: 'skipped', reason, outcome })
  })

  it('whose tax makes no sense is parked only where revenue is net', () => {
    const state = answered(
      newOrder({ visitors: [VISITOR] }),
      { is: 'paid', payment: payment({ net: undefined }) },
      at(START, { revenue: 'net' }),
    )
    expect(state.stage).toMatchObject({ at: 'provider', tries: { row: 'unclear' }, reason: 'unclear-tax' })
    expect(nextStep(paidOrder({ visitors: [VISITOR] }, { net: undefined }), START)).toMatchObject({ do: 'send' })
  })

  it('that is a trial goes at amount 0', () => {
    expect(nextStep(paidOrder({ visitors: [VISITOR] }, { kind: 'trial', gross: 0, net: 0 }), START)).toMatchObject({
      do: 'send',
      payment: { gross: 0 },
    })
  })

  it('keeps only the customer fields that are configured', () => {
    const none = answered(newOrder(), { is: 'paid', payment: payment() }, at(START, { customerFields: [] }))
    expect(none.payment?.customer).toEqual({})
    const all = answered(newOrder(), { is: 'paid', payment: payment() }, at(START, { customerFields: ['customer_id', 'email', 'name'] }))
    expect(all.payment?.customer).toEqual({ customer_id: 'cus_1', email: 'buyer@example.com' })
  })
})

describe('a renewal or refund', () => {
  const verified = (kind: 'renewal' | 'refund', arrival = {}) =>
    answered(
      newOrder({ door: 'webhook', ...arrival }),
      { is: 'paid', payment: payment({ kind, firstSale: 'stripe:cs_live_0', subscription: 'stripe:sub_1' }) },
      at(START),
    )
  const entry = { transactionId: 'pi_0', visitor: OTHER, attributed: 'yes' as const }

  it.each(['renewal', 'refund'] as const)('%s inherits the visitor of its first sale', (kind) => {
    const state = gathered(verified(kind), { visitors: [], silent: false, sale: { is: 'recorded', entry } }, at(START))
    expect(nextStep(state, START)).toMatchObject({ do: 'send', visitor: OTHER })
  })

  it.each(['renewal', 'refund'] as const)('%s waits while its first sale is undecided, whatever visitor it has itself', (kind) => {
    const state = gathered(
      verified(kind, { visitors: [VISITOR] }),
      { visitors: [], silent: false, sale: { is: 'undecided', visitors: [] } },
      at(START),
    )
    expect(nextStep(state, START)).toEqual({ do: 'rest' })
    expect(nextDeadline(state) - START).toBe(2 * SECOND)
  })

  it.each([
    ['skipped', 'test-payment'],
    ['refused', 'expired'],
    ['parked', 'unclear'],
  ] as const)('refund of a sale that ended %s is skipped', (end, reason) => {
    const state = gathered(verified('refund'), { visitors: [], silent: false, sale: { is: 'ended', end, reason, visitors: [] } }, at(START))
    expect(state.stage).toMatchObject({ end: 'skipped', reason: 'sale-not-recorded' })
  })

  it('renewal of a sale of another product is skipped with it, of a free one it is not', () => {
    const after = (reason: string) =>
      gathered(
        verified('renewal'),
        { visitors: [], silent: false, sale: { is: 'ended', end: 'skipped', reason, visitors: [VISITOR] } },
        at(START),
      )
    expect(after('other-product').stage).toMatchObject({ end: 'skipped', reason: 'other-product' })
    expect(nextStep(after('free-order'), START)).toMatchObject({ do: 'send', visitor: VISITOR })
  })

  it('renewal refreshes the memory it inherited from, and leaves none of its own there', () => {
    const sending = gathered(verified('renewal'), { visitors: [], silent: false, sale: { is: 'recorded', entry } }, at(START))
    let state = replied(sending, OTHER, { is: 'accepted', reason: 'recorded' }, at(START))
    const written = new Map<string, string>()
    for (let step = nextStep(state, START); step.do === 'remember'; step = nextStep(state, START)) {
      written.set(step.reference, step.entry.transactionId)
      state = wroteMemory(state, step.reference, step.entry, true, at(START))
    }
    expect(Object.fromEntries(written)).toEqual({ 'stripe:cs_live_1': 'pi_1', 'stripe:cs_live_0': 'pi_0', 'stripe:sub_1': 'pi_0' })
  })
})

describe('DataFast is tried again', () => {
  const sending = () => paidOrder({ visitors: [VISITOR] })

  it('after 2 s, 10 s, 1, 5, 30 min, then hourly for 30 days while it is down', () => {
    const { delays, end } = delaysOf(sending(), replying({ is: 'unavailable', reason: 'http-503' }, VISITOR))
    expect(delays.slice(0, 7)).toEqual([2 * SECOND, 10 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE, HOUR, HOUR])
    expect(sum(delays)).toBeGreaterThanOrEqual(30 * DAY)
    expect(end.stage).toMatchObject({ end: 'parked', outcome: 'paid' })
  })

  it('as a configuration mistake is, while the key is refused', () => {
    const { delays } = delaysOf(sending(), replying({ is: 'misconfigured', reason: 'http-401' }, VISITOR))
    expect(delays.slice(0, 4)).toEqual([5 * SECOND, 30 * SECOND, 2 * MINUTE, 15 * MINUTE])
    expect(sum(delays)).toBeGreaterThanOrEqual(30 * DAY)
  })

  it('twice more when it refuses the payment, which is parked for 30 days then', () => {
    const { delays, end } = delaysOf(sending(), replying({ is: 'refused', reason: 'http-400' }, VISITOR))
    expect(delays).toHaveLength(2)
    expect(end.stage).toMatchObject({ end: 'parked', reason: 'datafast-refused:http-400' })
    expect(nextDeadline(end) - START - sum(delays)).toBe(30 * DAY)
  })

  it('with the next candidate at once, with all once more after 5 min, then without one', () => {
    let state = paidOrder({ visitors: [VISITOR, OTHER], at: START - 10 * MINUTE })
    let now = START
    const tried: (string | undefined)[] = []
    for (let tries = 0; tries < 5; tries++) {
      const step = nextStep(state, now)
      if (step.do !== 'send') throw new Error(step.do)
      tried.push(step.visitor)
      state = step.visitor ? replied(state, step.visitor, { is: 'visitor-rejected' }, at(now)) : state
      if (tries === 1) expect(nextDeadline(state) - now).toBe(5 * MINUTE)
      if (state.stage.at === 'gathering') state = gathered(state, { visitors: [], silent: false }, at(now))
      now = Math.max(now, nextDeadline(state))
    }
    expect(tried).toEqual([VISITOR, OTHER, VISITOR, OTHER, undefined])
    const ended = replied(state, undefined, { is: 'accepted', reason: 'recorded' }, at(now))
    expect(ended.recorded).toMatchObject({ attributed: 'closed' })
    expect(ended.stage).toMatchObject({ reason: 'visitor-rejected' })
  })

  it('five minutes of time for a pageview are not used up by a second visit, nor by what has the order judged anew', () => {
    const rejecting = (state: State, now: number) => replied(state, VISITOR, { is: 'visitor-rejected' }, at(now))
    const lagging = rejecting(paidOrder({ door: 'webhook', carried: [VISITOR] }), START)
    const soon = START + 18 * SECOND
    const returned = arrive(lagging, arrivalOf({ visitors: [VISITOR], at: soon }), at(soon))
    const judgedAnew = answered(
      arrive(lagging, arrivalOf({ door: 'webhook', alias: 'stripe:cs_live_alias', at: soon }), at(soon)),
      { is: 'paid', payment: payment() },
      at(soon),
    )
    for (const asked of [returned, gathered(judgedAnew, { visitors: [], silent: false }, at(soon))]) {
      expect(nextStep(asked, soon)).toMatchObject({ do: 'send', visitor: VISITOR })
      const again = rejecting(asked, soon)
      expect(nextDeadline(again)).toBe(START + 5 * MINUTE)
      const known = replied(again, VISITOR, { is: 'accepted', reason: 'recorded' }, at(START + 5 * MINUTE))
      expect(known.recorded).toMatchObject({ visitor: VISITOR, attributed: 'yes' })
      expect(rejecting(again, START + 5 * MINUTE).stage.at).toBe('gathering')
    }
  })

  it('five minutes of time for a pageview are cut short by an operator who asks for it, and not by a key that is mended', () => {
    const rejecting = (state: State, now: number) => replied(state, VISITOR, { is: 'visitor-rejected' }, at(now))
    const lagging = rejecting(paidOrder({ visitors: [VISITOR] }), START)
    const soon = START + MINUTE
    expect(rejecting(hurried(lagging, at(soon)), soon).stage.at).toBe('gathering')
    const returned = arrive(lagging, arrivalOf({ door: 'webhook', carried: [VISITOR], at: soon }), at(soon))
    const refused = replied(returned, VISITOR, { is: 'misconfigured', reason: 'http-401' }, at(soon))
    const again = rejecting(hurried(refused, at(soon)), soon)
    expect([again.stage.at, nextDeadline(again)]).toEqual(['datafast', START + 5 * MINUTE])
  })

  it('once to add a visitor to what was recorded without one, and never again', () => {
    const recorded = replied(
      gathered(paidOrder(), { visitors: [], silent: false }, at(START + HOUR)),
      undefined,
      { is: 'accepted', reason: 'recorded' },
      at(START + HOUR),
    )
    expect(recorded.recorded).toMatchObject({ attributed: 'no' })
    const upgraded = arrive(recorded, arrivalOf({ visitors: [VISITOR] }), at(START + 2 * HOUR))
    expect(nextStep(upgraded, START + 2 * HOUR)).toMatchObject({
      do: 'send',
      visitor: VISITOR,
      payment: { transactionId: 'pi_1', customer: {} },
    })
    const closed = replied(upgraded, VISITOR, { is: 'accepted', reason: 'duplicate' }, at(START + 2 * HOUR))
    expect(closed.recorded).toMatchObject({ attributed: 'closed', visitor: VISITOR })
    const again = arrive(closed, arrivalOf({ visitors: [OTHER] }), at(START + 3 * HOUR))
    expect(again.stage.at).toBe('ended')
  })
})

describe('an ended order', () => {
  const recorded = () => replied(paidOrder({ visitors: [VISITOR] }), VISITOR, { is: 'accepted', reason: 'recorded' }, at(START))

  it('is forgotten after 30 days, but not before its memory is written', () => {
    const owing = recorded()
    expect(nextStep(owing, START + 31 * DAY)).toMatchObject({ do: 'remember' })
    const entry = owing.recorded
    if (!entry) throw new Error('not recorded')
    const paid = wroteMemory(owing, owing.reference, entry, true, at(START))
    expect(nextStep(paid, START + 30 * DAY - 1)).toEqual({ do: 'rest' })
    expect(nextStep(paid, START + 30 * DAY)).toEqual({ do: 'forget' })
  })

  it('tries to write its memory again after 5 s, 30 s, 2 min, 10 min, 1 h, then hourly without end', () => {
    let state: State = recorded()
    const entry = state.recorded
    if (!entry) throw new Error('not recorded')
    let now = START
    const delays: number[] = []
    for (let tries = 0; tries < 1000; tries++) {
      state = wroteMemory(state, state.reference, entry, false, at(now))
      delays.push(nextDeadline(state) - now)
      now = nextDeadline(state)
    }
    expect(delays.slice(0, 6)).toEqual([5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, HOUR])
    expect(delays.at(-1)).toBe(HOUR)
  })

  it('is a repeat to every further visit', () => {
    expect(verdictOf(recorded(), START + DAY)).toMatchObject({ outcome: 'repeat', transactionId: 'pi_1', recordedAt: START })
  })

  it('remembers the payment under a name it learns of later', () => {
    const state = arrive(recorded(), arrivalOf({ alias: 'stripe:cs_live_alias' }), at(START + MINUTE))
    expect(state.debts).toContain('stripe:cs_live_alias')
  })
})

describe('a hand-over', () => {
  const moved = (arrival = {}) =>
    answered(newOrder({ visitors: [VISITOR], ...arrival }), { is: 'moved', to: 'stripe:cs_live_2', carried: [OTHER] }, at(START))

  it('passes on the visitors, the first arrival and its own name: the provider itself has named the target', () => {
    expect(nextStep(moved({ at: START - HOUR }), START)).toEqual({
      do: 'hand-over',
      to: 'stripe:cs_live_2',
      arrivals: 1,
      arrival: {
        reference: 'stripe:cs_live_2',
        door: 'order',
        at: START - HOUR,
        visitors: [VISITOR],
        carried: [OTHER],
        alias: 'stripe:cs_live_1',
        doors: ['redirect'],
        // A buyer came back with it: that says whose the order is.
        returned: true,
      },
    })
  })

  it('passes on what came while the call was under way', () => {
    const during = arrive(moved(), arrivalOf({ visitors: [OTHER.replace('0a', '0b')], at: START + 1 }), at(START + 1))
    const after = handedOver(during, 1, at(START + 2))
    expect(nextStep(after, START + 2)).toMatchObject({ do: 'hand-over', arrivals: 2 })
    expect(nextStep(handedOver(after, 2, at(START + 3)), START + 3)).toEqual({ do: 'rest' })
  })

  it('is tried again when the call fails, and answers through the target meanwhile', () => {
    const failed = handedOver(moved(), undefined, at(START))
    expect(nextDeadline(failed) - START).toBe(5 * SECOND)
    expect(verdictOf(failed, START)).toEqual({ ask: 'stripe:cs_live_2' })
  })

  it('stays a pointer for 30 days', () => {
    const done = handedOver(moved(), 1, at(START))
    expect(nextStep(done, START + 30 * DAY - 1)).toEqual({ do: 'rest' })
    expect(nextStep(done, START + 30 * DAY)).toEqual({ do: 'forget' })
  })
})
