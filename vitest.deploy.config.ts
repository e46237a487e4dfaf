import { defineConfig } from 'vitest/config';
import base from './vitest.config.js';

/** What is made for other machines, built and run as they would: `npm run check:deploy` (docs/testing.md). */
export default defineConfig({
  ...base,
  test: { ...base.test, include: ['test/deploy/**/*.deploy.ts'], reporters: ['default'], silent: false },
});
