import { type Html, html } from '../../src/status/html.ts'
import type { Checkout } from '../checkouts/checkout.ts'
import { CHECKOUTS } from '../checkouts/list.ts'
import type { Switches } from '../switches.ts'
import { artFor } from './art.ts'
import { priceTag, purchaseOf } from './offer.ts'
import { PRODUCTS, type Product } from './products.ts'

/** The shop's front: each product leads to its provider's payment link, by way of the link maker. */
export function storefront(switches: Switches): Html {
  return html`<h1>Useful things, made by one person</h1>
<p class="lead">Buy something, and watch how the sale finds its way to the visitor who made it.</p>
<nav class="quays" aria-label="Sold through">${Object.values(CHECKOUTS).map(
    ({ provider, title }) => html`<a class="brand brand-${provider}" href="#${provider}">${title}</a>`,
  )}</nav>
${shelves(switches)}`
}

/** Everything there is to buy, by whom it is sold through. */
export function shelves(switches: Switches): Html {
  return html`<div class="shelves">${Object.values(CHECKOUTS).map((checkout) => shelf(checkout, switches))}</div>`
}

function shelf({ provider, title, comeback }: Checkout, switches: Switches): Html {
  const products = PRODUCTS.filter((product) => product.provider === provider)
  return html`<section class="shelf" id="${provider}">
<header><h2 class="brand brand-${provider}">${title}</h2><p>${comeback}</p></header>
<ul class="products">${products.map((product) => card(product, switches))}</ul>
</section>`
}

function card(product: Product, switches: Switches): Html {
  const { amount, terms } = priceTag(purchaseOf(product, switches))
  return html`<li class="product">
${artFor(product.id)}
<div class="about"><h3>${product.title}</h3><p>${product.line}</p></div>
<p class="price"><strong>${amount}</strong> ${terms}</p>
<a class="button" href="/checkout/go/${product.id}" data-product="${product.id}">${product.subscription ? 'Subscribe' : 'Buy'}</a>
</li>`
}
