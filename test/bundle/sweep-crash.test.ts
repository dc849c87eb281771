import type { Miniflare } from 'miniflare'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Job } from '../../src/books/jobs.ts'
import type { Reference } from '../../src/reference.ts'
import { MINUTE, PUBLIC_URL, soldNow } from './at-sweep.ts'
import { ownRuntime } from './runtime.ts'
import { eventually } from './worker.ts'

/** Two providers are enough: the others have no keys. */
const NO_KEYS = {
  ...{ DODO_PAYMENTS_API_KEY: '', CREEM_API_KEY: '', POLAR_ACCESS_TOKEN: '', LEMONSQUEEZY_API_KEY: '', PADDLE_API_KEY: '' },
  ...{ PUBLIC_URL, ATTRIBUTION_WAIT_SECONDS: '0' },
}

/**
 * The bundle, with a door to the books: `/jobs` tells them and their alarm, `/later` has the time come for all that is to be
 * tried later. What they keep to themselves is private in name only. `order`: more of the class of the orders.
 */
const withDoor = (order = '') => `
  import worker, { Ledger as Books, Order as Orders } from './bundle.js'
  export default {
    ...worker,
    async fetch(request, env, ctx) {
      const { pathname } = new URL(request.url)
      const books = env.LEDGER.getByName('books')
      if (pathname === '/jobs') return Response.json(await books.jobsAndAlarm())
      if (pathname === '/later') return Response.json(await books.later())
      return worker.fetch(request, env, ctx)
    },
  }
  export class Ledger extends Books {
    async jobsAndAlarm() {
      return { jobs: this.jobs(), alarm: await this.ctx.storage.getAlarm() }
    }
    later() {
      this.save(this.jobs().map((job) => (job.due === Number.MAX_SAFE_INTEGER ? job : { ...job, due: Date.now() })))
    }
  }
  export class Order extends Orders {
    ${order}
  }`

let runtime: ReturnType<typeof ownRuntime>

beforeEach(() => {
  runtime = ownRuntime()
})
afterEach(() => runtime.stop())

async function cron(worker: Miniflare): Promise<void> {
  await (await worker.getWorker()).scheduled({ cron: '*/15 * * * *' })
}

async function booksOf(worker: Miniflare): Promise<{ jobs: Job[]; alarm: number | null }> {
  const answer = await worker.dispatchFetch('https://pay.example.com/jobs')
  return (await answer.json()) as { jobs: Job[]; alarm: number | null }
}

/** The books have nothing to do at once. */
function atRest(worker: Miniflare): Promise<unknown> {
  return eventually(
    async () => (await booksOf(worker)).jobs,
    (jobs) => jobs.every(({ due }) => due > Date.now() + 5_000),
    20_000,
  )
}

const later = (worker: Miniflare) => worker.dispatchFetch('https://pay.example.com/later')

/** The runtime has seen its providers, and its first run is over: what is sold from now on counts. */
async function startSweeping(order?: string): Promise<Miniflare> {
  const worker = await runtime.start(NO_KEYS, withDoor(order))
  await cron(worker)
  await eventually(pages, (urls) => urls.some((url) => url.includes('refunds')) && urls.some((url) => url.includes('gumroad')))
  await atRest(worker)
  runtime.world.calls.length = 0
  return worker
}

function pages(): string[] {
  const { world } = runtime
  return [...world.callsTo('stripe'), ...world.callsTo('gumroad')]
    .map(({ url }) => url)
    .filter((url) => /created\[gte\]|\/sales\?after/.test(url))
}

const pagesOfSessions = () => pages().filter((url) => url.includes('/sessions'))
const posts = () => runtime.world.callsTo('datafast', 'transaction_id')

/** So many sessions, of which all but a few are remembered, the newest first. */
async function soldFromNowOn(worker: Miniflare, count: number, unknown: readonly number[]) {
  const now = Date.now()
  const sell = (_: unknown, place: number) => soldNow('stripe', runtime.world, 'one-time', new Date(now + place * MINUTE))
  const sales = Array.from({ length: count }, sell).reverse()
  const memory = await worker.getKVNamespace('RECORDED')
  const known = sales.filter((_, place) => !unknown.includes(place)).map(({ id }): Reference => `stripe:${id}`)
  const value = JSON.stringify({ v: 1, transaction_id: 'of_long_ago' })
  await Promise.all(known.map((reference) => memory.put(reference, value, { metadata: { attributed: 'yes' } })))
  return { sales, found: sales.filter((_, place) => unknown.includes(place)) }
}

async function expectEachOnce(found: readonly { transactionId: string }[]): Promise<void> {
  const { ledger } = runtime.world.dataFast
  await eventually(
    () => ledger.size,
    (size) => size >= found.length,
    20_000,
  )
  // Time enough for one too many.
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  expect([...ledger.keys()].sort()).toEqual(found.map(({ transactionId }) => transactionId).sort())
}

