import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { http, passthrough } from 'msw'
import { setupServer } from 'msw/node'
import { createTestHarness } from 'wrangler'
import { lensWorker, lookAtOrders } from '../../sandbox/lens-worker.ts'
import { ownRequest } from '../../sandbox/world/foreign-request.ts'
import type { Delivery } from '../../sandbox/world/provider-event.ts'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { ConnectionReset } from '../../sandbox/world/service.ts'
import { World } from '../../sandbox/world/world.ts'
import type { Env } from '../../src/env.ts'
import type { State } from '../../src/order/state.ts'
import type { Reference } from '../../src/reference.ts'
import { booksLens } from './books-lens-worker.ts'

export * from './ids.ts'

export const THANK_YOU = 'https://shop.example.com/thank-you'
export const PENDING = 'https://shop.example.com/almost-there'
export const NOT_PAID = 'https://shop.example.com/pricing'
export const VISITOR = '6f1c2a34-9b7d-4e21-8c55-d0e1f2a3b4c5'
export const OTHER_VISITOR = '0a9b8c7d-1e2f-4a3b-9c4d-5e6f7a8b9c0d'

let counter = 0

type TestSettings = {
  vars?: Record<string, unknown>
  secrets?: Record<string, string>
  /** What is out of order, and how. `not-yet`: a later deployment may break it, or mend it. */
  broken?: Partial<Record<'orders' | 'memory' | 'books', 'throws' | 'hangs' | 'cannot-store' | 'not-yet'>>
  /** The books are not bound, as before they existed. */
  withoutBooks?: boolean
}

/** The built Worker with its real wrangler.toml, the simulated internet around it, and nothing else reachable. */
export async function startWorker(settings: TestSettings = {}) {
  const world = new World()
  const network = setupServer(
    http.all('*', ({ request }) =>
      new URL(request.url).hostname === '127.0.0.1' ? passthrough() : simulate(world, request as unknown as Request),
    ),
  )
  network.listen({ onUnhandledRequest: 'error' })
  const mocked = globalThis.fetch
  globalThis.fetch = async (input, init) =>
    mocked(init && 'url' in init ? await ownRequest(init as Request) : input, 'url' in (init ?? {}) ? undefined : init)
  const harness = createTestHarness(workersFor(settings))
  await harness.listen()
  const worker = harness.getWorker<Env>()
  const env = await worker.getEnv()
  const { RECORDED: recorded } = env
  if (!recorded) throw new Error('RECORDED is not bound')

  return {
    world,
    harness,
    worker,
    recorded,
    /** What an order has stored; `undefined` when it has nothing. */
    stateOf: async (reference: Reference): Promise<State | undefined> => (await lookAtOrders(harness, [reference]))[0],
    /** A buyer's browser at the success URL. */
    visit: (path: string, init: RequestInit & { visitor?: string; address?: string } = {}) => visit(harness, path, init),
    /** A provider at the webhook address. */
    post: (delivery: Delivery, init: RequestInit = {}) => post(harness, delivery, init),
    logs: () => harness.getLogs().map((line) => line.message),
    /** Deploys anew, with these settings instead, on the storage there is. */
    deploy: (changed: TestSettings) => harness.update(workersFor(changed)),
    stop: async () => {
      await harness.close()
      globalThis.fetch = mocked
      network.close()
    },
  }
}

function workersFor({ vars, secrets = SECRETS, broken = {}, withoutBooks }: TestSettings) {
  const standIns = Object.entries(broken).map(([what, how]) => ({ what, how, name: `broken-${what}` }))
  const bindings: Record<string, string> = { orders: 'ORDERS', memory: 'RECORDED', books: 'LEDGER' }
  return {
    workers: [
      {
        configPath: withoutBooks ? configWithoutBooks() : 'wrangler.toml',
        prebuiltWorkerDir: resolve('dist'),
        // biome-ignore lint/suspicious/noExplicitAny: the harness' own JSON type is not exported
        vars: { THANK_YOU_URL: THANK_YOU, ATTRIBUTION_WAIT_SECONDS: 1, ...vars } as Record<string, any>,
        secrets,
        bindingOverrides: Object.fromEntries(
          standIns.filter(({ how }) => how !== 'not-yet').map(({ what, name }) => [bindings[what] ?? what, name]),
        ),
      },
      lensWorker(),
      ...(withoutBooks ? [] : [booksLens()]),
      ...standIns.map(({ name, how }) => standIn(name, how)),
    ],
  }
}

function configWithoutBooks(): string {
  const config = readFileSync('wrangler.toml', 'utf8')
    .split(/\n(?=\[)/)
    .filter((block) => !block.includes('Ledger') && !block.includes('LEDGER'))
    .join('\n')
    .replace('"src/index.ts"', JSON.stringify(resolve('src/index.ts')))
  const path = join(mkdtempSync(join(tmpdir(), 'success-url-')), 'wrangler.toml')
  writeFileSync(path, config)
  return path
}

function standIn(name: string, how: string) {
  return { config: { name, main: `test/bundle/${name}.ts`, compatibility_date: '2026-10-01', vars: { HOW: how } } }
}

function simulate(world: World, request: Request): Promise<Response> {
  return world.handle(request).catch((error: unknown) => {
    if (error instanceof ConnectionReset) return Response.error()
    throw error
  })
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
  // The local runtime gives everybody one address: here each visit has its own, unless the limit is what is tried.
  headers.set('cf-connecting-ip', address ?? `198.18.${++counter >> 8}.${counter & 255}`)
  // Two copies of the fetch types meet here.
  const request = { ...rest, headers, redirect: 'manual' } as unknown as Parameters<typeof harness.fetch>[1]
  const response = await harness.fetch(`https://pay.example.com${path}`, request)
  return {
    status: response.status,
    location: response.headers.get('location'),
    outcome: response.headers.get('x-checkout-outcome'),
    headers: response.headers,
    text: await response.text(),
  }
}

async function post(harness: ReturnType<typeof createTestHarness>, { path, headers, body }: Delivery, init: RequestInit) {
  const request = { method: 'POST', headers, body, redirect: 'manual', ...init } as unknown as Parameters<typeof harness.fetch>[1]
  const response = await harness.fetch(`https://pay.example.com${path}`, request)
  const text = await response.text()
  const isJson = response.headers.get('content-type') === 'application/json'
  return { status: response.status, headers: response.headers, text, json: isJson ? (JSON.parse(text) as unknown) : undefined }
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
