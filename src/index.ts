import { redrive } from './arrivals.ts'
import type { Env } from './env.ts'
import { route } from './routes.ts'

export { Order } from './order/object.ts'

export default {
  fetch(request, env, ctx) {
    // The last net: on a route with an origin behind it, even a crash of ours ends on the founder's own page.
    ctx.passThroughOnException()
    return route(request, env, ctx)
  },

  scheduled(_controller, env) {
    return redrive(env)
  },
} satisfies ExportedHandler<Env>
