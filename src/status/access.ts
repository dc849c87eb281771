import { answer } from '../answer.ts'
import { isOverLimit } from '../limiter.ts'
import { isSame } from '../signature.ts'
import type { Call } from '../visit.ts'

const PATIENCE_MS = 200

/** Whether a request may see the status page. `by`: what only a script sends cannot be forged by another site's form. */
export type Access = { is: 'open'; by: 'script' | 'browser' } | { is: 'closed'; response: Response }

/**
 * Unlocks the status page with `STATUS_TOKEN`: as a Bearer token, or as the password of HTTP Basic under any name. A token in
 * the address would end up in logs and histories, so it is never read there.
 */
export async function unlock({ request, env, settings: { statusToken } }: Call): Promise<Access> {
  const closed = (status: number, text: string, headers = {}): Access => ({ is: 'closed', response: answer(status, text, headers) })
  if (!statusToken) return closed(404, 'not found: STATUS_TOKEN is not set\n')
  const [, scheme = '', credentials = ''] = /^(\w+) +(\S+)$/.exec(request.headers.get('authorization') ?? '') ?? []
  const isBasic = scheme.toLowerCase() === 'basic'
  const given = isBasic ? passwordIn(credentials) : scheme.toLowerCase() === 'bearer' ? credentials : undefined
  // Asked before the token is looked at: past the limit even the right guess opens nothing.
  if (given !== undefined && (await isOverLimit(env, request, PATIENCE_MS, 'status '))) {
    return closed(429, 'too many requests\n', { 'retry-after': '60' })
  }
  if (given !== undefined && (await isSame(given, statusToken))) return { is: 'open', by: isBasic ? 'browser' : 'script' }
  return closed(401, 'unauthorized\n', { 'www-authenticate': 'Basic realm="success-url", charset="UTF-8"' })
}

function passwordIn(credentials: string): string {
  try {
    return atob(credentials).replace(/^[^:]*:/, '')
  } catch {
    return ''
  }
}

/** Whether a browser's form came from this page itself: the browser sends the password along from everywhere. */
export function isOwnForm({ request: { headers }, here }: Call): boolean {
  const site = headers.get('sec-fetch-site') ?? 'same-origin'
  // By host: what is in front of a Worker may turn https into http.
  return URL.parse(headers.get('origin') ?? '')?.host === here.host && site === 'same-origin'
}
