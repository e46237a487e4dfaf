import { defineConfig } from 'vitest/config';
import base from './vitest.config.js';

/** The dashboard and the alert rules, checked by Prometheus itself: `npm run check:monitoring` (docs/testing.md). */
export default defineConfig({
  ...base,
  test: { ...base.test, include: ['test/monitoring/**/*.monitoring.ts'], reporters: ['default'], silent: false },
});
