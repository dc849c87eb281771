import { describe, expect, it } from 'vitest'
import type { Movement } from '../../src/books/movement.ts'
import { type Expected, prove } from '../../src/books/proof.ts'
import type { Money } from '../../src/money.ts'
import type { Reference } from '../../src/reference.ts'

const DAY = '2026-11-22'

let counter = 0

/** A movement that the books have as recorded, of so much; anything can be said differently. */
function recorded(amount: number, changes: Partial<Movement> = {}): Movement {
  const number = ++counter
  return {
    reference: `stripe:cs_live_${number}`,
    provider: 'stripe',
    transactionId: `pi_${number}`,
    kind: 'sale',
    at: Date.parse('2026-11-22T12:00:00Z'),
    amount,
    currency: 'EUR',
    stage: 'recorded',
    reason: 'attributed',
    attributed: 'yes',
    visitorSeen: true,
    cookie: true,
    doors: ['redirect'],
    attempts: 0,
    ...changes,
  }
}

/** What the provider's list says of a movement: the same, unless said otherwise. */
function listedAs({ reference, amount = 0, currency = '' }: Movement, money: Partial<Money> = {}): Expected {
  return { reference, money: { gross: amount, net: undefined, currency, ...money } }
}

type Day = Parameters<typeof prove>[0]

/** A day on which everything adds up: what the books have is listed, and in DataFast's total. */
function proofOf(movements: Movement[], changes: Partial<Day> = {}) {
  const expected = changes.expected ?? movements.map((one) => listedAs(one))
  const total = movements
    .filter(({ stage }) => stage === 'recorded')
    .reduce((sum, { amount = 0, kind }) => sum + (kind === 'refund' ? -amount : amount), 0)
  return prove({
    ...{ day: DAY, expected, movements, known: movements, remembered: new Set<Reference>(), unread: [], revenue: 'gross' },
    listed: new Set(expected.map(({ reference }) => reference)),
    told: { revenue: Math.round(total * 100) / 100, currency: 'EUR' },
    ...changes,
  })
}

const euros = (revenue: number) => ({ told: { revenue, currency: 'EUR' } })

describe('a day adds up', () => {
  it('when the provider, the books and DataFast say the same', () => {
    expect(proofOf([recorded(19.99), recorded(5), recorded(0.1, { attributed: 'no-cookie' })])).toEqual({
      ...{ day: DAY, orders: 3, recorded: 3, attributed: 2, waiting: 0, findings: [] },
      differences: [{ currency: 'EUR', recorded: 25.09, dataFast: 25.09, difference: 0 }],
    })
  })

  it('when nothing was sold', () => {
    const nothing = { orders: 0, recorded: 0, attributed: 0, waiting: 0, differences: [], findings: [] }
    expect(proofOf([])).toMatchObject(nothing)
  })

  it('however many decimals are summed', () => {
    const proof = proofOf(Array.from({ length: 1000 }, () => recorded(0.1)))
    expect(proof.differences).toEqual([{ currency: 'EUR', recorded: 100, dataFast: 100, difference: 0 }])
    expect(proof.findings).toEqual([])
  })

  it('whether DataFast’s total has the refunds taken off or not', () => {
    const day = [recorded(20), recorded(5, { kind: 'refund' })]
    expect(proofOf(day, euros(15)).findings).toEqual([])
    expect(proofOf(day, euros(20)).findings).toEqual([])
    expect(proofOf(day, euros(15)).differences).toMatchObject([{ recorded: 15, difference: 0 }])
  })

  it('when a refund or a trial is in no list: not every provider has one for them', () => {
    const day = [recorded(5, { kind: 'refund' }), recorded(0, { kind: 'trial' })]
    expect(proofOf(day, { expected: [] }).findings).toEqual([])
  })

  it('when a sale is on the list of the day before: clocks differ around midnight', () => {
    const sale = recorded(20)
    expect(proofOf([sale], { expected: [], listed: new Set([sale.reference]) }).findings).toEqual([])
    expect(proofOf([], { expected: [listedAs(sale)], known: [sale] }).findings).toEqual([])
  })

  it('without the orders that were left out', () => {
    const day = [recorded(20), recorded(9, { stage: 'skipped', reason: 'test-payment' })]
    expect(proofOf(day)).toMatchObject({ orders: 1, recorded: 1, waiting: 0, findings: [] })
  })

  it.each(['waiting', 'held', 'parked'] as const)('when an order is %s: it is told as such', (stage) => {
    expect(proofOf([recorded(20), recorded(9, { stage })])).toMatchObject({ orders: 2, recorded: 1, waiting: 1, findings: [] })
  })

  it('when an order was recorded before there were books, and the edge remembers it', () => {
    const old = recorded(20)
    const proof = proofOf([], { expected: [listedAs(old)], remembered: new Set([old.reference]) })
    expect(proof).toMatchObject({ orders: 1, recorded: 1, findings: [] })
  })
})

