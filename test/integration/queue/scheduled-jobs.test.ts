import type { QueueBackend, QueueLog } from '@bbb-activity/queue/backend';
import { SCHEDULED_QUEUE, type ScheduledJob, ScheduledJobs } from '@bbb-activity/queue/scheduled-jobs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { until } from '../../support/until.js';
import { KINDS, TestStore } from './stores.js';

/** A log that keeps what is reported. */
function memoryLog(): QueueLog & { readonly lines: (readonly [object, string])[] } {
  const lines: (readonly [object, string])[] = [];
  const note = (fields: object, message: string) => void lines.push([fields, message]);
  return { lines, info: note, warn: note, error: note };
}

/** A process that closes just as it takes a run keeps it until its lock has run out. */
const LOCK_MS = 1_000;

describe.each(KINDS)('scheduled jobs on %s', (kind) => {
  let store: TestStore;
  beforeEach(async () => {
    store = await TestStore.create(kind);
  });
  afterEach(() => store.close());

  /** A process of its own: its own connections. */
  async function start(jobs: readonly ScheduledJob[], options: { log?: QueueLog; lockMs?: number; graceMs?: number } = {}) {
    const backend = await store.connect();
    const scheduled = new ScheduledJobs(backend, { jobs, ...options });
    store.onClose(() => scheduled.close());
    await scheduled.start();
    return { backend, scheduled };
  }

  const schedules = async (backend: QueueBackend) =>
    (await backend.queue(SCHEDULED_QUEUE).getJobSchedulers()).map(({ key, every }) => [key, every]);

  it('run once an interval over all processes, and at once for the first time', async () => {
    const runs: number[] = [];
    const begun = Date.now();
    const job = { name: 'sweep', everyMs: 300, run: async () => ({ runs: runs.push(Date.now()) }) };
    for (let process = 0; process < 3; process += 1) await start([job]);
    await until('it ran six times', () => runs.length >= 6);
    expect(runs[0]).toBeLessThan(begun + 5_000);
    // From the first to the last there are at most as many as intervals, and one more at either end where a run was late.
    const intervals = ((runs.at(-1) ?? 0) - (runs[0] ?? 0)) / 300;
    expect(runs.length).toBeLessThanOrEqual(intervals + 2);
  });

  it('run one at a time over all jobs and processes', async () => {
    let running = 0;
    let most = 0;
    const names: string[] = [];
    const run = (name: string) => async () => {
      running += 1;
      most = Math.max(most, running);
      names.push(name);
      await new Promise((done) => setTimeout(done, 40));
      running -= 1;
      return {};
    };
    // Far more time than both need, also on a busy machine: of jobs that ask for more than there is, one may wait for ever.
    const jobs = ['a', 'b'].map((name) => ({ name, everyMs: 400, run: run(name) }));
    await start(jobs);
    await start(jobs);
    await until('both ran often', () => ['a', 'b'].every((name) => names.filter((one) => one === name).length >= 5));
    expect(most).toBe(1);
  });

  it('log a failure without its words, which may quote what was written, and run again at the next interval', async () => {
    const log = memoryLog();
    let runs = 0;
    const run = async () => {
      runs += 1;
      throw Object.assign(new TypeError('hidden'), { code: 'no_luck', password: 'hidden' });
    };
    await start([{ name: 'sweep', everyMs: 100, run }], { log });
    await until('it ran three times', () => runs >= 3);
    expect(log.lines).toContainEqual([
      { job: 'sweep', ms: expect.any(Number), result: 'failed', reason: 'TypeError no_luck' },
      'a scheduled job failed; it runs again at its next time',
    ]);
    expect(JSON.stringify(log.lines)).not.toContain('hidden');
  });

  it('tell of each run how long it took and what it did', async () => {
    const log = memoryLog();
    await start([{ name: 'sweep', everyMs: 100, run: async () => ({ swept: 3, kept: 1 }) }], { log });
    await until('two runs are told', () => log.lines.length >= 2);
    expect(log.lines[0]).toEqual([{ job: 'sweep', ms: expect.any(Number), result: 'done', swept: 3, kept: 1 }, 'scheduled job']);
  });

  it('are aborted after their limit, and fail', async () => {
    const log = memoryLog();
    let told: unknown;
    const run = async (signal: AbortSignal) => {
      await new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }));
      told = signal.reason;
      return { half: true };
    };
    await start([{ name: 'sweep', everyMs: 100, limitMs: 50, run }], { log });
    await until('the run is told', () => log.lines.length > 0);
    expect(told).toMatchObject({ message: 'a run may take 50 ms' });
    expect(log.lines[0]).toEqual([
      { job: 'sweep', ms: expect.any(Number), result: 'late', half: true },
      'a scheduled job took too long; it runs again at its next time',
    ]);
  });

  it('keep no other job from its turn by not ending', async () => {
    const log = memoryLog();
    let runs = 0;
    const hanging = { name: 'hanging', everyMs: 3_600_000, limitMs: 50, run: () => new Promise<never>(() => undefined) };
    const counting = { name: 'counting', everyMs: 100, run: async () => ({ runs: ++runs }) };
    await start([hanging, counting], { log, graceMs: 50 });
    await until('the other ran, and the one that hangs is told', () => {
      const left = log.lines.findIndex(([fields]) => 'result' in fields && fields.result === 'left');
      return left >= 0 && log.lines.slice(left + 1).length >= 2;
    });
    expect(runs).toBeGreaterThanOrEqual(2);
  });

  it('leave no listener on what lives as long as the process', async () => {
    const [heard, unheard] = [
      vi.spyOn(AbortSignal.prototype, 'addEventListener'),
      vi.spyOn(AbortSignal.prototype, 'removeEventListener'),
    ];
    const any = vi.spyOn(AbortSignal, 'any');
    store.onClose(async () => vi.restoreAllMocks());
    let runs = 0;
    const { scheduled } = await start([{ name: 'sweep', everyMs: 50, run: async () => ({ runs: ++runs }) }]);
    await until('it ran three times', () => runs >= 3);
    await scheduled.close();
    expect(any).not.toHaveBeenCalled();
    // Three signals a run: of the process, of the lock and of the limit.
    const names = (calls: readonly (readonly unknown[])[]) =>
      calls.filter(([, listener]) => String(listener).includes('interrupted'));
    expect(names(unheard.mock.calls).length).toBe(3 * runs);
    expect(names(heard.mock.calls).length).toBe(3 * runs);
  });

  it('leave no job behind when they are done', async () => {
    let runs = 0;
    const { backend, scheduled } = await start([
      {
        name: 'sweep',
        everyMs: 50,
        run: async () => {
          runs += 1;
          if (runs === 2) throw new Error('no');
          return {};
        },
      },
    ]);
    await until('it ran four times', () => runs >= 4);
    await scheduled.close();
    const queue = backend.queue(SCHEDULED_QUEUE);
    expect(await queue.getJobCounts('completed', 'failed', 'active')).toMatchObject({ completed: 0, failed: 0, active: 0 });
  });

  it('end with their process, telling the one that runs', async () => {
    let told: unknown;
    let ended = false;
    let entered = false;
    const { scheduled } = await start([
      {
        name: 'long',
        everyMs: 50,
        run: async (signal) => {
          entered = true;
          await new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }));
          told = signal.reason;
          ended = true;
          return {};
        },
      },
    ]);
    await until('the job runs', () => entered);
    await Promise.all([scheduled.close(), scheduled.close()]);
    expect(ended).toBe(true);
    expect(told).toMatchObject({ message: 'the process ends' });
  });

  it('are taken over from a process that stopped', async () => {
    const ran: string[] = [];
    const job = (process: string) => ({ name: 'sweep', everyMs: 80, run: async () => ({ runs: ran.push(process) }) });
    const first = await start([job('first')]);
    await until('the first process runs it', () => ran.includes('first'));
    await first.scheduled.close();
    await start([job('second')]);
    await until('the second process runs it', () => ran.filter((one) => one === 'second').length >= 2);
  });

  it('keep their schedule where a process starts again, take another interval, and forget what is no more', async () => {
    const quiet = async () => ({});
    const first = await start(
      [
        { name: 'kept', everyMs: 3_600_000, run: quiet },
        { name: 'gone', everyMs: 3_600_000, run: quiet },
      ],
      { lockMs: LOCK_MS },
    );
    await first.scheduled.close();
    expect((await schedules(first.backend)).toSorted()).toEqual([
      ['gone', 3_600_000],
      ['kept', 3_600_000],
    ]);
    const runs: number[] = [];
    const run = async () => ({ runs: runs.push(Date.now()) });
    const second = await start([{ name: 'kept', everyMs: 3_600_000, run }], { lockMs: LOCK_MS });
    expect(await schedules(second.backend)).toEqual([['kept', 3_600_000]]);
    await second.scheduled.close();
    expect(runs.length).toBeLessThanOrEqual(1);
    const third = await start([{ name: 'kept', everyMs: 120, run }], { lockMs: LOCK_MS });
    await until('it runs at its new interval', () => runs.length >= 3);
    expect(await schedules(third.backend)).toEqual([['kept', 120]]);
  });
});
