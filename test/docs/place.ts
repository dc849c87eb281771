import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { ownRuntime } from '../bundle/runtime.ts'
import { simulatedCloudflare } from '../cli/simulated-cloudflare.ts'
import { simulatedInternet } from '../cli/simulated-internet.ts'
import { withLiveLogs } from './tail.ts'

const ROOT = join(import.meta.dirname, '../..')
const CLONED = [
  'src',
  'cli',
  'sandbox',
  'bench',
  'test',
  '.ci',
  'docs',
  'package.json',
  'package-lock.json',
  'wrangler.toml',
  '.dev.vars.example',
]
const SETTINGS = ['tsconfig.json', 'biome.json', 'knip.json', '.gitignore', 'README.md', 'vitest.config.ts', 'vitest.browser.config.ts']
const LOOPBACK_ONLY = join(ROOT, 'test/cli/loopback-only.preload.ts')
const PATIENCE_MS = 50_000
/** The pages use it, so whoever follows them has it. */
const OPENSSL = 'openssl'

/** The Worker's address on the pages. */
const HOST = 'pay.example.com'
export const STATUS_TOKEN = 'a-token-of-the-tests-0123456789'
/** A line of the Worker's log, as `wrangler tail` hears it. */
export const LOG_LINE = JSON.stringify({ event: 'visit', outcome: 'paid', reason: 'recorded' })

/** How a command ended. `output`: both of its streams. */
export type Ended = { code: number | null; output: string }

/** What a command is given. `input`: on its standard input; `until`: it is interrupted once it says that. */
type How = { input?: string; until?: RegExp; environment?: Record<string, string> }

export type Place = Awaited<ReturnType<typeof openPlace>>

/**
 * Where a reader of the pages may type any command of theirs: a clone of the repository, a Cloudflare account, the built Worker at
 * pay.example.com, and the providers and DataFast, all on this machine. Nothing else can be reached from it.
 */
export async function openPlace() {
  const folder = clone()
  const runtime = ownRuntime()
  const worker = await runtime.start({ STATUS_TOKEN })
  const { world } = runtime
  const others = world.handle.bind(world)
  world.handle = async (request) => {
    const isOurs = new URL(request.url).host === HOST
    return isOurs
      ? ((await worker.dispatchFetch(request.url, { ...partsOf(request), redirect: 'manual' })) as unknown as Response)
      : others(request)
  }
  const cloudflare = await simulatedCloudflare()
  const logs = await withLiveLogs(cloudflare.environment.CLOUDFLARE_API_BASE_URL, LOG_LINE)
  const internet = await simulatedInternet(world)
  const secure = await secureServer(folder, (request) => world.handle(request))
  const environment: Record<string, string | undefined> = {
    ...cloudflare.environment,
    CLOUDFLARE_API_BASE_URL: logs.address,
    ...internet.environment,
    NODE_OPTIONS: `${internet.environment.NODE_OPTIONS} --import ${LOOPBACK_ONLY}`,
    HOME: join(folder, '..'),
    CURL_HOME: join(folder, '..'),
    ...READER,
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
  }
  const running = new Set<ChildProcess>()

  return {
    folder,
    world,
    cloudflare,
    environment,

    /** Runs a command as it stands on the page, in a shell, in the clone. */
    run: (line: string, { input = '', until, environment: more }: How = {}): Promise<Ended> =>
      new Promise((resolve, reject) => {
        // A group of its own, so that whatever it starts ends with it.
        const child = spawn('bash', ['-c', line], { cwd: folder, env: { ...environment, ...more } as NodeJS.ProcessEnv, detached: true })
        running.add(child)
        let output = ''
        const hear = (data: Buffer) => {
          output += data
          if (until?.test(output)) endGroup(child)
        }
        child.stdout.on('data', hear)
        child.stderr.on('data', hear)
        child.stdin.on('error', () => {})
        child.stdin.end(input)
        const patience = setTimeout(() => {
          endGroup(child)
          reject(new Error(`${line} did not end:\n${output}`))
        }, PATIENCE_MS)
        child.on('close', (code) => {
          clearTimeout(patience)
          running.delete(child)
          resolve({ code, output })
        })
      }),

    /** Secrets as a founder has filled them in. */
    fillIn: (secrets: Record<string, string> = { ...SECRETS, STATUS_TOKEN }) => {
      const lines = Object.entries(secrets).map(([name, value]) => `${name}="${value}"`)
      writeFileSync(join(folder, '.dev.vars'), `${lines.join('\n')}\n`)
    },

    /** A new version, where the clone came from. */
    publish: (file: string, text: string) => {
      const origin = join(folder, '../origin')
      writeFileSync(join(origin, file), text)
      git(origin, 'add', '--all')
      git(origin, 'commit', '--quiet', '--message=A new version')
    },

    read: (file: string) => readFileSync(join(folder, file), 'utf8'),

    close: async () => {
      for (const child of running) endGroup(child)
      secure.close()
      secure.closeAllConnections()
      internet.stop()
      logs.stop()
      cloudflare.stop()
      await runtime.stop()
      rmSync(join(folder, '..'), { recursive: true, force: true })
    },
  }
}

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid) process.kill(-pid, 'SIGINT')
  } catch {
    // It has ended by itself.
  }
}

/** A clone with a history, and somewhere that it was cloned from. */
function clone(): string {
  const home = mkdtempSync(join(tmpdir(), 'reader-'))
  const origin = join(home, 'origin')
  for (const name of [...CLONED, ...SETTINGS]) cpSync(join(ROOT, name), join(origin, name), { recursive: true })
  git(origin, 'init', '--quiet', '--initial-branch=main')
  git(origin, 'add', '--all')
  git(origin, 'commit', '--quiet', '--message=Everything')
  const folder = join(home, 'clone')
  execFileSync('git', ['clone', '--quiet', origin, folder])
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

const READER = {
  GIT_AUTHOR_NAME: 'Reader',
  GIT_AUTHOR_EMAIL: 'reader@example.com',
  GIT_COMMITTER_NAME: 'Reader',
  GIT_COMMITTER_EMAIL: 'reader@example.com',
}

function git(folder: string, ...args: string[]): void {
  execFileSync('git', ['-C', folder, ...args], { env: { ...process.env, ...READER } })
}

function partsOf({ method, headers, body }: Request) {
  return { method, headers: Object.fromEntries(headers), ...(body && { body, duplex: 'half' }) } as object
}

/** Every https host there is, for curl: on this machine, with a certificate of the moment. */
async function secureServer(folder: string, handle: (request: Request) => Promise<Response>) {
  const home = join(folder, '..')
  const [key, cert] = [join(home, 'key.pem'), join(home, 'cert.pem')]
  const subject = ['-subj', `/CN=${HOST}`, '-days', '1']
  execFileSync(OPENSSL, ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' })
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const { host, connection: _, ...headers } = incoming.headers as Record<string, string>
    const body = chunks.length ? Buffer.concat(chunks) : undefined
    const answer = await handle(
      new Request(`https://${host}${incoming.url}`, { method: incoming.method ?? 'GET', headers, ...(body && { body }) }),
    )
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  writeFileSync(join(home, '.curlrc'), `insecure\nconnect-to = "::127.0.0.1:${port}"\n`)
  return server
}
