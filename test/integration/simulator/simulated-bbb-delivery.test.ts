import { createHash } from 'node:crypto';
import { ManualClock } from '@bbb-activity/simulator/bbb-clock';
import { SENDER_RETRY_DELAYS_MS } from '@bbb-activity/simulator/retry-schedule';
import { SimulatedBbb, type SimulatedBbbOptions } from '@bbb-activity/simulator/simulated-bbb';
import type { RawEvent } from '@bbb-activity/simulator/webhook-delivery';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callApi, createHook, destroyHook } from '../../support/hook-calls.js';
import { type HookReceiver, startHookReceiver } from '../../support/hook-receiver.js';
import { until } from '../../support/until.js';

const SECRET = 'shared-secret';
const NOW = 1_795_471_485_000;
const RETRIES = SENDER_RETRY_DELAYS_MS.length;
let receiver: HookReceiver;
let bbb: SimulatedBbb;
let clock: ManualClock;
const closing: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  receiver = await startHookReceiver();
  closing.push(receiver);
});
afterEach(async () => {
  await Promise.all(closing.splice(0).map((one) => one.close()));
});

async function start(options: Partial<SimulatedBbbOptions> = {}): Promise<void> {
  clock = new ManualClock(NOW);
  bbb = await SimulatedBbb.start({ secret: SECRET, clock, ...options });
  closing.push(bbb);
}

const target = () => ({ url: bbb.url, secret: SECRET });
const hook = (path: string, more: Record<string, string> = {}) => createHook(target(), `${receiver.url}${path}`, more);

function event(id: string, meeting = 'm1'): RawEvent {
  const attributes = { meeting: { 'internal-meeting-id': `${meeting}-1`, 'external-meeting-id': meeting } };
  return { data: { type: 'event', id, attributes, event: { ts: clock.now() } } };
}

/** Lets the clock go on, step by step, until nothing is being tried any more. */
async function tryToTheEnd(): Promise<void> {
  let settled = false;
  const end = bbb.settled().then(() => {
    settled = true;
  });
  while (!settled) {
    await until('a try has ended', () => settled || clock.nextIn !== null);
    if (clock.nextIn !== null) clock.advance(clock.nextIn);
  }
  await end;
}

