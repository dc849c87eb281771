/**
 * What the local runtime itself keeps for every object there ever was: the yardstick for what a soak finds. A Worker whose
 * objects do nothing but what no order can do without, which is to store one value and to set an alarm for in thirty days.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { convertV4MiniflareOptions, Miniflare, type V4MiniflareOptions } from 'miniflare'
import { STORAGE } from '../bench/runtime.ts'
import { pidOfRuntime } from './runtime.ts'
import { type Memory, memoryOf, slope } from './vitals.ts'

const SCRIPT = `import { DurableObject } from 'cloudflare:workers'
export class Bare extends DurableObject {
  arrive() {
    this.ctx.storage.kv.put('order', 'x'.repeat(1000))
    void this.ctx.storage.setAlarm(Date.now() + 30 * 86_400_000)
  }
}
export default {
  async fetch(request, { ORDERS }) {
    await ORDERS.getByName(request.url).arrive()
    return new Response()
  },
}`

const PER_SECOND = 100
/** An idle object is put away after ten seconds, and forgotten after seventy: until then memory has to grow. */
const WARM_UP_MS = 100_000
const MEASURED_MS = 60_000

/**
 * What the runtime's memory does once as many objects go as come, in bytes for each object. `slope`: of a straight line, which
 * may well fall, since the allocator gives back what it likes; `swing`: how far apart the highest and the lowest moment are.
 */
export type BareGrowth = { slope: number; swing: number }

/** Measures it, which takes nearly three minutes. */
export async function growthOfBareObjects(): Promise<BareGrowth> {
  const storage = mkdtempSync(join(STORAGE, 'success-url-bare-'))
  const clean = () => rmSync(storage, { recursive: true, force: true })
  process.on('exit', clean)
  const options = {
    ...{ name: 'bare', modules: true, script: SCRIPT, compatibilityDate: '2026-10-01', cf: false },
    durableObjects: { ORDERS: { className: 'Bare', useSQLite: true } },
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
    handleStructuredLogs: () => {},
    durableObjectsPersist: storage,
  } as unknown as V4MiniflareOptions
  const miniflare = new Miniflare({ ...convertV4MiniflareOptions(options), resourcePersistencePath: storage })
  await miniflare.ready
  const url = await miniflare.unsafeGetDirectURL()
  const pid = pidOfRuntime()

  const points: [objects: number, memory: Memory][] = []
  let objects = 0
  for (const from = Date.now(); Date.now() - from < WARM_UP_MS + MEASURED_MS; ) {
    const next = pause(1_000)
    await Promise.all(Array.from({ length: PER_SECOND }, async () => (await fetch(new URL(`/${++objects}`, url))).arrayBuffer()))
    if (Date.now() - from > WARM_UP_MS) points.push([objects, memoryOf(pid)])
    await next
  }
  await miniflare.dispose()
  clean()
  process.off('exit', clean)
  const residents = points.map(([, { resident }]) => resident)
  const counted = (points.at(-1)?.[0] ?? 0) - (points[0]?.[0] ?? 0)
  return {
    slope: slope(points.map(([count, { resident }]) => [count, resident])),
    swing: (Math.max(...residents) - Math.min(...residents)) / counted,
  }
}
