import { describe, expect, it } from 'vitest'
import { at, worker } from './at-provider.ts'
import { SETTINGS, withBooks } from './at-sweep.ts'
import { AT_ONCE, goesOnWithoutBooks, SENT_WITHOUT_BOOKS } from './without-books.ts'
import { eventually, sessionId, uniqueVisitor } from './worker.ts'

describe('While the books hang', () => {
  withBooks({ broken: { books: 'hangs' }, vars: SETTINGS.vars })

  goesOnWithoutBooks(SENT_WITHOUT_BOOKS)

  it.concurrent('a buyer whose order is telling the books something is answered within the budget all the same', async () => {
    const id = sessionId()
    const { visitAt } = at('stripe')
    worker.world.stripe.sell(id, { payment_status: 'unpaid' })
    expect(await visitAt(`session_id=${id}`, uniqueVisitor())).toMatchObject({ outcome: 'pending' })
    // Its answer is old enough to be asked for again, and the next row is on its way to the books.
    await eventually(
      () => worker.stateOf(`stripe:${id}`),
      (state) => {
        const { stage, books } = state ?? {}
        const isTelling = !!books?.tries.count && books.tries.due < Date.now() - 500
        return stage?.at === 'provider' && isTelling && (stage.answeredAt ?? Date.now()) < Date.now() - 5_100
      },
      25_000,
    )
    worker.world.stripe.settle(id)
    const startedAt = Date.now()
    expect(await visitAt(`session_id=${id}`, uniqueVisitor())).toMatchObject({ status: 303, outcome: 'paid' })
    expect(Date.now() - startedAt).toBeLessThan(AT_ONCE)
  })
})
