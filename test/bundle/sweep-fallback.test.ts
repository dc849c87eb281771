import { describe, expect, it } from 'vitest'
import { recorded, worker } from './at-provider.ts'
import { SETTINGS, soldNow, withBooks } from './at-sweep.ts'
import { eventually, uniqueVisitor } from './worker.ts'

describe('Without the books', () => {
  describe.each([
    ['that are not bound', { withoutBooks: true }],
    ['that throw', { broken: { books: 'throws' } }],
    ['that hang', { broken: { books: 'hangs' } }],
  ] as const)('%s', (_, how) => {
    withBooks({ ...how, vars: SETTINGS.vars })

    it('buyers are redirected at once, and their orders recorded', async () => {
      const sale = soldNow('stripe', worker.world)
      const visitor = uniqueVisitor()
      const startedAt = Date.now()
      expect(await worker.visit(sale.path, { visitor })).toMatchObject({ status: 303, outcome: 'paid' })
      expect(Date.now() - startedAt).toBeLessThan(2_000)
      expect(await recorded(sale.transactionId)).toMatchObject({ amount: sale.amount, datafast_visitor_id: visitor })
    })

    it('the cron run still hands over the arrivals that had to be kept elsewhere', async () => {
      const sale = soldNow('polar', worker.world)
      const visitor = uniqueVisitor()
      const arrival = { v: 1, reference: `polar:${sale.id}`, door: 'redirect', at: Date.now(), visitors: [visitor] }
      await worker.recorded.put('arrival:one', JSON.stringify(arrival))
      await worker.worker.scheduled({ cron: '*/15 * * * *' })
      expect(await recorded(sale.transactionId)).toMatchObject({ amount: sale.amount, datafast_visitor_id: visitor })
      await eventually(
        () => worker.recorded.get('arrival:one'),
        (left) => left === null,
      )
    })
  })
})
