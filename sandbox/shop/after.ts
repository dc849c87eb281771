import { type Html, html } from '../../src/status/html.ts'
import { isPaidLater, type Purchase } from '../checkouts/checkout.ts'
import type { Switches } from '../switches.ts'
import { shelves } from './storefront.ts'

/** A page that a buyer is sent to after the checkout. */
export type AfterPage = { path: string; tone: 'good' | 'wait' | 'bad'; title: string; text: string; toPanel?: true }

export const AFTER_PAGES: readonly AfterPage[] = [
  { path: '/thank-you', tone: 'good', title: 'Thank you!', text: 'Your order is complete. A receipt is on its way to your inbox.' },
  {
    path: '/almost-there',
    tone: 'wait',
    title: 'Almost there',
    text: 'We have your order and are waiting for the payment to be confirmed. There is nothing more to do.',
  },
  { path: '/not-paid', tone: 'bad', title: 'Nothing was charged', text: 'The payment did not go through. You can simply try again.' },
]

export const NOT_FOUND: AfterPage = { path: '/not-found', tone: 'bad', title: 'Not here', text: 'There is no such page in this shop.' }

/** What is left to see of a buyer who has paid and not come back. */
export function closedTab(purchase: Purchase, { webhooks }: Switches): AfterPage {
  const common = { path: '/closed-tab', tone: 'wait', title: 'The tab is closed', toPanel: true } as const
  if (!webhooks)
    return {
      ...common,
      text: 'The buyer never came back, and no webhook is set up: nobody tells the Worker of this sale. Its sweep will find it.',
    }
  if (isPaidLater(purchase)) return { ...common, text: 'The buyer never came back. The provider’s webhook will, once the bank has paid.' }
  return { ...common, text: 'The buyer never came back; the provider’s webhook did.' }
}

export function afterPage({ path, tone, title, text, toPanel }: AfterPage, switches: Switches): Html {
  return html`<section class="after after-${tone}" data-page="${path.slice(1)}">
<div class="seal" aria-hidden="true"></div>
<div><h1>${title}</h1><p class="lead">${text}</p>${toPanel && html`<p class="lead"><a href="/panel">Look behind the counter</a></p>`}</div>
</section>
<a class="button quiet" href="/">Back to the shop</a>
<h2 class="more">More from the harbour</h2>
${shelves(switches)}`
}
