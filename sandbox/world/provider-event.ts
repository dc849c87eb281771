import { createHmac } from 'node:crypto'
import type { ProviderName } from '../../src/providers/index.ts'

/** What a provider tells of its own accord: the body stays the same bytes at every delivery. */
export type ProviderEvent = {
  provider: ProviderName
  /** As the provider calls it, such as `checkout.session.completed`. */
  name: string
  /** The event's own id, the same at every delivery. */
  id: string
  body: string
}

/** One delivery: what a webhook endpoint receives. */
export type Delivery = { path: string; headers: Record<string, string>; body: string }

/** The secrets that the simulated providers sign with. None opens anything. */
export const WEBHOOK_SECRETS = {
  STRIPE_WEBHOOK_SECRET: 'whsec_sandboxonlysecret',
  DODO_PAYMENTS_WEBHOOK_KEY: 'whsec_c2FuZGJveC1vbmx5LXNlY3JldC1vZi1kb2Rv',
  CREEM_WEBHOOK_SECRET: 'whsec_sandboxsecretofcreem',
  POLAR_WEBHOOK_SECRET: 'polar_whs_sandboxonlysecret',
  LEMONSQUEEZY_WEBHOOK_SECRET: 'sandbox-signing-secret',
  PADDLE_WEBHOOK_SECRET: 'pdl_ntfset_01sandboxsecretofpaddle0000_onlyForTheSandbox',
  GUMROAD_PING_SECRET: 'sandbox-only-ping-secret',
}

/**
 * Signs an event as its provider does. Written from the providers' documents, and not with the Worker's own code.
 * @param at - when it is delivered
 */
export function delivered({ provider, name, id, body }: ProviderEvent, at = new Date(), secrets = WEBHOOK_SECRETS): Delivery {
  const seconds = Math.floor(at.getTime() / 1000)
  const path = `/checkout/webhook/${provider}`
  const json = { 'content-type': 'application/json' }
  switch (provider) {
    case 'stripe': {
      const signature = hmac(secrets.STRIPE_WEBHOOK_SECRET, `${seconds}.${body}`, 'hex')
      return { path, body, headers: { ...json, 'stripe-signature': `t=${seconds},v1=${signature}` } }
    }
    case 'dodo': {
      const key = Buffer.from(secrets.DODO_PAYMENTS_WEBHOOK_KEY.replace(/^whsec_/, ''), 'base64')
      return { path, body, headers: { ...json, ...standardHeaders(key, id, seconds, body) } }
    }
    // A secret from before September 2026: its text itself is the key.
    case 'polar':
      return { path, body, headers: { ...json, ...standardHeaders(secrets.POLAR_WEBHOOK_SECRET, id, seconds, body) } }
    case 'creem':
      return { path, body, headers: { ...json, 'creem-signature': hmac(secrets.CREEM_WEBHOOK_SECRET, body, 'hex') } }
    case 'lemonsqueezy':
      return {
        path,
        body,
        headers: { ...json, 'x-event-name': name, 'x-signature': hmac(secrets.LEMONSQUEEZY_WEBHOOK_SECRET, body, 'hex') },
      }
    case 'paddle': {
      const signature = hmac(secrets.PADDLE_WEBHOOK_SECRET, `${seconds}:${body}`, 'hex')
      return { path, body, headers: { ...json, 'paddle-signature': `ts=${seconds};h1=${signature}` } }
    }
    case 'gumroad':
      return { path: `${path}/${secrets.GUMROAD_PING_SECRET}`, body, headers: { 'content-type': 'application/x-www-form-urlencoded' } }
  }
}

function hmac(key: string | Buffer, text: string, encoding: 'hex' | 'base64'): string {
  return createHmac('sha256', key).update(text).digest(encoding)
}

/** Standardwebhooks.com: id, time and signature in headers of their own. */
function standardHeaders(key: string | Buffer, id: string, seconds: number, body: string): Record<string, string> {
  const signature = `v1,${hmac(key, `${id}.${seconds}.${body}`, 'base64')}`
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': signature }
}
