import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { delivered, type ProviderEvent, WEBHOOK_SECRETS } from '../../sandbox/world/provider-event.ts'
import { World } from '../../sandbox/world/world.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import { withWorker, worker } from './at-provider.ts'
import { PROVIDER_NAMES, SELLERS } from './sellers.ts'
import { everythingTold, soldAt } from './sold-at.ts'

/**
 * Whatever stands in a body, however well it is signed: it is understood or it is not, and nothing is recorded that the
 * provider does not know to be paid. `FUZZ_RUNS` and `FUZZ_SEED` try more, and others.
 */
const fuzz = { numRuns: Number(process.env.FUZZ_RUNS ?? 60), seed: Number(process.env.FUZZ_SEED ?? 20_261_125) }
const TIMEOUT_MS = 30_000 + fuzz.numRuns * 200

const DEPTH = 5000
const DEEP_LIST = '['.repeat(DEPTH) + ']'.repeat(DEPTH)
const DEEP_OBJECT = `${'{"a":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`

/** Texts that stand for a value, some of which no serializer would write. */
const ODD_VALUES = [
  DEEP_LIST,
  DEEP_OBJECT,
  '['.repeat(DEPTH),
  ...['1e999', '-1e999', '1e-999', '-0', '9'.repeat(1000), '0.1e1', '1e21', '1.5', '-1'],
  ...['null', 'true', '""', '" "', '"\\u0000"', '"\\ud800"', '"__proto__"', '"constructor"', '{"__proto__":{"id":"x"}}', '[[]]', '[null]'],
  `"${'x'.repeat(100_000)}"`,
]

const oddValue = fc.constantFrom(...ODD_VALUES)

type Path = (string | number)[]

/** The way to every value in a value, that value itself included. */
function pathsIn(value: unknown): Path[] {
  if (typeof value !== 'object' || value === null) return [[]]
  return [[], ...Object.entries(value).flatMap(([name, inner]) => pathsIn(inner).map((path) => [name, ...path]))]
}

/** The same as JSON, with another text where a value was. */
function jsonWith(value: unknown, path: Path, text: string): string {
  const [name, ...rest] = path
  if (name === undefined) return text
  const inner = Object.entries(value as object).map(([key, each]) => {
    const json = key === name ? jsonWith(each, rest, text) : JSON.stringify(each)
    return Array.isArray(value) ? json : `${JSON.stringify(key)}:${json}`
  })
  return Array.isArray(value) ? `[${inner}]` : `{${inner}}`
}

function kindOf(text: string): string {
  return text === 'null' ? text : /^[-\d]/.test(text) ? 'number' : text.slice(0, 1)
}

/** A known event with one value replaced by one of another type. */
function spoiled(events: ProviderEvent[]): fc.Arbitrary<string> {
  const bodies = events.map(({ body }) => JSON.parse(body) as unknown)
  const otherValue = fc.oneof(oddValue, fc.json())
  return fc.tuple(fc.constantFrom(...bodies), fc.nat(), otherValue).map(([body, at, text]) => {
    const paths = pathsIn(body)
    const path = paths[at % paths.length] ?? []
    const value = path.reduce((inner: unknown, name) => (inner as Record<string, unknown>)[name], body)
    return jsonWith(body, path, kindOf(JSON.stringify(value)) === kindOf(text) ? 'false' : text)
  })
}

/** A known form with one field replaced, repeated or left out. */
function spoiledForm(events: ProviderEvent[]): fc.Arbitrary<string> {
  const fields = fc.constantFrom(...events.map(({ body }) => [...new URLSearchParams(body)]))
  const otherText = fc.oneof(oddValue, fc.string({ unit: 'grapheme' }), fc.constant('%'), fc.constant('\0'))
  return fc.tuple(fields, fc.nat(), otherText, fc.constantFrom('replace', 'repeat', 'omit')).map(([pairs, at, text, how]) => {
    const index = at % pairs.length
    const [name = ''] = pairs[index] ?? []
    const replacement: string[][] = how === 'omit' ? [] : [[name, text], ...(how === 'repeat' ? [[name, text]] : [])]
    return String(new URLSearchParams(pairs.toSpliced(index, 1, ...(replacement as [string, string][]))))
  })
}

