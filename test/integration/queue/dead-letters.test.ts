import { randomBytes } from 'node:crypto';
import { DEAD_LETTER_QUEUE, DeadLetters } from '@bbb-activity/queue/dead-letters';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KINDS, numbers, TestStore } from './stores.js';

const letter = (n: number) => ({
  reason: 'no_meeting',
  detail: `number ${n}`,
  payload: { n, text: '\u0000' },
  source: 'activity-0',
});

describe.each(KINDS)('dead letters on %s', (kind) => {
  let store: TestStore;
  beforeEach(async () => {
    store = await TestStore.create(kind);
  });
  afterEach(() => store.close());

  it('are listed newest first, page by page, whole', async () => {
    const letters = await DeadLetters.open(await store.connect());
    expect(await letters.list({ limit: 10 })).toEqual({ letters: [], cursor: null });
    for (const n of numbers(0, 5)) await letters.add(letter(n));
    expect(await letters.count()).toBe(5);
    const first = await letters.list({ limit: 2 });
    const second = await letters.list({ limit: 2, cursor: first.cursor });
    const third = await letters.list({ limit: 2, cursor: second.cursor });
    const all = [first, second, third].flatMap((page) => page.letters);
    expect(all.map(({ id: _, at, ...rest }) => ({ ...rest, at: Number.isNaN(Date.parse(at)) }))).toEqual(
      [4, 3, 2, 1, 0].map((n) => ({ ...letter(n), at: false })),
    );
    expect(third.cursor).toBeNull();
  });

  it('are found and removed by their id', async () => {
    const letters = await DeadLetters.open(await store.connect());
    await letters.add(letter(1));
    const [stored] = (await letters.list({ limit: 1 })).letters;
    const id = stored?.id ?? '';
    expect(await letters.get(id)).toEqual(stored);
    expect(await letters.remove(id)).toBe(true);
    expect(await letters.remove(id)).toBe(false);
    expect(await letters.get(id)).toBeNull();
    expect(await letters.count()).toBe(0);
  });

  it('are kept once however often the same one is added, until it is removed', async () => {
    const letters = await DeadLetters.open(await store.connect());
    await letters.add(letter(1));
    await letters.add(letter(1));
    expect(await letters.count()).toBe(1);
    await letters.remove((await letters.list({ limit: 1 })).letters[0]?.id ?? '');
    await letters.add(letter(1));
    expect(await letters.count()).toBe(1);
  });

  it('are added many at once, in their order and with few round trips, each once', async () => {
    const backend = await store.connect();
    const letters = await DeadLetters.open(backend);
    const queue = backend.queue(DEAD_LETTER_QUEUE);
    const addBulk = vi.spyOn(queue, 'addBulk');
    const add = vi.spyOn(queue, 'add');
    const many = numbers(0, 1_000).map(letter);
    await letters.addAll([...many.slice(0, 3), ...many]);
    await letters.addAll([letter(1_000), ...many.slice(500)]);
    await letters.addAll([]);
    expect(addBulk.mock.calls.length + add.mock.calls.length).toBeLessThan(12);
    expect(await letters.count()).toBe(1_001);
    const newest = await letters.list({ limit: 500 });
    const older = await letters.list({ limit: 500, cursor: newest.cursor });
    const details = [...newest.letters, ...older.letters].map(({ detail }) => detail);
    expect(details).toEqual(
      numbers(1, 1_001)
        .reverse()
        .map((n) => `number ${n}`),
    );
  });

  it('are written in shares, so that no single one holds up the store', async () => {
    const backend = await store.connect();
    const letters = await DeadLetters.open(backend);
    const addBulk = vi.spyOn(backend.queue(DEAD_LETTER_QUEUE), 'addBulk');
    await letters.addAll(numbers(0, 5).map((n) => ({ ...letter(n), payload: 'x'.repeat(2 ** 20) })));
    expect(addBulk.mock.calls.map(([jobs]) => jobs.length)).toEqual([3, 2]);
    expect(await letters.count()).toBe(5);
  });

  it('are not counted at every add, but before a hundredth too many is there', async () => {
    const backend = await store.connect();
    const letters = await DeadLetters.open(backend, { maxLetters: 300 });
    await letters.addAll(numbers(0, 300).map(letter));
    const looks = vi.spyOn(backend, 'trimOldest');
    for (const n of numbers(300, 312)) {
      await letters.add(letter(n));
      expect(await backend.depth(DEAD_LETTER_QUEUE)).toMatchObject({ waiting: expect.toSatisfy((waiting) => waiting <= 303) });
    }
    expect(looks).toHaveBeenCalledTimes(4);
    expect(await letters.count()).toBe(300);
  });

  it('drop the oldest beyond their greatest number, and that is logged with how many', async () => {
    const lines: unknown[] = [];
    const note = (fields: object) => void lines.push(fields);
    const log = { info: note, warn: note, error: note };
    const letters = await DeadLetters.open(await store.connect(), { maxLetters: 3, log });
    for (const n of numbers(0, 5)) await letters.add(letter(n));
    const { letters: kept } = await letters.list({ limit: 10 });
    expect(kept.map(({ detail }) => detail)).toEqual(['number 4', 'number 3', 'number 2']);
    expect(lines).toEqual([1, 1].map((dropped) => ({ dropped, bytes: expect.any(Number) })));
    await letters.add(letter(0));
    expect(await letters.count()).toBe(3);
  });

  it('drop the oldest beyond their greatest size, and that is logged with how much', async () => {
    const lines: { dropped: number; bytes: number }[] = [];
    const note = (fields: object) => void lines.push(fields as { dropped: number; bytes: number });
    const log = { info: note, warn: note, error: note };
    const letters = await DeadLetters.open(await store.connect(), { maxBytes: 2 ** 20, log });
    // Random, so that it cannot be stored compressed.
    const big = (n: number) => ({ ...letter(n), payload: randomBytes(30_000).toString('base64') });
    for (const n of numbers(0, 40)) {
      await letters.add(big(n));
      // 26 letters of some 40,000 bytes are within 1 MiB; a sixteenth of it is less than two more.
      expect(await letters.count()).toBeLessThan(28);
    }
    await letters.addAll(numbers(40, 60).map(big));
    const { letters: kept } = await letters.list({ limit: 100 });
    expect(kept.map(({ detail }) => detail)).toEqual(
      numbers(34, 60)
        .reverse()
        .map((n) => `number ${n}`),
    );
    const sum = (name: 'dropped' | 'bytes') => lines.reduce((total, line) => total + line[name], 0);
    expect(sum('dropped')).toBe(34);
    expect(sum('bytes') / (34 * 40_000)).toBeCloseTo(1, 1);
    const none = await DeadLetters.open(await store.connect(), { maxBytes: 1 });
    await none.add(letter(60));
    expect(await letters.count()).toBe(0);
  });

  it('are bounded, counted and listed also while somebody has paused their queue', async () => {
    const backend = await store.connect();
    await backend.queue(DEAD_LETTER_QUEUE).pause();
    const letters = await DeadLetters.open(backend, { maxLetters: 3 });
    for (const n of numbers(0, 5)) await letters.add(letter(n));
    const { letters: kept } = await letters.list({ limit: 10 });
    expect(kept.map(({ detail }) => detail)).toEqual(['number 4', 'number 3', 'number 2']);
    expect(await letters.count()).toBe(3);
  });
});
