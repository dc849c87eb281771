import { describe, expect, it } from 'vitest'
import { recorded, withWorker, worker } from '../bundle/at-provider.ts'
import { eventually, sessionId, THANK_YOU, uniqueVisitor } from '../bundle/worker.ts'
import { INHERITED } from './hostile.ts'
import { ask, exchangeOf, head, headerOf, usual } from './wire.ts'

withWorker({ vars: { ATTRIBUTION_WAIT_SECONDS: 0 } })

/** A sale whose transaction id is known beforehand. */
function sold(): { id: string; transactionId: string; path: string } {
  const id = sessionId()
  const transactionId = `pi_of_${id}`
  worker.world.stripe.sell(id, { payment_intent: transactionId })
  return { id, transactionId, path: `/checkout/success/stripe?session_id=${id}` }
}

describe('A cookie bomb hurts nobody: the buyer lands, and is recorded under', () => {
  it.each<[string, (visitor: string) => string, isFound: boolean]>([
    [
      'the first of 1,500 visitors, 64 KB of them',
      (visitor) =>
        [visitor, ...Array.from({ length: 1499 }, uniqueVisitor)]
          .map((one) => `datafast_visitor_id=${one}`)
          .join(';')
          .slice(0, 64_000),
      true,
    ],
    [
      'the one visitor behind 4,000 other cookies',
      (visitor) => `${Array.from({ length: 4000 }, (_, n) => `c${n}=${n}`).join('; ')}; datafast_visitor_id=${visitor}`,
      true,
    ],
    ['the one visitor behind 60,000 semicolons', (visitor) => `${';'.repeat(60_000)}datafast_visitor_id=${visitor}`, true],
    ['the one visitor behind 60,000 blanks', (visitor) => `a=b;${' '.repeat(60_000)}datafast_visitor_id=${visitor}`, true],
    ['nobody, in 60,000 equal signs', () => `datafast_visitor_id${'='.repeat(60_000)}`, false],
    ['nobody, in 60,000 quotes', () => `datafast_visitor_id=${'"'.repeat(60_000)}`, false],
    ['nobody, in a visitor of 60,000 digits', () => `datafast_visitor_id=${'0'.repeat(60_000)}`, false],
    ['nobody, in a visitor that never ends', (visitor) => `datafast_visitor_id=${`${visitor}-`.repeat(1600)}`, false],
    [
      'the visitor behind what every object has',
      (visitor) => `${INHERITED.map((name) => `${name}=1`).join('; ')}; datafast_visitor_id=${visitor}`,
      true,
    ],
    [
      'nobody, in a nested name',
      (visitor) => `datafast_visitor_id[__proto__]=${visitor}; __proto__[datafast_visitor_id]=${visitor}`,
      false,
    ],
    ['nobody, in a name in capitals', (visitor) => `__Host-datafast_visitor_id=${visitor}`, false],
  ])('%s', async (_, cookie, isFound) => {
    const { path, transactionId } = sold()
    const visitor = uniqueVisitor()
    const answer = await ask(worker, `GET ${path}`, [`Cookie: ${cookie(visitor)}`])
    expect([answer?.status, headerOf(answer, 'x-checkout-outcome')]).toEqual([303, 'paid'])
    expect((await recorded(transactionId))?.datafast_visitor_id).toBe(isFound ? visitor : undefined)
  })

  it('the visitor among bytes that are no text', async () => {
    const { path, transactionId } = sold()
    const visitor = uniqueVisitor()
    const [answer] = await exchangeOf(
      worker,
      head(`GET ${path}`, [...usual(), `Cookie: a=\xff\xfe\xc0\x80; datafast_visitor_id=${visitor}; b=\x80`]),
    )
    expect(headerOf(answer, 'x-checkout-outcome')).toBe('paid')
    expect((await recorded(transactionId))?.datafast_visitor_id).toBe(visitor)
  })

  it('keeps a handful of visitors, however many come and however often', async () => {
    const { id, path } = sold()
    worker.world.service('datafast').failFor(`pi_of_${id}`, ...Array.from({ length: 20 }, () => ({ kind: 'answer', status: 503 }) as const))
    for (let time = 0; time < 10; time++) {
      const cookie = Array.from({ length: 50 }, () => `datafast_visitor_id=${uniqueVisitor()}`).join('; ')
      await worker.visit(path, { headers: { cookie } })
    }
    expect((await worker.stateOf(`stripe:${id}`))?.visitors).toHaveLength(5)
  })
})

