import { type IRequest, Router } from 'itty-router'
import { plain, redirectTo } from './answer.ts'
import type { Env } from './env.ts'
import { health, logProblems } from './health.ts'
import { log } from './log.ts'
import { destination } from './page.ts'
import { settingsFor } from './settings.ts'
import { isSpeculative, visit } from './visit.ts'

/** Answers one request. Never throws: where a buyer may be waiting, a fault of ours is a redirect too. */
export async function route(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
  const settings = settingsFor(env)
  const here = new URL(request.url)
  try {
    logProblems(settings, here)
    // A path outside of the base matches no route at all.
    return (await routerAt(settings.basePath).fetch(request, env, ctx)) ?? plain(404, 'not found')
  } catch (error) {
    log('loud', { event: 'fault', where: 'route', kind: error instanceof Error ? error.name : 'unknown' })
    if (!here.pathname.startsWith(`${settings.basePath}/success`)) return plain(500, 'internal error')
    return redirectTo(destination(settings, here, 'pending', undefined), 'pending')
  }
}

type Routes = ReturnType<typeof routesAt>
let built: { basePath: string; routes: Routes } | undefined

/** The routes are built once for a base path, which stays the same for as long as a deployment lives. */
function routerAt(basePath: string): Routes {
  if (built?.basePath !== basePath) built = { basePath, routes: routesAt(basePath) }
  return built.routes
}

function routesAt(base: string) {
  return Router<IRequest, [env: Env, ctx: ExecutionContext], Response>({ base })
    .all('/success/:provider?', (request, env, ctx) => success(request as unknown as Request, env, ctx, request.params.provider))
    .all('/success/*', (request, env, ctx) => success(request as unknown as Request, env, ctx, undefined))
    .all('/health', (request, env) =>
      allows(request, ['GET', 'HEAD']) ? health(settingsFor(env), new URL(request.url)) : notAllowed('GET, HEAD'),
    )
}

function success(request: Request, env: Env, ctx: ExecutionContext, provider: string | undefined): Response | Promise<Response> {
  if (!allows(request, ['GET', 'HEAD', 'POST'])) return notAllowed('GET, HEAD, POST')
  if (isSpeculative(request)) return plain(503, 'not while loading ahead')
  return visit(request, env, ctx, provider)
}

function allows(request: { method: string }, methods: string[]): boolean {
  return methods.includes(request.method)
}

function notAllowed(allow: string): Response {
  return plain(405, 'method not allowed', { allow })
}
