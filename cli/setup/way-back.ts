import type { Settings } from '../../src/settings.ts'
import { addressesOf } from '../../src/status/compose.ts'
import type { Guide } from '../guides/guide.ts'
import { GUIDES } from '../guides/index.ts'
import { isKnown } from './install.ts'

/** A payment link that does not bring its buyers back to this Worker, at a provider whose links say themselves where to. */
export type Astray = {
  /** Its name in `LINKS`. */
  readonly name: string
  readonly title: string
  /** What in the link says where buyers go. */
  readonly parameter: string
  /** The link as it has to be; absent as long as nobody knows where the Worker is reached. */
  readonly completed?: string
}

const guides: Readonly<Record<string, Guide>> = GUIDES

/** Those of all payment links. @param here - the Worker's address */
export function linksAstray(settings: Settings, here: URL): Astray[] {
  return [...settings.links].flatMap(([name, { url, provider }]) => {
    const parameter = provider && guides[provider.name]?.successUrlParameter
    if (!parameter) return []
    const wanted = new URL(addressesOf(provider, settings, here).successUrl)
    const given = URL.parse(url.searchParams.get(parameter) ?? '')
    if (given && isSame(given, wanted)) return []
    // What another address of ours asked for, such as a page of its own, is still meant.
    if (given?.pathname === wanted.pathname) wanted.search = given.search
    const completed = isKnown(wanted) ? { completed: withParameter(url, parameter, wanted.href) } : {}
    return [{ name, title: provider.title, parameter, ...completed }]
  })
}

/** What is wrong with such a link, and what to put in its place. */
export function astraySentence({ name, title, parameter, completed }: Astray): string {
  const wrong = `LINKS.${name} does not bring its buyers back here: ${title} sends them where ${parameter} in the link says.`
  return `${wrong} ${completed ? `Put this link there instead: ${completed}` : 'The first deployment tells what has to stand there.'}`
}

/** As long as the account's part of a workers.dev address is not known, the Worker's own has to do. */
function isSame(given: URL, wanted: URL): boolean {
  if (given.pathname.replace(/\/$/, '') !== wanted.pathname) return false
  const [name] = wanted.host.split('.')
  return isKnown(wanted) ? given.origin === wanted.origin : given.host.startsWith(`${name}.`) && given.host.endsWith('.workers.dev')
}

/** Everything else in the link stays as it is, to the letter. */
function withParameter(url: URL, parameter: string, value: string): string {
  const others = url.search
    .slice(1)
    .split('&')
    .filter((part) => part && !new URLSearchParams(part).has(parameter))
  const completed = new URL(url)
  completed.search = [...others, `${parameter}=${encodeURIComponent(value)}`].join('&')
  return completed.href
}
