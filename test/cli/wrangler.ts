import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ended } from './simulated-internet.ts'

const ROOT = join(import.meta.dirname, '../..')

/**
 * A copy of what a founder has cloned, to be deployed from.
 * @returns its path; whoever asked for it deletes it
 */
export function clonedFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cloned-'))
  for (const name of ['src', 'package.json', 'wrangler.toml', '.dev.vars.example'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

/** Runs this repository's wrangler to its end, without a terminal. @param input - what it reads from its standard input */
export function wrangler(folder: string, args: string[], environment: Record<string, string>, input = ''): Promise<Ended> {
  return new Promise((resolve) => {
    const program = join(ROOT, 'node_modules/wrangler/bin/wrangler.js')
    const child = execFile(process.execPath, [program, ...args], { cwd: folder, env: environment }, (_, output, complaint) =>
      resolve({ code: child.exitCode ?? -1, output, complaint }),
    )
    child.stdin?.end(input)
  })
}
