/** A handler that is tried, as its owner describes it: by addresses. */
export type Handler = {
  name: string
  /** As somebody pastes it into a payment link, with `{CHECKOUT_SESSION_ID}` in it. */
  successUrl: string
  webhook?: { url: string; secret: string }
  /** Ends it without warning, and starts it anew. Absent: it cannot be tried with crashes. */
  restart?: () => Promise<void>
}

const PLACEHOLDER = '{CHECKOUT_SESSION_ID}'

/** The success URL with Stripe's placeholder, which is added where nothing of the kind is in it. */
export function withPlaceholder(url: string): string {
  const readable = url.replaceAll(/%7B(\w+)%7D/gi, '{$1}')
  if (readable.includes(PLACEHOLDER)) return readable
  return `${readable}${readable.includes('?') ? '&' : '?'}session_id=${PLACEHOLDER}`
}

/**
 * Where a buyer comes back to.
 * @param id - as it stands in an address: whatever is special there is percent-encoded already
 */
export function returnAddress({ successUrl }: Handler, id: string): string {
  return successUrl.replaceAll(PLACEHOLDER, () => id)
}
