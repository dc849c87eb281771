import { join } from 'node:path'
import { createTestHarness } from 'wrangler'
import type { Env } from '../src/env.ts'
import type { State } from '../src/order/state.ts'
import { lensWorker, lookAtOrders } from './lens-worker.ts'
import { linksAt } from './links.ts'
import { WEBSITE_ID } from './world/datafast.ts'
import { SECRETS } from './world/secrets.ts'

/** An entry of the Worker's KV namespace, as the panel shows it. */
export type MemoryEntry = { key: string; value: string; metadata: unknown }

/** The built Worker with its real wrangler.toml, storage and alarms, in the local runtime. */
export type SandboxWorker = Awaited<ReturnType<typeof startWorker>>

/** Short enough to watch: a sale without a visitor waits this long for one. The real default is ten minutes. */
const ATTRIBUTION_WAIT_SECONDS = 8

/** Unlocks the Worker's status page. The sandbox uses it for everybody who asks: there is nothing to hide. */
const STATUS_TOKEN = 'sandbox-only-status-token'

/** What the operator's browser would send after they have typed the token in. */
export const OPERATOR = `Basic ${btoa(`sandbox:${STATUS_TOKEN}`)}`

/** @param origin - where the sandbox, and so the Worker, is reached */
export async function startWorker(origin: string) {
  // The runtime would otherwise ask the internet where it is; the sandbox sends nothing anywhere.
  process.env.CLOUDFLARE_CF_FETCH_ENABLED = 'false'
  process.env.WRANGLER_SEND_METRICS = 'false'
  const root = join(import.meta.dirname, '..')
  const harness = createTestHarness({
    root,
    workers: [
      {
        configPath: 'wrangler.toml',
        prebuiltWorkerDir: 'dist',
        vars: {
          THANK_YOU_URL: `${origin}/thank-you`,
          PENDING_URL: `${origin}/almost-there`,
          NOT_PAID_URL: `${origin}/not-paid`,
          PUBLIC_URL: origin,
          LINKS: linksAt(origin),
          ATTRIBUTION_WAIT_SECONDS,
          CUSTOMER_FIELDS: 'customer_id',
          DATAFAST_WEBSITE_ID: WEBSITE_ID,
          ALERT_URL: 'https://alerts.example.com/small-harbour',
        },
        secrets: { ...SECRETS, STATUS_TOKEN },
      },
      lensWorker(),
    ],
  })
  /** What was sold before that, no sweep finds. In production the first cron run opens them, within a quarter of an hour. */
  const openBooks = () => harness.fetch(`${origin}/checkout/status`, { headers: { authorization: OPERATOR, accept: 'application/json' } })
  await harness.listen()
  await openBooks()
  /** While the runtime starts anew, everybody waits. */
  let ready: Promise<unknown> = Promise.resolve()
  const untilReady = async () => {
    for (let awaited: unknown; awaited !== ready; await awaited) awaited = ready
  }

  /** What fails because the runtime was restarted meanwhile is done once more on the new one. */
  const look = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    await untilReady()
    const begun = ready
    return work().catch((error: unknown) => {
      if (ready === begun) throw error
      return look(work)
    })
  }

  return {
    /** Hands a request to the Worker. `undefined`: the runtime was restarted meanwhile, and forgot it. */
    async fetch(request: Request): Promise<Response | undefined> {
      await untilReady()
      const begun = ready
      const body = request.body ? await request.text() : undefined
      const { method, headers } = request
      const init = { method, headers: [...headers], redirect: 'manual' as const, ...(body && { body }) }
      const answer = await harness.fetch(request.url, init).catch((error: unknown) => {
        if (ready === begun) throw error
      })
      if (!answer) return undefined
      return new Response(answer.status === 303 ? null : await answer.text(), { status: answer.status, headers: [...answer.headers] })
    },

    /** The cron run, which in production comes every 15 minutes. @param scheduledTime - when it is due, should that not be now */
    sweep: (scheduledTime = new Date()): Promise<void> =>
      look(async () => void (await harness.getWorker<Env>().scheduled({ cron: '*/15 * * * *', scheduledTime }))),

    /** How orders stand; `undefined` where an object holds nothing. */
    orders: (references: string[]): Promise<(State | undefined)[]> => look(() => lookAtOrders(harness, references)),

    memory: (): Promise<MemoryEntry[]> =>
      look(async () => {
        const { RECORDED } = await harness.getWorker<Env>().getEnv()
        const { keys } = (await RECORDED?.list({ limit: 20 })) ?? { keys: [] }
        return Promise.all(keys.map(async ({ name, metadata }) => ({ key: name, value: (await RECORDED?.get(name)) ?? '', metadata })))
      }),

    /** Forgets all storage. */
    reset(): Promise<void> {
      const restarted = ready.then(async () => {
        await harness.reset()
        await openBooks()
      })
      ready = restarted.catch(() => {})
      return restarted
    },

    stop: () => harness.close(),
  }
}
