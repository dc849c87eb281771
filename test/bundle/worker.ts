import { readFileSync } from 'node:fs'
import { http, passthrough } from 'msw'
import { setupServer } from 'msw/node'
import { createTestHarness } from 'wrangler'
import { World } from '../../sandbox/world/world.ts'
import type { Env } from '../../src/env.ts'
import type { Order } from '../../src/order/object.ts'
import type { Reference } from '../../src/reference.ts'

export const THANK_YOU = 'https://shop.example.com/thank-you'
export const VISITOR = '6f1c2a34-9b7d-4e21-8c55-d0e1f2a3b4c5'
export const OTHER_VISITOR = '0a9b8c7d-1e2f-4a3b-9c4d-5e6f7a8b9c0d'

export const SECRETS = {
  DATAFAST_API_KEY: 'df_sandbox_website_key',
  STRIPE_SECRET_KEY: 'rk_live_sandboxkey',
  DODO_PAYMENTS_API_KEY: 'dodo_sandbox_key',
}

/** The built Worker with its real wrangler.toml, the simulated internet around it, and nothing else reachable. */
export async function startWorker(settings: { vars?: Record<string, unknown>; secrets?: Record<string, string> } = {}) {
  const world = new World()
  const network = setupServer(
    http.all('*', ({ request }) =>
      new URL(request.url).hostname === '127.0.0.1' ? passthrough() : world.handle(request as unknown as Request),
    ),
  )
  network.listen({ onUnhandledRequest: 'error' })
  const mocked = globalThis.fetch
  globalThis.fetch = async (input, init) =>
    mocked(init && 'url' in init ? await ofThisRealm(init as Request) : input, 'url' in (init ?? {}) ? undefined : init)
  const vars = { THANK_YOU_URL: THANK_YOU, ATTRIBUTION_WAIT_SECONDS: 1, ...settings.vars }
  const harness = createTestHarness({
    workers: [
      {
        configPath: 'wrangler.toml',
        prebuiltWorkerDir: 'dist',
        // biome-ignore lint/suspicious/noExplicitAny: the harness' own JSON type is not exported
        vars: vars as Record<string, any>,
        secrets: settings.secrets ?? SECRETS,
      },
    ],
  })
  await harness.listen()
  const worker = harness.getWorker<Env>()
  const env = await worker.getEnv()
  if (!env.RECORDED || !env.ORDERS) throw new Error('bindings are missing')
  const { RECORDED: recorded, ORDERS: orders } = env

  return {
    world,
    harness,
    worker,
    recorded,
    orderNamed: (reference: Reference): DurableObjectStub<Order> => orders.getByName(reference),
    /** A buyer's browser at the success URL. */
    visit: (path: string, init: RequestInit & { visitor?: string; address?: string } = {}) => visit(harness, path, init),
    logs: () => harness.getLogs().map((line) => line.message),
    stop: async () => {
      await harness.close()
      globalThis.fetch = mocked
      network.close()
    },
  }
}

/** The harness hands over a request of its own fetch library, whose headers the one of Node does not see. */
async function ofThisRealm(request: Request): Promise<Request> {
  const body = await request.text()
  return new Request(request.url, { method: request.method, headers: [...request.headers], ...(body && { body }) })
}

export type TestWorker = Awaited<ReturnType<typeof startWorker>>

async function visit(
  harness: ReturnType<typeof createTestHarness>,
  path: string,
  init: RequestInit & { visitor?: string; address?: string },
) {
  const { visitor, address, ...rest } = init
  const headers = new Headers(rest.headers)
  if (visitor) headers.set('cookie', `theme=dark; datafast_visitor_id=${visitor}`)
  if (address) headers.set('cf-connecting-ip', address)
  // biome-ignore lint/suspicious/noExplicitAny: two copies of the fetch types meet here
  const response = await harness.fetch(`https://pay.example.com${path}`, { ...rest, headers, redirect: 'manual' } as any)
  return {
    status: response.status,
    location: response.headers.get('location'),
    outcome: response.headers.get('x-checkout-outcome'),
    headers: response.headers,
    text: await response.text(),
  }
}

/** Waits until something becomes true; fails with its last value. */
export async function eventually<Value>(
  read: () => Value | Promise<Value>,
  isDone: (value: Value) => boolean,
  timeoutMs = 10_000,
): Promise<Value> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const value = await read()
    if (isDone(value)) return value
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(value)} after ${timeoutMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

let counter = 0
/** An id nobody used before, of the shape Stripe gives its live sessions. */
export function sessionId(mode: 'live' | 'test' = 'live'): string {
  return `cs_${mode}_a1${String(++counter).padStart(6, '0')}${Math.random().toString(36).slice(2, 12).padEnd(10, '0')}`
}

/** An id nobody used before, of the shape Dodo gives payments and subscriptions. */
export function dodoId(kind: 'pay' | 'sub' = 'pay'): string {
  return `${kind}_${String(++counter).padStart(6, '0')}${Math.random().toString(36).slice(2, 12).padEnd(10, '0')}`
}

export function bundleSize(): number {
  return readFileSync('dist/index.js').length
}
