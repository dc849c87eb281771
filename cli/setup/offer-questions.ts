/** The questions about what is sold: what counts, and which links Buy buttons lead to. */
import { isDeepStrictEqual } from 'node:util'
import { PROVIDERS, type ProviderName, providerNamed } from '../../src/providers/index.ts'
import { settingsFor } from '../../src/settings.ts'
import { GUIDES } from '../guides/index.ts'
import { type Answers, addressOf, envOf, type Link, linksOf, onlyOf, tableIn, withVar } from './answers.ts'
import { askText, askWhether, choose, chooseSeveral } from './ask.ts'
import { isKnown } from './install.ts'
import { idsIn, tellsWhose, wrongWithIds, wrongWithLink, wrongWithLinkName } from './offer.ts'
import { pastesFor } from './paste.ts'
import { say } from './say.ts'
import { astraySentence, linksAstray } from './way-back.ts'

/** Which products, prices or links count, where an account sells more than this shop’s. */
export async function askOnly(answers: Answers): Promise<Answers> {
  const all = onlyOf(answers)
  say.step('What counts\nSales of everything on an account are counted, unless you name what belongs to this site.')
  let result = answers
  for (const name of answers.providers) {
    const current = all[name] ?? []
    const { onlyNames, onlyExample } = GUIDES[name]
    say.note(
      `Is anything else sold on this ${providerNamed(name)?.title} account? Then name what counts: ${onlyNames}, with commas between.`,
    )
    const message = `What counts at ${providerNamed(name)?.title} (empty: everything)`
    const ids = idsIn(await askText({ message, current: current.join(', '), example: onlyExample, check: wrongWithIds }))
    if (ids.join() !== current.join()) result = withOnly(result, name, ids)
  }
  return result
}

function withOnly(answers: Answers, name: ProviderName, ids: readonly string[]): Answers {
  const { [name]: _, ...others } = tableIn(answers, 'ONLY')
  return withVar(answers, 'ONLY', ids.length ? { ...others, [name]: ids } : others)
}

/** Payment links for Buy buttons. Some providers have none. */
export async function askLinks(answers: Answers): Promise<Answers> {
  const withLinks = PROVIDERS.filter((provider) => answers.providers.includes(provider.name) && 'link' in provider && provider.link)
  if (!withLinks.length) return answers
  say.step(
    'Buy buttons\nA Buy button that leads to your payment link through this Worker takes the visitor along: the sale is then attributed whatever device the buyer returns on.',
  )
  showWaysBack(answers)
  let links = await askKept(answers)
  const example = GUIDES[withLinks[0]?.name ?? 'stripe'].linkExample
  for (;;) {
    const isFirst = !Object.keys(links).length
    const message = isFirst ? 'A payment link (empty: none for now)' : 'Another payment link (empty: no more)'
    const url = await askText({ message, example, check: (text) => (text ? wrongWithLink(text) : undefined) })
    if (!url) break
    const name = await askText({
      message: 'A short name for it, the end of the button’s address',
      current: freeName(links),
      check: wrongWithLinkName,
    })
    const link: Link = tellsWhose(url) ? url : { provider: await askWhose(withLinks), url }
    links = { ...links, [name]: await askWayBack(answers, name, link) }
  }
  return isDeepStrictEqual(links, tableIn(answers, 'LINKS')) ? answers : withVar(answers, 'LINKS', links)
}

/** What links have to hold that say themselves where their buyers go. */
function showWaysBack(answers: Answers): void {
  const here = addressOf(answers)
  if (!isKnown(here)) return
  for (const { title, successUrlEncoded } of pastesFor(answers, settingsFor(envOf(answers)), here)) {
    if (successUrlEncoded)
      say.note(`A ${title} link says itself where its buyers go. They come back here when it holds this:\n  ${successUrlEncoded}`)
  }
}

/** A link that does not bring its buyers back here is completed, if that is wanted. */
async function askWayBack(answers: Answers, name: string, link: Link): Promise<Link> {
  const alone = withVar(answers, 'LINKS', { [name]: link })
  const [astray] = linksAstray(settingsFor(envOf(alone)), addressOf(alone))
  if (!astray) return link
  say.warning(astraySentence(astray))
  if (!astray.completed || !(await askWhether('Put that link into LINKS?', true))) return link
  return typeof link === 'string' ? astray.completed : { ...link, url: astray.completed }
}

/** What is in the table and no link at all stays: it is told of among the problems. */
async function askKept(answers: Answers): Promise<Readonly<Record<string, unknown>>> {
  const all = tableIn(answers, 'LINKS')
  const links = linksOf(answers)
  const names = Object.keys(links)
  if (!names.length) return all
  const choices = names.map((name) => ({ value: name, label: `${name}  ${urlOf(links[name])}` }))
  const kept = await chooseSeveral('Payment links: which are to stay?', choices, names, false)
  return Object.fromEntries(Object.entries(all).filter(([name]) => !names.includes(name) || kept.includes(name)))
}

function urlOf(link: Link | undefined): string {
  return typeof link === 'string' ? link : (link?.url ?? '')
}

async function askWhose(providers: readonly { name: ProviderName; title: string }[]): Promise<string> {
  const [only, ...others] = providers
  if (only && !others.length) {
    say.info(`No provider’s own host: it is taken for ${only.title}’s.`)
    return only.name
  }
  return choose(
    'Its host is no provider’s own. Whose link is it?',
    providers.map(({ name, title }) => ({ value: name, label: title })),
  )
}

/** `buy`, `buy-2` and so on: the first that is free. */
function freeName(links: Readonly<Record<string, unknown>>): string {
  const names = ['buy', ...Object.keys(links).map((_, place) => `buy-${place + 2}`)]
  return names.find((name) => !Object.hasOwn(links, name)) ?? 'buy'
}
