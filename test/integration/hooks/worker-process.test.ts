import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BbbServer, startBbbServer } from '../../support/bbb-server.js';
import { until } from '../../support/until.js';
import { openWorkerPlace, type WorkerPlace } from '../worker/worker-process.js';
import { PUBLIC_URL, SECRET } from './hooks-place.js';

let server: BbbServer;
let place: WorkerPlace;

beforeEach(async () => {
  server = await startBbbServer(SECRET);
  server.running.add('algebra');
  place = await openWorkerPlace('redis');
});
afterEach(async () => {
  await place.close();
  await server.close();
});

const figures = (lines: readonly Readonly<Record<string, unknown>>[]) => lines.find(({ job }) => job === 'hooks');

describe('worker processes', () => {
  it('register the hooks of the meetings that go on, one for all workers', async () => {
    const environment = { BBB_URL: server.url, BBB_SECRET: SECRET, PUBLIC_URL };
    const workers = await Promise.all([place.start(environment), place.start(environment)]);
    await until('a worker has looked', () => workers.some(({ lines }) => figures(lines)));
    expect(server.hooks).toMatchObject([{ meetingId: 'algebra', callbackUrl: expect.stringContaining(PUBLIC_URL) }]);
    expect(workers.flatMap(({ lines }) => figures(lines) ?? [])[0]).toMatchObject({
      result: 'done',
      hooks: 1,
      registered: 1,
      failed: 0,
    });
    for (const worker of workers) expect(await worker.stop()).toBe(0);
  });

  it('work on without a PUBLIC_URL, and say that nothing is registered', async () => {
    const worker = await place.start({ BBB_URL: server.url, BBB_SECRET: SECRET });
    await until('it has looked', () => figures(worker.lines));
    expect(worker.lines.filter(({ msg }) => String(msg).startsWith('PUBLIC_URL is not set'))).toHaveLength(1);
    expect(figures(worker.lines)).toMatchObject({ result: 'done', registered: 0, failed: 0 });
    expect(server.hooks).toEqual([]);
    expect(await worker.stop()).toBe(0);
  });
});
