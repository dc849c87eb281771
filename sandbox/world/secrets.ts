import { WEBHOOK_SECRETS } from './provider-event.ts'

/** The keys of the simulated services, and the secrets their events are signed with. None opens anything. */
export const SECRETS = {
  DATAFAST_API_KEY: 'df_sandbox_website_key',
  STRIPE_SECRET_KEY: 'rk_live_sandboxkey',
  DODO_PAYMENTS_API_KEY: 'dodo_sandbox_key',
  CREEM_API_KEY: 'creem_sandboxkey',
  POLAR_ACCESS_TOKEN: 'polar_oat_sandboxkey',
  LEMONSQUEEZY_API_KEY: 'lemonsqueezy_sandboxkey',
  GUMROAD_ACCESS_TOKEN: 'gumroad_sandboxkey',
  PADDLE_API_KEY: 'pdl_live_apikey_sandboxkey',
  ...WEBHOOK_SECRETS,
}