describe('what the simulated BBB server posts', () => {
  it.each([
    ['2.x', 'sha1'],
    ['3.0', 'sha256'],
    ['3.4', 'sha384'],
    ['3.5', 'sha512'],
  ] as const)('is signed as by %s, with %s', async (behaviour, algorithm) => {
    await start({ behaviour, hookChecksumAlgorithm: algorithm });
    await hook('/callback?a=1');
    const joined = event('user-joined');
    bbb.emit(joined);
    await bbb.settled();

    const [post] = receiver.posts;
    const fields = Object.fromEntries(new URLSearchParams(post?.body));
    expect(fields).toEqual({ domain: 'bbb.example.com', event: JSON.stringify([joined]), timestamp: String(NOW) });
    const order = behaviour === '2.x' ? 'event,timestamp,domain' : 'domain,event,timestamp';
    expect(Object.keys(fields).join()).toBe(order);
    const covered = {
      '2.x': JSON.stringify({ event: fields['event'], timestamp: NOW, domain: fields['domain'] }),
      '3.0': '{}',
      '3.4': post?.body,
      '3.5': post?.body,
    }[behaviour];
    const checksum = createHash(algorithm).update(`${receiver.url}/callback?a=1${covered}${SECRET}`).digest('hex');
    expect(post).toMatchObject({ method: 'POST', path: `/callback?a=1&checksum=${checksum}`, authorization: null });
  });

  it('begins the query with its checksum where the URL has none, and bears the secret instead where it is set to', async () => {
    await start();
    await hook('/a');
    bbb.emit(event('user-joined'));
    await bbb.settled();
    expect(receiver.posts[0]?.path).toMatch(/^\/a\?checksum=[0-9a-f]{40}$/);
    await start({ auth: 'bearer' });
    await hook('/b');
    bbb.emit(event('user-joined'));
    await bbb.settled();
    expect(receiver.posts[1]).toMatchObject({ path: '/b', authorization: `Bearer ${SECRET}` });
  });

  it('goes to all global hooks, and of a meeting to its older hook until that one is destroyed', async () => {
    await start();
    for (const path of ['/global-1', '/global-2']) await hook(path);
    const older = await hook('/older', { meetingID: 'm1' });
    await hook('/younger', { meetingID: 'm1' });
    await hook('/other', { meetingID: 'm2' });
    bbb.emit(event('user-joined'));
    await bbb.settled();
    await destroyHook(target(), older);
    bbb.emit(event('user-left'));
    await bbb.settled();
    for (const path of ['/global-1', '/global-2']) expect(receiver.events(path).toSorted()).toEqual(['user-joined', 'user-left']);
    expect(receiver.events('/older')).toEqual(['user-joined']);
    expect(receiver.events('/younger')).toEqual(['user-left']);
    expect(receiver.events('/other')).toEqual([]);
  });

  it("goes to all hooks of a meeting as by 2.x, and to any meeting's hook as by 3.0 to 3.3.1", async () => {
    await start({ behaviour: '2.x' });
    await hook('/old-1', { meetingID: 'm1' });
    await hook('/old-2', { meetingID: 'm1' });
    bbb.emit(event('user-joined'));
    await bbb.settled();
    expect([receiver.events('/old-1'), receiver.events('/old-2')]).toEqual([['user-joined'], ['user-joined']]);
    await start({ behaviour: '3.0' });
    await hook('/misled', { meetingID: 'm2' });
    bbb.emit(event('user-joined', 'm1'));
    await bbb.settled();
    expect(receiver.events('/misled')).toEqual(['user-joined']);
  });

  it.each([
    ['2.x', ['meeting-created', 'user-joined']],
    ['3.5', ['meeting-created']],
  ] as const)("reaches a meeting's hook where only the internal id is told as by %s", async (behaviour, arrived) => {
    await start({ behaviour });
    await hook('/', { meetingID: 'm1' });
    bbb.startMeeting({ externalId: 'm1', internalId: 'm1-1' });
    const attributes = { meeting: { 'internal-meeting-id': 'm1-1' } };
    bbb.emit({ data: { id: 'user-joined', attributes, event: { ts: NOW } } });
    await bbb.settled();
    expect(receiver.events()).toEqual(arrived);
  });

  it('is what the filter of the hook names, in any case, and internal messages for a raw hook, of which no filter names one', async () => {
    await start();
    await hook('/some', { eventID: 'User-Left,user-emoji-changed' });
    await hook('/raw', { getRaw: 'true' });
    await hook('/nothing', { getRaw: 'true', eventID: 'user-left' });
    for (const name of ['user-joined', 'user-left']) bbb.emit(event(name));
    await bbb.settled();
    expect(receiver.events('/some')).toEqual(['user-left']);
    expect(receiver.events('/raw').toSorted()).toEqual(['UserJoinedEvtMsg', 'UserLeftEvtMsg']);
    expect(receiver.events('/nothing')).toEqual([]);
    expect(bbb.lostEvents()).toEqual([]);
  });

  it('holds several events where they had to wait and the server is set to it', async () => {
    await start({ otherwise: { eventsPerPost: 3 } });
    await hook('/');
    const names = ['1', '2', '3', '4', '5'].map((number) => `event-${number}`);
    for (const name of names) bbb.emit(event(name));
    await bbb.settled();
    expect(receiver.posts.map(({ events }) => events)).toEqual([['event-1'], ['event-2', 'event-3', 'event-4'], ['event-5']]);
    expect(bbb.acknowledged().map((one) => one.event.data.id)).toEqual(names);
  });

  it('tells when a meeting ends that those inside have left', async () => {
    await start();
    await hook('/', { meetingID: 'm1' });
    const { internalId } = bbb.startMeeting({ externalId: 'm1' });
    const meeting = { 'internal-meeting-id': internalId, 'external-meeting-id': 'm1' };
    const user = { 'internal-user-id': 'w_1', 'external-user-id': '42', name: 'Ada' };
    bbb.emit({ data: { id: 'user-joined', attributes: { meeting, user }, event: { ts: clock.now() } } });
    expect(bbb.meetings()[0]?.inside.size).toBe(1);
    bbb.endMeeting('m1');
    await bbb.settled();
    expect(bbb.told().map(({ data }) => data.id)).toEqual(['meeting-created', 'user-joined', 'user-left', 'meeting-ended']);
    expect(bbb.told()[2]?.data).toMatchObject({ attributes: { meeting, user }, event: { ts: NOW + 1 } });
    expect(bbb.told()[3]?.data.event.ts).toBe(NOW);
    expect(receiver.events().toSorted()).toEqual(
      bbb
        .told()
        .map(({ data }) => data.id)
        .toSorted(),
    );
    expect(bbb.meetings()).toEqual([]);
  });
});

