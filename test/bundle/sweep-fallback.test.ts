import { describe, expect, it } from 'vitest'
import { worker } from './at-provider.ts'
import { rowOf, SETTINGS, soldNow, withBooks } from './at-sweep.ts'
import { goesOnWithoutBooks, SENT_WITHOUT_BOOKS } from './without-books.ts'
import { eventually, uniqueVisitor } from './worker.ts'

describe('Without the books, which are not bound', () => {
  withBooks({ withoutBooks: true, vars: SETTINGS.vars })

  goesOnWithoutBooks(2_000)
})

describe('While the books throw', () => {
  withBooks({ ...SETTINGS, broken: { books: 'throws' } })

  goesOnWithoutBooks(SENT_WITHOUT_BOOKS)

  it('rows are owed to them, and arrive when they can be reached again', async () => {
    const sale = soldNow('stripe', worker.world)
    await worker.visit(sale.path, { visitor: uniqueVisitor() })
    const state = await eventually(
      () => worker.stateOf(`stripe:${sale.id}`),
      (found) => found?.books?.tries.row === 'books-down',
    )
    expect(state?.books?.owed).toMatchObject([{ transactionId: sale.transactionId }])
    expect(worker.world.dataFast.ledger.has(sale.transactionId)).toBe(false)
    await worker.deploy({ ...SETTINGS, broken: { books: 'not-yet' } })
    const row = await rowOf(worker, ({ transactionId, stage }) => transactionId === sale.transactionId && stage === 'recorded', 20_000)
    expect(row).toMatchObject({ attributed: 'yes', amount: sale.amount })
    expect(worker.world.callsTo('datafast', sale.transactionId)).toHaveLength(1)
  })
})
