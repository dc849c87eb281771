import { Flaw } from './flaw.ts'
import type { Handler } from './handler.ts'
import { placeOf } from './judge.ts'
import type { Call, Outside } from './outside.ts'
import type { Sale } from './sale.ts'
import { Stage } from './stage.ts'

/** Whether a handler can be tried at all. `thankYou`: where it sends whoever paid. `advice`: what is to be mended first. */
export type Readiness = { is: 'ready'; thankYou: string } | { is: 'not-ready'; advice: string }

const PATIENCE_MS = 15_000
/** Whoever asks in the background has begun by then. */
const BEGUN_WITHIN_MS = 5_000

/** One ordinary sale: does the handler answer, and does it ask the simulated world, or some other? */
export async function selfCheck(handler: Handler, outside: Outside, port: number): Promise<Readiness> {
  const stage = new Stage(handler, outside)
  const sale = stage.sell()
  const visit = await stage.visit(sale).catch((flaw: unknown) => {
    if (flaw instanceof Flaw) return flaw
    throw flaw
  })
  if (visit instanceof Flaw && !outside.calls.length) {
    return { is: 'not-ready', advice: `${handler.successUrl} could not be visited: ${visit.message}.\n${pointing(port)}` }
  }
  await stage.until(() => outside.calls.length > 0, 'nobody was asked', BEGUN_WITHIN_MS).catch(() => {})
  const hasBegun = outside.calls.length > 0
  await stage.until(() => stage.records(sale).length > 0, 'nothing was recorded', hasBegun ? PATIENCE_MS : 0).catch(() => {})
  const trouble = stage.records(sale).length ? undefined : troubleWith(outside, sale)
  if (trouble) return { is: 'not-ready', advice: `${trouble}\n${pointing(port)}` }
  if (visit instanceof Flaw)
    return { is: 'not-ready', advice: `${handler.successUrl} left an ordinary buyer without a page: ${visit.message}.` }
  return { is: 'ready', thankYou: placeOf(visit, sale) }
}

/** Why an ordinary sale is not recorded, as far as it is about who was asked and how. */
function troubleWith(outside: Outside, sale: Sale): string | undefined {
  const [asked, posted] = [outside.callsAbout(sale.tail, 'stripe'), outside.calls.filter(({ service }) => service === 'datafast')]
  const answered = (calls: Call[], status: number) => calls.length > 0 && calls.every((call) => call.status === status)
  const elsewhere = outside.calls.find(({ service }) => service === 'elsewhere')
  if (!asked.length && elsewhere) return `The simulated world was asked for ${elsewhere.url.href.slice(0, 120)}, which it does not know.`
  if (!asked.length) return 'The first sale was an ordinary one, and the handler has not asked the simulated Stripe about it at all.'
  if (answered(asked, 401)) return 'Stripe was asked without a key, or with one that does not begin with sk_ or rk_.'
  if (answered(asked, 404))
    return 'Stripe was asked with a key for test mode, which does not see live orders: give the handler one that begins with rk_live_.'
  if (!posted.length) return 'Stripe was asked about an ordinary sale, but nothing was sent to the simulated DataFast.'
  if (answered(posted, 401)) return 'DataFast was asked without a key, or with one that does not begin with df_ or dft_.'
  return undefined
}

/** How a handler is pointed at the simulated world. */
function pointing(port: number): string {
  const origin = `http://127.0.0.1:${port}`
  return [
    `Point the handler at ${origin}, in whichever way it can be:`,
    `  base addresses    ${origin}/api.stripe.com and ${origin}/datafa.st in place of https://api.stripe.com and https://datafa.st`,
    `  Stripe's library  new Stripe(key, { host: '127.0.0.1', port: ${port}, protocol: 'http' })`,
    `  a proxy           ${origin}, for plain http requests`,
    '  a Worker          npm run gauntlet -- --worker wrangler.toml, which needs none of this',
    'Its keys: rk_live_sandboxkey at Stripe, df_sandbox_website_key at DataFast, whsec_sandboxonlysecret for webhooks.',
  ].join('\n')
}
