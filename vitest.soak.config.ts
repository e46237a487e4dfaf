import { defineConfig } from 'vitest/config';
import faults from './vitest.faults.config.js';

/** One fault after another for an hour: `npm run test:soak` (docs/testing.md). */
export default defineConfig({
  ...faults,
  test: { ...faults.test, include: ['test/soak/**/*.soak.ts'], testTimeout: 0 },
});
