import * as v from 'valibot'
import { lenient } from '../lenient.ts'
import { CENTS, price } from '../money.ts'
import type { Answer, Payment } from '../payment.ts'
import type { Reference } from '../reference.ts'
import { checkPath } from '../signature.ts'
import { readVisitorField } from '../visitor.ts'
import { within } from '../within.ts'
import { type Get, INCONSISTENT } from './ask.ts'
import { idsOf, Time } from './common-fields.ts'
import { entries, type Listed, listing, moneyOf } from './listing.ts'
import { orderNews } from './news.ts'
import type { Connection, Provider } from './provider.ts'
import { refundOf } from './refund.ts'
import { readReturnParameter } from './return-parameter.ts'

const API = 'https://api.gumroad.com/v2'

/** The first charge follows the end of a trial, or a few failed tries later; the shortest period between two is a month. */
const FIRST_CHARGE_WITHIN_MS = 20 * 86_400_000
const SELLER_PATIENCE_MS = 1000
/** No limit is documented but for deep pages: 10 a second. */
const PER_MINUTE = 60
/** Nobody gives away more. */
const MAX_FREE_PERIODS = 5

/** `currency_symbol` and the formatted prices speak the product's own currency; `price` is always in US cents. */
const Sale = v.object({
  id: v.string(),
  price: v.number(),
  created_at: Time,
  email: lenient(v.string()),
  purchase_email: lenient(v.string()),
  full_name: lenient(v.string()),
  purchaser_id: lenient(v.string()),
  product_id: lenient(v.string()),
  product_permalink: lenient(v.string()),
  subscription_id: lenient(v.string()),
  recurring_charge: lenient(v.boolean()),
  free_trial_ended: lenient(v.boolean()),
  free_trial_ends_on: lenient(v.string()),
  is_gift_receiver_purchase: lenient(v.boolean()),
  refunded: lenient(v.boolean()),
  partially_refunded: lenient(v.boolean()),
})
type Sale = v.InferOutput<typeof Sale>

/** What is not found comes with status 200 and `success: false` (antiwork/gumroad, sales_controller.rb). */
const SaleAnswer = v.object({ success: v.boolean(), sale: v.nullish(Sale) })
const SubscriberAnswer = v.object({ success: v.boolean(), subscriber: v.nullish(v.object({ purchase_ids: v.array(v.string()) })) })
const SalesAnswer = v.object({ sales: entries(Sale), next_page_key: lenient(v.string()) })
const UserAnswer = v.object({ user: v.object({ email: v.string() }) })

/** Gumroad: it never redirects. The buyer clicks a button on the content page, whose link Gumroad completes with `sale_id`. */
export const gumroad: Provider<'gumroad'> = {
  name: 'gumroad',
  title: 'Gumroad',
  keySetting: 'GUMROAD_ACCESS_TOKEN',
  returnQuery: '?__sale_info__',
  returnsByButton: true,
  link: { hosts: '([\\w-]+\\.)?gumroad\\.com', parameter: 'datafast_visitor_id' },

  // Subscriptions and refunds have references of their own, which no address may name.
  readReturn: (parameters) => readReturnParameter('gumroad', parameters.getAll('sale_id'), '(?!sub_|refunds?_)', '=*'),

  webhook: {
    secret: 'GUMROAD_PING_SECRET',
    secretInPath: true,
    check: checkPath,
    /**
     * A ping is a form. The seller's own checkout fields lie among its fields under whatever they are called, so nothing in it
     * is believed: it names a sale to ask about, and carries what the API does not know.
     */
    read(body) {
      const ping = new URLSearchParams(body)
      const carried = readVisitorField(ping.get('url_params[datafast_visitor_id]'))
      // The button "Send test ping" sends the latest real sale, called a test, and no resource (antiwork/gumroad, ping_notification.rb).
      const test = ping.get('test') === 'true'
      const resource = ping.get('resource_name') ?? (test ? 'test-ping' : 'sale')
      if (ping.get('refunded') === 'true' || resource === 'refund') return orderNews('gumroad', ping.get('sale_id'), '', 'refund_')
      if (resource !== 'sale') return { is: 'ignored', reason: resource.startsWith('dispute') ? 'dispute' : 'unused-event' }
      return orderNews('gumroad', ping.get('sale_id'), '', '', { carried, test })
    },
  },

  connect(setting) {
    if (!/^[\w~.=-]*$/.test(setting.text('GUMROAD_PING_SECRET'))) {
      setting.complain('GUMROAD_PING_SECRET', 'must be of letters, digits, - and _: it is a part of an address')
    }
    const token = setting.secret('GUMROAD_ACCESS_TOKEN')
    return token ? connection(token) : undefined
  },
}

