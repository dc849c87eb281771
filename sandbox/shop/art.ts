import { type Html, html } from '../../src/status/html.ts'
import { DRAWINGS } from './drawings.ts'

/** A product's picture: drawn, so that nothing is loaded from anywhere. */
export function artFor(productId: string): Html {
  return html`<svg class="art art-${productId}" viewBox="0 0 320 150" preserveAspectRatio="xMidYMid slice" aria-hidden="true">${DRAWINGS[productId]}</svg>`
}

/** The shop's sign: a small boat. */
export const BOAT = html`<svg class="boat" viewBox="0 0 32 32" aria-hidden="true"><path d="M15 4v15H6zM17 8v11h8z" fill="currentColor"/><path d="M4 22h24l-4 6H8z" fill="currentColor" opacity=".75"/></svg>`
