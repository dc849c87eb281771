import { Hono } from 'hono'
import { getCookie } from 'hono/cookie'
import Stripe from 'stripe'
import type { Env } from './env.ts'

/** The same with a framework and the provider's own SDK, as both of their documentations show it. */
const app = new Hono<{ Bindings: Env }>()

app.get('/checkout/success/stripe', async (context) => {
  const { RECORDED, STRIPE_SECRET_KEY, DATAFAST_API_KEY, THANK_YOU_URL } = context.env
  const id = context.req.query('session_id')
  if (!id || (await RECORDED.get(id))) return context.redirect(THANK_YOU_URL, 303)

  const stripe = new Stripe(STRIPE_SECRET_KEY, { httpClient: Stripe.createFetchHttpClient() })
  const session = await stripe.checkout.sessions.retrieve(id)
  if (session.payment_status === 'paid') {
    await fetch('https://datafa.st/api/v1/payments', {
      method: 'POST',
      headers: { authorization: `Bearer ${DATAFAST_API_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        amount: (session.amount_total ?? 0) / 100,
        currency: session.currency?.toUpperCase(),
        transaction_id: session.payment_intent,
        datafast_visitor_id: getCookie(context, 'datafast_visitor_id'),
      }),
    })
    await RECORDED.put(id, 'done')
  }
  return context.redirect(THANK_YOU_URL, 303)
})

export default app
