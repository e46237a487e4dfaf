import { rebuildCommand } from '@bbb-activity/app-cli/rebuild-command';
import { verifyCommand } from '@bbb-activity/app-cli/verify-command';
import { applyBatch } from '@bbb-activity/store/apply-batch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStore, event, type StoreFixture } from '../store/store-fixture.js';
import { runCommand } from './command.js';

const COMMANDS = { verify: verifyCommand, rebuild: rebuildCommand };

/** A room that ran twice, one of another access URL with the same external id, and one whose external id is a number. */
const MEETINGS = [
  { meeting: 'int-1', room: 'algebra', accessUrlId: 1 },
  { meeting: 'int-2', room: 'algebra', accessUrlId: 1 },
  { meeting: 'int-3', room: 'algebra', accessUrlId: 2 },
  { meeting: 'int-4', room: '1', accessUrlId: 1 },
  { meeting: null, room: 'flat', accessUrlId: 1 },
];

describe('verify and rebuild', () => {
  let fixture: StoreFixture;
  let ids: Record<string, string>;
  const run = (name: keyof typeof COMMANDS, ...args: readonly string[]) =>
    runCommand(COMMANDS[name], { DATABASE_URL: fixture.database.url }, ...args);
  const damage = (meeting: string) =>
    fixture.store.prisma.conferenceActivity.updateMany({
      where: { meetingId: BigInt(ids[meeting] ?? 0) },
      data: { messages: 77 },
    });

  beforeAll(async () => {
    fixture = await createStore();
    // One after the other, so that their ids are 1 to 5.
    for (const of of MEETINGS) {
      const events = [
        event({ ...of, kind: 'joined', at: 1_000, via: of.meeting === null ? null : 'w_a', user: '42', name: 'Ada Lovelace' }),
        event({ ...of, kind: 'message', at: 2_000, via: of.meeting === null ? null : 'w_a', user: '42' }),
      ];
      await applyBatch(fixture.store, events, { policy: 'register' });
    }
    const stored = await fixture.store.prisma.conferenceMeeting.findMany();
    ids = Object.fromEntries(stored.map(({ id, occurrenceKey }) => [occurrenceKey.slice(2), String(id)]));
    expect(ids['int-1']).toBe('1');
  });
  afterAll(() => fixture.close());

  it('find one meeting by its id and by its internal id, and all of a room by its external id', async () => {
    expect(await run('verify', '--meeting', ids['int-2'] ?? '')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^1 occurrences, /),
    });
    expect(await run('verify', '--meeting', 'int-3')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^1 occurrences, /),
    });
    expect(await run('verify', '--meeting', 'flat')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^1 occurrences, /),
    });
    expect(await run('verify', '--meeting', 'algebra', '--access-url', '1')).toMatchObject({
      stdout: expect.stringMatching(/^2 occurrences, /),
    });
    expect(await run('verify')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^5 occurrences, 0 sealed and left out, 0 differences\n$/),
    });
  });

  it('refuse an id of nothing, and one that means several things, telling what it may be', async () => {
    for (const args of [['int-9'], ['99'], ['external:int-1'], ['int-1', '--access-url', '2']]) {
      const { code, stderr } = await run('verify', '--meeting', ...args);
      expect([code, stderr]).toEqual([2, expect.stringMatching(/^there is no meeting [^\n]*$/)]);
    }
    const room = await run('rebuild', '--meeting', 'algebra');
    expect(room).toMatchObject({ code: 2, stdout: '' });
    expect(room.stderr).toBe(
      'algebra may be the external id of id 1, 2 of access URL 1, or the external id of id 3 of access URL 2: ' +
        'put id:, internal: or external: before it, or add --access-url',
    );
    const number = await run('rebuild', '--meeting', '1');
    expect(number).toMatchObject({ code: 2, stdout: '' });
    expect(number.stderr).toContain('1 may be the id of id 1 of access URL 1, or the external id of id 4 of access URL 1');
    expect(await run('verify', '--meeting', 'id:1')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^1 occurrences, /),
    });
  });

  it('exit 1 where something differs and nothing is mended, and 0 once it is', async () => {
    await damage('int-2');
    const difference = expect.stringContaining('messages is 77, the journal gives 1');
    expect(await run('verify')).toMatchObject({ code: 1, stdout: difference });
    expect(await run('rebuild', '--dry-run')).toMatchObject({ code: 1, stdout: difference });
    expect(await run('rebuild', '--meeting', 'int-2', '--dry-run')).toMatchObject({ code: 1, stdout: difference });
    expect(await run('verify', '--meeting', 'int-1')).toMatchObject({ code: 0 });
    expect(await run('rebuild', '--meeting', 'external:algebra', '--access-url', '1')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 mended'),
    });
    expect(await run('rebuild', '--dry-run')).toMatchObject({ code: 0 });
  });

  it('tell an error of the database without the values that it quotes', async () => {
    await damage('int-1');
    await fixture.store.prisma.$executeRawUnsafe(
      `ALTER TABLE conference_activity ADD CONSTRAINT few CHECK (messages >= 77 OR messages < 0) NOT VALID`,
    );
    const { code, stderr } = await run('rebuild', '--meeting', 'int-1');
    await fixture.store.prisma.$executeRawUnsafe(`ALTER TABLE conference_activity DROP CONSTRAINT few`);
    expect([code, stderr]).toEqual([2, expect.stringContaining('the database refused it (SQLSTATE 23514)\n    at ')]);
    for (const hidden of ['Failing row', 'conference_activity', 'Ada', 'Invalid `', 'few']) expect(stderr).not.toContain(hidden);
  });
});
