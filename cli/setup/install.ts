import type { Change } from './toml-edit.ts'

/** Where the Worker answers, as wrangler.toml has it. */
export type Install =
  /** A host of its own. */
  | { readonly is: 'host'; readonly host: string }
  /** A path on the site. `zone`: the domain at Cloudflare that the host belongs to. */
  | { readonly is: 'path'; readonly host: string; readonly zone: string }
  | { readonly is: 'workers-dev' }
  /** Written by hand in a way of its own: it is left alone. `host`: the first that is named, should there be one. */
  | { readonly is: 'own'; readonly host: string | undefined }

/** The words for it on the command line. */
export const INSTALLS = ['host', 'path', 'workers-dev'] as const

/** What wrangler.toml says, by its data. @param path - what the routes lie under, such as `/checkout` */
export function readInstall({ routes, route, workers_dev }: Readonly<Record<string, unknown>>, path: string): Install {
  const all: unknown[] = Array.isArray(routes) ? routes : []
  const [only, ...others] = all
  // Without any address in the file its routes may be kept in the dashboard.
  if (!all.length && !route) return workers_dev === false ? { is: 'own', host: undefined } : { is: 'workers-dev' }
  const { pattern, custom_domain, zone_name } = Object(typeof only === 'object' ? only : { pattern: only ?? route }) as Record<
    string,
    unknown
  >
  const host = typeof pattern === 'string' ? hostIn(pattern) : undefined
  const isOne = host && !others.length && !route && workers_dev === false
  if (isOne && custom_domain === true && pattern === host) return { is: 'host', host }
  if (isOne && typeof zone_name === 'string' && pattern === `${host}${path}/*`) return { is: 'path', host, zone: zone_name }
  return { is: 'own', host }
}

/** What has to stand in wrangler.toml for it. */
export function installChanges(install: Install, path: string): Change[] {
  const top = { table: '' } as const
  switch (install.is) {
    case 'own':
      return []
    case 'workers-dev':
      return [
        { ...top, key: 'routes' },
        { ...top, key: 'workers_dev', value: true },
      ]
    case 'host': {
      const value = [{ pattern: install.host, custom_domain: true }]
      return [
        { ...top, key: 'routes', value, like: /custom_domain/ },
        { ...top, key: 'workers_dev', value: false },
      ]
    }
    case 'path': {
      const value = [{ pattern: `${install.host}${path}/*`, zone_name: install.zone }]
      return [
        { ...top, key: 'routes', value, like: /zone_name/ },
        { ...top, key: 'workers_dev', value: false },
      ]
    }
  }
}

/** Stands in addresses for what only the first deployment tells: the account's part of a workers.dev address. */
const SUBDOMAIN = 'your-subdomain'

/** Where the Worker is reached. @param learned - the workers.dev address, once wrangler has told it */
export function originFor(install: Install, name: string, learned?: string): URL {
  const host = 'host' in install && install.host ? install.host : undefined
  return new URL(host ? `https://${host}` : (learned ?? `https://${name}.${SUBDOMAIN}.workers.dev`))
}

/** Whether an address is known, and not only what it will look like. */
export function isKnown(origin: URL): boolean {
  return !origin.hostname.includes(SUBDOMAIN)
}

/** What is wrong with a host's name; `undefined` when nothing is. An address is not one, and wrangler wants no port. */
export function wrongWithHost(text: string): string | undefined {
  if (/^https?:\/\//i.test(text) || text.includes('/')) return 'Just the host, without https:// and without a path: pay.example.com.'
  const isHost = /^(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))+$/i.test(text) && /\.[a-z][a-z0-9-]*$/i.test(text)
  return isHost ? undefined : 'A host is a name such as pay.example.com.'
}

/** The domain that a host most likely belongs to at Cloudflare. */
export function likelyZone(host: string): string {
  const labels = host.replace(/^www\./, '').split('.')
  const isShared = /^(co|com|net|org|ac)$/.test(labels.at(-2) ?? '') && (labels.at(-1)?.length ?? 0) === 2
  return labels.slice(isShared ? -3 : -2).join('.')
}

function hostIn(pattern: string): string | undefined {
  const host = pattern.split('/')[0] ?? ''
  return wrongWithHost(host) ? undefined : host
}
