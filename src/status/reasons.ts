/** What a reason means, and what to do about it. The first that matches counts; the order's stage comes before its reason. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/key-refused/, 'The provider refuses the key: set one that may read this.'],
  [/provider-configuration:key-missing/, 'The provider’s key is not set.'],
  [/provider-configuration:address-unknown/, 'Nobody knows yet where buyers reach this Worker: set PUBLIC_URL.'],
  [/provider-configuration:wrong-mode/, 'A test order and a live key, or the other way round.'],
  [/^waiting provider-down/, 'The provider cannot be reached; it is asked again by itself.'],
  [/announced-unknown|^refused unknown/, 'The provider told of it and does not know it: a simulated event, or another account’s.'],
  [/^waiting (payment|trial)-pending/, 'The payment is not through yet; it is asked again by itself.'],
  [/^waiting sale-undecided/, 'It waits for the sale it belongs to.'],
  [/^waiting silence/, 'It waits for an answer on who the visitor may be.'],
  [/^waiting visitor-lag/, 'DataFast does not know the visitor yet; it is asked once more.'],
  [/^waiting datafast-down/, 'DataFast cannot be reached; it is sent again by itself.'],
  [/datafast-configuration/, 'DataFast refuses the key: check DATAFAST_API_KEY.'],
  [/datafast-refused/, 'DataFast refuses this payment: try again, and report it if that does not help.'],
  [/native-integration/, 'DataFast imports this provider by itself: disconnect it there, or set NATIVE_INTEGRATION = "ignore".'],
  [/unclear-currency/, 'The currency’s scale is not known here: record it by hand, or report it.'],
  [/unclear-partial-refund/, 'A part went back, and the provider does not tell how much: record it by hand.'],
  [/unclear/, 'How much was paid cannot be told from what the provider says.'],
  [/^held/, 'It waits for its buyer to come back, and then is recorded without a visitor.'],
  [/test-payment/, 'A test order: verified, and left out.'],
  [/free-order/, 'It cost nothing, so there is nothing to record.'],
  [/other-product/, 'It is not among what ONLY lists.'],
  [/other-success-url/, 'Its buyers are sent to another success URL: another shop’s on the same account. Is it yours? Set PUBLIC_URL.'],
  [/before-start/, 'It was paid before the provider was switched on here.'],
  [/sale-not-recorded/, 'The sale that it takes back was never recorded.'],
  [/refunds-off/, 'REFUNDS is off.'],
  [/already-recorded/, 'It was recorded before.'],
  [/visitor-rejected/, 'Recorded; DataFast did not know its visitor.'],
  [/attributed-late/, 'Recorded, and its visitor added later.'],
  [/^recorded no-visitor/, 'Recorded without a visitor.'],
  [/^recorded/, 'Recorded.'],
  [/pending-expired/, 'It was never paid.'],
]

export function meaningOf(stage: string, reason: string): string {
  const [, text] = MEANINGS.find(([pattern]) => pattern.test(`${stage} ${reason}`)) ?? []
  return text ?? `${reason.replaceAll(/[-:]/g, ' ')}.`
}

/** Why a payment is under no visitor. */
const MISSES: Record<string, string> = {
  'no-cookie': 'The buyer came back without DataFast’s cookie: another browser or device, an ad blocker, or a host that cannot see it.',
  'bad-cookie': 'The cookie that came is none of DataFast’s script.',
  'rejected-by-datafast': 'DataFast has seen no pageview of the visitor.',
  'webhook-only': 'The buyer never came back; the provider’s webhook told of the sale.',
  'sweep-only': 'The buyer never came back; the sweep found the sale.',
  'first-sale-unattributed': 'The sale it belongs to has no visitor.',
}

export function missOf(reason: string): string {
  return MISSES[reason] ?? ''
}
