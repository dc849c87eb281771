import { rmSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import type { Report } from '../../cli/dry-run/report.ts'
import { AFTERMATH } from '../../sandbox/world/aftermath/list.ts'
import type { ProviderEvent } from '../../sandbox/world/provider-event.ts'
import { type ProviderName, providerNamed } from '../../src/providers/index.ts'
import type { Reference } from '../../src/reference.ts'
import { at, bodyOf, deliver, recorded, withWorker, worker } from '../bundle/at-provider.ts'
import { PROVIDER_NAMES, SELLERS } from '../bundle/sellers.ts'
import { VISITOR } from '../bundle/worker.ts'
import { shopFolder, told } from './dry-run-orders.ts'

/**
 * A dry run and the real Worker, side by side in one world and with the same settings: what the one says is what the other
 * does. `worker` answers this process' requests as well, so that both ask the same providers.
 */

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

function folderWith(vars: string): string {
  const folder = shopFolder(vars)
  folders.push(folder)
  return folder
}

/** Of what went back the moment is not told everywhere: then it is when one asked. */
function posted({ timestamp, ...body }: Record<string, unknown>): unknown {
  return { ...body, ...(body.refunded ? {} : { timestamp }) }
}

/** The order that the first of these events announces which announces any. */
function namedBy(provider: ProviderName, events: readonly ProviderEvent[]): Reference {
  const news = events.map(({ body }) => providerNamed(provider)?.webhook.read(body)).find((one) => one?.is === 'order')
  if (news?.is !== 'order') throw new Error('no event announces an order')
  return news.reference
}

/** Whether the Worker has posted what a dry run said that it would. */
async function expectPosted({ post }: Report): Promise<void> {
  if (!post) throw new Error('nothing would be posted')
  await recorded(post.transaction_id)
  expect(posted(bodyOf(post.transaction_id) as Record<string, unknown>)).toEqual(posted(post))
}

describe.for([
  { name: 'shipped', toml: '', vars: {} },
  {
    name: 'changed',
    toml: 'REVENUE = "net"\nCUSTOMER_FIELDS = "email,name,customer_id"',
    vars: { REVENUE: 'net', CUSTOMER_FIELDS: 'email,name,customer_id' },
  },
])('With the settings as $name the Worker does what a dry run says', ({ toml, vars }) => {
  // Time enough: how quick this machine is, is not what is compared.
  withWorker({ vars: { ...vars, VERIFY_BUDGET_MS: 30_000 } })

  it.concurrent.for(
    PROVIDER_NAMES.flatMap((provider) => (['one-time', 'subscription', 'trial'] as const).map((kind) => ({ provider, kind }))),
  )('of a sale at $provider ($kind), to the buyer and to DataFast', async ({ provider, kind }) => {
    const { id: newId, sell, returning } = SELLERS[provider]
    const id = newId()
    sell[kind](worker.world, id)
    const query = returning(worker.world, id)
    const report = await told([`https://pay.example.com/checkout/success/${provider}?${query}`, '--visitor', VISITOR], folderWith(toml))
    const visit = await at(provider).visitAt(query, VISITOR)
    expect(visit.outcome).toBe(report.buyer?.outcome)
    await expectPosted(report)
  })

  it.concurrent.for(PROVIDER_NAMES)('of a renewal and a refund at %s', async (provider) => {
    const { id: newId, sell, returning } = SELLERS[provider]
    const id = newId()
    sell.subscription(worker.world, id)
    const sold = AFTERMATH[provider](worker.world, id)
    await at(provider).visitAt(returning(worker.world, id), VISITOR)
    await recorded(sold.sold().transactionId)
    for (const { events } of [sold.renewed(), sold.refunded('rest')]) {
      const report = await told([namedBy(provider, events), '--visitor', VISITOR], folderWith(toml))
      await deliver(events)
      await expectPosted(report)
    }
  })

  it.concurrent.for(PROVIDER_NAMES.filter((provider) => SELLERS[provider].sellInVain))(
    'of an order nobody paid at %s',
    async (provider) => {
      const { id: newId, sellInVain, returning } = SELLERS[provider]
      const id = newId()
      sellInVain?.(worker.world, id)
      const query = returning(worker.world, id)
      const report = await told([`https://pay.example.com/checkout/success/${provider}?${query}`], folderWith(toml))
      expect((await at(provider).visitAt(query)).outcome).toBe(report.buyer?.outcome)
      expect(report.buyer?.outcome).toBe('not-paid')
    },
  )
})
