import type { Guide } from './guide.ts'

/** Lemon Squeezy's dashboard, as docs/lemonsqueezy.md has it. */
export const lemonsqueezyGuide: Guide = {
  importedByDataFast: true,
  visitorOnlyInEvents: true,
  keyPage: 'Lemon Squeezy → Settings → API → Create API key',
  keyMayRead: [],
  keyForms: ['eyJ…'],
  // A JSON Web Token.
  keyPrefix: /^eyJ[\w-]+\.[\w-]+\./,
  keyNote: 'It expires after one year: put the date into your calendar. Made in test mode it sees test orders, in live mode live ones.',
  successUrlPage: 'Products → your product → Confirmation modal → Button link; and Email receipt → Button link',
  successUrlNote: 'Keep the brackets as they are: Lemon Squeezy fills them in.',
  webhookPage: 'Settings → Webhooks → +',
  events: [
    'order_created',
    'order_refunded',
    'subscription_payment_success',
    'subscription_payment_recovered',
    'subscription_payment_refunded',
  ],
  webhookNote: 'Test and live have webhooks of their own.',
  webhookSecret: {
    madeBy: 'seller',
    page: 'Settings → Webhooks → your webhook → Signing secret',
    pattern: /^\S{6,40}$/,
    form: '6 to 40 characters without blanks',
  },
  onlyNames: 'stores, products or variants (their numbers)',
  onlyExample: '12345',
  linkExample: 'https://STORE.lemonsqueezy.com/checkout/buy/…',
}
