import { type Html, html } from '../html.ts'

/** A product's picture: drawn, so that nothing is loaded from anywhere. */
export function artFor(productId: string): Html {
  return html`<svg class="art art-${productId}" viewBox="0 0 320 150" preserveAspectRatio="xMidYMid slice" aria-hidden="true">${DRAWINGS[productId]}</svg>`
}

const DRAWINGS: Record<string, Html> = {
  'tide-icons': html`<rect width="320" height="150" fill="#0e6b74"/>
    <path d="M0 112q20-14 40 0t40 0 40 0 40 0 40 0 40 0 40 0 40 0V150H0z" fill="#0a545c"/>
    <g fill="none" stroke="#dff5f2" stroke-width="5" stroke-linecap="round" stroke-linejoin="round">
      <path d="M52 36v46M40 50h24M34 66c0 24 36 24 36 0"/><circle cx="52" cy="31" r="5"/>
      <path d="M112 78h46l-8 14h-30zM134 78V30l22 36h-22"/>
      <circle cx="206" cy="60" r="26"/><path d="m216 50-6 16-16 6 6-16z"/>
      <path d="M258 90h28M263 90l4-40h10l4 40M262 50h20M266 40h12"/>
    </g>`,
  'harbour-letter': html`<rect width="320" height="150" fill="#f2a65a"/>
    <circle cx="250" cy="52" r="30" fill="#f7d08a"/>
    <path d="M0 104q20-12 40 0t40 0 40 0 40 0 40 0 40 0 40 0 40 0V150H0z" fill="#d9742f"/>
    <g transform="rotate(-5 150 80)"><rect x="98" y="34" width="116" height="78" rx="7" fill="#fffaf0"/>
      <path d="m101 39 55 44 55-44" fill="none" stroke="#b4541c" stroke-width="5" stroke-linejoin="round"/></g>
    <path d="M0 122q20-12 40 0t40 0 40 0 40 0 40 0 40 0 40 0 40 0V150H0z" fill="#c2601f"/>`,
  'beacon-mono': html`<rect width="320" height="150" fill="#1d2a55"/>
    <path d="M236 52 0 6v74z" fill="#f6d860" opacity=".22"/>
    <path d="M229 150l8-84h22l8 84z" fill="#eef1fb"/><path d="M235 96h26l2 20h-30z" fill="#e5484d"/>
    <path d="M234 66h28V44l-14-12-14 12z" fill="#f6d860"/><rect x="230" y="62" width="36" height="6" rx="3" fill="#eef1fb"/>
    <text x="34" y="108" font-family="ui-monospace, Menlo, monospace" font-size="74" font-weight="600" fill="#eef1fb">{a}</text>`,
  'weather-desk': html`<rect width="320" height="150" fill="#86c5da"/>
    <circle cx="104" cy="62" r="32" fill="#ffe08a"/>
    <path d="M128 104a24 24 0 0 1 4-48 34 34 0 0 1 64-6 27 27 0 0 1 8 54z" fill="#fff"/>
    <g stroke="#2b7391" stroke-width="5" stroke-linecap="round"><path d="M148 118l-6 14M172 118l-6 14M196 118l-6 14"/></g>
    <path d="M232 108l18-20 16 10 26-34" fill="none" stroke="#2b7391" stroke-width="5" stroke-linecap="round" stroke-linejoin="round"/>`,
}

/** The shop's sign: a small boat. */
export const BOAT = html`<svg class="boat" viewBox="0 0 32 32" aria-hidden="true"><path d="M15 4v15H6zM17 8v11h8z" fill="currentColor"/><path d="M4 22h24l-4 6H8z" fill="currentColor" opacity=".75"/></svg>`
