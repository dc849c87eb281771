import type { Website } from '../../src/books/website.ts'
import { PROVIDERS, type ProviderName } from '../../src/providers/index.ts'
import { settingsFor } from '../../src/settings.ts'
import type { Read } from '../configuration.ts'
import { GUIDES } from '../guides/index.ts'
import { type Answers, addressOf, currentAnswers, envOf, textOf, withSecret, withVar } from './answers.ts'
import { checkDataFast } from './datafast-check.ts'
import { type Deployed, deploy, deployTrouble } from './deploy.ts'
import { prepare, write } from './files.ts'
import { type Flags, withFlags } from './flags.ts'
import { askHealth } from './health-check.ts'
import { isKnown } from './install.ts'
import { checkKey, type KeyResult } from './key-check.ts'
import { keySentence, keyWarnings, placeOf } from './key-words.ts'
import type { KeyReport, Outcome } from './outcome.ts'
import { baseOf, buyButtonsFor, pastesFor } from './paste.ts'
import { consequences, describePlan, isNothing, type Plan, planFor } from './plan.ts'
import { invented, missingInventions, withStatusToken } from './secrets-of-ours.ts'
import { wrongWithSecret } from './shapes.ts'
import { written } from './toml-edit.ts'
import { verdictOn } from './verdict.ts'

type Checked = {
  readonly answers: Answers
  readonly reports: readonly KeyReport[]
  readonly website: Website | undefined
  readonly warnings: readonly string[]
}

/** Sets everything up from flags, environment and files, without a question. `wrong`: the flags make no sense. */
export async function setUpUnattended(
  folder: string,
  read: Read,
  flags: Flags,
): Promise<{ is: 'ended'; outcome: Outcome } | { is: 'wrong'; text: string }> {
  const before = currentAnswers(read)
  const given = withFlags(before, flags)
  if (given.is === 'wrong') return given
  const wanted = withInventions(given.answers)
  const checked = await checkAll(wanted, flags.offline === true)
  const { answers, reports, website } = checked
  const path = settingsFor(envOf(answers)).basePath
  const plan = planFor(before, answers, read.stored, path)
  const misplaced = Object.entries(plan.env).flatMap(([setting, secret]) => misplacedAt(setting, secret))
  const failed = reports.filter(({ result }) => result !== 'works' && result !== 'untested')
  const refused = [...misplaced, ...failed.filter(({ setting }) => plan.env[setting])].map(({ setting }) => setting)
  const done = refused.length || flags.print ? undone(plan) : perform(folder, plan)
  const { problems, warnings } = verdictOn(answers, website)
  const troubles = [...problems, ...[...misplaced, ...failed].map(({ setting, text }) => `${setting}: ${text}`), ...done.troubles]
  const deployed = flags.deploy && !troubles.length && !flags.print ? await deploy(folder, answers.secrets, false) : undefined
  const undeployed = deployed && deployed.is !== 'deployed' ? [deployTrouble(deployed)] : []
  const learned = deployed?.is === 'deployed' ? deployed.address : undefined
  const here = addressOf(answers, learned)
  const settings = settingsFor(envOf(answers))
  const base = baseOf(settings, here)
  const health = deployed?.is === 'deployed' && isKnown(here) ? await askHealth(base) : undefined
  const all = [...troubles, ...undeployed, ...(health?.is === 'misconfigured' ? health.problems : [])]
  const outcome: Outcome = {
    ok: !all.length,
    written: done.written,
    ...(done.toWrite && { toWrite: done.toWrite }),
    worker: { name: answers.name, install: answers.install.is, address: isKnown(here) ? base : null },
    keys: reports,
    problems: all,
    warnings: [...consequences(before, answers), ...warnings, ...checked.warnings],
    paste: pastesFor(answers, settings, here),
    buyButtons: buyButtonsFor(answers, settings, here),
    statusPage: `${base}/status`,
    thankYouUrl: textOf(answers.vars, 'THANK_YOU_URL'),
    deployed: deployed?.is ?? 'no',
    ...(health && { health: health.text }),
    next: nextSteps({ all, refused, deployed, base, isWritten: !done.toWrite }),
  }
  return { is: 'ended', outcome }
}

