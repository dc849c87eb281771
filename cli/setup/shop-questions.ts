/** The questions about the shop: where it sells, where its buyers land, where the Worker answers. */
import { leadsBack } from '../../src/page.ts'
import { PROVIDERS, type ProviderName } from '../../src/providers/index.ts'
import { settingReader } from '../../src/setting-reader.ts'
import { settingsFor } from '../../src/settings.ts'
import { GUIDES } from '../guides/index.ts'
import { type Answers, addressOf, envOf, isFresh, textOf, withSecret, withVar } from './answers.ts'
import { askText, askWhether, type Choice, choose, chooseSeveral } from './ask.ts'
import { type Install, likelyZone, wrongWithHost } from './install.ts'
import { say } from './say.ts'
import { masked } from './shapes.ts'
import { SHIPPED_NAME, suggestedName, wrongWithName } from './worker-name.ts'

/** Which providers are switched on. Taking one away is asked twice: its key goes with it. */
export async function askProviders(answers: Answers): Promise<Answers> {
  const choices = PROVIDERS.map(({ name, title, keySetting }): Choice<ProviderName> => {
    const secret = answers.secrets[keySetting]
    const native = GUIDES[name].importedByDataFast ? 'DataFast can import it by itself: not both' : undefined
    return { value: name, label: title, note: secret ? `key ${masked(secret)}` : native }
  })
  const chosen = await chooseSeveral('Where do you sell?', choices, answers.providers, true)
  let result: Answers = { ...answers, providers: chosen }
  for (const { name, title, keySetting } of PROVIDERS) {
    if (chosen.includes(name) || !answers.secrets[keySetting]) continue
    const isOff = await askWhether(`Switch ${title} off? Its key is then taken out of .dev.vars.`, false)
    result = isOff ? withSecret(result, keySetting, '') : { ...result, providers: [...result.providers, name] }
  }
  return { ...result, providers: PROVIDERS.map(({ name }) => name).filter((name) => result.providers.includes(name)) }
}

const PAGES = ['THANK_YOU_URL', 'PENDING_URL', 'NOT_PAID_URL']

/** Where buyers land. */
export async function askPages(answers: Answers): Promise<Answers> {
  const thanks = await askPage(answers, 'THANK_YOU_URL', 'Which page do buyers land on after paying?', 'https://example.com/thanks')
  const own = ['PENDING_URL', 'NOT_PAID_URL'].some((name) => textOf(answers.vars, name))
  const isMore = await askWhether('Other pages for buyers who did not pay, or not yet?', own)
  if (!isMore) return withVar(withVar(thanks, 'PENDING_URL', ''), 'NOT_PAID_URL', '')
  const pending = await askPage(thanks, 'PENDING_URL', 'Page for payments not confirmed yet (empty: the thank-you page)')
  return askPage(pending, 'NOT_PAID_URL', 'Page for buyers who did not pay (empty: the start of your site)')
}

async function askPage(answers: Answers, setting: string, message: string, example?: string): Promise<Answers> {
  const current = textOf(answers.vars, setting)
  const check = (page: string) => {
    if (!page && setting !== 'THANK_YOU_URL') return undefined
    return settingReader({ page }).address('page') ? undefined : 'It must be an absolute https address, such as https://example.com/thanks.'
  }
  const page = await askText({ message, current, example, check })
  return page === current ? answers : withVar(answers, setting, page)
}

/** A page under the Worker's own routes would send buyers in circles: it is asked for again, now that these are known. */
export async function askAgainWhatLoops(answers: Answers): Promise<Answers> {
  const settings = settingsFor(envOf(answers))
  const here = addressOf(answers)
  for (const [setting, page] of settings.pages) {
    if (!PAGES.includes(setting) || !leadsBack(page, settings, here)) continue
    say.wrong(`${page.href} lies under ${here.host}${settings.basePath}/, where the Worker itself answers: buyers would go in circles.`)
    return askAgainWhatLoops(await askPage(answers, setting, 'Another page then'))
  }
  return answers
}

type Kind = Install['is']

/**
 * Where the Worker answers, and what that means for the cookie.
 * @param before - what was set up before: where nothing was, the shipped workers.dev is nobody’s choice
 */
export async function askInstall(answers: Answers, before: Answers): Promise<Answers> {
  const { install } = answers
  const { basePath } = settingsFor(envOf(answers))
  say.note(
    [
      'DataFast knows a visitor by a cookie of your site. Who may see it depends on where the Worker answers:',
      '  a host of its own      sees it; your domain’s DNS is on Cloudflare',
      '  a path on your site    always sees it; Cloudflare proxies the site',
      '  workers.dev            never sees it: payment links carry the visitor',
    ].join('\n'),
  )
  const own: Choice<Kind>[] = install.is === 'own' ? [{ value: 'own', label: 'As wrangler.toml has it', note: 'routes of your own' }] : []
  const choices: Choice<Kind>[] = [
    ...own,
    { value: 'host', label: 'A host of its own, such as pay.example.com', note: 'recommended' },
    { value: 'path', label: `A path on your site, such as example.com${basePath}/` },
    { value: 'workers-dev', label: 'workers.dev' },
  ]
  const isFirst = install === before.install && install.is === 'workers-dev' && isFresh(before)
  const kind = await choose('Where should the Worker answer?', choices, isFirst ? 'host' : install.is)
  return { ...answers, install: await installOf(kind, answers, basePath) }
}

async function installOf(kind: Kind, answers: Answers, basePath: string): Promise<Install> {
  const { install } = answers
  const shop = URL.parse(textOf(answers.vars, 'THANK_YOU_URL'))?.hostname ?? 'example.com'
  switch (kind) {
    case 'own':
      return install
    case 'workers-dev':
      return { is: kind }
    case 'host': {
      const current = install.is === 'host' ? install.host : `pay.${likelyZone(shop)}`
      return { is: kind, host: await askHost('Which host? Deploying creates it.', current) }
    }
    case 'path': {
      const host = await askHost(
        `On which host? The Worker takes what lies under ${basePath}/.`,
        install.is === 'path' ? install.host : shop,
      )
      const zone = install.is === 'path' && `.${host}`.endsWith(`.${install.zone}`) ? install.zone : likelyZone(host)
      return { is: kind, host, zone: host === zone ? zone : await askZone(host, zone) }
    }
  }
}

async function askHost(message: string, current: string): Promise<string> {
  return (await askText({ message, current, check: wrongWithHost })).toLowerCase()
}

async function askZone(host: string, current: string): Promise<string> {
  const check = (zone: string) =>
    `.${host}`.endsWith(`.${zone}`) && zone.includes('.') ? undefined : `${host} does not belong to that domain.`
  return (await askText({ message: 'To which domain at Cloudflare does it belong?', current, check })).toLowerCase()
}

/** The Worker’s name: suggested the first time, and not changed lightly after that. @param before - what was set up before */
export async function askName(answers: Answers, before: Answers): Promise<Answers> {
  const isFirst = isFresh(before) && before.name === SHIPPED_NAME
  const current = isFirst ? suggestedName(textOf(answers.vars, 'THANK_YOU_URL')) : before.name
  const name = await askText({ message: 'The Worker’s name at Cloudflare: one for each shop', current, check: wrongWithName })
  if (isFirst || name === before.name) return { ...answers, name }
  const message = `Another name is another Worker, with empty storage: what ${before.name} knows of earlier sales stays behind. Rename it?`
  return (await askWhether(message, false)) ? { ...answers, name } : answers
}
