/** What is made to go wrong: where, for whom, how and how often. Shared by the runtime and by whoever plays the network. */

/** A call of the Worker's own, by who makes it and what it is: `door:orders.arrive`, `order:memory.put`. */
export type Place = `${Caller}:${string}`

/** `door`: a visit, a webhook, the cron run. */
export type Caller = 'door' | 'order' | 'books'

/** What happens to a call inside the Worker. */
export type Mishap =
  /** Fails, and nothing was done. */
  | 'throws'
  /** Nothing was done, and no answer ever comes. */
  | 'hangs'
  /** Done late. */
  | 'late'
  /** Not asked at all: what comes back makes no sense. */
  | 'nonsense'
  /** Not asked at all: the answer is no. */
  | 'refuses'
  /** Done, and then it fails. */
  | 'done-throws'
  /** Done, and no answer ever comes. */
  | 'done-hangs'

/** What happens to a request to a provider or to DataFast. Those that begin with `done` are processed first. */
export type Weather =
  | 'http-500'
  | 'http-429'
  | 'http-401'
  | 'reset'
  | 'hangs'
  | 'html'
  | 'half'
  | 'other-json'
  /** The whole answer, a few bytes a second. */
  | 'drip'
  /** Half of the answer, and then the connection breaks. */
  | 'breaks'
  | 'done-html'
  | 'done-half'
  | 'done-reset'
  | 'done-hangs'
  | 'done-502'

/**
 * Strikes calls whose text (the order that calls, what it calls and with what; an address and its body) contains `mark`.
 * `after`: how many are spared first. `name`: by which a hit is told.
 */
type Aim = { name: string; mark: string; times: number; after?: number }

export type Strike = Aim & ({ at: Place; how: Mishap; lateMs?: number } | { at: 'network'; how: Weather })

/** Takes the strike that hits a call out of those that are still to come. */
export function takeStrike<Kind extends Strike['at']>(
  strikes: Strike[],
  at: Kind,
  text: string,
): Extract<Strike, { at: Kind extends 'network' ? 'network' : Place }> | undefined {
  const aimed = strikes.find((strike) => strike.at === at && strike.times > 0 && text.includes(strike.mark))
  if (!aimed) return undefined
  if (aimed.after) {
    aimed.after -= 1
    return undefined
  }
  aimed.times -= 1
  return aimed as Extract<Strike, { at: Kind extends 'network' ? 'network' : Place }>
}
