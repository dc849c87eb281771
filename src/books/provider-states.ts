import { DAY } from '../order/timing.ts'
import { PROVIDERS } from '../providers/index.ts'
import type { Listing, Mode } from '../providers/listing.ts'
import type { Settings } from '../settings.ts'
import type { ListState, ProviderState } from './incidents.ts'
import type { Movements } from './movements.ts'
import type { Notebook } from './notebook.ts'

/** A webhook may come a while after its sale. */
const SILENCE = 30 * 60_000
/** Beyond that every sale of every provider would be read again with each cron run. */
const LOOKED_BACK = 35 * DAY

/**
 * Notes when each provider is first seen switched on, and when its webhooks are first expected. A live key that follows a
 * test key begins anew: what was sold meanwhile is nobody's to import.
 */
export function noteStarts({ connections, webhookSecrets }: Settings, notes: Notebook): void {
  const now = Date.now()
  for (const [name, { lists }] of connections) {
    for (const mode of new Set(lists.map((listing) => listing.mode))) {
      if (notes.get(`start:${name}:${mode}`) === undefined) notes.put(`start:${name}:${mode}`, now)
    }
  }
  for (const name of webhookSecrets.keys()) {
    const known = notes.get(`webhook:${name}`)
    if (known?.expectedAt === undefined) notes.put(`webhook:${name}`, { ...known, expectedAt: now })
  }
}

/** When a provider was first seen switched on with a key of that mode, in ms; now where it never was. */
export function startOf(provider: string, mode: Mode, notes: Notebook): number {
  return notes.get(`start:${provider}:${mode}`) ?? Date.now()
}

export function listStateOf(provider: string, { name, permission, mode }: Listing, notes: Notebook): ListState {
  const known = notes.get(`list:${provider}:${name}:${mode}`)
  return { list: name, result: 'not-read-yet', checkedAt: 0, ...known, mode, permission }
}

export function noteList(provider: string, state: ListState, notes: Notebook): void {
  notes.put(`list:${provider}:${state.list}:${state.mode}`, state)
}

/** How the providers that are switched on are doing, as far as the books know. */
export function providerStates(settings: Settings, notes: Notebook, movements: Movements): ProviderState[] {
  const now = Date.now()
  return PROVIDERS.flatMap(({ name, title, keySetting, webhook }) => {
    const lists = settings.connections.get(name)?.lists.map((listing) => listStateOf(name, listing, notes))
    const [first] = lists ?? []
    if (!lists || !first) return []
    const known = notes.get(`webhook:${name}`)
    const isExpected = settings.webhookSecrets.has(name)
    const startedAt = startOf(name, first.mode, notes)
    const since = Math.max(known?.verifiedAt ?? 0, known?.expectedAt ?? now, startedAt, now - LOOKED_BACK)
    return [
      {
        ...{ name, title, keySetting, startedAt, lists, mode: first.mode, webhookSetting: webhook.secret },
        webhook: { ...known, isExpected },
        silentSince: isExpected ? movements.foundBySweep(name, since, now - SILENCE) || undefined : undefined,
      },
    ]
  })
}
