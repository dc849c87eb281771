import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AFTERMATH } from '../../sandbox/world/aftermath/list.ts'
import { PROVIDER_NAMES, SELLERS } from '../bundle/sellers.ts'
import { soldAt } from '../bundle/sold-at.ts'
import { eventually, uniqueVisitor } from '../bundle/worker.ts'
import { inlineCode, readPage, section, tableRows } from '../docs/markdown.ts'
import { sourcesIn } from '../docs/source.ts'
import { openStorage, type Stored, UNREACHABLE } from './stored.ts'
import { fieldsOf, indexesIn, tablesIn } from './typed-fields.ts'

const sources = sourcesIn('src')
const page = readPage('docs/storage.md')
const memory = section(page, 'KV namespace `RECORDED`')
const order = section(page, 'Durable Object `Order`, one per reference')
const books = section(page, 'Durable Object `Ledger`, the books')
const [movementPart = '', expectedPart = '', notesPart = ''] = books.split(/^\*\*(?:Table `expected`|Notes)\*\*/m)

/** The words in the first column of a part's tables, one by one. */
const explained = (part: string) => tableRows(part).flatMap(([first = '']) => inlineCode(first))
const sorted = (words: Iterable<string>) => [...new Set(words)].sort()
const columnsOf = (table: string) => tablesIn(sources).find(({ name }) => name === table)?.columns ?? []

/** The rows of the notes: what a key begins with, and what its row says of the fields under it. */
const notes = tableRows(notesPart).map(([key = '', text = '']) => ({
  key: inlineCode(key)[0] ?? '',
  begins: (inlineCode(key)[0] ?? '').split('<')[0] ?? '',
  fields: inlineCode(text),
}))

/** Of each note, the type of what lies there; the others are a number, a text or a list of texts. */
const NOTE_TYPES = [
  ['list:', 'ListState'],
  ['webhook:', 'WebhookState'],
  ['jobs', 'Job'],
  ['website', 'Website'],
  ['incidents', 'Raised'],
  ['proofs', 'DayProof'],
] as const
/** Not a field but a value, or asked of the settings each time. */
const NO_FIELD = ['live', 'test', 'unknown', 'ok', 'isExpected']

/** Rows of the books and of the state table, and what is known of a customer. */
const TOLD_ELSEWHERE = ['Owed', 'Row', 'Customer']

describe('docs/storage.md, by the code', () => {
  it('names every field that an order’s object stores, and no other', () => {
    const stages = /^(provider|gathering|held|datafast|ended|moved)$/
    // These are dropped before anything is stored.
    const fields = fieldsOf('State', sources, TOLD_ELSEWHERE).filter((field) => !/^payment\.(successUrl|beforeStart)$/.test(field))
    expect(sorted(explained(order).filter((word) => !stages.test(word)))).toEqual(sorted(fields))
    expect(fields.length).toBeGreaterThan(50)
  })

  it('tells of every stage how long it is kept, and of no other', () => {
    const fields = fieldsOf('State', sources, TOLD_ELSEWHERE)
    const kept = explained(order).filter((word) => !fields.includes(word))
    expect(sorted(kept)).toEqual(['datafast', 'ended', 'gathering', 'held', 'moved', 'provider'])
  })

  it('names every column of every table of the books, every field in a row, and no other', () => {
    expect(sorted(tablesIn(sources).map(({ name }) => name))).toEqual(['expected', 'movement'])
    const rowFields = fieldsOf('Movement', sources).map((field) => `row.${field}`)
    expect(sorted(explained(movementPart))).toEqual(sorted([...columnsOf('movement'), ...rowFields]))
    const moneyFields = fieldsOf('Money', sources).map((field) => `money.${field}`)
    expect(sorted(explained(expectedPart))).toEqual(sorted([...columnsOf('expected'), ...moneyFields]))
    expect(columnsOf('movement')).toHaveLength(11)
  })

  it('names every index, and no other', () => {
    const named = inlineCode(movementPart).filter((word) => /^movement_\w+$/.test(word))
    expect(sorted(named)).toEqual(sorted(indexesIn(sources)))
    expect(named).toHaveLength(3)
  })

  it('names every key of the books’ notes, and no other', () => {
    const keys = fieldsOf('Notes', sources).filter((key) => !key.includes('.'))
    expect(sorted(notes.map(({ begins }) => begins))).toEqual(sorted(keys))
    expect(keys.length).toBeGreaterThan(10)
  })

  it.each(NOTE_TYPES)('names every field under the key %s…, and no other', (key, type) => {
    const fields = fieldsOf(type, sources).filter((field) => !field.includes('.') && !NO_FIELD.includes(field))
    const named = notes.find(({ begins }) => begins === key)?.fields.filter((field) => !NO_FIELD.includes(field))
    expect(sorted(named ?? [])).toEqual(sorted(fields))
  })
})

