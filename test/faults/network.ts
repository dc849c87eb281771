import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { World } from '../../sandbox/world/world.ts'
import { type Strike, takeStrike, type Weather } from './strikes.ts'

const DRIP_MS = 1_000
/** Slower than any deadline. */
const DRIPS = 40

/** The network between the Worker and the simulated services, over real sockets: they can break, stall and drip. */
export function network(world: World, strikes: Strike[], onHit: (name: string) => void = () => {}) {
  return async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await text(incoming)
    const { method, url, headers } = requested(incoming)
    const hit = takeStrike(strikes, 'network', decodeURIComponent(url) + body)
    if (hit) onHit(hit.name)
    const answer = () => world.handle(new Request(url, { method, headers, ...(body && { body }) }))
    await weather(hit?.how, answer, outgoing)
  }
}

function requested({ method, url, headers }: IncomingMessage) {
  const own = Object.entries(headers).filter(([name]) => !/^(host|connection|content-length|transfer-encoding|mf-)/.test(name))
  return { method, url: `https://${headers.host}${url}`, headers: own.map(([name, value]): [string, string] => [name, String(value)]) }
}

async function weather(how: Weather | undefined, answer: () => Promise<Response>, outgoing: ServerResponse): Promise<void> {
  const gone = () => void outgoing.destroy()
  switch (how) {
    case 'http-500':
      return send(outgoing, 500, '{"error":"overloaded"}')
    case 'http-429':
      return send(outgoing, 429, '{"error":"slow down"}', { 'retry-after': '3' })
    case 'http-401':
      return send(outgoing, 401, '{"error":"who are you?"}')
    case 'reset':
      return gone()
    case 'hangs':
      return
    case 'html':
      return send(outgoing, 200, PAGE, { 'content-type': 'text/html' })
    case 'other-json':
      return send(outgoing, 200, '{"hello":"world"}')
    case 'done-reset':
      await answer()
      return gone()
    case 'done-hangs':
      await answer()
      return
    case 'done-502':
      await answer()
      return send(outgoing, 502, PAGE, { 'content-type': 'text/html' })
    case 'done-html':
      await answer()
      return send(outgoing, 200, PAGE, { 'content-type': 'text/html' })
    default: {
      const response = await answer()
      return deliver(how, response.status, [...response.headers], await response.text(), outgoing)
    }
  }
}

const PAGE = '<!doctype html><title>Just a moment</title><h1>Just a moment</h1>'

async function deliver(
  how: 'half' | 'done-half' | 'drip' | 'breaks' | undefined,
  status: number,
  headers: [string, string][],
  body: string,
  outgoing: ServerResponse,
): Promise<void> {
  const half = body.slice(0, Math.ceil(body.length / 2))
  const named = Object.fromEntries(headers)
  switch (how) {
    case undefined:
      return send(outgoing, status, body, named)
    case 'half':
    case 'done-half':
      return send(outgoing, status, half, named)
    case 'breaks':
      outgoing.writeHead(status, { ...named, 'content-length': Buffer.byteLength(body) })
      outgoing.write(half, () => outgoing.destroy())
      return
    case 'drip': {
      outgoing.writeHead(status, named)
      const size = Math.ceil(body.length / DRIPS)
      for (let from = 0; from < body.length && !outgoing.destroyed; from += size) {
        outgoing.write(body.slice(from, from + size))
        await new Promise((resolve) => setTimeout(resolve, DRIP_MS))
      }
      outgoing.end()
    }
  }
}

function send(outgoing: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  outgoing.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
}
