import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classify } from '../../src/datafast.ts'
import { isOverLimit, isOverSecondQuestions, limitKey } from '../../src/limiter.ts'
import { price, toMajorUnits } from '../../src/money.ts'
import { oldestFirst, placeAmong } from '../../src/providers/subscription.ts'
import { isId, logName } from '../../src/reference.ts'
import { readRetryAfter } from '../../src/retry-after.ts'
import { readMarkedVisitor, readVisitorCookies, readVisitorField } from '../../src/visitor.ts'

const VISITOR = '6f1c2a34-9b7d-4e21-8c55-d0e1f2a3b4c5'

describe('money', () => {
  it('is divided once, and correctly rounded, for every amount', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.constantFrom(0, 2, 3), (minor, digits) => {
        const text = String(minor).padStart(digits + 1, '0')
        const exact = digits ? `${text.slice(0, -digits)}.${text.slice(-digits)}` : text
        expect(toMajorUnits(minor, digits)).toBe(Number(exact))
      }),
    )
  })

  it('is never guessed: anything but a whole, non-negative amount of a known currency is unclear', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (minor, currency) => {
        const result = price(minor, 0, typeof currency === 'string' ? currency : undefined, { 0: 'JPY', 3: 'KWD' })
        if (result.is === 'priced') expect(Number.isSafeInteger(minor) && Number(minor) >= 0).toBe(true)
      }),
    )
  })
})

describe('the visitor', () => {
  it('is found in any cookie header that carries one, and never invented', () => {
    const noise = fc.string().map((text) => text.replaceAll(/[;=]/g, ''))
    fc.assert(
      fc.property(noise, noise, fc.uuid(), (before, after, id) => {
        expect(readVisitorCookies(`${before}x=${after}; datafast_visitor_id=${id}; ${after}=1`)).toEqual([id])
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (header) => {
        for (const id of readVisitorCookies(header)) expect(header).toContain(id)
      }),
    )
  })

  it.each([
    [VISITOR, [VISITOR]],
    [` ${VISITOR}`, []],
    [VISITOR.slice(1), []],
    ['', []],
    [null, []],
    ['undefined', []],
  ])('in a field of its own: %s', (value, expected) => {
    expect(readVisitorField(value)).toEqual(expected)
  })

  it.each([
    [`datafast_${VISITOR}`, [VISITOR]],
    [`order-7_datafast_${VISITOR}_x`, [VISITOR]],
    [VISITOR, []],
    [`datafast-${VISITOR}`, []],
    [`datafast_${VISITOR}f`, []],
    [undefined, []],
  ])('in a shared field only when marked: %s', (value, expected) => {
    expect(readMarkedVisitor(value)).toEqual(expected)
  })
})

describe('an id', () => {
  it.each([
    ['cs_live_a1', true],
    ['cs_', false],
    ['cs', false],
    ['pi_1', false],
    ['cs_a b', false],
    ['cs_a/b', false],
    ['cs_ä', false],
    ['cs_a\n', false],
    [`cs_${'a'.repeat(252)}`, true],
    [`cs_${'a'.repeat(253)}`, false],
    ['cs_a=', false],
  ])('%s', (text, expected) => {
    expect(isId(text, 'cs_')).toBe(expected)
  })

  it('is never written to the log, only a short name for it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 9 }), (id) => {
        expect(logName(`stripe:${id}`)).toMatch(/^[0-9a-f]{8}$/)
      }),
    )
  })
})

describe('a charge of a subscription', () => {
  const charge = (id: string, day: string, minor: number) => ({ reference: `dodo:${id}` as const, at: `2026-${day}T00:00:00.000Z`, minor })
  const [trial, first, second] = [charge('a', '09-01', 0), charge('b', '09-15', 2900), charge('c', '10-15', 2900)]
  it.each([
    ['the only one is a first payment', [first], first, {}],
    ['one that is not listed yet is a first payment', [], first, {}],
    ['after an earlier one that took money it is a renewal', [first, second], second, { kind: 'renewal', firstSale: 'dodo:b' }],
    ['after a free one it is a first payment that inherits', [trial, first], first, { firstSale: 'dodo:a' }],
    ['a renewal belongs to the first that took money', [trial, first, second], second, { kind: 'renewal', firstSale: 'dodo:b' }],
    ['one that is not listed yet comes last', [first], second, { kind: 'renewal', firstSale: 'dodo:b' }],
  ])('%s', (_, charges, { reference, minor }, expected) => {
    expect(placeAmong(charges, reference, minor)).toEqual(expected)
  })

  it('is put in order by its time, whatever the list says', () => {
    expect(oldestFirst([second, trial, first])).toEqual([trial, first, second])
  })
})

