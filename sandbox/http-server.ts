import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Belong to one connection, or describe an encoding that is not passed on. */
const NOT_PASSED_ON = /^(connection|keep-alive|transfer-encoding|content-encoding|content-length|accept-encoding|expect|upgrade|mf-.*)$/i

/** Starts a server on this machine only. Rejects when the port is taken. */
export async function listen(port: number, answer: (request: Request) => Promise<Response>): Promise<{ server: Server; origin: string }> {
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing, answer).catch((error: unknown) => {
      console.error(error)
      if (!outgoing.headersSent) outgoing.writeHead(500, { 'content-type': 'text/plain' })
      outgoing.end('The sandbox stumbled; its terminal says why.\n')
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, 'localhost', resolve)
  })
  return { server, origin: `http://localhost:${(server.address() as AddressInfo).port}` }
}

async function serve(incoming: IncomingMessage, outgoing: ServerResponse, answer: (request: Request) => Promise<Response>): Promise<void> {
  const response = await answer(await toRequest(incoming))
  for (const [name, value] of response.headers) if (!NOT_PASSED_ON.test(name)) outgoing.appendHeader(name, value)
  outgoing.writeHead(response.status)
  outgoing.end(incoming.method === 'HEAD' ? undefined : Buffer.from(await response.arrayBuffer()))
}

async function toRequest(incoming: IncomingMessage): Promise<Request> {
  const headers = Object.entries(incoming.headersDistinct).flatMap(([name, values]) =>
    NOT_PASSED_ON.test(name) ? [] : (values ?? []).map((value): [string, string] => [name, value]),
  )
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  // Whatever name the browser used for this machine: the Worker is told the one address it is configured with.
  const { port } = incoming.socket.address() as AddressInfo
  const url = `http://localhost:${port}${incoming.url}`
  return new Request(url, { method: incoming.method ?? 'GET', headers, ...(chunks.length && { body: Buffer.concat(chunks) }) })
}
