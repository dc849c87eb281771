import { request } from 'node:http'
import { request as secureRequest } from 'node:https'
import { Flaw } from './flaw.ts'

/** What a handler answered, and after how many ms. `location`: absolute, whatever was sent. */
export type Answer = { status: number; headers: Record<string, string | undefined>; location: string | undefined; body: string; ms: number }

export type Sent = { method?: string; headers?: Record<string, string>; body?: string }

/** Longer than any browser would show nothing without its buyer leaving. */
const PATIENCE_MS = 12_000

/** What a browser sends when the checkout has redirected it. */
const BROWSER = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8',
  'accept-language': 'en',
  'sec-fetch-dest': 'document',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-site': 'cross-site',
  referer: 'https://checkout.stripe.com/',
}

/** One request of a buyer, whose browser follows no redirect here. Rejects with a flaw when there is no answer in time. */
export function browse(address: string, { headers, ...sent }: Sent): Promise<Answer> {
  return send(address, { ...sent, headers: { ...BROWSER, ...headers } })
}

/** One request, as it is. Rejects with a flaw when there is no answer in time. */
export function send(address: string, { method = 'GET', headers, body }: Sent): Promise<Answer> {
  const startedAt = performance.now()
  const open = address.startsWith('https:') ? secureRequest : request
  return new Promise((resolve, reject) => {
    const call = open(address, { method, agent: false, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', () => reject(new Flaw('the answer broke off')))
      response.on('end', () => {
        const { location } = response.headers
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
          location: location === undefined ? undefined : (URL.parse(location, address)?.href ?? location),
          body: Buffer.concat(chunks).toString(),
          ms: performance.now() - startedAt,
        })
      })
    })
    call.setTimeout(PATIENCE_MS, () => call.destroy(new Flaw(`no answer within ${PATIENCE_MS / 1000} s`)))
    call.on('error', (error: Error & { code?: string }) => {
      reject(error instanceof Flaw ? error : new Flaw(`no answer: ${error.code ?? error.message}`))
    })
    call.end(body)
  })
}
