import { describe, expect, it } from 'vitest'
import { lookAtOrders } from '../../sandbox/lens-worker.ts'
import { type Delivery, delivered, WEBHOOK_SECRETS } from '../../sandbox/world/provider-event.ts'
import { World } from '../../sandbox/world/world.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import { checkBody, isSame } from '../../src/signature.ts'
import { recorded, withWorker, worker } from '../bundle/at-provider.ts'
import { PROVIDER_NAMES } from '../bundle/sellers.ts'
import { soldAt } from '../bundle/sold-at.ts'
import { nameOf, sourcesIn } from '../docs/source.ts'
import { FULL } from './form.ts'

withWorker({ vars: { ATTRIBUTION_WAIT_SECONDS: 0 } })

type Signing = Exclude<ProviderName, 'gumroad'>
const SIGNING = PROVIDER_NAMES.filter((name): name is Signing => name !== 'gumroad')
/** Of each, the header that holds the signature, and how it stands there. */
const HEADERS: Record<Signing, { header: string; signature: RegExp }> = {
  stripe: { header: 'stripe-signature', signature: /(?<=v1=)\w+/ },
  dodo: { header: 'webhook-signature', signature: /(?<=v1,).+/ },
  creem: { header: 'creem-signature', signature: /\w+/ },
  polar: { header: 'webhook-signature', signature: /(?<=v1,).+/ },
  lemonsqueezy: { header: 'x-signature', signature: /\w+/ },
  paddle: { header: 'paddle-signature', signature: /(?<=h1=)\w+/ },
}

/** A sale of another world, signed as that provider does. */
const sale = (provider: ProviderName, at = new Date()) => delivered(soldAt(provider, new World()).event, at)

function withSignature(delivery: Delivery, provider: Signing, change: (signature: string) => string): Delivery {
  const { header, signature } = HEADERS[provider]
  return { ...delivery, headers: { ...delivery.headers, [header]: (delivery.headers[header] ?? '').replace(signature, change) } }
}

/** Everything that a sender sees of an answer. */
async function seen(delivery: Delivery): Promise<string> {
  const { status, headers, text } = await worker.post(delivery)
  return JSON.stringify([status, text, [...headers].filter(([name]) => name !== 'date')])
}

const other = (character: string) => (character === 'a' ? 'b' : 'a')

/** What may be wrong with a signature. */
const WRONG: [string, (signature: string) => string][] = [
  ['the first letter', (text) => other(text.charAt(0)) + text.slice(1)],
  ['a letter in the middle', (text) => text.slice(0, 20) + other(text.charAt(20)) + text.slice(21)],
  ['every letter', (text) => 'a'.repeat(text.length)],
  ['half of it', (text) => text.slice(0, text.length / 2)],
  ['no hex', (text) => 'z'.repeat(text.length)],
  ['one letter', () => '0'],
  ['64 KB less a little', () => 'a'.repeat(60_000)],
]
/** Of base64 these are other spellings of the same bytes, and harmless to take. */
const WRONG_HEX: typeof WRONG = [
  ...WRONG,
  ['the last letter', (text) => text.slice(0, -1) + other(text.charAt(text.length - 1))],
  ['one too few', (text) => text.slice(0, -1)],
  ['one too many', (text) => `${text}a`],
  ['twice', (text) => text + text],
]
const wrongOf = (provider: Signing) => (HEADERS[provider].header === 'webhook-signature' ? WRONG : WRONG_HEX)

