import { expect, it } from 'vitest'
import { deliver, recorded, worker } from './at-provider.ts'
import { soldNow } from './at-sweep.ts'
import { eventually, uniqueVisitor } from './worker.ts'

/**
 * While the books are silent nobody knows whether DataFast imports a sale by itself: it is sent without them after two tries,
 * 2 and 10 seconds on. Each of them, and a row that is being told meanwhile, waits for the books a little.
 */
export const SENT_WITHOUT_BOOKS = 25_000

/** Well before the books are given up: nobody waits for them. */
export const AT_ONCE = 2_000

/** What goes on without the books. @param sentWithin - in ms */
export function goesOnWithoutBooks(sentWithin: number): void {
  it.concurrent('buyers are redirected at once, and their orders recorded', async () => {
    const sale = soldNow('stripe', worker.world)
    const visitor = uniqueVisitor()
    const startedAt = Date.now()
    expect(await worker.visit(sale.path, { visitor })).toMatchObject({ status: 303, outcome: 'paid' })
    expect(Date.now() - startedAt).toBeLessThan(AT_ONCE)
    expect(await recorded(sale.transactionId, sentWithin)).toMatchObject({ amount: sale.amount, datafast_visitor_id: visitor })
    await eventually(
      () => worker.visit(sale.path),
      ({ outcome }) => outcome === 'repeat',
    )
    const again = Date.now()
    expect((await worker.visit(sale.path)).outcome).toBe('repeat')
    expect(Date.now() - again).toBeLessThan(AT_ONCE)
  })

  it.concurrent('webhooks are acknowledged at once, and recorded', async () => {
    const sale = soldNow('polar', worker.world)
    const startedAt = Date.now()
    await deliver(sale.aftermath.sold().events.slice(-1))
    expect(Date.now() - startedAt).toBeLessThan(AT_ONCE)
    expect(await recorded(sale.transactionId, sentWithin)).toMatchObject({ amount: sale.amount })
  })

  it.concurrent('the cron run still hands over the arrivals that had to be kept elsewhere', async () => {
    const sale = soldNow('polar', worker.world)
    const visitor = uniqueVisitor()
    const arrival = { v: 1, reference: `polar:${sale.id}`, door: 'redirect', at: Date.now(), visitors: [visitor] }
    await worker.recorded.put('arrival:one', JSON.stringify(arrival))
    // Books that hang are waited for a while.
    const run = worker.worker.scheduled({ cron: '*/15 * * * *' })
    await eventually(
      () => worker.recorded.get('arrival:one'),
      (left) => left === null,
    )
    expect(await recorded(sale.transactionId, sentWithin)).toMatchObject({ amount: sale.amount, datafast_visitor_id: visitor })
    await run
  })
}
