import type { Miniflare } from 'miniflare'
import type { ProviderEvent } from '../../sandbox/world/provider-event.ts'
import { delivered } from '../../sandbox/world/provider-event.ts'
import { ownRuntime } from '../bundle/runtime.ts'

/** Everything that a runtime holds, as it lies there. */
export type Stored = {
  memory: { key: string; value: string; metadata: unknown }[]
  /** By their references. What an object holds under which key. */
  orders: Record<string, Record<string, unknown>>
  books: { notes: Record<string, unknown>; tables: Record<string, Record<string, unknown>[]>; indexes: string[] }
}

/** An order whose id holds this cannot be reached: what arrives for it has to be stored elsewhere. */
export const UNREACHABLE = 'unreachable'

/** The bundle with a door to its storage. Nothing else of it is changed, but that some orders cannot be reached. */
const WITH_DOOR = `
import worker, { Ledger as Books, Order as Orders } from './bundle.js'

export class Order extends Orders {
  arrive(arrival) {
    if (arrival.reference.includes('${UNREACHABLE}')) throw new Error('out of reach')
    return super.arrive(arrival)
  }
  dump() {
    return Object.fromEntries(this.ctx.storage.kv.list())
  }
}

export class Ledger extends Books {
  dump() {
    const { kv, sql } = this.ctx.storage
    const schema = sql.exec("SELECT name, type FROM sqlite_master WHERE name NOT GLOB '_cf_*' AND name NOT GLOB 'sqlite_*'").toArray()
    const names = (type) => schema.filter((one) => one.type === type).map(({ name }) => name)
    const rowsOf = (name) => sql.exec('SELECT * FROM ' + name).toArray()
    return {
      notes: Object.fromEntries(kv.list()),
      tables: Object.fromEntries(names('table').map((name) => [name, rowsOf(name)])),
      indexes: names('index'),
    }
  }
}

async function everything({ RECORDED, ORDERS, LEDGER }) {
  const { keys } = await RECORDED.list()
  const memory = await Promise.all(keys.map(async ({ name: key, metadata }) => ({ key, metadata, value: await RECORDED.get(key) })))
  const books = await LEDGER.getByName('books').dump()
  const names = new Set([...books.tables.movement.map(({ reference }) => reference), ...memory.map(({ key }) => key)])
  const orders = await Promise.all([...names].filter((name) => !name.startsWith('arrival:')).map(async (name) => [name, await ORDERS.getByName(name).dump()]))
  return { memory, books, orders: Object.fromEntries(orders) }
}

export default {
  ...worker,
  fetch(request, env, ctx) {
    return new URL(request.url).pathname === '/everything' ? everything(env).then(Response.json) : worker.fetch(request, env, ctx)
  },
}
`

/** The built Worker in a runtime whose storage can be read. */
export async function openStorage(bindings: Record<string, string>) {
  const runtime = ownRuntime()
  const worker: Miniflare = await runtime.start(bindings, WITH_DOOR)
  let visits = 0

  return {
    world: runtime.world,
    stop: runtime.stop,
    everything: async () => (await (await worker.dispatchFetch('https://pay.example.com/everything')).json()) as Stored,
    cron: async () => (await worker.getWorker()).scheduled({ cron: '*/15 * * * *' }),
    /** A buyer at the success URL. @param cookie - as it stands in the header */
    visit: async (path: string, cookie = '') => {
      const headers = { 'cf-connecting-ip': `198.51.100.${++visits}`, cookie }
      await (await worker.dispatchFetch(`https://pay.example.com${path}`, { redirect: 'manual', headers })).text()
    },
    /** A provider tells of all this, one after the other. */
    tell: async (events: ProviderEvent[]) => {
      for (const { path, headers, body } of events.map((event) => delivered(event))) {
        await (await worker.dispatchFetch(`https://pay.example.com${path}`, { method: 'POST', headers, body })).text()
      }
    },
  }
}
