import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** By RFC 6455, section 1.3: what a server's answer to a handshake is made with. */
const WEBSOCKET = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/**
 * Cloudflare's API with live logs: `wrangler tail` asks for an address and listens to a WebSocket there (wrangler 4.155).
 * Everything else goes on to the API behind it. Each listener hears one line.
 *
 * @param behind - the address of the API
 */
export async function withLiveLogs(behind: string, line: string) {
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const path = incoming.url ?? ''
    if (/\/tails(\/\w+)?$/.test(path)) {
      const result = { id: 'tail1', url: `ws://127.0.0.1:${portOf()}/tail`, expires_at: new Date(Date.now() + 3_600_000).toISOString() }
      return outgoing
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ success: true, errors: [], messages: [], result }))
    }
    const {
      host: _,
      connection: __,
      'transfer-encoding': ___,
      'content-length': ____,
      ...headers
    } = incoming.headers as Record<string, string>
    const body = chunks.length ? Buffer.concat(chunks) : undefined
    const answer = await fetch(new URL(path, behind), { method: incoming.method ?? 'GET', headers, ...(body && { body }) })
    outgoing.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(await answer.text())
  })
  server.on('upgrade', ({ headers }, socket) => {
    const accept = createHash('sha1').update(`${headers['sec-websocket-key']}${WEBSOCKET}`).digest('base64')
    const protocol = headers['sec-websocket-protocol'] ? `Sec-WebSocket-Protocol: ${headers['sec-websocket-protocol']}\r\n` : ''
    socket.on('error', () => {})
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${protocol}\r\n`,
    )
    const now = Date.now()
    const event = {
      outcome: 'ok',
      event: null,
      exceptions: [],
      eventTimestamp: now,
      logs: [{ message: [line], level: 'log', timestamp: now }],
    }
    socket.write(frame(JSON.stringify(event)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const portOf = () => (server.address() as AddressInfo).port

  return {
    address: `http://127.0.0.1:${portOf()}${new URL(behind).pathname}`,
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** One whole text message, of less than 64 KiB. */
function frame(text: string): Buffer {
  const payload = Buffer.from(text)
  return Buffer.concat([Buffer.from([0x81, 126, payload.length >> 8, payload.length & 0xff]), payload])
}
