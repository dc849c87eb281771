import type { Order } from '../src/order/object.ts'
import type { Reference } from '../src/reference.ts'

/** A second Worker beside the real one: it looks at orders on the panel's behalf, and answers in plain JSON. */
export default {
  async fetch(request, env) {
    const references: Reference[] = await request.json()
    const states = await Promise.all(references.map((reference) => env.ORDERS.getByName(reference).look()))
    return Response.json(states.map((state) => state ?? null))
  },
} satisfies ExportedHandler<{ ORDERS: DurableObjectNamespace<Order> }>
