/** The questions about keys. Each is tried out before it is taken. */
import type { Website } from '../../src/books/website.ts'
import { PROVIDERS, type ProviderName } from '../../src/providers/index.ts'
import { settingsFor, WEBSITE_ID } from '../../src/settings.ts'
import type { Read } from '../configuration.ts'
import { GUIDES } from '../guides/index.ts'
import { type Answers, addressOf, envOf, replacedIn, textOf, withSecret, withStored, withVar } from './answers.ts'
import { askSecret, askText, askWhether, type Choice, choose, Stopped, waitFor } from './ask.ts'
import { checkDataFast } from './datafast-check.ts'
import { checkKey, type KeyResult } from './key-check.ts'
import { type KeyPlace, keySentence, keyWarnings, placeOf } from './key-words.ts'
import { say } from './say.ts'
import { invented } from './secrets-of-ours.ts'
import { masked, wrongWithSecret } from './shapes.ts'
import { cookieWarning, doubleCounting } from './verdict.ts'

/**
 * How it goes with the keys: what DataFast said of the website; whether there is no network, so that nobody is asked; and what is
 * wrong with keys that were kept all the same.
 */
export type Session = { website: Website | undefined; isOffline: boolean; readonly kept: string[] }

/** A test of the key that the answers hold. It may change them, as when the key turns out to be of the other environment. */
type Test = (answers: Answers) => Promise<{ result: KeyResult; answers: Answers }>

/** A key of the environment may be meant for another project: it replaces a stored one only when somebody says so. */
export async function askReplacements(read: Read): Promise<Read> {
  let result = read
  for (const name of replacedIn(read)) {
    const isMeant = await askWhether(`${name} of the environment is another than the one in .dev.vars. Replace that?`, false)
    if (!isMeant) result = withStored(result, [name])
  }
  return result
}

/** DataFast’s key, and which website it is for. */
export async function askDataFast(answers: Answers, session: Session): Promise<Answers> {
  const hint = 'A website key begins with df_; an account token, dft_, has to be told the website as well.'
  const test: Test = async (candidate) => {
    const isToken = candidate.secrets.DATAFAST_API_KEY?.startsWith('dft_')
    const named = isToken ? await askWebsite(candidate, 'The id of the website, 24 hex digits') : candidate
    return { result: await askedDataFast(named, session), answers: named }
  }
  const keyed = await askKey(answers, placeOf('datafast'), hint, session, test)
  const result = keyed.secrets.DATAFAST_API_KEY?.startsWith('df_') ? await askToNotice(keyed, session) : keyed
  for (const warning of aboutWebsite(result, session.website)) say.warning(warning)
  return result
}

async function askedDataFast(answers: Answers, session: Session): Promise<KeyResult> {
  if (session.isOffline) return { is: 'untested' }
  const { key, website } = await waitFor('Asking DataFast…', checkDataFast(settingsFor(envOf(answers))))
  session.website = website
  return key
}

/** With a website key its id is needed for one thing alone. */
async function askToNotice(answers: Answers, session: Session): Promise<Answers> {
  say.note(
    'With the website’s id the Worker notices when DataFast imports the same sales by itself, which would count them twice. It has 24 hex digits, and is not the dfid_… of the script tag.',
  )
  for (;;) {
    const named = await askWebsite(answers, 'The id of the website at DataFast (optional)')
    if (named === answers || !textOf(named.vars, 'DATAFAST_WEBSITE_ID')) return named
    await askedDataFast(named, session)
    const unread = session.website?.unread
    if (!unread) return named
    say.warning(`DataFast does not tell with this key what it imports for that website (${unread}): compare the id.`)
    if (await askWhether('Keep the id as it is?', false)) return named
  }
}

async function askWebsite(answers: Answers, message: string): Promise<Answers> {
  const isToken = answers.secrets.DATAFAST_API_KEY?.startsWith('dft_')
  const current = textOf(answers.vars, 'DATAFAST_WEBSITE_ID')
  const check = (id: string) => {
    if (!id && !isToken) return undefined
    if (id.startsWith('dfid_')) return 'That is the id of the script tag. The website’s own has 24 hex digits.'
    return WEBSITE_ID.test(id) ? undefined : 'It has 24 digits from 0 to 9 and a to f.'
  }
  const id = await askText({ message, current, check })
  return id === current ? answers : withVar(answers, 'DATAFAST_WEBSITE_ID', id)
}

function aboutWebsite(answers: Answers, website: Website | undefined): string[] {
  return [...cookieWarning(addressOf(answers), website), ...doubleCounting(answers, website)]
}

/** A provider’s key, live or test, or both. */
export async function askProviderKey(answers: Answers, name: ProviderName, session: Session): Promise<Answers> {
  const place = placeOf(name)
  const { keyMayRead, keyForms, keyNote, takesTwoKeys } = GUIDES[name]
  const hint = [
    ...(keyMayRead.length ? [`It needs: ${keyMayRead.join('; ')}.`] : []),
    `Looks like ${keyForms.join(' or ')}${takesTwoKeys ? '; a live and a test key may stand side by side, with a space between' : ''}.`,
    ...(keyNote ? [keyNote] : []),
  ].join('\n')
  const test: Test = async (candidate) => {
    if (session.isOffline) return { result: { is: 'untested' }, answers: candidate }
    const result = await waitFor(`Asking ${place.title}…`, checkKey(name, envOf(candidate)))
    return result.is === 'elsewhere' ? moved(result, candidate, place, name) : { result, answers: candidate }
  }
  return askKey(answers, place, hint, session, test)
}

