import { BbbClient } from '@bbb-activity/bbb/bbb-client';
import { kindOfName } from '@bbb-activity/events/event-names';
import { readRecording } from '@bbb-activity/simulator/recording';
import { recordingPath } from '@bbb-activity/simulator/recording-path';
import type { SimulatedBbbOptions } from '@bbb-activity/simulator/simulated-bbb';
import { recordedMeeting, roomOf } from '@bbb-activity/simulator/told-meeting';
import type { RawEvent } from '@bbb-activity/simulator/webhook-delivery';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startHookReceiver } from '../../support/hook-receiver.js';
import { KEYS } from '../../support/ingress-server.js';
import { share } from '../../support/share.js';
import { type HookWorld, openHookWorld } from './hook-world.js';

const MINUTE = 60_000;
let events: readonly RawEvent[];
let room: string;
let world: HookWorld | undefined;

beforeAll(async () => {
  events = recordedMeeting(await readRecording(recordingPath('quiet')));
  room = roomOf(events) ?? '';
});
afterEach(async () => {
  await world?.close();
  world = undefined;
});

const stretchTo = (minutes: number) =>
  (minutes * MINUTE) / ((events.at(-1)?.data.event.ts ?? 0) - (events[0]?.data.event.ts ?? 0));
const idOf = (name: string, at: number) => `${name.toLowerCase()} ${at}`;

/** No delivery proves itself, so that the URL's 15 minutes hold. One in three loses its answers for three minutes, and is tried again on the URL that it began with. */
const STRICT: Partial<SimulatedBbbOptions> = {
  otherwise: { checksumCovers: 'constant', knowsMeetingByInternalId: true },
  losesAnswer: ({ events: [told], attempt }) => attempt < 11 && (told?.data.event.ts ?? 0) % 3 === 0,
};

describe('a meeting of two hours, with the 15-minute rule on and no checksum over a body', () => {
  const ways = [
    ['3.4', 'per_meeting'],
    ['3.0', 'per_meeting'],
    ['3.5', 'global'],
  ] as const;
  it.each(share(ways, ([behaviour]) => behaviour !== '3.4'))(
    'loses no event of a server of %s with hooks %s, and leaves none of ours',
    async (behaviour, scope) => {
      world = await openHookWorld({ ...STRICT, behaviour }, { scope });
      const { bbb, hooks, clock, ingress } = world;
      await hooks.ensureHookForMeeting(room);
      const played = bbb.play(events, { stretch: stretchTo(120) });
      for (let minute = 0; minute < 122; minute += 1) {
        await world.pass(1, { room });
        expect(bbb.hooks()).toHaveLength(scope === 'per_meeting' && bbb.meetings().length === 0 ? bbb.hooks().length : 1);
      }
      await played;
      await world.pass(8, { room });
      if (scope === 'global') await world.tenant({ enabled: false }).look(1);
      await bbb.settled();
      expect(bbb.hooks()).toEqual([]);
      expect(bbb.lostEvents()).toEqual([]);
      expect(bbb.acknowledged()).toHaveLength(events.length);

      // Posts of an old URL were among those that came again.
      expect(bbb.sent().some(({ attempt, hook, at }) => attempt > 9 && at - hook.createdAt > 8 * MINUTE)).toBe(true);
      expect([...world.answers.keys()]).toEqual([200]);
      const created = bbb.hookChanges().filter(({ change }) => change === 'created');
      expect(created.length).toBeGreaterThanOrEqual(13);
      expect(created.length).toBeLessThanOrEqual(26);
      const [health] = await hooks.checkWebhooksHealth();
      expect(health?.gaps.filter(({ cause }) => cause !== 'silent')).toEqual([]);

      const known = bbb.told().filter(({ data }) => kindOfName(data.id) !== null);
      const posted = bbb.sent().filter(({ events: [told] }) => kindOfName(told?.data.id ?? '') !== null).length;
      const taken = await ingress.queued(posted);
      expect(new Set(taken.map(({ name, at }) => idOf(name, at)))).toEqual(
        new Set(known.map(({ data }) => idOf(data.id, data.event.ts))),
      );
      expect(clock.now()).toBeGreaterThan(bbb.told()[0]?.data.event.ts ?? 0);
    },
  );
});

