import { PROVIDERS } from '../../src/providers/index.ts'
import { type Answers, isFresh } from './answers.ts'
import { askDataFast, askProviderKey, askWebhookSecret, type Session } from './key-questions.ts'
import { askLinks, askOnly } from './offer-questions.ts'
import { say } from './say.ts'
import { withStatusToken } from './secrets-of-ours.ts'
import { askAgainWhatLoops, askInstall, askName, askPages, askProviders } from './shop-questions.ts'
import { verdictOn } from './verdict.ts'

/**
 * All questions, in their order.
 * @param before - what is set up now
 * @param offered - the same with what the flags say: what Enter takes
 */
export async function interview(before: Answers, offered: Answers, session: Session): Promise<Answers> {
  welcome(before)
  let answers = await askProviders(offered)
  answers = await askPages(answers)
  answers = await askAgainWhatLoops(await askInstall(answers, before))
  answers = await askDataFast(answers, session)
  for (const { name } of PROVIDERS) {
    if (!answers.providers.includes(name)) continue
    answers = await askProviderKey(answers, name, session)
    answers = await askWebhookSecret(answers, name)
  }
  answers = await askOnly(answers)
  answers = await askLinks(answers)
  answers = await askName(answers, before)
  if (!answers.secrets.STATUS_TOKEN) say.info('The status page gets a token of its own, STATUS_TOKEN in .dev.vars.')
  return withStatusToken(answers)
}

function welcome(before: Answers): void {
  const promise = 'Nothing is written before you say yes at the end: until then Ctrl-C leaves everything as it is.'
  const greeting = isFresh(before) ? 'A few questions, and your sales are counted.' : 'This is set up already: Enter keeps what is there.'
  say.note(`${greeting} ${promise}`)
  if (isFresh(before)) return
  const { problems, warnings } = verdictOn(before, undefined)
  if (problems.length) say.wrong(['To be mended:', ...problems.map((text) => `- ${text}`)].join('\n'))
  if (warnings.length) say.warning(['Could be better:', ...warnings.map((text) => `- ${text}`)].join('\n'))
}
