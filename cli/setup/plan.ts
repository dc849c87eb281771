import { isDeepStrictEqual } from 'node:util'
import { PROVIDERS } from '../../src/providers/index.ts'
import { SECRET_NAMES } from '../configuration.ts'
import { type Answers, isFresh, textOf } from './answers.ts'
import type { Secrets } from './env-edit.ts'
import { installChanges } from './install.ts'
import { isReal } from './shapes.ts'
import type { Change, Value } from './toml-edit.ts'
import { SHIPPED_NAME } from './worker-name.ts'

/** What has to change in the two files. */
export type Plan = { readonly toml: readonly Change[]; readonly env: Secrets }

/**
 * What stands between the files and the answers. Pure.
 * @param stored - the secrets in .dev.vars itself: one of the shell's environment is written down
 * @param path - what the routes lie under, such as `/checkout`
 */
export function planFor(before: Answers, after: Answers, stored: Readonly<Record<string, string | undefined>>, path: string): Plan {
  const isMoved = !isDeepStrictEqual(before.install, after.install)
  const names = [...new Set([...Object.keys(before.vars), ...Object.keys(after.vars)])]
  return {
    toml: [
      ...(before.name === after.name ? [] : [{ table: '', key: 'name', value: after.name } as const]),
      ...(isMoved ? installChanges(after.install, path) : []),
      ...names.filter((name) => !isSame(before.vars[name], after.vars[name])).map((name) => varChange(name, after.vars[name])),
    ],
    env: Object.fromEntries(
      SECRET_NAMES.flatMap((name) => {
        const wanted = after.secrets[name] ?? ''
        const is = stored[name] ?? ''
        return wanted === (isReal(name, is) ? is : '') ? [] : [[name, wanted] as const]
      }),
    ),
  }
}

/** The one variable that everybody has to set is shipped empty, and not commented out. */
function varChange(name: string, value: unknown): Change {
  const isRequired = name === 'THANK_YOU_URL'
  return { table: 'vars', key: name, value: value === undefined && isRequired ? '' : (value as Value | undefined) }
}

/** Empty is as good as not set: shipped that way, it is not to be touched. */
function isSame(before: unknown, after: unknown): boolean {
  return isDeepStrictEqual(before === '' ? undefined : before, after === '' ? undefined : after)
}

/** Whether there is nothing to write. */
export function isNothing({ toml, env }: Plan): boolean {
  return !toml.length && !Object.keys(env).length
}

/** What follows from the changes themselves, beyond what the files say. One sentence each. */
export function consequences(before: Answers, after: Answers): string[] {
  const isRenamed = before.name !== after.name && (before.name !== SHIPPED_NAME || !isFresh(before))
  const renamed = isRenamed
    ? [
        `The Worker is renamed from ${before.name} to ${after.name}: that is a new Worker with empty storage. The old one stays as it is until you delete it in the Cloudflare dashboard.`,
      ]
    : []
  const off = PROVIDERS.filter(({ keySetting }) => before.secrets[keySetting] && !after.secrets[keySetting]).map(
    ({ title, keySetting }) =>
      `${title} is switched off here. A Worker that is deployed keeps the key until you run npx wrangler secret delete ${keySetting}.`,
  )
  return [...renamed, ...off, ...movedPublicUrl(before, after)]
}

/** An address that was written down once is believed more than the route. */
function movedPublicUrl(before: Answers, after: Answers): string[] {
  const { hostname } = URL.parse(textOf(after.vars, 'PUBLIC_URL')) ?? {}
  if (!hostname || !('host' in after.install) || !after.install.host || hostname === after.install.host) return []
  if (isDeepStrictEqual(before.install, after.install)) return []
  return [`PUBLIC_URL still says ${hostname}, and is believed: set it to https://${after.install.host}, or take it out of wrangler.toml.`]
}

/** The changes as they will stand in the files, line by line: secrets by their names alone. */
export function describePlan({ toml, env }: Plan, show: (value: Value) => string): { file: string; lines: string[] }[] {
  const inToml = toml.map(({ key, value }) => (value === undefined ? `${key} is commented out` : `${key} = ${show(value)}`))
  const inEnv = Object.entries(env).map(([name, value]) => `${name} is ${value ? 'set' : 'emptied'}`)
  return [
    { file: 'wrangler.toml', lines: inToml },
    { file: '.dev.vars', lines: inEnv },
  ].filter(({ lines }) => lines.length > 0)
}
