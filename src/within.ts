/**
 * Waits for a promise no longer than `ms`, then goes on with `otherwise`; the promise itself goes on too, and its late
 * failure is nobody's business any more. A failure in time is passed on.
 */
export async function within<Value, Other>(promise: Promise<Value>, ms: number, otherwise: Other): Promise<Value | Other> {
  const { promise: late, resolve } = Promise.withResolvers<Other>()
  const timer = setTimeout(() => resolve(otherwise), Math.max(0, ms))
  promise.catch(() => {})
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
