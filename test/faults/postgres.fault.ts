import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { FaultWorld } from '../support/faults/fault-world.js';
import { forceDeadlock } from '../support/faults/force-deadlock.js';
import { NOTHING_LOST } from '../support/faults/nothing-lost.js';
import { until } from '../support/until.js';

const PAUSE_MS = 20_000;
const HELD_MS = 10_000;

let world: FaultWorld;
afterEach(() => world.close());

const taken = () => world.bbb.sent().filter(({ status }) => status === 200).length;

/** Nothing was refused: the database is none of ingress's business. An answer may be late where the whole machine stands still for a while. */
async function settle(fault: string): Promise<void> {
  const report = await world.settle(fault);
  expect(report).toMatchObject(NOTHING_LOST);
  expect(report.acknowledged).toBe(report.sent);
  expect(world.refusedBy()).toEqual([]);
}

describe('PostgreSQL', () => {
  it('restarted: loses nothing, and ingress does not notice', async () => {
    world = await FaultWorld.open();
    for (let time = 0; time < 3; time += 1) {
      await world.applies('something is applied');
      await delay(1_500);
      await world.postgres.stop();
      await delay(1_000);
      await world.postgres.start();
      world.restarted();
    }
    await settle('PostgreSQL restarted');
  });

  it('paused for 20 s: loses nothing, and ingress does not notice', async () => {
    world = await FaultWorld.open();
    await world.applies('something is applied');
    await world.postgres.pause();
    const before = taken();
    await delay(PAUSE_MS);
    expect(taken()).toBeGreaterThan(before + 100);
    await world.postgres.resume();
    await world.applies('something is applied again');
    expect(world.progress.longestMs).toBeGreaterThan(PAUSE_MS / 2);
    await settle('PostgreSQL paused for 20 s');
  });

  it('out of connections: workers wait until there are some', async () => {
    world = await FaultWorld.open();
    await world.applies('something is applied');
    const held: pg.Client[] = [];
    const pids: number[] = [];
    try {
      let refusedAt: number | null = null;
      while (refusedAt === null || Date.now() < refusedAt + HELD_MS) {
        const client = await world.client().catch(() => null);
        if (client === null) {
          refusedAt ??= Date.now();
          await delay(50);
        } else {
          held.push(client);
          pids.push(await pidOf(client));
          // What the workers hold is theirs no more either.
          await client.query(
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE backend_type = 'client backend' AND pid <> ALL ($1::int[])`,
            [pids],
          );
        }
      }
      expect(held.length).toBeGreaterThan(30);
      expect(world.failedBatches()).not.toEqual([]);
    } finally {
      await Promise.all(held.map((client) => client.end()));
    }
    await world.applies('something is applied again');
    await settle('PostgreSQL out of connections');
  });

  it('with serialization failures: applies each batch again until it gets through', async () => {
    world = await FaultWorld.open();
    const client = await world.client();
    try {
      // Every third batch, when it has done all but commit.
      await client.query(`
        CREATE SEQUENCE forced;
        CREATE FUNCTION fail_now_and_then() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN
            IF nextval('forced') % 3 = 0 THEN RAISE EXCEPTION 'forced' USING ERRCODE = 'serialization_failure'; END IF;
            RETURN NULL;
          END $$;
        CREATE CONSTRAINT TRIGGER fail_now_and_then AFTER INSERT ON conference_event
          DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail_now_and_then()`);
      await until('some batches failed', async () => {
        const { rows } = await client.query<{ tries: string }>('SELECT last_value AS tries FROM forced');
        return Number(rows[0]?.tries) > 60;
      });
      await client.query('DROP FUNCTION fail_now_and_then CASCADE');
    } finally {
      await client.end();
    }
    await settle('serialization failures');
  });

  it('with a deadlock: applies the batch that PostgreSQL chose to fail again', async () => {
    world = await FaultWorld.open();
    await world.applies('something is applied');
    await forceDeadlock(world.postgres.url(), () => world.failedBatches().some((error) => error.includes('deadlock detected')));
    await settle('deadlock');
  });
});

async function pidOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid ?? 0;
}
