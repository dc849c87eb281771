import { type Html, html } from '../../src/status/html.ts'
import { artFor } from '../shop/art.ts'
import { priceTag, purchaseOf } from '../shop/offer.ts'
import { inWords, type Product } from '../shop/products.ts'
import type { Switches } from '../switches.ts'
import { type Checkout, isPaidLater, type Purchase, successPath } from './checkout.ts'
import { CHECKOUTS } from './list.ts'

/**
 * The simulated hosted checkout: nobody can type a real card number into it.
 * @param carried - the parameters of the payment link, which its form takes along
 */
export function checkoutPage(product: Product, switches: Switches, carried: URLSearchParams, wasDeclined: boolean): Html {
  const checkout = CHECKOUTS[product.provider]
  const purchase = purchaseOf(product, switches)
  const dueToday = purchase.trial ? 0 : purchase.minor
  return html`<section class="checkout brand-${checkout.provider}">
${hostLine(checkout, carried)}
<div class="bill">
${whatIsBought(product, purchase)}
<dl><dt>Due today</dt><dd>${inWords(dueToday, purchase.currency)}</dd></dl>
</div>
<form class="pay" method="post" action="/pay/${product.id}">
${[...carried].map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
${wasDeclined && html`<p class="declined" role="alert">Your card was declined. Nothing was charged.</p>`}
<label>Email <input value="bea@example.com" readonly></label>
<label>Card <input value="•••• •••• •••• 4242" readonly></label>
<button class="button" type="submit">${payWords(purchase, dueToday)}</button>
${purchase.payment !== 'declined' && html`<button class="button quiet" type="submit" name="then" value="close">Pay, then close the tab</button>`}
<p class="hint">${checkout.hint?.(purchase) ?? hint(purchase)}</p>
${switches.returnsOn === 'another device' && html`<p class="hint">You come back on another device, which has no cookie of yours.</p>`}
${purchase.currency !== switches.currency && html`<p class="hint">${checkout.title} does not sell in ${switches.currency}.</p>`}
</form>
${checkout.onSellersPage && html`<script src="/sandbox/paddle.js" defer></script>`}
</section>`
}

/**
 * Where a buyer ends whom the provider does not send back.
 * @param parameters - what the provider puts into the link of the seller's button
 */
export function confirmationPage(product: Product, switches: Switches, parameters: URLSearchParams): Html {
  const checkout = CHECKOUTS[product.provider]
  const { title, text, hint } = checkout.confirmation ?? { title: 'Thank you', text: '', hint: '' }
  return html`<section class="checkout confirmation brand-${checkout.provider}">
${hostLine(checkout)}
<div class="bill">${whatIsBought(product, purchaseOf(product, switches))}</div>
<div class="pay">
<h2>${title}</h2>
<p>${text}</p>
<a class="button" rel="noreferrer" href="${successPath(checkout.provider, parameters)}">Continue</a>
<p class="hint">${hint}</p>
</div>
</section>`
}

/** @param carried - what stands in the address behind the link */
function hostLine({ host, title }: Checkout, carried = new URLSearchParams()): Html {
  const brought = Array.from(carried, ([name, value]) => `${name}=${shortened(value)}`).join('&')
  return html`<p class="host"><span><span class="padlock" aria-hidden="true"></span> ${host}${brought && html`<span class="brought">/…?${brought}</span>`}</span>
<span class="simulated brand">Simulated ${title} checkout</span></p>`
}

/** Visitor ids by their beginning, as in the ledger. */
function shortened(value: string): string {
  return value.replaceAll(/([\da-f]{8})-[\da-f-]{27}/g, '$1…')
}

function whatIsBought(product: Product, purchase: Purchase): Html {
  const { amount, terms } = priceTag(purchase)
  return html`${artFor(product.id)}
<h1>${product.title}</h1>
<p class="price"><strong>${amount}</strong> ${terms}</p>`
}

function payWords(purchase: Purchase, dueToday: number): string {
  if (purchase.trial) return 'Start free trial'
  return dueToday === 0 ? 'Complete order' : `Pay ${inWords(dueToday, purchase.currency)}`
}

/** What the switches will make of it. */
function hint(purchase: Purchase): string {
  if (purchase.payment === 'declined') return 'The payment will be declined; the buyer opens the success URL all the same.'
  if (isPaidLater(purchase)) return 'A bank debit: the order is complete now, the money comes later.'
  return 'You will return to the success URL, as a real buyer does.'
}
