import type { Standing } from '../books/overview.ts'
import { leadsBack } from '../page.ts'
import type { Settings } from '../settings.ts'

/** Where this Worker may be reached, as far as that is known. `here`: an origin. `standing`: absent while the books are silent. */
type Known = { here: string | undefined; standing: Standing | undefined; hasBooks: boolean }

/** Whether a success URL leads to this Worker; `undefined` while nobody knows where that is. */
export function isOurs(successUrl: string, settings: Settings, { here, standing, hasBooks }: Known): boolean | undefined {
  const page = URL.parse(successUrl)
  if (!page) return true
  const { publicUrl } = settings
  const hosts = [...(here ? [new URL(here).host] : []), ...(publicUrl ? [publicUrl.host] : []), ...(standing?.hosts ?? [])]
  if (hosts.some((host) => leadsBack(page, settings, new URL(`https://${host}`)))) return true
  // Elsewhere, unless the books know of another address of ours.
  return hosts.length && (standing || publicUrl || !hasBooks) ? false : undefined
}
