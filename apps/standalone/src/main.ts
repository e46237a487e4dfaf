import { limitHeapGrowth } from '@bbb-activity/runtime/heap-growth';
import { runApp } from '@bbb-activity/runtime/run-app';
import { startStandalone } from './start.js';

limitHeapGrowth();
await runApp('standalone', async ({ environment, log }) => {
  const standalone = await startStandalone(environment, log, (error) => {
    // Uncaught on purpose: the process then closes what it can and ends, and whoever supervises it starts it again.
    setImmediate(() => {
      throw error;
    });
  });
  const { firstUser, address } = standalone;
  // Beside the log, which may be kept: this is told once, to whoever starts it, and stored nowhere.
  if (firstUser !== null) {
    process.stderr.write(
      `The dashboard is at ${address}. Log in as ${firstUser.name} with the password ${firstUser.password}\n` +
        'It is shown only now; "npx bbb-activity users password admin" makes another one.\n',
    );
  }
  return standalone;
});
