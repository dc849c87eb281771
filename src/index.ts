import { redrive } from './arrivals.ts'
import { wakeBooks } from './books/books.ts'
import type { Env } from './env.ts'
import { route } from './routes.ts'

export { Ledger } from './books/ledger.ts'
export { Order } from './order/object.ts'

export default {
  fetch(request, env, ctx) {
    // The last net: on a route with an origin behind it, even a crash of ours ends on the founder's own page.
    ctx.passThroughOnException()
    return route(request, env, ctx)
  },

  async scheduled({ scheduledTime }, env) {
    // Without the books at least the arrivals that had to be stored elsewhere are not left alone.
    if (!(await wakeBooks(env, scheduledTime))) await redrive(env)
  },
} satisfies ExportedHandler<Env>
