import type { Timeline } from '../timeline.ts'
import { delivered, type ProviderEvent } from '../world/provider-event.ts'
import { announcedBy } from './announced.ts'
import type { Sale, Tidings } from './sale.ts'

/** Where providers send their webhooks, as far as the founder has set them up. */
export type WebhookAddress = {
  isSet: boolean
  /** `undefined` when nobody is there any more. */
  post(path: string, headers: Record<string, string>, body: string): Promise<Response | undefined>
}

/** Sends what a provider has to tell to the Worker, one event after the other, each signed at that moment. */
export async function deliver({ of, events }: Tidings, sale: Sale, to: WebhookAddress, timeline: Timeline): Promise<void> {
  const { title } = sale.checkout
  if (!to.isSet && events.length) timeline.tell(`${title} has something to tell, but no webhook is set up: nobody hears it.`)
  if (!to.isSet) return
  for (const event of events) {
    if (!(await deliverOne(event, to, timeline))) continue
    const reference = announcedBy(event)
    if (!sale.announced.has(reference)) sale.announced.set(reference, of)
  }
}

/** @returns whether the Worker took an order from it */
async function deliverOne(event: ProviderEvent, to: WebhookAddress, timeline: Timeline): Promise<boolean> {
  const webhook = timeline.delivery(event.provider, event.name)
  const { path, headers, body } = delivered(event, new Date())
  // Whatever goes wrong here is the runtime being stopped, or started anew.
  const response = await to.post(path, headers, body).catch(() => undefined)
  webhook.received = receivedIn(await response?.text())
  webhook.ms = Date.now() - webhook.at
  webhook.status = response?.status ?? 'lost'
  return webhook.received > 0
}

/** `{"received":1}`; a refusal says why, in words. */
function receivedIn(answer = ''): number {
  return Number(/"received":(\d+)/.exec(answer)?.[1] ?? 0)
}
