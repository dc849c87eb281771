import { beforeAll, describe, expect, it } from 'vitest'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import { recorded, worker } from './at-provider.ts'
import { askedOf, jobsOf, OPEN_SECRETS, SETTINGS, soldNow, sweep, withBooks } from './at-sweep.ts'

const TEST_KEYS = {
  STRIPE_SECRET_KEY: 'rk_test_sandboxkey',
  CREEM_API_KEY: 'creem_test_sandboxkey',
  PADDLE_API_KEY: 'pdl_sdbx_apikey_sandboxkey',
}
const REHEARSING = {
  secrets: { ...OPEN_SECRETS, ...TEST_KEYS },
  vars: { ...SETTINGS.vars, DODO_PAYMENTS_ENVIRONMENT: 'test_mode', POLAR_SERVER: 'sandbox' },
}
const keysOf = (name: keyof typeof TEST_KEYS) => `${TEST_KEYS[name]}, ${SECRETS[name]}`
const SIDE_BY_SIDE = {
  STRIPE_SECRET_KEY: keysOf('STRIPE_SECRET_KEY'),
  CREEM_API_KEY: keysOf('CREEM_API_KEY'),
  PADDLE_API_KEY: keysOf('PADDLE_API_KEY'),
}

const isRecorded = ({ transactionId }: { transactionId: string }) => worker.world.dataFast.ledger.has(transactionId)

describe.each<[string, settings: typeof SETTINGS, providers: ProviderName[]]>([
  ['that takes the place of a test key', SETTINGS, ['stripe', 'dodo', 'creem', 'polar', 'paddle']],
  ['that joins a test key', { ...SETTINGS, secrets: { ...OPEN_SECRETS, ...SIDE_BY_SIDE } }, ['stripe', 'creem', 'paddle']],
])('A live key %s', (_, settings, providers) => {
  withBooks(REHEARSING)
  const sales = new Map<ProviderName, { between: ReturnType<typeof soldNow>; after: ReturnType<typeof soldNow> }>()

  beforeAll(async () => {
    await sweep(worker)
    const between = providers.map((provider) => soldNow(provider, worker.world, 'subscription'))
    // Whole seconds count, and Creem's charges are a second younger than their checkouts.
    await new Promise((resolve) => setTimeout(resolve, 2_100))
    await worker.deploy(settings)
    await jobsOf(worker)
    for (const sale of between) sales.set(sale.provider, { between: sale, after: soldNow(sale.provider, worker.world, 'subscription') })
    await sweep(worker, 'deep')
  })

  it.concurrent.for(providers)('%s: what is sold from then on counts, and nothing that was sold for real before', async (provider) => {
    const { between, after } = sales.get(provider) ?? {}
    if (!between || !after) throw new Error(`nothing was sold at ${provider}`)
    expect(await recorded(after.transactionId)).toMatchObject({ amount: after.amount })
    expect(isRecorded(between)).toBe(false)
    const questions = askedOf(provider, worker).questions.filter((url) => url.includes(encodeURIComponent(between.mark)))
    expect(questions).toEqual([])
    // Nor is it imported when its renewal, which counts, or its refund is found.
    const renewal = between.aftermath.renewed()
    const refund = between.aftermath.refunded('rest')
    await sweep(worker)
    expect(await recorded(renewal.transactionId, 40_000)).toMatchObject({ amount: renewal.amount, renewal: true })
    for (const one of [between, refund]) expect(isRecorded(one)).toBe(false)
  })
})
