/**
 * The bundle budget: builds what `npm run deploy` would upload and fails when it has grown past its limit.
 * A larger limit needs a reason in the commit that raises it.
 */
import { execFileSync } from 'node:child_process'

const BUDGET_KIB = 17.5

const output = execFileSync('wrangler', ['deploy', '--dry-run', '--minify', '--outdir', 'dist'], { encoding: 'utf8' })
const size = Number(/gzip: ([\d.]+) KiB/.exec(output)?.[1])
const verdict = size <= BUDGET_KIB ? 'within' : 'OVER'
console.log(`bundle: ${size} KiB gzip, ${verdict} its budget of ${BUDGET_KIB} KiB`)
if (!(size <= BUDGET_KIB)) process.exit(1)
