import type { Ledger } from './books/ledger.ts'
import type { Order } from './order/object.ts'

/**
 * The Worker's bindings. Each may be missing in a broken set-up, and the buyer is redirected all the same.
 * Variables and secrets are read by name in settings.ts, where they are validated.
 */
export interface Env {
  readonly RECORDED?: KVNamespace
  readonly ORDERS?: DurableObjectNamespace<Order>
  readonly LEDGER?: DurableObjectNamespace<Ledger>
  readonly LIMITER?: RateLimit
  readonly [setting: string]: unknown
}
