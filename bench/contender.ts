import { Agent, request } from 'node:http'
import { convertV4MiniflareOptions, Miniflare, type V4MiniflareOptions } from 'miniflare'
import { ownRequest } from '../sandbox/world/foreign-request.ts'
import type { Delivery } from '../sandbox/world/provider-event.ts'
import { SECRETS } from '../sandbox/world/secrets.ts'
import type { World } from '../sandbox/world/world.ts'

const VISITOR = '6f1c2a34-9b7d-4e21-8c55-d0e1f2a3b4c5'

const agent = new Agent({ keepAlive: true, maxSockets: 1 })

/** A Worker in the local runtime, with the simulated internet around it. */
export type Contender = { name: string; url: URL; stop: () => Promise<void> }

export async function start(name: string, script: string, world: World): Promise<Contender> {
  const options = {
    modules: true,
    script,
    compatibilityDate: '2026-10-01',
    kvNamespaces: ['RECORDED'],
    durableObjects: script.includes('Order') ? { ORDERS: { className: 'Order', useSQLite: true } } : {},
    bindings: { ...SECRETS, THANK_YOU_URL: 'https://shop.example.com/thank-you', PUBLIC_URL: 'https://pay.example.com' },
    outboundService: async (outgoing: Request) => world.handle(await ownRequest(outgoing)),
    handleStructuredLogs: () => {},
    cf: false,
  } as unknown as V4MiniflareOptions
  const miniflare = new Miniflare(convertV4MiniflareOptions(options))
  return { name, url: await miniflare.ready, stop: () => miniflare.dispose() }
}

/** One visit over a warm connection; the time in ms until the answer is complete. */
export function visit(contender: Contender, path: string): Promise<number> {
  return send(contender, path, 'GET', 303, { cookie: `datafast_visitor_id=${VISITOR}` })
}

/** One webhook over a warm connection; the time in ms until it is acknowledged. */
export function post(contender: Contender, { path, headers, body }: Delivery): Promise<number> {
  return send(contender, path, 'POST', 200, headers, body)
}

function send({ url }: Contender, path: string, method: string, expected: number, headers: Record<string, string>, body?: string) {
  const startedAt = performance.now()
  return new Promise<number>((resolve, reject) => {
    const call = request(url.origin + path, { method, agent, headers }, (response) => {
      response.resume().on('end', () => {
        if (response.statusCode === expected) resolve(performance.now() - startedAt)
        else reject(new Error(`${url}${path} answered ${response.statusCode}`))
      })
    })
    call.on('error', reject).end(body)
  })
}

export function median(times: number[] = []): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN
}