describe('the wish to be left alone', () => {
  const now = Date.parse('2026-11-22T12:00:00Z')
  it.each([
    [{ 'retry-after': '30' }, 30_000],
    [{ 'retry-after': 'Sun, 22 Nov 2026 12:01:00 GMT' }, 60_000],
    [{ 'retry-after': 'Sun, 22 Nov 2026 11:00:00 GMT' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'retry-after': '0' }, undefined],
    [{ 'x-ratelimit-reset': '45' }, 45_000],
    [{ 'x-ratelimit-reset': String(now / 1000 + 20) }, 20_000],
    [{}, undefined],
  ])('%j', (headers, expected) => {
    expect(readRetryAfter(new Headers(headers as Record<string, string>), now)).toBe(expected)
  })
})

describe('DataFast’s answer', () => {
  const error = (code: number, message: string) => JSON.stringify({ status: 'error', error: { code, message } })
  it.each([
    [200, '{"message":"Payment recorded","transaction_id":"1"}', 'accepted'],
    [201, '', 'accepted'],
    [204, '', 'accepted'],
    [200, '<html>', 'accepted'],
    [200, error(500, 'no'), 'unavailable'],
    [301, '', 'unavailable'],
    [307, '', 'unavailable'],
    [400, error(400, 'amount is required'), 'refused'],
    [400, error(400, 'Visitor is flagged as a bot'), 'visitor-rejected'],
    [400, error(400, 'duplicate transaction'), 'accepted'],
    [400, error(400, 'Visitor already flagged as bot'), 'visitor-rejected'],
    [400, '<html>Bad request: header already sent</html>', 'refused'],
    [404, '<html>See what your visitors do</html>', 'misconfigured'],
    [401, error(401, 'visitor'), 'misconfigured'],
    [402, '', 'misconfigured'],
    [403, error(403, 'tracking suspended'), 'misconfigured'],
    [404, error(404, `First event not found for visitor ${VISITOR}`), 'visitor-rejected'],
    [404, error(404, 'Website not found'), 'misconfigured'],
    [408, '', 'unavailable'],
    [409, '', 'accepted'],
    [413, '', 'refused'],
    [422, '', 'refused'],
    [425, '', 'unavailable'],
    [429, error(429, 'visitor'), 'unavailable'],
    [500, error(500, 'visitor'), 'unavailable'],
    [599, '', 'unavailable'],
  ])('%i %s → %s', (status, text, expected) => {
    expect(classify(status, text, true).is).toBe(expected)
  })

  it.each([400, 404])('%i about a visitor is about something else when none was sent', (status) => {
    expect(classify(status, error(status, 'visitor not found'), false).is).not.toBe('visitor-rejected')
  })

  it('of any kind is sorted without an exception', () => {
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), fc.oneof(fc.string(), fc.json()), fc.boolean(), (status, text, withVisitor) => {
        expect(classify(status, text, withVisitor).is).toBeTypeOf('string')
      }),
    )
  })
})

describe('the limit', () => {
  const from = (address?: string) => new Request('https://pay.example.com/', address ? { headers: { 'cf-connecting-ip': address } } : {})
  const limiter = (limit: RateLimit['limit']) => ({ LIMITER: { limit } })
  const full = limiter(async () => ({ success: false }))

  it.each([
    ['holds for an address that asked too often', full, from('203.0.113.7'), true],
    ['does not hold without an address', full, from(), false],
    ['does not hold without a limiter', {}, from('203.0.113.7'), false],
    ['does not hold when the limiter is broken', limiter(() => Promise.reject(new Error('down'))), from('203.0.113.7'), false],
    ['does not hold when the limiter is slow', limiter(() => new Promise(() => {})), from('203.0.113.7'), false],
  ])('%s', async (_, env, request, expected) => {
    expect(await isOverLimit(env, request, 50)).toBe(expected)
  })

  it('for second questions is one for everybody, and each counts three times', async () => {
    const keys: string[] = []
    const counting = limiter(async ({ key }) => ({ success: keys.push(key) <= 6 }))
    expect([await isOverSecondQuestions(counting), await isOverSecondQuestions(counting), await isOverSecondQuestions(counting)]).toEqual([
      false,
      false,
      true,
    ])
    expect(new Set(keys).size).toBe(1)
  })
})

describe('one customer’s line', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::ffff:192.0.2.1', '0:0:0:0::/64'],
    ['fe80::1:2', 'fe80:0:0:0::/64'],
  ])('%s → %s', (address, key) => {
    expect(limitKey(address)).toBe(key)
  })
})
