import { type Html, html } from '../../src/status/html.ts'
import { Switches } from '../switches.ts'

const TOGGLES = [
  ['dataFastDown', 'DataFast down'],
  ['providerDown', 'Provider down'],
  ['providerSlow', 'Provider slow'],
  ['cookieMissing', 'No cookie'],
] as const satisfies [keyof Switches, string][]

const CHOICES = [
  ['payment', 'Payment', { now: 'pay at once', later: 'pay later', declined: 'declined' }],
  ['offer', 'Offer', { 'full price': 'full price', trial: 'trial', '100 % off': '100 % off' }],
  ['returnsOn', 'Comes back', { 'same browser': 'same browser', 'another device': 'another device' }],
  ['currency', 'Currency', Object.fromEntries(Switches.entries.currency.options.map((code) => [code, code]))],
] as const

/** What can be made hard. Each field carries the name of its switch; panel.js sends what was changed. */
export function switchboard(switches: Switches): Html {
  return html`<form class="switchboard" data-switchboard aria-label="Switches">
<div class="toggles">${TOGGLES.map(
    ([name, label]) =>
      html`<label class="toggle"><input type="checkbox" name="${name}"${switches[name] && html` checked`}><span>${label}</span></label>`,
  )}</div>
<div class="choices">${CHOICES.map(
    ([name, legend, options]) =>
      html`<fieldset class="choice" title="${legend}"><legend>${legend}</legend><div>${Object.entries(options).map(
        ([value, label]) =>
          html`<label><input type="radio" name="${name}" value="${value}"${switches[name] === value && html` checked`}><span>${label}</span></label>`,
      )}</div></fieldset>`,
  )}
<label class="toggle wanted"><input type="checkbox" name="webhooks"${switches.webhooks && html` checked`}><span>Webhooks</span></label></div>
</form>`
}
