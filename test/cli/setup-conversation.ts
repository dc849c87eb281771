import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { Clone } from './setup-folder.ts'
import { type SimulatedInternet, simulatedInternet } from './simulated-internet.ts'
import { KEYS, Terminal } from './terminal.ts'

const PROGRAM = join(import.meta.dirname, '../../cli/setup.ts')
const { enter, space } = KEYS
export const { DATAFAST_API_KEY, STRIPE_SECRET_KEY } = SECRETS

/** One for each test file; after every test everything on it works again. */
export let internet: SimulatedInternet
/** A new one for each test. */
export let clone: Clone
let screen: Terminal | undefined
beforeAll(async () => {
  internet = await simulatedInternet()
})
afterAll(() => internet.stop())
beforeEach(() => {
  clone = new Clone()
})
afterEach(() => {
  screen?.kill()
  clone.remove()
  for (const service of internet.world.services) service.fault = undefined
  internet.world.stripe.forbidden.clear()
  internet.world.dataFast.connected.clear()
})

/** Starts the program in that clone. */
export function open(environment: Record<string, string | undefined> = internet.environment, args: string[] = []): Terminal {
  screen = new Terminal(process.execPath, [PROGRAM, ...args], clone.folder, environment)
  return screen
}

/** Up to the first key, for a shop that sells at Stripe and has a host of its own. */
export async function describeShop(terminal: Terminal): Promise<void> {
  await terminal.answer('Where do you sell?', space, enter)
  await terminal.answer('Which page do buyers land on after paying?', 'https://harbour.example/thanks', enter)
  await terminal.answer('Other pages for buyers who did not pay, or not yet?', 'n')
  await terminal.answer('Where should the Worker answer?', enter)
  await terminal.answer('Which host?', enter)
}

/** The same for a shop whose providers are named already, where every other answer is the suggested one. */
export async function describeNamedShop(terminal: Terminal): Promise<void> {
  await terminal.answer('Where do you sell?', enter)
  await terminal.answer('Which page do buyers land on', 'https://harbour.example/thanks', enter)
  await terminal.answer('Other pages', 'n')
  await terminal.answer('Where should the Worker answer?', enter)
  await terminal.answer('Which host?', enter)
}

/** Up to the provider's key. */
export async function giveDataFastKey(terminal: Terminal): Promise<void> {
  await terminal.answer('DataFast key', DATAFAST_API_KEY, enter)
  await terminal.answer('The id of the website at DataFast (optional)', enter)
}

/** From the webhook's secret to the name. */
export async function pressEnterToTheEnd(terminal: Terminal): Promise<void> {
  await terminal.answer('Stripe webhook secret', enter)
  await terminal.answer('What counts at Stripe', enter)
  await terminal.answer('A payment link', enter)
  await terminal.answer('The Worker’s name at Cloudflare', enter)
}

/** All of that, up to where both files are written. */
export async function writeItDown(terminal: Terminal): Promise<void> {
  await describeShop(terminal)
  await giveDataFastKey(terminal)
  await terminal.answer('Stripe key', STRIPE_SECRET_KEY, enter)
  await pressEnterToTheEnd(terminal)
  await terminal.answer('Write it down?', 'y')
}

/** The shop as it is after all of that, without the conversation. */
export async function setUpShop(): Promise<void> {
  const terminal = open()
  await writeItDown(terminal)
  await terminal.answer('Deploy it now?', 'n')
  expect(await terminal.end()).toBe(0)
}

/** Neither those that were typed nor those that were made. */
export function expectNoSecretOn({ output }: Terminal): void {
  const made = clone.has('.dev.vars') ? Object.values(parseEnv(clone.read('.dev.vars'))) : []
  for (const secret of [...Object.values(SECRETS), ...made]) if (secret) expect(output).not.toContain(secret)
}