/** The secrets that need nobody but a die. */
function withInventions(answers: Answers): Answers {
  return missingInventions(answers).reduce((before, setting) => withSecret(before, setting, invented()), withStatusToken(answers))
}

async function checkAll(wanted: Answers, isOffline: boolean): Promise<Checked> {
  const names = PROVIDERS.filter(({ keySetting }) => wanted.secrets[keySetting]).map(({ name }) => name)
  if (isOffline) return { answers: wanted, reports: untested(wanted, names), website: undefined, warnings: [] }
  const [dataFast, ...results] = await Promise.all([
    checkDataFast(settingsFor(envOf(wanted))),
    ...names.map((name) => checkKey(name, envOf(wanted))),
  ])
  // Keys that do not say their mode: what took them is what is set.
  const moved = results.flatMap((result) => (result.is === 'elsewhere' ? [result] : []))
  const answers = moved.reduce((before, { setting, value }) => withVar(before, setting, value), wanted)
  const settings = settingsFor(envOf(answers))
  const reports = names.map((name, place) => reportOf(name, settled(name, results[place])))
  return {
    answers,
    reports: [...(wanted.secrets.DATAFAST_API_KEY ? [reportOf('datafast', dataFast.key)] : []), ...reports],
    website: dataFast.website,
    warnings: [
      ...moved.map(({ setting, value }) => `${setting} is set to ${value}: that is where the key is taken.`),
      ...names.flatMap((name, place) => keyWarnings(settled(name, results[place]), placeOf(name), settings)),
    ],
  }
}

/** A key that is taken elsewhere works, once the setting says so. */
function settled(name: ProviderName, result: KeyResult = { is: 'untested' }): KeyResult {
  if (result.is !== 'elsewhere') return result
  return { is: 'works', modes: [result.value === GUIDES[name].environment?.test ? 'test' : 'live'] }
}

function untested(wanted: Answers, names: readonly ProviderName[]): KeyReport[] {
  const all = wanted.secrets.DATAFAST_API_KEY ? (['datafast', ...names] as const) : names
  return all.map((name) => reportOf(name, { is: 'untested' }))
}

function reportOf(name: ProviderName | 'datafast', result: KeyResult): KeyReport {
  const place = placeOf(name)
  const permissions = 'permissions' in result && result.permissions.length ? { permission: result.permissions } : {}
  return { setting: place.setting, result: result.is, text: keySentence(result, place), ...permissions }
}

/** A secret that evidently belongs elsewhere is not written down. */
function misplacedAt(setting: string, secret: string): { setting: string; text: string }[] {
  const text = secret && setting !== 'ALERT_URL' ? wrongWithSecret(setting, secret) : undefined
  return text ? [{ setting, text }] : []
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

function nextSteps(state: {
  all: readonly string[]
  refused: readonly string[]
  deployed: Deployed | undefined
  base: string
  isWritten: boolean
}): string[] {
  const { all, refused, deployed, base, isWritten } = state
  if (refused.length)
    return [
      `Nothing was written: mend ${refused.join(', ')} and run this again. With --offline a key that could not be tested is written down all the same.`,
    ]
  if (all.length) return ['Mend what stands among the problems, and run this again.']
  if (!isWritten) return ['Run this again without --print to write it down.']
  if (deployed?.is === 'deployed')
    return [
      `Open ${base}/health: "status":"ok" means that nothing is missing. A new host may take minutes to be known.`,
      'Paste what stands under paste into each provider’s dashboard.',
    ]
  return [
    'Deploy with npm run setup -- --yes --deploy, which uploads the secrets as well.',
    'Then paste what stands under paste into each provider’s dashboard.',
  ]
}
