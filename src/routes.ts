import type { IRequest } from 'itty-router'
import { IttyRouter } from 'itty-router/IttyRouter'
import { answer, redirectTo } from './answer.ts'
import type { Env } from './env.ts'
import { go, linksScript } from './go.ts'
import { health, logProblems } from './health.ts'
import { logFault } from './log.ts'
import { destination } from './page.ts'
import { type Settings, settingsFor } from './settings.ts'
import { retry, status } from './status/status.ts'
import { type Call, visit } from './visit.ts'
import { receive } from './webhook.ts'

/** Answers one request. Never throws: where a buyer may be waiting, a fault of ours is a redirect too. */
export async function route(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
  const settings = settingsFor(env)
  const here = new URL(request.url)
  try {
    // A path outside of the base matches no route at all.
    return (await routerFor(settings, here).fetch(request, { request, here, env, ctx, settings })) ?? answer(404, 'not found\n')
  } catch (error) {
    logFault('route', error)
    if (!here.pathname.startsWith(`${settings.basePath}/success`)) return answer(500, 'internal error\n')
    return redirectTo(destination(settings, here, 'pending'), 'pending')
  }
}

let started: { settings: Settings; router: ReturnType<typeof routesAt> } | undefined

/** The routes are built once, and mistakes in the settings told once: they stay the same for as long as a deployment lives. */
function routerFor(settings: Settings, here: URL) {
  if (started?.settings !== settings) {
    started = { settings, router: routesAt(settings.basePath) }
    logProblems(settings, here)
  }
  return started.router
}

function routesAt(base: string) {
  const router = IttyRouter<IRequest, [Call], Response | undefined>({ base })
  for (const path of ['/success/:provider?', '/success/*']) {
    router.all<IRequest, [Call]>(path, allow('GET', 'HEAD', 'POST'), notAhead, ({ params }, call) => visit(call, params.provider))
  }
  router.all<IRequest, [Call]>('/webhook/:provider/:secret?', allow('POST'), ({ params }, call) =>
    receive(call, params.provider, params.secret),
  )
  router.all<IRequest, [Call]>('/go/:link', allow('GET', 'HEAD'), notAhead, ({ params }, call) => go(call, params.link))
  router.all<IRequest, [Call]>('/links.js', allow('GET', 'HEAD'), (_, { settings }) => linksScript(settings))
  router.all<IRequest, [Call]>('/status', allow('GET', 'HEAD'), (_, call) => status(call))
  router.all<IRequest, [Call]>('/status/retry', allow('POST'), (_, call) => retry(call))
  return router.all<IRequest, [Call]>('/health', allow('GET', 'HEAD'), (_, { settings, here }) => health(settings, here))
}

function allow(...methods: string[]) {
  return ({ method }: IRequest) =>
    methods.includes(method) ? undefined : answer(405, 'method not allowed\n', { allow: methods.join(', ') })
}

/** A page the browser loads ahead of a click: its answer might be reused, and the real visit never seen. */
function notAhead({ headers }: IRequest): Response | undefined {
  const purposes = ['sec-purpose', 'purpose', 'x-moz', 'x-purpose'].map((name) => headers.get(name))
  return /prefetch|prerender|preview/i.test(purposes.join()) ? answer(503, 'not while loading ahead\n') : undefined
}
