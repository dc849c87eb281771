import type { LinkRule } from '../link.ts'
import type { Answer } from '../payment.ts'
import type { Reference } from '../reference.ts'
import type { SettingReader } from '../setting-reader.ts'
import type { Authenticity, Delivery } from '../signature.ts'
import { type Ask, INCONSISTENT } from './ask.ts'
import type { Listing } from './listing.ts'
import type { News } from './news.ts'

/** Which order a return URL names. It is parsed, never believed: it only says what to ask about. */
export type Reading =
  | { is: 'reference'; reference: Reference }
  | { is: 'invalid'; reason: 'missing' | 'repeated' | 'placeholder' | 'malformed' }

/** A payment provider. Adding one means: a file of this shape, a line in the list, fixtures, a docs page. */
export type Provider<Name extends string = string> = {
  /** As it stands in the success URL. */
  readonly name: Name
  /** As it calls itself. */
  readonly title: string
  /** The setting that holds its key. */
  readonly keySetting: string
  /** What the success URL is to end with: the provider fills it in, or adds its own. */
  readonly returnQuery: string
  /**
   * Its buyers return by clicking a button, perhaps days later: unless set otherwise, a sale without any visitor waits a
   * day for one.
   */
  readonly returnsByButton?: boolean
  /** 5. *Link*: how its payment links carry a visitor. Absent where there are none: then the page that opens the checkout does. */
  readonly link?: LinkRule
  /** 1. *Return*: finds the sale's reference in the parameters of the return URL. Pure. */
  readReturn(parameters: URLSearchParams): Reading
  /** 2. *Webhook*: what the provider tells of its own accord. */
  readonly webhook: Webhook
  /** Reads this provider's own settings; `undefined` when it is not switched on (no key). Reports mistakes by name. */
  connect(setting: SettingReader): Connection | undefined
}

/** A provider's events: triggers only, the API is asked for the truth. Both functions are pure and never throw. */
type Webhook = {
  /** The setting that holds the secret its events are signed with. */
  readonly secret: string
  /** Nothing is signed: the secret is the end of the webhook's address. */
  readonly secretInPath?: boolean
  /** Whether a delivery is the provider's own, by the provider's own rule. */
  check(secret: string, delivery: Delivery): Promise<Authenticity>
  /** Which order an authentic body speaks of. */
  read(body: string): News
}

/** A provider with its key. */
export type Connection = {
  /** 3. *Lookup*: asks the provider what this id is. Never throws for anything the provider or the network does. */
  lookup(id: string, ask: Ask, wanted: Wanted): Promise<Answer>
  /** 4. *Sweep*: what was paid, renewed, refunded since a moment. */
  readonly lists: readonly Listing[]
}

/** What an answer is used for: whatever else would cost a request, or a permission of the key, is not asked for. */
export type Wanted = {
  /** The product ids (`ONLY` is set). */
  soldAs: boolean
  /** …and which ones count, where asking for each is the only way to know. */
  only: readonly string[]
  /** The buyer's email or name (`CUSTOMER_FIELDS` has one of them). */
  person: boolean
  /** The names under which this order was handed over so far. */
  aliases: readonly Reference[]
  /** The success URL, where the provider tells it (the order is known from the provider alone). */
  scope: boolean
  /** How much of a running total was recorded before, in minor units. */
  sentMinor: number | undefined
  /** How much of it there is at least, by the provider's own event. */
  toldMinor: number | undefined
}

/**
 * Live and test keys side by side, as one connection: what the first key does not know is asked of the next.
 * `undefined`: there is no key at all.
 */
export function together(connections: readonly Connection[]): Connection | undefined {
  const [first, ...others] = connections
  if (!first || !others.length) return first
  return {
    lists: connections.flatMap(({ lists }) => lists),
    async lookup(id, ask, wanted) {
      const answer = await first.lookup(id, ask, wanted)
      const other = isElsewhere(answer) ? await together(others)?.lookup(id, ask, wanted) : undefined
      // That the other key does not know it either is no better an answer, unless the first was not even asked.
      const isBetter = other && (!isElsewhere(other) || (answer.is === 'misconfigured' && other.is === 'unknown'))
      return isBetter ? other : answer
    },
  }
}

/** An order of the other mode: unknown to this key, in one way or another. */
function isElsewhere(answer: Answer): boolean {
  if (answer.is === 'unknown') return true
  return 'reason' in answer && (answer.reason === 'wrong-mode' || answer.reason === INCONSISTENT.reason)
}
