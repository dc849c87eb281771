import { type Html, html } from '../../src/status/html.ts'
import { AFTERWARDS, type Afterwards } from '../sales/afterwards.ts'
import type { Sale } from '../sales/sale.ts'
import type { KnownPurchase } from '../scene.ts'
import type { PurchaseShown } from './purchase.ts'
import type { Snapshot } from './snapshot.ts'
import { KINDS, progressOf, STEPS, type Standing, standingOf, UNHEARD_OF, UNKNOWN } from './words.ts'

/** What followed a purchase before the latest of it is only counted. */
const FOLLOWERS_SHOWN = 5

/** The latest purchases: where each of their orders stands, when it goes on, and what can be made to happen next. */
export function orders({ purchases, awaitedPayments, now }: Snapshot): Html {
  return html`${
    awaitedPayments > 0 &&
    html`<p class="bank">The money is on its way. <button class="button small" data-action="/sandbox/bank">The bank has paid now</button></p>`
  }
${purchases.length ? purchases.map((purchase) => card(purchase, now)) : html`<p class="empty">Nobody has bought anything yet.</p>`}`
}

function card({ purchase, order: { reference, state }, formerNames, followers }: PurchaseShown, now: number): Html {
  const { sale } = purchase
  const standing = state ? standingOf(state, now) : purchase.returned ? UNKNOWN : UNHEARD_OF
  const { tone, headline, detail } = standing
  const { done, over } = state ? progressOf(state) : { done: 0, over: true }
  return html`<article class="order tone-${tone}" data-order="${reference}">
<header><h3>${headline}</h3>${sale && html`<p class="bought">${sale.purchase.title}</p>`}</header>
<div class="detail"><p>${detail}</p>${whatIsNext(standing)}</div>
<ol class="steps">${STEPS.map((step, index) => html`<li class="${stepClass(index, done, over)}">${step}</li>`)}</ol>
<div class="reference"><p><code>${reference}</code>${formerNames.map((name) => html`<br>handed over from <code>${name}</code>`)}</p>${again(purchase)}</div>
${sale && buttons(sale, purchase.reference)}
${followers.length > 0 && followerList(followers, now)}
</article>`
}

function stepClass(index: number, done: number, over: boolean): string {
  if (index < done) return 'done'
  return index === done && !over ? 'now' : 'ahead'
}

function whatIsNext({ due, next }: Standing): Html | undefined {
  return due === undefined ? undefined : html`<p class="due">${next} <time data-due="${due}">soon</time></p>`
}

function again({ path, returned }: KnownPurchase): Html {
  return html`<a class="again" href="${path}">Open its success URL${returned && ' again'}</a>`
}

/** Also what cannot be done now stands there, so that nothing moves under the pointer and the focus stays. */
function buttons(sale: Sale, reference: string): Html {
  const { checkout, purchase } = sale
  const offered = (Object.keys(AFTERWARDS) as Afterwards[]).filter((what) => what !== 'renew' || purchase.subscription)
  return html`<div class="afterwards" role="group" aria-label="What ${checkout.title} does next with ${purchase.title}">${offered.map(
    (what) =>
      html`<button class="button small quiet" data-action="/sandbox/${what}" data-purchase="${reference}"${!sale.can(what) && html` aria-disabled="true"`}>${AFTERWARDS[what]}</button>`,
  )}</div>`
}

function followerList(followers: PurchaseShown['followers'], now: number): Html {
  const earlier = followers.length - FOLLOWERS_SHOWN
  return html`<ol class="followers">
${earlier > 0 && html`<li class="earlier">${earlier} more before these</li>`}
${followers.slice(-FOLLOWERS_SHOWN).map(({ reference, state, kind }) => {
  const standing = state ? standingOf(state, now) : UNKNOWN
  return html`<li class="tone-${standing.tone}" data-order="${reference}"><b>${KINDS[kind]}</b> <code>${reference}</code>
<span class="standing">${standing.headline}${standing.due !== undefined && html` <small>· <time data-due="${standing.due}">soon</time></small>`}</span></li>`
})}
</ol>`
}
