import { readQueueSettings } from '@bbb-activity/config/queue-settings';
import { runApp } from '@bbb-activity/runtime/run-app';
import { startWorker } from './start.js';

await runApp('worker', async ({ environment, log }) => startWorker(environment, readQueueSettings(environment), log));
