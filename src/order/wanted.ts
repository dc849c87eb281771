import type { Wanted } from '../providers/provider.ts'
import { partsOf } from '../reference.ts'
import type { Settings } from '../settings.ts'
import type { State } from './state.ts'

/** What a provider is asked about an order: nothing more than the settings need. @param sentMinor - of a running total, what was recorded before */
export function wantedFor(order: State, { only, customerFields }: Settings, sentMinor: number | undefined): Wanted {
  const { reference, aliases, returned, toldMinor } = order
  const { provider } = partsOf(reference)
  return {
    soldAs: only.has(provider),
    only: only.get(provider) ?? [],
    person: customerFields.some((field) => field !== 'customer_id'),
    aliases,
    scope: returned === false,
    sentMinor,
    toldMinor,
  }
}
