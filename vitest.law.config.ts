import { defineConfig } from 'vitest/config';
import base from './vitest.config.js';

/** The long run of the law: `npm run test:law` (docs/testing.md). Its files have names that the other tests' pattern leaves out. */
export default defineConfig({
  ...base,
  test: { ...base.test, include: ['test/law/**/*.law.ts'], reporters: ['default'], silent: false },
});
