import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { partitionKeyOf } from '@bbb-activity/events/partition-key';
import { DEAD_LETTER_QUEUE } from '@bbb-activity/queue/dead-letters';
import { partitionOf, partitionQueueName } from '@bbb-activity/queue/partition-of';
import { PartitionPublisher } from '@bbb-activity/queue/partition-publisher';
import { readJobs } from '@bbb-activity/queue/read-jobs';
import { applyBatch } from '@bbb-activity/store/apply-batch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { event } from '../store/store-fixture.js';
import { ADMIN_TOKEN, DashboardPlace } from './dashboard-place.js';

const NAME = 'Ada Lovelace';
const WORDS = 'a private word that somebody said';
const PARTITIONS = 2;

const joined = (user: string, room = 'algebra'): ConferenceEvent =>
  event({ kind: 'joined', at: 1_000, meeting: null, room, via: `w_${user}`, user, name: NAME });

describe.each(['redis', 'postgres'] as const)('the system, with its queue in %s', (queue) => {
  let place: DashboardPlace;
  let publisher: PartitionPublisher<ConferenceEvent>;

  beforeAll(async () => {
    place = await DashboardPlace.create({ queue });
    publisher = await PartitionPublisher.open(place.backend, { partitions: PARTITIONS });
  });
  afterAll(async () => {
    await publisher?.close();
    await place?.close();
  });

  const system = async () => (await place.get('/api/system')).json();
  const letters = async (query = '') => (await place.get(`/api/dead-letters${query}`)).json();
  const publish = (...events: readonly ConferenceEvent[]) =>
    publisher.publish(events.map((one) => ({ key: partitionKeyOf(one), item: one })));
  const write = (method: 'POST' | 'DELETE', url: string) =>
    place.app.inject({ method, url, headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
  const aside = (reason: string, payload: unknown) =>
    place.deadLetters.add({ reason, detail: 'a test', payload, source: 'activity-0' });
  async function waiting(): Promise<unknown[]> {
    const found: unknown[] = [];
    await readJobs(place.backend, async (items) => void found.push(...items));
    return found;
  }

  it('tells of each partition how much waits, since when, and whether it is paused', async () => {
    const full = partitionOf(partitionKeyOf(joined('1')), PARTITIONS);
    const before = Date.now();
    await publish(joined('1'), event({ kind: 'left', at: 2_000, meeting: null, room: 'algebra', via: 'w_1', user: '1' }));
    const first = await system();
    expect(first).toMatchObject({ queue, deadLetters: { total: 0, byReason: [] } });
    expect(first.partitions).toHaveLength(PARTITIONS);
    for (const { partition, waiting: jobs, active, oldestAt, paused } of first.partitions) {
      expect([jobs, active, paused]).toEqual([partition === full ? 1 : 0, 0, false]);
      if (partition !== full) expect(oldestAt).toBeNull();
      else expect(Math.abs(Date.parse(oldestAt) - before)).toBeLessThan(60_000);
    }
    await place.backend.queue(partitionQueueName(full)).pause();
    const pausedOnes = (await system()).partitions.filter(({ paused }: { paused: boolean }) => paused);
    expect(pausedOnes).toMatchObject([{ partition: full, waiting: 1 }]);
    await place.backend.queue(partitionQueueName(full)).resume();
  });

  it('tells what was written of late, and what the database may be asked for', async () => {
    const told = await system();
    expect(told.transactions).toEqual({ lastMinute: 0, budgetPerSecond: 80 });
    await applyBatch(place.store, [joined('1'), joined('2')], { policy: 'register' });
    await applyBatch(place.store, [joined('3')], { policy: 'register' });
    expect(await system()).toMatchObject({ transactions: { lastMinute: 2 }, events: { lastMinute: 3 } });
  });

  it('lists dead letters page by page with their reasons, sends an event again once, and discards', async () => {
    await aside('not_applicable', joined('7'));
    await aside('not_applicable', joined('8'));
    await aside('undecodable_job', { said: WORDS });
    expect((await system()).deadLetters).toEqual({
      total: 3,
      byReason: [
        { reason: 'not_applicable', count: 2 },
        { reason: 'undecodable_job', count: 1 },
      ],
    });
    const newest = await letters('?limit=2');
    const oldest = await letters(`?limit=2&cursor=${newest.nextCursor}`);
    expect(oldest.nextCursor).toBeNull();
    expect([...newest.items, ...oldest.items]).toMatchObject([
      { reason: 'undecodable_job', event: null, meeting: null, user: null, redrivable: false },
      { reason: 'not_applicable', event: 'joined', meeting: 'algebra', user: '8', redrivable: true },
      { reason: 'not_applicable', event: 'joined', meeting: 'algebra', user: '7', redrivable: true, detail: 'a test' },
    ]);
    const [unreadable, , seventh] = [...newest.items, ...oldest.items].map(({ id }: { id: string }) => id);

    expect((await write('POST', `/api/dead-letters/${seventh}/redrive`)).statusCode).toBe(204);
    expect((await waiting()).filter((item) => JSON.stringify(item).includes('w_7'))).toEqual([joined('7')]);
    expect((await write('POST', `/api/dead-letters/${seventh}/redrive`)).statusCode).toBe(404);
    const refused = await write('POST', `/api/dead-letters/${unreadable}/redrive`);
    expect([refused.statusCode, refused.json().error]).toEqual([409, 'not_redrivable']);

    expect((await write('DELETE', `/api/dead-letters/${unreadable}`)).statusCode).toBe(204);
    expect((await write('DELETE', `/api/dead-letters/${unreadable}`)).statusCode).toBe(404);
    expect((await letters()).items.map(({ user }: { user: string }) => user)).toEqual(['8']);
    expect((await waiting()).filter((item) => JSON.stringify(item).includes('w_7'))).toHaveLength(1);
  });

  it('shows in Bull Board whose events each job holds, and no name and nothing that nobody can read', async () => {
    const activity = { event: 'quiz', type: null, inAt: null, outAt: null, close: null, signedAt: null };
    await publish(
      event({
        kind: 'activity',
        at: 3_000,
        meeting: null,
        room: 'geometry',
        user: '5',
        name: NAME,
        details: { activity: { ...activity, activityData: WORDS, signatureFile: `${WORDS}.png` } },
      }),
    );
    await publish(...['1', '2', '3'].map((user) => joined(user, 'biology')));
    await aside('not_applicable', { ...joined('9'), person: { internalId: 'w_9', externalId: '9', name: `${NAME}\u0000` } });
    await aside('undecodable_job', { said: WORDS, by: NAME });
    await aside('unreadable', { accessUrlId: 1, sealed: WORDS });
    await place.backend.queue(partitionQueueName(0)).add('odd', { items: [{ said: WORDS }, WORDS] });
    await place.backend.queue(partitionQueueName(1)).add('odd', JSON.parse(`{"said":"${WORDS}"}`));

    const names: string[] = [];
    let text = '';
    for (const name of [partitionQueueName(0), partitionQueueName(1), DEAD_LETTER_QUEUE]) {
      const answer = await place.get(`/admin/queues/api/queues?activeQueue=${name}&status=latest&page=1&jobsPerPage=100`);
      const told = answer.json().queues.find((one: { name: string }) => one.name === name);
      for (const job of told.jobs) {
        names.push(job.name);
        // One job alone is told in the same way.
        const one = await place.get(`/admin/queues/api/queues/${name}/${job.id}`);
        expect(one.statusCode).toBe(200);
        text += one.body;
      }
      text += answer.body;
    }
    for (const secret of [NAME, WORDS]) expect(text).not.toContain(secret);
    expect(names).toEqual(
      expect.arrayContaining(['1 event: geometry · user 5', 'not_applicable: joined · algebra · user 9', 'unreadable']),
    );
    expect(names.filter((name) => /^\d+ events?: biology/.test(name))).not.toHaveLength(0);
    expect(text).toContain('[redacted]');
    expect(text).toContain('"holds":"sealed"');
    expect(text).toContain('"holds":"other"');
  });
});
