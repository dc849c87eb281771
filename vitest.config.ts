import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The local runtime would otherwise ask the internet where it is; tests send nothing anywhere.
    env: { CLOUDFLARE_CF_FETCH_ENABLED: 'false', WRANGLER_SEND_METRICS: 'false' },
    testTimeout: 60_000,
    // Most of their time they wait for a retry: more of them than processors.
    maxWorkers: 4,
    maxConcurrency: 20,
    hookTimeout: 60_000,
  },
})
