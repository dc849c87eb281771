import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { SECRET_NAMES } from '../configuration.ts'
import type { Secrets } from './env-edit.ts'
import { isReal } from './shapes.ts'

const INTERRUPTED = 130
/** What a terminal shows where somebody pressed Ctrl-C. */
const INTERRUPT = '^C'

/** How a deployment ended. `address`: the workers.dev address that wrangler told. */
export type Deployed =
  | { is: 'deployed'; address: string | undefined }
  | { is: 'failed'; code: number | undefined }
  /** There is no wrangler to run. */
  | { is: 'missing' }

/** What a deployment that failed means, in one sentence. */
export function deployTrouble(deployed: Exclude<Deployed, { is: 'deployed' }>): string {
  if (deployed.is === 'missing') return 'wrangler is not there: run npm ci in this folder, then npm run setup again.'
  const how = deployed.code === 0 ? 'without deploying' : `with ${deployed.code ?? 'a fault'}`
  return `wrangler ended ${how}: what it said above is the reason. Mend that, and run npm run setup again; what is set stays.`
}

/** The secrets that are worth sending: real values only, since an empty one or a placeholder would switch something half on. */
export function secretsToSend(secrets: Secrets): Record<string, string> {
  const entries = SECRET_NAMES.flatMap((name) => {
    const value = secrets[name]?.trim()
    return isReal(name, value) ? [[name, value] as const] : []
  })
  return Object.fromEntries(entries)
}

/**
 * Uploads the Worker together with its secrets, which a first deployment cannot do otherwise. The file that holds them is
 * outside of the repository, readable by its owner alone, and gone when this ends, however it ends.
 * @param isInteractive - wrangler may ask (who one is, which account) and is shown as it is; otherwise all it says goes to stderr
 */
export async function deploy(folder: string, secrets: Secrets, isInteractive: boolean): Promise<Deployed> {
  const place = mkdtempSync(join(tmpdir(), 'success-url-'))
  const stop = new AbortController()
  const remove = () => {
    stop.abort()
    rmSync(place, { recursive: true, force: true })
  }
  const removeAndEnd = () => {
    remove()
    process.exit(INTERRUPTED)
  }
  process.on('exit', remove)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, removeAndEnd)
  try {
    const file = join(place, 'secrets.json')
    writeFileSync(file, JSON.stringify(secretsToSend(secrets)), { mode: 0o600 })
    return await run(['deploy', '--secrets-file', file], folder, isInteractive, stop.signal)
  } finally {
    remove()
    process.off('exit', remove)
    for (const signal of signals) process.off(signal, removeAndEnd)
  }
}

async function run(args: string[], folder: string, isInteractive: boolean, signal: AbortSignal): Promise<Deployed> {
  const program = wranglerOn(pathOf(folder))
  if (!program) return { is: 'missing' }
  const terminal = isInteractive ? await terminalLibrary() : undefined
  const started: Started = { program, args, folder, signal }
  const { code, output } = terminal ? await runInTerminal(terminal, started) : await runPlainly(started, isInteractive)
  // Interrupted at its login wrangler ends with 0 as well (4.155): what it says counts, wherever that can be read.
  const isDone = code === 0 && (output === undefined || /Deployed |Current Version ID/.test(output))
  if (isDone) return { is: 'deployed', address: addressIn(output) }
  return { is: 'failed', code: output?.includes(INTERRUPT) && code === 0 ? INTERRUPTED : code }
}

/** What is run, where, and until when at the latest. */
type Started = { program: string; args: string[]; folder: string; signal: AbortSignal }
/** `output`: absent where it went straight to the terminal. */
type Ran = { code: number | undefined; output: string | undefined }

/** The packages' own programs come last: they are there for those who start this without npm. */
function pathOf(folder: string): string {
  return [process.env.PATH, join(folder, 'node_modules/.bin')].filter(Boolean).join(delimiter)
}

function wranglerOn(path: string): string | undefined {
  const name = process.platform === 'win32' ? 'wrangler.cmd' : 'wrangler'
  return path
    .split(delimiter)
    .map((place) => join(place, name))
    .find((file) => existsSync(file))
}

function runPlainly({ program, args, folder, signal }: Started, isInteractive: boolean): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { ...process.env, PATH: pathOf(folder) }, shell: process.platform === 'win32', signal }
    const child = spawn(program, args, { ...options, stdio: isInteractive ? 'inherit' : ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk
      process.stderr.write(chunk)
    })
    const ended = (code?: number) => resolve({ code, output: isInteractive ? undefined : output })
    child.on('error', () => ended())
    child.on('close', (code) => ended(code ?? undefined))
  })
}

type Terminals = Pick<typeof import('@lydell/node-pty'), 'spawn'>

/** Not there for every kind of machine. Without it wrangler works all the same; only its answer is not read. */
async function terminalLibrary(): Promise<Terminals | undefined> {
  try {
    return await import('@lydell/node-pty')
  } catch {
    return undefined
  }
}

/** A terminal of its own for wrangler, within ours: it may ask whatever it likes, and what it tells can be read. */
function runInTerminal(terminals: Terminals, { program, args, folder, signal }: Started): Promise<Ran> {
  const { stdin, stdout } = process
  return new Promise((resolve) => {
    let output = ''
    const size = () => ({ cols: stdout.columns || 80, rows: stdout.rows || 24 })
    const child = terminals.spawn(program, args, { ...size(), cwd: folder, env: { ...process.env, PATH: pathOf(folder) } })
    const resize = () => child.resize(size().cols, size().rows)
    const type = (keys: Buffer) => child.write(keys.toString())
    child.onData((text) => {
      output += text
      stdout.write(text)
    })
    signal.addEventListener('abort', () => child.kill())
    child.onExit(({ exitCode, signal: killedBy }) => {
      stdin.off('data', type)
      stdin.setRawMode(false)
      stdin.pause()
      stdout.off('resize', resize)
      // As shells count: whoever was stopped has not succeeded.
      resolve({ code: killedBy ? 128 + killedBy : exitCode, output })
    })
    stdout.on('resize', resize)
    stdin.setRawMode(true)
    stdin.on('data', type)
    stdin.resume()
  })
}

function addressIn(output = ''): string | undefined {
  return /https:\/\/[a-z0-9.-]+\.workers\.dev/.exec(output)?.[0]
}
