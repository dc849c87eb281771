/** What other handlers ask Stripe, beyond what ours does and the simulated Stripe therefore knows. */
import type { Stripe } from '../../sandbox/world/stripe.ts'

type Fields = Record<string, unknown>

const LINE_ITEMS = /^(\/v1\/checkout\/sessions\/[^/]+)\/line_items$/
const OBJECT = /^\/v1\/(payment_intents|subscriptions)\/([^/]+)$/

/**
 * Answers as Stripe does, with its payment intents, subscriptions and lists of line items, and with what a session may be
 * expanded by (docs.stripe.com/api/expanding_objects): `payment_intent`, `customer`, `invoice`.
 * @param ordinary - the simulated Stripe
 */
export async function askStripe(stripe: Stripe, request: Request, ordinary: (request: Request) => Promise<Response>): Promise<Response> {
  const url = new URL(request.url)
  const [, session] = LINE_ITEMS.exec(url.pathname) ?? []
  if (session) {
    const whole = new URL(`${session}?expand[]=line_items`, url)
    const answer = await ordinary(new Request(whole, { headers: request.headers }))
    return answer.ok ? Response.json(((await answer.json()) as Fields).line_items) : answer
  }
  const [, kind, id] = OBJECT.exec(url.pathname) ?? []
  const found = kind === 'subscriptions' ? stripe.subscriptions.get(String(id)) : kind && intent(stripe, String(id))
  if (found) return Response.json(found)
  const answer = await ordinary(request)
  const expand = url.searchParams.getAll('expand[]').map((name) => name.replace(/\..*/, ''))
  return answer.ok && expand.length ? Response.json(expanded(stripe, (await answer.json()) as Fields, expand)) : answer
}

function expanded(stripe: Stripe, session: Fields, names: string[]): Fields {
  if (session.object !== 'checkout.session') return session
  const { payment_intent, customer, invoice, customer_details } = session
  const { email, name } = (customer_details ?? {}) as Fields
  return {
    ...session,
    ...(names.includes('payment_intent') && typeof payment_intent === 'string' && { payment_intent: intent(stripe, payment_intent) }),
    ...(names.includes('customer') && typeof customer === 'string' && { customer: { id: customer, object: 'customer', email, name } }),
    ...(names.includes('invoice') && typeof invoice === 'string' && { invoice: stripe.invoices.get(invoice) }),
  }
}

/** A payment intent, as far as it follows from what was paid with it. */
function intent(stripe: Stripe, id: string): Fields | undefined {
  const paid = stripe.paidWith(id)
  const isDone = [...stripe.sessions.values()].every((session) => session.payment_intent !== id || session.payment_status === 'paid')
  return (
    paid && {
      ...{ id, object: 'payment_intent', metadata: {}, latest_charge: `ch_${id.slice(3)}`, ...paid },
      ...{ status: isDone ? 'succeeded' : 'processing', amount_received: isDone ? paid.amount : 0 },
    }
  )
}
