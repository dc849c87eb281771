import type { Guide } from './guide.ts'

/** Gumroad's dashboard, as docs/gumroad.md has it. */
export const gumroadGuide: Guide = {
  visitorOnlyInEvents: true,
  keyPage: 'Gumroad → Settings → Advanced → Applications → Create application → Generate access token',
  keyMayRead: ['view_sales'],
  keyForms: ['a long text of letters and digits'],
  keyNote: 'As redirect URI enter http://127.0.0.1, which is not used. The token does not expire: keep it like a password.',
  successUrlPage: 'Products → your product → Content → insert a button → its link',
  successUrlNote: 'Keep __sale_info__ as it is: Gumroad fills it in.',
  webhookPage: 'Settings → Advanced → Ping',
  events: [],
  webhookNote: 'Refunds need one command more: docs/gumroad.md, section 4.',
  webhookSecret: {
    madeBy: 'seller',
    page: 'Settings → Advanced → Ping, at the end of the address',
    pattern: /^[\w~.=-]+$/,
    form: 'letters, digits, - and _',
  },
  onlyNames: 'products (their product_id, or product_permalink as Gumroad made it)',
  onlyExample: 'XCBbJ',
  linkExample: 'https://YOU.gumroad.com/l/PRODUCT',
}
