import { applyBatch } from '@bbb-activity/store/apply-batch';
import { removeUser } from '@bbb-activity/store/dashboard-users';
import { listMeetings } from '@bbb-activity/store/meeting-queries';
import { EVERYTHING } from '@bbb-activity/store/read-scope';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../support/until.js';
import { event } from '../store/store-fixture.js';
import { ADMIN_TOKEN, DashboardPlace, linkTo } from './dashboard-place.js';

const AT = 1_800_000_000_000;

let place: DashboardPlace;
let address: string;
let clock = AT;
const ids = new Map<string, string>();
const idOf = (room: string) => ids.get(room) ?? '';
const opened: Listener[] = [];

beforeAll(async () => {
  place = await DashboardPlace.create({ overrides: { livePingMs: 50 } });
  address = await place.app.listen({ host: '127.0.0.1', port: 0 });
  await change('one');
  await change('two');
  await change('three', 2);
  for (const { id, remoteId } of (await listMeetings(place.store, EVERYTHING)).items) ids.set(remoteId ?? '', id);
});
afterEach(() => {
  for (const listener of opened.splice(0)) listener.close();
});
afterAll(() => place.close());

/** Somebody joins. */
async function change(room: string, accessUrlId = 1): Promise<void> {
  clock += 1_000;
  await applyBatch(place.store, [event({ kind: 'joined', at: clock, meeting: room, room, user: `${clock}`, accessUrlId })], {
    policy: 'register',
  });
}

/** A browser's EventSource, as far as it matters: what came of each event. */
class Listener {
  readonly events: { readonly name: string; readonly meetingId: string | null }[] = [];
  readonly #abort = new AbortController();
  isEnded = false;

  static async open(headers: Record<string, string>, query = ''): Promise<Listener> {
    const listener = new Listener();
    opened.push(listener);
    const answer = await fetch(`${address}/api/live${query}`, { headers, signal: listener.#abort.signal });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    void listener.#read(answer.body).finally(() => {
      listener.isEnded = true;
    });
    await until('the stream says hello', () => listener.count('hello') > 0);
    return listener;
  }

  count(name: 'hello' | 'changed', meetingId?: string): number {
    return this.events.filter((one) => one.name === name && (meetingId === undefined || one.meetingId === meetingId)).length;
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(body: ReadableStream<Uint8Array> | null): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    try {
      for await (const part of body ?? []) {
        text += decoder.decode(part, { stream: true });
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) {
          const [, name] = /^event: (.+)$/m.exec(block) ?? [];
          const [, data = '{}'] = /^data: (.+)$/m.exec(block) ?? [];
          if (name !== undefined) this.events.push({ name, meetingId: JSON.parse(data).meetingId ?? null });
        }
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) throw error;
    }
  }
}

const ADMIN = { authorization: `Bearer ${ADMIN_TOKEN}` };

