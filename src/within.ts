/**
 * Waits for a promise no longer than `ms`. Late or failed, the answer is `otherwise`; a late promise itself goes on, and
 * its failure is nobody's business any more.
 */
export async function within<Value, Other>(promise: Promise<Value>, ms: number, otherwise: Other): Promise<Value | Other> {
  const { promise: late, resolve } = Promise.withResolvers<Other>()
  const timer = setTimeout(resolve, ms, otherwise)
  const value = await Promise.race([promise.catch(() => otherwise), late])
  // A timer left running would keep an order's object awake, which costs the founder money.
  clearTimeout(timer)
  return value
}
