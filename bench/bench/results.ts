import type { ProviderName } from '../../src/providers/index.ts'
import type { AfterWebhook } from './after-webhook.ts'
import type { ByContender } from './contenders.ts'
import type { Growth } from './growth-figures.ts'
import type { Load } from './load.ts'

/** How long buyers waited, in ms; `…AtEntry`: through Miniflare's own entry, with Stripe alone. */
export type Waits = {
  first: ByContender<number[]>
  repeat: ByContender<number[]>
  repeatAtEntry: ByContender<number[]>
  /** First visits to subscriptions at our Worker. */
  firstEach: Map<ProviderName, number[]>
  /** Visits after the webhook: the payment waits for its visitor, or is recorded already. */
  waiting: AfterWebhook
  waitingAtEntry: AfterWebhook
  recorded: AfterWebhook
}

/** What it cost; times in ms. */
export type Costs = {
  repeatLoad: ByContender<Load[]>
  firstLoad: ByContender<Load[]>
  afterWebhookLoad: Load[]
  coldStart: ByContender<number[]>
  load: ByContender<number[]>
  bytes: ByContender<number>
  gzipKiB: ByContender<number>
}

/** Everything that was measured. */
export type Results = Waits & Costs & { growth: Growth }
