import type { IncomingMessage } from 'node:http'

const HOSTS = ['api.stripe.com', 'datafa.st']

/**
 * Whom a request is for. A handler reaches Stripe and DataFast here in whatever way its own settings allow: by a path that
 * begins with their host, through this address as a proxy, by the host that its request names, or, where a base address can
 * have no path, as with Stripe's own libraries, by the paths of their APIs, which differ.
 */
export function addressedTo({ url = '/', headers }: IncomingMessage): URL {
  if (/^https?:\/\//.test(url)) return secure(new URL(url))
  const [, first = ''] = url.split('/')
  if (HOSTS.includes(first)) return new URL(`https:/${url}`)
  if (HOSTS.includes(headers.host ?? '')) return new URL(url, `https://${headers.host}`)
  if (/^\/v1\//.test(url)) return new URL(url, 'https://api.stripe.com')
  if (/^\/api\/v1\//.test(url)) return new URL(url, 'https://datafa.st')
  return new URL(url, `http://${headers.host ?? 'localhost'}`)
}

function secure(url: URL): URL {
  return new URL(url.href.replace(/^http:/, 'https:'))
}
