import { type Outcome, pageFor } from './outcome.ts'

const HEADERS = {
  'cache-control': 'no-store',
  // Keeps the order's id and the checkout's host away from the landing page's analytics.
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex',
  'x-content-type-options': 'nosniff',
}

/** An answer that is kept nowhere; a text without a content type is plain. */
export function answer(status: number, body: string | null, headers: Record<string, string> = {}): Response {
  return new Response(body, { status, headers: { ...HEADERS, ...headers } })
}

/** Sends the buyer on; without a page to send them to, shows them a small one of our own. */
export function redirectTo(location: string | undefined, outcome: Outcome): Response {
  const headers = { 'x-checkout-outcome': outcome }
  if (location) return answer(303, null, { ...headers, location })
  return answer(200, builtInPage(outcome), { ...headers, 'content-type': 'text/html; charset=utf-8' })
}

function builtInPage(outcome: Outcome): string {
  const [title, text] = WORDING[pageFor[outcome]]
  const style = 'color-scheme:light dark;font:1.1rem/1.5 system-ui;text-align:center;margin:30vh 1rem'
  return `<!doctype html><html lang="en" style="${style}"><meta name="viewport" content="width=device-width"><title>${title}</title>
<h1>${title}</h1>${text}</html>`
}

const WORDING = {
  THANK_YOU_URL: ['Thank you!', 'Your order is complete. You can close this page.'],
  PENDING_URL: ['Thank you!', 'If you have just paid, your payment is being confirmed. You can close this page.'],
  NOT_PAID_URL: ['Not paid yet', 'The payment was not completed, nothing was charged. You can go back and try again.'],
} as const
