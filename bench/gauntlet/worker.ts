import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Served } from './served.ts'

const SERVED = new URL('./served.ts', import.meta.url).pathname
const START_WITHIN_MS = 60_000

/** A Worker that this program serves by itself, at `origin`, until it is stopped. */
export type RunningWorker = { origin: string; restart: () => Promise<void>; stop: () => void }

const running = new Set<ChildProcess>()
process.once('exit', () => running.forEach(kill))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

/** Serves a Worker; rejects when it does not start. */
export async function startWorker(worker: Omit<Served, 'storage' | 'port'>): Promise<RunningWorker> {
  const storage = mkdtempSync(join(tmpdir(), 'success-url-gauntlet-'))
  const port = await freePort()
  const served = { ...worker, storage, port }
  let child = await start(served)
  return {
    origin: `http://127.0.0.1:${port}`,
    /** As the machine does when it loses power: no signal to handle, nothing flushed, and the storage as it was at that moment. */
    async restart() {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      kill(child)
      await gone
      child = await start(served)
    },
    stop() {
      kill(child)
      rmSync(storage, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function start(served: Served): Promise<ChildProcess> {
  const child = spawn(process.execPath, [SERVED], {
    // With the runtime that it starts it is a group of its own, which ends as one.
    detached: true,
    env: { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: 'false', WRANGLER_SEND_METRICS: 'false' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  running.add(child)
  let complaints = ''
  child.stderr?.on('data', (chunk) => {
    complaints = (complaints + chunk).slice(-2_000)
  })
  return new Promise((resolve, reject) => {
    const giveUp = (why: string) => reject(new Error(`the Worker ${why}\n${complaints}`))
    const timer = setTimeout(() => giveUp('has not started in time'), START_WITHIN_MS)
    child.once('exit', (code) => giveUp(`ended with ${code}`))
    child.once('message', () => {
      clearTimeout(timer)
      resolve(child)
    })
    child.send(served)
  })
}

function kill(child: ChildProcess): void {
  running.delete(child)
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
