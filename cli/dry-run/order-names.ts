import type { ProviderName } from '../../src/providers/index.ts'

/** How a provider's ids look to whoever pastes one. */
type Names = {
  /** What no buyer comes back with and only events or lists name: renewals, refunds. As references call it. */
  told: RegExp
  /** What no other provider's ids look like, so that the provider need not be named. Absent: they look like anything. */
  own?: RegExp
  /** In words, for whoever pasted something else. */
  inWords: string
}

const UUID = '[\\da-f]{8}(-[\\da-f]{4}){3}-[\\da-f]{12}'

/** Ids by the table of each provider's page in docs/, "What is recorded". */
export const NAMES: Record<ProviderName, Names> = {
  stripe: {
    told: /^(in|re|pyr)_[\w-]+$/,
    own: /^(cs|in|re|pyr)_/,
    inWords: 'cs_… (a checkout session), in_… (a renewal’s invoice), re_… (a refund)',
  },
  dodo: {
    told: /^ref_[\w-]+$/,
    own: /^(pay|ref)_/,
    inWords: 'pay_… (a payment), sub_… (a subscription), ref_… (a refund)',
  },
  creem: {
    told: /^((refunds_)?tran|sub)_[\w-]+$/,
    own: /^(chk?|tran|refunds_tran)_/,
    inWords: 'ch_… (a checkout), tran_… (a charge), refunds_tran_… (what has gone back of one)',
  },
  polar: {
    told: /^(order|refund)_[\w-]+$/,
    own: new RegExp(`^((order|refund)_)?${UUID}$`, 'i'),
    inWords: 'a checkout’s id, order_ and an order’s id (a renewal), refund_ and a refund’s id',
  },
  lemonsqueezy: {
    told: /^(subinv_\d+|refunds_subinv_\d+|refunds_\d+\.[\w-]+)$/,
    own: /^(\d+\.[\w-]+|(refunds_)?subinv_\d+|refunds_\d+\.[\w-]+)$/,
    inWords:
      'an order’s number and identifier (5000001.6f1c…), subinv_… (a renewal’s invoice), refunds_… before either (what has gone back of it)',
  },
  paddle: {
    told: /^adj_[\w-]+$/,
    own: /^(txn|adj)_/,
    inWords: 'txn_… (a transaction), adj_… (a refund)',
  },
  gumroad: {
    told: /^refund_[\w-]+=*$/,
    inWords: 'a sale’s id, refund_ and a sale’s id (a refund)',
  },
}

/** What success URLs call an id, whichever provider: it is asked of each whether it knows one of them. */
export const RETURN_PARAMETERS = ['session_id', 'payment_id', 'subscription_id', 'checkout_id', 'transaction_id', 'sale_id']
