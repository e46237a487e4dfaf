import { PostgresQueue } from '@bbb-activity/queue/postgres-queue';
import { Job, PostgresConnection } from 'bullmq';
import pg from 'pg';
import { expect, it } from 'vitest';
import { items, TestStore } from './stores.js';

const NAME = 'activity-0';

it('a head that somebody writes to in PostgreSQL is passed by no fetch', async () => {
  const store = await TestStore.create('postgres');
  try {
    const schema = `${store.options.prefix}_queue`;
    const backend = await store.connect();
    const publisher = await store.publisher(backend, 1, 1);
    for (let n = 0; n < 3; n += 1) await publisher.publish(items(n, n + 1));
    const ids = (await backend.nextWaiting(NAME, 3)).map(({ id }) => id);
    const writer = new pg.Client({ connectionString: store.options.url, options: `-c search_path=${schema}` });
    store.onClose(() => writer.end());
    await writer.connect();
    const whileWritten = async <R>(id: string | undefined, what: () => Promise<R>): Promise<R> => {
      await writer.query('BEGIN');
      await writer.query('UPDATE job SET stalled_marked = false WHERE queue = $1 AND id = $2', [NAME, id]);
      const result = await what();
      await writer.query('COMMIT');
      return result;
    };
    const place = new PostgresConnection({ connectionString: store.options.url, schema });
    store.onClose(() => place.close());
    const queue = new PostgresQueue(place, NAME, { connection: place.pool });
    const fetch = async () => (await queue.moveToActive('token'))[1];
    const end = async (id: string | undefined) => {
      const job = await Job.fromId(backend.queue(NAME), id ?? '');
      if (job === undefined) throw new Error(`no job ${id}`);
      return (await queue.moveToCompleted(job, null, true, 'token', true)).result?.[1];
    };

    expect(await whileWritten(ids[0], fetch)).toBeUndefined();
    expect(await backend.nextWaiting(NAME, 3)).toHaveLength(3);
    expect(await fetch()).toBe(ids[0]);
    expect(await whileWritten(ids[1], () => end(ids[0]))).toBeUndefined();
    expect(await fetch()).toBe(ids[1]);
    expect(await whileWritten(ids[0], () => end(ids[1]))).toBe(ids[2]);
    const { rows } = await writer.query('SELECT id, state, attempts_started FROM job');
    expect(rows).toEqual([{ id: ids[2], state: 'active', attempts_started: 1 }]);
  } finally {
    await store.close();
  }
});
