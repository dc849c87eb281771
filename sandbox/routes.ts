import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import type { Html } from '../src/status/html.ts'
import { readVisitorCookies } from '../src/visitor.ts'
import { successPath } from './checkouts/checkout.ts'
import { CHECKOUTS } from './checkouts/list.ts'
import { checkoutPage, confirmationPage } from './checkouts/page.ts'
import { linkInWords } from './links.ts'
import { liveSections, panel } from './panel/panel.ts'
import { type Afterwards, isAfterwards } from './sales/afterwards.ts'
import type { Sandbox } from './sandbox.ts'
import { AFTER_PAGES, afterPage, closedTab, NOT_FOUND } from './shop/after.ts'
import { layout } from './shop/layout.ts'
import { priceTag, purchaseOf } from './shop/offer.ts'
import { type Product, productWithId } from './shop/products.ts'
import { storefront } from './shop/storefront.ts'
import { SwitchesChange } from './switches.ts'
import { OPERATOR } from './worker.ts'

const ASSETS: Record<string, string> = {
  'shop.css': 'text/css',
  'panel.css': 'text/css',
  'visitor.js': 'text/javascript',
  'panel.js': 'text/javascript',
  'paddle.js': 'text/javascript',
  'boat.svg': 'image/svg+xml',
}

/** Answers one request of the sandbox: the shop, its checkouts, the panel, and the Worker's own paths. */
export async function route(request: Request, sandbox: Sandbox): Promise<Response> {
  const { pathname } = new URL(request.url)
  const [, first = '', second = '', third = ''] = pathname.split('/')
  if (first === 'checkout' && second === 'status') return askAsOperator(request, sandbox)
  if (first === 'checkout' && second === 'go') return followLink(request, productWithId(third), sandbox)
  if (first === 'checkout') return returnToWorker(request, sandbox)
  if (first === 'sandbox') return request.method === 'POST' ? change(request, second, sandbox) : look(request, second, sandbox)
  const product = first === 'pay' ? productWithId(second) : undefined
  if (product && request.method === 'POST') return pay(product, request, sandbox)
  if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'method not allowed')

  if (pathname === '/') return page('Small Harbour', storefront(sandbox.switches), request, sandbox)
  if (pathname === '/panel') return page('Behind the counter', undefined, request, sandbox)
  if (product) return page(`${CHECKOUTS[product.provider].title} checkout`, atCheckout(product, third, request, sandbox), request, sandbox)
  const after = AFTER_PAGES.find((candidate) => candidate.path === pathname)
  return page((after ?? NOT_FOUND).title, afterPage(after ?? NOT_FOUND, sandbox.switches), request, sandbox, after ? 200 : 404)
}

/** Before paying, after paying in vain, after paying where the provider redirects nobody, or where nobody is left to redirect. */
function atCheckout(product: Product, stage: string, request: Request, { switches }: Sandbox): Html {
  if (stage === 'closed') return afterPage(closedTab(purchaseOf(product, switches), switches), switches)
  if (stage === 'done') return confirmationPage(product, switches, new URL(request.url).searchParams)
  return checkoutPage(product, switches, new URL(request.url).searchParams, stage === 'declined')
}

async function page(title: string, shop: Html | undefined, request: Request, sandbox: Sandbox, status = 200): Promise<Response> {
  const { switches } = sandbox
  return layout({ title, shop, panel: panel(await sandbox.snapshot(), switches, visitorOf(request)), switches, status })
}

/** A visitor clicks on what they want to buy: the Worker's link maker sends them to the payment link. */
async function followLink(request: Request, product: Product | undefined, { scene, worker }: Sandbox): Promise<Response> {
  const response = (await worker.fetch(request)) ?? redirect('/')
  const location = response.headers.get('location')
  if (product && location) scene.timeline.tell(linkInWords(CHECKOUTS[product.provider], visitorOf(request), location))
  return response
}

/** The buyer comes back from the checkout: the real Worker takes over. */
async function returnToWorker(request: Request, { scene, worker, switches }: Sandbox): Promise<Response> {
  const url = new URL(request.url)
  const isVisit = url.pathname.startsWith('/checkout/success')
  // No other device has a cookie of this browser's.
  if (isVisit && switches.returnsOn === 'another device') request.headers.delete('cookie')
  const withCookie = visitorOf(request) !== undefined
  const visit = isVisit ? scene.timeline.visit(url.pathname + url.search, switches.returnsOn, withCookie) : undefined
  if (isVisit) scene.noteReturn(url)
  const response = (await worker.fetch(request)) ?? redirect('/')
  if (visit) {
    visit.ms = Date.now() - visit.at
    visit.status = response.status
    visit.outcome = response.headers.get('x-checkout-outcome') ?? undefined
    visit.location = response.headers.get('location') ?? undefined
  }
  return response
}

