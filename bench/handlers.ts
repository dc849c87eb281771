/** What our Worker is measured against, as sources that run as they are. */

/** The physical limit: a Worker that only redirects. */
export const ONLY_REDIRECTS = `export default { fetch: () => new Response(null, { status: 303, headers: { location: 'https://shop.example.com/thank-you' } }) }`

/** The handler most people write: verify, post, remember, all awaited, then redirect. */
export const STRAIGHTFORWARD = `export default {
  async fetch(request, env) {
    const id = new URL(request.url).searchParams.get('session_id')
    const redirect = new Response(null, { status: 303, headers: { location: 'https://shop.example.com/thank-you' } })
    if (await env.RECORDED.get(id)) return redirect
    const answer = await fetch('https://api.stripe.com/v1/checkout/sessions/' + id, { headers: { authorization: 'Bearer ' + env.STRIPE_SECRET_KEY } })
    const session = await answer.json()
    if (session.payment_status === 'paid') {
      const visitor = /datafast_visitor_id=([^;]+)/.exec(request.headers.get('cookie') ?? '')?.[1]
      await fetch('https://datafa.st/api/v1/payments', {
        method: 'POST',
        headers: { authorization: 'Bearer ' + env.DATAFAST_API_KEY, 'content-type': 'application/json' },
        body: JSON.stringify({ amount: session.amount_total / 100, currency: session.currency.toUpperCase(), transaction_id: session.payment_intent, datafast_visitor_id: visitor }),
      })
      await env.RECORDED.put(id, 'done')
    }
    return redirect
  },
}`
