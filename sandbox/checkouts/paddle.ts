import { billOf, type Checkout, type Counter, freshId, isPaidLater, type Purchase } from './checkout.ts'

/** What is paid is completed later: by minutes at Paddle, by seconds here. Until then it belongs to no subscription. */
const COMPLETION_DELAY_MS = 3_000

/**
 * Paddle's overlay on the seller's own page. Its `successUrl` gets no id, so a snippet there listens for the completed
 * checkout and goes to the success URL with the transaction in `_ptxn`.
 */
export const paddle: Checkout = {
  provider: 'paddle',
  title: 'Paddle',
  host: 'small-harbour.example',
  comeback: 'comes back by a snippet on your own page',
  currencies: ['EUR', 'USD', 'JPY'],
  onSellersPage: true,

  hint({ payment }) {
    if (payment !== 'now') return undefined
    return 'This is the shop’s own page with Paddle’s overlay: a snippet takes the buyer to the success URL, since Paddle adds no id to it.'
  },

  take(purchase, counter) {
    const id = freshId('txn_', 13)
    place(id, purchase, counter)
    return { id, parameters: { _ptxn: id } }
  },

  hasHappened: (event, id, { paddle }) => event === 'transaction.paid' || paddle.transactions.get(id)?.status === 'completed',

  referenceIn(parameters) {
    const id = parameters.get('_ptxn')
    return id?.startsWith('txn_') ? `paddle:${id}` : undefined
  },
}

function place(id: string, purchase: Purchase, { world: { paddle }, timeline, carried, later, awaitBank }: Counter): void {
  const { subscription, currency, payment, trial } = purchase
  const { subtotal, discount, tax } = billOf(purchase)
  const totals = { subtotal: String(subtotal), discount: String(discount), tax: String(tax) }
  const now = new Date().toISOString()
  const custom_data: unknown = JSON.parse(carried.get('custom_data') ?? 'null')
  const created = { currency_code: currency, created_at: now, updated_at: now, billed_at: now, custom_data }
  const sell = (fields: Record<string, unknown>) =>
    subscription ? paddle.subscribe(id, { ...created, ...fields }, totals) : paddle.sell(id, { ...created, ...fields }, totals)

  const settle = () => {
    sell({ status: 'paid', subscription_id: null })
    const complete = () => {
      sell({ status: 'completed' })
      timeline.tell('Paddle has completed the transaction that was paid.')
    }
    later(COMPLETION_DELAY_MS, complete)
  }
  if (payment === 'declined') sell({ status: 'canceled', subscription_id: null })
  else if (trial) paddle.startTrial(id, created)
  else if (isPaidLater(purchase)) {
    sell({ status: 'ready', subscription_id: null, billed_at: null })
    awaitBank(settle)
  } else settle()
}