/**
 * The Worker's own status page. A browser asks for the token once and then sends it along by itself; so that the link simply
 * opens, the sandbox does that for it. Everything else is the Worker's answer, its refusal of other sites' forms included.
 */
async function askAsOperator(request: Request, { worker }: Sandbox): Promise<Response> {
  const headers = new Headers(request.headers)
  headers.set('authorization', OPERATOR)
  return (await worker.fetch(new Request(request, { headers }))) ?? redirect('/checkout/status')
}

/** The buyer presses the button of a simulated checkout, and goes on as its provider does it. */
async function pay(product: Product, request: Request, { scene, switches }: Sandbox): Promise<Response> {
  const checkout = CHECKOUTS[product.provider]
  const purchase = purchaseOf(product, switches)
  const { amount, terms } = priceTag(purchase)
  const carried = new URLSearchParams(await request.text())
  const closesTab = carried.get('then') === 'close'
  carried.delete('then')
  scene.timeline.tell(
    `Checkout at ${checkout.title}: ${product.title}, ${amount} ${terms}${purchase.payment === 'now' ? '' : `, ${purchase.payment}`}.`,
  )
  const parameters = await scene.sell(checkout, purchase, carried)
  if (!parameters) return redirect(`/pay/${product.id}/declined?${carried}`)
  if (closesTab) {
    scene.timeline.tell('The buyer closes the tab.')
    return redirect(`/pay/${product.id}/closed`)
  }
  return redirect(checkout.confirmation ? `/pay/${product.id}/done?${parameters}` : successPath(checkout.provider, parameters))
}

async function look(request: Request, name: string, sandbox: Sandbox): Promise<Response> {
  if (name === 'panel') {
    const sections = liveSections(await sandbox.snapshot(), visitorOf(request))
    const texts = Object.entries(sections).map(([section, { text }]) => [section, text])
    return json({ now: Date.now(), switches: sandbox.switches, sections: Object.fromEntries(texts) })
  }
  const type = Object.hasOwn(ASSETS, name) && ASSETS[name]
  if (!type) return plain(404, 'not found')
  const headers = { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-cache' }
  return new Response(readFileSync(join(import.meta.dirname, 'assets', name)), { headers })
}

/** JSON only: another site's form cannot send that here. */
async function change(request: Request, name: string, sandbox: Sandbox): Promise<Response> {
  if (request.headers.get('content-type') !== 'application/json') return plain(415, 'application/json only')
  switch (name) {
    case 'switches': {
      const change = v.safeParse(SwitchesChange, await request.json().catch(() => undefined))
      if (!change.success) return plain(400, 'no such switch')
      sandbox.flip(change.output)
      return json(sandbox.switches)
    }
    case 'bank':
      sandbox.scene.bankPays()
      return json({})
    case 'sweep':
      sandbox.scene.timeline.tell('The cron run comes: the Worker sweeps the providers for what nobody told it.')
      await sandbox.worker.sweep()
      return json({})
    case 'start-over':
      await sandbox.startOver()
      return json({})
    default:
      return isAfterwards(name) ? makeHappen(name, request, sandbox) : plain(404, 'not found')
  }
}

/** A button beside a purchase: something happens to it at its provider. */
async function makeHappen(what: Afterwards, request: Request, { scene }: Sandbox): Promise<Response> {
  const order = v.safeParse(v.object({ purchase: v.string() }), await request.json().catch(() => undefined))
  if (!order.success) return plain(400, 'which purchase?')
  return (await scene.make(what, order.output.purchase)) ? json({}) : plain(409, 'that cannot happen now')
}

function visitorOf(request: Request): string | undefined {
  return readVisitorCookies(request.headers.get('cookie'))[0]
}

function redirect(location: string): Response {
  return new Response(null, { status: 303, headers: { location } })
}

function plain(status: number, text: string): Response {
  return new Response(`${text}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } })
}

function json(body: unknown): Response {
  return new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json', 'cache-control': 'no-store' } })
}
