/**
 * Stands before the real bundle in the runtime, changes none of its words and does three things: while the weather is bad some of KV's
 * operations and some calls to order objects fail, what the objects do is counted, and at the end orders can be asked what they owe. Of the running Worker
 * only the two classes and the entry are known here.
 */

import type { Env } from '../../src/env.ts'
import worker, { Ledger as RealLedger, Order as RealOrder } from '../../src/index.ts'
import type { State } from '../../src/order/state.ts'
import type { Reference } from '../../src/reference.ts'

/**
 * What the objects have done since the start. `collected`: order objects that the garbage collector has
 * taken away again; `orderFailures`: orders that could not be reached; `refusedByBoth`: arrivals that KV did not take either.
 */
export type Counts = Record<
  'created' | 'collected' | 'alarms' | 'rows' | 'standings' | 'kvFailures' | 'orderFailures' | 'refusedByBoth',
  number
>

/** What is not as it should be with an order: it goes on, or still owes KV an entry or the books a row. */
export type Unfinished = { reference: Reference; is: 'missing' | 'going on' | 'owing' | 'not remembered' }

const counts: Counts = { created: 0, collected: 0, alarms: 0, rows: 0, standings: 0, kvFailures: 0, orderFailures: 0, refusedByBoth: 0 }
const collected = new FinalizationRegistry<undefined>(() => {
  counts.collected += 1
})
/**
 * The share of KV's operations that fail, and of the entry's calls to orders. `twice`: also the same operation again, which is
 * then tried again only after half a minute.
 */
let weather = { failing: 0, orders: 0, twice: true }
/** What failed when it was last tried. */
const failed = new Set<string>()
/** A failure is an error at once, or one that comes later than a visit waits for KV. */
const SLOW_MS = 1_500

const OPERATIONS = ['get', 'getWithMetadata', 'put', 'delete', 'list']
const unsteady = new WeakMap<Env, Env>()
const unsteadyAtEntry = new WeakMap<Env, Env>()

/** The entry's bindings: what it calls may fail as well. Orders among themselves are reached. */
function atEntry(env: Env): Env {
  const known = unsteadyAtEntry.get(env) ?? { ...withWeather(env), ORDERS: env.ORDERS && hardToReach(env.ORDERS) }
  unsteadyAtEntry.set(env, known)
  return known
}

function hardToReach<Orders extends NonNullable<Env['ORDERS']>>(orders: Orders): Orders {
  return new Proxy(orders, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...parameters: unknown[]) => {
        return name === 'getByName' && Math.random() < weather.orders ? unreachable() : Reflect.apply(value, target, parameters)
      }
    },
  })
}

/** A stub through which every call fails, as of an object that is being moved. */
function unreachable(): object {
  counts.orderFailures += 1
  const call = async () => {
    throw new Error('Network connection lost.')
  }
  return new Proxy({}, { get: () => call })
}

/** The same bindings with a KV that fails now and then: the same object for the same bindings, since settings are kept by it. */
function withWeather(env: Env): Env {
  const known = unsteady.get(env) ?? { ...env, RECORDED: env.RECORDED && unreliable(env.RECORDED) }
  unsteady.set(env, known)
  return known
}

function unreliable(memory: KVNamespace): KVNamespace {
  return new Proxy(memory, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...parameters: unknown[]) => {
        return isHit(String(name), parameters) ? fail() : Reflect.apply(value, target, parameters)
      }
    },
  })
}

function isHit(operation: string, [key, value]: unknown[]): boolean {
  if (!OPERATIONS.includes(operation)) return false
  const isArrival = operation === 'put' && String(key).startsWith('arrival:')
  // A webhook that nobody could take is sent again; a buyer may be on their only visit.
  if (isArrival && String(value).includes('"door":"redirect"')) return false
  const name = `${operation} ${key}`
  // `delete` says whether it was among them.
  const isAgain = failed.delete(name)
  if (Math.random() >= weather.failing || (isAgain && !weather.twice)) return false
  if (!weather.twice) failed.add(name)
  if (isArrival) counts.refusedByBoth += 1
  return true
}

async function fail(): Promise<never> {
  counts.kvFailures += 1
  if (Math.random() < 0.3) await new Promise((resolve) => setTimeout(resolve, SLOW_MS))
  throw new Error('KV: 500 Internal Server Error')
}

export class Order extends RealOrder {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, withWeather(env))
    counts.created += 1
    collected.register(this, undefined)
  }

  override alarm(): Promise<void> {
    counts.alarms += 1
    return super.alarm()
  }
}

export class Ledger extends RealLedger {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, withWeather(env))
  }

  override record(owed: Parameters<RealLedger['record']>[0]): void {
    counts.rows += owed.length
    super.record(owed)
  }

  override standing(provider: string): ReturnType<RealLedger['standing']> {
    counts.standings += 1
    return super.standing(provider)
  }

  /** How many movements there are, by where they stand: `recorded`, or a stage and its reason. */
  stages(): Record<string, number> {
    const query =
      "SELECT CASE stage WHEN 'recorded' THEN stage ELSE stage || ': ' || reason END AS name, count(*) AS count FROM movement GROUP BY 1"
    const rows = this.ctx.storage.sql.exec<{ name: string; count: number }>(query).toArray()
    return Object.fromEntries(rows.map(({ name, count }) => [name, count]))
  }
}

export default {
  ...worker,
  fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url)
    switch (pathname) {
      case '/soak/counts':
        return Response.json(counts)
      case '/soak/weather':
        weather = {
          failing: Number(searchParams.get('failing')),
          orders: Number(searchParams.get('orders')),
          twice: searchParams.has('twice'),
        }
        return new Response()
      case '/soak/stages':
        return stagesOf(env)
      case '/soak/look':
        return lookAt(request, env)
      case '/soak/kept':
        return keptIn(env)
      default:
        return worker.fetch(request, atEntry(env), ctx)
    }
  },
  scheduled: (controller, env) => worker.scheduled(controller, atEntry(env)),
} satisfies ExportedHandler<Env>

async function stagesOf({ LEDGER }: Env): Promise<Response> {
  const books = LEDGER?.getByName('books') as unknown as { stages(): Promise<Record<string, number>> } | undefined
  return Response.json((await books?.stages()) ?? {})
}

/** How many arrivals wait in KV for the next cron run. */
async function keptIn({ RECORDED }: Env): Promise<Response> {
  return Response.json((await RECORDED?.list({ prefix: 'arrival:' }))?.keys.length ?? 0)
}

async function lookAt(request: Request, { ORDERS, RECORDED }: Env): Promise<Response> {
  const references: Reference[] = await request.json()
  const standings = await Promise.all(
    references.map(async (reference): Promise<Unfinished[]> => {
      const state = (await ORDERS?.getByName(reference).look()) as State | undefined
      if (!state) return [{ reference, is: 'missing' }]
      if (state.stage.at !== 'ended' && state.stage.at !== 'moved') return [{ reference, is: 'going on' }]
      if (state.debts.length || state.books?.owed.length) return [{ reference, is: 'owing' }]
      return (await RECORDED?.get(reference)) ? [] : [{ reference, is: 'not remembered' }]
    }),
  )
  return Response.json(standings.flat())
}
