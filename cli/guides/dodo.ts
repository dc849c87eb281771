import type { Guide } from './guide.ts'

/** Dodo's dashboard, as docs/dodo.md has it. */
export const dodoGuide: Guide = {
  keyPage: 'Dodo Payments dashboard → Developer → API Keys → Add API key',
  keyMayRead: ['read-only is enough'],
  keyForms: ['a long text of letters, digits and dots'],
  keyNote: 'Live and test mode have keys of their own, which do not say whose they are.',
  environment: { setting: 'DODO_PAYMENTS_ENVIRONMENT', live: 'live_mode', test: 'test_mode' },
  successUrlPage: 'in the payment link itself, as redirect_url',
  successUrlParameter: 'redirect_url',
  successUrlNote: 'Sessions created through the API take it unencoded, as return_url.',
  webhookPage: 'Developer → Webhooks → Add endpoint',
  events: ['payment.succeeded', 'refund.succeeded', 'subscription.active'],
  webhookNote: 'subscription.active is needed only if you sell free trials.',
  webhookSecret: {
    madeBy: 'provider',
    page: 'Developer → Webhooks → your endpoint → signing secret',
    pattern: /^whsec_\S+$/,
    form: 'whsec_…',
  },
  onlyNames: 'products (their ids)',
  onlyExample: 'pdt_…',
  linkExample:
    'https://checkout.dodopayments.com/buy/pdt_…?quantity=1&redirect_url=https%3A%2F%2Fpay.example.com%2Fcheckout%2Fsuccess%2Fdodo',
}
