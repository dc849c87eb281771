import type { ProviderName } from '../src/providers/index.ts'
import type { Switches } from './switches.ts'

/** Something that happened in the sandbox. `ms` and the answer are missing while it is under way. */
export type Happening = { id: number; at: number } & (
  | {
      is: 'visit'
      path: string
      on: Switches['returnsOn']
      withCookie: boolean
      ms?: number
      status?: number
      outcome?: string | undefined
      location?: string | undefined
    }
  | { is: 'call'; service: string; method: string; path: string; body: unknown; ms?: number; status?: number | 'reset' }
  /** A provider's webhook. `received`: how many orders the Worker took from it. */
  | { is: 'delivery'; provider: ProviderName; event: string; ms?: number; status?: number | 'lost'; received?: number }
  /** In the world outside: a buyer pays, a bank, a switch. */
  | { is: 'event'; text: string }
)
export type Visit = Extract<Happening, { is: 'visit' }>
export type OutgoingCall = Extract<Happening, { is: 'call' }>
export type Webhook = Extract<Happening, { is: 'delivery' }>

/** As many as anyone will scroll through. */
const KEPT = 200

let lastId = 0

/** What the visitor's journey caused, in the order in which it began. */
export class Timeline {
  readonly happenings: Happening[] = []

  tell(text: string): void {
    this.add({ id: ++lastId, at: Date.now(), is: 'event', text })
  }

  /** A visit that begins: the caller fills in how it ended. */
  visit(path: string, on: Visit['on'], withCookie: boolean): Visit {
    return this.add({ id: ++lastId, at: Date.now(), is: 'visit', path, on, withCookie })
  }

  /** A call that begins: the caller fills in how it ended. */
  call(service: string, method: string, path: string, body: unknown): OutgoingCall {
    return this.add({ id: ++lastId, at: Date.now(), is: 'call', service, method, path, body })
  }

  /** A webhook on its way: the caller fills in how it was received. */
  delivery(provider: ProviderName, event: string): Webhook {
    return this.add({ id: ++lastId, at: Date.now(), is: 'delivery', provider, event })
  }

  private add<Kind extends Happening>(happening: Kind): Kind {
    this.happenings.push(happening)
    if (this.happenings.length > KEPT) this.happenings.shift()
    return happening
  }
}
