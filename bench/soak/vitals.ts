/** How the runtime's process is doing: memory, processor time, what lies on disk, and the JavaScript heap of the Worker. */
import { readdirSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Of one moment, in bytes. `resident`: all that the process keeps in memory; `anonymous`: without mapped files. */
export type Memory = { at: number; resident: number; anonymous: number }

export function memoryOf(pid: number): Memory {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1]) * 1024
  return { at: Date.now(), resident: field('Rss'), anonymous: field('Anonymous') }
}

/** Processor time so far, in s. */
export function processorSecondsOf(pid: number | 'self'): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  // In hundredths of a second on every Linux: user and system time are the 14th and 15th field, and two are cut off.
  return (Number(fields[11]) + Number(fields[12])) / 100
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

/** The Worker's JavaScript heap, through the runtime's inspector. */
export class Heap {
  private readonly socket: WebSocket
  private readonly waiting = new Map<number, (result: Record<string, unknown>) => void>()
  private last = 0

  private constructor(socket: WebSocket) {
    this.socket = socket
    socket.addEventListener('message', ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as { id?: number; result?: Record<string, unknown> }
      if (id !== undefined) this.waiting.get(id)?.(result ?? {})
    })
  }

  static async open(inspector: URL): Promise<Heap> {
    const list = await fetch(new URL('/json', inspector.href.replace(/^ws/, 'http')))
    const [target] = (await list.json()) as { webSocketDebuggerUrl: string }[]
    if (!target) throw new Error('nothing to inspect')
    const socket = new WebSocket(target.webSocketDebuggerUrl)
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve)
      socket.addEventListener('error', () => reject(new Error('the inspector cannot be reached')))
    })
    return new Heap(socket)
  }

  /** What is in use once all that is not needed any more has been collected, in bytes. */
  async live(): Promise<number> {
    await this.call('HeapProfiler.collectGarbage')
    return Number((await this.call('Runtime.getHeapUsage')).usedSize)
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
