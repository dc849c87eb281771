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
  /** How many buyers were told that their payment is not verified yet. */
  pending = 0

  /** @param host - whom the requests are for: at Miniflare's entry it says which Worker is meant */
  constructor(url: URL, connections = 1, host = 'pay.example.com') {
    this.agent = new Agent({ keepAlive: true, maxSockets: connections })
    this.url = url
    this.host = host
  }

  /**
   * A buyer returns. Rejects when the answer is no redirect to the thank-you page, or tells of an outcome that is none of these.
   * @returns the time in ms until the answer was complete
   */
  visit(path: string, ...outcomes: ('paid' | 'repeat' | 'pending')[]): Promise<number> {
    // The limiter counts by address: every buyer has their own.
    const address = `10.${(++visits >> 16) & 255}.${(visits >> 8) & 255}.${visits & 255}`
    const headers = { cookie: `datafast_visitor_id=${VISITOR}`, 'cf-connecting-ip': address }
    return this.send({ path, headers }, { status: 303, location: THANK_YOU, outcomes })
  }

  /** A provider tells of something; the time in ms until that was acknowledged. */
  post(delivery: Delivery): Promise<number> {
    return this.send({ ...delivery, method: 'POST' }, { status: 200 })
  }

  /** Any request; the time in ms until its answer, of which this is expected, was complete. */
  send(
    { path, method = 'GET', headers, body }: { path: string; method?: string; headers?: Record<string, string>; body?: string },
    expected: { status: number; location?: string; outcomes?: readonly string[] },
  ): Promise<number> {
    const { hostname, port } = this.url
    const options = { hostname, port, path, method, agent: this.agent, headers: { host: this.host, ...headers } }
    const startedAt = performance.now()
    return new Promise((resolve, reject) => {
      const call = request(options, (response) => {
        response.resume().on('end', () => {
          const took = performance.now() - startedAt
          const { location, 'x-checkout-outcome': outcome } = response.headers
          const isOther = response.statusCode !== expected.status || (expected.location && expected.location !== location)
          // Only ours tells what it made of a visit.
          const isOtherOutcome = expected.outcomes?.length && outcome && !expected.outcomes.includes(String(outcome))
          if (outcome === 'pending') this.pending++
          if (isOther || isOtherOutcome)
            reject(new Error(`${method} ${path} answered ${response.statusCode} ${outcome ?? ''}, ${location}`))
          else resolve(took)
        })
      })
      call.on('error', reject).end(body)
    })
  }
}
