/**
 * How long a buyer waits: our Worker beside the handler most people write and beside one that only redirects, in the same local
 * runtime, with a provider that takes 150 ms and a DataFast that takes 400 ms. Medians of alternating rounds; loopback only.
 */
import { readFileSync } from 'node:fs'
import { World } from '../sandbox/world/world.ts'
import { type Contender, median, start, visit as visitPath } from './contender.ts'
import { ONLY_REDIRECTS, STRAIGHTFORWARD } from './handlers.ts'

const FIRST_VISITS = Number(process.env.FIRST_VISITS ?? 60)
const REPEATS = Number(process.env.REPEATS ?? 1500)

const world = new World()
world.service('stripe').delayMs = 150
world.service('datafast').delayMs = 400
const visit = (contender: Contender, id: string) => visitPath(contender, `/checkout/success/stripe?session_id=${id}`)

const ours = await start('success-url', readFileSync('dist/index.js', 'utf8'), world)
const straightforward = await start('straightforward handler', STRAIGHTFORWARD, world)
const onlyRedirects = await start('only redirects', ONLY_REDIRECTS, world)
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

const base = median(repeat.get(onlyRedirects.name))
console.log(`provider 150 ms, DataFast 400 ms; ${FIRST_VISITS} first visits and ${REPEATS} repeats each; Node ${process.version}`)
console.table(
  Object.fromEntries(
    contenders.map(({ name }) => {
      const [firstMs, repeatMs] = [median(first.get(name)), median(repeat.get(name))]
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
