/** What a buyer does after paying: most come back, some twice, some with another device, some without a cookie, some never. */
import type { Dice } from './dice.ts'
import type { Order } from './order.ts'
import type { Seen, Stage } from './stage.ts'
import type { Terms } from './terms.ts'
import { DAY, HOUR, MINUTE } from './trouble.ts'

/** A visitor, and whether DataFast has seen them: `late` some minutes after the sale. */
type Visitor = { id: string; seen: 'yes' | 'late' | 'never' }

export type Buyer = {
  /** Everybody who may be taken for the buyer: the link's visitor, those of the cookies. */
  readonly visitors: Visitor[]
  /** What the success URL answered. */
  readonly visits: Seen[]
  /** When each visitor first came back with their cookie, whether or not they got an answer, in ms. */
  readonly cameAt: Map<string, number>
  /** How often it did not answer at all. */
  unanswered: number
  comeBack(order: Order): void
}

/** A browser that gets no answer is told to load again, a few times. */
const RELOADS = 4

export function buyerOf(dice: Dice, { provider, fate, carried }: Terms, stage: Stage): Buyer {
  const isButton = provider === 'gumroad' || provider === 'lemonsqueezy'
  const visitors: Visitor[] = []
  const visits: Seen[] = []
  const cameAt = new Map<string, number>()

  /** DataFast gets to know most visitors before they pay. */
  const known = (id: string): string => {
    const seen = dice.weighed({ yes: 95, late: 2, never: 3 })
    visitors.push({ id, seen })
    const { unseenVisitors } = stage.world.dataFast
    if (seen !== 'yes') unseenVisitors.add(id)
    if (seen === 'late') stage.in(3 * MINUTE, () => unseenVisitors.delete(id))
    return id
  }
  const own = carried ? known(carried) : undefined

  /** What the browser's cookie says. */
  const cookie = (): string | undefined => {
    if (dice.chance(0.15)) return undefined
    const isElsewhere = !own || dice.chance(0.12)
    return isElsewhere ? (visitors.find(({ id }) => id !== own)?.id ?? known(dice.uuid())) : own
  }

  const firstReturn = () => {
    if (isButton) return dice.skewed(20_000, 3 * DAY)
    return dice.chance(0.95) ? dice.skewed(500, 2 * MINUTE) : dice.between(HOUR, 3 * DAY)
  }

  return {
    visitors,
    visits,
    cameAt,
    unanswered: 0,
    comeBack(order) {
      if (!dice.chance(fate === 'unpaid' ? 0.6 : isButton ? 0.55 : 0.8)) return
      const visit = async (value: string | undefined, reloads = 0): Promise<void> => {
        if (value) cameAt.set(value, cameAt.get(value) ?? stage.now())
        const seen = await stage.visit(order.path, value)
        order.note(`the buyer comes back with ${value ?? 'no cookie'}: ${seen?.outcome ?? 'no answer'}`)
        if (seen) {
          visits.push(seen)
          return
        }
        this.unanswered += 1
        if (reloads < RELOADS) stage.in(3_000, () => void visit(value, reloads + 1))
      }
      const first = cookie()
      const after = firstReturn()
      stage.in(after, () => void visit(first))
      if (!dice.chance(0.3)) return
      const again = dice.chance(0.7) ? first : cookie()
      stage.in(after + (dice.chance(0.6) ? dice.skewed(200, MINUTE) : dice.skewed(HOUR, 3 * DAY)), () => void visit(again))
    },
  }
}
