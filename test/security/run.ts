/**
 * The security suite in its long form, as one table. What is not about it is handed to vitest: `-t "a promise"`, or a file.
 * `npm test` runs the same promises with smaller numbers.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { publish, QUICK, table } from '../../bench/proof-page.ts'

/** As much of vitest's report (vitest.dev/guide/reporters, JSON) as is told. */
type Report = { testResults: { name: string; assertionResults: { status: string; title: string }[] }[] }

const ROOT = join(import.meta.dirname, '../..')
const OURS = ['--quick', '--write']

const folder = mkdtempSync(join(tmpdir(), 'success-url-security-'))
const output = join(folder, 'report.json')
const startedAt = Date.now()
const { status } = spawnSync(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...whatToRun()], {
  stdio: 'inherit',
  cwd: ROOT,
  env: { ...process.env, PROOF_FORM: QUICK ? 'quick' : 'full' },
})
const seconds = Math.round((Date.now() - startedAt) / 1_000)
const { testResults: files } = JSON.parse(readFileSync(output, 'utf8')) as Report
rmSync(folder, { recursive: true })

const rows = files.map(({ name, assertionResults }) => rowOf(basename(name, '.test.ts'), assertionResults)).sort()
const count = rows.reduce((sum, [, , held]) => sum + Number(held), 0)
const failed = files.flatMap(({ assertionResults }) => assertionResults.filter((one) => one.status === 'failed').map(({ title }) => title))
const isWhole = status === 0 && count > 0
publish(
  'security',
  `${count} promises hold, each tried against the built Worker in the real runtime or against its source, in ${seconds} s.\n\n${table(['About', 'tried', 'held'], rows)}`,
  isWhole ? [] : [...failed, `vitest ended with ${status}, and ${count} promises held`],
)

function whatToRun(): string[] {
  const others = process.argv.slice(2).filter((argument) => !OURS.includes(argument))
  return ['--project', 'worker', 'test/security', '--reporter=default', '--reporter=json', `--outputFile.json=${output}`, ...others]
}

function rowOf(about: string, results: Report['testResults'][number]['assertionResults']): string[] {
  const tried = results.filter((one) => one.status === 'passed' || one.status === 'failed')
  return [about.replaceAll('-', ' '), String(tried.length), String(tried.filter((one) => one.status === 'passed').length)]
}