describe('A runtime killed in the middle of a sweep', () => {
  it('while it waits for a page: it goes on from that page by itself half a minute later, and everything is recorded once', async () => {
    const worker = await startSweeping()
    const { sales, found } = await soldFromNowOn(worker, 250, [3, 120, 180, 240])
    const second = `starting_after=${sales[99]?.id}`
    runtime.world.service('stripe').failFor(second, { kind: 'hang' })
    await cron(worker)
    await eventually(pages, (urls) => urls.some((url) => url.includes(second)))
    await runtime.kill()
    const again = await runtime.start(NO_KEYS, withDoor())
    // Whatever else there was to do goes on meanwhile.
    await atRest(again)
    const { jobs, alarm } = await booksOf(again)
    expect(jobs).toMatchObject([{ name: 'list stripe sessions live', tries: 1, pages: 1 }])
    expect(alarm).toBe(jobs[0]?.due)
    expect(alarm).toBeLessThan(Date.now() + 30_000)
    await later(again)
    await expectEachOnce(found)
    expect(posts()).toHaveLength(found.length)
    expect(pagesOfSessions().filter((url) => !url.includes('starting_after'))).toHaveLength(1)
    expect(pagesOfSessions().filter((url) => url.includes(second))).toHaveLength(2)
  })

  it('while what it found is being asked about: each is recorded once', async () => {
    const worker = await startSweeping()
    const places = Array.from({ length: 30 }, (_, place) => place * 2)
    const { found } = await soldFromNowOn(worker, 60, places)
    runtime.world.service('stripe').delayMs = 50
    await cron(worker)
    // It announces twenty, and then rests for four seconds.
    await eventually(
      () => runtime.world.callsTo('stripe', '/sessions/cs_').length,
      (count) => count >= 10,
    )
    await runtime.kill()
    runtime.world.service('stripe').delayMs = 0
    await later(await runtime.start(NO_KEYS, withDoor()))
    await expectEachOnce(found)
  })

  it('again and again, by the same page: it is tried at ever longer distances, then by the next cron run, and the others go on', async () => {
    let worker = await startSweeping()
    const { sales, found } = await soldFromNowOn(worker, 150, [3, 120, 149])
    const other = soldNow('gumroad', runtime.world)
    const page = `starting_after=${sales[99]?.id}`
    const asked = () => pages().filter((url) => url.includes(page)).length
    runtime.world.service('stripe').failFor(page, ...Array(4).fill({ kind: 'hang' }))
    await cron(worker)
    const waits = []
    for (let time = 1; time <= 4; time++) {
      await eventually(asked, (count) => count === time)
      await runtime.kill()
      worker = await runtime.start(NO_KEYS, withDoor())
      await atRest(worker)
      const { jobs, alarm } = await booksOf(worker)
      expect(jobs).toMatchObject([{ name: 'list stripe sessions live', tries: time }])
      waits.push(alarm && Math.ceil((alarm - Date.now()) / MINUTE))
      if (time < 4) await later(worker)
    }
    expect(waits).toEqual([1, 2, 10, null])
    // Behind it stood the other lists, what else the books do, and the other provider.
    expect(runtime.world.dataFast.ledger.get(other.transactionId)).toMatchObject({ amount: other.amount })
    for (const what of ['/invoices?', '/refunds?', 'gumroad.com']) expect(pages().filter((url) => url.includes(what))).toHaveLength(1)
    await cron(worker)
    await expectEachOnce([...found, other])
    expect(posts()).toHaveLength(found.length + 1)
    expect(asked()).toBe(5)
  })
})

describe.each([
  ['throws', `throw new Error('overloaded')`],
  ['never answers', 'return new Promise(() => {})'],
])('One order that %s', (_, how) => {
  it('does not hold its list up, and has what was found of it when it can be reached again', async () => {
    const { world } = runtime
    const unreachable = `async arrive(arrival) {
      if (arrival.reference.endsWith('unreachable')) ${how}
      return super.arrive(arrival)
    }`
    const worker = await startSweeping(unreachable)
    const { found } = await soldFromNowOn(worker, 120, [0, 1, 110, 119])
    const lost = soldNow('stripe', world, 'one-time', new Date(Date.now() + 60 * MINUTE))
    const session = world.stripe.sessions.get(lost.id)
    if (!session) throw new Error('no session')
    const id = `${lost.id.slice(0, 20)}unreachable`
    world.stripe.sessions.delete(lost.id)
    world.stripe.sessions.set(id, { ...session, id })
    await cron(worker)
    await expectEachOnce(found)
    await atRest(worker)
    expect((await booksOf(worker)).jobs).toEqual([])
    // The next cron run neither reads from further back nor loses it.
    const memory = await worker.getKVNamespace('RECORDED')
    const kept = async () => (await memory.list({ prefix: `arrival:stripe:${id}` })).keys.length
    expect(await kept()).toBe(1)
    await runtime.kill()
    const mended = await runtime.start(NO_KEYS, withDoor())
    await cron(mended)
    await expectEachOnce([...found, lost])
    expect(posts()).toHaveLength(found.length + 1)
  })
})