describe('Polluted parameters name no other order', () => {
  const other = 'cs_live_a1another00000'

  it.each<[string, (id: string) => string, outcome: string]>([
    ['the id in brackets', (id) => `session_id[]=${id}`, 'invalid'],
    ['an id in brackets beside the id', (id) => `session_id[]=${other}&session_id=${id}`, 'paid'],
    ['an id under a name in capitals', (id) => `Session_Id=${other}&session_id=${id}`, 'paid'],
    ['an id under a name with a NUL', (id) => `session_id%00=${other}&session_id=${id}`, 'paid'],
    ['an id under a name with a blank', (id) => `session_id%20=${other}&+session_id=${other}&session_id=${id}`, 'paid'],
    ['an id under a nested name', (id) => `__proto__[session_id]=${other}&session_id=${id}`, 'paid'],
    ['an id behind a semicolon', (id) => `session_id=${id};session_id=${other}`, 'invalid'],
    ['an id behind a comma', (id) => `session_id=${id},${other}`, 'invalid'],
    ['another id', (id) => `session_id=${id}&session_id=${other}`, 'invalid'],
    ['an escaped name, which is the same name', (id) => `session%5Fid=${other}&session_id=${id}`, 'invalid'],
    ['an empty one', (id) => `session_id=&session_id=${id}`, 'invalid'],
    ['an id behind the fragment', (id) => `session_id=${id}#&session_id=${other}`, 'paid'],
    ['other providers’ ids', (id) => `session_id=${id}&payment_id=pay_other&checkout_id=ch_other&order_id=1&_ptxn=txn_other`, 'paid'],
    ['what every object has', (id) => `${INHERITED.map((name) => `${name}=${other}`).join('&')}&session_id=${id}`, 'paid'],
    ['10,000 others', (id) => `${Array.from({ length: 10_000 }, (_, n) => `p${n}`).join('&')}&session_id=${id}`, 'paid'],
    ['10,000 times another name', (id) => `${'page=x&'.repeat(8_000)}session_id=${id}`, 'paid'],
  ])('%s', async (_, query, outcome) => {
    const { id, transactionId } = sold()
    const before = worker.world.calls.length
    const answer = await ask(worker, `GET /checkout/success/stripe?${query(id)}`)
    expect([answer?.status, headerOf(answer, 'location'), headerOf(answer, 'x-checkout-outcome')]).toEqual([303, THANK_YOU, outcome])
    expect(worker.world.calls.slice(before).filter(({ url }) => url.includes('another'))).toEqual([])
    expect(await worker.stateOf(`stripe:${other}`)).toBeUndefined()
    if (outcome === 'paid') await recorded(transactionId)
  })

  const form = (body: string) => ({ method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' } })

  it('of a form and its address together', async () => {
    const { id, path } = sold()
    expect((await worker.visit(path, form(`session_id=${other}`))).outcome).toBe('invalid')
    expect((await worker.visit('/checkout/success/stripe', form(`session_id=${id}&session_id[]=${other}`))).outcome).toBe('paid')
    expect((await worker.visit(path, form(`session_id=${id}`))).outcome).toMatch(/^(paid|repeat)$/)
    expect((await worker.visit('/checkout/success/stripe', form(INHERITED.map((name) => `${name}=1`).join('&')))).outcome).toBe('invalid')
  })

  it('leave a page’s name to the configuration', async () => {
    const { path } = sold()
    expect((await worker.visit(path, form('page=https%3A%2F%2Fevil.example'))).location).toBe(THANK_YOU)
  })

  it('are kept nowhere', async () => {
    const { keys } = await eventually(
      () => worker.recorded.list(),
      (list) => list.keys.length > 0,
    )
    expect(keys.map(({ name }) => name).filter((name) => !/^stripe:cs_live_a1\w+$/.test(name))).toEqual([])
  })
})
