import { checkoutNamed } from '../checkouts/list.ts'
import { type Html, html } from '../html.ts'
import type { Switches } from '../switches.ts'
import { artFor } from './art.ts'
import { priceTag, purchaseOf } from './offer.ts'
import { PRODUCTS, type Product } from './products.ts'

/** The shop's front: each product leads to its provider's payment link. */
export function storefront(switches: Switches): Html {
  return html`<h1>Useful things, made by one person</h1>
<p class="lead">Buy something, and watch how the sale finds its way to the visitor who made it.</p>
${shelf(switches)}`
}

/** Everything there is to buy. */
export function shelf(switches: Switches): Html {
  return html`<ul class="products">${PRODUCTS.map((product) => card(product, switches))}</ul>`
}

function card(product: Product, switches: Switches): Html {
  const { amount, terms } = priceTag(purchaseOf(product, switches))
  return html`<li class="product">
${artFor(product.id)}
<div class="about"><h2>${product.title}</h2><p>${product.line}</p></div>
<p class="price"><strong>${amount}</strong> ${terms}</p>
<a class="button" href="/pay/${product.id}" data-product="${product.id}">${product.subscription ? 'Subscribe' : 'Buy'}</a>
<p class="seller">sold through ${checkoutNamed(product.provider)?.title}</p>
</li>`
}
