import { parseArgs } from 'node:util'
import { PROVIDERS, type ProviderName, providerNamed } from '../../src/providers/index.ts'
import { settingReader } from '../../src/setting-reader.ts'
import { WEBSITE_ID } from '../../src/settings.ts'
import { type Answers, isFresh, type Link, tableIn, textOf, withVar } from './answers.ts'
import { INSTALLS, likelyZone, wrongWithHost } from './install.ts'
import { idsIn, wrongWithIds, wrongWithLink, wrongWithLinkName } from './offer.ts'
import { SHIPPED_NAME, suggestedName, wrongWithName } from './worker-name.ts'

/** What `--help` says. */
export const USAGE = `Usage: npm run setup                      asks, in a terminal
       npm run setup -- --json [flags]     never asks, answers with one JSON object
       npm run setup -- --yes [flags]      never asks, answers in words

  --provider a,b             ${PROVIDERS.map(({ name }) => name).join(', ')}
  --thank-you URL            where buyers land; --pending URL, --not-paid URL for those not paid (yet)
  --install ${INSTALLS.join('|')}
  --host HOST                the Worker’s host, such as pay.example.com; with --install path the site’s
  --name NAME                the Worker’s name at Cloudflare
  --website-id ID            DataFast’s id of the website, 24 hex digits
  --only stripe=plink_1,plink_2      what counts, where more is sold on the account; may be repeated
  --link NAME=URL            a payment link for a Buy button, NAME=provider:URL where its host does not tell; may be repeated
  --offline                  test no key
  --deploy                   upload the Worker and its secrets with wrangler
  --print                    write nothing, say what would be written
  --help

Secrets come from the environment or from .dev.vars, and never from flags: DATAFAST_API_KEY,
${PROVIDERS.map(({ keySetting }) => keySetting).join(', ')}, and those of webhooks.
What is not given stays as it is. A key that is new is written down only when its provider takes it, or with --offline.

The JSON object: { ok, written: [file], worker: { name, install, address }, keys: [{ setting, result, text, permission? }],
problems, warnings, paste: [{ provider, successUrl, webhookUrl, events, … }], buyButtons, statusPage, deployed, next }
Ends with 0 when all is well, 1 when something needs mending, 2 for wrong flags, 130 when interrupted.
`

const OPTIONS = {
  json: { type: 'boolean' },
  yes: { type: 'boolean' },
  help: { type: 'boolean' },
  offline: { type: 'boolean' },
  deploy: { type: 'boolean' },
  print: { type: 'boolean' },
  install: { type: 'string' },
  host: { type: 'string' },
  'thank-you': { type: 'string' },
  pending: { type: 'string' },
  'not-paid': { type: 'string' },
  provider: { type: 'string', multiple: true },
  only: { type: 'string', multiple: true },
  link: { type: 'string', multiple: true },
  name: { type: 'string' },
  'website-id': { type: 'string' },
} as const

/** What was given on the command line. */
export type Flags = ReturnType<typeof parse>

/** The flags as they were given; or what is wrong with them. */
export function readFlags(args: string[]): { is: 'read'; flags: Flags } | { is: 'wrong'; text: string } {
  try {
    return { is: 'read', flags: parse(args) }
  } catch (error) {
    // The first sentence names the flag. A secret that was given as one is not to be repeated.
    const name = /'(--?[\w-]+)/.exec(String((error as Error).message))?.[1]
    return {
      is: 'wrong',
      text: name ? `${name} is no flag of this program, or lacks its value.` : 'There is something among the flags that is none.',
    }
  }
}

function parse(args: string[]) {
  return parseArgs({ args, options: OPTIONS, allowPositionals: false }).values
}

/** The answers that flags give, over those that are there; or the first of them that makes no sense. */
export function withFlags(current: Answers, flags: Flags): { is: 'read'; answers: Answers } | { is: 'wrong'; text: string } {
  try {
    const answers = STEPS.reduce((before, step) => step(before, flags), current)
    return { is: 'read', answers: named(current, answers, flags) }
  } catch (error) {
    if (error instanceof WrongFlag) return { is: 'wrong', text: error.message }
    throw error
  }
}

class WrongFlag extends Error {}

type Step = (answers: Answers, flags: Flags) => Answers

const STEPS: readonly Step[] = [withProviders, withPages, withInstall, withWebsite, withOnly, withLinks, withName]

function withProviders(answers: Answers, { provider: given = [] }: Flags): Answers {
  const names = given.flatMap((list) => list.split(',')).map((name) => known(name.trim(), '--provider'))
  return { ...answers, providers: [...new Set([...answers.providers, ...names])] }
}

function known(name: string, flag: string): ProviderName {
  const provider = PROVIDERS.find((one) => one.name === name)
  if (!provider) throw new WrongFlag(`${flag} names no provider: it is one of ${PROVIDERS.map((one) => one.name).join(', ')}.`)
  return provider.name
}

