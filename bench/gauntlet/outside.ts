/** The world around a handler that is tried: Stripe and DataFast on a loopback address, with troubles for single orders. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { LedgerEntry } from '../../sandbox/world/datafast.ts'
import { World } from '../../sandbox/world/world.ts'
import { asDocumented, withUsualKey } from './leniency.ts'
import { askStripe } from './more-of-stripe.ts'
import { addressedTo } from './whose-request.ts'

export type ServiceName = 'stripe' | 'datafast'

/** What goes wrong with requests about one order. */
export type Trouble =
  /** Answers with this instead. */
  | { is: 'answer'; status: number; body?: string; headers?: Record<string, string> }
  /** Answers like always, so many ms later. */
  | { is: 'slow'; ms: number }
  /** Never answers, and does nothing. */
  | { is: 'silent' }
  /** Does what it is asked, and never says so. */
  | { is: 'silent-after' }
  /** Does what it is asked, and the connection breaks before the answer. */
  | { is: 'breaks-after' }

/** One request of the handler. `at`: when it came, in ms since 1970. `status`: 0 where none was answered. */
export type Call = { service: ServiceName | 'elsewhere'; method: string; url: URL; body: string; at: number; status: number }

type Set = { service: ServiceName; about: string; trouble: Trouble }

/** Plays the outside world until it is stopped, and remembers who asked what. */
export class Outside {
  readonly world = new World()
  readonly calls: Call[] = []
  private readonly troubles: Set[] = []
  private readonly server: Server = createServer((incoming, outgoing) => {
    this.serve(incoming, outgoing).catch(() => outgoing.destroy())
  })

  /** Rejects when the port is taken. `0`: any free one. @returns the port */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject)
      this.server.listen(port, '127.0.0.1', resolve)
    })
    return (this.server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }

  /**
   * From now on every request of that kind goes wrong.
   * @param about - a text that each of them holds, in its address or its body
   * @returns what ends the trouble: whoever is kept waiting stays so
   */
  begin(service: ServiceName, about: string, trouble: Trouble): () => void {
    const set = { service, about, trouble }
    this.troubles.push(set)
    return () => void this.troubles.splice(this.troubles.indexOf(set), 1)
  }

  callsAbout(text: string, service?: Call['service']): Call[] {
    return this.calls.filter((call) => (!service || call.service === service) && (call.url.href + call.body).includes(text))
  }

  /** What DataFast holds about any of these: ids of the order, or its visitor. */
  recordsAbout(texts: readonly string[]): LedgerEntry[] {
    return [...this.world.dataFast.ledger.values()].filter((entry) => {
      const told = JSON.stringify(entry)
      return texts.some((text) => told.includes(text))
    })
  }

  private async serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const url = addressedTo(incoming)
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    const method = incoming.method ?? 'GET'
    const service = url.host === 'api.stripe.com' ? 'stripe' : url.host === 'datafa.st' ? 'datafast' : 'elsewhere'
    const call: Call = { service, method, url, body, at: Date.now(), status: 0 }
    this.calls.push(call)
    const response = await this.answer(call, incoming)
    if (response === 'breaks') return void outgoing.destroy()
    if (response === 'silent') return
    call.status = response.status
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    outgoing.end(await response.text())
  }

  private async answer({ service, method, url, body }: Call, incoming: IncomingMessage): Promise<Response | 'breaks' | 'silent'> {
    if (service === 'elsewhere') return new Response(`Nothing is simulated at ${url.host}.\n`, { status: 404 })
    const { trouble } = this.troubles.find((set) => set.service === service && (url.href + body).includes(set.about)) ?? {}
    if (trouble?.is === 'silent') return 'silent'
    if (trouble?.is === 'answer') return new Response(trouble.body ?? '{}', { status: trouble.status, headers: answerHeaders(trouble) })
    if (trouble?.is === 'slow') await new Promise((resolve) => setTimeout(resolve, trouble.ms))
    const response = await this.ordinary(service, method, url, body, incoming)
    if (trouble?.is === 'silent-after') return 'silent'
    return trouble?.is === 'breaks-after' ? 'breaks' : response
  }

  private ordinary(service: ServiceName, method: string, url: URL, body: string, incoming: IncomingMessage): Promise<Response> {
    const headers = { authorization: withUsualKey(service, incoming.headers.authorization ?? '') }
    if (service === 'stripe') return askStripe(this.world.stripe, new Request(url, { headers }), (request) => this.world.handle(request))
    const documented = method === 'POST' ? asDocumented(body) : { is: 'fit' as const, body: undefined }
    if (documented.is === 'unfit') return Promise.resolve(Response.json(documented.answer, { status: 400 }))
    return this.world.handle(new Request(url, { method, headers, body: documented.body }))
  }
}

function answerHeaders({ body, headers }: Extract<Trouble, { is: 'answer' }>): Record<string, string> {
  return { 'content-type': body?.startsWith('<') ? 'text/html' : 'application/json', ...headers }
}
