import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { type SimulatedCloudflare, simulatedCloudflare } from './simulated-cloudflare.ts'
import { run, type SimulatedInternet, simulatedInternet } from './simulated-internet.ts'
import { KEYS, Terminal } from './terminal.ts'
import { clonedFolder } from './wrangler.ts'

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
  expect(first).toMatchObject({ code: 0, outcome: { deployed: 'deployed', worker: { name: 'success-url-example' } } })
  expect(first.outcome.worker.address).toMatch(/^https:\/\/success-url-example\.[\w-]+\.workers\.dev\/checkout$/)
  expect(Object.keys(cloudflare.state.secretsOf('success-url-example')).sort()).toEqual([
    'DATAFAST_API_KEY',
    'STATUS_TOKEN',
    'STRIPE_SECRET_KEY',
  ])
  const second = await setUp('--thank-you', 'https://example.com/welcome')
  expect(second).toMatchObject({ code: 0, outcome: { deployed: 'deployed', written: ['wrangler.toml'] } })
  const page = cloudflare.state.live('success-url-example')?.bindings.find(({ name }) => name === 'THANK_YOU_URL')
  expect(page?.text).toBe('https://example.com/welcome')
  expect(Object.keys(cloudflare.state.secretsOf('success-url-example'))).toHaveLength(3)
})

it('in a terminal wrangler is shown at work, and its address is learned', async () => {
  await setUp('--thank-you', 'https://example.com/thanks', '--install', 'workers-dev')
  const program = join(import.meta.dirname, '../../cli/setup.ts')
  const terminal = new Terminal(process.execPath, [program], folder, { ...cloudflare.environment, ...internet.environment })
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
  await terminal.shows('Deployed as success-url-example.')
  await terminal.shows('.workers.dev/checkout/success/stripe?session_id={CHECKOUT_SESSION_ID}')
  expect(await terminal.end()).toBe(0)
  expect(terminal.text()).not.toContain('your-subdomain')
})
