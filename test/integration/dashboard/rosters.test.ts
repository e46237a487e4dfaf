import { applyBatch } from '@bbb-activity/store/apply-batch';
import { putRoster } from '@bbb-activity/store/rosters';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { event } from '../store/store-fixture.js';
import { ADMIN_TOKEN, DashboardPlace } from './dashboard-place.js';

describe('the roster of a room', () => {
  let place: DashboardPlace;

  beforeAll(async () => {
    place = await DashboardPlace.create();
  });
  afterAll(() => place?.close());

  const url = (room: string) => `/api/rosters/${encodeURIComponent(room)}?accessUrlId=1`;
  const put = (payload: string | Buffer | object, type = 'text/csv', room = 'algebra') =>
    place.app.inject({
      method: 'PUT',
      url: url(room),
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': type },
      payload,
    });
  const people = async (room = 'algebra') =>
    (await place.get(url(room)))
      .json()
      .people.map((one: { externalUserId: string; name: string | null }) => [one.externalUserId, one.name]);

  it.each([
    ['comma', 'user_id,name\r\n7,"Ruiz, Ana"\r\n\r\n8,Zoë\r\n'],
    ['semicolon, with other columns and a byte order mark', '\uFEFFGroup;User_ID;Name\nA;7;Ruiz, Ana\nB;8;Zoë'],
    ['tab', 'name\tid\nRuiz, Ana\t7\nZoë\t8\n'],
  ])('is taken from a CSV separated by %s', async (_what, csv) => {
    const answer = await put(csv);
    expect([answer.statusCode, answer.json().people.length]).toEqual([200, 2]);
    expect(await people()).toEqual([
      ['7', 'Ruiz, Ana'],
      ['8', 'Zoë'],
    ]);
  });

  it('needs no names, and takes the last of what is told of a person', async () => {
    expect((await put('user_id\n7\n8\n7\n')).json().people).toHaveLength(2);
    expect((await put('user_id,name\n7,A\n7,B\n')).json().people).toEqual([{ externalUserId: '7', name: 'B' }]);
  });

  it.each([
    ['no column of ids', 'name\nAna\n', /^line 1 must name a column user_id$/],
    ['nothing', '', /^line 1 must name/],
    [
      'ids that are missing',
      'user_id,name\n7,A\n,B\n\n ,C\n',
      /^line 3: the user id is missing; line 5: the user id is missing$/,
    ],
    ['a cell of two lines before', 'user_id,name\n7,"A\nB"\n,C\n', /^line 4: the user id is missing$/],
    ['an id too long', `user_id\n${'7'.repeat(256)}\n`, /^line 2: the user id is longer than 255 characters$/],
    ['a NUL', 'user_id,name\n7,A\u0000\n', /^line 2: the name holds a NUL character$/],
    [
      'another character set',
      Buffer.from('user_id,name\n7,Zo\u00EB\n', 'latin1'),
      /^line 2: the name is not UTF-8: save the file as "CSV UTF-8"$/,
    ],
    ['a quote that is not closed', 'user_id,name\n7,"A\n8,B\n', /^this is no CSV: .*line 3/],
    ['many mistakes', `user_id,name\n${',x\n'.repeat(12)}`, /^(line \d: the user id is missing; ){5}and 7 more$/],
  ])('is refused by its lines where it has %s, and the one there was stays', async (_what, csv, message) => {
    await putRoster(place.store, 1, 'algebra', [{ externalUserId: '1', name: 'Before' }]);
    const answer = await put(csv);
    const problems = { problems: expect.any(Array), furtherProblems: expect.any(Number) };
    expect([answer.statusCode, answer.json()]).toEqual([
      400,
      { error: 'bad_request', message: expect.stringMatching(message), ...problems },
    ]);
    expect(await people()).toEqual([['1', 'Before']]);
  });

  it('is refused with the lines and their problems by code, for programs', async () => {
    expect((await put(`user_id,name\n7,A\n${',x\n'.repeat(6)}`)).json()).toEqual({
      error: 'bad_request',
      message: expect.any(String),
      problems: [3, 4, 5, 6, 7].map((line) => ({ line, code: 'id_missing' })),
      furtherProblems: 1,
    });
    expect((await put('')).json().problems).toEqual([{ line: 1, code: 'no_id_column' }]);
    expect((await put({ persons: [] }, 'application/json')).json()).toEqual({
      error: 'bad_request',
      message: expect.any(String),
    });
  });

  it('holds ten thousand people and no more, as CSV or as JSON', async () => {
    const ids = Array.from({ length: 10_001 }, (_, index) => `person-${index}`);
    expect((await put(`user_id\n${ids.slice(1).join('\n')}`)).json().people).toHaveLength(10_000);
    expect((await put(`user_id\n${ids.join('\n')}`)).statusCode).toBe(400);
    const json = (some: readonly string[]) => ({ people: some.map((externalUserId) => ({ externalUserId })) });
    expect((await put(json(ids.slice(1)), 'application/json')).statusCode).toBe(200);
    expect((await put(json(ids), 'application/json')).statusCode).toBe(400);
  });

  it('makes absentees show in its meetings and its attendance, until it is removed', async () => {
    await applyBatch(
      place.store,
      [
        event({ kind: 'joined', at: 1_000, meeting: 'run', room: 'chemistry', user: '7', name: 'Ana' }),
        event({ kind: 'meeting_ended', at: 61_000, meeting: 'run', room: 'chemistry' }),
      ],
      { policy: 'register' },
    );
    await put('user_id,name\n7,Ana\n9,Bram\n', 'text/csv', 'chemistry');
    const [{ id }] = (await place.get('/api/meetings?remoteId=chemistry')).json().items;
    expect((await place.get(`/api/meetings/${id}`)).json().roster).toEqual({ expected: 2, absent: 1 });
    expect((await place.get(`/api/meetings/${id}/participants`)).json().absentees).toEqual([
      { externalUserId: '9', name: 'Bram' },
    ]);
    const attendance = async () => (await place.get('/api/attendance?accessUrlId=1&remoteId=chemistry')).json().people;
    expect(await attendance()).toMatchObject([
      { externalUserId: '7', expected: true, share: 1 },
      { externalUserId: '9', name: 'Bram', expected: true, cells: [null], meetings: 0, share: 0 },
    ]);
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    expect((await place.app.inject({ method: 'DELETE', url: url('chemistry'), headers })).statusCode).toBe(204);
    expect((await place.app.inject({ method: 'DELETE', url: url('chemistry'), headers })).statusCode).toBe(404);
    expect((await place.get(url('chemistry'))).statusCode).toBe(404);
    expect((await attendance()).map(({ externalUserId }: { externalUserId: string }) => externalUserId)).toEqual(['7']);
  });
});
