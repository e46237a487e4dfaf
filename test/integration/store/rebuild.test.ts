import { applyBatch } from '@bbb-activity/store/apply-batch';
import { presumeEnd } from '@bbb-activity/store/presume-end';
import { type Difference, rebuildOccurrence } from '@bbb-activity/store/rebuild-occurrence';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../support/until.js';
import { emptyTables, event } from './store-fixture.js';
import { INTERNAL, PERSON, STORY, ToldStory } from './told-story.js';

let story: ToldStory;

beforeAll(async () => {
  story = await ToldStory.create();
});
afterAll(() => story.close());
beforeEach(() => story.tell());

describe('where nothing differs', () => {
  it('nothing is told and no row is written', async () => {
    const before = await story.versions();
    expect(await story.differences(true)).toEqual([]);
    expect(await story.differences(false)).toEqual([]);
    expect(await story.versions()).toEqual(before);
  });

  it('that holds for a presumed end, whose mark is kept', async () => {
    const id = await story.meetingId();
    await presumeEnd(story.fixture.store, String(id), 'not_running');
    const before = await story.versions();
    expect(await story.differences(false)).toEqual([]);
    expect(await story.versions()).toEqual(before);
    await story.sql(
      `UPDATE conference_activity SET close = false, closed_by = NULL, out_at = NULL WHERE closed_by = 'not_running'`,
    );
    expect(await story.differences(false)).not.toEqual([]);
    expect(await story.fixture.store.prisma.conferenceActivity.count({ where: { closedBy: 'not_running' } })).toBe(2);
  });

  it('and for a meeting that waits and has no rows', async () => {
    await emptyTables(story.fixture.store);
    await applyBatch(story.fixture.store, STORY, { policy: 'known' });
    expect(await story.differences(true)).toEqual([]);
    expect(await story.fixture.store.prisma.participant.count()).toBe(0);
  });

  it('and for a state of another version of the fold, which goes on from the journal', async () => {
    await story.sql(`UPDATE participant SET state = '{"version": 0}'`);
    expect(await story.differences(true)).toEqual([]);
  });
});

describe('rebuilding', () => {
  it('writes the row that differs and none beside it', async () => {
    await story.sql(`UPDATE conference_activity SET hands = 3 WHERE participant_id = ${PERSON} AND ordinal = 0`);
    const read = () =>
      story.fixture.store.prisma.$queryRawUnsafe<{ id: bigint; xmin: string }[]>(
        'SELECT id, xmin::text FROM conference_activity ORDER BY id',
      );
    const before = await read();
    await story.differences(false);
    const after = await read();
    expect(after.filter(({ xmin }, index) => xmin !== before[index]?.xmin)).toHaveLength(1);
  });

  it('leaves sealed occurrences alone and says so', async () => {
    await story.sql(`UPDATE conference_activity SET hands = 3`);
    await story.sql(`UPDATE conference_meeting SET sealed_at = now() WHERE internal_meeting_id = 'm1'`);
    const id = await story.meetingId();
    expect(await rebuildOccurrence(story.fixture.store, String(id), { dryRun: false })).toEqual({
      meetingId: String(id),
      sealed: true,
      orphanedEvents: null,
      differences: [],
    });
  });

  it('keeps the rows of an occurrence whose journal is gone, and says so', async () => {
    await story.sql(`DELETE FROM conference_event WHERE meeting_id = ${INTERNAL}`);
    const before = await story.versions();
    expect(await story.differences(false)).toMatchObject([{ table: 'conference_event', kind: 'missing' }]);
    expect(await story.versions()).toEqual(before);
  });

  it('gives null for an occurrence that is not there', async () => {
    expect(await rebuildOccurrence(story.fixture.store, '999', { dryRun: true })).toBeNull();
  });

  it('waits for a batch that is under way, and a dry run does not', async () => {
    const id = await story.meetingId();
    const { prisma } = story.fixture.store;
    let rebuilt: Promise<unknown> | undefined;
    await prisma.$transaction(async (batch) => {
      await batch.$queryRaw`SELECT id FROM conference_meeting WHERE id = ${id} FOR SHARE`;
      expect(await rebuildOccurrence(story.fixture.store, String(id), { dryRun: true })).toMatchObject({ differences: [] });
      rebuilt = rebuildOccurrence(story.fixture.store, String(id), { dryRun: false });
      await until('the rebuild waits for the lock', async () => {
        const [waiting] = await prisma.$queryRaw<{ count: number }[]>`
          SELECT count(*)::int AS count FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
        return waiting?.count === 1;
      });
    });
    expect(await rebuilt).toMatchObject({ differences: [] });
  });

  it('finds nothing while batches are applied beside it', async () => {
    const messages = Array.from({ length: 60 }, (_, index) =>
      event({
        kind: 'message',
        at: 10_000 + index * 7,
        via: index % 2 === 0 ? 'w_a' : 'w_b',
        user: index % 5 === 0 ? '42' : null,
      }),
    );
    let applied = false;
    const work = Promise.all(
      [0, 1, 2, 3].map(async (worker) => {
        for (const one of messages.filter((_, index) => index % 4 === worker)) {
          await applyBatch(story.fixture.store, [one], { policy: 'register' });
        }
      }),
    ).then(() => {
      applied = true;
    });
    const found: Difference[] = [];
    for (let round = 0; !applied; round += 1) found.push(...(await story.differences(round % 2 === 0)));
    await work;
    expect(found).toEqual([]);
  });
});
