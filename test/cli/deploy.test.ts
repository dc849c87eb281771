import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type SimulatedCloudflare, simulatedCloudflare } from './simulated-cloudflare.ts'
import { clonedFolder, wrangler } from './wrangler.ts'

const NAME = 'success-url'
const KEYS = { DATAFAST_API_KEY: 'df_testkey', STRIPE_SECRET_KEY: 'rk_live_testkey' }
const LOOPBACK_ONLY = `--import ${join(import.meta.dirname, 'loopback-only.preload.ts')}`

let cloudflare: SimulatedCloudflare
let folder: string

beforeEach(async () => {
  cloudflare = await simulatedCloudflare()
  folder = clonedFolder()
})
afterEach(() => {
  cloudflare.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs wrangler, which has to succeed, as `npx wrangler …` would in that folder. */
async function run(line: string, input?: string): Promise<string> {
  const ended = await attempt(line, input)
  expect(ended).toMatchObject({ code: 0 })
  expect(cloudflare.unanswered).toEqual([])
  return ended.output
}

async function attempt(line: string, input?: string) {
  const ended = await wrangler(folder, line.split(' '), { ...cloudflare.environment, NODE_OPTIONS: LOOPBACK_ONLY }, input)
  expect(ended.complaint).not.toContain('left this machine')
  return ended
}

/** Changes wrangler.toml as a founder would with an editor. */
function edit(from: string | RegExp, to: string): void {
  const path = join(folder, 'wrangler.toml')
  const before = readFileSync(path, 'utf8')
  const after = before.replace(from, to)
  expect(after).not.toBe(before)
  writeFileSync(path, after)
}

function worker(name = NAME) {
  const found = cloudflare.state.workers.get(name)
  if (!found) throw new Error(`${name} is not deployed`)
  return found
}

/** Everything that must outlive an upgrade. */
function lasting(name = NAME) {
  const namespaces = [...cloudflare.state.namespaces].map(([id, { title, entries }]) => ({ id, title, entries: [...entries] }))
  return { namespaces, objects: [...worker(name).objects], secrets: cloudflare.state.secretsOf(name), crons: worker(name).crons }
}

function remembered(name = NAME) {
  const bound = cloudflare.state.live(name)?.bindings.find((binding) => binding.name === 'RECORDED')?.namespace_id
  return cloudflare.state.namespaces.get(String(bound))
}

describe('the first deploy, from wrangler.toml as it is shipped', () => {
  it('creates everything the Worker needs, and asks for no id', async () => {
    await run('deploy')
    expect(remembered()?.title).toBe('success-url-recorded')
    expect([...worker().objects.keys()]).toEqual(['Order', 'Ledger'])
    expect(worker()).toMatchObject({ migrationTag: 'v2', crons: ['*/15 * * * *'] })
    expect(worker().workersDev).toEqual({ enabled: true, previews_enabled: false })
    const bound = cloudflare.state.live(NAME)?.bindings.map(({ name, type }) => `${name} ${type}`)
    expect(bound?.sort()).toEqual([
      'LEDGER durable_object_namespace',
      'LIMITER ratelimit',
      'ORDERS durable_object_namespace',
      'RECORDED kv_namespace',
      'THANK_YOU_URL plain_text',
    ])
  })

  it('leaves wrangler.toml as it was', async () => {
    const before = readFileSync(join(folder, 'wrangler.toml'), 'utf8')
    await run('deploy')
    expect(readFileSync(join(folder, 'wrangler.toml'), 'utf8')).toBe(before)
  })

  it('takes the secrets along from a file', async () => {
    writeFileSync(join(folder, 'secrets.json'), JSON.stringify(KEYS))
    const output = await run('deploy --secrets-file secrets.json')
    expect(cloudflare.state.secretsOf(NAME)).toEqual(KEYS)
    for (const key of Object.values(KEYS)) expect(output).not.toContain(key)
  })

  it('finds the secrets that were set before there was a Worker', async () => {
    await run('secret put DATAFAST_API_KEY', `${KEYS.DATAFAST_API_KEY}\n`)
    await run('deploy')
    expect(cloudflare.state.secretsOf(NAME)).toEqual({ DATAFAST_API_KEY: KEYS.DATAFAST_API_KEY })
    expect(worker().migrationTag).toBe('v2')
  })

  it('answers at a host of its own', async () => {
    edit('# routes = [{ pattern = "pay.example.com"', 'routes = [{ pattern = "pay.example.com"')
    edit('workers_dev = true', 'workers_dev = false')
    await run('deploy')
    expect(worker()).toMatchObject({ customDomains: ['pay.example.com'], workersDev: { enabled: false } })
  })

  it('answers at a path of the shop’s site', async () => {
    edit('# routes = [{ pattern = "example.com/checkout/*"', 'routes = [{ pattern = "example.com/checkout/*"')
    edit('workers_dev = true', 'workers_dev = false')
    await run('deploy')
    expect(worker()).toMatchObject({ routes: ['example.com/checkout/*'], workersDev: { enabled: false } })
  })
})

describe('an upgrade is the same command', () => {
  it('keeps what is stored, the secrets and the schedule, and creates nothing anew', async () => {
    await run('deploy')
    await run('secret put STRIPE_SECRET_KEY', KEYS.STRIPE_SECRET_KEY)
    remembered()?.entries.set('stripe:cs_live_1', '{"v":1,"transaction_id":"pi_1"}')
    const before = lasting()
    cloudflare.calls.length = 0
    edit('THANK_YOU_URL = ""', 'THANK_YOU_URL = "https://shop.example.com/thanks"')
    await run('deploy')
    expect(lasting()).toEqual(before)
    expect(remembered()?.entries.size).toBe(1)
    expect(cloudflare.calls.filter((call) => /^DELETE|namespaces$/.test(call))).toEqual([])
    expect(cloudflare.state.live(NAME)?.bindings).toContainEqual({
      name: 'THANK_YOU_URL',
      type: 'plain_text',
      text: 'https://shop.example.com/thanks',
    })
  })

  it('gives an install from before the books their storage, and leaves that of the orders alone', async () => {
    const shipped = readFileSync(join(folder, 'wrangler.toml'), 'utf8')
    edit(/\[\[durable_objects\.bindings]]\nname = "LEDGER"\nclass_name = "Ledger"\n/, '')
    edit(/\[\[migrations]]\ntag = "v2"\nnew_sqlite_classes = \["Ledger"]\n/, '')
    await run('deploy')
    expect(worker().migrationTag).toBe('v1')
    const orders = worker().objects.get('Order')
    writeFileSync(join(folder, 'wrangler.toml'), shipped)
    await run('deploy')
    expect(worker().migrationTag).toBe('v2')
    expect([...worker().objects.keys()]).toEqual(['Order', 'Ledger'])
    expect(worker().objects.get('Order')).toBe(orders)
  })

  it('under another name is another Worker with empty storage, beside the old one', async () => {
    await run('deploy')
    const before = lasting()
    edit('name = "success-url"', 'name = "second-shop"')
    await run('deploy')
    expect(remembered('second-shop')?.title).toBe('second-shop-recorded')
    for (const [, id] of worker('second-shop').objects) expect([...worker().objects.values()]).not.toContain(id)
    expect(lasting().namespaces).toEqual([...before.namespaces, expect.objectContaining({ title: 'second-shop-recorded' })])
    expect(lasting().objects).toEqual(before.objects)
  })
})

describe('secrets', () => {
  it('are set one by one or many at once, listed by name alone, and deleted', async () => {
    await run('deploy')
    await run('secret bulk', JSON.stringify(KEYS))
    await run('secret put STATUS_TOKEN', 'a-test-token-of-24-letters\n')
    expect(cloudflare.state.secretsOf(NAME)).toEqual({ ...KEYS, STATUS_TOKEN: 'a-test-token-of-24-letters' })
    const listed = await run('secret list')
    expect((JSON.parse(listed) as { name: string }[]).map(({ name }) => name).sort()).toEqual([...Object.keys(KEYS), 'STATUS_TOKEN'].sort())
    expect(listed).not.toContain('a-test-token')
    await run('secret delete STATUS_TOKEN')
    expect(cloudflare.state.secretsOf(NAME)).toEqual(KEYS)
  })
})

describe('a rollback', () => {
  it('brings the version back that is named, and takes back nothing that was stored', async () => {
    await run('deploy')
    const first = cloudflare.state.live(NAME)?.id
    await run('secret put STRIPE_SECRET_KEY', KEYS.STRIPE_SECRET_KEY)
    const before = cloudflare.state.live(NAME)?.id
    await run('deploy')
    remembered()?.entries.set('stripe:cs_live_1', '{"v":1,"transaction_id":"pi_1"}')
    const { namespaces, objects } = lasting()
    expect(await run('deployments list')).toContain(String(before))
    await run(`rollback ${before} -y`)
    expect(cloudflare.state.live(NAME)?.id).toBe(before)
    expect(lasting()).toMatchObject({ namespaces, objects, secrets: { STRIPE_SECRET_KEY: KEYS.STRIPE_SECRET_KEY } })
    // Secrets belong to the version: the one from before the key was set has none.
    await run(`rollback ${first} -y`)
    expect(cloudflare.state.secretsOf(NAME)).toEqual({})
  })

  it('without a version takes the last deployment back, which may have been a secret', async () => {
    await run('deploy')
    await run('secret put STRIPE_SECRET_KEY', KEYS.STRIPE_SECRET_KEY)
    await run('rollback -y')
    expect(cloudflare.state.secretsOf(NAME)).toEqual({})
  })

  it('lets no secret be changed until something is deployed', async () => {
    await run('deploy')
    await run('deploy')
    await run('rollback -y')
    expect(await attempt('secret put STRIPE_SECRET_KEY', KEYS.STRIPE_SECRET_KEY)).toMatchObject({ code: 1 })
    await run('deploy')
    await run('secret put STRIPE_SECRET_KEY', KEYS.STRIPE_SECRET_KEY)
    expect(cloudflare.state.secretsOf(NAME)).toEqual({ STRIPE_SECRET_KEY: KEYS.STRIPE_SECRET_KEY })
  })
})

describe('what is remembered', () => {
  it('of one buyer is deleted by the name of the binding, without an id', async () => {
    await run('deploy')
    const entries = remembered()?.entries
    entries?.set('stripe:cs_live_1', '{"v":1,"transaction_id":"pi_1"}')
    entries?.set('stripe:cs_live_2', '{"v":1,"transaction_id":"pi_2"}')
    await run('kv key delete --binding RECORDED --remote stripe:cs_live_1')
    expect([...(entries?.keys() ?? [])]).toEqual(['stripe:cs_live_2'])
  })
})

describe('an uninstall', () => {
  it('takes the Worker with its orders and books, then the KV namespace, and leaves nothing', async () => {
    await run('deploy')
    await run('delete')
    expect(cloudflare.state.workers.size).toBe(0)
    expect(JSON.parse(await run('kv namespace list'))).toMatchObject([{ title: 'success-url-recorded' }])
    await run('kv namespace delete success-url-recorded -y')
    expect(cloudflare.state.namespaces.size).toBe(0)
    await run('deploy')
    expect(remembered()?.entries.size).toBe(0)
  })

  it('that kept the namespace is followed by an install that names it', async () => {
    await run('deploy')
    const [id] = cloudflare.state.namespaces.keys()
    remembered()?.entries.set('stripe:cs_live_1', '{"v":1,"transaction_id":"pi_1"}')
    await run('delete')
    expect((await attempt('deploy')).complaint).toContain('title already exists')
    edit('binding = "RECORDED"', `binding = "RECORDED"\nid = "${id}"`)
    await run('deploy')
    expect([...(remembered()?.entries.keys() ?? [])]).toEqual(['stripe:cs_live_1'])
  })
})
