import type { Answers } from '../../cli/setup/answers.ts'

/** A shop that is set up and sells at Stripe. */
export const SET: Answers = {
  name: 'success-url-shop',
  install: { is: 'host', host: 'pay.example.com' },
  providers: ['stripe'],
  vars: { THANK_YOU_URL: 'https://example.com/thanks' },
  secrets: { DATAFAST_API_KEY: 'df_testkey', STRIPE_SECRET_KEY: 'rk_test_key', STATUS_TOKEN: 'a'.repeat(24) },
}

/** What a clone is before anybody sets it up. */
export const FRESH: Answers = {
  name: 'success-url',
  install: { is: 'workers-dev' },
  providers: [],
  vars: { THANK_YOU_URL: '' },
  secrets: {},
}
