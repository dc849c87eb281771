import { describe, expect, it } from 'vitest'
import { classify } from '../../src/datafast.ts'
import { limitKey } from '../../src/limiter.ts'
import { attach } from '../../src/link.ts'
import { PROVIDERS } from '../../src/providers/index.ts'
import type { Provider } from '../../src/providers/provider.ts'
import { isId } from '../../src/reference.ts'
import { readRetryAfter } from '../../src/retry-after.ts'
import { checkStandard } from '../../src/signature.ts'
import { meaningOf } from '../../src/status/reasons.ts'
import { readMarkedVisitor, readVisitorCookies, readVisitorField } from '../../src/visitor.ts'
import { sourcesIn } from '../docs/source.ts'
import { FULL } from './form.ts'

/** As much as a header may hold; in the short form a quarter of it. */
const LENGTH = FULL ? 65_536 : 16_384
/** Nothing that grows with the length alone takes so long, in ms; what grows with its square does. */
const BOUND = FULL ? 1_000 : 500

/** These are asked of settings alone, which are the founder's own. */
const OF_SETTINGS = ['src/placeholder.ts', 'src/setting-reader.ts', 'src/settings.ts', 'src/links.ts']

const patterns = sourcesIn('src').flatMap(({ path, nodes }) =>
  nodes.flatMap((node) => {
    const { pattern, flags } = (node.regex ?? {}) as { pattern?: string; flags?: string }
    return pattern === undefined ? [] : [{ path, pattern, flags: flags ?? '' }]
  }),
)

/** Texts that make a pattern go back and forth: what stands in it again and again, and then what does not fit. */
function adversaries(pattern: string): string[] {
  const letters = [...new Set([...pattern.replaceAll(/\\[dwsSbB]/g, ''), ...' a0_-=,;:."{<[/%'])].filter(
    (letter) => !/[\\^$*+?()|]/.test(letter),
  )
  const words = pattern.match(/[a-z_]{3,}/gi) ?? []
  const pieces = [
    ...letters,
    ...words,
    ...words.map((word) => `${word}=`),
    ...words.map((word) => `;${word} `),
    'a-',
    'a.',
    'a =',
    '; ',
    '/..',
    '%2',
  ]
  return pieces.flatMap((piece) => {
    const many = piece.repeat(Math.ceil(LENGTH / piece.length)).slice(0, LENGTH)
    return [many, `${many}\n`, `${words[0] ?? 'a'}${many}\u0000`]
  })
}

/** What never ends on a whole text takes long on a short one already: that is found first, or no test would ever end. */
const LENGTHS = [28, 1_000, LENGTH]

/** The longest time that one of these took, in ms; the longer ones are spared whoever is too slow already. */
function slowest(texts: readonly string[], way: (text: string) => unknown): number {
  let longest = 0
  for (const length of LENGTHS) {
    for (const text of texts) {
      const begun = performance.now()
      way(text.slice(0, length - 1) + text.slice(-1))
      longest = Math.max(longest, performance.now() - begun)
      if (longest >= BOUND) return longest
    }
  }
  return longest
}

describe(`Of ${LENGTH} hostile characters no pattern makes a day’s work`, () => {
  it.each(patterns.filter(({ path }) => !OF_SETTINGS.includes(path)))('$path: /$pattern/$flags', ({ pattern, flags }) => {
    const expression = new RegExp(pattern, flags)
    expect(slowest(adversaries(pattern), (text) => text.replace(expression, ''))).toBeLessThan(BOUND)
  })

  it('all patterns are found, and those left out are there', () => {
    expect(patterns.length).toBeGreaterThan(60)
    expect(OF_SETTINGS.filter((path) => !patterns.some((one) => one.path === path))).toEqual([])
  })

  const UUID = '[\\da-f]{8}(-[\\da-f]{4}){3}-[\\da-f]{12}'
  const WAYS: [string, string, (text: string) => unknown][] = [
    ['a cookie header', `;datafast_visitor_id="${UUID}"`, readVisitorCookies],
    ['a field for visitors', UUID, readVisitorField],
    ['a field that founders use as well', `datafast_${UUID}`, readMarkedVisitor],
    ['an id', '[a-z]+_', (text) => isId(text, '[a-z]+_', '(\\.[\\w-]+)?=*')],
    ['an address to be counted by', ':::ffff', limitKey],
    ['an answer of DataFast', '"error":{"message":"visitor bots uuid duplicate already', (text) => classify(400, text, true)],
    ['a wish to be left alone', '0123456789 GMT', (text) => readRetryAfter({ get: () => text } as unknown as Headers, 0)],
    ['a reason', 'waiting datafast-configuration:key-refused', (text) => meaningOf('waiting', text)],
    [
      'a link with a reference',
      'datafast_',
      (text) => attach(`https://x.example/?r=${encodeURIComponent(text)}`, 'visitor', 'r', /^[\w-]{0,200}$/),
    ],
    ...PROVIDERS.map(({ name, readReturn }: Provider): [string, string, (text: string) => unknown] => {
      const names = [
        'session_id',
        'payment_id',
        'subscription_id',
        'checkout_id',
        'order_id',
        'order_identifier',
        'transaction_id',
        'sale_id',
      ]
      return [
        `a return from ${name}`,
        'cs_pay_txn_ch_{}[]%7B__',
        (text) => readReturn(new URLSearchParams(names.map((one) => [one, text]))),
      ]
    }),
  ]

  it.each(WAYS)('%s', (_, pattern, way) => {
    expect(slowest(adversaries(pattern), way)).toBeLessThan(BOUND)
  })

  it('a header of signatures', async () => {
    for (const text of adversaries('v1,abc==')) {
      const headers = new Map([
        ['webhook-id', text],
        ['webhook-timestamp', '0'],
        ['webhook-signature', text],
      ])
      const begun = performance.now()
      await checkStandard('whsec_c2VjcmV0', {
        headers: headers as unknown as Headers,
        body: new Uint8Array(Buffer.from('')),
        pathSecret: undefined,
        now: 0,
      })
      expect(performance.now() - begun).toBeLessThan(BOUND)
    }
  })
})
