import { ManualClock, scaledClock } from '@bbb-activity/simulator/bbb-clock';
import { readRecording } from '@bbb-activity/simulator/recording';
import { RECORDING_NAMES, recordingPath } from '@bbb-activity/simulator/recording-path';
import { SimulatedBbb } from '@bbb-activity/simulator/simulated-bbb';
import { recordedMeeting, roomOf, scriptedMeeting } from '@bbb-activity/simulator/told-meeting';
import { type RawEvent, textAt } from '@bbb-activity/simulator/webhook-delivery';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHook, destroyHook } from '../../support/hook-calls.js';
import { type HookReceiver, startHookReceiver } from '../../support/hook-receiver.js';
import { until } from '../../support/until.js';

const SECRET = 'shared-secret';
const MINUTE = 60_000;
let receiver: HookReceiver;
const closing: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  receiver = await startHookReceiver();
  closing.push(receiver);
});
afterEach(async () => {
  await Promise.all(closing.splice(0).map((one) => one.close()));
});

const lengthOf = (events: readonly RawEvent[]) => (events.at(-1)?.data.event.ts ?? 0) - (events[0]?.data.event.ts ?? 0);
const idsOf = (events: readonly RawEvent[]) => events.map(({ data }) => data.id);

describe('meetings that the simulated BBB server plays', () => {
  it.each(RECORDING_NAMES)('have what happened in the recording %s, each thing once', async (name) => {
    const events = recordedMeeting(await readRecording(recordingPath(name)), '-again');
    expect(events).toHaveLength({ quiet: 125, flaky: 217 }[name]);
    expect([idsOf(events)[0], idsOf(events).at(-1)?.slice(0, 4)]).toEqual(['meeting-created', 'user']);
    expect(JSON.stringify(events[0])).toMatch(/"internal-meeting-id":"[0-9a-f]+-[0-9]+-again"/);
  });

  it('may be generated: every run of the room is begun before all else and ended', () => {
    const meetings = Array.from({ length: 60 }, (_, index) => scriptedMeeting(index + 1)).filter((events) => events.length > 0);
    expect(meetings.length).toBeGreaterThan(40);
    for (const events of meetings) {
      const runIds = new Set(events.map((event) => textAt(event, 'meeting', 'internal-meeting-id')));
      for (const id of runIds) {
        const run = events.filter((event) => textAt(event, 'meeting', 'internal-meeting-id') === id);
        expect(idsOf(run).indexOf('meeting-created')).toBe(0);
        expect(idsOf(run)).toContain('meeting-ended');
      }
      expect(new Set(events.map((event) => roomOf([event])))).toEqual(new Set([roomOf(events)]));
    }
    expect(scriptedMeeting(1)).toEqual(scriptedMeeting(1));
  });

  it('happen at their times of the clock, and are over when the clock is there', async () => {
    const clock = new ManualClock(1_795_471_485_000);
    const bbb = await SimulatedBbb.start({ secret: SECRET, clock });
    closing.push(bbb);
    const events = recordedMeeting(await readRecording(recordingPath('quiet')));
    const stretch = (120 * MINUTE) / lengthOf(events);
    const played = bbb.play(events, { stretch });
    clock.advance(60 * MINUTE);
    expect(bbb.meetings()).toHaveLength(1);
    const half = bbb.told();
    expect(half.length).toBeGreaterThan(1);
    expect(half.length).toBeLessThan(events.length);
    expect(half.every(({ data }) => data.event.ts <= clock.now())).toBe(true);
    clock.advance(60 * MINUTE);
    await played;
    expect(idsOf(bbb.told())).toEqual(idsOf(events));
    expect(bbb.meetings()).toEqual([]);
    expect(lengthOf(bbb.told())).toBe(120 * MINUTE);
    expect(bbb.lostEvents().every(({ reason }) => reason === 'no-hook')).toBe(true);
  });

  it('end when the server is closed', async () => {
    const bbb = await SimulatedBbb.start({ secret: SECRET, clock: new ManualClock() });
    const played = bbb.play(scriptedMeeting(7));
    await bbb.close();
    await played;
    await bbb.close();
    expect(bbb.told()).toEqual([]);
  });

  it('lose nothing in two hours in which the hook is replaced again and again and the receiver often refuses', async () => {
    const clock = new ManualClock();
    const bbb = await SimulatedBbb.start({ secret: SECRET, clock });
    closing.push(bbb);
    const target = { url: bbb.url, secret: SECRET };
    const events = recordedMeeting(await readRecording(recordingPath('quiet')));
    const meetingID = roomOf(events) ?? '';
    let arrivals = 0;
    receiver.answer(() => {
      arrivals += 1;
      return arrivals % 3 === 0 ? 503 : 200;
    });
    let id = await createHook(target, `${receiver.url}/?n=0`, { meetingID });
    const played = bbb.play(events, { stretch: (120 * MINUTE) / lengthOf(events) });
    for (let minute = 1; minute <= 126; minute += 1) {
      for (let step = 0; step < 4; step += 1) {
        clock.advance(MINUTE / 4);
        await until('all posts are answered', () => bbb.posting() === 0);
      }
      if (minute % 9 > 0) continue;
      const newer = await createHook(target, `${receiver.url}/?n=${minute}`, { meetingID });
      await destroyHook(target, id);
      id = newer;
    }
    await played;
    await bbb.settled();
    expect(bbb.lostEvents()).toEqual([]);
    expect(idsOf(bbb.acknowledged().map(({ event }) => event))).toEqual(idsOf(events));
    expect(bbb.hooks()).toHaveLength(1);
    expect(new Set(receiver.posts.map(({ path }) => path.split('&')[0])).size).toBe(14);
    expect(bbb.sent().some(({ attempt }) => attempt > 1)).toBe(true);
  });
});

describe('the clock of the simulated BBB server', () => {
  it('runs as many times as fast as it is told to', async () => {
    const clock = scaledClock(1_000, 5_000);
    expect(clock.now()).toBeLessThan(105_000);
    let at = 0;
    const begin = performance.now();
    clock.after(60_000, () => {
      at = clock.now();
    });
    await until('a minute is over', () => at > 0);
    expect(at).toBeGreaterThanOrEqual(60_000);
    expect(performance.now() - begin).toBeLessThan(30_000);
    expect(() => scaledClock(0)).toThrow(RangeError);
  });

  it('may be moved by hand: what is due runs in order, and what was called off does not', () => {
    const clock = new ManualClock(0);
    const ran: (readonly [string, number])[] = [];
    const note = (name: string) => () => ran.push([name, clock.now()]);
    clock.after(20, note('late'));
    clock.after(10, () => {
      note('early')();
      clock.after(5, note('in between'));
    });
    clock.after(10, note('same time'));
    clock.after(15, note('never'))();
    expect(clock.nextIn).toBe(10);
    clock.advance(100);
    expect(ran).toEqual([
      ['early', 10],
      ['same time', 10],
      ['in between', 15],
      ['late', 20],
    ]);
    expect([clock.now(), clock.nextIn]).toEqual([100, null]);
  });
});