function connection(token: string): Connection {
  const headers = { authorization: `Bearer ${token}` }
  /** Remembered once it is known: it tells the seller's own test purchases, which look like any other sale. */
  let seller: string | undefined

  async function askSeller(get: Get): Promise<string | undefined> {
    // No sale waits long for this: when it cannot be told, the buyer is somebody else.
    const found = seller ? undefined : await within(get('/user', UserAnswer), SELLER_PATIENCE_MS, undefined)
    if (found?.is === 'found') seller = found.object.user.email.toLowerCase()
    return seller
  }

  return {
    lists: [
      // Newest first, ten to a page, to be asked for by the day (antiwork/gumroad, sales_controller.rb).
      listing(
        // There is no test mode: a seller's own purchases are its tests.
        { get: (ask) => ask(API, headers), mode: 'live', perMinute: PER_MINUTE },
        {
          name: 'sales',
          permission: 'view_sales',
          changes: true,
          path: (from, key) => `/sales?after=${from.slice(0, 10)}${key ? `&page_key=${encodeURIComponent(key)}` : ''}`,
          answer: SalesAnswer,
          read: ({ sales, next_page_key }) => ({ listed: sales.items.flatMap(listedOf), next: next_page_key }),
        },
      ),
    ],

    async lookup(id, ask) {
      const get = ask(API, headers)
      if (id.startsWith('sub_')) return lookUpSubscription(id.slice('sub_'.length), get)
      if (id.startsWith('refund_')) return lookUpRefund(id.slice('refund_'.length), get)
      const [sale, sellersEmail] = await Promise.all([askSale(id, get), askSeller(get)])
      if ('is' in sale) return sale
      // The same sale under one name: Gumroad finds it without the padding too.
      if (sale.id !== id) return { is: 'moved', to: `gumroad:${sale.id}`, carried: [] }
      // A gift makes two sales: the giver's, and this one of nothing.
      if (sale.is_gift_receiver_purchase) return { is: 'ignored', reason: 'gift-received' }
      const isTest = [sale.email, sale.purchase_email].some((email) => email && email.toLowerCase() === sellersEmail)
      return answerFor(sale, isTest, get)
    },
  }
}

/** No visitor, and not the seller's own word that it was a test: pings alone tell these. */
function listedOf({ id, created_at: at, price: cents, refunded, partially_refunded, is_gift_receiver_purchase }: Sale): Listed[] {
  if (is_gift_receiver_purchase) return []
  const sold: Listed = { reference: `gumroad:${id}`, at, money: moneyOf(price(cents, 0, 'USD', CENTS)) }
  return refunded || partially_refunded ? [sold, { reference: `gumroad:refund_${id}`, at }] : [sold]
}

async function askSale(id: string, get: Get): Promise<Sale | Answer> {
  const found = await get(`/sales/${encodeURIComponent(id)}`, SaleAnswer)
  if (found.is !== 'found') return found
  const { success, sale } = found.object
  return sale ?? (success ? INCONSISTENT : { is: 'unknown' })
}

/** Whether a sale was given back is all that is told: neither when, nor how much of it. */
async function lookUpRefund(saleId: string, get: Get): Promise<Answer> {
  const sale = await askSale(saleId, get)
  if ('is' in sale) return sale
  if (!sale.refunded) {
    return sale.partially_refunded ? { is: 'unclear', reason: 'unclear-partial-refund' } : { is: 'pending', reason: 'not-refunded-yet' }
  }
  const facts = { firstSale: `gumroad:${sale.id}`, at: new Date().toISOString(), test: false } as const
  return refundOf(`${sale.id}_refund`, price(sale.price, 0, 'USD', CENTS), facts)
}

