/**
 * Everything the Worker can reach, at a size that does not grow: each order lives in a world of its own, which is found by any
 * id in a request and forgotten when all is recorded. One more world holds what nobody tells of, for the sweep to find.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { World } from '../../sandbox/world/world.ts'
import type { Repost, Sale } from './sale.ts'

/** As the Worker's own benchmarks have them, in ms. */
export const DATAFAST_MS = 400
export const PROVIDER_MS = 150

/** Long enough to be an id, and with a digit: field names have none. */
const ID = /"(?=[\w-]*\d)([\w-]{7,}={0,2})"/g

const FAULTS = ['500', '503', '429', 'reset', 'reset-after', 'hang', 'garbage'] as const
type Fault = (typeof FAULTS)[number]
const MAINTENANCE = '<!doctype html><title>Maintenance</title>'

export class Internet {
  /** What the sweep may find. */
  readonly shopWindow = new World()
  /** The share of requests that fail. */
  failing = 0
  readonly calls = { provider: 0, datafast: 0 }
  readonly injected: Record<string, number> = {}
  readonly reposts: Record<Repost, number> = { 'after a lost reply': 0, 'with a late visitor': 0, 'for no reason': 0 }
  /** Payments that belong to no order of this run. */
  strays = 0
  /** Posts that DataFast took for the first time. */
  accepted = 0
  /** Of these, renewals and refunds that came before their sale had its visitor. */
  early = 0
  private readonly byId = new Map<string, Sale | 'shared'>()
  private readonly hanging = new Set<ServerResponse>()
  private readonly onAccepted: (sale: Sale, transactionId: string) => void

  constructor(onAccepted: (sale: Sale, transactionId: string) => void) {
    this.onAccepted = onAccepted
  }

  /** Makes a sale findable by all the ids it has by now; to be called again when it has got more. */
  know(sale: Sale): void {
    const ids = new Set([...(sale.world === this.shopWindow ? [] : idsIn(sale.world)), ...sale.expected.keys()])
    for (const id of ids) {
      const known = this.byId.get(id)
      if (known === sale) continue
      if (!known) sale.ids.push(id)
      // Such as a product's: it leads to no order.
      this.byId.set(id, known ? 'shared' : sale)
    }
  }

  forget(sale: Sale): void {
    for (const id of sale.ids) if (this.byId.get(id) === sale) this.byId.delete(id)
  }

  /** From now on all goes well; what hangs breaks, so that nobody waits for it any more. */
  clearUp(): void {
    this.failing = 0
    for (const response of this.hanging) response.destroy()
  }

  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    this.answer(request, response).catch((error: unknown) => {
      // The Worker has hung up meanwhile, or we have.
      if (!response.destroyed) response.destroy(error instanceof Error ? error : undefined)
    })
  }

  private async answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await read(incoming)
    const isDataFast = new URL(request.url).hostname === 'datafa.st'
    const isPost = isDataFast && request.method === 'POST'
    const body = isPost ? ((await request.clone().json()) as { transaction_id: string; datafast_visitor_id?: string }) : undefined
    const sale = this.saleOf(body ? [body.transaction_id] : idsOf(request.url))
    this.calls[isDataFast ? 'datafast' : 'provider'] += 1
    const fault = Math.random() < this.failing ? FAULTS[Math.floor(Math.random() * FAULTS.length)] : undefined
    if (fault) this.injected[fault] = (this.injected[fault] ?? 0) + 1
    if (fault === 'hang') return this.hang(response)
    if (fault === 'reset') return breakOff(response)
    await pause(isDataFast ? DATAFAST_MS : PROVIDER_MS)
    if (fault && fault !== 'reset-after') return answerBadly(response, fault, isDataFast)

    const answer = await (sale?.world ?? this.shopWindow).handle(request)
    const finish = () => (fault ? breakOff(response) : write(response, answer))
    if (!body) return finish()
    if (!sale) {
      this.strays += 1
      return finish()
    }
    if (!answer.ok) return finish()
    const { transaction_id: transactionId } = body
    const repost = sale.accepted(transactionId, body.datafast_visitor_id)
    if (repost) this.reposts[repost] += 1
    else this.accepted += 1
    if (!repost && sale.expected.get(transactionId)?.isEarly) this.early += 1
    response.on('close', () => sale.replied(transactionId, response.writableFinished))
    if (!repost) this.onAccepted(sale, transactionId)
    return finish()
  }

  private saleOf(ids: readonly string[]): Sale | undefined {
    for (const id of ids) {
      const known = this.byId.get(id)
      if (known && known !== 'shared') return known
    }
    return undefined
  }

  private hang(response: ServerResponse): void {
    this.hanging.add(response)
    response.on('close', () => this.hanging.delete(response))
  }
}

async function read(incoming: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const { method = 'GET', url = '/', headers } = incoming
  const body = chunks.length ? Buffer.concat(chunks) : undefined
  const names = ['authorization', 'accept', 'content-type', 'stripe-version', 'polar-version', 'x-api-key', 'paddle-version']
  const kept = names.flatMap((name): [string, string][] => (headers[name] === undefined ? [] : [[name, String(headers[name])]]))
  return new Request(`https://${headers.host}${url}`, { method, headers: kept, ...(body && { body }) })
}

function idsIn(world: World): string[] {
  const apis = [world.stripe, world.dodo, world.creem, world.polar, world.lemonSqueezy, world.paddle, world.gumroad]
  const maps = apis.flatMap((api) => Object.values(api) as unknown[]).filter((value) => value instanceof Map)
  return maps.flatMap((map) => (map.size ? Array.from(JSON.stringify([...map]).matchAll(ID), ([, id = '']) => id) : []))
}

/** Whatever in an address may be an id. */
function idsOf(address: string): string[] {
  const { pathname, searchParams } = new URL(address)
  return [...pathname.split('/').map(decodeURIComponent), ...searchParams.values()]
}

async function write(response: ServerResponse, answer: Response): Promise<void> {
  const text = await answer.text()
  response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(text)
}

function breakOff(response: ServerResponse): void {
  response.socket?.destroy()
}

function answerBadly(response: ServerResponse, fault: Exclude<Fault, 'hang' | 'reset' | 'reset-after'>, isDataFast: boolean): void {
  const html = { 'content-type': 'text/html' }
  if (fault === '429') response.writeHead(429, { 'retry-after': '1' }).end()
  // A page in place of the API. Of DataFast's a status of success would be its word that it has the payment.
  else if (fault === 'garbage') response.writeHead(isDataFast ? 502 : 200, html).end(MAINTENANCE)
  else response.writeHead(Number(fault), html).end(MAINTENANCE)
}
