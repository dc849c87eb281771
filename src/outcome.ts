/** What a buyer's visit came to. Each has its row in the HTTP contract; `X-Checkout-Outcome` tells it to people with curl. */
export type Outcome = 'paid' | 'repeat' | 'test' | 'pending' | 'unknown' | 'invalid' | 'not-paid'
