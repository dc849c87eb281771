import type { Guide } from './guide.ts'

/** Creem's dashboard, as docs/creem.md has it. */
export const creemGuide: Guide = {
  keyPage: 'Creem dashboard → Developers → API keys',
  keyMayRead: ['full access'],
  keyForms: ['creem_…', 'creem_test_…'],
  keyPrefix: /^creem_/,
  takesTwoKeys: true,
  successUrlPage: 'Products → your product → Return URL',
  webhookPage: 'Developers → Webhooks → add one',
  events: ['checkout.completed', 'subscription.paid', 'refund.created'],
  webhookNote: 'Test mode has webhooks of its own.',
  webhookSecret: {
    madeBy: 'provider',
    page: 'Developers → Webhooks → your webhook → secret',
    pattern: /^\S{8,}$/,
    form: 'whsec_…, or another text without blanks',
  },
  onlyNames: 'products (their ids)',
  onlyExample: 'prod_…',
  linkExample: 'https://creem.io/payment/prod_…',
}
