import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Binding, CloudflareAccount, type Outcome, type Upload, type Version, type Worker } from './cloudflare-account.ts'

const ROOT = join(import.meta.dirname, '../..')
const ACCOUNT_ID = '0123456789abcdef0123456789abcdef'
const TOKEN = 'test-token'
const SUBDOMAIN = 'sandbox-shop'

export type SimulatedCloudflare = Awaited<ReturnType<typeof simulatedCloudflare>>

/** A request as its route sees it: what the pattern captured, decoded, and the body as wrangler sent it. */
type Call = { names: string[]; query: URLSearchParams; text: string; json: unknown; form: () => Promise<FormData> }
type Route = [method: string, path: RegExp, answer: (account: CloudflareAccount, call: Call) => Outcome | Promise<Outcome>]

/**
 * Cloudflare's API as far as wrangler 4.155 asks for it (found by watching it and in its published bundle), on loopback and
 * with a memory: the real `wrangler deploy`, `secret`, `kv`, `rollback`, `versions`, `deployments` and `delete` work against it.
 */
export async function simulatedCloudflare() {
  const state = new CloudflareAccount()
  /** Every request, as `PUT /workers/scripts/success-url`, the account left out. */
  const calls: string[] = []
  /** Requests that nothing here knows how to answer: a newer wrangler asks for more. */
  const unanswered: string[] = []
  const own = mkdtempSync(join(tmpdir(), 'simulated-cloudflare-'))

  const server = createServer(async (incoming, outgoing) => {
    const send = (status: number, body: unknown) =>
      outgoing.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body))
    const url = new URL(incoming.url ?? '', 'http://localhost')
    const path = url.pathname.replace(/^\/client\/v4/, '').replace(`/accounts/${ACCOUNT_ID}`, '')
    const line = `${incoming.method} ${path}`
    calls.push(line)
    const body = await bodyOf(incoming)
    if (incoming.headers.authorization !== `Bearer ${TOKEN}`) {
      return send(403, envelope({ is: 'refused', status: 403, code: 10000, message: 'Authentication error' }))
    }
    for (const [method, pattern, answer] of ROUTES) {
      const found = method === incoming.method ? pattern.exec(path) : undefined
      if (!found) continue
      const outcome = await answer(state, callOf(found, url.searchParams, body, incoming.headers['content-type'] ?? ''))
      if (outcome.is === 'ok' && typeof outcome.result === 'string') return send(200, outcome.result)
      return send(outcome.is === 'ok' ? 200 : outcome.status, envelope(outcome))
    }
    unanswered.push(line)
    send(404, envelope({ is: 'refused', status: 404, code: 7003, message: `No route for that URI: ${line}` }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    state,
    calls,
    unanswered,
    /** What wrangler's environment must hold. Without its banner it does not look for a newer version of itself either. */
    environment: {
      PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}`,
      CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/client/v4`,
      CLOUDFLARE_API_TOKEN: TOKEN,
      CLOUDFLARE_ACCOUNT_ID: ACCOUNT_ID,
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_SEND_ERROR_REPORTS: 'false',
      WRANGLER_HIDE_BANNER: 'true',
      XDG_CONFIG_HOME: own,
      NO_COLOR: '1',
    },
    stop: () => {
      server.closeAllConnections()
      server.close()
      rmSync(own, { recursive: true, force: true })
    },
  }
}

const WORKER = '/workers/scripts/([^/]+)'
const NAMESPACE = '/storage/kv/namespaces/([^/]+)'

