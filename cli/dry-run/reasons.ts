import type { Payment } from '../../src/payment.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import type { Provider } from '../../src/providers/provider.ts'
import type { Settings } from '../../src/settings.ts'
import { money, plain } from '../../src/status/words.ts'
import type { Lookup, Posting } from './rehearsal.ts'

/** What an id that DataFast gets stands for: by its beginning, which is enough at every provider. */
const TRANSACTION_IDS: readonly (readonly [RegExp, string])[] = [
  [/_refund(_\d+)?$/, 'made of what goes back: the provider gives refunds no id of their own, or tells a total alone'],
  [/^pi_/, 'the payment intent of a one-time checkout'],
  [/^in_/, 'the invoice that was paid: subscriptions have no payment intent of their own'],
  [/^cs_/, 'the checkout session itself, since no money moved'],
  [/^(re|pyr|ref|adj)_/, 'the refund’s own id'],
  [/^pay_/, 'the payment'],
  [/^sub_/, 'the subscription, since nothing was paid yet'],
  [/^tran_/, 'the transaction'],
  [/^chk?_/, 'the checkout itself, since no money moved'],
  [/^txn_/, 'the transaction'],
  [/^ls_order_/, 'the order’s number, marked as an order: invoices count in plain numbers too'],
  [/^ls_subinv_/, 'the invoice’s number, marked as an invoice: orders count in plain numbers too'],
]

/** Requests that no list of the provider's makes: what the key must be allowed to read for them, by what the address holds. */
const PERMISSIONS: Partial<Record<ProviderName, readonly (readonly [RegExp, string])[]>> = {
  stripe: [
    [/expand\[]=subscription/, 'Subscriptions: Read'],
    [/\/invoice_payments/, 'Invoices: Read'],
  ],
  polar: [[/\/checkouts\//, 'checkouts:read']],
  paddle: [[/include=customer/, 'customer.read']],
}

/** What kind of payment this is, and how that is known. */
export function whyThisKind({ kind, firstSale }: Payment): string {
  switch (kind) {
    case 'trial':
      return 'A trial: nothing was due, and its dates were agreed on at the purchase. It is posted as 0 with is_free_trial.'
    case 'renewal':
      return `A renewal: an earlier charge of the same subscription took money. Its first sale is ${firstSale}.`
    case 'refund':
      return `A refund: posted by itself, as a positive amount with refunded. What goes back was paid as ${firstSale}.`
    case 'sale':
      return firstSale
        ? `A first payment, and no renewal: nothing was paid before it, as after a trial. Its subscription began with ${firstSale}.`
        : 'A first payment, and no renewal: nothing was paid before it.'
  }
}

export function whyThisId({ transactionId }: Payment): string {
  const [, text = 'the provider’s own id of it'] = TRANSACTION_IDS.find(([pattern]) => pattern.test(transactionId)) ?? []
  return `transaction_id ${transactionId}: ${text}. It is the same from every door, so DataFast counts it once.`
}

export function whyThisAmount({ gross, net, currency, kind }: Payment, { revenue }: Settings): string | undefined {
  if (kind === 'trial') return undefined
  const amounts = `${money(gross, currency)} with tax, ${net === undefined ? 'which is not told apart' : `${money(net, currency)} without`}`
  return revenue === 'gross' ? `REVENUE is gross, what the buyer paid: ${amounts}.` : `REVENUE is net, without tax: ${amounts}.`
}

/** What DataFast is told about the buyer, and by which setting. */
export function whyTheseFields({ body }: Posting, { customerFields }: Settings): string {
  if (!customerFields.length) return 'CUSTOMER_FIELDS is empty: DataFast is told nothing about the buyer.'
  const told = customerFields.filter((field) => body[field])
  const known = told.length ? told.join(', ') : 'none of it is known'
  return `CUSTOMER_FIELDS is ${customerFields.join(',')}: of the buyer DataFast is told that and nothing else (here ${known}).`
}

/** Under whom the payment goes. @param waitMs - how long it would wait for a visitor, where it has none */
export function whyThisVisitor({ from, visitor }: Posting, { title }: Provider, waitMs: number | undefined): string {
  switch (from) {
    case 'provider':
      return `Visitor ${visitor}: ${title} carries it for this order, which counts before any cookie.`
    case 'cookie':
      return `Visitor ${visitor}: from the cookie that you gave with --visitor.`
    case 'first-sale':
      return `Visitor ${visitor}: inherited from its first sale.`
    case 'nobody':
      return [
        `No visitor: the API of ${title} tells none for this order, so it needs the buyer’s cookie (try it with --visitor)`,
        waitMs ? `; it would wait ${durationOf(waitMs)} for a buyer who brings one, and then go without.` : '.',
      ].join('')
  }
}

function durationOf(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (ms < 120_000) return `${Math.round(ms / 1000)} seconds`
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`
}

/** What `ONLY` lists, and as what this was sold. */
export function whyNotThisProduct(soldAs: readonly string[], { name }: Provider, { only }: Settings): string {
  return `It was sold as ${soldAs.join(', ') || 'nothing that is told'}; ONLY.${name} lists ${only.get(name)?.join(', ') || 'nothing'}.`
}

/**
 * What to mend when the provider does not answer about an order; `undefined` when nothing here can.
 * @param provider - a page of its own stands in docs/
 */
export function fixFor({ answer, questions }: Lookup, provider: Provider<ProviderName>, settings: Settings): string | undefined {
  const { title, keySetting, name } = provider
  const page = `docs/${name}.md, “The key”`
  if (answer.is === 'unknown') {
    return `${title} does not know it. Is it of another account, or of the other mode (a test order needs a test key: ${page})?`
  }
  if (answer.is === 'unreachable') {
    const isNear = answer.reason === 'network'
    return isNear
      ? `${title} cannot be reached from here: check your connection, then try again.`
      : `${title} does not answer as it should (${plain(answer.reason)}): try again later. The Worker does so by itself, for 30 days.`
  }
  if (answer.is !== 'misconfigured') return undefined
  if (answer.reason === 'wrong-mode') {
    return `${keySetting} is of the other mode than this order: set a key of its mode, or both with a space between (${page}).`
  }
  const refused = questions.find(({ reason }) => reason?.startsWith('key-refused'))
  const permission = refused && permissionFor(refused.address, provider, settings)
  if (answer.reason !== 'key-refused-403') {
    return `${title} refuses ${keySetting} (401): it is mistyped, revoked or of another environment. Make a new one (${page}) and set it again.`
  }
  return `${title} does not let ${keySetting} read this (403): give the key ${permission ? `“${permission}”` : 'the permission'} (${page}).`
}

/** By the provider's own lists: each is read at an address that holds its name. */
function permissionFor(address: string, { name }: Provider<ProviderName>, { connections }: Settings): string | undefined {
  const [, own] = PERMISSIONS[name]?.find(([pattern]) => pattern.test(address)) ?? []
  const lists = connections.get(name)?.lists ?? []
  return own ?? lists.find((list) => address.includes(`/${list.name}`))?.permission
}
