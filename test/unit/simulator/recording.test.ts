import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RecordedRequest, RecordingError, readRecording } from '@bbb-activity/simulator/recording';
import { recordingPath } from '@bbb-activity/simulator/recording-path';
import { encodeDelivery } from '@bbb-activity/simulator/webhook-delivery';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bbb-activity-recording-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('the recordings that come with the package', () => {
  test.each([
    { name: 'quiet', requests: 125, events: 125, refused: 0, late: 1 },
    { name: 'flaky', requests: 321, events: 217, refused: 104, late: 62 },
  ] as const)('$name holds $requests requests with $events events', async ({ name, requests, events, refused, late }) => {
    const lines = await readRecording(recordingPath(name));
    expect(lines).toHaveLength(requests);
    expect(new Set(lines.map((line) => line.body)).size).toBe(events);
    expect(lines.filter((line) => line.answered === 500)).toHaveLength(refused);
    expect(lines.filter((line, index) => eventTime(line) < eventTime(lines[index - 1]))).toHaveLength(late);
  });

  test.each(['quiet', 'flaky'] as const)('every body of %s is encoded again byte for byte', async (name) => {
    const lines = await readRecording(recordingPath(name));
    expect(lines.map((line) => encodeDelivery(line.delivery))).toEqual(lines.map((line) => line.body));
  });
});

describe('a recording that is not whole', () => {
  test.each([
    { what: 'a line that is not JSON', change: (text: string) => text.slice(0, -1), problem: 'is not JSON' },
    { what: 'a line that is not an object', change: () => '[]', problem: 'is not a JSON object' },
    { what: 'a GET', change: (text: string) => text.replace('"POST"', '"GET"'), problem: '"method" is "GET", not "POST"' },
    {
      what: 'a status that is a text',
      change: (text: string) => text.replace('"answered": 200', '"answered": "200"'),
      problem: '"answered" is not a whole number from 0',
    },
    {
      what: 'a header that is a number',
      change: (text: string) => text.replace('"accept": "*/*"', '"accept": 1'),
      problem: '"headers" is not an object of texts',
    },
    { what: 'an empty body', change: emptyBody, problem: '"body" is not a text' },
    {
      what: 'a body without its event',
      change: (text: string) => text.replace('&event=', '&other='),
      problem: 'the body has no "event"',
    },
    {
      what: 'an event that is not JSON',
      change: (text: string) => text.replace('%5B%7B', '%5B'),
      problem: '"event" of the body is not JSON',
    },
    {
      what: 'an event without its time',
      change: (text: string) => text.replace('%22ts%22', '%22to%22'),
      problem: 'event 0 of the body lacks data.id, data.attributes or data.event.ts',
    },
    {
      what: 'a delivery without its time',
      change: (text: string) => text.replace('&timestamp=', '&timestamp=x'),
      problem: '"timestamp" of the body is not a time in unix ms',
    },
    {
      what: 'a line that arrived before the one above it',
      change: (text: string) => text.replace(/"atMs": \d+/, '"atMs": 1'),
      problem: '"atMs" is 1, earlier than the line before',
    },
  ])('$what is refused with its file, its line and what is wrong', async ({ what, change, problem }) => {
    const text = await readFile(recordingPath('quiet'), 'utf8');
    const [first = '', second = '', third = ''] = text.split('\n');
    const path = join(folder, `${what.replaceAll(' ', '-')}.jsonl`);
    await writeFile(path, `${first}\n${second}\n${change(third)}\n`);

    const failure = await failureOf(readRecording(path));
    expect(failure).toMatchObject({ code: 'invalid_recording', file: path, line: 3, problem });
    expect(failure.message).toBe(`${path}, line 3: ${problem}`);
  });

  test('an empty file and a missing one are refused as a whole', async () => {
    const empty = join(folder, 'empty.jsonl');
    await writeFile(empty, '');
    expect(await failureOf(readRecording(empty))).toMatchObject({ line: 0, message: `${empty}: holds no request` });
    const missing = join(folder, 'missing.jsonl');
    expect(await failureOf(readRecording(missing))).toMatchObject({ line: 0, message: `${missing}: cannot be read` });
  });
});

function emptyBody(line: string): string {
  return JSON.stringify({ ...JSON.parse(line), body: '' });
}

function eventTime(line: RecordedRequest | undefined): number {
  return line?.delivery.events[0]?.data.event.ts ?? 0;
}

async function failureOf(work: Promise<unknown>): Promise<RecordingError> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof RecordingError) return outcome;
  throw new Error(`expected a RecordingError, got ${String(outcome)}`);
}
