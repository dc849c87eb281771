import { execFile } from 'node:child_process'
import { appendFileSync, cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { type SimulatedCloudflare, simulatedCloudflare } from './simulated-cloudflare.ts'
import { run, type SimulatedInternet, simulatedInternet } from './simulated-internet.ts'
import { KEYS, Terminal } from './terminal.ts'
import { clonedFolder } from './wrangler.ts'

const ROOT = join(import.meta.dirname, '../..')
const PROGRAM = join(ROOT, 'cli/setup.ts')

let cloudflare: SimulatedCloudflare
let internet: SimulatedInternet
let folder: string
beforeEach(async () => {
  cloudflare = await simulatedCloudflare()
  internet = await simulatedInternet()
  folder = clonedFolder()
})
afterEach(() => {
  cloudflare.stop()
  internet.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function setUp(...args: string[]) {
  const { DATAFAST_API_KEY, STRIPE_SECRET_KEY } = SECRETS
  const environment = { ...cloudflare.environment, ...internet.environment, DATAFAST_API_KEY, STRIPE_SECRET_KEY }
  const { code, output, complaint } = await run('setup.ts', ['--json', '--deploy', ...args], folder, environment)
  return { code, outcome: JSON.parse(output), complaint }
}

it('one command leads from a fresh clone to a deployed Worker with its secrets, and again to one with another page', async () => {
  const first = await setUp('--thank-you', 'https://example.com/thanks', '--install', 'workers-dev')
  expect(first).toMatchObject({ code: 0, outcome: { deployed: 'deployed', worker: { name: 'success-url-example-com' } } })
  expect(first.outcome.worker.address).toMatch(/^https:\/\/success-url-example-com\.[\w-]+\.workers\.dev\/checkout$/)
  expect(Object.keys(cloudflare.state.secretsOf('success-url-example-com')).sort()).toEqual([
    'DATAFAST_API_KEY',
    'STATUS_TOKEN',
    'STRIPE_SECRET_KEY',
  ])
  const second = await setUp('--thank-you', 'https://example.com/welcome')
  expect(second).toMatchObject({ code: 0, outcome: { deployed: 'deployed', written: ['wrangler.toml'] } })
  const page = cloudflare.state.live('success-url-example-com')?.bindings.find(({ name }) => name === 'THANK_YOU_URL')
  expect(page?.text).toBe('https://example.com/welcome')
  expect(Object.keys(cloudflare.state.secretsOf('success-url-example-com'))).toHaveLength(3)
})

it('the command shown to whoever deploys later uploads the Worker with its real secrets, and nothing else of .dev.vars', async () => {
  cpSync(join(ROOT, 'cli'), join(folder, 'cli'), { recursive: true })
  const environment = { ...cloudflare.environment, ...internet.environment }
  const keys = { DATAFAST_API_KEY: SECRETS.DATAFAST_API_KEY, STRIPE_SECRET_KEY: SECRETS.STRIPE_SECRET_KEY }
  const shop = ['--thank-you', 'https://example.com/thanks', '--install', 'workers-dev']
  await run('setup.ts', ['--yes', ...shop], folder, { ...environment, ...keys })
  appendFileSync(join(folder, '.dev.vars'), 'PROBE_DATAFAST_API_KEY=df_throwaway\n')
  const terminal = new Terminal(process.execPath, [PROGRAM], folder, environment)
  await terminal.answer('What is to be done?', KEYS.down, KEYS.down, KEYS.down, KEYS.down, KEYS.enter)
  await terminal.answer('Deploy it now?', 'n')
  const [command = ''] = /npm run setup -- .*/.exec(await terminal.shows('What to paste where')) ?? []
  expect(await terminal.end()).toBe(0)
  await promisify(execFile)('sh', ['-c', command], { cwd: folder, env: environment })
  expect(Object.keys(cloudflare.state.secretsOf('success-url-example-com')).sort()).toEqual([
    'DATAFAST_API_KEY',
    'STATUS_TOKEN',
    'STRIPE_SECRET_KEY',
  ])
})

it('in a terminal wrangler is shown at work, and its address is learned', async () => {
  await setUp('--thank-you', 'https://example.com/thanks', '--install', 'workers-dev')
  const terminal = new Terminal(process.execPath, [PROGRAM], folder, { ...cloudflare.environment, ...internet.environment })
  const questions = [
    'What is to be done?',
    'Where do you sell?',
    'Which page',
    'Other pages',
    'Where should the Worker',
    'DataFast key',
    'The id of the website',
  ]
  const more = ['Stripe key', 'Stripe webhook secret', 'What counts at Stripe', 'A payment link', 'The Worker’s name']
  for (const question of [...questions, ...more]) await terminal.answer(question, KEYS.enter)
  await terminal.answer('Deploy it now?', 'y')
  await terminal.shows('Current Version ID')
  await terminal.shows('Deployed as success-url-example-com.')
  await terminal.shows('.workers.dev/checkout/success/stripe?session_id={CHECKOUT_SESSION_ID}')
  expect(await terminal.end()).toBe(0)
  expect(terminal.text()).not.toContain('your-subdomain')
})
