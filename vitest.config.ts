import { defineConfig } from 'vitest/config'

// The local runtime would otherwise ask the internet where it is; tests send nothing anywhere.
const env = { CLOUDFLARE_CF_FETCH_ENABLED: 'false', WRANGLER_SEND_METRICS: 'false' }
const patience = { testTimeout: 60_000, hookTimeout: 60_000 }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'worker',
          include: ['test/{rules,bundle,security}/**/*.test.ts'],
          ...{ env, ...patience },
          // Most of their time they wait for a retry: more of them than processors.
          maxWorkers: 5,
          maxConcurrency: 20,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'programs',
          // They start processes of their own, wrangler among them, which those above need not wait for.
          include: ['test/{cli,docs}/**/*.test.ts'],
          ...{ env, ...patience },
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
