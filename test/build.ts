/**
 * Builds into dist/ what `npm run deploy` would upload, and prints its size. Tests, sandbox and bench run this bundle.
 * With `--budget` it fails when the bundle has outgrown its limit; a larger limit needs a reason in the commit that raises it.
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

// 51.5 before payment links, links.js and what is told about LINKS (1.8), and placeholders that are told from keys (0.6).
// 54.2 before alarms that are set only when they have to move, a second chance that nothing uses up, and a KV that is told by name.
const BUDGET_KIB = 54.4

// Without its banner wrangler does not ask the registry for a newer version either: a build sends nothing anywhere.
const env = { ...process.env, WRANGLER_HIDE_BANNER: 'true', WRANGLER_SEND_METRICS: 'false' }
const wrangler = join(import.meta.dirname, '../node_modules/wrangler/bin/wrangler.js')
const output = execFileSync(process.execPath, [wrangler, 'deploy', '--dry-run', '--outdir', 'dist'], { env, encoding: 'utf8' })

const size = Number(/gzip: ([\d.]+) KiB/.exec(output)?.[1])
const within = size <= BUDGET_KIB
console.log(`bundle: ${size} KiB gzip, ${within ? 'within' : 'OVER'} its budget of ${BUDGET_KIB} KiB`)
if (!within && process.argv.includes('--budget')) process.exit(1)
