/** Where the founder wants to hear of trouble: a chat, say, that shows whatever JSON is posted to it. */
export class Alerts {
  readonly messages: Record<string, unknown>[] = []

  answer(request: Request, body: unknown): Response {
    if (request.method !== 'POST') return new Response('method not allowed', { status: 405 })
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return new Response('no object', { status: 400 })
    this.messages.push(body as Record<string, unknown>)
    return new Response('ok')
  }
}
