import { tellMissingSettings, watchHooks } from '@bbb-activity/app-worker/hook-watch';
import { HookError } from '@bbb-activity/bbb/hook-errors';
import { RENEW_AFTER_MS } from '@bbb-activity/bbb/hook-plan';
import type { Hooks } from '@bbb-activity/bbb/hooks';
import { applyBatch } from '@bbb-activity/store/apply-batch';
import { HookLedger } from '@bbb-activity/store/hook-ledger';
import { forgetHookHistory } from '@bbb-activity/store/hook-records';
import { createLogger } from '@bbb-activity/telemetry/logger';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { event } from '../store/store-fixture.js';
import { type HooksPlace, MINUTE, openHooksPlace } from './hooks-place.js';

let place: HooksPlace;
let lines: string[];

beforeAll(async () => {
  place = await openHooksPlace();
});
afterAll(() => place.close());
beforeEach(async () => {
  await place.clear();
  lines = [];
});

const log = () => createLogger({ app: 'worker', level: 'trace', to: { write: (line) => lines.push(line) } });
const look = (hooks: Hooks) => watchHooks(hooks, log(), new AbortController().signal);
const listed = () => place.server.hooks.map(({ meetingId }) => meetingId);
const foreign = (meetingId: string) => ({
  id: `f-${meetingId}`,
  callbackUrl: 'https://lms.example.org/x',
  meetingId,
  eventId: null,
  permanent: false,
});
const told = async () =>
  (await place.hooks().history())
    .toReversed()
    .map((one) => `${one.event}: ${one.reason}${one.meetingId === null ? '' : ` ${one.meetingId}`}`);
const gaps = async () =>
  (await place.hooks().checkWebhooksHealth())[0]?.gaps.map(({ cause, meetingId, from, to }) => ({
    cause,
    meetingId,
    from: Date.parse(from),
    to: to && Date.parse(to),
  }));

/** Looks once a minute. */
async function minutes(count: number, hooks: Hooks, each: (minute: number) => void | Promise<void> = () => undefined) {
  for (let minute = 0; minute < count; minute += 1) {
    place.now += MINUTE;
    await each(minute);
    await look(hooks);
  }
}

/** Something arrives of a meeting now, as the database sees it. */
async function arrive(meeting: string) {
  const one = event({ kind: 'joined', at: place.now, meeting: null, room: meeting, via: null, user: '42' });
  await applyBatch(place.store, [one], { policy: 'register' });
  await place.store.prisma.conferenceEvent.updateMany({
    where: { identity: Buffer.from(one.identity, 'hex') },
    data: { receivedAt: new Date(place.now) },
  });
}

