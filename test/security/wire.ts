import { connect, type Socket } from 'node:net'
import type { TestWorker } from '../bundle/worker.ts'

/** An answer as it came over the wire. `headers`: each line as it stands, so that one that was smuggled in shows. */
export type WireAnswer = { status: number; headers: string[]; body: string }

/** Nobody waits longer for an answer, or for the end of a connection, in ms. */
const PATIENCE = 10_000

let counter = 0

/** The start of a request: its line and its headers, each as it is given, and no others than these. */
export function head(line: string, headers: string[] = []): string {
  return `${[`${line} HTTP/1.1`, ...headers].join('\r\n')}\r\n\r\n`
}

/**
 * Headers that any request has: the Worker's host, an address of its own, and that the connection ends with the answer.
 * @param host - as it stands on the wire
 */
export function usual(host = 'pay.example.com'): string[] {
  return [`Host: ${host}`, `CF-Connecting-IP: 198.19.${++counter >> 8}.${counter & 255}`, 'Connection: close']
}

/** A connection to the runtime itself: `fetch` would mend or refuse what is to be tried here. */
export async function wireTo({ harness }: TestWorker) {
  const { url } = await harness.listen()
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opened: Socket = connect(Number(url.port), url.hostname, () => resolve(opened))
    opened.once('error', reject)
  })
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  // Being cut off is an answer as well.
  socket.on('error', () => {})
  const ended = new Promise<void>((resolve) => {
    socket.once('close', () => resolve())
  })
  const heard = () => Buffer.concat(chunks).toString('latin1')

  return {
    send: (bytes: string | Uint8Array) => socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes),
    /** Sends as fast as the other side takes it. */
    sent: (bytes: string) =>
      new Promise<void>((resolve) => {
        socket.write(Buffer.from(bytes, 'latin1'), () => resolve())
      }),
    /** Whether the other side has ended it. */
    isOver: () => socket.closed || socket.readableEnded,
    /** Everything that was answered until now. */
    answers: () => answersIn(heard()),
    /** Everything that was answered until the connection ended, or nobody waits any more. */
    end: async (): Promise<WireAnswer[]> => {
      const late = setTimeout(() => socket.destroy(), PATIENCE)
      await ended
      clearTimeout(late)
      return answersIn(heard())
    },
    close: () => socket.destroy(),
  }
}

/** Sends bytes on a connection of their own. @returns every answer: two where one request was sent are one too many */
export async function exchangeOf(worker: TestWorker, bytes: string | Uint8Array): Promise<WireAnswer[]> {
  const wire = await wireTo(worker)
  wire.send(bytes)
  return wire.end()
}

/** The first answer to a request without a body. */
export async function ask(worker: TestWorker, line: string, more: string[] = [], host?: string): Promise<WireAnswer | undefined> {
  const [answer] = await exchangeOf(worker, head(line, [...usual(host), ...more]))
  return answer
}

/** The value of a header; `undefined` when it is not there. Where it stands twice, both, as a browser would see them. */
export function headerOf(answer: WireAnswer | undefined, name: string): string | undefined {
  const values = answer?.headers.flatMap((line) => (line.toLowerCase().startsWith(`${name}:`) ? [line.slice(name.length + 1).trim()] : []))
  return values?.length ? values.join(', ') : undefined
}

function answersIn(text: string): WireAnswer[] {
  const answers: WireAnswer[] = []
  for (let rest = text; rest.startsWith('HTTP/1.1 '); ) {
    const split = rest.indexOf('\r\n\r\n')
    if (split < 0) break
    const [line = '', ...headers] = rest.slice(0, split).split('\r\n')
    const after = rest.slice(split + 4)
    const answer: WireAnswer = { status: Number(line.split(' ')[1]), headers, body: '' }
    const length = headerOf(answer, 'content-length')
    const isChunked = /chunked/i.test(headerOf(answer, 'transfer-encoding') ?? '')
    const end = isChunked ? after.indexOf('0\r\n\r\n') + 5 : length === undefined ? after.length : Number(length)
    answers.push({ ...answer, body: after.slice(0, end) })
    rest = after.slice(end)
  }
  return answers
}