/** Some provider's events are told, some are not; some buyers come back, some with a cookie. */
async function sellEverywhere({ world, visit, tell }: Awaited<ReturnType<typeof openStorage>>): Promise<void> {
  for (const provider of PROVIDER_NAMES) {
    const { sell, id: newId, returning } = SELLERS[provider]
    const visitor = `datafast_visitor_id=${uniqueVisitor()}`
    const at = (id: string) => `/checkout/success/${provider}?${returning(world, id)}`
    const sale = soldAt(provider, world, uniqueVisitor())
    await tell(sale.events)
    await visit(at(sale.id), visitor)
    const id = newId()
    sell.subscription(world, id)
    const subscription = AFTERMATH[provider](world, id)
    await visit(at(id), visitor)
    await tell([...subscription.sold().events, ...subscription.renewed().events, ...sale.aftermath.refunded('part').events])
    await tell([...sale.aftermath.refunded('rest').events, ...subscription.refunded('rest').events])
    const trial = newId()
    sell.trial(world, trial)
    if (provider !== 'dodo') await visit(at(trial))
  }
}

/** Nobody may know of these, or the provider refuses the key, or DataFast does; and some orders cannot be reached. */
async function haveTrouble({ world, visit, tell }: Awaited<ReturnType<typeof openStorage>>): Promise<void> {
  world.service('datafast').failFor('pi_in_trouble', { kind: 'answer', status: 400, body: { error: { message: 'no' } } })
  world.stripe.sell('cs_live_introuble', { payment_intent: 'pi_in_trouble' })
  world.service('dodo').failFor('pay_refused', { kind: 'answer', status: 401 })
  world.stripe.sell('cs_live_unclear', { currency: 'zzz' })
  await visit('/checkout/success/stripe?session_id=cs_live_introuble', `datafast_visitor_id=${uniqueVisitor()}`)
  await visit('/checkout/success/dodo?payment_id=pay_refused0000')
  await visit('/checkout/success/stripe?session_id=cs_live_unclear')
  await visit('/checkout/success/creem?checkout_id=ch_nobodyknows')
  await visit(`/checkout/success/stripe?session_id=cs_live_${UNREACHABLE}`, 'datafast_visitor_id=none-of-theirs')
  const form = new URLSearchParams({ sale_id: `${UNREACHABLE}1`, resource_name: 'sale', test: 'true' })
  form.set('url_params[datafast_visitor_id]', uniqueVisitor())
  await tell([{ provider: 'gumroad', name: 'sale', id: 'ping', body: String(form) }])
  const refund = {
    id: 'ref_1',
    transaction: { id: `tran_${UNREACHABLE}`, refunded_amount: 100 },
    order: { id: 'ord_1' },
    checkout: { id: 'ch_1' },
  }
  const body = JSON.stringify({ id: 'evt_1', eventType: 'refund.created', object: { ...refund, refund_amount: 100 } })
  await tell([{ provider: 'creem', name: 'refund.created', id: 'evt_1', body }])
}

