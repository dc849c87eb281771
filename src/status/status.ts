import * as v from 'valibot'
import { answer } from '../answer.ts'
import { booksOf } from '../books/books.ts'
import { parseJson } from '../outgoing.ts'
import type { Call } from '../visit.ts'
import { isOwnForm, unlock } from './access.ts'
import { compose } from './compose.ts'
import { renderStatus } from './page.ts'
import { STYLE } from './style.ts'

const MAX_BODY_BYTES = 4_096

/** The operator's page: what was recorded, what waits and why, and what to mend. */
export async function status(call: Call): Promise<Response> {
  const access = await unlock(call)
  if (access.is === 'closed') return access.response
  const { settings, env, here, request } = call
  const books = booksOf(env)
  if (!books) return answer(503, 'LEDGER is not bound: add it to wrangler.toml\n')
  const report = compose(settings, await books.overview(here.origin), here, Date.now())
  if (wantsJson(request)) return json(report)
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': await policy(), vary: 'Accept' }
  // The form's own origin must reach us: without a referrer policy of its own, a browser hides it.
  return answer(200, renderStatus(report, `${settings.basePath}/status/retry`), { ...headers, 'referrer-policy': 'same-origin' })
}

/** What the forms of the page send, and scripts as JSON: one order, all that wait, or the checks. */
const Wish = v.union([
  v.object({ reference: v.pipe(v.string(), v.nonEmpty()) }),
  v.object({ all: v.pipe(v.unknown(), v.check(Boolean)) }),
  v.object({ checks: v.pipe(v.unknown(), v.check(Boolean)) }),
])

/** "Try again now", for one order, for all that wait, or for the checks. */
export async function retry(call: Call): Promise<Response> {
  const access = await unlock(call)
  if (access.is === 'closed') return access.response
  const { request, env, settings } = call
  if (access.by === 'browser' && !isOwnForm(call)) return answer(403, 'this form must be sent from the status page itself\n')
  const wish = await readWish(request)
  const books = booksOf(env)
  if (!wish || !books) return answer(wish ? 503 : 400, wish ? 'LEDGER is not bound\n' : 'name a reference, all or checks\n')
  if ('checks' in wish) await books.check()
  const retried = 'checks' in wish ? 0 : await books.retry('reference' in wish ? wish.reference : undefined)
  if (access.by === 'script' || wantsJson(request)) return json({ retried })
  return answer(303, null, { location: `${settings.basePath}/status` })
}

async function readWish(request: Request): Promise<v.InferOutput<typeof Wish> | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BODY_BYTES) return undefined
  const text = (await request.text()).slice(0, MAX_BODY_BYTES)
  const parsed = v.safeParse(Wish, parseJson(text) ?? Object.fromEntries(new URLSearchParams(text)))
  return parsed.success ? parsed.output : undefined
}

function wantsJson({ headers }: Request): boolean {
  const accepted = headers.get('accept') ?? ''
  return accepted.includes('application/json') && !accepted.includes('text/html')
}

function json(body: unknown): Response {
  return answer(200, JSON.stringify(body), { 'content-type': 'application/json', vary: 'Accept' })
}

/** Nothing but its own style: whatever slipped through the escaping could neither run nor load anything. */
async function policy(): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(STYLE))
  const hash = btoa(String.fromCharCode(...new Uint8Array(digest)))
  return `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`
}
