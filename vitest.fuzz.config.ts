import { defineConfig } from 'vitest/config';
import base from './vitest.config.js';

/** The long run of made-up and mutated bodies: `npm run test:fuzz` (docs/testing.md). */
export default defineConfig({
  ...base,
  test: { ...base.test, include: ['test/fuzz/**/*.fuzz.ts'], reporters: ['default'], silent: false },
});
