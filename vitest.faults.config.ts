import { randomInt } from 'node:crypto';
import { defineConfig } from 'vitest/config';
import base from './vitest.config.js';

/**
 * The fault tests: `npm run test:faults` (docs/testing.md). Each file has servers of its own. The gates and the BBB server of
 * a world live in its test's own process, which must get the processor in time.
 */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/faults/**/*.fault.ts'],
    globalSetup: [],
    // A schedule of its own each run, told in each fault's line, so that it can be had again.
    env: { FAULT_SEED: process.env['FAULT_SEED'] ?? String(randomInt(2 ** 31)) },
    isolate: true,
    maxWorkers: 2,
    reporters: ['default'],
    silent: false,
  },
});
