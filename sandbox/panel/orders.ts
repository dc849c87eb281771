import { type Html, html } from '../html.ts'
import type { OrderShown, Snapshot } from './snapshot.ts'
import { progressOf, STEPS, standingOf } from './words.ts'

/** The orders of the latest visits: where each stands, and when it goes on. */
export function orders({ orders, awaitedPayments, now }: Snapshot): Html {
  return html`${
    awaitedPayments > 0 &&
    html`<p class="bank">The money is on its way. <button class="button small" data-action="/sandbox/bank">The bank has paid now</button></p>`
  }
${orders.length ? orders.map((order) => card(order, now)) : html`<p class="empty">Nobody has come back from a checkout yet.</p>`}`
}

function card({ reference, path, state }: OrderShown, now: number): Html {
  const again = path && html`<a class="again" href="${path}">Open its success URL again</a>`
  if (!state) {
    return html`<article class="order tone-idle"><h3>Not stored</h3><p class="detail">No object holds this order.</p>
<p class="reference"><code>${reference}</code></p>${again}</article>`
  }
  const { tone, headline, detail, due, next } = standingOf(state, now)
  const { done, over } = progressOf(state)
  return html`<article class="order tone-${tone}" data-order="${reference}">
<header><h3>${headline}</h3>${due && html`<p class="due">${next} <time data-due="${due}">soon</time></p>`}</header>
<p class="detail">${detail}</p>
<ol class="steps">${STEPS.map((step, index) => html`<li class="${stepClass(index, done, over)}">${step}</li>`)}</ol>
<p class="reference"><code>${reference}</code>${again}</p>
</article>`
}

function stepClass(index: number, done: number, over: boolean): string {
  if (index < done) return 'done'
  return index === done && !over ? 'now' : 'ahead'
}
