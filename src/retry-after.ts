/**
 * How long the other side asks us to wait, in ms: `Retry-After` in seconds or as a date, else `X-RateLimit-Reset`
 * in seconds from now or since 1970. A header that cannot be read means no opinion: `undefined`.
 */
export function readRetryAfter(headers: Headers, nowMs: number): number | undefined {
  const text = headers.get('retry-after') ?? headers.get('x-ratelimit-reset')
  if (!text) return undefined
  const seconds = Number(text)
  // A number of more than thirty years is a moment, not a wait.
  const waitMs = seconds < 1e9 ? seconds * 1000 : (seconds * 1000 || Date.parse(text)) - nowMs
  return waitMs > 0 ? waitMs : undefined
}
