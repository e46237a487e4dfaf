// A worker process of its own, to be killed: prints what it handles, and stands still when it meets the item to stop at.
import { connectBackend } from '../../../packages/queue/dist/backend.js';
import { DeadLetters } from '../../../packages/queue/dist/dead-letters.js';
import { PartitionWorkers } from '../../../packages/queue/dist/partition-workers.js';

const { store, stopAt, batchMaxItems, maxBatchesPerSecond, partitions } = JSON.parse(process.argv[2]);
const backend = await connectBackend(store);
const workers = new PartitionWorkers(backend, {
  partitions,
  batchMaxItems,
  maxBatchesPerSecond,
  lockMs: 1_000,
  deadLetters: await DeadLetters.open(backend),
  handle: async (items) => {
    process.stdout.write(`${JSON.stringify({ numbers: items.map(({ n }) => n), at: Date.now() })}\n`);
    if (items.some(({ n }) => n === stopAt)) await new Promise(() => setInterval(() => {}, 1_000));
  },
});
await workers.start();