describe('what the simulated BBB server takes for delivered', () => {
  it.each([200, 204, 299, 401])('%i: it is sent once', async (status) => {
    await start();
    await hook('/');
    receiver.answer(() => status);
    bbb.emit(event('user-joined'));
    await bbb.settled();
    expect(receiver.posts).toHaveLength(1);
    expect(bbb.acknowledged()).toHaveLength(1);
    expect(clock.nextIn).toBeNull();
  });

  it('a 302 whose target takes the GET that became of it; a 307 keeps the POST', async () => {
    await start();
    await hook('/a');
    receiver.answer(({ path }) => (path.startsWith('/a') ? [302, '/moved'] : 200));
    bbb.emit(event('user-joined'));
    await bbb.settled();
    expect(receiver.posts.map(({ method, path, body }) => [method, path.slice(0, 6), body === ''])).toEqual([
      ['POST', '/a?che', false],
      ['GET', '/moved', true],
    ]);
    receiver.answer(({ path }) => (path.startsWith('/a') ? [307, '/kept'] : 200));
    bbb.emit(event('user-left'));
    await bbb.settled();
    expect(receiver.posts.at(-1)).toMatchObject({ method: 'POST', path: '/kept', events: ['user-left'] });
    expect(bbb.acknowledged()).toHaveLength(2);
  });

  it.each([302, 400, 403, 404, 405, 500, 503])('not %i: it is sent again', async (status) => {
    await start({ behaviour: '2.x' });
    await hook('/');
    receiver.answer(() => [status, '/moved']);
    bbb.emit(event('user-joined'));
    await until('the next try is set', () => clock.nextIn === SENDER_RETRY_DELAYS_MS[0]);
    expect(bbb.sent()).toEqual([expect.objectContaining({ status, attempt: 1 })]);
    expect(bbb.acknowledged()).toEqual([]);
  });

  it('nothing that is not answered in time, and nothing that nobody listens to', async () => {
    await start({ answerTimeoutMs: 50 });
    await hook('/');
    receiver.answer(() => null);
    bbb.emit(event('user-joined'));
    await until('the next try is set', () => clock.nextIn !== null);
    await receiver.close();
    closing.shift();
    clock.advance(100);
    await until('the second try has ended', () => bbb.sent().length === 2);
    expect(bbb.sent().map(({ status }) => status)).toEqual([null, null]);
  });
});

