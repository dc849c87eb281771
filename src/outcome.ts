/** What a buyer's visit came to. Each has its row in the HTTP contract; `X-Checkout-Outcome` tells it to people with curl. */
export type Outcome = keyof typeof pageFor

/** The setting that holds the page of each outcome. */
export const pageFor = {
  paid: 'THANK_YOU_URL',
  repeat: 'THANK_YOU_URL',
  test: 'THANK_YOU_URL',
  pending: 'PENDING_URL',
  unknown: 'PENDING_URL',
  invalid: 'PENDING_URL',
  'not-paid': 'NOT_PAID_URL',
} as const
