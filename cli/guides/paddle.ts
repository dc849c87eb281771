import type { Guide } from './guide.ts'

/** Paddle's dashboard, as docs/paddle.md has it. */
export const paddleGuide: Guide = {
  importedByDataFast: true,
  keyPage: 'Paddle → Developer tools → Authentication → API keys → New API key',
  keyMayRead: ['Transactions: Read', 'Adjustments: Read', 'Customers: Read, if CUSTOMER_FIELDS holds email or name'],
  keyForms: ['pdl_live_apikey_…', 'pdl_sdbx_apikey_…'],
  keyPrefix: /^pdl_(live|sdbx)_apikey_/,
  keyNote: 'It may have an expiry date: put that into your calendar. It is not the client-side token (live_…, test_…).',
  takesTwoKeys: true,
  successUrlPage: 'in the page of yours that opens the checkout',
  successUrlNote: 'Paddle has no field for it: the ready-made script in docs/paddle.md, section 2, sends the buyer on.',
  webhookPage: 'Developer tools → Notifications → New destination, type webhook, usage type Platform',
  events: ['transaction.paid', 'transaction.completed', 'adjustment.created', 'adjustment.updated'],
  webhookSecret: {
    madeBy: 'provider',
    page: 'Developer tools → Notifications → Edit destination → secret key',
    pattern: /^pdl_ntfset_\S+$/,
    form: 'pdl_ntfset_…',
  },
  onlyNames: 'products or prices (their ids)',
  onlyExample: 'pro_…, pri_…',
}