const ROUTES: Route[] = [
  ['GET', at('/workers/subdomain'), () => ok({ subdomain: SUBDOMAIN })],
  ['GET', at('/workers/services/([^/]+)'), (account, { names: [name = ''] }) => ofWorker(account, name, serviceOf)],
  ['DELETE', at('/workers/services/([^/]+)'), (account, { names: [name = ''] }) => account.deleteWorker(name)],
  ['GET', at('/workers/workers/([^/]+)'), (account, { names: [name = ''] }) => ofWorker(account, name, subdomainOf)],
  ['GET', at('/workers/tails/by-consumer/([^/]+)'), () => ok([])],

  ['PUT', at(WORKER), async (account, call) => account.upload(call.names[0] ?? '', ...(await uploadOf(call)))],
  ['GET', at(`${WORKER}/settings`), (account, { names: [name = ''] }) => ofWorker(account, name, () => settingsOf(account, name))],
  ['PATCH', at(`${WORKER}/script-settings`), () => ok({})],
  ['GET', at(`${WORKER}/references`), () => ok({ services: { incoming: [], pages_function: false }, durable_objects: [] })],
  ['POST', at(`${WORKER}/versions`), async (account, call) => account.addVersionOf(call.names[0] ?? '', ...(await uploadOf(call)))],
  ['GET', at(`${WORKER}/versions`), (account, { names: [name = ''] }) => ofWorker(account, name, versionsOf)],
  ['GET', at(`${WORKER}/versions/([^/]+)`), (account, { names: [name = '', id = ''] }) => ofWorker(account, name, versionNamed(id))],
  ['GET', at(`${WORKER}/deployments`), (account, { names: [name = ''] }) => ofWorker(account, name, deploymentsOf)],
  ['POST', at(`${WORKER}/deployments`), deployVersion],

  ['GET', at(`${WORKER}/secrets`), (account, { names: [name = ''] }) => ofWorker(account, name, () => secretsOf(account, name))],
  ['PUT', at(`${WORKER}/secrets`), putSecret],
  [
    'DELETE',
    at(`${WORKER}/secrets/([^/]+)`),
    (account, { names: [name = '', secret = ''] }) => setSecrets(account, name, { [secret]: null }),
  ],
  ['PATCH', at(`${WORKER}/secrets-bulk`), putSecrets],

  [
    'POST',
    at(`${WORKER}/subdomain`),
    (account, { names: [name = ''], json }) => account.change(name, { workersDev: json as Worker['workersDev'] }),
  ],
  ['PUT', at(`${WORKER}/schedules`), (account, { names: [name = ''], json }) => account.change(name, { crons: textsOf(json, 'cron') })],
  ['PUT', at(`${WORKER}/routes`), (account, { names: [name = ''], json }) => account.change(name, { routes: textsOf(json, 'pattern') })],
  ['POST', at(`${WORKER}/domains/changeset`), () => ok({ added: [], removed: [], updated: [], conflicting: [] })],
  ['PUT', at(`${WORKER}/domains/records`), putDomains],
  ['GET', at('/zones'), (account, { query }) => ok(zonesNamed(account, query.get('name')))],
  ['GET', at('/zones/([^/]+)/workers/routes'), (account) => ok(routesOf(account))],

  ['GET', at('/storage/kv/namespaces'), (account, { query }) => ok(namespacesOf(account, Number(query.get('page') ?? 1)))],
  ['POST', at('/storage/kv/namespaces'), (account, { json }) => account.createNamespace((json as { title: string }).title)],
  ['DELETE', at(NAMESPACE), (account, { names: [id = ''] }) => account.deleteNamespace(id)],
  [
    'GET',
    at(`${NAMESPACE}/keys`),
    (account, { names: [id = ''] }) => ok([...(account.namespaces.get(id)?.entries.keys() ?? [])].map(named)),
  ],
  ['GET', at(`${NAMESPACE}/values/([^/]+)`), (account, { names: [id = '', key = ''] }) => readEntry(account, id, key)],
  ['PUT', at(`${NAMESPACE}/values/([^/]+)`), (account, { names: [id = '', key = ''], text }) => account.write(id, key, text)],
  ['DELETE', at(`${NAMESPACE}/values/([^/]+)`), (account, { names: [id = '', key = ''] }) => account.write(id, key, undefined)],
]

function at(path: string): RegExp {
  return new RegExp(`^${path}$`)
}

// ── A call ──────────────────────────────────────────────────────────────────────────────────────────────────────────

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function callOf(found: RegExpExecArray, query: URLSearchParams, body: Buffer, type: string): Call {
  const isJson = type.includes('json') && body.length > 0
  return {
    names: found.slice(1).map(decodeURIComponent),
    query,
    text: body.toString(),
    json: isJson ? JSON.parse(body.toString()) : undefined,
    form: () => new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData(),
  }
}

async function uploadOf({ form }: Call): Promise<[Upload, Map<string, string>]> {
  const modules = new Map<string, string>()
  let upload: Upload = {}
  for (const [name, part] of (await form()).entries()) {
    const text = typeof part === 'string' ? part : await (part as Blob).text()
    if (name === 'metadata') upload = JSON.parse(text)
    else modules.set(name, text)
  }
  return [upload, modules]
}

function envelope(outcome: Outcome) {
  if (outcome.is === 'ok') return { success: true, errors: [], messages: [], result: outcome.result, result_info: {} }
  return { success: false, errors: [{ code: outcome.code, message: outcome.message }], messages: [], result: null }
}

function ok(result: unknown): Outcome {
  return { is: 'ok', result }
}

