import { buildWorker } from '@bbb-activity/app-worker/app';
import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { partitionKeyOf } from '@bbb-activity/events/partition-key';
import { connectBackend } from '@bbb-activity/queue/backend';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { PartitionPublisher } from '@bbb-activity/queue/partition-publisher';
import { openStore } from '@bbb-activity/store/client';
import { createLogger } from '@bbb-activity/telemetry/logger';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { createDatabase, createMigratedDatabase, ownPrefix, redisUrl } from '../../support/services.js';
import { until } from '../../support/until.js';
import { event } from '../store/store-fixture.js';

const PARTITIONS = 4;
const BUDGET = 20;
/** Transactions of an autovacuum that looks in. */
const UPKEEP = 12;
/** More of them: `npm run test:budget`. */
const SECONDS = Number(process.env['BUDGET_SECONDS'] ?? 4);

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Batch {
  /** Unix ms. */
  readonly at: number;
  readonly transactions: number;
}

describe.each(['redis', 'postgres'] as const)('the budget of the database, with the queue in %s', (kind) => {
  it('is kept in every second by two workers together, their retries included, while events come faster', async () => {
    const database = await createMigratedDatabase();
    closing.push(() => database.drop());
    // BullMQ's own transactions would count too.
    const queue = kind === 'redis' ? null : await createDatabase();
    if (queue !== null) closing.push(() => queue.drop());
    const queueOptions = { kind, url: queue?.url ?? redisUrl(), prefix: ownPrefix() };
    const batches: Batch[] = [];
    const workers: { close(): Promise<void> }[] = [];
    const lines = { write: (line: string) => void batches.push(...batchOf(line)) };
    for (let process = 0; process < 2; process += 1) {
      const log = createLogger({ app: 'worker', level: 'info', to: lines });
      const backend = await connectBackend(queueOptions);
      closing.push(() => backend.close());
      const store = openStore({ databaseUrl: database.url, maxConnections: PARTITIONS });
      closing.push(() => store.close());
      const own = buildWorker({
        backend,
        store,
        deadLetters: await DeadLetters.open(backend),
        partitions: PARTITIONS,
        concurrentPartitions: PARTITIONS,
        policy: 'register',
        erasureKey: null,
        // So small that the backlog lasts.
        batchMaxEvents: 5,
        maxTransactionsPerSecond: BUDGET,
        log,
      });
      closing.push(() => own.close());
      workers.push(own);
      await own.start();
    }
    const backend = await connectBackend(queueOptions);
    closing.push(() => backend.close());
    const publisher = await PartitionPublisher.open<ConferenceEvent>(backend, { partitions: PARTITIONS, maxItemsPerJob: 1 });
    closing.push(() => publisher.close());

    const watcher = new pg.Client({ connectionString: database.url });
    await watcher.connect();
    closing.push(() => watcher.end());
    let looks = 0;
    const transactions = async () => {
      looks += 1;
      return transactionsOf(watcher);
    };
    const before = await transactions();
    let published = 0;
    const send = async (count: number) => {
      const events = Array.from({ length: count }, (_, index) => talk(published + index));
      published += count;
      await publisher.publish(events.map((item) => ({ key: partitionKeyOf(item), item })));
    };
    // Twice what the budget lets through, so that there is always more to do.
    await send(BUDGET * 5 * 2 * SECONDS);
    await until('the workers have worked for so long', () => spanOf(batches) >= SECONDS * 1_000);

    const perSecond = worstSecond(batches);
    expect(perSecond).toBeLessThanOrEqual(BUDGET + PARTITIONS);
    // It is a budget, not a brake: most of it is used.
    await Promise.all(workers.map((one) => one.close()));
    const told = batches.reduce((sum, one) => sum + one.transactions, 0);
    expect(told).toBeGreaterThan(BUDGET * SECONDS * 0.5);

    // The database tells a little late what it did, and counts who looks, and its own upkeep.
    await until('the database has counted as many', async () => (await transactions()) - before >= told);
    expect((await transactions()) - before - looks).toBeLessThanOrEqual(told + UPKEEP);
  });
});

function talk(index: number): ConferenceEvent {
  const user = String(index % 40);
  return event({ kind: index % 2 === 0 ? 'talk_started' : 'talk_stopped', at: 1_000 + index, via: `w_${user}`, user });
}

function batchOf(line: string): Batch[] {
  const told = JSON.parse(line) as { msg?: string; time?: string; transactions?: number };
  return told.msg === 'batch' ? [{ at: Date.parse(told.time ?? ''), transactions: told.transactions ?? 0 }] : [];
}

function spanOf(batches: readonly Batch[]): number {
  return (batches.at(-1)?.at ?? 0) - (batches[0]?.at ?? 0);
}

/** Most transactions whose commits lie within one second, wherever it begins. */
function worstSecond(batches: readonly Batch[]): number {
  const sorted = [...batches].sort((a, b) => a.at - b.at);
  return Math.max(
    ...sorted.map(({ at }, index) =>
      sorted
        .slice(index)
        .filter((other) => other.at < at + 1_000)
        .reduce((sum, { transactions }) => sum + transactions, 0),
    ),
  );
}

async function transactionsOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT (xact_commit + xact_rollback)::int AS count, pg_stat_clear_snapshot()::text
     FROM pg_stat_database WHERE datname = current_database()`,
  );
  return rows[0]?.count ?? 0;
}
