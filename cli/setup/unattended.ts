import { settingsFor } from '../../src/settings.ts'
import type { Read } from '../configuration.ts'
import { type Answers, addressOf, currentAnswers, envOf, gapsIn, replacedIn, textOf, withSecret } from './answers.ts'
import { checkAll, misplacedAt } from './check-all.ts'
import { type Deployed, deploy, deployTrouble } from './deploy.ts'
import { prepare, write } from './files.ts'
import { type Flags, withFlags } from './flags.ts'
import { askHealth } from './health-check.ts'
import { isKnown } from './install.ts'
import type { KeyReport, Outcome } from './outcome.ts'
import { baseOf, buyButtonsFor, pastesFor } from './paste.ts'
import { consequences, describePlan, isNothing, type Plan, planFor } from './plan.ts'
import { invented, missingInventions, withStatusToken } from './secrets-of-ours.ts'
import { written } from './toml-edit.ts'
import { verdictOn } from './verdict.ts'

/** Sets everything up from flags, environment and files, without a question. `wrong`: the flags make no sense. */
export async function setUpUnattended(
  folder: string,
  read: Read,
  flags: Flags,
): Promise<{ is: 'ended'; outcome: Outcome } | { is: 'wrong'; text: string }> {
  const before = currentAnswers(read)
  const given = withFlags(before, flags)
  if (given.is === 'wrong') return given
  const checked = await checkAll(withInventions(given.answers), flags.offline === true)
  const { answers, reports } = checked
  const plan = planFor(before, answers, read.stored, settingsFor(envOf(answers)).basePath)
  const misplaced = Object.entries(plan.env).flatMap(([setting, secret]) => misplacedAt(setting, secret))
  const gaps = gapsIn(read)
  const failed = reports.filter(({ result }) => result !== 'works' && result !== 'untested')
  // Only what is new can still be kept out of the files.
  const refused = [...gaps, ...[...misplaced, ...failed.filter(({ setting }) => plan.env[setting])].map(({ setting }) => setting)]
  const done = refused.length || flags.print ? undone(plan) : perform(folder, plan)
  const { problems, warnings } = verdictOn(answers, checked.website)
  const troubles = [
    ...problems,
    ...gaps.map((setting) => `${setting} still holds a gap: give the whole of it.`),
    ...[...misplaced, ...failed].map(({ setting, text }) => `${setting}: ${text}`),
    ...done.troubles,
  ]
  const deployed = flags.deploy && !troubles.length && !flags.print ? await deploy(folder, answers.secrets, false) : undefined
  const all = [...replacedIn(read).map(replacement), ...consequences(before, answers), ...warnings, ...checked.warnings]
  return { is: 'ended', outcome: await outcomeOf({ answers, reports, done, refused, troubles, warnings: all, deployed }) }
}

/** Scripts hand over keys by the environment on purpose; one of another project is there by chance. */
function replacement(setting: string): string {
  return `${setting} of the environment replaces the one in .dev.vars. If it is another project’s, unset it and put the right one back.`
}

/** How everything went. `troubles`: what is to be mended; `refused`: the new secrets for whose sake nothing was written. */
type Course = {
  answers: Answers
  reports: readonly KeyReport[]
  done: Done
  refused: readonly string[]
  troubles: readonly string[]
  warnings: readonly string[]
  deployed: Deployed | undefined
}

async function outcomeOf({ answers, reports, done, refused, troubles, warnings, deployed }: Course): Promise<Outcome> {
  const settings = settingsFor(envOf(answers))
  const here = addressOf(answers, deployed?.is === 'deployed' ? deployed.address : undefined)
  const base = baseOf(settings, here)
  const health = deployed?.is === 'deployed' && isKnown(here) ? await askHealth(base) : undefined
  const undeployed = deployed && deployed.is !== 'deployed' ? [deployTrouble(deployed)] : []
  const problems = [...troubles, ...undeployed, ...(health?.is === 'misconfigured' ? health.problems : [])]
  return {
    ok: !problems.length,
    written: done.written,
    ...(done.toWrite && { toWrite: done.toWrite }),
    worker: { name: answers.name, install: answers.install.is, address: isKnown(here) ? base : null },
    keys: reports,
    problems,
    warnings,
    paste: pastesFor(answers, settings, here),
    buyButtons: buyButtonsFor(answers, settings, here),
    statusPage: `${base}/status`,
    thankYouUrl: textOf(answers.vars, 'THANK_YOU_URL'),
    deployed: deployed?.is ?? 'no',
    ...(health && { health: health.text }),
    next: nextSteps({ problems, refused, deployed, base, isWritten: !done.toWrite }),
  }
}

/** The secrets that need nobody but a die. */
function withInventions(answers: Answers): Answers {
  return missingInventions(answers).reduce((before, setting) => withSecret(before, setting, invented()), withStatusToken(answers))
}

type Done = { written: readonly string[]; toWrite?: Outcome['toWrite']; troubles: readonly string[] }

function undone(plan: Plan): Done {
  return { written: [], ...(!isNothing(plan) && { toWrite: describePlan(plan, written) }), troubles: [] }
}

function perform(folder: string, plan: Plan): Done {
  const prepared = prepare(folder, plan)
  if (prepared.is === 'refused')
    return { ...undone(plan), troubles: [`${prepared.file} ${prepared.reason}: nothing was written. See toWrite for what to put where.`] }
  const done = write(folder, prepared.files)
  if (done.is === 'failed') return { ...undone(plan), troubles: [`The files could not be written (${done.reason}).`] }
  return { written: prepared.files.map(({ file }) => file), troubles: [] }
}

type State = { problems: readonly string[]; refused: readonly string[]; deployed: Deployed | undefined; base: string; isWritten: boolean }

function nextSteps({ problems, refused, deployed, base, isWritten }: State): string[] {
  const mend = `Nothing was written: mend ${refused.join(', ')} and run this again.`
  if (refused.length) return [`${mend} With --offline a key that could not be tested is written down all the same.`]
  if (problems.length) return ['Mend what stands among the problems, and run this again.']
  if (!isWritten) return ['Run this again without --print to write it down.']
  const paste = 'Paste success URL and webhook address into each provider’s dashboard, and the Buy button’s into your page.'
  const open = `Open ${base}/health: "status":"ok" means that nothing is missing. A new host may take minutes to be known.`
  return deployed?.is === 'deployed'
    ? [open, paste]
    : ['Deploy with npm run setup -- --yes --deploy, which uploads the secrets as well.', paste]
}
