/** The keys of the simulated services. None opens anything. */
export const SECRETS = {
  DATAFAST_API_KEY: 'df_sandbox_website_key',
  STRIPE_SECRET_KEY: 'rk_live_sandboxkey',
  DODO_PAYMENTS_API_KEY: 'dodo_sandbox_key',
}