describe('the provider’s list against the books', () => {
  it('names an order that was paid and is not recorded', () => {
    const paid = recorded(20)
    const { orders, findings } = proofOf([], { expected: [listedAs(paid)], ...euros(0) })
    expect(findings).toEqual([`Paid at the provider, but not recorded: ${paid.reference}.`])
    expect(orders).toBe(1)
  })

  it('names an order that was paid and ended as unpaid', () => {
    const refused = recorded(20, { stage: 'refused', reason: 'provider-unreachable' })
    expect(proofOf([refused]).findings).toEqual([`Paid at the provider, but not recorded: ${refused.reference}.`])
  })

  it.each([
    [{ gross: 2000 }, '20 EUR instead of 2000 EUR'],
    [{ gross: 0.2 }, '20 EUR instead of 0.2 EUR'],
    [{ currency: 'USD' }, '20 EUR instead of 20 USD'],
  ])('names an order recorded with another amount: %j', (money, said) => {
    const sale = recorded(20)
    const { findings } = proofOf([sale], { expected: [listedAs(sale, money)] })
    expect(findings).toEqual([`Recorded with another amount than the provider tells: ${sale.transactionId} (${said}).`])
  })

  it('compares what is recorded: gross or net', () => {
    const sale = recorded(16.8)
    const day = { expected: [listedAs(sale, { gross: 19.99, net: 16.8 })] }
    expect(proofOf([sale], { ...day, revenue: 'net' }).findings).toEqual([])
    expect(proofOf([sale], { ...day, revenue: 'gross' }).findings).toHaveLength(1)
  })

  it('does not compare what no list can tell: a trial’s amount, a refund’s net, a currency of unknown scale', () => {
    const trial = recorded(0, { kind: 'trial' })
    const refund = recorded(4.2, { kind: 'refund' })
    const unscaled = recorded(20)
    expect(proofOf([trial], { expected: [listedAs(trial, { gross: 20 })] }).findings).toEqual([])
    expect(proofOf([refund], { expected: [listedAs(refund, { gross: 5 })], revenue: 'net' }).findings).toEqual([])
    expect(proofOf([unscaled], { expected: [{ reference: unscaled.reference }] }).findings).toEqual([])
  })

  it.each(['sale', 'renewal'] as const)('names a recorded %s that is in no list', (kind) => {
    const stranger = recorded(20, { kind })
    const { findings } = proofOf([stranger], { expected: [] })
    expect(findings).toEqual([`Recorded, but in no list of the provider: ${stranger.transactionId}.`])
  })

  it('says which list could not be read, and blames nobody for what it would have told', () => {
    const unread = ['stripe sessions']
    const findings = ['The list of stripe sessions could not be read: that part of the day is not compared.']
    expect(proofOf([recorded(20)], { expected: [], unread }).findings).toEqual(findings)
    const elsewhere = recorded(20, { reference: 'polar:a', provider: 'polar' })
    expect(proofOf([elsewhere], { expected: [], unread }).findings).toHaveLength(2)
  })

  it('names five of a kind and counts the rest', () => {
    const missing = Array.from({ length: 7 }, () => listedAs(recorded(1)))
    const [finding] = proofOf([], { expected: missing, ...euros(0) }).findings
    expect(finding).toMatch(/^Paid at the provider, but not recorded: (stripe:cs_live_\d+, ){4}stripe:cs_live_\d+ and 2 more\.$/)
  })
})

