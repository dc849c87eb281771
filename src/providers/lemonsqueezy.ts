import * as v from 'valibot'
import { lenient } from '../lenient.ts'
import { CENTS, ISO_4217, type Price, price } from '../money.ts'
import type { Answer, Payment } from '../payment.ts'
import { partsOf } from '../reference.ts'
import { AnyId, idsOf, Time } from './common-fields.ts'
import type { Connection, Provider } from './provider.ts'
import { readReturnParameter } from './return-parameter.ts'

const API = 'https://api.lemonsqueezy.com/v1'

/** Currencies that have no cents: the docs say "cents" and are silent on these. */
const NO_CENTS = `${ISO_4217[0]} ${ISO_4217[3]}`

const Item = v.object({ product_id: AnyId, variant_id: AnyId, test_mode: lenient(v.boolean()) })

const OrderDocument = v.object({
  data: v.object({
    id: v.string(),
    attributes: v.object({
      store_id: AnyId,
      customer_id: AnyId,
      identifier: v.string(),
      user_name: lenient(v.string()),
      user_email: lenient(v.string()),
      currency: v.string(),
      currency_rate: AnyId,
      total: v.number(),
      total_usd: lenient(v.number()),
      tax: lenient(v.number()),
      discount_total: lenient(v.number()),
      status: v.string(),
      first_order_item: lenient(Item),
      created_at: Time,
      test_mode: lenient(v.boolean()),
    }),
  }),
  included: lenient(
    v.array(v.object({ type: v.string(), id: v.string(), attributes: v.object({ ...Item.entries, trial_ends_at: lenient(v.string()) }) })),
  ),
})
type OrderDocument = v.InferOutput<typeof OrderDocument>

/** Lemon Squeezy: the buyer clicks a button whose link holds `order_id=[order_id]&order_identifier=[order_identifier]`. */
export const lemonsqueezy: Provider<'lemonsqueezy'> = {
  name: 'lemonsqueezy',
  returnsByButton: true,

  /** Order ids count up through all stores; only together with its identifier does one name an order. */
  readReturn(parameters) {
    const identifier = readReturnParameter('lemonsqueezy', parameters.getAll('order_identifier'), '')
    const id = readReturnParameter('lemonsqueezy', parameters.getAll('order_id'), '(?=[1-9]\\d*$)')
    if (id.is === 'invalid' || identifier.is === 'invalid') return id.is === 'invalid' ? id : identifier
    return { is: 'reference', reference: `${id.reference}.${partsOf(identifier.reference).id}` }
  },

  connect(setting) {
    const key = setting.secret('LEMONSQUEEZY_API_KEY')
    const isNumber = (text: string) => (/^\d+$/.test(text) ? text : undefined)
    const store = setting.read('LEMONSQUEEZY_STORE_ID', 'the store’s number (not its name)', isNumber)
    return key ? connection(key, store) : undefined
  },
}

function connection(key: string, store: string | undefined): Connection {
  // Without both media types the API is reported to answer a misleading 401.
  const mediaType = 'application/vnd.api+json'
  const headers = { authorization: `Bearer ${key}`, accept: mediaType, 'content-type': mediaType }
  return {
    async lookup(reference, ask, { soldAs }) {
      const [id, identifier] = reference.split('.')
      const found = await ask(API, headers)(`/orders/${id}?include=subscriptions${soldAs ? ',order-items' : ''}`, OrderDocument)
      if (found.is !== 'found') return found
      const { attributes } = found.object.data
      // Somebody who counts ids up has not bought anything.
      const isNamed = attributes.identifier === identifier && (!store || `${attributes.store_id}` === store)
      return isNamed ? answerFor(found.object) : { is: 'unknown' }
    },
  }
}

function answerFor({ data, included }: OrderDocument): Answer {
  const { attributes } = data
  const { status, first_order_item: item } = attributes
  if (status === 'failed') return { is: 'not-paid', reason: status }
  // The sources disagree on `partial_refund` and `partially_refunded`. `fraudulent` is withheld: it may be cleared, or refunded.
  if (!/^(paid|refunded|partial.*)$/.test(status)) {
    return { is: 'pending', reason: status === 'pending' || status === 'fraudulent' ? status : 'unknown-status' }
  }
  const amount = priceOf(attributes)
  if (amount.is === 'unclear') return amount
  const subscription = included?.find(({ type }) => type === 'subscriptions')
  // The end of a trial is only told while it runs (docs, subscription object). But what costs nothing without a discount
  // began with one: the total of a trial's order is 0 by inference, no source says it.
  const isTrial = subscription && (subscription.attributes.trial_ends_at || !attributes.discount_total)
  const payment: Payment = {
    kind: amount.money.gross === 0 && isTrial ? 'trial' : 'sale',
    // Orders and invoices of subscriptions are both plain numbers.
    transactionId: `ls_order_${data.id}`,
    ...amount.money,
    paidAt: attributes.created_at,
    // Older orders do not say; what is not known to be live is not counted.
    test: (attributes.test_mode ?? item?.test_mode) !== false,
    customer: { customer_id: idsOf(attributes.customer_id)[0], email: attributes.user_email, name: attributes.user_name },
    // The custom data of a link comes back in webhooks only: on a return the cookie is the one source.
    carried: [],
    aliases: [],
    subscription: subscription && `lemonsqueezy:sub_${subscription.id}`,
    soldAs: idsOf(
      attributes.store_id,
      item?.product_id,
      item?.variant_id,
      ...(included ?? []).flatMap(({ attributes: { product_id, variant_id } }) => [product_id, variant_id]),
    ),
  }
  return { is: 'paid', payment }
}

/**
 * Prices in cents, as the docs say. Of a currency without two decimals they say nothing, and the vendor's own code disagrees
 * with itself (its Laravel package formats yen without decimals, its Next.js template always divides by 100): there the
 * scale is the one at which the total, at the order's own rate, comes to the total in USD, which always has cents.
 */
function priceOf({ total, total_usd, tax, currency, currency_rate }: OrderDocument['data']['attributes']): Price {
  if (!NO_CENTS.includes(currency.toUpperCase()) || total === 0) return price(total, tax, currency, CENTS)
  const rate = Number(currency_rate)
  const fits = ([0, 2, 3] as const).filter((digits) => {
    const cents = (total / 10 ** digits) * rate * 100
    // Rates and parts are rounded on the way; the scales lie a factor of ten or more apart.
    return Math.abs(cents - (total_usd ?? 0)) <= 1 + cents / 5
  })
  const [digits] = fits
  if (fits.length !== 1 || digits === undefined) return { is: 'unclear', reason: 'unclear-scale' }
  return price(total, tax, currency, { 0: digits === 0 ? currency : '', 3: digits === 3 ? currency : '' })
}
