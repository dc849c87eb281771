import { type Html, html } from '../../src/status/html.ts'
import { checkoutNamed } from '../checkouts/list.ts'
import type { Happening, OutgoingCall, Visit, Webhook } from '../timeline.ts'
import type { Snapshot } from './snapshot.ts'

/** What happened, in order: what the buyer did, what providers told, what the Worker asked of whom. */
export function happenings({ happenings }: Snapshot): Html {
  if (!happenings.length) return html`<p class="empty">Buy something: every step shows up here.</p>`
  return html`<ol class="timeline">${happenings.map(
    (happening) => html`<li class="is-${happening.is}">
<time>${clock(happening.at)}</time>
${inMarkup(happening)}
</li>`,
  )}</ol>`
}

function inMarkup(happening: Happening): Html {
  switch (happening.is) {
    case 'event':
      return html`<p>${happening.text}</p>`
    case 'visit':
      return visit(happening)
    case 'call':
      return call(happening)
    case 'delivery':
      return delivery(happening)
  }
}

function visit({ path, on, withCookie, outcome, location, ms, status }: Visit): Html {
  return html`<p class="who"><b>The buyer returns</b>${on === 'another device' && ` on ${on},`}${!withCookie && ' without the cookie'}</p>
<p class="asked"><code>${path}</code></p>
<p class="answer">${
    ms === undefined
      ? html`<span class="badge busy">under way</span>`
      : html`<span class="badge ${toneOf(outcome)}">${outcome ?? 'no outcome'}</span> ${status}${location && html` to ${new URL(location, 'http://localhost').pathname}`} · ${ms} ms`
  }</p>`
}

function toneOf(outcome: string | undefined): string {
  if (outcome === 'paid' || outcome === 'repeat') return 'good'
  return outcome === 'pending' || outcome === 'test' ? 'wait' : 'bad'
}

function call({ service, method, path, body, status, ms }: OutgoingCall): Html {
  const failed = status === 'reset' || (status ?? 0) >= 400
  return html`<p class="who"><b class="brand brand-${service}">${nameOf(service)}</b></p>
<p class="asked"><code>${method} ${path}</code></p>
${body !== undefined && html`<p class="asked body"><code>${service === 'alerts' ? messageIn(body) : fields(body)}</code></p>`}
<p class="answer">${
    ms === undefined
      ? html`<span class="badge busy">under way</span>`
      : html`<span class="badge ${failed ? 'bad' : 'good'}">${status}</span> ${ms} ms`
  }</p>`
}

function delivery({ provider, event, ms, status, received }: Webhook): Html {
  const tone = status !== 200 ? 'bad' : received ? 'good' : 'none'
  return html`<p class="who"><b class="brand brand-${provider}">${nameOf(provider)}</b> tells <code>${event}</code></p>
<p class="answer">${
    ms === undefined
      ? html`<span class="badge busy">under way</span>`
      : html`<span class="badge ${tone}">${status}</span> ${received ? html`${received} received · ` : status === 200 && 'not used · '}${ms} ms`
  }</p>`
}

function nameOf(service: string): string {
  if (service === 'alerts') return 'Your chat, alerted'
  return service === 'datafast' ? 'DataFast' : (checkoutNamed(service)?.title ?? service)
}

/** An alert says the same several times over, in every chat's own words. */
function messageIn(body: unknown): string {
  return Object(body) === body && 'text' in (body as object) ? String((body as { text: unknown }).text) : ''
}

/** A flat JSON body in short: `amount 19.99 · currency EUR`. */
function fields(body: unknown): Html[] {
  if (typeof body !== 'object' || body === null) return [html`${String(body)}`]
  return Object.entries(body).map(([name, value]) => html`<span>${name} <b>${String(value)}</b></span> `)
}

function clock(at: Happening['at']): string {
  return new Date(at).toLocaleTimeString('en-GB', { hour12: false })
}
