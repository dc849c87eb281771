/**
 * One simulated service on the internet. It answers like the real one, remembers every call, and can be made to fail in
 * all the ways a real one does.
 */
export type Fault =
  /** Answers with this instead. */
  | { kind: 'answer'; status: number; body?: unknown; headers?: Record<string, string> }
  /** Handles the request, and then the connection breaks. */
  | { kind: 'reset-after' }
  /** The connection breaks at once. */
  | { kind: 'reset' }
  /** Never answers. */
  | { kind: 'hang' }

export type Call = { service: string; method: string; url: string; headers: Headers; body: unknown; status: number | 'reset' | 'hang' }

/** Thrown to whoever plays the network: the connection is to break. */
export class ConnectionReset extends Error {
  override readonly name = 'ConnectionReset'
}

export class Service {
  /** Every answer is this much late, in ms. */
  delayMs = 0
  /** Applied to every request while set. */
  fault: Fault | undefined
  /** Applied to one request each, in order, before `fault`. */
  readonly faults: (Fault | 'none')[] = []
  readonly name: string
  /** Applied to the next requests that mention a text, such as one order's id, before anything else. */
  private readonly faultsFor = new Map<string, Fault[]>()
  private readonly answer: (request: Request, body: unknown) => Response
  private readonly onCall: (call: Call) => void

  constructor(name: string, answer: (request: Request, body: unknown) => Response, onCall: (call: Call) => void) {
    this.name = name
    this.answer = answer
    this.onCall = onCall
  }

  /** Makes the next requests that mention `text` fail, one for each fault. */
  failFor(text: string, ...faults: Fault[]): void {
    this.faultsFor.set(text, [...(this.faultsFor.get(text) ?? []), ...faults])
  }

  private takeFaultFor(request: string): Fault | undefined {
    for (const [text, faults] of this.faultsFor) if (request.includes(text)) return faults.shift()
    return undefined
  }

  async handle(request: Request): Promise<Response> {
    const text = await request.text()
    const body = text ? JSON.parse(text) : undefined
    const next = this.takeFaultFor(request.url + text) ?? this.faults.shift()
    const fault = next === 'none' ? undefined : (next ?? this.fault)
    const record = (status: Call['status']) =>
      this.onCall({ service: this.name, method: request.method, url: request.url, headers: request.headers, body, status })
    if (this.delayMs) await new Promise((resolve) => setTimeout(resolve, this.delayMs))
    switch (fault?.kind) {
      case undefined: {
        const response = this.answer(request, body)
        record(response.status)
        return response
      }
      case 'answer':
        record(fault.status)
        return new Response(typeof fault.body === 'string' ? fault.body : JSON.stringify(fault.body ?? {}), {
          status: fault.status,
          headers: { 'content-type': typeof fault.body === 'string' ? 'text/html' : 'application/json', ...fault.headers },
        })
      case 'reset-after':
        this.answer(request, body)
        record('reset')
        throw new ConnectionReset()
      case 'reset':
        record('reset')
        throw new ConnectionReset()
      case 'hang':
        record('hang')
        return new Promise(() => {})
    }
  }
}

export function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
}
