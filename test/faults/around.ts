/**
 * Stands before the bundle and lets things go wrong between its parts: every call to KV, to an order, to the books, to the
 * limiter, and every write of an order may be struck. Runs in the runtime, where the Worker and its objects share one isolate.
 */

import type { Job } from '../../src/books/jobs.ts'
import type { Movement } from '../../src/books/movement.ts'
import type { Env } from '../../src/env.ts'
import worker, { Ledger as Books, Order as Orders } from '../../src/index.ts'
import type { Reference } from '../../src/reference.ts'
import { type Caller, type Mishap, type Place, type Strike, takeStrike } from './strikes.ts'

/** Longer than anything here waits for; then it is cut off, as the platform does some day. */
const FOR_EVER_MS = 120_000

let strikes: Strike[] = []
/** What was hit so far, by name. */
const hits: string[] = []

export default {
  async fetch(request, env, ctx) {
    switch (new URL(request.url).pathname) {
      case '/strikes':
        strikes = [...strikes.filter(({ times }) => times > 0), ...((await request.json()) as Strike[])]
        return new Response()
      case '/hits':
        return Response.json(hits)
      case '/hurry':
        await booksOf(env)?.hurry()
        return new Response()
      case '/look':
        return Response.json(await look(env, (await request.json()) as Reference[]))
      default:
        return timed(() => worker.fetch(request, around(env, 'door'), ctx))
    }
  },

  scheduled: (controller, env) => worker.scheduled(controller, around(env, 'door')),
} satisfies ExportedHandler<Env>

/** The budget of a visit, after which it answers whatever happens. */
const VERIFY_BUDGET_MS = 2_500

/**
 * An answer that says how long it took, and how late a timer beside it went off: a machine that stands still delays everybody,
 * and so does whoever keeps the isolate busy. Whoever judges it says how much of that is excused.
 */
async function timed(act: () => Response | Promise<Response>): Promise<Response> {
  const startedAt = Date.now()
  const over = () => Math.max(Date.now() - startedAt - VERIFY_BUDGET_MS, 0)
  let late: number | undefined
  void pause(VERIFY_BUDGET_MS).then(() => {
    late = over()
  })
  const answer = await act()
  const headers = new Headers(answer.headers)
  headers.set('x-took-ms', String(Date.now() - startedAt))
  // One that has not gone off yet is late by what the time is over.
  headers.set('x-late-ms', String(late ?? over()))
  return new Response(answer.body, { status: answer.status, headers })
}

export class Order extends Orders {
  constructor(ctx: DurableObjectState, env: Env) {
    const name = ctx.id.name ?? ''
    strikeNow('order:storage.start', name, () => {})
    super(ctx, around(env, 'order', name))
    Object.defineProperty(this, 'ctx', { value: withStorage(ctx, name) })
  }

  /** The order as it stands, and when the runtime is to ring for it, in ms. */
  async stands() {
    return { state: this.look(), rings: (await this.ctx.storage.getAlarm()) ?? undefined }
  }
}

export class Ledger extends Books {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, around(env, 'books'))
  }

  rowsOf(references: Reference[]): Movement[] {
    return inside(this).movements.among(references)
  }

  /** Has the time come for all that is to be tried again later. */
  hurry(): void {
    const books = inside(this)
    books.save(books.jobs().map((job) => (job.due === UNTIL_WOKEN ? job : { ...job, due: Date.now() })))
  }
}

/** As in src/books/jobs.ts, which the runtime knows as a part of the bundle alone. */
const UNTIL_WOKEN = Number.MAX_SAFE_INTEGER

type Inside = { movements: { among(references: Reference[]): Movement[] }; jobs(): Job[]; save(jobs: Job[]): void }

/** What the books keep to themselves is private in name only. */
function inside(books: Ledger): Inside {
  return books as unknown as Inside
}

function booksOf({ LEDGER }: Env): DurableObjectStub<Ledger> | undefined {
  return LEDGER?.getByName('books') as DurableObjectStub<Ledger> | undefined
}

function orderOf({ ORDERS }: Env, reference: Reference): DurableObjectStub<Order> | undefined {
  return ORDERS?.getByName(reference) as DurableObjectStub<Order> | undefined
}

/** How orders stand, what the edge remembers of them, and their rows in the books. */
async function look(env: Env, references: Reference[]) {
  const rows = await booksOf(env)?.rowsOf(references)
  return Promise.all(
    references.map(async (reference) => ({
      // An order that cannot be started says nothing.
      ...(await orderOf(env, reference)
        ?.stands()
        .catch(() => undefined)),
      remembered: await env.RECORDED?.get<{ transaction_id?: string }>(reference, 'json').catch(() => undefined),
      rows: rows?.filter((row) => row.reference === reference) ?? [],
    })),
  )
}

