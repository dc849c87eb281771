/** How far the clocks of a provider and the edge may be apart, and how old a copied delivery may be: 5 minutes, as most SDKs allow. */
const TOLERANCE_MS = 300_000
/** More secrets than that are never rotated at once. */
const MAX_SIGNATURES = 10

/** One delivery to a webhook address, as it came. `now` in ms. */
export type Delivery = { headers: Headers; body: Uint8Array<ArrayBuffer>; pathSecret: string | undefined; now: number }

/** Whether a delivery comes from whom it says, or why not. */
export type Authenticity = 'authentic' | 'signature-missing' | 'signature-stale' | 'signature-wrong'

/** A header that holds its own time, such as Stripe's `t=…,v1=…`: by what its parts are told, and what joins time and body. */
type TimedHeader = { header: string; separator: string; time: string; signature: string; joint: string }

/** HMAC-SHA256 over time and body, in hex, any one of several signatures. The secret's text itself is the key. */
export async function checkTimed(secret: string, { headers, body, now }: Delivery, scheme: TimedHeader): Promise<Authenticity> {
  const header = headers.get(scheme.header)
  if (!header) return 'signature-missing'
  const parts = header.split(scheme.separator).map((part) => part.trim().split('='))
  const named = (wanted: string) => parts.flatMap(([name, value]) => (name === wanted && value ? [value] : []))
  const [time, ...others] = new Set(named(scheme.time))
  if (!time || others.length) return 'signature-wrong'
  if (!isFresh(time, now)) return 'signature-stale'
  return verdict(await isSigned(bytesOf(secret), [time + scheme.joint, body], named(scheme.signature).map(fromHex)))
}

/** HMAC-SHA256 of the body alone, in hex. Without a time a copied delivery stays valid: deliveries must be harmless to repeat. */
export async function checkBody(secret: string, { headers, body }: Delivery, header: string): Promise<Authenticity> {
  const signature = headers.get(header)
  if (!signature) return 'signature-missing'
  return verdict(await isSigned(bytesOf(secret), [body], [fromHex(signature.replace(/^sha256=/, ''))]))
}

/**
 * Standard Webhooks (standardwebhooks.com): HMAC-SHA256 over id, time and body, in base64. By the standard the key is what
 * follows `whsec_`, decoded; Polar's secrets from before 2026-09-08, and those its sellers chose, are keys as they stand.
 */
export async function checkStandard(secret: string, { headers, body, now }: Delivery): Promise<Authenticity> {
  const [id, time, header] = ['id', 'timestamp', 'signature'].map((name) => headers.get(`webhook-${name}`))
  if (!id || !time || !header) return 'signature-missing'
  if (!isFresh(time, now)) return 'signature-stale'
  const signatures = Array.from(header.matchAll(/(?:^|[\s,])v1,([\w+/]+=*)/g), ([, text = '']) => fromBase64(text))
  const keys = [fromBase64(secret.replace(/^whsec_/, '')), bytesOf(secret)]
  const checks = keys.map((key) => isSigned(key, [`${id}.${time}.`, body], signatures))
  return verdict((await Promise.all(checks)).includes(true))
}

/** For a provider that signs nothing: whether the address it called holds the secret. */
export async function checkPath(secret: string, { pathSecret }: Delivery): Promise<Authenticity> {
  return pathSecret ? verdict(await isSame(pathSecret, secret)) : 'signature-missing'
}

/** Whether a text is a secret. Compared by their digests under a key nobody knows, so that the time it takes tells nothing. */
export async function isSame(text: string, secret: string): Promise<boolean> {
  const key = await hmacKey(crypto.getRandomValues(new Uint8Array(32)))
  const digest = await crypto.subtle.sign('HMAC', key, bytesOf(secret))
  return crypto.subtle.verify('HMAC', key, digest, bytesOf(text))
}

function verdict(signed: boolean): Authenticity {
  return signed ? 'authentic' : 'signature-wrong'
}

function isFresh(seconds: string, now: number): boolean {
  return Math.abs(now - Number(seconds) * 1000) <= TOLERANCE_MS
}

/** Whether any of the signatures is right. Web Crypto compares in constant time. */
async function isSigned(
  key: Uint8Array<ArrayBuffer>,
  message: (string | Uint8Array<ArrayBuffer>)[],
  signatures: Uint8Array<ArrayBuffer>[],
): Promise<boolean> {
  // An empty key is a valid one for HMAC: anybody could sign with it.
  if (!key.length) return false
  const [hmac, text] = await Promise.all([hmacKey(key), new Blob(message).arrayBuffer()])
  const checks = signatures.slice(0, MAX_SIGNATURES).map((signature) => crypto.subtle.verify('HMAC', hmac, signature, text))
  return (await Promise.all(checks)).includes(true)
}

function hmacKey(key: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text))
}

/** What is no signature of this kind gives nothing. */
function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const pairs = /^[\da-f]{64}$/i.test(text) ? text.match(/../g) : undefined
  return new Uint8Array((pairs ?? []).map((pair) => Number.parseInt(pair, 16)))
}

/** What is no base64 gives nothing. */
function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(Array.from(atob(text), (character) => character.charCodeAt(0)))
  } catch {
    return new Uint8Array()
  }
}