function askSubscriber(id: string, get: Get) {
  return get(`/subscribers/${encodeURIComponent(id)}`, SubscriberAnswer)
}

/** The sale that began a subscription: renewals inherit its visitor. */
async function lookUpSubscription(id: string, get: Get): Promise<Answer> {
  const found = await askSubscriber(id, get)
  if (found.is !== 'found') return found
  const { success, subscriber } = found.object
  // Known from one of its sales; when Gumroad cannot find it, its renewals go without it.
  if (!subscriber) return success ? INCONSISTENT : { is: 'ignored', reason: 'no-sale' }
  const [first] = subscriber.purchase_ids
  return first ? { is: 'moved', to: `gumroad:${first}`, carried: [] } : { is: 'ignored', reason: 'no-sale' }
}

async function answerFor(sale: Sale, test: boolean, get: Get): Promise<Answer> {
  const place = await placeOf(sale, get)
  if ('is' in place) return place
  // The tax that Gumroad collects is in no field: the price is gross and net at once.
  const amount = price(place.kind === 'trial' ? 0 : sale.price, 0, 'USD', CENTS)
  if (amount.is === 'unclear') return amount
  const payment: Payment = {
    kind: 'sale',
    transactionId: sale.id,
    ...amount.money,
    paidAt: sale.created_at,
    test,
    customer: { customer_id: sale.purchaser_id, email: sale.purchase_email ?? sale.email, name: sale.full_name },
    // The parameters of the product's link come back in pings only: on a return the cookie is the one source.
    carried: [],
    aliases: [],
    soldAs: idsOf(sale.product_id, sale.product_permalink),
    ...place,
  }
  return { is: 'paid', payment }
}

/**
 * Every sale of a subscription with a trial names the trial's end. The one that began it shows the full price, while nothing
 * is charged, then or ever: the charges after the trial are sales of their own.
 */
async function placeOf(sale: Sale, get: Get): Promise<Partial<Payment> | Answer> {
  const { subscription_id, recurring_charge, free_trial_ends_on, free_trial_ended, created_at } = sale
  if (!subscription_id) return {}
  const subscription: Reference = `gumroad:sub_${subscription_id}`
  // `free_trial_ended` is false without any trial as well: it counts only where nothing is said of the end.
  const trial = free_trial_ends_on === undefined ? free_trial_ended === false : free_trial_ends_on
  if (!recurring_charge) return { subscription, kind: trial ? 'trial' : 'sale' }
  const sinceTrial = Date.parse(created_at) - Date.parse(free_trial_ends_on ?? '')
  const isFirst = sinceTrial < FIRST_CHARGE_WITHIN_MS || (await followsNothing(sale, subscription_id, get))
  if (typeof isFirst === 'object') return isFirst
  return { subscription, firstSale: subscription, kind: isFirst ? 'sale' : 'renewal' }
}

/** Whether nothing was paid before. Where that cannot be told, it is what most charges are: a renewal. */
async function followsNothing({ id }: Sale, subscription: string, get: Get): Promise<boolean | Answer> {
  const found = await askSubscriber(subscription, get)
  if (found.is !== 'found') return found.is === 'unknown' ? false : found
  const purchases = found.object.subscriber?.purchase_ids ?? []
  // Oldest first, by inference: the server lists them as they were made.
  const earlier = purchases.slice(0, Math.max(0, purchases.indexOf(id)))
  for (const purchase of earlier.slice(0, MAX_FREE_PERIODS)) {
    const sold = await get(`/sales/${encodeURIComponent(purchase)}`, SaleAnswer)
    if (sold.is !== 'found' && sold.is !== 'unknown') return sold
    if (sold.is === 'unknown' || sold.object.sale?.price !== 0) return false
  }
  return earlier.length > 0 && earlier.length <= MAX_FREE_PERIODS
}
