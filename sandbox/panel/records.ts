import { type Html, html } from '../../src/status/html.ts'
import type { LedgerEntry } from '../world/datafast.ts'
import type { Snapshot } from './snapshot.ts'

/**
 * What DataFast has counted.
 * @param you - the visitor who looks at the panel
 */
export function ledger({ ledger }: Snapshot, you: string | undefined): Html {
  if (!ledger.length) return html`<p class="empty">No payment yet.</p>`
  return html`<table><thead><tr><th>Amount</th><th>Transaction</th><th>Visitor</th></tr></thead>
<tbody>${ledger.map(
    (entry) => html`<tr>
<td class="amount"><b>${entry.refunded && '−'}${entry.amount}</b> ${entry.currency}</td>
<td class="transaction"><code>${entry.transaction_id}</code>${kindOf(entry)}</td>
<td>${attribution(entry, you)}</td>
</tr>`,
  )}</tbody></table>`
}

function kindOf({ is_free_trial, renewal, refunded }: LedgerEntry): Html | undefined {
  const kind = is_free_trial ? 'trial' : refunded ? 'refund' : renewal ? 'renewal' : undefined
  return kind ? html` <span class="badge">${kind}</span>` : undefined
}

function attribution({ datafast_visitor_id: visitor }: LedgerEntry, you: string | undefined): Html {
  if (!visitor) return html`<span class="badge wait">not attributed</span>`
  return html`<span class="badge good">${visitor === you ? 'you' : 'attributed'}</span> <code>${visitor.slice(0, 8)}…</code>`
}

/** What the edge remembers, so that the next visit asks nobody. */
export function memory({ memory }: Snapshot): Html {
  if (!memory.length) return html`<p class="empty">Empty. An entry is written once DataFast has accepted a payment.</p>`
  return html`<dl class="memory">${memory.map(
    ({ key, value, metadata }) => html`<dt><code>${key}</code></dt>
<dd><code>${value}</code> <code class="metadata">${JSON.stringify(metadata)}</code></dd>`,
  )}</dl>`
}
