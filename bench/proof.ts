/**
 * Every proof, one after the other. `--quick`: the short forms, as the gate runs them. `--write`: the full ones, with their
 * results on docs/proof.md. Ends badly when one of them does, after all have been run.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { QUICK } from './proof-page.ts'

const PROGRAMS = ['test/month/run.ts', 'test/faults/run.ts', 'bench/gauntlet.ts', 'bench/soak.ts', 'bench/bench.ts', 'test/security/run.ts']
/** What `npm test` runs in its short form anyway. */
const TESTED = ['test/security/run.ts']

const failed = PROGRAMS.filter((program) => !QUICK || !TESTED.includes(program)).filter((program) => {
  const startedAt = Date.now()
  const { status } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...process.argv.slice(2)], {
    stdio: 'inherit',
    cwd: join(import.meta.dirname, '..'),
  })
  const seconds = Math.round((Date.now() - startedAt) / 1000)
  console.log(`── ${program}: ${status === 0 ? 'holds' : `FAILED (${status ?? 'killed'})`}, ${seconds} s`)
  return status !== 0
})
if (failed.length) {
  console.error(`These do not hold: ${failed.join(', ')}`)
  process.exitCode = 1
}