type Method = (...parameters: unknown[]) => unknown

const worlds = new Map<string, Env>()

/** The same bindings, each of whose calls may be struck. @param owner - the order that calls */
function around(env: Env, caller: Caller, owner = ''): Env {
  const known = worlds.get(caller + owner)
  if (known) return known
  const { RECORDED, ORDERS, LEDGER, LIMITER } = env
  const world: Env = {
    ...env,
    RECORDED: RECORDED && struck(RECORDED, `${caller}:memory`, owner),
    ORDERS: ORDERS && named(ORDERS, (name) => struck(ORDERS.getByName(name), `${caller}:orders`, `${owner} ${name}`)),
    LEDGER: LEDGER && named(LEDGER, (name) => struck(LEDGER.getByName(name), `${caller}:books`, owner)),
    LIMITER: LIMITER && struck(LIMITER, `${caller}:limiter`, owner),
  }
  worlds.set(caller + owner, world)
  return world
}

function named<Namespace extends object>(namespace: Namespace, getByName: (name: string) => unknown): Namespace {
  return instead(namespace, { getByName })
}

/** @param about - what a call is about, in addition to its parameters */
function struck<Target extends object>(target: Target, place: Place, about: string): Target {
  const get = (_: Target, method: string) => {
    return (...parameters: unknown[]) => {
      // A method of a stub is no function of ours: it can only be called where it stands.
      const act = () => (target as Record<string, Method>)[method]?.(...parameters)
      return strike(`${place}.${method}`, `${about} ${JSON.stringify(parameters)}`, act)
    }
  }
  return new Proxy(target, { get })
}

function hitAt(place: Place, text: string) {
  const hit = takeStrike(strikes, place, text)
  if (hit) hits.push(hit.name)
  return hit
}

function strike(place: Place, text: string, act: () => unknown): unknown {
  const hit = hitAt(place, text)
  if (!hit) return act()
  return AFTER[hit.how](act, hit.lateMs ?? 0)
}

const AFTER: Record<Mishap, (act: () => unknown, lateMs: number) => Promise<unknown>> = {
  throws: () => Promise.reject(new Error('struck')),
  hangs: () => cutOff(),
  late: (act, lateMs) => pause(lateMs).then(act),
  nonsense: async (act) => nonsenseLike(await act()),
  refuses: () => Promise.resolve({ success: false }),
  'done-throws': async (act) => {
    await act()
    throw new Error('struck')
  },
  'done-hangs': async (act) => {
    await act()
    await cutOff()
  },
}

async function cutOff(): Promise<never> {
  await pause(FOR_EVER_MS)
  throw new Error('cut off')
}

/** Of the same kind as an answer, as whoever overwrote or mangled it would leave it. */
function nonsenseLike(answer: unknown): unknown {
  if (answer instanceof Map) return new Map(Array.from(answer.keys(), (key) => [key, { nonsense: true }]))
  return { nonsense: true, value: 'nonsense', metadata: 'nonsense' }
}

/** The same for a call that does not wait. */
function strikeNow(place: Place, text: string, act: () => void): void {
  const hit = hitAt(place, text)
  if (hit?.how !== 'throws') act()
  if (hit) throw new Error('struck')
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** An order's storage, each of whose writes may be struck. */
function withStorage(ctx: DurableObjectState, name: string): DurableObjectState {
  const { storage } = ctx
  const kv = instead(storage.kv, {
    put: (key: string, value: unknown) => strikeNow('order:storage.put', name, () => storage.kv.put(key, value)),
  })
  const setAlarm = (at: number) => {
    const hit = hitAt('order:storage.setAlarm', name)
    // The alarm alone: the object and what it wrote live on.
    if (hit?.how === 'refuses') return Promise.reject(new Error('struck'))
    // What is written in one turn is written together or not at all: an object that cannot is started anew.
    if (hit) ctx.abort('struck')
    return storage.setAlarm(at)
  }
  return instead(ctx, { storage: instead(storage, { kv, setAlarm }) })
}

/** An object of the runtime's own, with some of its properties replaced: its methods insist on being called on itself. */
function instead<Target extends object>(target: Target, properties: Record<string, unknown>): Target {
  return new Proxy(target, {
    get(_, property: string) {
      if (property in properties) return properties[property]
      const value: unknown = Reflect.get(target, property)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
