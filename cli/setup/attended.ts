import { intro, outro } from '@clack/prompts'
import { settingsFor } from '../../src/settings.ts'
import type { Read } from '../configuration.ts'
import { type Answers, addressOf, currentAnswers, envOf, textOf } from './answers.ts'
import { askWhether, Interrupted, Stopped, waitFor } from './ask.ts'
import { deploy, deployTrouble } from './deploy.ts'
import { prepare, write } from './files.ts'
import { type Flags, withFlags } from './flags.ts'
import { askHealth } from './health-check.ts'
import { isKnown } from './install.ts'
import { interview } from './interview.ts'
import { askReplacements, type Session } from './key-questions.ts'
import { baseOf, buyButtonsFor, pastesFor } from './paste.ts'
import { consequences, describePlan, isNothing, type Plan, planFor } from './plan.ts'
import { describePastes } from './report.ts'
import { columns, say, wrapped } from './say.ts'
import { written } from './toml-edit.ts'
import { verdictOn } from './verdict.ts'

const INTERRUPTED = 130
const TO_MEND = 1

/** How far it has come: what Ctrl-C leaves behind. */
type Progress = { isWritten: boolean }

/** Sets everything up in a conversation. The result is what the program ends with. */
export async function setUpInTerminal(folder: string, read: Read, flags: Flags): Promise<number> {
  const progress: Progress = { isWritten: false }
  const farewell = () =>
    say.farewell(
      progress.isWritten
        ? 'Stopped. Both files are written; the Worker was not deployed.'
        : 'Stopped. Nothing was written: both files are as they were.',
    )
  // Between two questions the terminal itself turns Ctrl-C into a signal.
  const end = () => {
    farewell()
    process.exit(INTERRUPTED)
  }
  process.on('SIGINT', end)
  try {
    return await conversation(folder, read, flags, progress)
  } catch (error) {
    if (!(error instanceof Interrupted || error instanceof Stopped)) throw error
    farewell()
    return error instanceof Interrupted ? INTERRUPTED : TO_MEND
  } finally {
    process.off('SIGINT', end)
  }
}

async function conversation(folder: string, read: Read, flags: Flags, progress: Progress): Promise<number> {
  intro('success-url: set-up')
  const before = currentAnswers(await askReplacements(read))
  const given = withFlags(before, flags)
  if (given.is === 'wrong') {
    say.wrong(given.text)
    return 2
  }
  const session: Session = { website: undefined, isOffline: flags.offline === true, kept: [] }
  const answers = await interview(before, given.answers, session)
  const plan = planFor(before, answers, read.stored, settingsFor(envOf(answers)).basePath)
  const { problems: missing, warnings } = verdictOn(answers, session.website)
  const problems = [...missing, ...session.kept]
  for (const text of [...consequences(before, answers), ...warnings]) say.warning(text)
  for (const text of problems) say.wrong(text)
  const filed = await file(folder, plan, flags.print === true)
  if (filed === 'refused') return finish(answers, undefined, TO_MEND)
  progress.isWritten = filed === 'written'
  const deployed = filed === 'not wanted' ? undefined : await offerToDeploy(folder, answers, filed === 'written' && !problems.length)
  progress.isWritten = false
  const isFailed = deployed !== undefined && deployed.is !== 'deployed'
  return finish(answers, deployed?.is === 'deployed' ? deployed.address : undefined, problems.length || isFailed ? TO_MEND : 0)
}

type Filed = 'written' | 'unchanged' | 'not wanted' | 'refused'

async function file(folder: string, plan: Plan, isPrinted: boolean): Promise<Filed> {
  if (isNothing(plan)) {
    say.well('Nothing to write: both files are as you want them.')
    return 'unchanged'
  }
  const summary = describePlan(plan, written).flatMap(({ file, lines }) => [file, ...lines.map((line) => `  ${line}`)])
  const prepared = prepare(folder, plan)
  if (prepared.is === 'refused') {
    say.wrong(`${prepared.file} ${prepared.reason}: nothing was written. Put this there by hand:`)
    say.note(summary.join('\n'))
    return 'refused'
  }
  say.step(['What will be written', ...summary].join('\n'))
  if (isPrinted || !(await askWhether('Write it down?', true))) {
    say.info('Nothing was written.')
    return 'not wanted'
  }
  const done = write(folder, prepared.files)
  if (done.is === 'failed') {
    say.wrong(`The files could not be written (${done.reason}): mend that, and run this again. Both are as they were.`)
    return 'refused'
  }
  say.well(`Written: ${prepared.files.map((one) => one.file).join(', ')}.`)
  return 'written'
}

/** Deploys, if that is wanted. @param isLikely - something changed, and nothing is missing */
async function offerToDeploy(folder: string, answers: Answers, isLikely: boolean) {
  say.step('Deploying\nwrangler uploads the Worker together with its secrets, and logs you in to Cloudflare if it has to.')
  const isWanted = await askWhether('Deploy it now?', isLikely)
  if (!isWanted) {
    say.info('Whenever you want to, with the secrets that are set and no others:\n  npm run setup -- --yes --deploy')
    return undefined
  }
  const deployed = await deploy(folder, answers.secrets, true)
  if (deployed.is === 'failed' && deployed.code === INTERRUPTED) throw new Interrupted()
  if (deployed.is !== 'deployed') {
    say.wrong(deployTrouble(deployed))
    return deployed
  }
  say.well(`Deployed as ${answers.name}.`)
  await showHealth(answers, deployed.address)
  return deployed
}

async function showHealth(answers: Answers, learned: string | undefined): Promise<void> {
  const here = addressOf(answers, learned)
  if (!isKnown(here)) return
  const health = await waitFor('Asking the Worker how it is…', askHealth(baseOf(settingsFor(envOf(answers)), here)))
  const lines = [health.text, ...health.problems.map((one) => `- ${one}`)].join('\n')
  if (health.is === 'ok') say.well(lines)
  else say.warning(lines)
}

/** Ends with what is to be pasted where, without a frame: that is to be copied. */
function finish(answers: Answers, learned: string | undefined, code: number): number {
  const settings = settingsFor(envOf(answers))
  const here = addressOf(answers, learned)
  const all = {
    pastes: pastesFor(answers, settings, here),
    buyButtons: buyButtonsFor(answers, settings, here),
    base: baseOf(settings, here),
    thankYouUrl: textOf(answers.vars, 'THANK_YOU_URL'),
    isOnPath: answers.install.is === 'path',
    isOnWorkersDev: here.hostname.endsWith('.workers.dev'),
    isGuessed: !isKnown(here),
  }
  outro(code ? 'What to paste where, once the above is mended:' : 'What to paste where:')
  process.stdout.write(`${wrapped(describePastes(all).join('\n').trim(), columns())}\n`)
  return code
}
