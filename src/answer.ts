import type { Outcome } from './outcome.ts'

const HEADERS = {
  'cache-control': 'no-store',
  // Keeps the order's id and the checkout's host away from the landing page's analytics.
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex',
  'x-content-type-options': 'nosniff',
}

/** Sends the buyer on; without a page to send them to, shows them a small one of our own. */
export function redirectTo(location: string | undefined, outcome: Outcome): Response {
  const headers = { ...HEADERS, 'x-checkout-outcome': outcome }
  if (location) return new Response(null, { status: 303, headers: { ...headers, location } })
  return new Response(builtInPage(outcome), { headers: { ...headers, 'content-type': 'text/html; charset=utf-8' } })
}

/** A plain answer for machines and for paths that are nobody's. */
export function plain(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(`${text}\n`, { status, headers: { ...HEADERS, 'content-type': 'text/plain; charset=utf-8', ...headers } })
}

/** A JSON answer. */
export function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: { ...HEADERS, 'content-type': 'application/json' } })
}

function builtInPage(outcome: Outcome): string {
  const [title, text] = wording(outcome)
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>:root{color-scheme:light dark}body{font:1.1rem/1.5 system-ui;display:grid;place-content:center;min-height:90vh;margin:1rem;text-align:center}</style>
<h1>${title}</h1><p>${text}</p></html>`
}

function wording(outcome: Outcome): [title: string, text: string] {
  switch (outcome) {
    case 'paid':
    case 'repeat':
    case 'test':
      return ['Thank you!', 'Your order is complete. You can close this page.']
    case 'not-paid':
      return ['Not paid yet', 'The payment was not completed and nothing was charged. You can go back and try again.']
    case 'pending':
    case 'unknown':
    case 'invalid':
      return ['Thank you!', 'Your payment is being confirmed. You will hear from the seller by e-mail.']
  }
}
