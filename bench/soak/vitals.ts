/** How the runtime's process is doing: memory, what lies on disk, and the JavaScript heap of the Worker. */
import { readdirSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** Of one moment, in bytes. `resident`: all that the process keeps in memory; `anonymous`: without mapped files. */
export type Memory = { at: number; resident: number; anonymous: number }

export function memoryOf(pid: number): Memory {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1]) * 1024
  return { at: Date.now(), resident: field('Rss'), anonymous: field('Anonymous') }
}

/** What a folder holds, in bytes on disk and in files. */
export function sizeOf(folder: string): { bytes: number; files: number } {
  const sum = { bytes: 0, files: 0 }
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    // A log file of SQLite may go while it is looked at.
    const found = statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })
    sum.bytes += (found?.blocks ?? 0) * 512
    sum.files += found ? 1 : 0
  }
  return sum
}

/** Bytes that are free where a folder lies. */
export function freeAt(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

/** The straight line through some points, by least squares: how much `y` grows with every `x`. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [mean(points.map(([one]) => one)), mean(points.map(([, other]) => other))]
  const above = points.reduce((sum, [one, other]) => sum + (one - x) * (other - y), 0)
  return above / points.reduce((sum, [one]) => sum + (one - x) ** 2, 0)
}

/** The inspector answers only while the Worker is at work, and never one that is gone. */
const INSPECTOR_MS = 10_000

/** The Worker's JavaScript heap, through the runtime's inspector. */
export class Heap {
  private readonly socket: WebSocket
  private readonly waiting = new Map<number, (result: Record<string, unknown>) => void>()
  private last = 0

  private constructor(socket: WebSocket) {
    this.socket = socket
    socket.addEventListener('message', ({ data }) => {
      const { id = 0, result = {} } = JSON.parse(String(data)) as { id?: number; result?: Record<string, unknown> }
      this.waiting.get(id)?.(result)
      this.waiting.delete(id)
    })
  }

  /** @param worker - its name in wrangler.toml */
  static async open(inspector: URL, worker: string): Promise<Heap> {
    const list = await fetch(new URL('/json', inspector.href.replace(/^ws/, 'http')))
    const targets = (await list.json()) as { id: string; webSocketDebuggerUrl: string }[]
    const target = targets.find(({ id }) => id === `core:user:${worker}`)
    if (!target) throw new Error(`the inspector knows no ${worker}`)
    const socket = new WebSocket(target.webSocketDebuggerUrl)
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve)
      socket.addEventListener('error', () => reject(new Error('the inspector cannot be reached')))
    })
    return new Heap(socket)
  }

  /**
   * What is in use once all that nobody needs any more has been collected, in bytes. NaN when the inspector does not answer.
   * @param nudge - has the Worker do something, since the inspector is heard only then
   */
  async live(nudge: () => Promise<unknown>): Promise<number> {
    const used = this.call('HeapProfiler.collectGarbage').then(() => this.call('Runtime.getHeapUsage'))
    for (const until = Date.now() + INSPECTOR_MS; Date.now() < until; await nudge()) {
      const answer = await Promise.race([used, pause(50)])
      if (answer) return Number(answer.usedSize)
    }
    return Number.NaN
  }

  close(): void {
    this.socket.close()
  }

  private call(method: string): Promise<Record<string, unknown>> {
    const id = ++this.last
    this.socket.send(JSON.stringify({ id, method }))
    return new Promise((resolve) => this.waiting.set(id, resolve))
  }
}
