import { defineConfig } from 'vitest/config';

/** Most of these tests wait for processes more than they compute. */
const withDatabase = { globalSetup: ['test/global-setup.ts'], testTimeout: 30_000, hookTimeout: 60_000, maxWorkers: 4 };

// One report for each npm script, which CI adds up.
const report = `test-results/${process.env.npm_lifecycle_event?.replaceAll(':', '-') ?? 'vitest'}.json`;

export default defineConfig({
  test: {
    reporters: process.env.CI ? ['default', ['json', { outputFile: report }]] : ['default'],
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts', 'test/*.test.ts'], testTimeout: 20_000 } },
      { test: { name: 'integration', include: ['test/integration/**/*.test.ts'], ...withDatabase } },
      { test: { name: 'redis', include: ['test/redis/**/*.test.ts'], ...withDatabase } },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          ...withDatabase,
          maxWorkers: 2,
          testTimeout: 90_000,
        },
      },
    ],
  },
});
