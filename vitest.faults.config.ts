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
    isolate: true,
    maxWorkers: 2,
    reporters: ['default'],
    silent: false,
  },
});
