import { spawn } from 'node:child_process'
import { Advice } from '../../cli/advice.ts'

const BACK_WITHIN_MS = 60_000
const DETACHED = { stdio: 'ignore', shell: true, detached: true } as const

/**
 * Restarts a handler by its owner's command, which may end when that is done or run for as long as the handler does, and waits
 * until something answers at its address again.
 */
export function restartingBy(command: string, url: string): () => Promise<void> {
  return async () => {
    const ran = spawn(command, DETACHED)
    ran.unref()
    // A moment, so that what still answers is not what is being killed.
    await new Promise((resolve) => {
      ran.once('exit', resolve)
      setTimeout(resolve, 2_000)
    })
    const deadline = Date.now() + BACK_WITHIN_MS
    while (!(await answers(url))) {
      if (Date.now() > deadline) throw new Advice(`The handler has not come back within a minute after “${command}”.`)
    }
  }
}

/** Whether anybody is there, asked in a way that counts nothing. */
async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(new URL('/', url), { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(5_000) })
    await response.body?.cancel()
    return true
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 200))
    return false
  }
}
