/** The simulated clock: what is to happen stands in a heap, and time jumps from one happening to the next. */
import { settled } from './settled.ts'

/** Something that is to happen. Without `act` it was called off. */
export type Happening = { at: number; order: number; act: (() => unknown) | undefined }

export class Clock {
  /** In ms since 1970. */
  now: number
  /** How many things have happened. */
  count = 0
  private readonly heap: Happening[] = []
  private order = 0

  constructor(now: number) {
    this.now = now
  }

  /** Something happens at a moment, or at once where that has passed; what is due at the same moment, in the order it was planned in. */
  at(moment: number, act: () => unknown): Happening {
    const happening = { at: Math.max(moment, this.now), order: this.order++, act }
    this.push(happening)
    return happening
  }

  in(ms: number, act: () => unknown): Happening {
    return this.at(this.now + ms, act)
  }

  /** Lets everything happen until a moment. The next thing happens when all that follows from the last one has settled. */
  async runUntil(end: number): Promise<void> {
    for (let next = this.heap[0]; next && next.at <= end; next = this.heap[0]) {
      this.pop()
      const { act } = next
      if (!act) continue
      this.now = next.at
      this.count += 1
      act()
      await settled()
    }
    this.now = end
  }

  private push(happening: Happening): void {
    const { heap } = this
    let place = heap.push(happening) - 1
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = heap[above]
      if (!parent || isBefore(parent, happening)) break
      heap[place] = parent
      place = above
    }
    heap[place] = happening
  }

  private pop(): void {
    const { heap } = this
    const last = heap.pop()
    if (!last || !heap.length) return
    let place = 0
    for (;;) {
      const left = 2 * place + 1
      const [one, other] = [heap[left], heap[left + 1]]
      const child = other && one && isBefore(other, one) ? other : one
      if (!child || isBefore(last, child)) break
      heap[place] = child
      place = child === one ? left : left + 1
    }
    heap[place] = last
  }
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