async function moved(result: Extract<KeyResult, { is: 'elsewhere' }>, candidate: Answers, place: KeyPlace, name: ProviderName) {
  say.warning(keySentence(result, place))
  const { setting, value } = result
  if (!(await askWhether(`Set ${setting} = "${value}"?`, true))) return { result, answers: candidate }
  const isTest = value === GUIDES[name].environment?.test
  const works: KeyResult = { is: 'works', modes: [isTest ? 'test' : 'live'] }
  return { result: works, answers: withVar(candidate, setting, value) }
}

/** Asks for a key until it works, or somebody decides otherwise. */
async function askKey(before: Answers, place: KeyPlace, hint: string, session: Session, test: Test): Promise<Answers> {
  const { setting, title, page } = place
  const current = before.secrets[setting] ?? ''
  say.step(`${title}\nMade at: ${page}\n${hint}`)
  for (;;) {
    const kept = current ? `${masked(current)}; Enter keeps it` : 'Enter leaves it out for now'
    const check = (text: string) => (text ? wrongWithSecret(setting, text) : undefined)
    const entered = await askSecret({ message: `${title} key (${kept})`, check })
    if (!entered && !current) {
      say.warning(`Without ${setting} nothing is counted: run npm run setup again when you have it.`)
      return before
    }
    const given = entered || current
    const candidate = given === current ? before : withSecret(before, setting, given)
    const ended = await tryOut(candidate, place, session, test, candidate !== before)
    if (ended.is === 'taken') return ended.answers
    if (ended.is === 'left out') return before
  }
}

type Ended = { is: 'taken'; answers: Answers } | { is: 'left out' } | { is: 'another' }

/** @param isNew - it was typed just now: then there is something to return to */
async function tryOut(candidate: Answers, place: KeyPlace, session: Session, test: Test, isNew: boolean): Promise<Ended> {
  for (;;) {
    const { result, answers } = await test(candidate)
    if (result.is === 'works' || result.is === 'untested') {
      tellOf(result, answers, place)
      return { is: 'taken', answers }
    }
    say.wrong(keySentence(result, place))
    const choice = await choose<Next>(
      'What now?',
      result.is === 'unreachable' ? UNREACHABLE : REFUSED.filter(({ value }) => isNew || value !== 'skip'),
    )
    if (choice === 'stop') throw new Stopped()
    if (choice === 'untested') session.isOffline = true
    if (choice === 'keep') session.kept.push(keySentence(result, place))
    if (choice === 'keep' || choice === 'untested') return { is: 'taken', answers }
    if (choice !== 'retry') return { is: choice === 'another' ? 'another' : 'left out' }
  }
}

type Next = 'another' | 'keep' | 'skip' | 'retry' | 'untested' | 'stop'

const REFUSED: readonly Choice<Next>[] = [
  { value: 'another', label: 'Enter the key once more' },
  { value: 'retry', label: 'Ask again, with the same key', note: 'after a permission was added' },
  { value: 'keep', label: 'Keep it as it is' },
  { value: 'skip', label: 'Leave it as it was before' },
]

const UNREACHABLE: readonly Choice<Next>[] = [
  { value: 'retry', label: 'Try again' },
  { value: 'untested', label: 'Go on without testing keys' },
  { value: 'stop', label: 'Stop here', note: 'nothing is written' },
]

function tellOf(result: KeyResult, answers: Answers, place: KeyPlace): void {
  const settings = settingsFor(envOf(answers))
  if (result.is === 'works') say.well(keySentence(result, place))
  for (const warning of keyWarnings(result, place, settings)) say.warning(warning)
  for (const { text } of settings.problems) if (text.startsWith(`${place.setting} `)) say.warning(`${text}.`)
}

/** A webhook's secret is known only after the webhook was made, with an address that is told at the end. */
export async function askWebhookSecret(answers: Answers, name: ProviderName): Promise<Answers> {
  const provider = PROVIDERS.find((one) => one.name === name)
  if (!provider) return answers
  const setting = provider.webhook.secret
  const { madeBy, form } = GUIDES[name].webhookSecret
  const current = answers.secrets[setting]
  if (madeBy === 'seller' && !current) return askInvention(answers, setting, provider.title)
  const state = current ? `${masked(current)}; Enter keeps it` : 'optional'
  if (!current) {
    say.note(
      `The webhook’s secret (${form}) exists once you have made the webhook, whose address you are told at the end. Press Enter now, and run this again then.`,
    )
  }
  const check = (text: string) => (text ? wrongWithSecret(setting, text) : undefined)
  const entered = await askSecret({ message: `${provider.title} webhook secret (${state})`, check })
  return entered ? withSecret(answers, setting, entered) : answers
}

async function askInvention(answers: Answers, setting: string, title: string): Promise<Answers> {
  const choice = await choose(`${title}’s webhook needs a secret of your own making`, [
    { value: 'make', label: 'Make one for me', note: `it will stand in .dev.vars as ${setting}` },
    { value: 'enter', label: 'I have one' },
    { value: 'none', label: 'No webhook for now' },
  ])
  if (choice === 'none') return answers
  if (choice === 'make') return withSecret(answers, setting, invented())
  const check = (text: string) => (text ? wrongWithSecret(setting, text) : 'Enter it, or press Ctrl-C to stop.')
  return withSecret(answers, setting, await askSecret({ message: setting, check }))
}
