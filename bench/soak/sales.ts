/** All orders of a run: those not settled yet in full, the others as numbers and names, so that memory does not grow with them. */
import type { Internet } from './internet.ts'
import type { Sale } from './sale.ts'

/** So long an order that is all recorded is still known here: whoever posts it once more is found out. */
const FORGET_AFTER_MS = 20_000

/** `ms`: from when the Worker could know of a payment and of its visitor until DataFast had it. */
export type Recording = { at: number; ms: number }

export class Sales {
  readonly recordings: Recording[] = []
  /** As the providers' lists name them. */
  readonly references: string[] = []
  readonly settled = { movements: 0, attributed: 0 }
  private readonly open = new Set<Sale>()
  internet: Internet | undefined

  readonly add = (sale: Sale): void => {
    this.open.add(sale)
    this.references.push(sale.reference)
  }

  readonly accepted = (sale: Sale, transactionId: string): void => {
    const { toldAt, visitor } = sale.expected.get(transactionId) ?? {}
    if (toldAt !== undefined && visitor !== undefined) this.recordings.push({ at: Date.now(), ms: Date.now() - toldAt })
  }

  /** Whose story is not over, or of whom something is not recorded as it should be. */
  get unsettled(): number {
    return [...this.open].filter(({ doneAt }) => doneAt === undefined).length
  }

  get movements(): number {
    return this.settled.movements + [...this.open].reduce((sum, { expected }) => sum + expected.size, 0)
  }

  /** Settles what is recorded by now, and forgets what has been for a while. */
  settle(now: number): void {
    for (const sale of this.open) {
      if (sale.stepsLeft > 0 || sale.wrong()) sale.doneAt = undefined
      else sale.doneAt ??= now
      if (sale.doneAt !== undefined && now - sale.doneAt >= FORGET_AFTER_MS) this.forget(sale)
    }
  }

  private forget(sale: Sale): void {
    this.open.delete(sale)
    this.internet?.forget(sale)
    for (const { visitor } of sale.expected.values()) {
      this.settled.movements += 1
      this.settled.attributed += visitor === undefined ? 0 : 1
    }
  }

  /** What is not as it should be, in words, and how often. */
  wrong(): Map<string, number> {
    const wrong = new Map<string, number>()
    for (const sale of this.open) {
      const what = sale.wrong()
      if (what) wrong.set(`${sale.provider}: ${what}`, (wrong.get(`${sale.provider}: ${what}`) ?? 0) + 1)
    }
    return wrong
  }
}
