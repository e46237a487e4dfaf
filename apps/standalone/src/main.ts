import { runApp } from '@bbb-activity/runtime/run-app';
import { startStandalone } from './start.js';

await runApp('standalone', ({ environment, log }) =>
  startStandalone(environment, log, (error) => {
    // Uncaught on purpose: the process then closes what it can and ends, and whoever supervises it starts it again.
    setImmediate(() => {
      throw error;
    });
  }),
);
