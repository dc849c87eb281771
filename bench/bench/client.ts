import { Agent, request } from 'node:http'
import type { Delivery } from '../../sandbox/world/provider-event.ts'
import { THANK_YOU } from './runtime.ts'

export const VISITOR = '6f1c2a34-9b7d-4e21-8c55-d0e1f2a3b4c5'

let visits = 0

/** Whoever sends requests to one address, over so many connections that stay open. */
export class Client {
  private readonly agent: Agent
  private readonly url: URL
  private readonly host: string

  /** @param host - as the `Host` header has it: through the common entry, it says which Worker is meant */
  constructor(url: URL, connections = 1, host = 'pay.example.com') {
    this.agent = new Agent({ keepAlive: true, maxSockets: connections })
    this.url = url
    this.host = host
  }

  /** A buyer returns; the time in ms until the redirect is complete. Rejects when it leads anywhere but to the thank-you page. */
  visit(path: string): Promise<number> {
    // The limiter counts by address: every buyer has their own.
    const address = `10.${(++visits >> 16) & 255}.${(visits >> 8) & 255}.${visits & 255}`
    return this.send(path, 'GET', 303, { cookie: `datafast_visitor_id=${VISITOR}`, 'cf-connecting-ip': address })
  }

  /** A provider's event; the time in ms until it is acknowledged. */
  post({ path, headers, body }: Delivery): Promise<number> {
    return this.send(path, 'POST', 200, headers, body)
  }

  /** Anything else; the time in ms until the answer is complete. */
  send(path: string, method: string, expected: number, headers: Record<string, string> = {}, body?: string): Promise<number> {
    const { hostname, port } = this.url
    const startedAt = performance.now()
    return new Promise<number>((resolve, reject) => {
      const options = { hostname, port, path, method, agent: this.agent, headers: { host: this.host, ...headers } }
      const call = request(options, (response) => {
        response.resume().on('end', () => {
          const took = performance.now() - startedAt
          const { location } = response.headers
          if (response.statusCode !== expected) reject(new Error(`${method} ${path} answered ${response.statusCode}`))
          else if (expected === 303 && location !== THANK_YOU) reject(new Error(`${path} led to ${location}`))
          else resolve(took)
        })
      })
      call.on('error', reject).end(body)
    })
  }

  close(): void {
    this.agent.destroy()
  }
}
