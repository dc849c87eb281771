/** The settings of a handler that knows one provider. */
export type Env = { RECORDED: KVNamespace; STRIPE_SECRET_KEY: string; DATAFAST_API_KEY: string; THANK_YOU_URL: string }
