import { PROVIDERS } from '../providers/index.ts'
import type { Listing } from '../providers/listing.ts'
import type { Settings } from '../settings.ts'
import type { ListState, ProviderState } from './incidents.ts'
import type { Movements } from './movements.ts'
import type { Notebook } from './notebook.ts'
import { DAY } from './plan.ts'

/** A webhook may come a while after its sale. */
const SILENCE = 30 * 60_000

/** When a provider was first seen switched on, in ms; noted when that is now. */
export function startOf(provider: string, { connections }: Settings, notes: Notebook): number {
  const now = Date.now()
  const known = notes.get(`start:${provider}`)
  if (known === undefined && connections.has(provider)) notes.put(`start:${provider}`, now)
  return known ?? now
}

export function listStateOf(provider: string, { name, permission }: Listing, notes: Notebook): ListState {
  return notes.get(`list:${provider}:${name}`) ?? { list: name, permission, result: 'not-read-yet', checkedAt: 0 }
}

/** How the providers that are switched on are doing, as far as the books know. */
export function providerStates(settings: Settings, notes: Notebook, movements: Movements): ProviderState[] {
  const now = Date.now()
  return PROVIDERS.flatMap(({ name, title, keySetting, webhook }) => {
    const connection = settings.connections.get(name)
    if (!connection) return []
    const startedAt = startOf(name, settings, notes)
    const known = notes.get(`webhook:${name}`)
    const isExpected = settings.webhookSecrets.has(name)
    const since = Math.max(known?.verifiedAt ?? 0, startedAt, now - 7 * DAY)
    return [
      {
        ...{ name, title, keySetting, startedAt, mode: connection.mode, webhookSetting: webhook.secret },
        lists: connection.lists.map((listing) => listStateOf(name, listing, notes)),
        webhook: { ...known, isExpected },
        silentSince: isExpected ? movements.foundBySweep(name, since, now - SILENCE) || undefined : undefined,
      },
    ]
  })
}
