import { answer } from './answer.ts'
import { deliver, secure } from './arrivals.ts'
import { noteWebhook } from './books/books.ts'
import { log } from './log.ts'
import type { Arrival } from './order/state.ts'
import { providerNamed } from './providers/index.ts'
import type { Delivery } from './signature.ts'
import type { Call } from './visit.ts'
import { within } from './within.ts'

/** Events are a few KiB; whoever sends more is no provider. */
const MAX_BYTES = 1_048_576
const HEARD_OUT = 4
/** The order, then KV: when neither has confirmed by now, the provider is to send it again. */
const STORING_PATIENCE_MS = 3_500

/**
 * A provider tells of something: is it the provider, which order does it speak of, is that stored? It is answered before
 * anything is asked of anybody, since providers hold the buyer's redirect while they wait.
 *
 * @param pathSecret - the last segment of the address, for a provider that signs nothing
 */
export async function receive(call: Call, providerName: string | undefined, pathSecret: string | undefined): Promise<Response> {
  const { request, here, env, ctx, settings } = call
  const provider = providerNamed(providerName)
  if (!provider) return answer(404, 'unknown provider\n')
  const { name, webhook } = provider
  const refuse = (status: number, reason: string) => {
    log('loud', { event: 'webhook', provider: name, status, reason, setting: webhook.secret })
    return answer(status, `${reason}\n`)
  }
  const secrets = settings.webhookSecrets.get(name)
  if (!secrets) {
    ctx.waitUntil(noteWebhook(env, name, 'secret-not-set'))
    return refuse(404, 'secret-not-set')
  }

  const body = await readBody(request).catch(() => 'broken-off' as const)
  if (body === 'broken-off') return refuse(400, 'unreadable')
  if (!body) return refuse(413, 'too-large')
  const delivery: Delivery = { headers: request.headers, body, pathSecret, now: Date.now() }
  const checks = await Promise.all(secrets.map((secret) => webhook.check(secret, delivery)))
  const authenticity = checks.find((check) => check === 'authentic') ?? checks[0] ?? 'signature-missing'
  ctx.waitUntil(noteWebhook(env, name, authenticity))
  if (authenticity !== 'authentic') return refuse(401, authenticity)
  const news = webhook.read(new TextDecoder().decode(body))
  if (news.is === 'unreadable') return refuse(400, news.is)
  if (news.is === 'ignored') return acknowledge(name, 0, news.reason)

  const { is: _, ...told } = news
  const arrival: Arrival = { ...told, door: 'webhook', at: Date.now(), visitors: [], here: here.origin }
  const secured = secure(env, arrival, deliver(env, arrival))
  ctx.waitUntil(secured)
  const stored = await within(secured, STORING_PATIENCE_MS, 'nowhere')
  return stored === 'nowhere' ? refuse(503, 'not-stored') : acknowledge(name, 1, stored)
}

function acknowledge(provider: string, received: number, reason: string): Response {
  log('quiet', { event: 'webhook', provider, received, reason })
  return answer(200, JSON.stringify({ received }), { 'content-type': 'application/json' })
}

/**
 * The body as bytes, since a signature covers them and not their meaning; `undefined` when there are too many. Whoever sends
 * a little too much is heard out, or they would never hear the answer.
 */
async function readBody({ body }: Request): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.length
    if (size > HEARD_OUT * MAX_BYTES) return undefined
    if (size <= MAX_BYTES) chunks.push(chunk)
  }
  return size > MAX_BYTES ? undefined : new Uint8Array(await new Blob(chunks).arrayBuffer())
}
