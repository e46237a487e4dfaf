import { migrate } from '@bbb-activity/store/migrate';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { runMeetings } from '../../support/law/run-meetings.js';
import { regressionSeeds, seedsFrom } from '../../support/law/seeds.js';
import { BACKENDS } from '../../support/law/system.js';
import { createDatabase } from '../../support/services.js';

/** `npm run test:law` runs a thousand. */
const SEEDS = seedsFrom(1, 20);
const SYSTEM = { workers: 2, partitions: 3, batchMaxEvents: 60, crashes: 1 };

// The two wait for much: side by side they take little longer than one.
describe.concurrent('the law through the whole system', () => {
  it.each(BACKENDS)(
    'holds for generated meetings, with the queue in %s, whatever their delivery, while a worker is killed',
    { timeout: 90_000 },
    async (backend) => {
      const database = await createDatabase();
      try {
        await migrate(database.url);
        const seeds = [...new Set([...SEEDS, ...(await regressionSeeds())])];
        const report = await runMeetings({ ...SYSTEM, backend, databaseUrl: database.url, seeds });
        expect(report.differences).toEqual([]);
        expect(report).toMatchObject({ meetings: seeds.length, crashes: 1 });
        for (const many of [report.events, report.duplicates, report.inversions]) expect(many).toBeGreaterThan(100);

        await changeByHand(database.url);
        expect(await report.compareAgain()).toMatchObject([{ what: 'fold and rows' }]);
      } finally {
        await database.drop();
      }
    },
  );
});

/** One number of one row: the comparison must see it, or it proves nothing. */
async function changeByHand(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(
    'UPDATE conference_activity SET microphone_ms = microphone_ms + 1 WHERE id = (SELECT max(id) FROM conference_activity)',
  );
  await client.end();
}
