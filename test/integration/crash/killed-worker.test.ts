import { describe, expect, it } from 'vitest';
import { CrashPlace } from '../../support/crash/crash-place.js';
import { BACKENDS } from '../../support/law/system.js';
import { share } from '../../support/share.js';

/** Points of a batch in their order, some twice. The batch takes the jobs behind its head along. */
const UNCOMMITTED = [
  'after the jobs behind are read',
  'before the transaction',
  'after the journal',
  'before the commit',
  'before the commit',
];
const COMMITTED = [
  'after the commit',
  'after the commit',
  'after half of the jobs behind are removed',
  'after the jobs behind are removed',
  'after the acknowledgement',
];

const WAYS = [
  ['before and inside its transaction', { points: UNCOMMITTED, committed: false, seeds: [1_001, 1_002, 1_003, 1_004] }],
  ['between commit and acknowledgement', { points: COMMITTED, committed: true, seeds: [1_011, 1_012, 1_013, 1_014] }],
] as const;

interface LastWords {
  readonly partition: string;
  /** The job that the queue gave. */
  readonly head: string;
  /** Of the head's events. */
  readonly identities: readonly string[];
  /** How many of them the journal had when the head was given. */
  readonly known: number;
  /** Jobs behind the head that go with it. */
  readonly taken: number;
}

// They wait most of the time, for the locks of those that died.
describe.concurrent.each(BACKENDS)('workers killed one after the other in the same batch, with the queue in %s', (kind) => {
  it.each(share(WAYS, ([, { committed }]) => committed === (kind === 'postgres')))(
    '%s, leave every event to be applied exactly once',
    async (_, way) => {
      const place = await CrashPlace.open(kind, way.seeds);
      try {
        await place.queueAll();
        let first: LastWords | undefined;
        for (const point of way.points) {
          const crash = first === undefined ? { time: 2 } : { time: 1, partition: first.partition, again: true };
          const words = (await place.doomed('worker', { point, ...crash }).death()) as unknown as LastWords;
          expect(words.taken, point).toBeGreaterThan(0);
          // All events of the head are journalled, or those alone that were before anyone was killed at it.
          expect(await place.journalHas(words.identities), point).toBe(
            way.committed ? words.identities.length : (first?.known ?? words.known),
          );
          if (first === undefined) expect(words.known).toBeLessThan(words.identities.length);
          // The head comes to the next worker again, before anything behind it.
          else expect(words.head, point).toBe(first.head);
          first ??= words;
        }
        await place.start('worker');
        const outcome = await place.outcome();
        expect(outcome).toMatchObject({ differences: [], journalled: outcome.events, deadLetters: 0 });
        expect(outcome.events).toBeGreaterThan(200);
      } finally {
        await place.close();
      }
    },
  );
});
