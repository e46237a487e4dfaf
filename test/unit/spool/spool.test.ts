import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Spool, type SpoolLog } from '@bbb-activity/spool/spool';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const execute = promisify(execFile);
const MAX = { maxBytes: 64 * 1024 * 1024 };

describe('a spool', () => {
  let folder: string;
  let logged: string[];
  let log: SpoolLog;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bbb-activity-spool-'));
    logged = [];
    const keep = (_: object, message: string) => void logged.push(message);
    log = { info: keep, warn: keep, error: keep };
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const open = (options: { maxBytes?: number; segmentBytes?: number } = {}) => Spool.open(folder, { ...MAX, log, ...options });
  const files = async () => (await readdir(folder)).filter((name) => name !== 'lock').toSorted();

  /** Takes out all that is in it, and gives it as text. */
  async function drain(spool: Spool): Promise<string[]> {
    const taken: string[] = [];
    for (let batch = await spool.next(); batch !== null; batch = await spool.next()) {
      taken.push(...batch.payloads.map(String));
      await spool.acknowledge(batch);
    }
    return taken;
  }

  it('gives what was appended at once in order, over many files, and leaves none', async () => {
    const spool = await open({ segmentBytes: 1_000 });
    const words = Array.from({ length: 500 }, (_, index) => `record ${index}`);
    await Promise.all(words.slice(0, 250).map((word) => spool.append(Buffer.from(word))));
    for (const word of words.slice(250)) await spool.append(Buffer.from(word));
    expect((await files()).length).toBeGreaterThan(3);
    expect(await drain(spool)).toEqual(words);
    expect(await files()).toEqual([]);
    expect(spool.backlogBytes).toBe(0);
    await spool.close();
  });

  it('tells what waits in it, and since when at most, also of what an earlier process left', async () => {
    const before = Date.now();
    const first = await open({ segmentBytes: 100 });
    expect(first.backlog).toEqual({ files: 0, bytes: 0, oldestAt: null });
    for (let count = 0; count < 4; count++) await first.append(Buffer.alloc(60, 1));
    const { files: waiting, bytes, oldestAt } = first.backlog;
    expect([waiting, bytes]).toEqual([2, 4 * 68]);
    expect(oldestAt).toBeGreaterThanOrEqual(before);
    const head = await first.next();
    if (head !== null) await first.acknowledge(head);
    expect(first.backlog).toMatchObject({ files: 1, bytes: 2 * 68 });
    await first.close();

    const second = await open();
    expect(second.backlog).toMatchObject({ files: 1, bytes: 2 * 68 });
    // A file's time is told in steps of the file system's clock.
    expect(Math.abs((second.backlog.oldestAt ?? 0) - Date.now())).toBeLessThan(60_000);
    await drain(second);
    expect(second.backlog).toEqual({ files: 0, bytes: 0, oldestAt: null });
    await second.close();
  });

  it('gives a record that is larger than what is read at a time', async () => {
    const spool = await open();
    const large = 'x'.repeat(3 * 1024 * 1024);
    for (const word of ['before', large, 'behind']) await spool.append(Buffer.from(word));
    expect(await drain(spool)).toEqual(['before', large, 'behind']);
    await spool.close();
  });

  it('keeps what a crash left, but for the record that was torn by it', async () => {
    const first = await open();
    for (const word of ['one', 'two']) await first.append(Buffer.from(word));
    await first.close();
    const [name = ''] = await files();
    await appendFile(join(folder, name), Buffer.from([200, 0, 0, 0, 1, 2, 3, 4, 5]));
    const second = await open();
    expect(logged).toEqual([expect.stringMatching(/torn by a crash/)]);
    await second.append(Buffer.from('three'));
    expect(await drain(second)).toEqual(['one', 'two', 'three']);
    await second.close();
  });

  it('gives what can be read of a file that is damaged before its end, keeps the rest beside it, and goes on with the next', async () => {
    const first = await open({ segmentBytes: 30 });
    for (const word of ['first record', 'second record', 'third record', 'fourth record']) await first.append(Buffer.from(word));
    await first.close();
    const [name = ''] = await files();
    const path = join(folder, name);
    const bytes = await readFile(path);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(path, bytes);
    const second = await open();
    expect(logged).toEqual([expect.stringMatching(/damaged/)]);
    expect(await drain(second)).toEqual(['first record', 'third record', 'fourth record']);
    expect(await files()).toEqual([`${name}.damaged`]);
    await second.close();
  });

  it('refuses what is more than it may hold, and takes it again when room was made', async () => {
    const spool = await open({ maxBytes: 1_000 });
    const word = Buffer.alloc(100, 'a');
    for (let count = 0; count < 9; count += 1) await spool.append(word);
    await expect(spool.append(word)).rejects.toMatchObject({ code: 'spool_full' });
    await drain(spool);
    await spool.append(word);
    await spool.close();
  });

  it.runIf(process.getuid?.() === 0)(
    'tells a full disk, loses nothing that it took, and goes on when there is room',
    async () => {
      await execute('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder]);
      try {
        const spool = await open();
        const taken: string[] = [];
        const fill = async () => {
          for (;;) {
            const word = `${taken.length} ${'x'.repeat(10_000)}`;
            await spool.append(Buffer.from(word));
            taken.push(word);
          }
        };
        await expect(fill()).rejects.toMatchObject({ code: 'spool_write' });
        expect(taken.length).toBeGreaterThan(10);
        expect(await drain(spool)).toEqual(taken);
        await spool.append(Buffer.from('again'));
        await spool.close();
        const next = await open();
        expect(await drain(next)).toEqual(['again']);
        await next.close();
      } finally {
        await execute('umount', [folder]);
      }
    },
  );

  it('belongs to one at a time, and to the next as soon as that one is gone', async () => {
    const one = await open();
    await expect(open()).rejects.toMatchObject({ code: 'spool_unusable', message: expect.stringContaining('another process') });
    await one.close();
    await (await open()).close();
  });

  it('gives in order all that it took and was not acknowledged, whatever is done with it and however often it is opened anew', async () => {
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          kind: fc.constant('append' as const),
          sizes: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 }),
        }),
      },
      { weight: 3, arbitrary: fc.constant({ kind: 'take' as const }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        await rm(folder, { recursive: true, force: true });
        let spool = await open({ segmentBytes: 700 });
        const appended: string[] = [];
        const taken: string[] = [];
        for (const one of steps) {
          if (one.kind === 'append') {
            const words = one.sizes.map((size, index) => `${appended.length + index}:${'x'.repeat(size)}`);
            appended.push(...words);
            await Promise.all(words.map((word) => spool.append(Buffer.from(word))));
          } else if (one.kind === 'take') {
            const batch = await spool.next();
            if (batch === null) continue;
            taken.push(...batch.payloads.map(String));
            await spool.acknowledge(batch);
          } else {
            await spool.close();
            spool = await open({ segmentBytes: 700 });
          }
        }
        taken.push(...(await drain(spool)));
        await spool.close();
        // What comes again after an opening is of the file that was not wholly acknowledged: it stands before what is new, in order.
        expect([...new Set(taken)]).toEqual(appended);
      }),
      { numRuns: 40 },
    );
  });
});
