import type { Env } from '../../src/env.ts'
import { startAsking } from '../../src/providers/ask.ts'
import { type ProviderName, providerNamed } from '../../src/providers/index.ts'
import type { Mode } from '../../src/providers/listing.ts'
import type { Connection, Wanted } from '../../src/providers/provider.ts'
import { settingReader } from '../../src/setting-reader.ts'
import { GUIDES } from '../guides/index.ts'

const DAY_MS = 86_400_000

/** What a provider, or DataFast, said of a key. */
export type KeyResult =
  /** `modes`: what it is for; empty where nobody can tell. `site`: at DataFast, the website. */
  | { readonly is: 'works'; readonly modes: readonly Mode[]; readonly site?: string }
  /** Not a valid key, as far as can be told. `permissions`: what it would have to be allowed. */
  | { readonly is: 'refused'; readonly reason: string; readonly permissions: readonly string[]; readonly mode?: Mode }
  /** It is valid, and may not read everything. */
  | { readonly is: 'lacks'; readonly permissions: readonly string[]; readonly mode?: Mode }
  /** Refused where it was to be used, and taken in the provider's other environment. */
  | { readonly is: 'elsewhere'; readonly setting: string; readonly value: string }
  /** Nobody was reached, or nothing sensible came back. */
  | { readonly is: 'unreachable'; readonly reason: string }
  | { readonly is: 'untested' }

/** One question that was asked with a key. */
type Tried = { readonly mode: Mode; readonly permission: string; readonly result: string }

/**
 * Asks a provider with its key for everything the Worker will ask for, by the Worker's own code. Nothing but reads is sent.
 * @param env - the settings as they are to be
 */
export async function checkKey(name: ProviderName, env: Env): Promise<KeyResult> {
  const result = await tried(name, env)
  const { environment } = GUIDES[name]
  if (!environment || result.is !== 'refused') return result
  // The key does not say which of two hosts it is for: perhaps the other one knows it.
  const value = env[environment.setting] === environment.test ? environment.live : environment.test
  const other = await tried(name, { ...env, [environment.setting]: value })
  return other.is === 'works' || other.is === 'lacks' ? { is: 'elsewhere', setting: environment.setting, value } : result
}

async function tried(name: ProviderName, env: Env): Promise<KeyResult> {
  const connection = providerNamed(name)?.connect(settingReader(env))
  if (!connection) return { is: 'untested' }
  const ask = startAsking()
  const lists = connection.lists.map(async ({ mode, permission, page }): Promise<Tried> => {
    const answer = await page(Date.now() - DAY_MS, undefined, ask)
    return { mode, permission, result: answer.is === 'page' ? 'ok' : answer.reason }
  })
  return sorted(await Promise.all([...lists, ...askedBeside(name, connection)]))
}

/** What no list needs, and the lookup of an order does. */
function askedBeside(name: ProviderName, { lists, lookup }: Connection): Promise<Tried>[] {
  const { alsoReads } = GUIDES[name]
  if (!alsoReads) return []
  const nothing: Wanted = { soldAs: false, only: [], person: false, aliases: [], scope: false, sentMinor: undefined, toldMinor: undefined }
  const { id, permission } = alsoReads
  const mode = lists[0]?.mode ?? 'unknown'
  return [
    lookup(id, startAsking(), nothing).then((answer) => ({
      mode,
      permission,
      result: answer.is === 'misconfigured' ? answer.reason : 'ok',
    })),
  ]
}

/** The worst comes first: of a live and a test key each is looked at by itself. */
function sorted(all: readonly Tried[]): KeyResult {
  const byMode = Map.groupBy(all, ({ mode }) => mode)
  const results = [...byMode].map(([mode, some]) => ofOneKey(mode, some, byMode.size > 1))
  const order = ['refused', 'lacks', 'unreachable']
  return (
    order.map((word) => results.find(({ is }) => is === word)).find(Boolean) ?? {
      is: 'works',
      modes: [...byMode.keys()].filter((mode) => mode !== 'unknown'),
    }
  )
}

function ofOneKey(mode: Mode, all: readonly Tried[], isOneOfTwo: boolean): KeyResult {
  const refused = all.filter(({ result }) => result.startsWith('key-refused'))
  const permissions = [...new Set(refused.map(({ permission }) => permission))]
  const which = isOneOfTwo ? { mode } : {}
  const invalid = refused.find(({ result }) => result === 'key-refused-401')
  if (invalid || (refused.length && refused.length === all.length)) {
    return { is: 'refused', reason: invalid?.result ?? 'key-refused-403', permissions, ...which }
  }
  if (refused.length) return { is: 'lacks', permissions, ...which }
  const broken = all.find(({ result }) => result !== 'ok')
  return broken ? { is: 'unreachable', reason: broken.result } : { is: 'works', modes: [mode] }
}
