import { stripe as aftermathOf } from '../../sandbox/world/aftermath/stripe.ts'
import type { LedgerEntry } from '../../sandbox/world/datafast.ts'
import { delivered, type ProviderEvent, WEBHOOK_SECRETS } from '../../sandbox/world/provider-event.ts'
import type { StripeSession } from '../../sandbox/world/stripe.ts'
import { type Answer, browse, type Sent, send } from './browser.ts'
import { Flaw } from './flaw.ts'
import { type Handler, returnAddress } from './handler.ts'
import type { Call, Outside, ServiceName, Trouble } from './outside.ts'
import { daysAgo, newAddress, newSessionId, type Sale, unseen } from './sale.ts'

type Fields = Record<string, unknown>

/** How a buyer comes back. `cookie`: the whole header; `''` for none. `id`: as it stands in the address. `also`: more of the query. */
export type Visit = Pick<Sent, 'method' | 'headers' | 'body'> & { cookie?: string; id?: string; also?: string }

/** How a webhook is delivered. `at`: when it was signed. */
type Delivery = { secret?: string; at?: Date }

/** What a case has at hand: buyers, Stripe and DataFast, and what they saw of the handler. */
export class Stage {
  private readonly handler: Handler
  private readonly outside: Outside
  /** Where the first, ordinary sale was sent: whatever that is, it is the thank-you page. */
  readonly thankYou: string
  /** How long whatever is to happen in the end may take, in ms. */
  readonly patience: number

  constructor(handler: Handler, outside: Outside, { thankYou = '', patience = 30_000 } = {}) {
    this.handler = handler
    this.outside = outside
    this.thankYou = thankYou
    this.patience = patience
  }

  /** A payment link was paid a minute ago, with 19.99 euros unless something else is said. */
  sell(fields: Fields = {}): Sale {
    return this.sale((id) => this.outside.world.stripe.sell(id, { created: minuteAgo(), ...fields }))
  }

  /** The same with a link for a subscription. */
  subscribe(fields: Fields = {}): Sale {
    return this.sale((id) => this.outside.world.stripe.subscribe(id, { created: minuteAgo(), ...fields }))
  }

  /** The same with a subscription that begins with two free weeks. */
  startTrial(): Sale {
    return this.sale((id) => this.outside.world.stripe.startTrial(id, { created: minuteAgo() }, minuteAgo()))
  }

  /** What somebody bought in test mode: the key for live mode does not see it. */
  sellInTestMode(): Sale {
    return this.sale((id) => this.outside.world.stripe.sell(id, { livemode: false, created: minuteAgo() }), 'test')
  }

  private sale(make: (id: string) => StripeSession, mode: 'live' | 'test' = 'live'): Sale {
    const tail = unseen(12)
    const id = newSessionId(tail, mode)
    const session = make(id)
    this.outside.world.stripe.lineItems.set(id, [lineItemOf(session)])
    return { id, tail, visitor: crypto.randomUUID(), address: newAddress(), session }
  }

  /** The buyer comes back, by default with the visitor's cookie among others. Rejects with a flaw when there is no answer. */
  visit(sale: Sale, { cookie = cookieOf(sale.visitor), id = sale.id, also = '', headers, ...sent }: Visit = {}): Promise<Answer> {
    const address = { 'cf-connecting-ip': sale.address, 'x-forwarded-for': sale.address, 'x-real-ip': sale.address }
    const all = { ...address, ...(cookie && { cookie }), ...headers }
    return browse(returnAddress(this.handler, id) + also, { ...sent, headers: all })
  }

  /** What Stripe tells of this order by now, in the order in which it does. */
  told(sale: Sale): ProviderEvent[] {
    return this.aftermath(sale).sold().events
  }

  /** Stripe tells something. Rejects with a flaw when it is not acknowledged. */
  async tell(...events: ProviderEvent[]): Promise<void> {
    for (const event of events) {
      const { status } = await this.deliver(event)
      if (status < 200 || status > 299) throw new Flaw(`answered ${event.name} with ${status}`)
    }
  }

  /** One delivery, as it is answered. */
  deliver(event: ProviderEvent, { secret, at }: Delivery = {}): Promise<Answer> {
    const { webhook } = this.handler
    if (!webhook) throw new Error('this case is not run without a webhook')
    const secrets = { ...WEBHOOK_SECRETS, STRIPE_WEBHOOK_SECRET: secret ?? webhook.secret }
    const { headers, body } = delivered(event, at, secrets)
    return send(webhook.url, {
      method: 'POST',
      headers: { 'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)', ...headers },
      body,
    })
  }

  /** What follows the sale at Stripe: its renewals, its refunds. */
  aftermath({ id }: Sale) {
    return aftermathOf(this.outside.world, id)
  }

  /** Something else happens to a session. */
  change({ session }: Sale, fields: Partial<StripeSession>): void {
    Object.assign(session, fields)
  }

  /** From now on it goes wrong whenever that service is asked about this order. @returns what mends it */
  trouble(service: ServiceName, { tail }: Sale, trouble: Trouble): () => void {
    return this.outside.begin(service, tail, trouble)
  }

  /** DataFast knows nobody of this id. */
  forgetVisitor(visitor: string): void {
    this.outside.world.dataFast.unseenVisitors.add(visitor)
  }

  /** What DataFast holds of this order or its visitor. */
  records({ tail, visitor }: Sale): LedgerEntry[] {
    return this.outside.recordsAbout([tail, visitor])
  }

  /** What was asked about this order, of either service or of one. */
  calls({ tail }: Sale, service?: ServiceName): Call[] {
    return this.outside.callsAbout(tail, service)
  }

  /** What Stripe was asked, by whatever case, at addresses like that. */
  callsNaming(address: RegExp): Call[] {
    return this.outside.calls.filter(({ service, url }) => service === 'stripe' && address.test(url.pathname))
  }

  /** Resolves once something is so; rejects with a flaw when the patience is over. @param otherwise - what is wrong until then */
  async until(isSo: () => boolean, otherwise: string | (() => string), patience = this.patience): Promise<void> {
    const deadline = Date.now() + patience
    while (!isSo()) {
      const wrong = typeof otherwise === 'string' ? otherwise : otherwise()
      if (Date.now() > deadline) throw new Flaw(`${wrong} within ${Math.round(patience / 1000)} s`)
      await pause(50)
    }
  }

  /** The handler loses its power, and gets it back. */
  async crash(): Promise<void> {
    await this.handler.restart?.()
  }
}

/** What was bought, for handlers that look at it (docs.stripe.com/api/checkout/sessions/line_items). */
function lineItemOf({ id, amount_total, currency }: StripeSession): Fields {
  const price = { id: 'price_sandbox', object: 'price', currency, product: 'prod_sandbox' }
  return { id: `li_${id.slice(-12)}`, object: 'item', amount_total, currency, description: 'A paper boat', price, quantity: 1 }
}

/** The header of a browser that has been on the seller's site. */
export function cookieOf(visitor: string): string {
  return `_ga=GA1.1.20240229.1718000000; datafast_visitor_id=${visitor}; theme=dark`
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function minuteAgo(): number {
  return daysAgo(0) - 60
}
