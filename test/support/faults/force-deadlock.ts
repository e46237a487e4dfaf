import pg from 'pg';
import { until } from '../until.js';

const TRIES = 20;
const DEADLOCK_DETECTED = '40P01';
/** A number of this test's own. */
const LOCK = 4_001;
/** Within it the log of who had to give way has come. */
const TOLD_WITHIN_MS = 3_000;

/**
 * Makes PostgreSQL fail a transaction of a worker by a deadlock: holds a lock for which each batch waits once it has those of its meetings, and then asks for
 * these. Who looks for deadlocks first is the worker's server process: this one is told to wait with that, but not for ever, since PostgreSQL looks once for
 * each wait, and the worker's may have looked before this one closed the circle.
 *
 * @param noticed whether a worker has told of a deadlock
 * @throws Error where no try came to one
 */
export async function forceDeadlock(databaseUrl: string, noticed: () => boolean): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  const observer = new pg.Client({ connectionString: databaseUrl });
  // Each tells by its next statement that it was ended.
  for (const connection of [client, observer]) connection.on('error', () => undefined);
  await Promise.all([client.connect(), observer.connect()]);
  try {
    await client.query("SET deadlock_timeout = '10s'");
    await observer.query(`
      CREATE FUNCTION wait_for_the_test() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_advisory_xact_lock_shared(${LOCK});
          RETURN NULL;
        END $$;
      CREATE TRIGGER wait_for_the_test AFTER INSERT ON conference_event FOR EACH STATEMENT EXECUTE FUNCTION wait_for_the_test()`);
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      await client.query('BEGIN');
      await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
      await until('a worker waits for the lock', () => isWaitedFor(observer));
      await client.query('SELECT 1 FROM conference_meeting FOR UPDATE').catch(orDeadlock);
      await client.query('ROLLBACK');
      const told = until('a worker tells of a deadlock', noticed, TOLD_WITHIN_MS);
      if (await told.catch(() => false)) return;
    }
    throw new Error(`no deadlock in ${TRIES} tries`);
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
    await observer.query('DROP FUNCTION wait_for_the_test CASCADE').catch(() => undefined);
    await Promise.all([client.end(), observer.end()]);
  }
}

/** It may be this one that has to give way: then the next try comes. @throws any other error */
function orDeadlock(error: unknown): void {
  if (!(error instanceof pg.DatabaseError && error.code === DEADLOCK_DETECTED)) throw error;
}

async function isWaitedFor(observer: pg.Client): Promise<boolean> {
  const { rows } = await observer.query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted LIMIT 1");
  return rows.length > 0;
}
