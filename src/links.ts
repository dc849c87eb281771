import * as v from 'valibot'
import type { LinkRule } from './link.ts'
import { PROVIDERS, providerNamed } from './providers/index.ts'
import type { Provider } from './providers/provider.ts'
import type { SettingReader } from './setting-reader.ts'

/** A payment link of the seller's. `provider` is absent where nobody knows whose it is. */
type PaymentLink = { url: URL; provider: Provider | undefined }

/** By the names under which `/checkout/go/…` leads to them. */
export type PaymentLinks = ReadonlyMap<string, PaymentLink>

const Entry = v.union([
  v.pipe(
    v.string(),
    v.transform((url) => ({ url, provider: undefined })),
  ),
  v.object({ url: v.string(), provider: v.string() }),
])

/** Reads `LINKS`, one by one: a mistake in one of them is told by its name, and the others work. */
export function readLinks(setting: SettingReader): PaymentLinks {
  const links = new Map<string, PaymentLink>()
  for (const [name, given] of setting.table('LINKS', v.unknown())) {
    const link = readLink(setting, `LINKS.${name}`, given)
    if (link) links.set(name, link)
    if (!/^[\w.~-]+$/.test(name)) setting.complain(`LINKS.${name}`, 'cannot stand in an address: name it with letters, digits, - and _')
  }
  return links
}

function readLink(setting: SettingReader, name: string, given: unknown): PaymentLink | undefined {
  const entry = v.safeParse(Entry, given)
  if (!entry.success) {
    setting.complain(name, 'must be an address, or { provider = "…", url = "…" }')
    return undefined
  }
  const url = setting.address(name, entry.output.url)
  if (!url) {
    if (!entry.output.url) setting.complain(name, 'is empty: it must be the address of a payment link')
    return undefined
  }
  const named = providerNamed(entry.output.provider)
  const found = PROVIDERS.find(({ link }: Provider) => link && isAt(url, link.hosts))
  if (entry.output.provider && !named) {
    setting.complain(name, `names no provider: it is one of ${PROVIDERS.map((one) => one.name).join(', ')}`)
  } else if (named && found && named !== found) {
    setting.complain(name, `is at the host of ${found.title}, and not ${named.title}’s`)
  } else if (PROVIDERS.some(({ link }: Provider) => link?.drops && isAt(url, link.drops))) {
    setting.complain(name, 'is a short link, which loses the visitor: give the long one')
  } else if (!named && !found) {
    setting.complain(name, 'is at no provider’s host, so that no visitor is attached: say whose it is, { provider = "…", url = "…" }')
  }
  return { url, provider: found ?? named }
}

function isAt({ hostname }: URL, hosts: string): boolean {
  return new RegExp(`^${hosts}$`).test(hostname)
}

/** What links.js does to which links. `address`: the source of a regular expression, of their host and path together. */
type ScriptRule = Pick<LinkRule, 'parameter' | 'isShared'> & { address: string }

/** For each provider its own hosts, and each link elsewhere of which the seller said that it is theirs. */
export function scriptRules(links: PaymentLinks): ScriptRule[] {
  return PROVIDERS.flatMap((provider: Provider) => {
    const { link } = provider
    if (!link) return []
    const elsewhere = [...links.values()].filter((one) => one.provider === provider && !isAt(one.url, link.hosts))
    // A domain of the seller's own may be that of the whole site: of it the link alone is meant.
    const own = elsewhere.map(({ url }) => `${literally(url.host + url.pathname)}$`)
    return [{ ...link, address: [`${link.hosts}\\/`, ...own].join('|') }]
  })
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
