import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('.', import.meta.url));

export default defineConfig({
  resolve: {
    // Workspace packages are tested from their sources.
    alias: [
      { find: /^@bbb-activity\/app-([a-z]+)\/(.+)$/, replacement: `${root}apps/$1/src/$2.ts` },
      { find: /^@bbb-activity\/([a-z]+)\/(.+)$/, replacement: `${root}packages/$1/src/$2.ts` },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Loading the product's modules anew for each file took a third of the run's processor time. What a test changes for its process it puts back.
    isolate: false,
    // Many tests wait for processes and servers more than they compute.
    maxWorkers: 2,
    // No measure of speed: processes start and wait for each other, and the machine may be shared.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
