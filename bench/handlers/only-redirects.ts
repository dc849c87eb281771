import type { Env } from './env.ts'

/** The physical limit: a Worker that only redirects. */
export default {
  fetch: (_, { THANK_YOU_URL }) => new Response(null, { status: 303, headers: { location: THANK_YOU_URL } }),
} satisfies ExportedHandler<Env>
