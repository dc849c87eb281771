import type { Website } from '../../src/books/website.ts'
import { readWebsite } from '../../src/books/website.ts'
import type { Settings } from '../../src/settings.ts'
import type { KeyResult } from './key-check.ts'

/** What DataFast said of its key, and of the website the key is for. */
export type DataFastResult = { readonly key: KeyResult; readonly website: Website | undefined }

/** Asks DataFast as the Worker does: for the website, and for what it imports by itself. Nothing but reads is sent. */
export async function checkDataFast({ dataFast }: Settings): Promise<DataFastResult> {
  if (!dataFast) return { key: { is: 'untested' }, website: undefined }
  const website = await readWebsite(dataFast, undefined)
  return { key: resultOf(website, dataFast.key.startsWith('dft_')), website }
}

/** @param isToken - an account token, whose permissions can be chosen; a website key has them all */
function resultOf({ result, unread, domain }: Website, isToken: boolean): KeyResult {
  if (result === 'key-refused-403' && isToken) return { is: 'lacks', permissions: ['analytics:read', ...settingsRead(unread)] }
  if (result.startsWith('key-refused')) return { is: 'refused', reason: result, permissions: [] }
  if (result === 'http-404' && isToken) return { is: 'refused', reason: 'website-unknown', permissions: [] }
  if (result !== 'ok') return { is: 'unreachable', reason: result }
  const missing = isToken ? settingsRead(unread) : []
  return missing.length ? { is: 'lacks', permissions: missing } : { is: 'works', modes: [], site: domain }
}

function settingsRead(unread: string | undefined): string[] {
  return unread === 'key-refused-403' ? ['settings:read'] : []
}

/** Which of these providers DataFast imports by itself: recorded by both, every sale would count twice. */
export function importedTwice(website: Website | undefined, providers: readonly string[]): string[] {
  return website?.connected.filter((name) => providers.includes(name)) ?? []
}
