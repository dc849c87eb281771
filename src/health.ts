import { json } from './answer.ts'
import type { Env } from './env.ts'
import { loops } from './page.ts'
import { settingsFor } from './settings.ts'

/** What is set up and what is wrong with it: names of settings, never their values. 503 when something needs mending. */
export function health(request: Request, env: Env): Response {
  const settings = settingsFor(env)
  const looping = loops(settings, new URL(request.url)).map((setting) => ({
    setting,
    text: `leads back to this Worker (${settings.basePath}/…); choose a page outside of it`,
    serious: true,
  }))
  const problems = [...settings.problems, ...looping]
  const misconfigured = problems.some((problem) => problem.serious)
  return json(misconfigured ? 503 : 200, {
    status: misconfigured ? 'misconfigured' : 'ok',
    providers: [...settings.connections.keys()],
    problems: problems.map(({ setting, text }) => `${setting} ${text}`),
  })
}