describe('live changes', () => {
  it('are told to every client, each those that it may read and asked for', async () => {
    const viewer = await place.browserOf('viewer of two', 'viewer', 2);
    const link = await place.byLink(linkTo('one'));
    const [all, one, ofSecond, byLink] = await Promise.all([
      Listener.open(ADMIN),
      Listener.open(ADMIN, `?meeting=${idOf('one')}`),
      Listener.open({ cookie: viewer.cookie }),
      Listener.open({ cookie: link.cookie }),
    ]);
    await change('two');
    await change('one');
    await change('three', 2);
    await until('all changes are told', () => ['one', 'two', 'three'].every((room) => all.count('changed', idOf(room)) > 0));
    await until(
      'each hears of its own',
      () => one.count('changed') > 0 && byLink.count('changed') > 0 && ofSecond.count('changed') > 0,
    );
    // Told in their order, so that what came last says that the others would have come before.
    expect(new Set(one.events.map(({ meetingId }) => meetingId))).toEqual(new Set([null, idOf('one')]));
    expect(new Set(byLink.events.map(({ meetingId }) => meetingId))).toEqual(new Set([null, idOf('one')]));
    expect(new Set(ofSecond.events.map(({ meetingId }) => meetingId))).toEqual(new Set([null, idOf('three')]));
  });

  it('of one meeting are told once for many at once, and the last one is never left out', async () => {
    const listener = await Listener.open(ADMIN);
    for (let index = 0; index < 20; index += 1) await change('one');
    // Once, where all of them came in the half second after a change that was told before; else again after it.
    await until('the changes are told', () => listener.count('changed', idOf('one')) > 0);
    expect(listener.count('changed', idOf('one'))).toBeLessThan(20);
    const { items } = (await place.get(`/api/meetings/${idOf('one')}/participants`)).json();
    const told = listener.count('changed', idOf('one'));
    await change('one');
    await until('the last change is told', () => listener.count('changed', idOf('one')) > told);
    expect((await place.get(`/api/meetings/${idOf('one')}/participants`)).json().items).toHaveLength(items.length + 1);
  });

  it('are not missed by a client that was away: it is told to read anew as soon as it is back', async () => {
    const first = await Listener.open(ADMIN);
    first.close();
    await until('the stream has ended', () => first.isEnded);
    await change('two');
    const again = await Listener.open({ ...ADMIN, 'last-event-id': '1' });
    expect(again.events[0]).toEqual({ name: 'hello', meetingId: null });
    await change('two');
    await until('changes are told again', () => again.count('changed', idOf('two')) > 0);
  });

  it('are not missed while the database was away: all are told to read anew, and hear of changes again', async () => {
    const listeners = await Promise.all([Listener.open(ADMIN), Listener.open(ADMIN)]);
    const admin = new pg.Client({ connectionString: place.fixture.database.url });
    await admin.connect();
    const { rows } = await admin.query(`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query = 'LISTEN conference_change'`);
    await admin.end();
    expect(rows).toHaveLength(1);
    for (const listener of listeners) await until('all are told to read anew', () => listener.count('hello') === 2);
    await change('one');
    for (const listener of listeners) await until('changes are told again', () => listener.count('changed', idOf('one')) > 0);
  });

  it('are told of a meeting that is gone too, to who may read all', async () => {
    await change('four');
    const { items } = await listMeetings(place.store, EVERYTHING, { remoteId: 'four' });
    const listener = await Listener.open(ADMIN);
    await place.store.prisma.conferenceMeeting.delete({ where: { id: BigInt(items[0]?.id ?? 0) } });
    await until('the deletion is told', () => listener.count('changed', items[0]?.id) > 0);
  });

  it('end with the login that asked for them: at once where one logs out, and soon where it ended otherwise', async () => {
    const [leaving, staying, removed] = await Promise.all(
      ['leaving', 'staying', 'removed'].map((name) => place.browserOf(name, 'viewer', 1)),
    );
    const streams = await Promise.all(
      [leaving, staying, removed].map((browser) => Listener.open({ cookie: browser?.cookie ?? '' })),
    );
    await leaving?.inject({ method: 'POST', url: '/api/logout' });
    await until('the stream has ended', () => streams[0]?.isEnded);
    await removeUser(place.store, 'removed');
    await until('the stream has ended', () => streams[2]?.isEnded);
    expect(streams[1]?.isEnded).toBe(false);
    await change('one');
    await until('who stays is told', () => (streams[1]?.count('changed') ?? 0) > 0);
  });

  it('end when the server closes, so that it can', async () => {
    const another = await DashboardPlace.create();
    const own = await another.app.listen({ host: '127.0.0.1', port: 0 });
    const answer = await fetch(`${own}/api/live`, { headers: ADMIN });
    // No connection is kept idle, for which the server would wait.
    expect(answer.headers.get('connection')).toBe('close');
    const rest = answer.text();
    await another.close();
    expect(await rest).toContain('retry: 2000');
  });
});
