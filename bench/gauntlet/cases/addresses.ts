import type { Answer } from '../browser.ts'
import { Flaw } from '../flaw.ts'
import { landed, notRecorded, thanked } from '../judge.ts'
import type { Sale } from '../sale.ts'
import { pause, type Stage } from '../stage.ts'
import type { Case } from './case.ts'

const TOO_LONG = 4_000
/** How a checkout session is asked for (docs.stripe.com/api/checkout/sessions/retrieve). */
const ONE_SESSION = /^\/v1\/checkout\/sessions\/[^/]+$/
/** Where somebody’s redirect must never lead. */
const ELSEWHERE = 'elsewhere.example.net'

/** What stands in the address, and what stands in the answer. */
export const ADDRESSES: Case[] = [
  {
    name: 'An address without an order lands, and asks nobody.',
    // A request without an id cannot be told from another case’s.
    alone: true,
    async run(stage) {
      const sale = stage.sell()
      landed(await stage.visit(sale, { id: '' }))
      await pause(1_000)
      if (stage.callsNaming(/\/sessions\/(null|undefined)?$/).length) throw new Flaw('Stripe was asked for an order without an id')
    },
  },
  {
    name: 'An address with Stripe’s own placeholder in it, as when a founder clicks the link, lands and asks nobody.',
    run: async (stage) => {
      const sale = stage.sell()
      landed(await stage.visit(sale, { id: '{CHECKOUT_SESSION_ID}', also: '&utm_source=mail' }))
      landed(await stage.visit(sale, { id: '%7BCHECKOUT_SESSION_ID%7D' }))
      await pause(1_000)
      if (stage.callsNaming(/CHECKOUT_SESSION_ID/).length) throw new Flaw('Stripe was asked about the placeholder')
    },
  },
  {
    name: 'An id that can be none, of endless length or with slashes, dots or a query in it, lands and never becomes another question to Stripe.',
    async run(stage) {
      await staysOneId(stage, ({ tail }) => `cs_live_${'a'.repeat(TOO_LONG)}${tail}`)
      await staysOneId(stage, ({ tail }) => `cs_live_a/../../${tail}`)
      await staysOneId(stage, ({ tail }) => `cs_live_a%2F..%2F..%2Fcustomers%2F${tail}`)
      await staysOneId(stage, ({ tail }) => `..%2F..%2Fcustomers%3Femail%3D${tail}`)
      await staysOneId(stage, ({ tail }) => `cs_live_a1%3Fexpand%5B%5D%3Dcustomer%26${tail}`)
    },
  },
  {
    name: 'An id given twice, or as a list, is no error.',
    async run(stage) {
      const [sale, other] = [stage.sell(), stage.sell()]
      landed(await stage.visit(sale, { id: `${sale.id}&session_id=${other.id}` }))
      landed(await stage.visit(sale, { id: `&session_id[]=${sale.id}&session_id[0][x]=1` }))
      await pause(1_000)
      const odd = [...stage.calls(sale, 'stripe'), ...stage.calls(other, 'stripe')].find(({ url }) => /,|%2C|%5B/i.test(url.pathname))
      if (odd) throw new Flaw(`Stripe was asked for ${odd.url.pathname.slice(0, 60)}`)
    },
  },
  {
    name: 'What stands in the address is not passed on: no session id reaches the thank-you page and its scripts.',
    async run(stage) {
      const sale = stage.sell()
      const answer = await stage.visit(sale, { also: '&email=bea%40example.com&utm_source=mail' })
      thanked(answer, sale, stage)
      told(answer, /session_id|cs_live_|bea(%40|@)|utm_source/i)
    },
  },
  {
    name: 'Nothing about the buyer stands in the address of the thank-you page: no name, no e-mail address, no visitor.',
    async run(stage) {
      const sale = stage.sell({ customer: 'cus_gauntlet' })
      const answer = await stage.visit(sale)
      thanked(answer, sale, stage)
      told(answer, new RegExp(`buyer(%40|@)example|Bea|cus_gauntlet|${sale.visitor}`, 'i'))
    },
  },
  {
    name: 'Nobody can have the redirect lead somewhere else, or add a header to it.',
    async run(stage) {
      const sale = stage.sell()
      const elsewhere = ['next', 'redirect', 'redirect_uri', 'url', 'return_to', 'page', 'thank_you_url', 'success_url']
        .flatMap((name) => [`${name}=${encodeURIComponent(`https://${ELSEWHERE}/`)}`, `${name}=//${ELSEWHERE}`])
        .join('&')
      const answer = await stage.visit(sale, { also: `&${elsewhere}&lang=en%0d%0ax-injected:%201` })
      thanked(answer, sale, stage)
      told(answer, new RegExp(ELSEWHERE))
      if (answer.headers['x-injected']) throw new Flaw('a header was added')
    },
  },
]

/**
 * Somebody comes with an id that can be none. Whether Stripe is asked for it is the handler's own affair, as long as it is
 * asked for one session by that id, whole and encoded: nothing of it may become a path or a query. What a handler adds to the
 * query by itself, such as `expand`, has nothing of the id in it.
 * @param idOf - it, as it stands in the address, with the sale’s tail at its end
 */
async function staysOneId(stage: Stage, idOf: (sale: Sale) => string): Promise<void> {
  const sale = stage.sell()
  landed(await stage.visit(sale, { id: idOf(sale) }))
  await notRecorded(stage, sale, 1_000)
  const another = stage.calls(sale, 'stripe').find(({ url }) => !ONE_SESSION.test(url.pathname) || url.search.includes(sale.tail))
  if (another) throw new Flaw(`Stripe was asked for ${(another.url.pathname + another.url.search).slice(0, 80)}`)
}

/** What the answer’s address must not hold. */
function told({ location = '' }: Answer, secret: RegExp): void {
  const found = secret.exec(location)
  if (found) throw new Flaw(`the landing page is told “${found[0]}”`)
}
