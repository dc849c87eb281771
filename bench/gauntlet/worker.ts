import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Advice } from '../../cli/advice.ts'
import type { Served } from './served.ts'

const SERVED = new URL('./served.ts', import.meta.url).pathname
const START_WITHIN_MS = 60_000

/** A Worker that this program serves by itself, at `origin`, until it is stopped. */
export type RunningWorker = { origin: string; restart: () => Promise<void>; stop: () => void }

const stops = new Set<() => void>()
process.once('exit', () => {
  for (const stop of stops) stop()
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

/** Serves a Worker; rejects when it does not start. */
export async function startWorker(worker: Omit<Served, 'storage' | 'port'>): Promise<RunningWorker> {
  const storage = mkdtempSync(join(tmpdir(), 'success-url-gauntlet-'))
  const port = await freePort()
  let child = spawned()
  const stop = () => {
    stops.delete(stop)
    kill(child)
    rmSync(storage, { recursive: true, force: true, maxRetries: 5 })
  }
  stops.add(stop)
  await serving(child, { ...worker, storage, port })
  return {
    origin: `http://127.0.0.1:${port}`,
    /** As the machine does when it loses power: no signal to handle, nothing flushed, and the storage as it was at that moment. */
    async restart() {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      kill(child)
      await gone
      child = spawned()
      await serving(child, { ...worker, storage, port })
    },
    stop,
  }
}

function spawned(): ChildProcess {
  return spawn(process.execPath, [SERVED], {
    // With the runtime that it starts it is a group of its own, which ends as one.
    detached: true,
    env: { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: 'false', WRANGLER_SEND_METRICS: 'false' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
}

/** Resolves once the Worker answers at its address. */
function serving(child: ChildProcess, served: Served): Promise<void> {
  let complaints = ''
  child.stderr?.on('data', (chunk) => {
    complaints = (complaints + chunk).slice(-2_000)
  })
  return new Promise((resolve, reject) => {
    const giveUp = (why: string) => reject(new Advice(`The Worker ${why}.\n${complaints}`))
    const timer = setTimeout(() => giveUp('has not started in time'), START_WITHIN_MS)
    child.once('exit', (code) => giveUp(`does not start: its runtime ended with ${code}`))
    child.once('message', () => {
      clearTimeout(timer)
      resolve()
    })
    child.send(served)
  })
}

function kill(child: ChildProcess): void {
  try {
    if (child.pid) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

/** A port that is free now and stays the Worker’s own over all its restarts. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
