import pg from 'pg';
import { until } from '../until.js';

const TRIES = 50;
const DEADLOCK_DETECTED = '40P01';

/**
 * Makes PostgreSQL fail a transaction of a worker by a deadlock: holds the meeting that is locked last until a worker waits for it, then asks for those
 * that the worker has already. Who looks for deadlocks first is the worker's server process: this one is told to wait with that, but not for ever. PostgreSQL
 * looks once for each wait, and a second worker may have begun to wait, and looked, before this one closed the circle.
 *
 * @throws Error where no try came to one
 */
export async function forceDeadlock(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  const observer = new pg.Client({ connectionString: databaseUrl });
  // Each tells by its next statement that it was ended.
  for (const connection of [client, observer]) connection.on('error', () => undefined);
  await Promise.all([client.connect(), observer.connect()]);
  try {
    await client.query("SET deadlock_timeout = '10s'");
    const { rows } = await client.query<{ id: string }>('SELECT id::text AS id FROM conference_meeting ORDER BY id');
    const last = rows.at(-1)?.id;
    const before = await deadlocks(observer);
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      await client.query('BEGIN');
      await client.query('SELECT 1 FROM conference_meeting WHERE id = $1 FOR UPDATE', [last]);
      await until('a worker waits for the meeting', () => isWaitedFor(observer));
      await client.query('SELECT 1 FROM conference_meeting WHERE id <> $1 FOR UPDATE', [last]).catch(orDeadlock);
      await client.query('ROLLBACK');
      if ((await deadlocks(observer)) > before) return;
    }
    throw new Error(`no deadlock in ${TRIES} tries`);
  } finally {
    await Promise.all([client.end(), observer.end()]);
  }
}

/** It may be this one that has to give way: then the next try comes. @throws any other error */
function orDeadlock(error: unknown): void {
  if (!(error instanceof pg.DatabaseError && error.code === DEADLOCK_DETECTED)) throw error;
}

async function isWaitedFor(observer: pg.Client): Promise<boolean> {
  const { rows } = await observer.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' LIMIT 1");
  return rows.length > 0;
}

async function deadlocks(observer: pg.Client): Promise<number> {
  const { rows } = await observer.query<{ deadlocks: string }>(
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  );
  return Number(rows[0]?.deadlocks ?? 0);
}
