/** Where the month takes place: on the simulated clock, or, for a sample of it, in the real runtime. */
import type { Delivery } from '../../sandbox/world/provider-event.ts'
import type { World } from '../../sandbox/world/world.ts'

/** What a buyer's browser sees. `cookie`: the visitor that it sent. */
export type Seen = { status: number; location: string; outcome: string; ms: number; cookie: string | undefined }

export type Stage = {
  readonly world: World
  /** Days are seconds here: what can be told apart by days alone does not happen. */
  readonly isPressed: boolean
  /** In ms since 1970. */
  now(): number
  /** Something happens later; `ms` is how long it takes in life. */
  in(ms: number, act: () => void): void
  /** A buyer at the success URL. `undefined`: no answer came. */
  visit(path: string, cookie: string | undefined): Promise<Seen | undefined>
  /** A provider at the webhook address. @returns the status; `undefined`: no answer came */
  deliver(delivery: Delivery): Promise<number | undefined>
  /** Whether anything new still happens, so that the end is not reached in the middle of something. */
  isOpen(): boolean
  /**
   * Whether the Worker is known to have stored a visitor, or an order by its reference: whatever it answered, only then can it
   * be held to that.
   */
  hasStored(text: string): boolean
}
