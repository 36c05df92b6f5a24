import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A condition is waited for as long as a test may take: the default of a second is a test of the machine.
    expect: { poll: { timeout: 30_000 } },
    // Real sockets, disks and child processes wait more than they work: three share two cores well, a fourth is too many.
    maxWorkers: 3,
    // Every file leaves its process as it found it; a fresh one for each would cost a tenth of the whole.
    isolate: false,
    globalSetup: ['./test/support/global-setup.ts'],
    reporters: ['default', './test/support/tally-reporter.ts'],
  },
});