function ofWorker(account: CloudflareAccount, name: string, answer: (worker: Worker, name: string) => unknown): Outcome {
  const worker = account.workers.get(name)
  return worker ? ok(answer(worker, name)) : account.deleteWorker(name)
}

// ── Workers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function serviceOf({ migrationTag }: Worker, name: string) {
  const script = { id: name, tag: name, tags: [], last_deployed_from: 'wrangler', ...(migrationTag && { migration_tag: migrationTag }) }
  return { id: name, default_environment: { environment: 'production', script } }
}

function subdomainOf({ workersDev }: Worker, name: string) {
  return { name, subdomain: workersDev }
}

function settingsOf(account: CloudflareAccount, name: string) {
  return { bindings: (account.live(name)?.bindings ?? []).map(withoutSecret) }
}

/** Cloudflare shows a secret to nobody. */
function withoutSecret(binding: Binding): Binding {
  const { text: _, ...rest } = binding
  return binding.type === 'secret_text' ? rest : binding
}

function versionOf({ id, number, createdOn, bindings }: Version) {
  const metadata = { created_on: createdOn, author_email: 'founder@example.com', source: 'wrangler', has_preview: false }
  return { id, number, metadata, annotations: {}, resources: { bindings: bindings.map(withoutSecret), script: { etag: id } } }
}

function versionsOf({ versions }: Worker) {
  return { items: versions.map(versionOf).reverse() }
}

function versionNamed(id: string) {
  return ({ versions }: Worker) => versions.filter((version) => version.id === id).map(versionOf)[0] ?? null
}

function deploymentsOf({ deployments }: Worker) {
  const described = deployments.map(({ id, createdOn, versionId, message }) => {
    const versions = [{ version_id: versionId, percentage: 100 }]
    const annotations = { 'workers/triggered_by': 'deployment', ...(message && { 'workers/message': message }) }
    return {
      id,
      source: 'wrangler',
      strategy: 'percentage',
      author_email: 'founder@example.com',
      created_on: createdOn,
      versions,
      annotations,
    }
  })
  return { deployments: described }
}

function deployVersion(account: CloudflareAccount, { names: [name = ''], query, json }: Call): Outcome {
  const { versions, annotations } = json as { versions: { version_id: string }[]; annotations?: Record<string, string> }
  return account.deployVersion(name, versions[0]?.version_id ?? '', annotations?.['workers/message'], query.get('force') === 'true')
}

// ── Secrets ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function secretsOf(account: CloudflareAccount, name: string) {
  return Object.keys(account.secretsOf(name)).map((secret) => ({ name: secret, type: 'secret_text' }))
}

function setSecrets(account: CloudflareAccount, name: string, secrets: Record<string, { text: string } | null>): Outcome {
  return account.setSecrets(name, new Map(Object.entries(secrets).map(([secret, set]) => [secret, set?.text])))
}

function putSecret(account: CloudflareAccount, { names: [name = ''], json }: Call): Outcome {
  const secret = json as { name: string; text: string }
  return setSecrets(account, name, { [secret.name]: secret })
}

function putSecrets(account: CloudflareAccount, { names: [name = ''], json }: Call): Outcome {
  return setSecrets(account, name, (json as { secrets: Record<string, { text: string } | null> }).secrets)
}

// ── Where it is reached, and what it remembers ──────────────────────────────────────────────────────────────────────

function textsOf(json: unknown, field: string): string[] {
  return (json as Record<string, string>[]).map((one) => one[field] ?? '')
}

function putDomains(account: CloudflareAccount, { names: [name = ''], json }: Call): Outcome {
  return account.change(name, { customDomains: textsOf((json as { origins: unknown }).origins, 'hostname') })
}

function zonesNamed({ zones }: CloudflareAccount, name: string | null) {
  return [...zones].filter(([zone]) => zone === name).map(([zone, id]) => ({ id, name: zone }))
}

function routesOf({ workers }: CloudflareAccount) {
  return [...workers].flatMap(([script, { routes }]) => routes.map((pattern) => ({ pattern, script })))
}

function namespacesOf({ namespaces }: CloudflareAccount, page: number) {
  return page > 1 ? [] : [...namespaces].map(([id, { title }]) => ({ id, title, supports_url_encoding: true }))
}

function named(name: string) {
  return { name }
}

function readEntry({ namespaces }: CloudflareAccount, id: string, key: string): Outcome {
  const value = namespaces.get(id)?.entries.get(key)
  return value === undefined ? { is: 'refused', status: 404, code: 10009, message: 'get: key not found' } : ok(value)
}
