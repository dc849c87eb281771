import { join } from 'node:path'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { build } from '../handlers/build.ts'
import { type Handler, withPlaceholder } from './handler.ts'
import type { Served } from './served.ts'
import { type RunningWorker, startWorker } from './worker.ts'

const ROOT = join(import.meta.dirname, '../..')
const PATH = '/checkout/success/stripe'
const THANK_YOU_URL = 'https://shop.example.com/thank-you'

/** How long our Worker waits for the visitor of a sale that has none; ten minutes unless set. Nobody is to wait that long here. */
export const ATTRIBUTION_WAIT_SECONDS = 5

export type Known = 'success-url' | 'straightforward' | 'hono-stripe'

/** Serves one of the handlers of this repository: its bundle, in the local runtime, with storage that outlives it. */
export async function startKnown(name: Known, worldPort: number): Promise<{ handler: Handler; stop: () => void }> {
  const worker = await startWorker({ ...sourceOf(name), alone: true, worldPort })
  return { handler: handlerAt(worker, name, PATH, name === 'success-url' ? '/checkout/webhook/stripe' : undefined), stop: worker.stop }
}

const built = new Set<Known>()

function sourceOf(name: Known): Pick<Served, 'script' | 'config' | 'bindings'> {
  if (name === 'success-url') {
    const bindings = { ...SECRETS, THANK_YOU_URL, ATTRIBUTION_WAIT_SECONDS: String(ATTRIBUTION_WAIT_SECONDS) }
    return { script: join(ROOT, 'dist/index.js'), config: join(ROOT, 'wrangler.toml'), bindings }
  }
  // Once: a wrangler that writes the bundle anew would do so while another instance reads it.
  if (!built.has(name)) build(name)
  built.add(name)
  const config = join(ROOT, 'bench/handlers/wrangler.toml')
  return { script: join(ROOT, `dist/handlers/${name}/${name}.js`), config, bindings: { ...SECRETS, THANK_YOU_URL } }
}

/** A Worker that is served here, as a handler at its addresses. @param secret - what its webhooks are signed with */
export function handlerAt(
  { origin, restart }: RunningWorker,
  name: string,
  url: string,
  webhook: string | undefined,
  secret = SECRETS.STRIPE_WEBHOOK_SECRET,
): Handler {
  const at = (path: string) => new URL(path, origin).href
  return { name, successUrl: withPlaceholder(at(url)), webhook: webhook ? { url: at(webhook), secret } : undefined, restart }
}
