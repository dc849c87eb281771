import { type Html, html } from '../../src/status/html.ts'
import type { Switches } from '../switches.ts'
import { happenings } from './happenings.ts'
import { orders } from './orders.ts'
import { ledger, memory } from './records.ts'
import type { Snapshot } from './snapshot.ts'
import { switchboard } from './switchboard.ts'

const TITLES = {
  orders: 'Orders',
  happenings: 'What happened',
  ledger: 'DataFast’s ledger',
  memory: 'The edge’s memory (KV)',
} as const

/** The parts of the panel that change by themselves: panel.js replaces each one when its markup is a new one. */
export function liveSections(snapshot: Snapshot, you: string | undefined): Record<keyof typeof TITLES | 'you', Html> {
  return {
    orders: orders(snapshot),
    happenings: happenings(snapshot),
    ledger: ledger(snapshot, you),
    memory: memory(snapshot),
    you: you ? html`You are visitor <code>${you}</code>.` : html`You have no visitor cookie.`,
  }
}

/** The panel as a page first shows it. */
export function panel(snapshot: Snapshot, switches: Switches, you: string | undefined): Html {
  const sections = liveSections(snapshot, you)
  const scrolls = ['happenings', 'memory']
  const section = (
    name: keyof typeof TITLES,
  ) => html`<section class="section-${name}" aria-labelledby="${name}"><h2 id="${name}">${TITLES[name]}</h2>
<div data-section="${name}"${scrolls.includes(name) && html` tabindex="0" role="group" aria-labelledby="${name}"`}>${sections[name]}</div></section>`
  return html`<aside class="panel" aria-label="Behind the counter">
<header><h2>Behind the counter</h2><span class="live" title="updated every half second"></span>
<a class="button small quiet" href="/checkout/status">Status page</a>
<button class="button small quiet" data-action="/sandbox/sweep">Run the sweep</button>
<button class="button small quiet" data-action="/sandbox/start-over">Start over</button></header>
${switchboard(switches)}
${section('orders')}
${section('happenings')}
${section('ledger')}
${section('memory')}
<p class="you"><span data-section="you">${sections.you}</span>
The Worker is the real bundle; only the providers and DataFast are simulated.</p>
</aside>`
}