describe('the watch', () => {
  it('makes a hook for each meeting that goes on, renews it in time, and removes it after the end', async () => {
    const hooks = place.hooks();
    place.server.running.add('a').add('b');
    const ages: number[] = [];
    await look(hooks);
    expect(listed()).toEqual(['a', 'b']);
    await minutes(30, hooks, async () => {
      await arrive('a');
      await arrive('b');
      for (const { callbackUrl } of place.server.hooks) ages.push(place.now - Number(/ts=(\d+)/.exec(callbackUrl)?.[1]) * 1_000);
      expect(listed().toSorted()).toEqual(['a', 'b']);
    });
    expect(Math.max(...ages)).toBeLessThan(9 * MINUTE);
    expect(Math.max(...ages)).toBeGreaterThanOrEqual(RENEW_AFTER_MS);
    place.server.running.clear();
    await minutes(8, hooks);
    expect(listed()).toEqual([]);
    expect(await place.store.prisma.webhookHook.count()).toBe(0);
    const history = await told();
    expect(history.filter((one) => one === 'renewed: due a')).toHaveLength(4);
    expect(history.slice(-2).toSorted()).toEqual(['removed: ended a', 'removed: ended b']);
  });

  it('keeps one global hook, with its cover unbroken', async () => {
    const hooks = place.hooks({ scope: 'global' });
    await minutes(25, hooks, () => expect(listed().length).toBeLessThanOrEqual(1));
    expect(listed()).toEqual([null]);
    const [row] = await new HookLedger(place.store).records(1).known();
    expect(place.now - (row?.coveredSince ?? 0)).toBe(24 * MINUTE);
    expect(await gaps()).toEqual([]);
  });

  it('makes anew what is gone, and tells from when to when something may be missing, and of which meetings', async () => {
    const hooks = place.hooks({ scope: 'global' });
    place.server.running.add('a').add('b');
    await look(hooks);
    await minutes(3, hooks, () => arrive('a'));
    const heard = place.now;
    place.server.hooks.splice(0);
    place.now += MINUTE;
    expect(await look(hooks)).toMatchObject({ lost: 1, registered: 1, problems: 0 });
    expect(listed()).toEqual([null]);
    expect((await gaps())?.filter(({ cause }) => cause === 'lost')).toEqual([
      { cause: 'lost', meetingId: null, from: heard, to: place.now },
    ]);
    expect((await hooks.history()).find((one) => one.event === 'lost')).toMatchObject({ meetings: ['a', 'b'] });
    expect((await told()).slice(-2)).toEqual(['lost: not_listed', 'registered: lost']);
    expect(lines.join('')).toContain('hooks were gone');
  });

  it('tells what was missed of a meeting that had begun before', async () => {
    place.server.running.add('a');
    await look(place.hooks());
    expect(await gaps()).toEqual([{ cause: 'missed', meetingId: 'a', from: 1_795_471_485_962, to: place.now }]);
  });

  it('leaves a gap open while no hook can be made', async () => {
    const hooks = place.hooks();
    await hooks.ensureHookForMeeting('a');
    place.server.running.add('a');
    place.server.hooks.splice(0);
    place.server.refuse.add('hooks/create');
    await look(hooks);
    expect((await gaps())?.[0]).toMatchObject({ cause: 'lost', meetingId: 'a', to: null });
    expect(lines.join('')).toContain('refuses a hook');
    await minutes(2, hooks);
    place.server.refuse.clear();
    await minutes(1, hooks);
    expect((await gaps())?.filter(({ cause }) => cause === 'lost')).toEqual([
      { cause: 'lost', meetingId: 'a', from: expect.any(Number), to: place.now },
    ]);
    expect(listed()).toEqual(['a']);
  });

  it('replaces what has another filter or an earlier address, with no loss', async () => {
    place.server.running.add('a');
    await place.hooks({}, 'https://before.example.org').ensureHookForMeeting('a');
    await look(place.hooks());
    expect(place.server.hooks.map(({ callbackUrl }) => new URL(callbackUrl).host)).toEqual(['here.example.org']);
    await look(place.hooks({ filter: ['user-joined'] }));
    expect(place.server.hooks.map(({ eventId }) => eventId)).toEqual(['meeting-ended,participantjoined,user-joined,user_joined']);
    expect((await told()).filter((one) => one.startsWith('renewed'))).toEqual(['renewed: changed a', 'renewed: changed a']);
  });

  it('goes over from one scope to the other', async () => {
    place.server.running.add('a').add('b');
    await look(place.hooks());
    await look(place.hooks({ scope: 'global' }));
    expect(listed()).toEqual([null]);
    await look(place.hooks());
    expect(listed().toSorted()).toEqual(['a', 'b']);
  });

  it('removes ours where webhooks are switched off, and then asks the server no more', async () => {
    place.server.running.add('a');
    await look(place.hooks());
    await look(place.hooks({ enabled: false }));
    expect(listed()).toEqual([]);
    place.server.forgetCalls();
    await look(place.hooks({ enabled: false }));
    expect(place.server.calls).toEqual([]);
  });

  it('finds a hook that is listed and dead by its silence, and tells how long that was', async () => {
    const hooks = place.hooks();
    place.server.running.add('dead').add('alive');
    await look(hooks);
    const [dead] = place.server.hooks;
    await minutes(5, hooks, () => arrive('alive'));
    expect(place.server.hooks.map(({ id }) => id)).not.toContain(dead?.id);
    expect((await told()).filter((one) => one.includes('silen'))).toEqual([
      'renewed: silence dead',
      'silent: no_deliveries dead',
    ]);
    await minutes(3, hooks, () => arrive('alive'));
    expect((await gaps())?.filter(({ cause }) => cause === 'silent')).toMatchObject([{ meetingId: 'dead', to: null }]);
    await minutes(1, hooks, async () => {
      await arrive('alive');
      await arrive('dead');
    });
    expect((await gaps())?.filter(({ cause }) => cause === 'silent')).toEqual([
      { cause: 'silent', meetingId: 'dead', from: place.now - 9 * MINUTE, to: place.now },
    ]);
  });

  it('lets a global hook stand in where a foreign hook stands before ours, and leaves that one alone', async () => {
    const hooks = place.hooks();
    place.server.running.add('a');
    place.server.hooks.push(foreign('a'));
    await look(hooks);
    const since = place.now;
    expect(listed()).toEqual(['a', 'a', null]);
    expect((await hooks.checkWebhooksHealth())[0]).toMatchObject({ ok: true, problems: [] });
    // By the global hook the meeting is heard again; the foreign one is there as before.
    await minutes(12, hooks, () => arrive('a'));
    expect(listed().toSorted()).toEqual(['a', 'a', null].toSorted());
    expect((await told()).filter((one) => one.startsWith('starved'))).toHaveLength(1);
    expect((await gaps())?.find(({ cause }) => cause === 'starved')).toMatchObject({ meetingId: 'a', to: since });
    expect(place.server.hooks.map(({ id }) => id)).toContain('f-a');
    place.server.hooks.splice(0, 1);
    await minutes(1, hooks);
    expect(listed()).toEqual(['a']);
    expect((await told()).at(-1)).toBe('removed: scope');
  });

  it('tells of a foreign hook that stands before ours, once, until it is gone, where a global one would get what is others', async () => {
    const hooks = place.hooks([place.tenant(), place.tenant({ accessUrlId: 2 })]);
    await hooks.ensureHookForMeeting('a', 1);
    const [ours] = place.server.hooks.splice(0);
    place.server.running.add('a');
    if (ours !== undefined) place.server.hooks.push(foreign('a'), ours);
    await look(hooks);
    await minutes(6, hooks);
    expect(listed()).toEqual(['a', 'a']);
    const history = await hooks.history(1);
    expect(history.filter((one) => one.event === 'starved')).toHaveLength(1);
    expect(history.filter((one) => one.reason === 'silence')).toEqual([]);
    expect((await hooks.checkWebhooksHealth(1))[0]?.problems).toMatchObject([{ kind: 'starved', meetingId: 'a' }]);
    place.server.hooks.splice(0, 1);
    await minutes(1, hooks);
    expect((await hooks.history(1)).find((one) => one.event === 'starved')?.to).toBe(new Date(place.now).toISOString());
  });

  it('renews what is there, makes and removes nothing else, while the server does not tell its meetings', async () => {
    const hooks = place.hooks();
    place.server.running.add('a');
    await look(hooks);
    place.server.refuse.add('getMeetings');
    place.server.running.add('b').delete('a');
    const ages: number[] = [];
    await minutes(25, hooks, () => {
      for (const { callbackUrl } of place.server.hooks) ages.push(place.now - Number(/ts=(\d+)/.exec(callbackUrl)?.[1]) * 1_000);
      expect(listed()).toEqual(['a']);
    });
    expect(Math.max(...ages)).toBeLessThan(9 * MINUTE);
    expect((await hooks.checkWebhooksHealth())[0]).toMatchObject({ ok: false, problems: [{ kind: 'refused' }] });
    place.server.refuse.clear();
    await minutes(9, hooks);
    expect(listed()).toEqual(['b']);
    expect((await told()).filter((one) => one.startsWith('unanswered'))).toHaveLength(1);
  });

  it('keeps the global hook young while the server does not tell its meetings', async () => {
    const hooks = place.hooks({ scope: 'global' });
    place.server.refuse.add('getMeetings');
    await look(hooks);
    await minutes(20, hooks, () => expect(listed()).toEqual([null]));
    expect((await told()).filter((one) => one === 'renewed: due')).toHaveLength(2);
  });

  it('knows its own hooks after the salt was changed, by what was written down, and replaces them', async () => {
    place.server.running.add('a');
    await look(place.hooks({ salts: ['the salt before'] }));
    const [before] = place.server.hooks;
    // Signed by nobody knows whom, at our address.
    if (before !== undefined)
      place.server.hooks.push({ ...before, id: 'x', meetingId: 'b', callbackUrl: `${before.callbackUrl}0` });
    await look(place.hooks());
    expect(place.server.hooks.map(({ id }) => id)).not.toContain(before?.id);
    expect(place.server.hooks.map(({ id }) => id)).toContain('x');
    expect((await told()).filter((one) => one.startsWith('renewed'))).toEqual(['renewed: changed a']);
    expect(await place.store.prisma.webhookHook.count()).toBe(1);
  });

  it('knows a hook by the salt that is on its way out, also where no row tells of it, and signs the next with the new one', async () => {
    place.server.running.add('a');
    await look(place.hooks({ salts: ['old'] }));
    await place.store.prisma.webhookHook.deleteMany();
    const signature = () => place.server.hooks.map(({ callbackUrl }) => callbackUrl.slice(callbackUrl.indexOf('ts=')));
    const before = signature();
    await look(place.hooks({ salts: ['new', 'old'] }));
    expect(listed()).toEqual(['a']);
    const after = signature();
    expect(after).not.toEqual(before);
    // Once the old one is gone nothing has to be done: the hook is right by the new one alone.
    expect(await look(place.hooks({ salts: ['new'] }))).toMatchObject({ renewed: 0, registered: 0, removed: 0 });
    expect(signature()).toEqual(after);
  });

  it('tells a gap where a meeting ended while its hook was lost, and none where its end was heard', async () => {
    const hooks = place.hooks();
    place.server.running.add('heard').add('unheard');
    await look(hooks);
    await minutes(3, hooks, async () => {
      await arrive('heard');
      await arrive('unheard');
    });
    const heard = place.now;
    const end = event({ kind: 'meeting_ended', at: place.now, meeting: null, room: 'heard', via: null });
    await applyBatch(place.store, [end], { policy: 'register' });
    place.server.running.clear();
    place.server.hooks.splice(0);
    await minutes(4, hooks);
    expect((await gaps())?.filter(({ cause }) => cause === 'lost')).toEqual([
      { cause: 'lost', meetingId: 'unheard', from: heard, to: heard + 3 * MINUTE },
    ]);
    expect((await told()).slice(-2).toSorted()).toEqual(['lost: not_listed unheard', 'removed: gone heard']);
    expect(await place.store.prisma.webhookHook.count()).toBe(0);
  });

  it.each([
    [
      'hook_duplicate',
      new HookError('hook_duplicate', 'the BBB server takes every callback URL for one that it has already'),
      false,
    ],
    ['TypeError', new TypeError('no function'), true],
    ['Error', new Error('never seen before'), true],
  ])('goes on with the other access URLs where one comes to an error of its own: %s', async (name, broken, fails) => {
    place.server.running.add('a');
    const hooks = place.hooks([place.tenant({ accessUrlId: 2 })]);
    const both: Pick<Hooks, 'accessUrlIds' | 'look'> = {
      accessUrlIds: [1, 2],
      look: (id) => (id === 1 ? Promise.reject(broken) : hooks.look(id)),
    };
    const run = watchHooks(both, log(), new AbortController().signal);
    // What nobody foresaw makes the run a failed one, once the others had their turn.
    if (fails) await expect(run).rejects.toBe(broken);
    else expect(await run).toMatchObject({ failed: 1, registered: 1 });
    expect(listed()).toEqual(['a']);
    expect(lines.join('')).toContain(name);
  });

  it('sees to the other meetings where the server takes every URL of one for known', async () => {
    const hooks = place.hooks();
    place.server.running.add('a').add('b');
    place.server.duplicates.add('a');
    expect(await look(hooks)).toMatchObject({ registered: 1, problems: 1, failed: 0 });
    expect(listed()).toEqual(['b']);
    expect(lines.join('')).toContain('takes every callback URL');
    expect((await hooks.ensureAll()).refused).toMatchObject([{ target: 'a', error: { code: 'hook_duplicate' } }]);
  });

  it('asks a server that does not answer once for all access URLs that have it', async () => {
    const hooks = place.hooks([place.tenant(), place.tenant({ accessUrlId: 2 }), place.tenant({ accessUrlId: 3 })]);
    let asked = 0;
    place.server.replace((_, response) => {
      asked += 1;
      response.end('It works!');
    });
    await minutes(20, hooks);
    expect(asked).toBe(7);
    place.server.replace(null);
    await minutes(5, hooks);
    expect(await look(hooks)).toMatchObject({ failed: 0, resting: 0 });
  });

  it('does not let an access URL rest for what the server refuses another one', async () => {
    place.server.running.add('a');
    place.server.refusedAlgorithms.add('sha1');
    const hooks = place.hooks([
      place.tenant({ scope: 'global' }),
      place.tenant({ accessUrlId: 2, scope: 'global', bbbAlgorithm: 'sha256' }),
    ]);
    const ages: number[] = [];
    await minutes(20, hooks, () => {
      for (const { callbackUrl } of place.server.hooks) ages.push(place.now - Number(/ts=(\d+)/.exec(callbackUrl)?.[1]) * 1_000);
    });
    expect((await hooks.history(1)).map(({ reason }) => reason)).toEqual(['checksumError']);
    expect(ages).toHaveLength(19);
    expect(Math.max(...ages)).toBeLessThan(9 * MINUTE);
  });

  it('removes the hooks of an access URL that is configured no more, and no other', async () => {
    place.server.running.add('a');
    await look(place.hooks([place.tenant({ accessUrlId: 2, salts: ['of the second'] })]));
    place.server.hooks.push(foreign('b'));
    const [orphaned] = place.server.hooks;
    const records = new HookLedger(place.store).records(2);
    const silent = {
      event: 'silent',
      reason: 'no_deliveries',
      target: 'a',
      hookId: null,
      at: place.now,
      from: place.now,
      to: null,
    };
    await records.open({ ...silent, meetings: ['a'] });
    const hooks = place.hooks();
    const orphan = { accessUrlId: 2, ok: false, problems: [{ kind: 'not_configured' }] };
    expect((await hooks.checkWebhooksHealth())[0]).toMatchObject(orphan);
    expect(await hooks.checkWebhooksHealth(2)).toMatchObject([orphan]);
    await look(hooks);
    expect(place.server.hooks.map(({ id }) => id)).not.toContain(orphaned?.id);
    expect(listed().toSorted()).toEqual(['a', 'b']);
    expect(await hooks.history(2, 1)).toMatchObject([{ event: 'removed', reason: 'unconfigured' }]);
    expect(await records.openEntries()).toEqual([]);
    expect((await hooks.checkWebhooksHealth()).map(({ accessUrlId }) => accessUrlId)).toEqual([1]);
    await expect(hooks.checkWebhooksHealth(2)).rejects.toMatchObject({ code: 'unknown_access_url' });
    await expect(hooks.history(3)).rejects.toMatchObject({ code: 'unknown_access_url' });
  });

  it('forgets a day later what nobody can remove', async () => {
    await look(place.hooks([place.tenant({ accessUrlId: 2, scope: 'global' })]));
    place.server.hooks.splice(0);
    await look(place.hooks());
    expect(await place.store.prisma.webhookHook.count({ where: { accessUrlId: 2 } })).toBe(1);
    place.now += 25 * 60 * MINUTE;
    await look(place.hooks());
    expect(await place.store.prisma.webhookHook.count({ where: { accessUrlId: 2 } })).toBe(0);
  });

  it('tells of no foreign hook before ours while something of the meeting arrives: not every server starves', async () => {
    const hooks = place.hooks();
    place.server.running.add('a');
    place.server.hooks.push(foreign('a'));
    await look(hooks);
    await minutes(8, hooks, () => arrive('a'));
    expect((await gaps())?.filter(({ cause }) => cause === 'starved')).toMatchObject([{ to: expect.any(Number) }]);
    expect((await hooks.checkWebhooksHealth())[0]?.problems).toEqual([]);
    expect((await told()).filter((one) => one === 'renewed: due a')).toHaveLength(1);
  });

  it('of two access URLs of one server each sees to its own meetings', async () => {
    const tenants = [place.tenant(), place.tenant({ accessUrlId: 2 })];
    const hooks = place.hooks(tenants);
    place.server.running.add('one').add('two').add('nobody');
    await hooks.ensureHookForMeeting('one', 1);
    await applyBatch(
      place.store,
      [event({ kind: 'meeting_announced', at: place.now, meeting: null, room: 'two', accessUrlId: 2 })],
      { policy: 'register' },
    );
    await place.store.prisma.conferenceMeeting.updateMany({ where: { remoteId: 'two' }, data: { announcedAt: new Date() } });
    await look(hooks);
    await minutes(10, hooks);
    const own = place.server.hooks.map(({ callbackUrl }) => /au=(\d)&mid=([a-z]*)/.exec(callbackUrl)?.slice(1));
    expect(own.toSorted()).toEqual([
      ['1', 'one'],
      ['2', 'two'],
    ]);
  });

  it('leaves a server that does not answer alone for longer and longer, and tells until when it was so', async () => {
    const hooks = place.hooks();
    let asked = 0;
    place.server.replace((_, response) => {
      asked += 1;
      response.end('It works!');
    });
    const from = place.now + MINUTE;
    await minutes(20, hooks);
    expect(asked).toBe(7);
    expect(lines.filter((line) => line.includes('does not tell its hooks'))).toHaveLength(7);
    expect(await hooks.checkWebhooksHealth()).toMatchObject([{ server: { failingSince: new Date(from).toISOString() } }]);
    place.server.replace(null);
    await minutes(5, hooks);
    expect(await hooks.history()).toMatchObject([
      { event: 'unanswered', reason: 'bbb_answer', from: new Date(from).toISOString(), to: expect.any(String) },
    ]);
    expect(await hooks.checkWebhooksHealth()).toMatchObject([{ ok: true, server: { failingSince: null } }]);
  });

  it('waits for nobody, not even for its own process', async () => {
    const hooks = place.hooks();
    let done = (): void => undefined;
    const ledger = new HookLedger(place.store);
    const busy = new Promise<void>((end) => {
      done = end;
    });
    const first = ledger.exclusively(1, 0, () => busy);
    expect(await ledger.exclusively(1, 0, async () => 'second')).toBeNull();
    const patient = ledger.exclusively(1, 60_000, async () => 'third');
    done();
    expect(await first).not.toBeNull();
    expect(await patient).toEqual({ result: 'third' });
    expect(await look(hooks)).toMatchObject({ failed: 0 });
  });

  it('does nothing while another process is at it', async () => {
    const ledger = new HookLedger(place.store);
    await ledger.exclusively(1, 0, async () => {
      expect(await place.hooks().look(1)).toEqual({ outcome: 'busy' });
    });
    expect(place.server.calls).toEqual([]);
  });

  it('says what is not set, and goes on', async () => {
    const hooks = place.hooks({}, null);
    tellMissingSettings(
      hooks,
      { file: null, all: new Map([[1, { ...place.tenant(), kernelSecrets: [], filterSource: '', allowUntimed: false }]]) },
      log(),
    );
    expect(lines.join('')).toContain('PUBLIC_URL is not set');
    expect(await look(hooks)).toMatchObject({ failed: 0, registered: 0 });
    expect(place.server.calls).toEqual([]);
  });
});

describe('the history', () => {
  it('goes with its age, what still is so excepted', async () => {
    const records = new HookLedger(place.store).records(1);
    const entry = {
      event: 'lost',
      reason: 'not_listed',
      target: 'a',
      hookId: '1',
      at: place.now - 100 * 86_400_000,
      from: place.now - 100 * 86_400_000,
      to: null,
      meetings: [],
    };
    await records.tell(entry);
    await records.tell({ ...entry, to: place.now });
    await records.tell({ ...entry, event: 'registered', from: null, to: null });
    await records.tell({ ...entry, event: 'registered', from: null, at: place.now });
    expect(await forgetHookHistory(place.store.statements, 90)).toBe(2);
    expect(await forgetHookHistory(place.store.statements, 90)).toBe(0);
  });
});
