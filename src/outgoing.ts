import { version } from '../package.json'

/** Some API firewalls refuse requests without a product name, and Workers send none by themselves. */
export const USER_AGENT = `success-url/${version}`

/** An answer with its body read, or what kept it from arriving. */
export type Exchange = { is: 'answered'; status: number; headers: Headers; text: string } | { is: 'failed'; reason: 'timeout' | 'network' }

/**
 * Sends one request and reads the whole answer. The deadline covers headers and body, so a slow drip ends too.
 * Redirects are not followed: a 3xx can then neither turn a POST into a GET nor carry a key elsewhere.
 * Never throws: a refused connection, a reset or a time-out is an answer of its own.
 *
 * @param timeoutMs - until the last byte
 */
export async function exchange(url: string, init: RequestInit, timeoutMs: number): Promise<Exchange> {
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) })
    return { is: 'answered', status: response.status, headers: response.headers, text: await response.text() }
  } catch (error) {
    return { is: 'failed', reason: error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : 'network' }
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
