import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // A name of their own: `npm test` must pass where there is no browser.
    include: ['test/browser/**/*.browser.ts'],
    env: { CLOUDFLARE_CF_FETCH_ENABLED: 'false', WRANGLER_SEND_METRICS: 'false' },
    // Most of their time they wait for a page.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
