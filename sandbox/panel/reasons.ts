/** Why an order stands where it stands, where the reason's own words would not tell. */
const SENTENCES: Record<string, string> = {
  'sale-undecided': 'The sale that it belongs to is not recorded yet.',
  'sale-not-recorded': 'The sale that it takes back was never counted.',
  'other-success-url': 'Its buyers are sent to another shop’s success URL.',
  'other-product': 'It is not one of the products that count.',
  'already-recorded': 'It is recorded already, so nothing was sent again.',
  'not-refunded-yet': 'Nothing has gone back so far.',
  'pending-approval': 'The refund is not approved yet.',
  'unclear-partial-refund': 'A part went back, and nobody tells how much.',
  'refunds-off': 'Refunds are not counted here.',
  'free-order': 'It cost nothing.',
  'test-payment': 'It was only a test.',
  'no-renewal': 'It is no charge of a subscription that was bought here.',
  'no-checkout': 'No checkout sold it.',
}

/**
 * A reason as a sentence.
 * @param saidBy - whose word it is, where the reason is not explained here
 */
export function inSentence(reason = '', saidBy = 'Reason'): string {
  return SENTENCES[reason] ?? `${saidBy}: ${plain(reason)}.`
}

/** `no-payment-yet` for people. */
export function plain(reason = ''): string {
  return reason.replaceAll('-', ' ')
}
