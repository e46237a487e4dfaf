import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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

  it('drop the oldest beyond their greatest number, and that is logged with how many', async () => {
    const lines: unknown[] = [];
    const note = (fields: object) => void lines.push(fields);
    const log = { info: note, warn: note, error: note };
    const letters = await DeadLetters.open(await store.connect(), { maxLetters: 3, log });
    for (const n of numbers(0, 5)) await letters.add(letter(n));
    const { letters: kept } = await letters.list({ limit: 10 });
    expect(kept.map(({ detail }) => detail)).toEqual(['number 4', 'number 3', 'number 2']);
    expect(lines).toEqual([
      { dropped: 1, kept: 3 },
      { dropped: 1, kept: 3 },
    ]);
  });
});
