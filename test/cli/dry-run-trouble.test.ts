import { describe, expect, it } from 'vitest'
import { AFTERMATH } from '../../sandbox/world/aftermath/list.ts'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { sessionId } from '../bundle/ids.ts'
import { dryRun } from './dry-run-orders.ts'
import { advice, ask, folder, show, VISITOR, world } from './dry-run-shop.ts'
import { NO_NETWORK, simulatedInternet } from './simulated-internet.ts'

/** `npm run dry-run`, run as a founder would: what it says when it cannot tell, and what it prints. */

describe('What stands in the way of a dry run', () => {
  it.concurrent('is a key that the provider refuses: named, with the page that tells how to make one', async () => {
    const id = sessionId()
    world.stripe.sell(id)
    const report = await ask(['stripe', id], folder('', { ...SECRETS, STRIPE_SECRET_KEY: 'nonsense_key' }))
    expect(report).toMatchObject({ buyer: { outcome: 'pending' }, recorded: false, exitCode: 2 })
    expect(report.fix).toBe(
      'Stripe refuses STRIPE_SECRET_KEY (401): it is mistyped, revoked or of another environment. Make a new one (docs/stripe.md, “The key”) and set it again.',
    )
  })

  it.concurrent('is a permission that the key lacks: named as the dashboard names it', async () => {
    const strict = await simulatedInternet()
    const id = sessionId()
    strict.world.stripe.subscribe(id)
    const { transactionId } = AFTERMATH.stripe(strict.world, id).renewed()
    strict.world.stripe.forbidden.add('invoices')
    const invoice = await dryRun([transactionId], folder(), strict)
    expect(invoice.code).toBe(2)
    expect(invoice.output).toContain('does not let STRIPE_SECRET_KEY read this (403): give the key “Invoices: Read”')
    strict.world.stripe.forbidden.add('checkout/sessions')
    expect((await dryRun([id], folder(), strict)).output).toContain('“Checkout Sessions: Read”')
    strict.stop()
  })

  it.concurrent('is a key of the other mode', async () => {
    const report = await ask(['stripe', sessionId('test')])
    expect(report).toMatchObject({ buyer: { outcome: 'unknown' }, exitCode: 2 })
    expect(report.fix).toContain('STRIPE_SECRET_KEY is of the other mode than this order')
  })

  it.concurrent('is no network: your own connection is to be checked', async () => {
    const { code, output } = await dryRun([sessionId()], folder(), { environment: NO_NETWORK })
    expect(code).toBe(1)
    expect(output).toContain('Stripe cannot be reached from here: check your connection, then try again.')
  })

  it.concurrent('is a placeholder instead of a key, which is not shown', async () => {
    const { code, complaint } = await show(['stripe', sessionId()], folder('', { STRIPE_SECRET_KEY: 'rk_live_yourkeyxxxx' }))
    expect(code).toBe(2)
    expect(complaint).toMatch(/^STRIPE_SECRET_KEY .*placeholder/)
    expect(complaint).not.toContain('yourkey')
  })

  it.concurrent('is a provider of which nothing is set, though others are not set either', async () => {
    expect(await advice(['stripe', sessionId()], folder('', {}))).toMatch(
      /^STRIPE_SECRET_KEY is not set\. Write Stripe’s key into \.dev\.vars/,
    )
  })

  it.concurrent('is a file that cannot be read, with the place', async () => {
    expect(await advice(['stripe', sessionId()], folder('THIS IS NOT TOML'))).toContain('wrangler.toml cannot be read: ')
  })

  it.concurrent('is a visitor that is none, an unknown option, or nothing to look up', async () => {
    expect(await advice([sessionId(), '--visitor', 'x'])).toContain('--visitor is no visitor id of DataFast')
    expect(await advice([sessionId(), '--door', 'window'])).toContain('--door must be redirect or webhook')
    expect(await advice([])).toMatch(/^Usage: npm run dry-run/)
    expect(await show(['--wrong'])).toMatchObject({ code: 2, output: '', complaint: expect.stringMatching(/^Usage: npm run dry-run/) })
  })

  it.concurrent('never is DataFast’s key, which a dry run does without, and says so', async () => {
    const id = sessionId()
    world.stripe.sell(id)
    const report = await ask([id], folder('', { STRIPE_SECRET_KEY: SECRETS.STRIPE_SECRET_KEY }))
    expect(report.recorded).toBe(true)
    expect(report.notes.join()).toContain('DATAFAST_API_KEY is not set')
  })
})

describe('What a dry run prints', () => {
  it.concurrent('tells all of it in plain sentences', async () => {
    const id = sessionId()
    world.stripe.sell(id)
    const { code, output } = await show([id, '--visitor', VISITOR])
    expect(code).toBe(0)
    expect(output).toContain(`Dry run: stripe:${id}, known from a buyer who comes back with it. Nothing is sent to DataFast.`)
    expect(output).toContain('Stripe says: paid, a sale of 19.99 EUR on 21 Sep 2026')
    expect(output).toContain('X-Checkout-Outcome: paid')
    expect(output).toContain(`"datafast_visitor_id": "${VISITOR}"`)
    expect(output).toContain('the payment intent of a one-time checkout')
    expect(output.trimEnd()).toMatch(/It would be recorded\.$/)
  })

  it.concurrent('never steers a terminal, whatever the provider says', async () => {
    const id = sessionId()
    const evil = 'Bea\u001b[2J\u202egnp.exe'
    world.stripe.sell(id, { customer_details: { name: evil } })
    const shop = folder('CUSTOMER_FIELDS = "name"')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    const steering = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/
    expect((await show([id], shop)).output).not.toMatch(steering)
    const json = await show(['--json', id], shop)
    expect(json.output).not.toMatch(steering)
    expect(JSON.parse(json.output).post.name).toBe(evil)
  })

  it.concurrent('holds no key', async () => {
    const id = sessionId()
    world.stripe.sell(id)
    const { output } = await show(['--json', id])
    for (const secret of Object.values(SECRETS)) expect(output).not.toContain(secret)
  })
})