function withPages(answers: Answers, flags: Flags): Answers {
  const pages = [
    ['thank-you', 'THANK_YOU_URL'],
    ['pending', 'PENDING_URL'],
    ['not-paid', 'NOT_PAID_URL'],
  ] as const
  return pages.reduce((before, [flag, setting]) => {
    const page = flags[flag]
    if (page === undefined) return before
    if (!settingReader({ page }).address('page')) throw new WrongFlag(`--${flag} must be an absolute https address.`)
    return withVar(before, setting, page)
  }, answers)
}

function withInstall(answers: Answers, { install, host }: Flags): Answers {
  if (install === undefined && host === undefined) return answers
  const wanted = install ?? (answers.install.is === 'path' ? 'path' : 'host')
  if (host !== undefined) refuse('--host', wrongWithHost(host))
  const given = host?.toLowerCase()
  if (wanted === 'workers-dev') return { ...answers, install: { is: 'workers-dev' } }
  const named = given ?? ('host' in answers.install ? answers.install.host : undefined)
  if (wanted !== 'host' && wanted !== 'path') throw new WrongFlag(`--install must be one of: ${INSTALLS.join(', ')}.`)
  if (!named) throw new WrongFlag(`--install ${wanted} needs --host, such as ${wanted === 'host' ? 'pay.example.com' : 'example.com'}.`)
  return {
    ...answers,
    install: wanted === 'host' ? { is: 'host', host: named } : { is: 'path', host: named, zone: zoneFor(answers, named) },
  }
}

/** The zone that is set is kept as long as the host lies in it. */
function zoneFor({ install }: Answers, host: string): string {
  const isWithin = install.is === 'path' && `.${host}`.endsWith(`.${install.zone}`)
  return isWithin ? install.zone : likelyZone(host)
}

function withWebsite(answers: Answers, { 'website-id': id }: Flags): Answers {
  if (id === undefined) return answers
  if (!WEBSITE_ID.test(id)) throw new WrongFlag('--website-id must be 24 hex digits, and not the dfid_… of the script tag.')
  return withVar(answers, 'DATAFAST_WEBSITE_ID', id)
}

function withOnly(answers: Answers, { only: given = [] }: Flags): Answers {
  const entries = given.map((entry) => {
    const [name = '', ids = ''] = splitAt(entry, '=')
    const provider = known(name, '--only')
    if (!idsIn(ids).length) throw new WrongFlag('--only must be like stripe=plink_1,plink_2.')
    refuse('--only', wrongWithIds(ids))
    return [provider, idsIn(ids)] as const
  })
  return entries.length ? withVar(answers, 'ONLY', { ...tableIn(answers, 'ONLY'), ...Object.fromEntries(entries) }) : answers
}

function withLinks(answers: Answers, { link: given = [] }: Flags): Answers {
  const entries = given.map((entry) => {
    const [name = '', target = ''] = splitAt(entry, '=')
    if (wrongWithLinkName(name)) throw new WrongFlag('--link must be like NAME=https://…, the name of letters, digits, - and _.')
    const link = linkOf(target)
    refuse('--link', wrongWithLink(link))
    return [name, link] as const
  })
  return entries.length ? withVar(answers, 'LINKS', { ...tableIn(answers, 'LINKS'), ...Object.fromEntries(entries) }) : answers
}

function linkOf(target: string): Link {
  const [first = '', rest = ''] = splitAt(target, ':')
  const isNamed = providerNamed(first) !== undefined
  const url = isNamed ? rest : target
  if (!/^https?:\/\//i.test(url))
    throw new WrongFlag('--link must lead to an absolute https address, with “provider:” before it where its host does not tell.')
  const provider = isNamed ? known(first, '--link') : undefined
  if (provider && !providerNamed(first)?.link) throw new WrongFlag(`--link: ${providerNamed(first)?.title} has no payment links.`)
  return provider ? { provider, url } : url
}

function refuse(flag: string, wrong: string | undefined): void {
  if (wrong) throw new WrongFlag(`${flag}: ${wrong}`)
}

function splitAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)]
}

function withName(answers: Answers, { name }: Flags): Answers {
  if (name !== undefined) refuse('--name', wrongWithName(name))
  return name === undefined ? answers : { ...answers, name }
}

/** A shop that is set up for the first time gets a name of its own; later on another name would be another Worker. */
function named(current: Answers, answers: Answers, { name }: Flags): Answers {
  const isFirst = isFresh(current) && !isFresh(answers) && current.name === SHIPPED_NAME && name === undefined
  return isFirst ? { ...answers, name: suggestedName(textOf(answers.vars, 'THANK_YOU_URL')) } : answers
}
