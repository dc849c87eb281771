/** What is written where an id, a name or an address is meant. `evil` is in each that could lead anywhere, to be found again. */
export const ADDRESSES = [
  'https://evil.example/',
  '//evil.example',
  '\\\\evil.example',
  '/\\evil.example',
  '/%2Fevil.example',
  'https:evil.example',
  'https://shop.example.com@evil.example/',
  'https://shop.example.com.evil.example/',
  'https://evil.example%2F@shop.example.com',
  'javascript:alert(evil)',
  'data:text/html,evil',
  '\t//evil.example',
  '//evil\u3002example',
]

/** What might end a header, a line or a text: decoded wherever it is read. */
export const BREAKS = [
  'a\r\nSet-Cookie: evil=1',
  'a\r\n\r\n<script>evil</script>',
  'a\nLocation: https://evil.example/',
  'a\rX-Evil: 1',
  'a\0evil',
  'a\u0085X-Evil: 1',
  'a\u2028X-Evil: 1',
  'a\u2029X-Evil: 1',
  // Cut down to one byte each, these are a line break (U+560A, U+560D).
  'a嘍嘊Set-Cookie: evil=1',
  'a\u001b[31mevil',
  'a\u202eevil',
  'a"},{"event":"evil"',
  'a{outcome}{transaction_id}evil',
]

/** Names that every object of JavaScript has. */
export const INHERITED = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf']

export const HOSTILE = [...ADDRESSES, ...BREAKS, ...INHERITED]

/** Every header of an answer of ours: one that is not among them was brought in by somebody else. */
const OUR_HEADERS = [
  ...['cache-control', 'referrer-policy', 'x-content-type-options', 'x-robots-tag', 'x-checkout-outcome', 'location', 'allow'],
  ...['content-type', 'content-length', 'content-security-policy', 'www-authenticate', 'retry-after', 'vary'],
  // Of links.js, which is made for other hosts.
  ...['access-control-allow-origin', 'cross-origin-resource-policy'],
  // Of the runtime and its connection.
  ...['connection', 'transfer-encoding', 'date', 'keep-alive', 'mf-content-encoding'],
]

/** The names of an answer's headers that none of ours has. */
export function strangersAmong(headers: Iterable<readonly [string, string]>): string[] {
  return Array.from(headers, ([name]) => name).filter((name) => !OUR_HEADERS.includes(name))
}

/** The outcomes of a visit. */
export const OUTCOMES = ['paid', 'repeat', 'test', 'pending', 'unknown', 'invalid', 'not-paid']
