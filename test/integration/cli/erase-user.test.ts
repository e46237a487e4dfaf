import { eraseUser } from '@bbb-activity/app-cli/erase-user';
import { exportUser } from '@bbb-activity/app-cli/export-user';
import { applyBatch } from '@bbb-activity/store/apply-batch';
import { putRoster, readRoster } from '@bbb-activity/store/rosters';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { event } from '../store/store-fixture.js';
import { PersonalDataFixture } from './personal-data.js';

const joined = event({ kind: 'joined', at: 1_000, via: 'w_7aaaaaaaa', user: '7', name: 'Ada Lovelace' });
const BY_ID = ['{"userID":"7","cut', '<externalUserID>7</', 'it was w_7aaaaaaaa'];
const BY_NAME = 'hello Ada Lovelace';
const LOOSE = '{"count":7}';
const OF_ANOTHER = '{"userID":"17"}';

describe.each(['redis', 'postgres'] as const)('with the queue in %s', (kind) => {
  let fixture: PersonalDataFixture;
  let told: string[];

  beforeEach(async () => {
    fixture = await PersonalDataFixture.create(kind);
    told = [];
  });
  afterEach(() => fixture.close());

  const erase = (loose = false, user = '7') => eraseUser(fixture.data, user, { loose, print: (line) => void told.push(line) });
  const exported = async (loose = false, user = '7') => {
    let text = '';
    const outcome = await exportUser(fixture.data, user, loose, async (part) => {
      text += part;
    });
    return { document: JSON.parse(text) as Record<string, object[]>, ...outcome };
  };
  /** What the dead letters that nobody can read say. */
  const left = async () => (await exported(true).catch(() => ({ document: {} }))).document;

  it('an export holds the letters that tell of the person by an id, and tells of the others', async () => {
    await fixture.queue(joined);
    await fixture.sealed(...BY_ID, BY_NAME, LOOSE, OF_ANOTHER);
    await fixture.sealedOtherwise();
    const sure = await exported();
    expect(sure.document['queued']).toHaveLength(1);
    expect(sure.whole).toBe(false);
    expect(JSON.stringify(sure.document['deadLetters'])).not.toMatch(/hello|count|\\"17/);
    expect(sure.document['deadLetters']).toHaveLength(BY_ID.length);
    expect(sure.doubts).toEqual([
      expect.stringMatching(/^2 dead letters hold such a word.*--loose$/),
      expect.stringMatching(/^1 dead letters are sealed under another key/),
    ]);
    const all = await exported(true);
    expect(all.document['deadLetters']).toHaveLength(BY_ID.length + 2);
    expect(JSON.stringify(all.document)).toMatch(/hello/);
    expect(JSON.stringify(all.document)).not.toMatch(/\\"17/);
  });

  it('an erasure removes the letters that tell of the person by an id or a name, and no others unless it is told to', async () => {
    await fixture.queue(joined);
    await fixture.sealed(...BY_ID, BY_NAME, LOOSE, OF_ANOTHER);
    await fixture.sealedOtherwise();
    expect(await erase()).toBe(false);
    expect(told).toEqual([
      'meetings: 0',
      'connections: 0',
      'events of the journal: 0',
      'queued jobs: 1',
      `dead letters: 0 changed, ${BY_ID.length + 1} that could not be read removed`,
      expect.stringMatching(/^1 dead letters hold such a word.*--loose$/),
      expect.stringMatching(/^1 dead letters are sealed under another key/),
    ]);
    expect(JSON.stringify(await left())).toContain('count');
    await erase(true);
    expect(await fixture.letters.count()).toBe(2);
    await expect(exported(true)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('who is only in a letter that nobody can read is found, by an id', async () => {
    await fixture.sealed(LOOSE);
    await expect(erase()).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringMatching(/^nothing is stored about a user 7 of access URL 1; 1 dead letters hold such a word/),
    });
    await fixture.sealed(BY_ID[0] ?? '');
    expect(await erase()).toBe(true);
    expect(told).toContain('dead letters: 0 changed, 1 that could not be read removed');
  });

  it('who is only on a roster is given that, and is taken off it', async () => {
    const ada = { externalUserId: '7', name: 'Ada Lovelace' };
    await putRoster(fixture.data.store, 1, 'algebra', [ada, { externalUserId: '8', name: 'Bob' }]);
    await putRoster(fixture.data.store, 2, 'algebra', [ada]);
    await fixture.sealed(BY_NAME);
    expect((await exported()).document['rosters']).toEqual([
      { access_url_id: 1, remote_id: 'algebra', external_user_id: '7', name: 'Ada Lovelace' },
    ]);
    expect(await erase()).toBe(true);
    expect(told).toEqual(
      expect.arrayContaining([
        'rosters: taken off 1',
        // The roster told the name by which the letter was found.
        'dead letters: 0 changed, 1 that could not be read removed',
      ]),
    );
    expect((await readRoster(fixture.data.store, 1, 'algebra'))?.people).toEqual([{ externalUserId: '8', name: 'Bob' }]);
    expect((await readRoster(fixture.data.store, 2, 'algebra'))?.people).toEqual([ada]);
    await expect(exported()).rejects.toMatchObject({ code: 'not_found' });
  });

  it('the id of a connection is refused, and the external id to use is told', async () => {
    const refused = {
      code: 'only_a_connection',
      message:
        "w_7aaaaaaaa is the internal id of a connection in access URL 1, and no person's: use the external id of the person whose it is, --user 7",
    };
    const untied = event({ kind: 'message', at: 2_000, via: 'w_7aaaaaaaa', name: 'Ada Lovelace' });
    await fixture.queue(joined, untied);
    await expect(erase(false, 'w_7aaaaaaaa')).rejects.toMatchObject(refused);
    await applyBatch(fixture.data.store, [joined], { policy: 'register' });
    await expect(erase(false, 'w_7aaaaaaaa')).rejects.toMatchObject(refused);
    await expect(exported(false, 'w_7aaaaaaaa')).rejects.toMatchObject(refused);
    expect((await exported()).document['queued']).toHaveLength(2);
    expect(await fixture.data.store.prisma.erasedPerson.count()).toBe(0);
  });

  it('an internal id that stands for the person is taken, and what that does not reach is told', async () => {
    const untied = event({ kind: 'joined', at: 1_000, via: 'w_7aaaaaaaa', name: 'Ada Lovelace' });
    await applyBatch(fixture.data.store, [untied], { policy: 'register' });
    await fixture.queue(joined);
    await fixture.letter(joined);
    expect(await erase(false, 'w_7aaaaaaaa')).toBe(true);
    expect(told).toEqual(
      expect.arrayContaining(['meetings: 1', 'queued jobs: 1', expect.stringMatching(/^dead letters: 1 changed/)]),
    );
    expect(told.at(-1)).toMatch(/^the id is an internal one: /);
    await expect(exported()).rejects.toMatchObject({ code: 'not_found' });
  });

  it('who only owns a meeting that is announced in the queue is given that, and taken out of it', async () => {
    const announced = event({ kind: 'meeting_announced', at: 1_000, details: { meeting: { userId: 7 }, signedSeconds: 1 } });
    await fixture.queue(announced, event({ kind: 'meeting_announced', at: 2_000, details: { meeting: { userId: 8 } } }));
    await fixture.letter(announced);
    const { document } = await exported();
    expect([document['queued'], document['deadLetters']]).toMatchObject([[announced], [{ payload: announced }]]);
    expect(await erase()).toBe(true);
    expect(told).toEqual(expect.arrayContaining(['queued jobs: 1', expect.stringMatching(/^dead letters: 1 changed/)]));
    await expect(exported()).rejects.toMatchObject({ code: 'not_found' });
  });

  it('a job that cannot be decoded ends nothing half way, and is told at the end', async () => {
    await applyBatch(fixture.data.store, [joined], { policy: 'register' });
    await fixture.queue(joined, event({ kind: 'left', at: 2_000, via: 'w_7aaaaaaaa', user: '7' }), joined);
    const place = await fixture.spoilJob();
    expect(await erase()).toBe(false);
    expect(told).toContain('queued jobs: 2');
    expect(told.at(-1)).toMatch(new RegExp(`^1 queued jobs cannot be read and were passed over: ${place};`));
    await expect(exported()).rejects.toMatchObject({ code: 'not_found', message: expect.stringContaining(place) });
  });

  it('a letter is known by what it says after the erasure, so that its event, put aside again, is not kept twice', async () => {
    await applyBatch(fixture.data.store, [joined], { policy: 'register' });
    await fixture.data.store.prisma.conferenceMeeting.updateMany({ data: { sealedAt: new Date() } });
    const late = event({ kind: 'left', at: 9_000, via: 'w_7aaaaaaaa', user: '7', name: 'Ada Lovelace' });
    const again = async () => {
      const { sealed } = await applyBatch(fixture.data.store, [late], {
        policy: 'register',
        erasureKey: fixture.data.erasureKey,
      });
      for (const one of sealed) await fixture.letter(one);
    };
    await again();
    await again();
    expect(await fixture.letters.count()).toBe(1);
    await erase();
    await again();
    const { letters } = await fixture.letters.list({ limit: 10 });
    expect(letters).toHaveLength(1);
    expect(JSON.stringify(letters)).not.toMatch(/Ada|w_7a/);
  });
});
