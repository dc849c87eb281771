import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { ConnectionReset } from '../../sandbox/world/service.ts'
import { World } from '../../sandbox/world/world.ts'

const ROOT = join(import.meta.dirname, '../..')
const PRELOADED = join(import.meta.dirname, 'simulated-internet.preload.ts')

export type SimulatedInternet = Awaited<ReturnType<typeof simulatedInternet>>

/**
 * The providers and DataFast for programs that run in a process of their own: whatever they fetch arrives here, and nothing
 * leaves this machine.
 */
export async function simulatedInternet(world = new World()) {
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const { 'x-address': address, host: _, connection: __, ...headers } = incoming.headers as Record<string, string>
    const body = chunks.length ? Buffer.concat(chunks) : undefined
    const request = new Request(address ?? '', { method: incoming.method ?? 'GET', headers, ...(body && { body }) })
    try {
      const answer = await world.handle(request)
      outgoing.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text())
    } catch (error) {
      if (!(error instanceof ConnectionReset)) outgoing.writeHead(599)
      outgoing.destroy()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    world,
    /** What a program's environment must hold to be on this internet. */
    environment: environmentOn(origin),
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** The environment of a program that runs where there is no network at all. */
export const NO_NETWORK = environmentOn('nowhere')

function environmentOn(internet: string): Record<string, string> {
  return {
    PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}`,
    SIMULATED_INTERNET: internet,
    NODE_OPTIONS: `--import ${PRELOADED}`,
    NO_COLOR: '1',
    WRANGLER_SEND_METRICS: 'false',
  }
}

export type Ended = { code: number; output: string; complaint: string }

/** Runs one of the programs in cli/ to its end, without a terminal. @param folder - its working directory */
export function run(program: string, args: string[], folder: string, environment: Record<string, string | undefined>): Promise<Ended> {
  return start(program, args, folder, environment).ended
}

/** Starts one that may have to be stopped. */
export function start(program: string, args: string[], folder: string, environment: Record<string, string | undefined>) {
  const options = { cwd: folder, env: environment as NodeJS.ProcessEnv }
  const { promise: ended, resolve } = Promise.withResolvers<Ended>()
  const child = execFile(process.execPath, [join(ROOT, 'cli', program), ...args], options, (_, output, complaint) =>
    resolve({ code: child.exitCode ?? -1, output, complaint }),
  )
  child.stdin?.end()
  return { ended, kill: (signal: NodeJS.Signals) => child.kill(signal) }
}
