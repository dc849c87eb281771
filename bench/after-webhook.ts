/**
 * How long a buyer waits whose provider has told of the sale already: providers send the webhook before they send the buyer, so
 * the order is verified by then. Beside a Worker that only redirects, in the same local runtime, for every provider; and how
 * long the provider waits for our answer. Medians of alternating rounds; loopback only.
 */
import { readFileSync } from 'node:fs'
import { AFTERMATH } from '../sandbox/world/aftermath/list.ts'
import { delivered } from '../sandbox/world/provider-event.ts'
import { World } from '../sandbox/world/world.ts'
import { PROVIDER_NAMES, SELLERS } from '../test/bundle/sellers.ts'
import { median, post, start, visit } from './contender.ts'
import { ONLY_REDIRECTS } from './handlers.ts'

const ROUNDS = Number(process.env.ROUNDS ?? 60)

const world = new World()
// DataFast takes so long that what follows its answer falls into no visit that is measured.
for (const service of world.services) service.delayMs = service.name === 'datafast' ? 5_000 : 150
const ours = await start('success-url', readFileSync('dist/index.js', 'utf8'), world)
const onlyRedirects = await start('only redirects', ONLY_REDIRECTS, world)

const rows: Record<string, Record<string, string>> = {}
for (const provider of PROVIDER_NAMES) {
  const { id, sell, returning } = SELLERS[provider]
  const orders = Array.from({ length: ROUNDS }, () => {
    const saleId = id()
    sell.subscription(world, saleId)
    return { saleId, path: `/checkout/success/${provider}?${returning(world, saleId)}` }
  })
  const acknowledged: number[] = []
  for (const { saleId } of orders) {
    for (const event of AFTERMATH[provider](world, saleId).sold().events) acknowledged.push(await post(ours, delivered(event)))
  }
  await untilQuiet()

  const [first, bare]: [number[], number[]] = [[], []]
  const callsBefore = world.calls.filter(({ service }) => service !== 'datafast').length
  for (const { path } of orders) {
    first.push(await visit(ours, path))
    bare.push(await visit(onlyRedirects, path))
  }
  const calls = world.calls.filter(({ service }) => service !== 'datafast').length - callsBefore
  rows[provider] = {
    'webhook acknowledged, ms': median(acknowledged).toFixed(2),
    'first visit, ms': median(first).toFixed(2),
    'only redirects, ms': median(bare).toFixed(2),
    '× only redirects': (median(first) / median(bare)).toFixed(2),
    'provider asked during visits': String(calls),
  }
}

/** Every order is verified: nobody has been asked anything for a while. */
async function untilQuiet(): Promise<void> {
  for (let calls = -1; calls !== world.calls.length; ) {
    calls = world.calls.length
    await new Promise((resolve) => setTimeout(resolve, 1_500))
  }
}

console.log(`subscriptions told by webhook before the buyer comes; provider 150 ms; ${ROUNDS} each; Node ${process.version}`)
console.table(rows)
await Promise.all([ours.stop(), onlyRedirects.stop()])
process.exit(0)
