/** What our Worker is measured against, built by the same wrangler with the same options. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** `straightforward`: what most people write. `hono-stripe`: the same with a framework and Stripe's SDK. `only-redirects`: the physical limit. */
export const HANDLERS = ['straightforward', 'hono-stripe', 'only-redirects'] as const
export type HandlerName = (typeof HANDLERS)[number]

/** `gzipKiB`: as wrangler tells what it would upload. */
export type Built = { script: string; gzipKiB: number }

/** One of the handlers as a single module; throws with wrangler's words when it cannot be built. */
export function build(name: HandlerName): Built {
  const folder = `dist/handlers/${name}`
  return {
    gzipKiB: wrangler(join(import.meta.dirname, `${name}.ts`), '--config', join(import.meta.dirname, 'wrangler.toml'), '--outdir', folder),
    script: bundled(`${folder}/${name}.js`),
  }
}

/** Our own Worker, as `npm run build` has left it. */
export function ours(): Built {
  return { gzipKiB: wrangler('--outdir', 'dist/handlers/success-url'), script: bundled('dist/handlers/success-url/index.js') }
}

/** Without its banner wrangler does not ask the registry for a newer version either: a build sends nothing anywhere. */
function wrangler(...options: string[]): number {
  const env = { ...process.env, WRANGLER_HIDE_BANNER: 'true', WRANGLER_SEND_METRICS: 'false' }
  const program = join(ROOT, 'node_modules/wrangler/bin/wrangler.js')
  const output = execFileSync(process.execPath, [program, 'deploy', '--dry-run', ...options], { env, cwd: ROOT, encoding: 'utf8' })
  return Number(/gzip: ([\d.]+) KiB/.exec(output)?.[1])
}

function bundled(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}
