import { type Html, html } from '../html.ts'
import { artFor } from '../shop/art.ts'
import { priceTag, purchaseOf } from '../shop/offer.ts'
import { inWords, type Product } from '../shop/products.ts'
import type { Switches } from '../switches.ts'
import type { Checkout, Purchase } from './checkout.ts'

/** The simulated hosted checkout: nobody can type a real card number into it. */
export function checkoutPage(checkout: Checkout, product: Product, switches: Switches): Html {
  const purchase = purchaseOf(product, switches)
  const { amount, terms } = priceTag(purchase)
  const dueToday = purchase.trial ? 0 : purchase.minor
  return html`<section class="checkout checkout-${checkout.provider}">
<p class="host"><span class="padlock" aria-hidden="true"></span> ${checkout.host} <span class="simulated">Simulated ${checkout.title} checkout</span></p>
<div class="bill">
${artFor(product.id)}
<h1>${product.title}</h1>
<p class="price"><strong>${amount}</strong> ${terms}</p>
<dl><dt>Due today</dt><dd>${inWords(dueToday, purchase.currency)}</dd></dl>
</div>
<form class="pay" method="post" action="/pay/${product.id}">
<label>Email <input value="bea@example.com" readonly></label>
<label>Card <input value="•••• •••• •••• 4242" readonly></label>
<button class="button" type="submit">${payWords(purchase, dueToday)}</button>
<p class="hint">${hint(purchase)}</p>
</form>
</section>`
}

function payWords(purchase: Purchase, dueToday: number): string {
  if (purchase.trial) return 'Start free trial'
  return dueToday === 0 ? 'Complete order' : `Pay ${inWords(dueToday, purchase.currency)}`
}

/** What the switches will make of it. */
function hint({ payment, minor, trial }: Purchase): string {
  if (payment === 'declined') return 'The payment will be declined; the buyer opens the success URL all the same.'
  if (payment === 'later' && minor > 0 && !trial) return 'A bank debit: the order is complete now, the money comes later.'
  return 'You will return to the success URL, as a real buyer does.'
}