describe('retries of the simulated BBB server', () => {
  it('come at the intervals of the real one, with the same bytes, and end with the hook deleted', async () => {
    await start({ behaviour: '3.4' });
    await hook('/');
    receiver.answer(() => 500);
    bbb.emit(event('user-joined'));
    await tryToTheEnd();
    const times = bbb.sent().map(({ at }) => at);
    expect(times.slice(1).map((at, index) => at - (times[index] ?? 0))).toEqual(SENDER_RETRY_DELAYS_MS);
    expect(clock.now() - NOW).toBe(295_600);
    expect(new Set(receiver.posts.map(({ path, body }) => path + body)).size).toBe(1);
    expect(bbb.hooks()).toEqual([]);
    expect(bbb.hookChanges().map(({ change, at }) => [change, at - NOW])).toEqual([
      ['created', 0],
      ['given-up', 295_600],
    ]);

    receiver.answer(() => 200);
    bbb.emit(event('user-left'));
    await bbb.settled();
    expect(receiver.events()).not.toContain('user-left');
    expect(bbb.lostEvents().map((lost) => [lost.event.data.id, lost.reason])).toEqual([
      ['user-joined', 'given-up'],
      ['user-left', 'no-hook'],
    ]);
    await hook('/');
    bbb.emit(event('meeting-ended'));
    await bbb.settled();
    expect(bbb.acknowledged().map((one) => one.event.data.id)).toEqual(['meeting-ended']);
  });

  it('leave the hook of 3.5 in memory: listed, a duplicate, served, and gone after a restart', async () => {
    await start({ behaviour: '3.5' });
    const id = await hook('/');
    receiver.answer(() => 500);
    for (const name of ['user-joined', 'poll-started']) bbb.emit(event(name));
    await tryToTheEnd();
    expect(bbb.hooks()).toEqual([expect.objectContaining({ id })]);
    expect(await callApi(target(), 'hooks/create', { callbackURL: `${receiver.url}/` })).toContain('duplicateWarning');
    receiver.answer(() => 200);
    bbb.emit(event('user-left'));
    await bbb.settled();
    expect(bbb.acknowledged().map((one) => one.event.data.id)).toEqual(['user-left']);
    bbb.restart();
    expect(bbb.hooks()).toEqual([]);
    expect(bbb.hookChanges().map(({ change }) => change)).toEqual(['created', 'given-up', 'forgotten']);
  });

  it('may leave a hook listed but dead, until it is destroyed and created again', async () => {
    await start({ otherwise: { deletion: 'listed-dead' } });
    const id = await hook('/dead', { meetingID: 'm1' });
    await hook('/starved', { meetingID: 'm1' });
    receiver.answer(() => 500);
    bbb.emit(event('user-joined'));
    await tryToTheEnd();
    receiver.answer(() => 200);
    bbb.emit(event('user-left'));
    await bbb.settled();
    expect(receiver.events()).not.toContain('user-left');
    expect(bbb.lostEvents().map(({ reason }) => reason)).toEqual(['given-up', 'no-hook']);
    expect(await hook('/dead', { meetingID: 'm1' })).toBe(id);
    await destroyHook(target(), id);
    bbb.emit(event('user-left'));
    await bbb.settled();
    expect(receiver.events('/starved')).toEqual(['user-left']);
  });

  it('of one event hold no other back, but as by 2.x, where they go in order and are lost with the hook', async () => {
    await start({ behaviour: '3.4' });
    await hook('/');
    receiver.answer(({ events }) => (events.includes('poison') ? 500 : 200));
    for (const name of ['poison', 'user-left']) bbb.emit(event(name));
    await until('the other one is delivered', () => bbb.acknowledged().length === 1);

    await start({ behaviour: '2.x' });
    await hook('/old');
    for (const name of ['user-joined', 'poison', 'user-left']) bbb.emit(event(name));
    await tryToTheEnd();
    expect(receiver.events('/old')).toEqual(['user-joined', ...Array.from({ length: RETRIES + 1 }, () => 'poison')]);
    expect(bbb.lostEvents().map((lost) => lost.event.data.id)).toEqual(['poison', 'user-left']);
  });

  it('go on to the old URL when the hook is destroyed meanwhile', async () => {
    await start();
    const id = await hook('/');
    receiver.answer(() => 503);
    bbb.emit(event('user-joined'));
    await until('the next try is set', () => clock.nextIn !== null);
    await destroyHook(target(), id);
    receiver.answer(() => 200);
    clock.advance(100);
    await bbb.settled();
    expect(bbb.acknowledged()).toHaveLength(1);
  });

  it('never end for a permanent hook', async () => {
    await start({ permanentUrls: [`${receiver.url}/`] });
    receiver.answer(() => (receiver.posts.length > RETRIES + 3 ? 200 : 500));
    bbb.emit(event('user-joined'));
    await tryToTheEnd();
    expect(receiver.posts).toHaveLength(RETRIES + 4);
    expect(bbb.hooks()).toHaveLength(1);
    expect(bbb.acknowledged()).toHaveLength(1);
  });

  it('bring an event twice where only its answer got lost', async () => {
    await start({ losesAnswer: ({ attempt }) => attempt === 1 });
    await hook('/');
    bbb.emit(event('user-joined'));
    await tryToTheEnd();
    expect(receiver.posts.map(({ path, body }) => path + body)).toEqual(
      Array(2).fill(`${receiver.posts[0]?.path}${receiver.posts[0]?.body}`),
    );
    expect(bbb.acknowledged()).toHaveLength(1);
  });

  it('leave an event open until the last hook has had its tries', async () => {
    await start({ behaviour: '3.4', permanentUrls: [`${receiver.url}/permanent`] });
    await hook('/');
    receiver.answer(() => 500);
    bbb.emit(event('user-joined'));
    while (bbb.hooks().length > 1) {
      await until('all posts are answered', () => bbb.posting() === 0);
      clock.advance(clock.nextIn ?? 0);
    }
    expect([bbb.acknowledged(), bbb.lostEvents()]).toEqual([[], []]);
    bbb.restart();
    await bbb.settled();
    expect(bbb.lostEvents()).toHaveLength(1);
  });

  it('know after a restart another hook as the older one', async () => {
    await start();
    await hook('/older', { meetingID: 'm1' });
    await hook('/younger', { meetingID: 'm1' });
    bbb.restart({ reversed: true });
    bbb.emit(event('user-joined'));
    await bbb.settled();
    expect([receiver.events('/older'), receiver.events('/younger')]).toEqual([[], ['user-joined']]);
    expect(bbb.hooks()[0]?.callbackUrl).toContain('/younger');
  });

  it('end with the program: what was being tried is lost, and the hooks stay', async () => {
    await start();
    await hook('/');
    receiver.answer(() => 500);
    bbb.emit(event('user-joined'));
    await until('the next try is set', () => clock.nextIn !== null);
    bbb.restart();
    await bbb.settled();
    expect(bbb.lostEvents().map(({ reason }) => reason)).toEqual(['restart']);
    receiver.answer(() => 200);
    bbb.emit(event('user-left'));
    await bbb.settled();
    expect(receiver.events()).toEqual(['user-joined', 'user-left']);
  });
});
