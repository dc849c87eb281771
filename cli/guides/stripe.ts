import type { Guide } from './guide.ts'

/** Stripe's dashboard, as docs/stripe.md has it. */
export const stripeGuide: Guide = {
  importedByDataFast: true,
  keyPage: 'Stripe Dashboard → Developers → API keys → Create restricted key',
  keyMayRead: [
    'Checkout Sessions: Read',
    'Invoices: Read',
    'Charges and Refunds: Read',
    'Subscriptions: Read, if you sell subscriptions that can cost 0 today (trials, 100 % coupons)',
  ],
  keyForms: ['rk_live_…', 'rk_test_…'],
  keyPrefix: /^(rk|sk)_(live|test)_/,
  takesTwoKeys: true,
  successUrlPage: 'Payment links → your link → Edit → After payment → Don’t show confirmation page → Redirect customers to your website',
  successUrlNote: 'Keep the braces as they are: Stripe fills them in.',
  webhookPage: 'Developers → Webhooks → create a destination: events from your account, payload style snapshot',
  events: ['checkout.session.completed', 'checkout.session.async_payment_succeeded', 'invoice.paid', 'refund.created', 'refund.updated'],
  webhookSecret: {
    madeBy: 'provider',
    page: 'Developers → Webhooks → your destination → signing secret',
    pattern: /^whsec_\S+$/,
    form: 'whsec_…',
  },
  onlyNames: 'payment links, products or prices (their ids)',
  onlyExample: 'plink_…, prod_…, price_…',
  linkExample: 'https://buy.stripe.com/…',
}
