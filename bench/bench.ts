import { Client } from './bench/client.ts'
import { bundles, CONTENDERS, forEach } from './bench/contenders.ts'
import { cpuTimeOf } from './bench/cpu-time.ts'
import { startRuntime } from './bench/runtime.ts'
import { median, p99 } from './bench/statistics.ts'

const built = await bundles()
const runtime = await startRuntime(CONTENDERS.map((name) => ({ name, script: built[name].script })))
const clients = await forEach(async (name) => new Client(await runtime.at(name)))
const entries = await forEach((name) => new Client(runtime.entry, 1, `${name}.example`))
const many = await forEach(async (name) => new Client(await runtime.at(name), 16))
let counter = 0
const order = () => {
  const id = `cs_live_bench${String(++counter).padStart(6, '0')}`
  runtime.world.stripe.sell(id)
  return `/checkout/success/stripe?session_id=${id}`
}
for (let i = 0; i < 5; i++) await forEach((name) => clients[name].visit(order()))
const first = await forEach(() => [] as number[])
for (let i = 0; i < 10; i++) await forEach(async (name) => first[name].push(await clients[name].visit(order())))
const known = order()
await forEach((name) => clients[name].visit(known))
await new Promise((r) => setTimeout(r, 1500))
const calls = runtime.world.calls.length
for (const [label, which] of [
  ['direct', clients],
  ['entry', entries],
] as const) {
  const repeat = await forEach(() => [] as number[])
  for (let i = 0; i < 600; i++)
    await forEach(async (name) => {
      const ms = await which[name].visit(known)
      if (i > 200) repeat[name].push(ms)
    })
  console.log(
    label,
    await forEach((name) => [
      median(repeat[name]).toFixed(3),
      p99(repeat[name]).toFixed(3),
      (median(repeat[name]) / median(repeat['only-redirects'])).toFixed(2),
    ]),
  )
}
console.log('first', await forEach((name) => median(first[name]).toFixed(1)))
console.log('calls', runtime.world.calls.length - calls)
console.log(
  'throughput & cpu',
  await forEach(async (name) => {
    const n = 3000
    const [c0, t0, node0] = [cpuTimeOf(runtime.pid), performance.now(), process.cpuUsage()]
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        for (let i = 0; i < n / 16; i++) await many[name].visit(known)
      }),
    )
    const ms = performance.now() - t0
    const node = process.cpuUsage(node0)
    return {
      perSecond: Math.round((n / ms) * 1000),
      cpuMs: ((cpuTimeOf(runtime.pid) - c0) / n).toFixed(3),
      workerdShare: ((cpuTimeOf(runtime.pid) - c0) / ms).toFixed(2),
      nodeShare: ((node.user + node.system) / 1000 / ms).toFixed(2),
    }
  }),
)
await runtime.stop()
process.exit(0)
