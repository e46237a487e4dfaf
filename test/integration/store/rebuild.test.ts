import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { applyBatch } from '@bbb-activity/store/apply-batch';
import { presumeEnd } from '@bbb-activity/store/presume-end';
import { rebuildAll } from '@bbb-activity/store/rebuild-all';
import { type Difference, rebuildOccurrence } from '@bbb-activity/store/rebuild-occurrence';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../support/until.js';
import { createStore, emptyTables, event, type StoreFixture } from './store-fixture.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

let fixture: StoreFixture;

beforeAll(async () => {
  fixture = await createStore();
});
afterAll(() => fixture.close());
beforeEach(async () => {
  await emptyTables(fixture.store);
  await applyBatch(fixture.store, STORY, { policy: 'register' });
});

const ACTIVITY = {
  event: 'signed',
  type: 'attendance',
  inAt: 6_000,
  outAt: null,
  close: null,
  activityData: 'page 2',
  signatureFile: null,
  signedAt: null,
};
/** Every sort of row: two persons, one of them through a tie, an activity, a recording, facts, a room that goes on, a flat room. */
const STORY = [
  event({ kind: 'meeting_created', at: 500, details: { meeting: { title: 'Algebra' } } }),
  event({ kind: 'joined', at: 1_000, via: 'w_a', user: '42', name: 'Kim Secret' }),
  event({ kind: 'message', at: 2_000, via: 'w_a' }),
  event({ kind: 'talk_started', at: 3_000, via: 'w_a' }),
  event({ kind: 'joined', at: 4_000, via: 'w_b' }),
  event({ kind: 'activity', at: 6_000, user: '42', details: { signedSeconds: 6, activity: ACTIVITY } }),
  event({
    kind: 'recording_announced',
    at: 7_000,
    details: { recording: { url: 'https://bbb.example/1', formatType: 'presentation' } },
  }),
  event({ kind: 'joined', at: 1_000, meeting: null, room: 'flat', user: '42' }),
  event({ kind: 'meeting_ended', at: 2_000, meeting: null, room: 'flat' }),
  event({ kind: 'joined', at: 3_000, meeting: null, room: 'flat', user: '43' }),
];

const sql = (statement: string) => fixture.store.prisma.$executeRawUnsafe(statement);

async function differences(dryRun: boolean): Promise<Difference[]> {
  const all: Difference[] = [];
  for await (const report of rebuildAll(fixture.store, { dryRun })) all.push(...report.differences);
  return all;
}

const TABLES = ['conference_meeting', 'conference_identity', 'participant', 'conference_activity', 'conference_recording'];

/** Every row with the id of the transaction that wrote it. */
async function versions(): Promise<unknown[]> {
  const rows = await Promise.all(
    TABLES.map((table) =>
      fixture.store.prisma.$queryRawUnsafe(`SELECT xmin::text, ctid::text, to_jsonb(t) AS row FROM ${table} t ORDER BY ctid`),
    ),
  );
  return rows;
}

/** Runs the command line as an operator does. */
async function cli(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    const env = { PATH: process.env['PATH'] ?? '', DATABASE_URL: fixture.database.url };
    execFile(process.execPath, ['apps/cli/bin/bbb-activity.js', ...args], { cwd: ROOT, env }, (error, stdout, stderr) => {
      done({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr });
    });
  });
}

describe('where nothing differs', () => {
  it('nothing is told and no row is written', async () => {
    const before = await versions();
    expect(await differences(true)).toEqual([]);
    expect(await differences(false)).toEqual([]);
    expect(await versions()).toEqual(before);
  });

  it('that holds for a presumed end, whose mark is kept', async () => {
    const { id } = await fixture.store.prisma.conferenceMeeting.findFirstOrThrow({ where: { internalMeetingId: 'm1' } });
    await presumeEnd(fixture.store, String(id), 'not_running');
    const before = await versions();
    expect(await differences(false)).toEqual([]);
    expect(await versions()).toEqual(before);
    await sql(`UPDATE conference_activity SET close = false, closed_by = NULL, out_at = NULL WHERE closed_by = 'not_running'`);
    expect(await differences(false)).not.toEqual([]);
    expect(await fixture.store.prisma.conferenceActivity.count({ where: { closedBy: 'not_running' } })).toBe(2);
  });

  it('and for a meeting that waits and has no rows', async () => {
    await emptyTables(fixture.store);
    await applyBatch(fixture.store, STORY, { policy: 'known' });
    expect(await differences(true)).toEqual([]);
    expect(await fixture.store.prisma.participant.count()).toBe(0);
  });

  it('and for a state of another version of the fold, which goes on from the journal', async () => {
    await sql(`UPDATE participant SET state = '{"version": 0}'`);
    expect(await differences(true)).toEqual([]);
  });
});

