/**
 * How long a buyer waits: our Worker beside the handler most people write and beside one that only redirects, in the same local
 * runtime, with a provider that takes 150 ms and a DataFast that takes 400 ms. Medians of alternating rounds; loopback only.
 */
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { convertV4MiniflareOptions, Miniflare, type V4MiniflareOptions } from 'miniflare'
import { ownRequest } from '../sandbox/world/foreign-request.ts'
import { SECRETS } from '../sandbox/world/secrets.ts'
import { World } from '../sandbox/world/world.ts'
import { ONLY_REDIRECTS, STRAIGHTFORWARD } from './handlers.ts'

const FIRST_VISITS = Number(process.env.FIRST_VISITS ?? 60)
const REPEATS = Number(process.env.REPEATS ?? 1500)
const VISITOR = '6f1c2a34-9b7d-4e21-8c55-d0e1f2a3b4c5'

const world = new World()
world.service('stripe').delayMs = 150
world.service('datafast').delayMs = 400
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

type Contender = { name: string; url: URL; stop: () => Promise<void> }

async function start(name: string, script: string): Promise<Contender> {
  const options = {
    modules: true,
    script,
    compatibilityDate: '2026-10-01',
    kvNamespaces: ['RECORDED'],
    durableObjects: script.includes('Order') ? { ORDERS: { className: 'Order', useSQLite: true } } : {},
    bindings: { ...SECRETS, THANK_YOU_URL: 'https://shop.example.com/thank-you' },
    outboundService: async (outgoing: Request) => world.handle(await ownRequest(outgoing)),
    handleStructuredLogs: () => {},
    cf: false,
  } as unknown as V4MiniflareOptions
  const miniflare = new Miniflare(convertV4MiniflareOptions(options))
  return { name, url: await miniflare.ready, stop: () => miniflare.dispose() }
}

/** One visit over a warm connection; the time in ms until the answer is complete. */
function visit({ url }: Contender, id: string): Promise<number> {
  const startedAt = performance.now()
  const headers = { cookie: `datafast_visitor_id=${VISITOR}` }
  return new Promise((resolve, reject) => {
    const call = request(`${url.origin}/checkout/success/stripe?session_id=${id}`, { agent, headers }, (response) => {
      response.resume().on('end', () => {
        if (response.statusCode === 303) resolve(performance.now() - startedAt)
        else reject(new Error(`${url} answered ${response.statusCode}`))
      })
    })
    call.on('error', reject).end()
  })
}

function median(times: number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN
}

const ours = await start('success-url', readFileSync('dist/index.js', 'utf8'))
const straightforward = await start('straightforward handler', STRAIGHTFORWARD)
const onlyRedirects = await start('only redirects', ONLY_REDIRECTS)
const contenders = [ours, straightforward, onlyRedirects]

let counter = 0
const newOrder = () => {
  const id = `cs_live_bench${String(++counter).padStart(6, '0')}`
  world.stripe.sell(id)
  return id
}

for (const contender of contenders) for (let warm = 0; warm < 3; warm++) await visit(contender, newOrder())

const first = new Map(contenders.map(({ name }) => [name, [] as number[]]))
for (let round = 0; round < FIRST_VISITS; round++) {
  for (const contender of contenders) first.get(contender.name)?.push(await visit(contender, newOrder()))
}

const known = newOrder()
for (const contender of contenders) await visit(contender, known)
await new Promise((resolve) => setTimeout(resolve, 1500))
const callsBefore = world.calls.length
const repeat = new Map(contenders.map(({ name }) => [name, [] as number[]]))
for (let round = 0; round < REPEATS; round++) {
  for (const contender of contenders) repeat.get(contender.name)?.push(await visit(contender, known))
}

const base = median(repeat.get(onlyRedirects.name) ?? [])
console.log(`provider 150 ms, DataFast 400 ms; ${FIRST_VISITS} first visits and ${REPEATS} repeats each; Node ${process.version}`)
console.table(
  Object.fromEntries(
    contenders.map(({ name }) => {
      const [firstMs, repeatMs] = [median(first.get(name) ?? []), median(repeat.get(name) ?? [])]
      return [
        name,
        {
          'first visit, ms': firstMs.toFixed(1),
          'repeat, ms': repeatMs.toFixed(2),
          'repeat, × only redirects': (repeatMs / base).toFixed(2),
        },
      ]
    }),
  ),
)
console.log(`outgoing requests during all repeats: ${world.calls.length - callsBefore}`)
await Promise.all(contenders.map((contender) => contender.stop()))
process.exit(0)
