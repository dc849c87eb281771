import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** A clone somebody sets up: the shipped files, and nothing of the machine it is on. */
export class Clone {
  readonly folder = mkdtempSync(join(tmpdir(), 'setup-'))

  constructor() {
    for (const file of ['wrangler.toml', '.dev.vars.example']) cpSync(join(ROOT, file), join(this.folder, file))
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8')
  }

  has(file: string): boolean {
    return existsSync(join(this.folder, file))
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text)
  }

  /** Every file's bytes: equal before and after when nothing was written. */
  bytes(): Record<string, string> {
    const files = readdirSync(this.folder, { withFileTypes: true }).filter((entry) => entry.isFile())
    return Object.fromEntries(files.map(({ name }) => [name, this.read(name)]))
  }

  /**
   * A wrangler that deploys nothing: it notes what it was called with and what its secrets file held, says what it is told to
   * say, and ends as it is told to, or never.
   * @returns what belongs first on the PATH
   */
  withWrangler(says: string, code: number | 'never' | 'when-interrupted' = 0): string {
    const bin = join(this.folder, 'bin')
    mkdirSync(bin, { recursive: true })
    const script = `#!${process.execPath}
const { readFileSync, statSync, writeFileSync } = require('node:fs')
const args = process.argv.slice(2)
const file = args[args.indexOf('--secrets-file') + 1]
const mode = (statSync(file).mode & 0o777).toString(8)
writeFileSync(${JSON.stringify(join(this.folder, 'called.json'))}, JSON.stringify({ pid: process.pid, args, file, mode, secrets: JSON.parse(readFileSync(file, 'utf8')), isTerminal: !!process.stdout.isTTY }))
console.log(${JSON.stringify(says)})
${code === 'when-interrupted' ? "process.on('SIGINT', () => process.exit(0))" : ''}
${typeof code === 'number' ? `process.exit(${code})` : 'setInterval(() => {}, 1000)'}
`
    writeFileSync(join(bin, 'wrangler'), script)
    chmodSync(join(bin, 'wrangler'), 0o755)
    return bin
  }

  /** What that wrangler noted. */
  called(): { pid: number; args: string[]; file: string; mode: string; secrets: Record<string, string>; isTerminal: boolean } {
    return JSON.parse(this.read('called.json'))
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
