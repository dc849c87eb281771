import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { parse } from 'smol-toml'
import type { Env } from '../src/env.ts'
import { PROVIDERS } from '../src/providers/index.ts'

/** What the Worker of a folder is set up with, as its own code would see it; or which file cannot be read, and why. */
export type Configuration = Read | { is: 'broken'; file: string; reason: string }

/** `toml`: all of wrangler.toml, as it was parsed. `stored`: what stands in .dev.vars, whatever the shell says. */
export type Read = {
  is: 'read'
  env: Env
  name: string | undefined
  toml: Readonly<Record<string, unknown>>
  stored: Readonly<Record<string, string | undefined>>
}

/** Every setting that is a secret: it belongs into .dev.vars or `wrangler secret`, and never into wrangler.toml. */
export const SECRET_NAMES: readonly string[] = [
  'DATAFAST_API_KEY',
  'STATUS_TOKEN',
  'ALERT_URL',
  ...PROVIDERS.flatMap(({ keySetting, webhook }) => [keySetting, webhook.secret]),
]

/** Bound by wrangler.toml in production; nothing in cli/ uses them, and nothing is to complain that they are missing. */
export const BOUND = { RECORDED: {}, ORDERS: {}, LEDGER: {}, LIMITER: {} } as unknown as Env

/**
 * Reads `[vars]` of wrangler.toml and the secrets of .dev.vars. A secret of the shell's environment wins over the file: that is
 * how a script hands one over. Only the set-up writes it down, and says when it replaces another. A file that is not there
 * counts as empty.
 */
export function readConfiguration(folder: string, shell: NodeJS.ProcessEnv = process.env): Configuration {
  const toml = parsed(folder, 'wrangler.toml', parse)
  if (toml.is === 'broken') return toml
  const secrets = parsed(folder, '.dev.vars', parseEnv)
  if (secrets.is === 'broken') return secrets
  const { vars, name } = toml.value
  const fromShell = Object.fromEntries(SECRET_NAMES.flatMap((secret) => (shell[secret] ? [[secret, shell[secret]]] : [])))
  return {
    is: 'read',
    env: { ...BOUND, ...Object(vars), ...secrets.value, ...fromShell },
    name: typeof name === 'string' ? name : undefined,
    toml: toml.value,
    stored: secrets.value,
  }
}

function parsed<Value extends object>(folder: string, file: string, parseText: (text: string) => Value) {
  let text: string
  try {
    text = readFileSync(join(folder, file), 'utf8')
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT'
    return isAbsent ? ({ is: 'read', value: parseText('') } as const) : broken(file, error)
  }
  try {
    return { is: 'read', value: parseText(text) } as const
  } catch (error) {
    return broken(file, error)
  }
}

/** The first line of a parser's message says where; the rest may quote what stands there. */
function broken(file: string, error: unknown) {
  return { is: 'broken', file, reason: String((error as Error).message).split('\n')[0] ?? 'unreadable' } as const
}
