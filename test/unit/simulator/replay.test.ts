import { type RecordedRequest, readRecording } from '@bbb-activity/simulator/recording';
import { recordingPath } from '@bbb-activity/simulator/recording-path';
import { type ReplayOptions, type ReplayReport, replayRecording } from '@bbb-activity/simulator/replay';
import { parseDelivery, type RawEvent, textAt } from '@bbb-activity/simulator/webhook-delivery';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../support/until.js';
import { type Receiver, type ReceiverOptions, startReceiver } from './receiver.js';

const KEYS = { salt: 'plugin-salt', sharedSecret: 'bbb-shared-secret' };

let quiet: readonly RecordedRequest[];
let flaky: readonly RecordedRequest[];
beforeAll(async () => {
  quiet = await readRecording(recordingPath('quiet'));
  flaky = await readRecording(recordingPath('flaky'));
});

const receivers: Receiver[] = [];
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.stop()));
});

async function receive(options: Partial<ReceiverOptions> = {}): Promise<Receiver> {
  const receiver = await startReceiver({ ...KEYS, ...options });
  receivers.push(receiver);
  return receiver;
}

async function replay(
  receiver: Receiver,
  lines: readonly RecordedRequest[],
  options: Partial<ReplayOptions> = {},
): Promise<ReplayReport> {
  // All at once, on a machine that may be busy: an answer that takes long is not what is tested, unless it is.
  return replayRecording(lines, {
    target: receiver.url,
    ...KEYS,
    speed: Number.POSITIVE_INFINITY,
    answerTimeoutMs: 60_000,
    ...options,
  });
}

function eventsOf(bodies: readonly string[]): readonly RawEvent[] {
  return bodies.flatMap((body) => parseDelivery(body).events);
}

/** The events with their times moved back by `offsetMs`, as JSON: what is left must be the recording itself. */
function movedBack(bodies: readonly string[], offsetMs: number): readonly string[] {
  return eventsOf(bodies).map((event) =>
    JSON.stringify({ ...event, data: { ...event.data, event: { ...event.data.event, ts: event.data.event.ts - offsetMs } } }),
  );
}

