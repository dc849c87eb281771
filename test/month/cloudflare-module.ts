/** What `cloudflare:workers` is outside of Cloudflare: to be imported before anything that imports it. */
import { registerHooks } from 'node:module'

const NAME = 'cloudflare:workers'
const SOURCE = 'export class DurableObject { constructor(ctx, env) { this.ctx = ctx; this.env = env } }'

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === NAME ? { url: NAME, format: 'module', shortCircuit: true } : next(specifier, context),
  load: (url, context, next) => (url === NAME ? { format: 'module', source: SOURCE, shortCircuit: true } : next(url, context)),
})
