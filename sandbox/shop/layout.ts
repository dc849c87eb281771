import { type Html, html } from '../../src/status/html.ts'
import type { Switches } from '../switches.ts'
import { BOAT } from './art.ts'

/** A page of the sandbox: the shop, and the panel that shows what goes on behind its counter. */
export function layout(page: { title: string; shop: Html | undefined; panel: Html; switches: Switches; status?: number }): Response {
  const { title, shop, panel, switches, status = 200 } = page
  const document = html`<!doctype html>
<html lang="en" data-visitor-cookie="${switches.cookieMissing ? 'missing' : 'set'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · success-url sandbox</title>
<link rel="icon" href="/sandbox/boat.svg">
<link rel="stylesheet" href="/sandbox/shop.css">
<link rel="stylesheet" href="/sandbox/panel.css">
<script src="/sandbox/visitor.js"></script>
<script src="/sandbox/panel.js" type="module"></script>
</head>
<body class="${shop ? 'shop-and-panel' : 'panel-alone'}">
${
  shop &&
  html`<div class="shop">
<header class="sign"><a href="/">${BOAT} Small Harbour</a><span class="note">a sandbox: nothing here costs money</span></header>
<main>${shop}</main>
</div>`
}
${panel}
</body>
</html>`
  return new Response(document.text, { status, headers: PAGE_HEADERS })
}

const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  // Everything a page needs comes from here: the sandbox works without a network.
  'content-security-policy': "default-src 'self'; base-uri 'none'; frame-ancestors 'none'",
}
