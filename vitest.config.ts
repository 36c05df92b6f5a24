import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Most of these tests wait: for shaped servers, for pauses, for child processes. Four of them keep two cores busy.
    maxWorkers: 4,
    globalSetup: ['./test/support/global-setup.ts'],
    reporters: ['default', './test/support/tally-reporter.ts'],
  },
});