describe('the books against DataFast', () => {
  const [small, other, large] = [recorded(7.5), recorded(12.34), recorded(99.99)]
  const day = [small, other, large]
  const total = 119.83

  it.each<[string, number, string]>([
    ['counted a payment twice', 12.34, `12.34 EUR more than was recorded here, as if it had been counted twice: ${other.transactionId}`],
    ['lost a payment', -99.99, `99.99 EUR less than was recorded here, as if it were missing there: ${large.transactionId}`],
    [
      'took cents for euros',
      99 * 12.34,
      `1221.66 EUR more than was recorded here, as if it were counted 100 times as high: ${other.transactionId}`,
    ],
    ['took euros for cents', 0.08 - 7.5, `7.42 EUR less than was recorded here, as if it were counted at a 100th: ${small.transactionId}`],
    ['took a tenth of it', 1.23 - 12.34, `11.11 EUR less than was recorded here, as if it were counted at a 10th: ${other.transactionId}`],
    ['is wrong in any other way', 0.31, '0.31 EUR more than was recorded here'],
  ])('names what explains the difference when it %s', (_, difference, said) => {
    const { findings } = proofOf(day, euros(Math.round((total + difference) * 100) / 100))
    expect(findings).toEqual([`DataFast shows ${said}.`])
  })

  it('tells the difference: what DataFast has more', () => {
    expect(proofOf(day, euros(120.83)).differences).toEqual([{ currency: 'EUR', recorded: total, dataFast: 120.83, difference: 1 }])
    expect(proofOf(day, euros(118.83)).differences).toMatchObject([{ difference: -1 }])
  })

  it('names all that would explain it', () => {
    const twins = [recorded(10), recorded(10)]
    const [finding] = proofOf(twins, euros(10)).findings
    expect(finding).toContain(`as if it were missing there: ${twins.map(({ transactionId }) => transactionId).join(', ')}`)
  })

  it.each([15, 20])('names it on a day with a refund as well, whether the total has it taken off or not: %d', (without) => {
    const refund = recorded(5, { kind: 'refund' })
    const [sale, lost] = [recorded(20), recorded(8.4)]
    const { findings } = proofOf([sale, lost, refund], euros(without))
    expect(findings).toEqual([`DataFast shows 8.4 EUR less than was recorded here, as if it were missing there: ${lost.transactionId}.`])
  })

  it('names what nobody of us recorded', () => {
    expect(proofOf([], euros(30)).findings).toEqual(['DataFast shows 30 EUR more than was recorded here.'])
  })

  it('is not made where DataFast could not be asked', () => {
    const proof = proofOf(day, { told: undefined })
    expect(proof.findings).toEqual([])
    expect(proof.differences).toEqual([{ currency: 'EUR', recorded: total, dataFast: null, difference: null }])
  })

  it('is not made on a day of several currencies: DataFast converts them at rates of its own', () => {
    const proof = proofOf([recorded(20), recorded(30, { currency: 'USD' })], euros(1))
    expect(proof.findings).toEqual([])
    expect(proof.differences).toEqual([
      { currency: 'EUR', recorded: 20, dataFast: null, difference: null },
      { currency: 'USD', recorded: 30, dataFast: null, difference: null },
    ])
  })

  it('is not made on a day of one currency that is not DataFast’s', () => {
    expect(proofOf([recorded(30, { currency: 'USD' })], euros(1)).findings).toEqual([])
  })

  it('does not mind a trial in another currency: nothing is nothing in all of them', () => {
    const free = recorded(0, { kind: 'trial', currency: 'USD' })
    expect(proofOf([...day, free], euros(total - 7.5)).findings).toHaveLength(1)
  })
})
