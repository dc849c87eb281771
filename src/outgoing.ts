import { readRetryAfter } from './retry-after.ts'
import { version } from './version.ts'

/** An answer with its body read. Status 0: none arrived, for this `reason`. */
export type Exchange = { status: number; reason: string; text: string; retryAfterMs?: number }

/**
 * Sends one request and reads the whole answer. The deadline covers headers and body, so a slow drip ends too.
 * Redirects are not followed: a 3xx can then neither turn a POST into a GET nor carry a key elsewhere.
 * Never throws: a refused connection, a reset or a time-out is an answer of its own.
 *
 * @param timeoutMs - until the last byte
 * @param body - what to post; without it the request is a GET
 */
export async function exchange(url: string, headers: Record<string, string>, timeoutMs: number, body?: string): Promise<Exchange> {
  try {
    const response = await fetch(url, {
      method: body ? 'POST' : 'GET',
      // Some API firewalls refuse requests without a product name, and Workers send none by themselves.
      headers: { accept: 'application/json', 'user-agent': `success-url/${version}`, ...headers },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const { status } = response
    const retryAfterMs = readRetryAfter(response.headers, Date.now())
    return { status, reason: `http-${status}`, text: await response.text(), retryAfterMs }
  } catch (error) {
    return { status: 0, reason: (error as Error).name === 'TimeoutError' ? 'timeout' : 'network', text: '' }
  }
}

/** Parses JSON that may be anything at all; `undefined` when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
