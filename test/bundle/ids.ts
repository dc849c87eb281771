let counter = 0

/** A visitor nobody has seen before. */
export function uniqueVisitor(): string {
  return crypto.randomUUID()
}

/** An id nobody used before, of the shape Stripe gives its live sessions. */
export function sessionId(mode: 'live' | 'test' = 'live'): string {
  return `cs_${mode}_a1${uniqueText(16)}`
}

/** An id nobody used before, of the shape Dodo gives payments and subscriptions. */
export function dodoId(kind: 'pay' | 'sub' = 'pay'): string {
  return `${kind}_${uniqueText(16)}`
}

/** An id nobody used before, of the shape Creem gives checkouts. */
export function creemId(): string {
  return `ch_${uniqueText(22)}`
}

/** An id nobody used before, of the shape Polar gives everything. */
export function polarId(): string {
  return crypto.randomUUID()
}

/** A number nobody used before, as Lemon Squeezy counts orders and invoices. */
export function lemonSqueezyId(): string {
  return String(5_000_000 + ++counter)
}

/** An id nobody used before, of the shape Gumroad gives sales. */
export function gumroadId(): string {
  return `${uniqueText(20)}-_==`
}

/** An id nobody used before, of the shape Paddle gives transactions. */
export function paddleId(): string {
  return `txn_01${uniqueText(24)}`
}

/** So many of [a-z0-9]. */
function uniqueText(length: number): string {
  const random = Array.from({ length }, () => Math.floor(Math.random() * 36).toString(36)).join('')
  return (String(++counter).padStart(6, '0') + random).slice(0, length)
}
