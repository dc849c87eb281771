import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Advice } from '../../cli/advice.ts'

const ROOT = join(import.meta.dirname, '../..')

/** A Worker as one module, and its configuration if it has one; throws advice when it cannot be built. */
export function bundled(file: string): { script: string; config?: string } {
  const path = resolve(file)
  if (/\.m?js$/.test(path)) return { script: path }
  const folder = mkdtempSync(join(tmpdir(), 'success-url-gauntlet-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const program = join(ROOT, 'node_modules/wrangler/bin/wrangler.js')
  // Without its banner wrangler asks the registry for no newer version: a build sends nothing anywhere.
  const env = { ...process.env, WRANGLER_HIDE_BANNER: 'true', WRANGLER_SEND_METRICS: 'false' }
  try {
    execFileSync(process.execPath, [program, 'deploy', '--dry-run', '--config', path, '--outdir', folder], { env, encoding: 'utf8' })
  } catch {
    throw new Advice(`${file} could not be built: npx wrangler deploy --dry-run --config ${file} says why.`)
  }
  const [script, ...others] = readdirSync(folder).filter((name) => /\.m?js$/.test(name))
  if (!script || others.length)
    throw new Advice(`${file} builds to ${others.length ? 'several modules' : 'no module'}: only a Worker of one is served here.`)
  return { script: join(folder, script), config: path }
}
