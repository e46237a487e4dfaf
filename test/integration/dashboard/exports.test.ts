import { clock } from '@bbb-activity/app-dashboard/export-rows';
import { applyBatch } from '@bbb-activity/store/apply-batch';
import { putRoster } from '@bbb-activity/store/rosters';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectParticipants, readExpected } from '../../support/expected-recording.js';
import { applyRecording } from '../../support/recorded-events.js';
import { event } from '../store/store-fixture.js';
import { DashboardPlace } from './dashboard-place.js';

type Row = Readonly<Record<string, string>>;

const T = Date.UTC(2026, 0, 5, 8);
const DAY = 86_400_000;
/** Each would do something in a spreadsheet, or end a cell too early. */
const HOSTILE = ['=HYPERLINK("http://x")', '+1+1', '-2', '@SUM(A1)', '\t=1', 'a "b", c; d', 'two\nlines', 'Zoë 👩‍🏫', "'quoted"];

let place: DashboardPlace;
let strange: string;

beforeAll(async () => {
  place = await DashboardPlace.create();
  await applyRecording(place.store, 'quiet');
  await applyRecording(place.store, 'flaky');
  const here = { meeting: 'strange', room: '=room' };
  await applyBatch(
    place.store,
    [
      event({ ...here, kind: 'meeting_created', at: T, details: { meeting: { title: '=1+1;"x"' } } }),
      ...HOSTILE.map((name, index) => event({ ...here, kind: 'joined', at: T + index, user: `u${index}`, name })),
      event({ ...here, kind: 'reaction', at: T + 1_000, user: 'u0', details: { emoji: '👍' } }),
      event({ ...here, kind: 'reaction', at: T + 1_001, user: 'u0', details: { emoji: '❤️' } }),
      event({ ...here, kind: 'reaction', at: T + 1_002, user: 'u0', details: { emoji: '👍' } }),
      event({ ...here, kind: 'left', at: T + 60_000, user: 'u0' }),
      event({ ...here, kind: 'joined', at: T + 120_000, user: 'u0' }),
      event({ ...here, kind: 'meeting_ended', at: T + DAY + 10_989_000 }),
    ],
    { policy: 'register' },
  );
  await putRoster(place.store, 1, '=room', [
    { externalUserId: 'u0', name: 'Known' },
    { externalUserId: 'absent', name: '=Absent' },
  ]);
  strange = (await place.get('/api/meetings?remoteId=%3Droom')).json().items[0].id;
});
afterAll(() => place.close());

async function csv(url: string, delimiter = ','): Promise<Row[]> {
  const answer = await place.get(url);
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8; header=present']);
  // Strict: a line with another number of cells, or a quote in the wrong place, throws.
  return parse(answer.rawPayload, { bom: true, columns: true, delimiter, record_delimiter: '\r\n' });
}

describe.each(['quiet', 'flaky'] as const)('the CSV of the %s recording', (name) => {
  it('read by a CSV parser has the expected numbers, and those of the API', async () => {
    const expected = await readExpected(name);
    const { id } = (await place.get(`/api/meetings?remoteId=${expected.meeting.extId}`)).json().items[0];
    const rows = await csv(`/api/meetings/${id}/export`);
    const told = rows.map((row) => ({
      externalUserId: row['user_id'] ?? '',
      sessions: Number(row['sessions']),
      onlineSeconds: Number(row['online_seconds']),
      talkSeconds: Number(row['talk_seconds']),
      talkSource: row['talk_source'] ?? '',
      microphoneSeconds: Number(row['microphone_seconds']),
      cameraSeconds: Number(row['camera_seconds']),
      messages: Number(row['messages']),
      reactions: Number(row['reactions']),
      reactionsBreakdown: breakdownOf(row['reactions_breakdown'] ?? ''),
      hands: Number(row['hands']),
      online: row['last_left_utc'] === '',
    }));
    expectParticipants(told, expected);
    const { items } = (await place.get(`/api/meetings/${id}/participants`)).json();
    expect(told).toEqual(
      items.map((item: object) =>
        expect.objectContaining(Object.fromEntries(Object.keys(told[0] ?? {}).map((key) => [key, Reflect.get(item, key)]))),
      ),
    );
    for (const row of rows) {
      for (const kind of ['online', 'talk', 'microphone', 'camera', 'screenshare', 'meeting_duration'])
        expect(row[kind]).toBe(clock(Number(row[`${kind}_seconds`])));
    }
    // Each session is a row, and the times of a person's add up to the person's.
    const sessions = await csv(`/api/meetings/${id}/export?rows=session`);
    for (const { externalUserId, sessions: count, onlineSeconds } of told) {
      const own = sessions.filter((row) => row['user_id'] === externalUserId);
      expect(own.map((row) => row['session'])).toEqual(Array.from({ length: count }, (_, index) => `${index + 1}`));
      const sum = own.reduce((total, row) => total + Number(row['online_seconds']), 0);
      expect(onlineSeconds - sum).toBeGreaterThanOrEqual(0);
      expect(onlineSeconds - sum).toBeLessThan(count);
    }
  });
});