describe('A wrong signature', () => {
  it.each(SIGNING)('of %s is answered alike, wherever it is wrong: status, body and headers', async (provider) => {
    const answers = await Promise.all(wrongOf(provider).map(([, change]) => seen(withSignature(sale(provider), provider, change))))
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toMatch(/^\[401,"signature-wrong\\n"/)
  })

  it.each(SIGNING.filter((name) => name !== 'creem' && name !== 'lemonsqueezy'))(
    'of %s tells nothing by being right at a wrong time: it is not looked at then',
    async (provider) => {
      const late = sale(provider, new Date(Date.now() - 900_000))
      const right = await seen(late)
      expect(right).toMatch(/^\[401,"signature-stale\\n"/)
      for (const [, change] of wrongOf(provider)) expect(await seen(withSignature(late, provider, change))).toBe(right)
    },
  )

  it.each(SIGNING)('of %s tells nothing of the body: an order that there is, another shop’s, or none', async (provider) => {
    const known = soldAt(provider, worker.world)
    const bodies = [known.event.body, sale(provider).body, '{}', 'none', '']
    const answers = await Promise.all(
      bodies.map((body) => seen({ ...withSignature(sale(provider), provider, (text) => 'a'.repeat(text.length)), body })),
    )
    expect(new Set(answers).size).toBe(1)
    expect(worker.world.callsTo(provider, known.id)).toEqual([])
  })

  it('of Gumroad’s address is answered alike, however near it is', async () => {
    const secret = WEBHOOK_SECRETS.GUMROAD_PING_SECRET
    const near = [
      `${secret.slice(0, -1)}x`,
      `x${secret.slice(1)}`,
      secret.slice(0, -1),
      `${secret}x`,
      'x',
      secret.toUpperCase(),
      `${secret}%00`,
      `%20${secret}`,
    ]
    const answers = await Promise.all(near.map((text) => seen({ ...sale('gumroad'), path: `/checkout/webhook/gumroad/${text}` })))
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toMatch(/^\[401,"signature-wrong\\n"/)
  })

  it('leaves no trace: no object, nothing in KV, no question to anybody', async () => {
    const sales = Array.from({ length: FULL ? 1000 : 100 }, (_, place) => {
      const provider = SIGNING[place % SIGNING.length] ?? 'stripe'
      return { provider, ...soldAt(provider, worker.world) }
    })
    const forge = ({ provider, event }: (typeof sales)[number]) =>
      withSignature(delivered(event), provider, (text) => 'a'.repeat(text.length))
    for (let from = 0; from < sales.length; from += 50) await Promise.all(sales.slice(from, from + 50).map((one) => seen(forge(one))))
    const references = sales.map(({ provider, id }) => `${provider}:${id}`)
    expect((await lookAtOrders(worker.harness, references)).filter((state) => state !== undefined)).toEqual([])
    expect(sales.filter(({ provider, id }) => worker.world.callsTo(provider, id).length)).toEqual([])
    const keys = (await worker.recorded.list()).keys.map(({ name }) => name)
    expect(keys.filter((key) => sales.some(({ id }) => key.includes(id)))).toEqual([])
  })
})

describe('A replay', () => {
  it.each(['stripe', 'lemonsqueezy', 'gumroad'] as const)(
    'of one delivery of %s, a hundred times, half of them at once, is one record',
    async (provider) => {
      const { event, transactionId } = soldAt(provider, worker.world)
      const delivery = delivered(event)
      expect(await Promise.all(Array.from({ length: 50 }, async () => (await worker.post(delivery)).status))).toEqual(Array(50).fill(200))
      await recorded(transactionId)
      for (let time = 0; time < 50; time++) expect((await worker.post(delivery)).status).toBe(200)
      expect(worker.world.callsTo('datafast', `"${transactionId}"`)).toHaveLength(1)
    },
  )

  it('with another body, time or id of its own is none: each of them is signed', async () => {
    for (const provider of SIGNING) {
      const delivery = sale(provider)
      expect((await worker.post({ ...delivery, body: sale(provider).body })).status).toBe(401)
      for (const header of ['webhook-id', 'webhook-timestamp'].filter((name) => name in delivery.headers)) {
        const changed = header === 'webhook-id' ? 'msg_other' : String(Math.floor(Date.now() / 1000) - 7)
        expect((await worker.post({ ...delivery, headers: { ...delivery.headers, [header]: changed } })).status).toBe(401)
      }
    }
  })

  it('at another provider’s address is none, even where both sign alike', async () => {
    const { headers, body } = sale('dodo')
    expect((await worker.post({ path: '/checkout/webhook/polar', headers, body })).status).toBe(401)
  })
})

/**
 * What measuring can show: that a comparison does not end at the first letter that differs, so clearly that it could be told
 * from here, without any network. What it cannot show: that there is no difference at all. That is for Web Crypto to promise,
 * whose `verify` compares in constant time; that nothing else compares is shown by the code below.
 */
describe('How long a comparison takes', () => {
  const ROUNDS = FULL ? 20_000 : 1_000
  const FACTOR = FULL ? 1.5 : 3

  /** The medians of two ways, tried in turns. */
  async function medians(one: () => Promise<unknown>, another: () => Promise<unknown>): Promise<[number, number]> {
    const took: [number[], number[]] = [[], []]
    for (let round = 0; round < ROUNDS; round++) {
      for (const [place, way] of [one, another].entries()) {
        const begun = performance.now()
        await way()
        took[place]?.push(performance.now() - begun)
      }
    }
    const median = (times: number[]) => times.toSorted((a, b) => a - b)[ROUNDS / 2] ?? 0
    return [median(took[0]), median(took[1])]
  }

  function expectAlike([one, another]: [number, number]): void {
    expect(Math.max(one, another) / Math.min(one, another)).toBeLessThan(FACTOR)
  }

  it('of a signature does not tell where it differs', async () => {
    const body = new Uint8Array(Buffer.from('{"id":1}'))
    const { headers } = delivered({ provider: 'creem', name: 'test', id: '1', body: '{"id":1}' })
    const right = headers['creem-signature'] ?? ''
    const check = (signature: string) => () =>
      checkBody(
        WEBHOOK_SECRETS.CREEM_WEBHOOK_SECRET,
        { headers: new Headers({ 'creem-signature': signature }) as never, body, pathSecret: undefined, now: 0 },
        'creem-signature',
      )
    expect(await check(right)()).toBe('authentic')
    expectAlike(await medians(check(`${other(right.charAt(0))}${right.slice(1)}`), check(`${right.slice(0, -1)}${other(right.slice(-1))}`)))
  })

  it('of a token does not tell where it differs', async () => {
    const token = 'a-token-of-the-tests'.repeat(50)
    const compare = (text: string) => () => isSame(text, token)
    expectAlike(await medians(compare(`x${token.slice(1)}`), compare(`${token.slice(0, -1)}x`)))
  })
})

describe('No secret is compared but by Web Crypto', () => {
  const comparisons = sourcesIn('src').flatMap(({ path, nodes }) =>
    nodes
      .filter(({ type, operator }) => type === 'BinaryExpression' && /^[!=]==?$/.test(String(operator)))
      .map((node) => ({ path, sides: [node.left, node.right].map((side) => nameOf(side as typeof node) ?? '') })),
  )

  it('neither a secret, a token nor a signature stands beside ===', () => {
    const isSecret = (name: string) => /secret|token|signature|digest|password|credential|given|hmac/i.test(name)
    // Whether there is one at all is no secret.
    const compared = comparisons.filter(({ sides }) => sides.some(isSecret) && !sides.includes('undefined'))
    expect(compared).toEqual([])
    expect(comparisons.length).toBeGreaterThan(100)
  })
})