describe('what is sent', () => {
  test('every request is signed anew, for its URL and for its body', async () => {
    const receiver = await receive();
    const report = await replay(receiver, flaky);
    expect(receiver.received).toHaveLength(321);
    expect(receiver.received.filter(({ genuine }) => !genuine)).toEqual([]);
    expect(receiver.received[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded;charset=UTF-8');
    expect(report).toMatchObject({ requests: 321, sent: 321, accepted: 321, retried: 0, failed: [], statuses: { 200: 321 } });
  });

  test('the access URL, the salt and the hashes are those that are asked for', async () => {
    const receiver = await receive({ salt: KEYS.sharedSecret, accessUrlId: 7, hmac: 'sha1', checksum: 'sha256' });
    await replayRecording(quiet.slice(0, 3), {
      target: `${receiver.url}/`,
      sharedSecret: KEYS.sharedSecret,
      accessUrlId: 7,
      urlAlgorithm: 'sha1',
      checksumAlgorithm: 'sha256',
      speed: 0,
    });
    expect(receiver.received.map(({ genuine }) => genuine)).toEqual([true, true, true]);
  });

  test('one at a time, the requests arrive in the order of the recording and are its events, moved by one constant', async () => {
    const receiver = await receive();
    const report = await replay(receiver, flaky, { concurrency: 1 });
    const bodies = receiver.received.map(({ body }) => body);
    const recorded = flaky.map(({ body }) => body);
    expect(movedBack(bodies, report.offsetMs)).toEqual(movedBack(recorded, 0));
    expect(bodies.map((body) => parseDelivery(body).timestamp - report.offsetMs)).toEqual(
      recorded.map((body) => parseDelivery(body).timestamp),
    );
  });

  test('what was one delivery sent twice is one again, byte for byte, and what was not is not', async () => {
    const receiver = await receive();
    const report = await replay(receiver, flaky, { concurrency: 1, renumber: 'r1' });
    const firstSeenAt = (bodies: readonly string[]) => bodies.map((body) => bodies.indexOf(body));
    expect(firstSeenAt(receiver.received.map(({ body }) => body))).toEqual(firstSeenAt(flaky.map(({ body }) => body)));
    expect(report).toMatchObject({ events: 217, duplicates: 104 });
  });
});

describe('times', () => {
  test('sent fast, the meeting ends now: nothing lies in the future', async () => {
    const receiver = await receive();
    const before = Date.now();
    const report = await replay(receiver, quiet);
    const after = Date.now();
    const deliveries = receiver.received.map(({ body }) => parseDelivery(body));
    const times = deliveries.flatMap(({ timestamp, events }) => [timestamp, ...events.map((event) => event.data.event.ts)]);
    const last = Math.max(...times);
    expect(last).toBeGreaterThanOrEqual(before);
    expect(last).toBeLessThanOrEqual(after);
    expect(report.meetings).toEqual([
      {
        internalId: '00fb86738b42c835484f3e32248c1e89af9ed025-1795471485962',
        externalId: 'chamilo-f03rdfgypobc',
        firstEventAt: Math.min(...times),
        lastEventAt: Math.max(...deliveries.flatMap(({ events }) => events.map((event) => event.data.event.ts))),
      },
    ]);
  });

  test('at the recorded pace the meeting starts now, and no event is sent before it happens', async () => {
    const receiver = await receive();
    const before = Date.now();
    const report = await replay(receiver, quiet.slice(0, 2), { speed: 1 });
    expect(report.meetings[0]?.firstEventAt).toBeGreaterThanOrEqual(before);
    for (const { at, body } of receiver.received) {
      // A timer may fire within the millisecond before its time.
      expect(at).toBeGreaterThanOrEqual((eventsOf([body])[0]?.data.event.ts ?? 0) - 1);
    }
  });

  test('the meeting starts when it is told to', async () => {
    const receiver = await receive();
    const startAt = Date.UTC(2026, 0, 1);
    const report = await replay(receiver, quiet.slice(0, 20), { startAt });
    expect(report.meetings[0]?.firstEventAt).toBe(startAt);
    expect(Math.min(...eventsOf(receiver.received.map(({ body }) => body)).map((event) => event.data.event.ts))).toBe(startAt);
  });

  test('the pace is the recorded one, divided by the speed', async () => {
    const receiver = await receive();
    const speed = 40;
    const before = Date.now();
    const report = await replay(receiver, quiet, { speed });
    expect(report.elapsedMs).toBeGreaterThanOrEqual(39_986 / speed - 1);
    const dueAt = new Map(quiet.map((line) => [movedBack([line.body], 0)[0], before + line.atMs / speed]));
    for (const { at, body } of receiver.received) {
      const due = dueAt.get(movedBack([body], report.offsetMs)[0]);
      // Only the early side is the replay's own doing: how late a request arrives depends on the machine. Timers and the wall clock count different milliseconds.
      expect(at).toBeGreaterThanOrEqual((due ?? Number.POSITIVE_INFINITY) - 3);
    }
  });
});

describe('another occurrence', () => {
  test('renumbered, the recording has new internal ids, the same external ones and the same content otherwise', async () => {
    const receiver = await receive();
    const report = await replay(receiver, flaky, { concurrency: 1, renumber: '-again' });
    const recorded = flaky.map(({ body }) => body);
    const sent = receiver.received.map(({ body }) => body);
    const ids = (bodies: readonly string[], ...path: readonly string[]) =>
      eventsOf(bodies).map((event) => textAt(event, ...path));
    for (const path of [
      ['meeting', 'internal-meeting-id'],
      ['user', 'internal-user-id'],
      ['user', 'stream'],
      ['chat-message', 'id'],
      ['chat-message', 'sender', 'internal-user-id'],
    ]) {
      expect(ids(recorded, ...path).some((id) => id !== null)).toBe(true);
      expect(ids(sent, ...path)).toEqual(ids(recorded, ...path).map((id) => (id === null ? null : `${id}-again`)));
    }
    expect(movedBack(sent, report.offsetMs).map((event) => event.replaceAll('-again', ''))).toEqual(movedBack(recorded, 0));
    expect(report.meetings.map(({ internalId, externalId }) => ({ internalId, externalId }))).toEqual([
      { internalId: '67467ed57c35951e38d073871acea92564a66e9c-1795471952651-again', externalId: 'chamilo-bvxsn4g23qes' },
    ]);
  });
});

describe('as the sender does it', () => {
  test('after any answer but 2xx and 401 the same bytes are sent again, after the wait of its schedule', async () => {
    const answers = [500, 503, 204];
    const receiver = await receive({ answer: (_body, times) => answers[times - 1] ?? 200 });
    const report = await replay(receiver, quiet.slice(0, 2));
    expect(report).toMatchObject({ requests: 2, sent: 6, accepted: 2, retried: 4, statuses: { 500: 2, 503: 2, 204: 2 } });
    for (const line of new Set(receiver.received.map(({ body }) => body))) {
      const arrivals = receiver.received.filter(({ body }) => body === line).map(({ at }) => at);
      const [first = 0, second = 0, third = 0] = arrivals;
      expect(arrivals).toHaveLength(3);
      expect(second - first).toBeGreaterThanOrEqual(99);
      expect(third - second).toBeGreaterThanOrEqual(499);
    }
    expect(receiver.received.every(({ genuine }) => genuine)).toBe(true);
  });

  test('401 counts as delivered', async () => {
    const receiver = await receive({ answer: () => 401 });
    const report = await replay(receiver, quiet.slice(0, 5));
    expect(report).toMatchObject({ sent: 5, accepted: 5, retried: 0, failed: [], statuses: { 401: 5 } });
  });

  test('the next request does not wait for an answer, but only so many are under way', async () => {
    let letGo: () => void = () => undefined;
    const gate = new Promise<void>((done) => {
      letGo = done;
    });
    const receiver = await receive({ answer: () => gate.then(() => 200) });
    const replaying = replay(receiver, quiet, { concurrency: 4 });
    await until('four requests are under way', () => receiver.received.length === 4);
    letGo();
    expect(await replaying).toMatchObject({ accepted: 125 });
    expect(receiver.mostAtOnce()).toBe(4);
  });

  test('what is refused to the end is told with its line and every try', async () => {
    const receiver = await receive({ answer: (body) => (body.includes('meeting-created') ? 500 : 200) });
    const report = await replay(receiver, quiet.slice(0, 3), { maxRetries: 1 });
    const refusal = { status: 500, problem: null };
    expect(report).toMatchObject({ requests: 3, sent: 4, accepted: 2, retried: 1, statuses: { 200: 2, 500: 2 } });
    expect(report.failed).toEqual([{ line: 1, tries: [refusal, refusal] }]);
  });

  test('no answer in time, and no connection, are told as such', async () => {
    const silent = await receive({ answer: () => null });
    const late = await replay(silent, quiet.slice(0, 1), { maxRetries: 0, answerTimeoutMs: 50 });
    expect(late.failed).toEqual([{ line: 1, tries: [{ status: null, problem: expect.stringContaining('timeout') }] }]);

    await silent.stop();
    const refused = await replay(silent, quiet.slice(0, 1), { maxRetries: 0 });
    expect(refused.failed).toEqual([{ line: 1, tries: [{ status: null, problem: expect.stringContaining('ECONNREFUSED') }] }]);
    expect(refused).toMatchObject({ accepted: 0, statuses: { 'no answer': 1 } });
  });
});

describe('an end before its time', () => {
  test.each([
    { waitsFor: 'an answer', answer: () => null, speed: Number.POSITIVE_INFINITY, arrivals: 2 },
    { waitsFor: 'a retry', answer: () => 500, speed: Number.POSITIVE_INFINITY, arrivals: 2 },
    { waitsFor: 'the time of its next request', answer: () => 200, speed: 0.02, arrivals: 1 },
  ])('aborted while it waits for $waitsFor, it throws the reason', async ({ answer, speed, arrivals }) => {
    const receiver = await receive({ answer });
    const stop = new AbortController();
    const outcome = replay(receiver, quiet, { speed, signal: stop.signal, concurrency: 2 }).catch((error: unknown) => error);
    await until('it is under way', () => receiver.received.length >= arrivals);
    const reason = new Error('enough');
    stop.abort(reason);
    expect(await outcome).toBe(reason);
  });

  test('aborted before its start, it sends nothing', async () => {
    const receiver = await receive();
    const reason = new Error('never mind');
    await expect(replay(receiver, quiet, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(receiver.received).toEqual([]);
  });

  test('an option that cannot be meant is refused before anything is sent', async () => {
    const receiver = await receive();
    const refusals = [
      { speed: -1 },
      { speed: Number.NaN },
      { concurrency: 0 },
      { maxRetries: -1 },
      { answerTimeoutMs: 0.5 },
      { startAt: Number.NaN },
    ];
    for (const options of refusals) {
      await expect(replay(receiver, quiet, options)).rejects.toMatchObject({ code: 'invalid_replay_option' });
    }
    await expect(replay(receiver, [])).rejects.toMatchObject({ code: 'invalid_replay_option' });
    await expect(replay(receiver, quiet, { sharedSecret: '' })).rejects.toMatchObject({ code: 'empty_secret' });
    expect(receiver.received).toEqual([]);
  });
});
