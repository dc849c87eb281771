import type { Website } from '../../src/books/website.ts'
import { problemsAt } from '../../src/health.ts'
import { PROVIDERS } from '../../src/providers/index.ts'
import { settingsFor } from '../../src/settings.ts'
import { cookieAt } from '../../src/status/checks.ts'
import { type Answers, addressOf, envOf, textOf } from './answers.ts'
import { importedTwice } from './datafast-check.ts'
import { astraySentence, linksAstray } from './way-back.ts'

/** What has to be mended before sales are counted, and what is well but could be better. One sentence each. */
export type Verdict = { readonly problems: readonly string[]; readonly warnings: readonly string[] }

/** What is to be said of the answers as a whole. @param website - what DataFast said, when it was asked */
export function verdictOn(answers: Answers, website: Website | undefined): Verdict {
  const settings = settingsFor(envOf(answers))
  const here = addressOf(answers)
  const all = problemsAt(settings, here)
  const keyless = PROVIDERS.filter(({ name, keySetting }) => answers.providers.includes(name) && !answers.secrets[keySetting])
  const missing = keyless.map(({ title, keySetting }) => `${keySetting} is not set: it switches ${title} on.`)
  // Which key is missing is said better than that one is.
  const serious = all.filter(({ serious, text }) => serious && !(missing.length && text.includes('or another provider')))
  return {
    problems: [...serious.map(({ text }) => `${text}.`), ...missing],
    warnings: [
      ...all.filter((problem) => !problem.serious).map(({ text }) => `${text}.`),
      ...linksAstray(settings, here).map(astraySentence),
      ...cookieWarning(here, website),
      ...doubleCounting(answers, website),
    ],
  }
}

/** What is not seen of the visitor from where the Worker answers: a list of one sentence, or empty. */
export function cookieWarning(here: URL, website: Website | undefined): string[] {
  if (here.hostname.endsWith('.workers.dev')) {
    return [
      'A workers.dev address never sees your visitors’ cookie: put links.js on the page with your Buy button, or give the Worker a host of its own.',
    ]
  }
  if (!website?.domain) return []
  const { state, text, fix = '' } = cookieAt(here.hostname, website.domain)
  return state === 'green' ? [] : [`${text} ${fix}`.trim()]
}

/** Sales that two would record: a list of one sentence, or empty. */
export function doubleCounting({ providers, vars }: Answers, website: Website | undefined): string[] {
  const twice = importedTwice(website, providers)
  if (!twice.length || textOf(vars, 'NATIVE_INTEGRATION') === 'ignore') return []
  const titles = PROVIDERS.filter(({ name }) => twice.includes(name))
    .map(({ title }) => title)
    .join(', ')
  return [
    `DataFast imports ${titles} by itself already: recorded by both, every sale would count twice. Disconnect ${titles} in DataFast’s settings, or leave it out here. Until then the Worker parks those sales.`,
  ]
}
