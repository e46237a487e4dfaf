import type { Difference } from '@bbb-activity/store/rebuild-occurrence';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { INTERNAL, PERSON, ToldStory } from './told-story.js';

let story: ToldStory;

beforeAll(async () => {
  story = await ToldStory.create();
});
afterAll(() => story.close());
beforeEach(() => story.tell());

describe('what was changed by hand is told, and mended to what it was', () => {
  it.each<[what: string, statement: string, expected: Partial<Difference>[]]>([
    [
      'a number',
      `UPDATE conference_activity SET messages = 7 WHERE participant_id = ${PERSON} AND ordinal = 0`,
      [{ table: 'conference_activity', ordinal: 0, column: 'messages', stored: 7, folded: 1 }],
    ],
    [
      'the metrics document',
      `UPDATE conference_activity SET metrics = '{}' WHERE participant_id = ${PERSON} AND ordinal = 0`,
      [{ column: 'metrics', stored: {} }],
    ],
    [
      'a deleted session',
      `DELETE FROM conference_activity WHERE participant_id = ${PERSON} AND ordinal = 0`,
      [{ kind: 'missing', ordinal: 0 }],
    ],
    [
      'a surplus session',
      `INSERT INTO conference_activity (meeting_id, participant_id, ordinal) VALUES (${INTERNAL}, ${PERSON}, 5)`,
      [{ kind: 'surplus', ordinal: 5 }],
    ],
    [
      'a changed activity',
      `UPDATE conference_activity SET activity_data = 'x' WHERE ordinal IS NULL`,
      [{ column: 'activity_data' }],
    ],
    ['a deleted activity', `DELETE FROM conference_activity WHERE ordinal IS NULL`, [{ kind: 'missing', ordinal: null }]],
    [
      'a surplus activity',
      `INSERT INTO conference_activity (meeting_id, participant_id, event) VALUES (${INTERNAL}, ${PERSON}, 'x')`,
      [{ kind: 'surplus', ordinal: null }],
    ],
    [
      'a wrong tie',
      `UPDATE conference_identity SET external_user_id = '99' WHERE internal_user_id = 'w_a'`,
      [{ table: 'conference_identity', column: 'external_user_id' }],
    ],
    ['a deleted tie', `DELETE FROM conference_identity WHERE internal_user_id = 'w_a'`, [{ kind: 'missing' }]],
    [
      'a surplus tie',
      `INSERT INTO conference_identity (meeting_id, internal_user_id) VALUES (${INTERNAL}, 'w_x')`,
      [{ kind: 'surplus' }],
    ],
    ['a wrong name', `UPDATE participant SET name = 'Somebody' WHERE id = ${PERSON}`, [{ table: 'participant', column: 'name' }]],
    [
      'a state that would go on wrongly',
      `UPDATE participant SET state = jsonb_set(state, '{next}', '3') WHERE id = ${PERSON}`,
      [{ table: 'participant', column: 'state' }],
    ],
    [
      'a deleted participant',
      `DELETE FROM participant WHERE id = ${PERSON}`,
      [
        { table: 'participant', kind: 'missing' },
        { table: 'conference_activity', kind: 'missing', ordinal: 0 },
        { table: 'conference_activity', kind: 'missing', ordinal: null },
      ],
    ],
    [
      'a surplus participant',
      `INSERT INTO participant (meeting_id, person_key, state) VALUES (${INTERNAL}, 'nobody', '{}')`,
      [{ table: 'participant', kind: 'surplus' }],
    ],
    [
      'columns of the meeting',
      `UPDATE conference_meeting SET title = NULL, remote_id = 'other', created_at = now() WHERE internal_meeting_id = 'm1'`,
      [{ column: 'remote_id' }, { column: 'created_at' }, { column: 'title' }].map((one) => ({
        table: 'conference_meeting',
        ...one,
      })),
    ],
    [
      'the end of a flat room',
      `UPDATE conference_meeting SET ended_at = NULL WHERE remote_id = 'flat'`,
      [{ table: 'conference_meeting', column: 'ended_at' }],
    ],
    ['a deleted recording', 'DELETE FROM conference_recording', [{ table: 'conference_recording', kind: 'missing' }]],
    [
      'a surplus recording',
      `INSERT INTO conference_recording (meeting_id, format_type, url) VALUES (${INTERNAL}, 'x', 'y')`,
      [{ table: 'conference_recording', kind: 'surplus' }],
    ],
  ])('%s', async (_what, statement, expected) => {
    const read = async () =>
      Promise.all([
        story.fixture.store.prisma.$queryRaw`SELECT to_jsonb(m) AS row FROM conference_meeting m ORDER BY id`,
        story.fixture.store.prisma
          .$queryRaw`SELECT to_jsonb(i) AS row FROM conference_identity i ORDER BY meeting_id, internal_user_id`,
        story.fixture.store.prisma.$queryRaw`
          SELECT to_jsonb(p) - 'id' AS row FROM participant p ORDER BY meeting_id, person_key`,
        story.fixture.store.prisma.$queryRaw`
          SELECT p.person_key, to_jsonb(a) - 'id' - 'participant_id' AS row
          FROM conference_activity a JOIN participant p ON p.id = a.participant_id
          ORDER BY a.meeting_id, p.person_key, a.ordinal`,
        story.fixture.store.prisma.$queryRaw`SELECT to_jsonb(r) - 'id' AS row FROM conference_recording r ORDER BY url`,
      ]);
    const before = await read();
    await story.sql(statement);
    const changed = await story.versions();
    expect(await story.differences(true)).toMatchObject(expected);
    expect(await story.versions()).toEqual(changed);
    expect(await story.differences(false)).toMatchObject(expected);
    expect(await story.differences(true)).toEqual([]);
    expect(await read()).toEqual(before);
  });
});