describe('docs/storage.md, by what lies in storage after sales at every provider', () => {
  let storage: Awaited<ReturnType<typeof openStorage>>
  let stored: Stored
  beforeAll(async () => {
    storage = await openStorage({
      ...{ CUSTOMER_FIELDS: 'customer_id,email,name', ATTRIBUTION_WAIT_SECONDS: '1', PUBLIC_URL: 'https://pay.example.com' },
      ...{ DATAFAST_WEBSITE_ID: '665f0b3c4d2e1a0012345678' },
    })
    await sellEverywhere(storage)
    await haveTrouble(storage)
    const before = Date.now()
    await storage.cron()
    // Until every list was read to its end and every entry is written.
    stored = await eventually(
      storage.everything,
      ({ books, memory }) => Number(books.notes.wokenAt) >= before && Object.keys(books.notes).length > 25 && memory.length > 30,
      30_000,
    )
  })
  afterAll(() => storage.stop())

  const shapeOf = (key: string) =>
    key
      .replaceAll(/<[^>]+>/g, '§')
      .replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll('§', '[\\w.=-]+')
  const keysOfMemory = tableRows(memory).map(([first = '', ...rest]) => ({
    pattern: new RegExp(`^(${inlineCode(first).map(shapeOf).join('|')})$`),
    fields: [...rest.join().matchAll(/"(\w+)":|`(\w+)`/g)].map(([, quoted, word]) => quoted ?? word),
  }))

  it('KV holds no key but those, and every one of those', () => {
    const keys = stored.memory.map(({ key }) => key)
    expect(keys.filter((key) => !keysOfMemory.some(({ pattern }) => pattern.test(key)))).toEqual([])
    expect(keysOfMemory.filter(({ pattern }) => !keys.some((key) => pattern.test(key)))).toEqual([])
  })

  it('KV holds no field but those, and every one of those', () => {
    const fieldsIn = (isMeant: (key: string) => boolean) =>
      stored.memory
        .filter(({ key }) => isMeant(key))
        .flatMap(({ value, metadata }) => Object.keys({ ...JSON.parse(value), ...(metadata ?? {}) }))
    const isArrival = (key: string) => key.startsWith('arrival:')
    const [entry, , arrival] = keysOfMemory
    expect(sorted(fieldsIn((key) => !isArrival(key)))).toEqual(sorted(entry?.fields.map(String) ?? []))
    const told = sorted(fieldsIn(isArrival))
    expect(told.filter((field) => !arrival?.fields.includes(field))).toEqual([])
    expect(told).toEqual(
      expect.arrayContaining(['v', 'reference', 'door', 'at', 'visitors', 'here', 'badCookie', 'carried', 'test', 'toldMinor']),
    )
  })

  it('an order holds one value, and no field but those', () => {
    const states = Object.values(stored.orders).filter((one) => Object.keys(one).length)
    expect(sorted(states.flatMap(Object.keys))).toEqual(['order'])
    const fields = sorted(states.flatMap(({ order }) => pathsOf(order)))
    expect(fields.filter((field) => !explained(order).includes(field) && !/^payment\.customer\./.test(field))).toEqual([])
    expect(fields.length).toBeGreaterThan(45)
    expect(states.length).toBeGreaterThan(30)
  })

  it('an order that is over holds nobody’s name or address', () => {
    const people = Object.values(stored.orders).flatMap(({ order }) => {
      const { stage, payment } = (order ?? {}) as { stage?: { at: string }; payment?: { customer: object } }
      return stage?.at === 'ended' ? Object.values(payment?.customer ?? {}) : []
    })
    expect(people).toEqual([])
    // They were there, and DataFast was told of them.
    expect(storage.world.callsTo('datafast', '"email"').length).toBeGreaterThan(10)
  })

  it('the books hold no table, column, index or field of a row but those', () => {
    const { tables, indexes } = stored.books
    expect(Object.keys(tables).sort()).toEqual(['expected', 'movement'])
    expect(indexes.filter((name) => !books.includes(`\`${name}\``))).toEqual([])
    const rows = (name: string) => tables[name] ?? []
    expect(rows('movement').length).toBeGreaterThan(30)
    expect(sorted(rows('movement').flatMap(Object.keys))).toEqual(sorted(columnsOf('movement')))
    const inRows = rows('movement').flatMap(({ row }) => Object.keys(JSON.parse(String(row))).map((field) => `row.${field}`))
    expect(sorted(inRows).filter((field) => !explained(movementPart).includes(field))).toEqual([])
    expect(sorted(rows('expected').flatMap(Object.keys)).filter((column) => !explained(expectedPart).includes(column))).toEqual([])
  })

  it('the books hold no note but those, and no field in one but those', () => {
    const rowOf = (key: string) => notes.find(({ begins }) => (begins.endsWith(':') ? key.startsWith(begins) : key === begins))
    expect(Object.keys(stored.books.notes).filter((key) => !rowOf(key))).toEqual([])
    const strange = Object.entries(stored.books.notes).flatMap(([key, note]) =>
      [note]
        .flat()
        .flatMap((one) => (Object(one) === one ? Object.keys(one as object) : []).filter((field) => !rowOf(key)?.fields.includes(field))),
    )
    expect(strange).toEqual([])
  })

  it('nobody’s name, address or visitor id is in the books, in a key or in a name', () => {
    const text = JSON.stringify([stored.books, stored.memory.map(({ key }) => key), Object.keys(stored.orders)])
    expect(text).not.toMatch(/@|datafast_visitor/)
    const visitors = Object.values(stored.orders).flatMap(({ order }) => {
      const { visitors = [], carried = [] } = (order ?? {}) as { visitors?: string[]; carried?: string[] }
      return [...visitors, ...carried]
    })
    expect(visitors.length).toBeGreaterThan(10)
    expect(visitors.filter((visitor) => text.includes(visitor))).toEqual([])
  })
})

/** The fields of a stored value as paths; lists are not opened. */
function pathsOf(value: unknown): string[] {
  if (Object(value) !== value || Array.isArray(value)) return []
  return Object.entries(value as object).flatMap(([name, inner]) =>
    inner === undefined ? [] : [name, ...pathsOf(inner).map((path) => `${name}.${path}`)],
  )
}