const internal = `(SELECT id FROM conference_meeting WHERE internal_meeting_id = 'm1')`;
const person = `(SELECT id FROM participant WHERE person_key = '42' AND meeting_id = ${internal})`;

describe('what was changed by hand is told, and mended to what it was', () => {
  it.each<[what: string, statement: string, expected: Partial<Difference>[]]>([
    [
      'a number',
      `UPDATE conference_activity SET messages = 7 WHERE participant_id = ${person} AND ordinal = 0`,
      [{ table: 'conference_activity', ordinal: 0, column: 'messages', stored: 7, folded: 1 }],
    ],
    [
      'the metrics document',
      `UPDATE conference_activity SET metrics = '{}' WHERE participant_id = ${person} AND ordinal = 0`,
      [{ column: 'metrics', stored: {} }],
    ],
    [
      'a deleted session',
      `DELETE FROM conference_activity WHERE participant_id = ${person} AND ordinal = 0`,
      [{ kind: 'missing', ordinal: 0 }],
    ],
    [
      'a surplus session',
      `INSERT INTO conference_activity (meeting_id, participant_id, ordinal) VALUES (${internal}, ${person}, 5)`,
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
      `INSERT INTO conference_activity (meeting_id, participant_id, event) VALUES (${internal}, ${person}, 'x')`,
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
      `INSERT INTO conference_identity (meeting_id, internal_user_id) VALUES (${internal}, 'w_x')`,
      [{ kind: 'surplus' }],
    ],
    ['a wrong name', `UPDATE participant SET name = 'Somebody' WHERE id = ${person}`, [{ table: 'participant', column: 'name' }]],
    [
      'a state that would go on wrongly',
      `UPDATE participant SET state = jsonb_set(state, '{next}', '3') WHERE id = ${person}`,
      [{ table: 'participant', column: 'state' }],
    ],
    [
      'a deleted participant',
      `DELETE FROM participant WHERE id = ${person}`,
      [
        { table: 'participant', kind: 'missing' },
        { table: 'conference_activity', kind: 'missing', ordinal: 0 },
        { table: 'conference_activity', kind: 'missing', ordinal: null },
      ],
    ],
    [
      'a surplus participant',
      `INSERT INTO participant (meeting_id, person_key, state) VALUES (${internal}, 'nobody', '{}')`,
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
      `INSERT INTO conference_recording (meeting_id, format_type, url) VALUES (${internal}, 'x', 'y')`,
      [{ table: 'conference_recording', kind: 'surplus' }],
    ],
  ])('%s', async (_what, statement, expected) => {
    const read = async () =>
      Promise.all([
        fixture.store.prisma.$queryRaw`SELECT to_jsonb(m) AS row FROM conference_meeting m ORDER BY id`,
        fixture.store.prisma
          .$queryRaw`SELECT to_jsonb(i) AS row FROM conference_identity i ORDER BY meeting_id, internal_user_id`,
        fixture.store.prisma.$queryRaw`
          SELECT to_jsonb(p) - 'id' AS row FROM participant p ORDER BY meeting_id, person_key`,
        fixture.store.prisma.$queryRaw`
          SELECT p.person_key, to_jsonb(a) - 'id' - 'participant_id' AS row
          FROM conference_activity a JOIN participant p ON p.id = a.participant_id
          ORDER BY a.meeting_id, p.person_key, a.ordinal`,
        fixture.store.prisma.$queryRaw`SELECT to_jsonb(r) - 'id' AS row FROM conference_recording r ORDER BY url`,
      ]);
    const before = await read();
    await sql(statement);
    const changed = await versions();
    expect(await differences(true)).toMatchObject(expected);
    expect(await versions()).toEqual(changed);
    expect(await differences(false)).toMatchObject(expected);
    expect(await differences(true)).toEqual([]);
    expect(await read()).toEqual(before);
  });
});

