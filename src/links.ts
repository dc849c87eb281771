import * as v from 'valibot'
import { attach, type LinkRule } from './link.ts'
import { PROVIDERS, providerNamed } from './providers/index.ts'
import type { Connection, Provider } from './providers/provider.ts'
import type { SettingReader } from './setting-reader.ts'

/** A payment link of the seller's. `provider` is absent where nobody knows whose it is. */
type PaymentLink = { url: URL; provider: Provider | undefined }

/** By the names under which `/checkout/go/…` leads to them. */
export type PaymentLinks = ReadonlyMap<string, PaymentLink>

/** What such a name may be: it is the end of an address. */
export const LINK_NAME = /^[\w-]+$/

/** What an example leaves to be filled in, in an address or an id. */
export const LINK_GAP = /…|\.\.\.|<.*>/

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
    if (!LINK_NAME.test(name)) setting.complain(`LINKS.${name}`, 'cannot stand in an address: name it with letters, digits, - and _')
  }
  return links
}

function readLink(setting: SettingReader, name: string, given: unknown): PaymentLink | undefined {
  const entry = v.safeParse(Entry, given)
  if (!entry.success) {
    setting.complain(name, 'must be an address, or { provider = "…", url = "…" }')
    return undefined
  }
  const { url: text, provider: said } = entry.output
  const isWhole = text && !LINK_GAP.test(text)
  const url = isWhole ? setting.address(name, text) : undefined
  if (!isWhole)
    setting.complain(
      name,
      text ? 'still holds a gap: put the whole address of the payment link in' : 'is empty: it must be the address of a payment link',
    )
  if (!url) return undefined
  const named = providerNamed(said)
  const found = PROVIDERS.find(({ link }: Provider) => link && isAt(url, link.hosts))
  if (said && !named) {
    setting.complain(name, `names no provider: it is one of ${PROVIDERS.map((one) => one.name).join(', ')}`)
  } else if (named && found && named !== found) {
    setting.complain(name, `is at the host of ${found.title}, and not ${named.title}’s`)
  } else if (PROVIDERS.some(({ link }: Provider) => link?.drops && isAt(url, link.drops))) {
    setting.complain(name, 'is a short link, which loses the visitor: give the long one')
  } else if (!named && !found) {
    setting.complain(name, 'is at no provider’s host, so that no visitor is attached: say whose it is, { provider = "…", url = "…" }')
  }
  const provider = found ?? named
  checkReference(setting, name, url, provider)
  return { url, provider }
}

/** Stands for a visitor, to see what becomes of one. */
const NOBODY = '00000000-0000-4000-8000-000000000000'

/** A field that sellers use as well may be full, or hold what the provider would drop together with the visitor. */
function checkReference(setting: SettingReader, name: string, url: URL, provider: Provider | undefined): void {
  const { fits, parameter = '' } = provider?.link ?? {}
  const theirs = url.searchParams.get(parameter)
  if (!fits || !theirs) return
  if (!fitting(fits).test(theirs)) {
    setting.complain(name, `holds a ${parameter} that ${provider?.title} drops: the visitor takes its place`, false)
  } else if (!attachTo({ url, provider }, NOBODY).includes(NOBODY)) {
    setting.complain(name, `leaves no room in ${parameter} for the visitor: shorten it`)
  }
}

/** What is amiss between links and keys: a provider that is not switched on, or one that is so in the other mode. */
export function checkLinks(setting: SettingReader, links: PaymentLinks, connections: ReadonlyMap<string, Connection>): void {
  for (const [name, { url, provider }] of links) {
    if (!provider) continue
    const { title, keySetting, link } = provider
    const modes = connections.get(provider.name)?.lists.map(({ mode }) => mode)
    if (!modes) setting.complain(`LINKS.${name}`, `sells through ${title}, which is not switched on: set ${keySetting}`, false)
    if (!modes || !link?.test) continue
    const isTest = new RegExp(link.test).test(url.host + url.pathname)
    if (!modes.includes(isTest ? 'test' : 'live') && !modes.includes('unknown')) {
      setting.complain(
        `LINKS.${name}`,
        `is a link of the ${isTest ? 'test' : 'live'} mode, and ${keySetting} a ${isTest ? 'live' : 'test'} key`,
        false,
      )
    }
  }
}

/** Where a link leads, with a visitor attached as far as it takes one along. */
export function attachTo({ url, provider }: PaymentLink, visitor: string | undefined): string {
  const { link } = provider ?? {}
  return link && visitor ? attach(url.href, visitor, link.parameter, link.fits ? fitting(link.fits) : undefined) : url.href
}

function fitting(fits: string): RegExp {
  return new RegExp(`^${fits}$`)
}

function isAt({ host }: URL, hosts: string): boolean {
  return new RegExp(`^${hosts}$`).test(host)
}

/** What links.js does to which links. `address`: the source of a regular expression, of their host and path together. */
type ScriptRule = Pick<LinkRule, 'parameter' | 'fits'> & { address: string }

/** For each provider its own hosts, and each link elsewhere of which the seller said that it is theirs. */
export function scriptRules(links: PaymentLinks): ScriptRule[] {
  return PROVIDERS.flatMap((provider: Provider) => {
    const { link } = provider
    if (!link) return []
    const elsewhere = [...links.values()].filter((one) => one.provider === provider && !isAt(one.url, link.hosts))
    // A domain of the seller's own may be that of the whole site: of it the link alone is meant.
    const folders = Map.groupBy(elsewhere, ({ url }) => url.host + url.pathname.replace(/[^/]*$/, ''))
    const own = Array.from(folders, ([folder, some]) => {
      const ends = some.map(({ url }) => literally(url.pathname.replace(/.*\//, '')))
      return `${literally(folder)}${ends.length > 1 ? `(${ends.join('|')})` : ends}$`
    })
    const addresses = [`${link.hosts}\\/`, ...own].join('|')
    return [{ ...link, address: own.length ? `(${addresses})` : addresses }]
  })
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
