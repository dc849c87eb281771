import { chmodSync, existsSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { editEnv, type Secrets } from './env-edit.ts'
import type { Plan } from './plan.ts'
import { isReal } from './shapes.ts'
import { type Edited, editToml } from './toml-edit.ts'

/** A file as it is to be. Only its owner may read one that holds secrets. */
type Ready = { readonly file: string; readonly text: string; readonly mode: number }

/** Both files, ready to be written; or the one that cannot be changed, and why. */
export type Prepared = { is: 'ready'; files: readonly Ready[] } | { is: 'refused'; file: string; reason: string }

const SECRET = 0o600

/** Makes the new texts and checks them, without writing anything. A file that stays as it is is not among them. */
export function prepare(folder: string, { toml, env }: Plan): Prepared {
  const before = read(folder, 'wrangler.toml') ?? ''
  const stored = read(folder, '.dev.vars')
  const edits: [string, string | undefined, Edited][] = [
    ['wrangler.toml', before, editToml(before, toml)],
    ['.dev.vars', stored, Object.keys(env).length ? editedSecrets(folder, stored, env) : { is: 'edited', text: stored ?? '' }],
  ]
  const files: Ready[] = []
  for (const [file, was, edit] of edits) {
    if (edit.is === 'refused') return { is: 'refused', file, reason: edit.reason }
    if (edit.text === (was ?? '')) continue
    files.push({ file, text: edit.text, mode: file === '.dev.vars' ? SECRET : modeOf(join(folder, file)) })
  }
  return { is: 'ready', files }
}

/** The first time the shipped example is the beginning, without its placeholders. */
function editedSecrets(folder: string, stored: string | undefined, env: Secrets): Edited {
  const example = read(folder, '.dev.vars.example') ?? ''
  if (stored !== undefined) return editEnv(stored, env)
  const placeholders = Object.entries(parseEnv(example)).filter(([name, value]) => !isReal(name, value))
  return editEnv(example, { ...Object.fromEntries(placeholders.map(([name]) => [name, ''])), ...env })
}

/**
 * Writes the files: first all of them beside their places, then each into its place in one step. Whenever this ends, each file
 * is whole, the old one or the new one.
 */
export function write(folder: string, files: readonly Ready[]): { is: 'written' } | { is: 'failed'; reason: string } {
  const pairs = files.map(({ file, text, mode }) => {
    const to = targetOf(join(folder, file))
    return { to, from: `${to}.${process.pid}.new`, text, mode }
  })
  try {
    for (const { from, text, mode } of pairs) {
      rmSync(from, { force: true })
      writeFileSync(from, text, { mode, flag: 'wx' })
      // What the process takes away from new files by default is not to decide.
      chmodSync(from, mode)
    }
    for (const { from, to } of pairs) renameSync(from, to)
    return { is: 'written' }
  } catch (error) {
    return { is: 'failed', reason: (error as NodeJS.ErrnoException).code ?? 'unknown' }
  } finally {
    for (const { from } of pairs) rmSync(from, { force: true })
  }
}

/** A link stays one: what it leads to is written. */
function targetOf(path: string): string {
  return existsSync(path) ? realpathSync(path) : path
}

function read(folder: string, file: string): string | undefined {
  const path = join(folder, file)
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function modeOf(path: string): number {
  return existsSync(path) ? statSync(path).mode & 0o777 : 0o644
}
