import { defineConfig } from 'vitest/config';
import base from './vitest.config.js';

/**
 * The fault tests: `npm run test:faults` (docs/testing.md). Each file has servers of its own. Most of the time they wait, so that several run at once.
 */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/faults/**/*.fault.ts'],
    globalSetup: [],
    isolate: true,
    maxWorkers: 3,
    reporters: ['default'],
    silent: false,
  },
});
