import * as v from 'valibot'
import type { World } from './world/world.ts'

/** What the panel can make hard. One set for the whole sandbox: it is a stage, not a shop with many customers. */
export const Switches = v.object({
  dataFastDown: v.boolean(),
  providerSlow: v.boolean(),
  providerDown: v.boolean(),
  /** The visitor has no DataFast cookie: an ad blocker, no consent. */
  cookieMissing: v.boolean(),
  /** Where the buyer opens the success URL: on another device nobody has their cookie. */
  returnsOn: v.picklist(['same browser', 'another device']),
  /** Whether the founder has set them up: without them providers tell nothing of their own accord. */
  webhooks: v.boolean(),
  /** `later`: a bank debit or voucher, complete now and paid in days. */
  payment: v.picklist(['now', 'later', 'declined']),
  /** `trial` concerns subscriptions only. */
  offer: v.picklist(['full price', 'trial', '100 % off']),
  currency: v.picklist(['EUR', 'USD', 'JPY', 'KWD']),
})
export type Switches = v.InferOutput<typeof Switches>
export type Currency = Switches['currency']

/** Some of the switches, as the panel sends them: unknown names are refused, so that a typing error is noticed. */
export const SwitchesChange = v.partial(v.strictObject(Switches.entries))
export type SwitchesChange = v.InferOutput<typeof SwitchesChange>

export const AS_USUAL: Switches = {
  dataFastDown: false,
  providerSlow: false,
  providerDown: false,
  cookieMissing: false,
  returnsOn: 'same browser',
  webhooks: true,
  payment: 'now',
  offer: 'full price',
  currency: 'EUR',
}

/** What these services usually take: the buyer waits for the provider, and never for DataFast. */
const PROVIDER_MS = 150
const DATAFAST_MS = 400
/** Longer than a buyer is kept waiting (2.5 s), shorter than a call may take (8 s). */
const SLOW_MS = 6_000
const DOWN = { kind: 'answer', status: 503, body: { message: 'Service unavailable' } } as const

/** Makes the services behave as the switches say. */
export function applySwitches({ dataFastDown, providerSlow, providerDown }: Switches, world: World): void {
  for (const service of world.services) {
    const isDataFast = service.name === 'datafast'
    // Whoever is alerted is no provider, and always there.
    const isProvider = !isDataFast && service.name !== 'alerts'
    service.delayMs = isDataFast ? DATAFAST_MS : isProvider && providerSlow ? SLOW_MS : PROVIDER_MS
    service.fault = (isDataFast && dataFastDown) || (isProvider && providerDown) ? DOWN : undefined
  }
}
