import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../support/until.js';
import { firstSeen, items, KINDS, numbers, TestStore } from './stores.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

interface Handled {
  readonly numbers: number[];
  readonly at: number;
}

interface Child {
  readonly handled: Handled[];
  kill(): Promise<void>;
}

beforeAll(async () => {
  await promisify(execFile)('npx', ['tsc', '-b', 'packages/queue'], { cwd: root });
});

describe.each(KINDS)('worker processes on %s', (kind) => {
  let store: TestStore;
  beforeEach(async () => {
    store = await TestStore.create(kind);
  });
  afterEach(() => store.close());

  function startWorker(settings: {
    stopAt?: number;
    batchMaxItems: number;
    maxBatchesPerSecond?: number;
    partitions?: number;
  }): Child {
    const script = fileURLToPath(new URL('killable-worker.mjs', import.meta.url));
    const options = { store: store.options, stopAt: -1, maxBatchesPerSecond: null, partitions: 1, ...settings };
    const child = spawn(process.execPath, [script, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = new Promise<void>((done) => child.once('exit', () => done()));
    const handled: Handled[] = [];
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      handled.push(...lines.map((line) => JSON.parse(line) as Handled));
    });
    const kill = async () => {
      child.kill('SIGKILL');
      await exited;
    };
    store.onClose(kill);
    return { handled, kill };
  }

  it('lose nothing and change no order when they are killed again and again in the middle of a batch', async () => {
    const publisher = await store.publisher(await store.connect(), 1, 2);
    for (let n = 0; n < 20; n += 2) await publisher.publish(items(n, n + 2));
    const seen: number[] = [];
    // The same head twice: BullMQ's default lets a job that stalls a second time fail, and the rest pass it.
    for (const stopAt of [5, 5, 11]) {
      const child = startWorker({ stopAt, batchMaxItems: 4 });
      await until(`a worker stands at ${stopAt}`, () => child.handled.at(-1)?.numbers.includes(stopAt));
      await child.kill();
      seen.push(...child.handled.flatMap((handled) => handled.numbers));
    }
    const last = startWorker({ batchMaxItems: 4 });
    await until('the last item is handled', () => last.handled.at(-1)?.numbers.includes(19));
    seen.push(...last.handled.flatMap((handled) => handled.numbers));
    expect(firstSeen(seen)).toEqual(numbers(0, 20));
    // Not only first seen in order: what was being handled at a kill is handled first after it.
    expect(last.handled[0]?.numbers[0]).toBeLessThanOrEqual(11);
  });

  it('share one budget of calls', async () => {
    const partitions = 3;
    const budget = 15;
    const publisher = await store.publisher(await store.connect(), partitions, 1);
    const children = [0, 1].map(() => startWorker({ batchMaxItems: 2, maxBatchesPerSecond: budget, partitions }));
    for (let n = 0; n < 2; n += 1) await publisher.publish(numbers(0, 30).flatMap((key) => items(n, n + 1, String(key))));
    const all = () => children.flatMap(({ handled }) => handled);
    await until('all are handled', () => all().flatMap((handled) => handled.numbers).length >= 60);
    const starts = all().map(({ at }) => at);
    const mostInASecond = Math.max(...starts.map((start) => starts.filter((at) => at >= start && at < start + 1_000).length));
    expect(mostInASecond).toBeLessThanOrEqual(budget + partitions);
  });
});