/** Sends it as the provider would, and says what came of it. */
async function statusOf(provider: ProviderName, body: string): Promise<number> {
  const { status } = await worker.post(delivered({ provider, name: 'fuzz', id: 'msg_fuzz', body }))
  return status
}

function expectUnderstoodOrNot(status: number): void {
  expect([200, 400]).toContain(status)
}

describe('A signed body of any kind', () => {
  withWorker({ vars: { ATTRIBUTION_WAIT_SECONDS: 0 } })

  // Everything is paid in another world; in this one the same orders are not, or nobody knows them.
  const elsewhere = new World()
  const told = new Map(PROVIDER_NAMES.map((provider) => [provider, everythingTold(provider, elsewhere)]))
  const eventsOf = (provider: ProviderName) => {
    const { ids, events } = told.get(provider) ?? { ids: [], events: [] }
    for (const id of ids) SELLERS[provider].sellInVain?.(worker.world, id)
    return events
  }

  it.each(PROVIDER_NAMES)(
    'at %s: text, JSON, and known events with one value of another type',
    { timeout: TIMEOUT_MS },
    async (provider) => {
      const events = eventsOf(provider)
      const known = provider === 'gumroad' ? spoiledForm(events) : spoiled(events)
      const body = fc.oneof(
        { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
        { weight: 1, arbitrary: fc.json() },
        { weight: 1, arbitrary: oddValue },
        { weight: 5, arbitrary: known },
      )
      await fc.assert(
        fc.asyncProperty(body, async (text) => expectUnderstoodOrNot(await statusOf(provider, text))),
        fuzz,
      )
    },
  )

  it.each(PROVIDER_NAMES)('at %s: nested 5000 deep, and numbers beyond all measure, wherever an id may stand', async (provider) => {
    const { event } = soldAt(provider, elsewhere)
    for (const value of ODD_VALUES) {
      expectUnderstoodOrNot(await statusOf(provider, value))
      expectUnderstoodOrNot(await statusOf(provider, `{"type":${value},"eventType":${value},"event_type":${value},"meta":${value}}`))
      // Once as every single value that is called an id, or a type, in a known event.
      if (provider === 'gumroad') {
        for (const name of ['sale_id', 'resource_name', 'refunded', 'test', 'url_params[datafast_visitor_id]']) {
          const form = new URLSearchParams(event.body)
          form.set(name, value)
          expectUnderstoodOrNot(await statusOf(provider, String(form)))
        }
        continue
      }
      const body: unknown = JSON.parse(event.body)
      const isId = (path: Path) => path.length <= 3 && /^(id|.*_id|type|eventType|event_name|data|object|meta)$/.test(String(path.at(-1)))
      for (const path of pathsIn(body).filter(isId)) expectUnderstoodOrNot(await statusOf(provider, jsonWith(body, path, value)))
    }
  })

  it.each([
    ['lemonsqueezy', 'x-signature', WEBHOOK_SECRETS.LEMONSQUEEZY_WEBHOOK_SECRET],
    ['creem', 'creem-signature', WEBHOOK_SECRETS.CREEM_WEBHOOK_SECRET],
  ])('at %s: bytes that are no text', async (provider, header, secret) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (bytes) => {
        const headers = { [header]: createHmac('sha256', secret).update(bytes).digest('hex') }
        const { status } = await worker.post({ path: `/checkout/webhook/${provider}`, headers, body: '' }, { body: new Uint8Array(bytes) })
        expect(status).toBe(400)
      }),
      fuzz,
    )
  })

  it('has recorded nothing, and nobody has stumbled over it', async () => {
    // Whatever was taken for a sale has been asked about by now, and would have been posted.
    await new Promise((resolve) => setTimeout(resolve, 2000))
    expect(worker.world.calls.length).toBeGreaterThan(0)
    expect(worker.world.callsTo('datafast')).toEqual([])
    expect(worker.world.dataFast.ledger.size).toBe(0)
    expect(worker.logs().filter((line) => line.includes('"fault"'))).toEqual([])
  })
})
