import { messageOf, remedyFor, UnprocessableError, unavailable } from '@bbb-activity/queue/errors';
import { encodePayload, itemsOf, jobName, payloadText } from '@bbb-activity/queue/job-payload';
import { formatRecord, parseRecord } from '@bbb-activity/queue/partition-count';
import { postgresSchema } from '@bbb-activity/queue/postgres-backend';
import { ErrorNotices } from '@bbb-activity/queue/queue-log';
import { retryBackoffMs } from '@bbb-activity/queue/retry-backoff';
import { Slots } from '@bbb-activity/queue/slots';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';

describe('a payload', () => {
  it('law: what is encoded, stored as JSON and decoded is what JSON makes of the items', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ stringUnit: 'binary' })), (items) => {
        const stored: unknown = JSON.parse(JSON.stringify(encodePayload(items)));
        expect(itemsOf(stored)).toEqual(JSON.parse(JSON.stringify(items)));
        expect(JSON.parse(payloadText(items))).toEqual(stored);
      }),
    );
  });

  it('law: no NUL and no half of a pair stands in it where jsonb would see it', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('\u0000', '\ud83d', '\ude00', 'a', '\\') })), (items) => {
        const json = JSON.stringify(encodePayload(items)).replaceAll('\\\\', '');
        expect(json).not.toMatch(/\\u0000|\\ud[89a-f]/);
      }),
    );
  });

  it('that is none is refused', () => {
    for (const data of [null, 1, {}, { items: 1 }, { json: '{}' }, { json: '[' }]) expect(itemsOf(data)).toBeNull();
  });

  it('is named by the number of its items', () => {
    expect([jobName(1), jobName(37)]).toEqual(['1 item', '37 items']);
  });
});

describe('a failure', () => {
  it('is tried again unless it is known that it can never succeed; of several items the one to blame is looked for', () => {
    const never = new UnprocessableError('bad', 'very');
    expect(remedyFor(new Error('away'), 5)).toBe('retry');
    expect(remedyFor('thrown text', 1)).toBe('retry');
    expect(remedyFor(never, 2)).toBe('split');
    expect(remedyFor(never, 1)).toBe('dead-letter');
  });

  it('is told by its words, without what a driver hangs on its errors', () => {
    const error = Object.assign(new Error('WRONGPASS'), { command: { name: 'auth', args: ['correct-horse'] } });
    expect(messageOf(error)).toBe('WRONGPASS');
    expect(JSON.stringify(unavailable('it failed', error))).not.toContain('correct-horse');
    expect(unavailable('it failed', error).message).toBe('it failed: WRONGPASS');
  });

  it('is waited for 100 ms at first, doubling to 10 s, less up to a quarter', () => {
    for (const [attempt, most] of [
      [1, 100],
      [2, 200],
      [5, 1_600],
      [8, 10_000],
      [500, 10_000],
    ] as const) {
      for (let round = 0; round < 50; round += 1) {
        const wait = retryBackoffMs(attempt);
        expect(wait).toBeLessThanOrEqual(most);
        expect(wait).toBeGreaterThanOrEqual(most * 0.75 - 1);
      }
    }
  });

  it('that comes in swarms is logged once in a while, with how often it came', () => {
    vi.useFakeTimers();
    try {
      const lines: [object, string][] = [];
      const note = (fields: object, message: string) => void lines.push([fields, message]);
      const notices = new ErrorNotices({ info: note, warn: note, error: note });
      for (let n = 0; n < 100; n += 1) notices.report('lost', new Error('ECONNREFUSED'));
      notices.report('lost', new Error('another'));
      vi.advanceTimersByTime(10_001);
      notices.report('lost', new Error('ECONNREFUSED'));
      expect(lines).toEqual([
        [{ reason: 'ECONNREFUSED', suppressed: 0 }, 'lost'],
        [{ reason: 'another', suppressed: 0 }, 'lost'],
        [{ reason: 'ECONNREFUSED', suppressed: 99 }, 'lost'],
      ]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('slots', () => {
  it('let in as many as there are, the others in turn, and forget one that gives up', async () => {
    const slots = new Slots(1);
    const never = new AbortController();
    const give = new AbortController();
    const first = await slots.take(never.signal);
    const entered: string[] = [];
    const second = slots.take(give.signal).then(() => entered.push('second'));
    const third = slots.take(never.signal).then((release) => {
      entered.push('third');
      release();
    });
    give.abort(new Error('gave up'));
    await expect(second).rejects.toThrow('gave up');
    expect(entered).toEqual([]);
    first();
    first();
    await third;
    expect(entered).toEqual(['third']);
    const again = await slots.take(never.signal);
    const waiting = slots.take(never.signal).then(() => entered.push('fourth'));
    await Promise.resolve();
    expect(entered).toEqual(['third']);
    again();
    await waiting;
  });
});

describe('names in the store', () => {
  it('make a plain schema name of any prefix', () => {
    expect(['bbb-activity', '9 lives', 'Ä', 'x'.repeat(80)].map(postgresSchema)).toEqual([
      'bbb_activity_queue',
      '_9_lives_queue',
      '__queue',
      `${'x'.repeat(57)}_queue`,
    ]);
  });

  it('tell the number of partitions, and what it is being changed to', () => {
    for (const record of [{ count: 8 }, { count: 8, drainingTo: 4 }]) expect(parseRecord(formatRecord(record))).toEqual(record);
    expect(parseRecord(null)).toBeNull();
    expect(() => parseRecord('{}')).toThrow('cannot be read');
  });
});