describe('rebuilding', () => {
  it('writes the row that differs and none beside it', async () => {
    await sql(`UPDATE conference_activity SET hands = 3 WHERE participant_id = ${person} AND ordinal = 0`);
    const read = () =>
      fixture.store.prisma.$queryRawUnsafe<{ id: bigint; xmin: string }[]>(
        'SELECT id, xmin::text FROM conference_activity ORDER BY id',
      );
    const before = await read();
    await differences(false);
    const after = await read();
    expect(after.filter(({ xmin }, index) => xmin !== before[index]?.xmin)).toHaveLength(1);
  });

  it('leaves sealed occurrences alone and says so', async () => {
    await sql(`UPDATE conference_activity SET hands = 3`);
    await sql(`UPDATE conference_meeting SET sealed_at = now() WHERE internal_meeting_id = 'm1'`);
    const { id } = await fixture.store.prisma.conferenceMeeting.findFirstOrThrow({ where: { internalMeetingId: 'm1' } });
    expect(await rebuildOccurrence(fixture.store, String(id), { dryRun: false })).toEqual({
      meetingId: String(id),
      sealed: true,
      differences: [],
    });
  });

  it('keeps the rows of an occurrence whose journal is gone, and says so', async () => {
    await sql(`DELETE FROM conference_event WHERE meeting_id = ${internal}`);
    const before = await versions();
    expect(await differences(false)).toMatchObject([{ table: 'conference_event', kind: 'missing' }]);
    expect(await versions()).toEqual(before);
  });

  it('gives null for an occurrence that is not there', async () => {
    expect(await rebuildOccurrence(fixture.store, '999', { dryRun: true })).toBeNull();
  });

  it('waits for a batch that is under way, and a dry run does not', async () => {
    const { id } = await fixture.store.prisma.conferenceMeeting.findFirstOrThrow({ where: { internalMeetingId: 'm1' } });
    const { prisma } = fixture.store;
    let rebuilt: Promise<unknown> | undefined;
    await prisma.$transaction(async (batch) => {
      await batch.$queryRaw`SELECT id FROM conference_meeting WHERE id = ${id} FOR SHARE`;
      expect(await rebuildOccurrence(fixture.store, String(id), { dryRun: true })).toMatchObject({ differences: [] });
      rebuilt = rebuildOccurrence(fixture.store, String(id), { dryRun: false });
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
          await applyBatch(fixture.store, [one], { policy: 'register' });
        }
      }),
    ).then(() => {
      applied = true;
    });
    const found: Difference[] = [];
    for (let round = 0; !applied; round += 1) found.push(...(await differences(round % 2 === 0)));
    await work;
    expect(found).toEqual([]);
  });
});

describe('on the command line', () => {
  it('verify finds a row that was changed by hand, rebuild mends it, and no name is printed', async () => {
    expect(await cli('verify')).toEqual({
      code: 0,
      stdout: '2 occurrences, 0 sealed and left out, 0 differences\n',
      stderr: '',
    });
    await sql(`UPDATE conference_activity SET messages = 7 WHERE participant_id = ${person} AND ordinal = 0`);
    await sql(`UPDATE participant SET name = 'Somebody' WHERE id = ${person}`);
    const found = await cli('verify');
    expect(found.code).toBe(1);
    expect(found.stdout).toMatch(/session 0: messages is 7, the journal gives 1\n/);
    expect(found.stdout).toMatch(/participant, row \d+: name differs\n/);
    expect(found.stdout).toMatch(/2 differences\n$/);
    expect(found.stdout).not.toMatch(/Kim|Somebody/);

    const dry = await cli('rebuild', '--dry-run');
    expect(dry).toEqual({ ...found, code: 0 });
    const { id } = await fixture.store.prisma.conferenceMeeting.findFirstOrThrow({ where: { internalMeetingId: 'm1' } });
    const mended = await cli('rebuild', '--meeting', String(id));
    expect(mended).toMatchObject({ code: 0, stdout: expect.stringMatching(/2 differences\n2 mended\n$/) });
    expect(await cli('verify')).toMatchObject({ code: 0, stdout: expect.stringMatching(/0 differences\n$/) });
  });

  it('says that there is no such meeting', async () => {
    expect(await cli('rebuild', '--meeting', '999')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'bbb-activity: there is no meeting 999\n',
    });
    expect(await cli('rebuild', '--meeting', 'room1')).toMatchObject({ code: 1 });
  });
});
