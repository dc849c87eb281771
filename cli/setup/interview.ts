import { PROVIDERS } from '../../src/providers/index.ts'
import { type Answers, isFresh } from './answers.ts'
import { type Choice, choose } from './ask.ts'
import { askDataFast, askProviderKey, askWebhookSecret, type Session } from './key-questions.ts'
import { askLinks, askOnly } from './offer-questions.ts'
import { say } from './say.ts'
import { withStatusToken } from './secrets-of-ours.ts'
import { askAgainWhatLoops, askInstall, askName, askPages, askProviders } from './shop-questions.ts'
import { verdictOn } from './verdict.ts'

/** What somebody comes back for. */
type Wish = 'everything' | 'keys' | 'webhooks' | 'offer' | 'nothing'

const WISHES: readonly Choice<Wish>[] = [
  { value: 'everything', label: 'Go through everything', note: 'Enter keeps what is there' },
  { value: 'webhooks', label: 'Enter the secrets of webhooks' },
  { value: 'keys', label: 'Test the keys, or change them' },
  { value: 'offer', label: 'Change what counts, and the Buy buttons' },
  { value: 'nothing', label: 'Nothing: deploy, or see what to paste where' },
]

/**
 * All questions, in their order; of a shop that is set up those that somebody came back for.
 * @param before - what is set up now
 * @param offered - the same with what the flags say: what Enter takes
 */
export async function interview(before: Answers, offered: Answers, session: Session): Promise<Answers> {
  welcome(before)
  const wish = isFresh(before) ? 'everything' : await choose('What is to be done?', WISHES, 'everything')
  const answers = await asked(wish, before, offered, session)
  if (!answers.secrets.STATUS_TOKEN) say.info('The status page gets a token of its own, STATUS_TOKEN in .dev.vars.')
  return withStatusToken(answers)
}

async function asked(wish: Wish, before: Answers, offered: Answers, session: Session): Promise<Answers> {
  switch (wish) {
    case 'everything': {
      const shop = await askInstall(await askPages(await askProviders(offered)), before)
      const keyed = await askKeys(await askAgainWhatLoops(shop), session, true)
      return askName(await askLinks(await askOnly(keyed)), before)
    }
    case 'keys':
      return askKeys(offered, session, false)
    case 'webhooks':
      return forEach(offered, askWebhookSecret)
    case 'offer':
      return askLinks(await askOnly(offered))
    case 'nothing':
      return offered
  }
}

async function askKeys(answers: Answers, session: Session, withWebhooks: boolean): Promise<Answers> {
  return forEach(await askDataFast(answers, session), async (before, name) => {
    const keyed = await askProviderKey(before, name, session)
    return withWebhooks ? askWebhookSecret(keyed, name) : keyed
  })
}

/** Asks about each chosen provider, one after the other. */
async function forEach(answers: Answers, ask: (before: Answers, name: Answers['providers'][number]) => Promise<Answers>): Promise<Answers> {
  let result = answers
  for (const { name } of PROVIDERS) if (answers.providers.includes(name)) result = await ask(result, name)
  return result
}

function welcome(before: Answers): void {
  const promise = 'Nothing is written before you say yes at the end: until then Ctrl-C leaves everything as it is.'
  const greeting = isFresh(before) ? 'A few questions, and your sales are counted.' : 'This is set up already.'
  say.note(`${greeting} ${promise}`)
  if (isFresh(before)) return
  const { problems, warnings } = verdictOn(before, undefined)
  if (problems.length) say.wrong(['To be mended:', ...problems.map((text) => `- ${text}`)].join('\n'))
  if (warnings.length) say.warning(['Could be better:', ...warnings.map((text) => `- ${text}`)].join('\n'))
}
