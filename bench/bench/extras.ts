import type { Script } from './runtime.ts'

/** The least that a Worker can do which looks into KV first, and stores in an object who came and sets its alarm, before it redirects. */
const LOOKS_AND_STORES = `import { DurableObject } from 'cloudflare:workers'
export class Order extends DurableObject {
  arrive(visit) {
    this.ctx.storage.kv.put('order', { visit })
    void this.ctx.storage.setAlarm(Date.now() + 3_600_000)
  }
  alarm() {}
}
export default {
  async fetch({ url, headers }, { RECORDED, ORDERS, THANK_YOU_URL }) {
    const reference = new URL(url).search
    if (!(await RECORDED.get(reference))) await ORDERS.getByName(reference).arrive(headers.get('cookie'))
    return new Response(null, { status: 303, headers: { location: THANK_YOU_URL } })
  },
}`

/** Writes many entries into the KV namespace of our Worker at once. */
const FILLS_MEMORY = `export default {
  async fetch(request, { RECORDED }) {
    await Promise.all((await request.json()).map(({ key, value, options }) => RECORDED.put(key, value, options)))
    return new Response()
  },
}`

/** Loads a contender's script under a name that is not loaded yet, and has it answer: \`/?script=…&as=…\`. */
const LOADS_ANEW = `export default {
  fetch(request, { LOADER, SCRIPTS, THANK_YOU_URL }) {
    const { searchParams } = new URL(request.url)
    const worker = LOADER.get(searchParams.get('as'), () => ({
      compatibilityDate: '2026-10-01',
      mainModule: 'main.js',
      modules: { 'main.js': SCRIPTS[searchParams.get('script')] },
      env: { THANK_YOU_URL },
    }))
    return worker.getEntrypoint().fetch(new Request('https://pay.example.com/checkout/success/stripe', { redirect: 'manual' }))
  },
}`

/** Workers beside the contenders, as options of Miniflare. */
export const EXTRAS = {
  'looks-and-stores': () => ({
    script: LOOKS_AND_STORES,
    kvNamespaces: { RECORDED: 'looks-and-stores' },
    durableObjects: { ORDERS: { className: 'Order', useSQLite: true } },
    bindings: { THANK_YOU_URL: 'https://shop.example.com/thank-you' },
  }),
  'fills-memory': () => ({ script: FILLS_MEMORY, kvNamespaces: { RECORDED: 'RECORDED' } }),
  'loads-anew': (scripts: readonly Script[]) => ({
    script: LOADS_ANEW,
    workerLoaders: { LOADER: {} },
    bindings: {
      SCRIPTS: Object.fromEntries(scripts.map(({ name, script }) => [name, script])),
      THANK_YOU_URL: 'https://shop.example.com/thank-you',
    },
  }),
}

export type ExtraName = keyof typeof EXTRAS
