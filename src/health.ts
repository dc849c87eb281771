import { answer } from './answer.ts'
import { log } from './log.ts'
import { leadsBack } from './page.ts'
import type { Problem } from './setting-reader.ts'
import type { Settings } from './settings.ts'

/** What is set up and what is wrong with it: names of settings, never their values. 503 when something needs mending. */
export function health(settings: Settings, here: URL): Response {
  const problems = problemsAt(settings, here)
  const misconfigured = problems.some(({ serious }) => serious)
  const report = {
    status: misconfigured ? 'misconfigured' : 'ok',
    providers: [...settings.connections.keys()],
    problems: problems.map(({ text }) => text),
  }
  return answer(misconfigured ? 503 : 200, JSON.stringify(report), { 'content-type': 'application/json' })
}

/** Tells the log what is wrong, so that a broken set-up is noticed without anybody asking for the health page. */
export function logProblems(settings: Settings, here: URL): void {
  const problems = problemsAt(settings, here)
  if (problems.length) log('loud', { event: 'settings', problems: problems.map(({ text }) => text).join('; ') })
}

/** What is wrong with the settings. @param here - the address of a request: whether a page leads back to us depends on where we are */
export function problemsAt(settings: Settings, here: URL): Problem[] {
  const links = Array.from(settings.links, ([name, { url }]) => [`LINKS.${name}`, url] as const)
  const loops = [...settings.pages, ...links].filter(([, page]) => leadsBack(page, settings, here))
  const text = `leads back to this Worker; choose a page outside of ${settings.basePath}/`
  return [...settings.problems, ...loops.map(([name]) => ({ text: `${name} ${text}`, serious: true }))]
}
