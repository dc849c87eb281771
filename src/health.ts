import { json } from './answer.ts'
import { log } from './log.ts'
import { loops } from './page.ts'
import type { Problem } from './setting-reader.ts'
import type { Settings } from './settings.ts'

/** What is set up and what is wrong with it: names of settings, never their values. 503 when something needs mending. */
export function health(settings: Settings, here: URL): Response {
  const problems = problemsAt(settings, here)
  const misconfigured = problems.some((problem) => problem.serious)
  return json(misconfigured ? 503 : 200, {
    status: misconfigured ? 'misconfigured' : 'ok',
    providers: [...settings.connections.keys()],
    problems: problems.map(({ setting, text }) => `${setting} ${text}`),
  })
}

const logged = new WeakSet<Settings>()

/** Tells the log once what is wrong, so that a broken set-up is noticed without anybody asking for the health page. */
export function logProblems(settings: Settings, here: URL): void {
  if (logged.has(settings)) return
  logged.add(settings)
  const problems = problemsAt(settings, here)
  if (problems.length) log('loud', { event: 'settings', problems: problems.map(({ setting, text }) => `${setting} ${text}`).join('; ') })
}

/** @param here - the address of a request: whether a page leads back to us depends on where we are */
function problemsAt(settings: Settings, here: URL): Problem[] {
  const text = `leads back to this Worker (${settings.basePath}/…); choose a page outside of it`
  return [...settings.problems, ...loops(settings, here).map((setting) => ({ setting, text, serious: true }))]
}
