/** How a provider's events travel: mostly at once, some twice, some late and out of order, some never. */
import { delivered, type ProviderEvent } from '../../sandbox/world/provider-event.ts'
import type { Dice } from './dice.ts'
import type { Movement } from './money.ts'
import type { Stage } from './stage.ts'
import { DAY, HOUR, MINUTE } from './trouble.ts'

/** What became of the events of one order. `answers`: how often which status came, or none. */
export type Post = { sent: number; duplicated: number; lost: number; answers: Map<number | 'none', number> }

/** How quick webhooks are: of a hundred so many. */
const QUICKNESS = { usual: 75, late: 15, days: 10 }
/** The longest that one takes at its first try, in ms. */
export const LONGEST_DELAY = 2 * DAY
/** The share of webhooks that are late, from 0 to 1. */
export const LATE = (QUICKNESS.late + QUICKNESS.days) / (QUICKNESS.usual + QUICKNESS.late + QUICKNESS.days)

type Sender = { dice: Dice; stage: Stage; note: (text: string) => void }

/** Providers try again for so long, each by its own plan; some never do. */
const RETRIES = [30_000, 5 * MINUTE, HOUR, 6 * HOUR, DAY]

/** @param movement - what these tell of; counts which of them arrive */
export function announce(events: readonly ProviderEvent[], post: Post, sender: Sender, movement?: Movement): void {
  const { dice, stage } = sender
  // Whoever has an endpoint switched off loses all of them.
  const isSilent = dice.chance(0.06)
  for (const event of events) {
    post.sent += 1
    if (isSilent || dice.chance(0.03)) {
      post.lost += 1
      sender.note(`${event.name} is lost`)
      continue
    }
    stage.in(delay(dice), () => send(event, post, sender, movement))
    if (!dice.chance(0.12)) continue
    post.duplicated += 1
    stage.in(delay(dice) + dice.skewed(0, 2 * DAY), () => send(event, post, sender, movement))
  }
}

function delay(dice: Dice): number {
  switch (dice.weighed(QUICKNESS)) {
    case 'usual':
      return dice.between(200, 6_000)
    case 'late':
      return dice.between(10_000, 2 * HOUR)
    case 'days':
      return dice.between(2 * HOUR, LONGEST_DELAY)
  }
}

async function send(event: ProviderEvent, post: Post, sender: Sender, movement: Movement | undefined, tries = 0): Promise<void> {
  const { stage, dice, note } = sender
  const status = await stage.deliver(delivered(event, new Date(stage.now())))
  post.answers.set(status ?? 'none', (post.answers.get(status ?? 'none') ?? 0) + 1)
  note(`${event.name} is answered with ${status ?? 'nothing'}`)
  if (status === 200) {
    movement?.acknowledged.push(event.name)
    return
  }
  const wait = RETRIES[tries]
  if (wait !== undefined && dice.chance(0.85)) stage.in(wait, () => send(event, post, sender, movement, tries + 1))
}
