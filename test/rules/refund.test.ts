import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { growthOf, taxWithin } from '../../src/providers/refund.ts'

const FACTS = { firstSale: 'creem:tran_1', at: '2026-11-22T12:00:00.000Z', test: false } as const
const price = (minor: number) => ({ is: 'priced', money: { currency: 'EUR', gross: minor / 100, net: undefined } }) as const

describe('the tax within what goes back', () => {
  it('is the same share as within what was paid', () => {
    expect(taxWithin(1190, 0, { gross: 1190, tax: 190 })).toBe(190)
    expect(taxWithin(595, 0, { gross: 1190, tax: 190 })).toBe(95)
  })

  it('comes to the whole tax, whatever the parts are', () => {
    const sale = fc.record({ gross: fc.integer({ min: 1, max: 10_000_000 }), share: fc.double({ min: 0, max: 1, noNaN: true }) })
    fc.assert(
      fc.property(sale, fc.array(fc.integer({ min: 1, max: 1_000_000 }), { maxLength: 8 }), ({ gross, share }, wishes) => {
        const paid = { gross, tax: Math.floor(gross * share) }
        let before = 0
        let tax = 0
        for (const wish of [...wishes, gross]) {
          const part = Math.min(wish, gross - before)
          const within = taxWithin(part, before, paid)
          expect(within).toBeGreaterThanOrEqual(0)
          expect(within).toBeLessThanOrEqual(part)
          tax += within
          before += part
        }
        expect(tax).toBe(paid.tax)
      }),
    )
  })

  it('of nothing is nothing', () => {
    expect(taxWithin(0, 0, { gross: 0, tax: 0 })).toBe(0)
    expect(taxWithin(500, 0, { gross: 0, tax: 0 })).toBe(0)
  })
})

describe('a refund told as a running total', () => {
  const grown = (total: number, sent?: number, told?: number) =>
    growthOf('tran_1', { total, sent, told, paid: { gross: 1190, tax: 190 }, price }, FACTS)

  it('is what has been added since it was last recorded, named after the total', () => {
    expect(grown(500)).toMatchObject({ payment: { kind: 'refund', transactionId: 'tran_1_refund_500', gross: 5, refundedMinor: 500 } })
    expect(grown(1190, 500)).toMatchObject({ payment: { transactionId: 'tran_1_refund_1190', gross: 6.9, refundedMinor: 1190 } })
  })

  it('of nothing yet is waited for, one that has not grown is recorded already', () => {
    expect(grown(0)).toMatchObject({ is: 'pending' })
    expect(grown(500, 500)).toEqual({ is: 'ignored', reason: 'already-recorded' })
    expect(grown(400, 500)).toEqual({ is: 'ignored', reason: 'already-recorded' })
  })

  it('that the event says has grown, and the API does not yet, is waited for', () => {
    expect(grown(500, 500, 800)).toMatchObject({ is: 'pending' })
    expect(grown(700, 500, 800)).toMatchObject({ payment: { gross: 2 } })
  })
})