describe('a receiver that is down for longer than the sender tries', () => {
  it.each([
    ['the hook is gone, and the watch was away too', '3.4', 'at-once', false, 'per_meeting'],
    ['the hook is listed and dead, and the watch was away too', '3.5', 'listed-dead', false, 'per_meeting'],
    ['the hook is listed and dead', '3.5', 'listed-dead', true, 'global'],
  ] as const)(
    'gets all again within a minute, and every event lost stands in a gap: %s',
    async (_what, behaviour, deletion, watched, scope) => {
      world = await openHookWorld({ behaviour, otherwise: { deletion, knowsMeetingByInternalId: true } }, { scope });
      const { bbb, hooks, clock } = world;
      await hooks.ensureHookForMeeting(room);
      const played = bbb.play(events, { stretch: stretchTo(50) });
      await world.pass(15, { room });
      const downAt = clock.now();
      world.down = true;
      await world.pass(12, { room, watched });
      world.down = false;
      const backAt = clock.now();
      expect(bbb.hookChanges().some(({ change }) => change === 'given-up')).toBe(true);
      await world.pass(40, { room });
      await played;
      await bbb.settled();

      const lost = bbb.lostEvents();
      expect(lost.length).toBeGreaterThan(5);
      const lateness = lost.filter(({ at }) => at > backAt + MINUTE);
      expect(lateness).toEqual([]);
      const [health] = await hooks.checkWebhooksHealth();
      const gaps = health?.gaps ?? [];
      const isTold = (at: number) =>
        gaps.some(({ from, to }) => Date.parse(from) <= at && at <= (to === null ? clock.now() : Date.parse(to)));
      expect(lost.filter(({ at }) => !isTold(at)).map(({ at }) => (at - downAt) / MINUTE)).toEqual([]);
      // A gap is told of the time when something was missing, and not of any other.
      for (const { cause, from, to, meetings } of gaps.filter((gap) => gap.cause === 'lost' || Date.parse(gap.from) < backAt)) {
        expect(['lost', 'silent']).toContain(cause);
        expect(Date.parse(from)).toBeGreaterThan(downAt - 6 * MINUTE);
        expect(Date.parse(to ?? '')).toBeLessThan(backAt + 3 * MINUTE);
        expect(meetings).toEqual([room]);
      }
      const made = bbb.hookChanges().filter(({ change, at }) => change === 'created' && at >= backAt && at <= backAt + MINUTE);
      if (!watched) expect(made).toHaveLength(1);
      const history = (await hooks.history()).map(({ event, reason }) => `${event}: ${reason}`);
      if (!watched && deletion === 'at-once')
        expect(history).toEqual(expect.arrayContaining(['lost: not_listed', 'registered: lost']));
      if (scope === 'per_meeting') expect(bbb.hooks()).toEqual([]);
    },
  );

  it.each([
    ['per_meeting', '3.4'],
    ['global', '3.4'],
  ] as const)('tells the gap of a meeting that ended meanwhile, with hooks %s', async (scope, behaviour) => {
    world = await openHookWorld({ behaviour, otherwise: { knowsMeetingByInternalId: true } }, { scope });
    const { bbb, hooks, clock } = world;
    await hooks.ensureHookForMeeting(room);
    const played = bbb.play(events, { stretch: stretchTo(30) });
    await world.pass(22, { room });
    world.down = true;
    await world.pass(16, { room });
    expect(bbb.meetings()).toEqual([]);
    world.down = false;
    await world.pass(4, { room });
    await played;
    await bbb.settled();
    const lost = bbb.lostEvents();
    expect(lost.some(({ event }) => event.data.id === 'meeting-ended')).toBe(true);
    const [health] = await hooks.checkWebhooksHealth();
    const gaps = health?.gaps ?? [];
    expect(gaps.map(({ cause }) => cause)).toContain('lost');
    const isTold = (at: number) =>
      gaps.some(({ from, to, meetings }) => meetings.includes(room) && Date.parse(from) <= at && at <= Date.parse(to ?? ''));
    expect(lost.filter(({ at }) => !isTold(at)).map(({ at }) => (at - clock.now()) / MINUTE)).toEqual([]);
    expect(gaps.every(({ to }) => to !== null)).toBe(true);
  });
});

describe("another program's hook that stands before ours", () => {
  it('takes no event from us once the watch has looked, and is left alone', async () => {
    const lms = await startHookReceiver();
    world = await openHookWorld({ behaviour: '3.5', otherwise: { knowsMeetingByInternalId: true } }, {});
    const { bbb, hooks, clock } = world;
    const client = new BbbClient({ url: bbb.url, secret: KEYS.BBB_SECRET });
    const other = await client.createHook({ callbackUrl: `${lms.url}/its-own`, meetingId: room, eventNames: [] });
    await hooks.ensureHookForMeeting(room);
    const played = bbb.play(events, { stretch: stretchTo(30) });
    await world.pass(1, { room });
    const mendedAt = clock.now();
    await world.pass(17, { room });
    const targets = () => bbb.hooks().map(({ id, meetingId }) => (id === other.hookId ? 'foreign' : meetingId));
    expect(new Set(targets())).toEqual(new Set(['foreign', null, room]));
    expect(targets()).toHaveLength(3);
    expect(lms.posts.length).toBeGreaterThan(0);
    await client.destroyHook(other.hookId);
    await world.pass(1, { room });
    expect(targets()).toEqual([room]);
    await world.pass(21, { room });
    await played;
    await bbb.settled();
    expect(bbb.hooks()).toEqual([]);
    await lms.close();

    const reached = bbb.sent().filter(({ hook, status }) => hook.id !== other.hookId && status === 200);
    const heard = new Set(reached.flatMap((post) => post.events.map(({ data }) => idOf(data.id, data.event.ts))));
    const missed = bbb.told().filter(({ data }) => !heard.has(idOf(data.id, data.event.ts)));
    expect(missed.length).toBeGreaterThan(0);
    expect(missed.length).toBeLessThan(events.length / 2);
    const gap = (await hooks.checkWebhooksHealth())[0]?.gaps.find(({ cause }) => cause === 'starved');
    expect(gap).toMatchObject({ meetingId: room, to: new Date(mendedAt).toISOString() });
    // The server's times are cut to whole ms, and the meeting begins with its first event.
    for (const { data } of missed) {
      expect(data.event.ts).toBeGreaterThanOrEqual(Date.parse(gap?.from ?? ''));
      expect(data.event.ts).toBeLessThanOrEqual(mendedAt);
    }
  });
});
