import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { howToRepeat, type WaveSystem } from '../../support/law/repeat.js';
import { runMeetings } from '../../support/law/run-meetings.js';
import { regressionSeeds, seedsFrom } from '../../support/law/seeds.js';
import { createMigratedDatabase } from '../../support/services.js';
import { shareOf } from '../../support/share.js';

/** `npm run test:law` runs a thousand. */
const SEEDS = seedsFrom(1, shareOf(20, 5));
const SYSTEMS: readonly WaveSystem[] = [
  { backend: 'redis', policy: 'register', workers: 2, partitions: 3, batchMaxEvents: 60, crashes: 1 },
  { backend: 'postgres', policy: 'known', workers: 2, partitions: 3, batchMaxEvents: 60, crashes: 1 },
];

// The two wait for much: side by side they take little longer than one.
describe.concurrent('the law through the whole system', () => {
  it.each(SYSTEMS)(
    'holds for generated meetings, with the queue in $backend and the policy $policy, whatever their delivery, while a worker is killed',
    async (system) => {
      const database = await createMigratedDatabase();
      try {
        const seeds = [...new Set([...SEEDS, ...(await regressionSeeds())])];
        const wave = { system, seed: 1, seeds };
        const report = await runMeetings(wave, database.url);
        expect(report.differences, howToRepeat(wave)).toEqual([]);
        expect(report.presumed).toBeGreaterThan(0);
        expect(system.policy === 'known' ? report.unknown : report.lifted).toBeGreaterThan(0);
        expect(report).toMatchObject({ meetings: seeds.length, crashes: 1 });
        for (const many of [report.events, report.duplicates, report.inversions]) expect(many).toBeGreaterThan(100);

        await changeByHand(database.url);
        expect(await report.compareAgain()).toMatchObject([{ what: 'fold and rows' }, { what: 'rows and verify' }]);
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
