import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseEnv } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  clone,
  DATAFAST_API_KEY,
  expectNoSecretOn,
  giveDataFastKey,
  internet,
  open,
  pressEnterToTheEnd,
  STRIPE_SECRET_KEY,
} from './setup-conversation.ts'
import { KEYS, type Terminal } from './terminal.ts'

const { enter, space, down, interrupt } = KEYS

describe('deploying from the conversation', () => {
  async function upToDeploying(terminal: Terminal): Promise<void> {
    await terminal.answer('Where do you sell?', space, enter)
    await terminal.answer('Which page do buyers land on', 'https://harbour.example/thanks', enter)
    await terminal.answer('Other pages', 'n')
    await terminal.answer('Where should the Worker answer?', down, down, enter)
    await giveDataFastKey(terminal)
    await terminal.answer('Stripe key', STRIPE_SECRET_KEY, enter)
    await pressEnterToTheEnd(terminal)
    await terminal.answer('Write it down?', 'y')
    await terminal.answer('Deploy it now?', enter)
  }

  it('shows wrangler as it is, hands it the secrets in a file that is gone afterwards, and learns the address', async () => {
    const bin = clone.withWrangler('Deployed success-url-harbour-example triggers\n  https://success-url-harbour-example.me.workers.dev')
    const terminal = open({ ...internet.environment, PATH: `${bin}:${internet.environment.PATH}` })
    await upToDeploying(terminal)
    await terminal.shows('Deployed success-url-harbour-example triggers')
    await terminal.shows('https://success-url-harbour-example.me.workers.dev/checkout/health cannot be reached yet.')
    expect(await terminal.end()).toBe(0)
    const { args, file, mode, secrets, isTerminal } = clone.called()
    expect([args, mode, isTerminal]).toEqual([['deploy', '--secrets-file', file], '600', true])
    const { STATUS_TOKEN } = parseEnv(clone.read('.dev.vars'))
    expect(secrets).toEqual({ DATAFAST_API_KEY, STRIPE_SECRET_KEY, STATUS_TOKEN })
    expect(existsSync(dirname(file))).toBe(false)
    expect(terminal.text()).toContain(
      'https://success-url-harbour-example.me.workers.dev/checkout/success/stripe?session_id={CHECKOUT_SESSION_ID}',
    )
    expect(terminal.text()).toContain('<script src="https://success-url-harbour-example.me.workers.dev/checkout/links.js" defer></script>')
    expectNoSecretOn(terminal)
  })

  it('ends with 130 when wrangler is interrupted, and leaves no secrets behind', async () => {
    const bin = clone.withWrangler('Uploading…', 'never')
    const terminal = open({ ...internet.environment, PATH: `${bin}:${internet.environment.PATH}` })
    await upToDeploying(terminal)
    await terminal.answer('Uploading…', interrupt)
    await terminal.shows('Both files are written; the Worker was not deployed.')
    expect(await terminal.end()).toBe(130)
    expect(existsSync(dirname(clone.called().file))).toBe(false)
  })

  it('takes a wrangler that is interrupted at its login for none that has deployed, although it ends with 0', async () => {
    const bin = clone.withWrangler('Attempting to login via OAuth...', 'when-interrupted')
    const terminal = open({ ...internet.environment, PATH: `${bin}:${internet.environment.PATH}` })
    await upToDeploying(terminal)
    await terminal.answer('Attempting to login', interrupt)
    await terminal.shows('Both files are written; the Worker was not deployed.')
    expect(await terminal.end()).toBe(130)
  })

  it('believes no wrangler that ends with 0 and does not say that it has deployed', async () => {
    const bin = clone.withWrangler('Nothing to do today')
    const terminal = open({ ...internet.environment, PATH: `${bin}:${internet.environment.PATH}` })
    await upToDeploying(terminal)
    await terminal.shows('wrangler ended without deploying')
    expect(await terminal.end()).toBe(1)
  })

  it('says what to do next when wrangler fails, and what to paste all the same', async () => {
    const bin = clone.withWrangler('✘ [ERROR] You are not logged in', 1)
    const terminal = open({ ...internet.environment, PATH: `${bin}:${internet.environment.PATH}` })
    await upToDeploying(terminal)
    await terminal.shows('You are not logged in')
    await terminal.shows('wrangler ended with 1')
    await terminal.shows('https://success-url-harbour-example.your-subdomain.workers.dev/checkout/success/stripe')
    expect(await terminal.end()).toBe(1)
    expect(existsSync(dirname(clone.called().file))).toBe(false)
    expect(clone.has('.dev.vars')).toBe(true)
  })
})