function breakdownOf(text: string): Record<string, number> {
  return Object.fromEntries([...text.matchAll(/(\S+) (\d+)/g)].map(([, emoji = '', count]) => [emoji, Number(count)]));
}

describe('a CSV', () => {
  it('begins with the byte order mark, has CRLF, a head, and a name of its own', async () => {
    const answer = await place.get(`/api/meetings/${strange}/export`);
    expect(answer.rawPayload.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    expect(answer.headers['content-disposition']).toBe(`attachment; filename="meeting-${strange}-participants.csv"`);
    const text = answer.rawPayload.toString('utf8');
    expect(text.slice(1)).toMatch(/^meeting_id,access_url_id,room_id,/);
    expect(text.replaceAll('\r\n', '')).not.toContain('\r');
    expect(text.endsWith('\r\n')).toBe(true);
  });

  it.each([
    ['comma', ','],
    ['semicolon', ';'],
    ['tab', '\t'],
  ])('separated by %s holds every text whole, and none that a spreadsheet takes for a formula', async (separator, delimiter) => {
    const rows = await csv(`/api/meetings/${strange}/export?separator=${separator}`, delimiter);
    const harmless = (text: string) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
    const names = new Map(rows.map((row) => [row['user_id'], row['name']]));
    for (const [index, name] of HOSTILE.entries()) expect(names.get(`u${index}`), name).toBe(harmless(name));
    for (const row of rows) for (const cell of Object.values(row)) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
    expect(rows[0]).toMatchObject({ meeting: `'=1+1;"x"`, room_id: "'=room" });
  });

  it('tells hours beyond 24, absentees, and what people reacted with', async () => {
    const rows = await csv(`/api/meetings/${strange}/export`);
    const of = (id: string) => rows.find((row) => row['user_id'] === id);
    expect(of('u1')).toMatchObject({
      online: '27:03:08',
      online_seconds: '97388',
      meeting_duration: '27:03:09',
      meeting_began_utc: '2026-01-05 08:00:00',
      meeting_ended_utc: '2026-01-06 11:03:09',
      attendance: 'present',
    });
    expect(of('u0')).toMatchObject({ sessions: '2', reactions: '3', reactions_breakdown: '👍 2 ❤️ 1' });
    expect(of('absent')).toMatchObject({
      attendance: 'absent',
      name: "'=Absent",
      sessions: '0',
      online: '00:00:00',
      first_joined_utc: '',
    });
    expect(rows).toHaveLength(HOSTILE.length + 1);
  });
});

describe('an export of many meetings', () => {
  it('has the meetings of a filter, the newest first, and each whole', async () => {
    const all = await csv('/api/export');
    const meetings = [...new Set(all.map((row) => row['meeting_id']))];
    const listed = (await place.get('/api/meetings')).json().items.map(({ id }: { id: string }) => id);
    expect(meetings).toEqual(listed);
    expect(await csv('/api/export?remoteId=%3Droom')).toEqual(await csv(`/api/meetings/${strange}/export`));
    expect(await csv('/api/export?title=nothing')).toEqual([]);
  });

  it('as JSON is what the API tells of each', async () => {
    const answer = await place.get('/api/export?format=json');
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    const { items } = answer.json();
    expect(items).toHaveLength(3);
    for (const { meeting, ...told } of items) {
      const { at: _at, ...people } = (await place.get(`/api/meetings/${meeting.id}/participants`)).json();
      expect(told).toMatchObject(people);
    }
    expect((await place.get('/api/export?format=json&title=nothing')).json()).toEqual({ items: [] });
  });
});
