import type { Guide } from './guide.ts'

/** Polar's dashboard, as docs/polar.md has it. */
export const polarGuide: Guide = {
  importedByDataFast: true,
  keyPage: 'Polar dashboard → Settings → Developers → New token',
  keyMayRead: ['checkouts:read', 'orders:read', 'refunds:read'],
  keyForms: ['polar_oat_…'],
  keyPrefix: /^polar_(oat|pat)_/,
  keyNote: 'If you give it an expiry date, put that into your calendar. The sandbox has tokens of its own, which look alike.',
  environment: { setting: 'POLAR_SERVER', live: 'production', test: 'sandbox' },
  // No list shows checkouts: one that cannot exist is either unknown, or not to be asked about.
  alsoReads: { id: '00000000-0000-4000-8000-000000000000', permission: 'checkouts:read' },
  successUrlPage: 'Products → Checkout Links → your link → Success URL',
  successUrlNote: 'Keep the braces as they are: Polar fills them in.',
  webhookPage: 'Settings → Webhooks → Add Endpoint, format Raw',
  events: ['order.paid', 'refund.created', 'refund.updated'],
  webhookSecret: {
    madeBy: 'provider',
    page: 'Settings → Webhooks → your endpoint → secret',
    pattern: /^\S{8,}$/,
    form: 'whsec_…, polar_whs_…, or one of your own without blanks',
  },
  onlyNames: 'products or prices (their ids)',
  onlyExample: '0a1b2c3d-…',
  linkExample: 'https://buy.polar.sh/polar_cl_…',
}
