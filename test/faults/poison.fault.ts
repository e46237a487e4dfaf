import { randomBytes } from 'node:crypto';
import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { partitionKeyOf } from '@bbb-activity/events/partition-key';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { PARTITION_JOB_OPTIONS, type StoredPayload } from '@bbb-activity/queue/job-payload';
import { partitionQueueName } from '@bbb-activity/queue/partition-of';
import { PartitionPublisher } from '@bbb-activity/queue/partition-publisher';
import { afterEach, describe, expect, it } from 'vitest';
import { eventsOf } from '../support/faults/fault-report.js';
import { FaultWorld, PARTITIONS } from '../support/faults/fault-world.js';
import { NOTHING_LOST } from '../support/faults/nothing-lost.js';
import { until } from '../support/until.js';

let world: FaultWorld;
afterEach(() => world.close());

describe('poison in the middle of a partition', () => {
  it('is put aside with its reason, and all around it is applied', async () => {
    world = await FaultWorld.open();
    const backend = await world.queueBackend();
    try {
      const genuine = await until('somebody did something', () =>
        world.bbb
          .sent()
          .flatMap(({ body }) => [...eventsOf(body, world.identityKey)])
          .find(({ person, kind }) => person !== null && kind === 'microphone_opened'),
      );
      const publisher = await PartitionPublisher.open<ConferenceEvent>(backend, { partitions: PARTITIONS });
      // Meanwhile no worker is there, so that it stands between what came before and what comes after.
      await Promise.all(world.workers.splice(0).map((worker) => worker.stop('SIGTERM')));
      const { applied } = world.progress;
      await until('something waits before it', () => world.bbb.acknowledged().length > applied + 60);
      const poison: ConferenceEvent = {
        ...genuine,
        identity: randomBytes(genuine.identity.length / 2).toString('hex'),
        // No text column of PostgreSQL takes this character.
        person: { internalId: genuine.person?.internalId ?? null, externalId: 'poison\u0000', name: null },
      };
      await publisher.publish([{ key: partitionKeyOf(poison), item: poison }]);
      const garbage = { garbage: true } as unknown as StoredPayload;
      await backend.queue(partitionQueueName(1)).add('1 item', garbage, PARTITION_JOB_OPTIONS);
      await until('something waits behind it', () => world.bbb.acknowledged().length > applied + 180);
      await publisher.close();
      await Promise.all([world.addWorker(), world.addWorker()]);
      await until('something is applied', () => world.progress.applied > applied);
      const report = await world.settle('poison in a partition', { dead: 2 });
      expect(report).toMatchObject(NOTHING_LOST);
      expect(report.acknowledged).toBe(report.sent);
      const { letters } = await (await DeadLetters.open(backend)).list({ limit: 10 });
      const [aside, undecodable] = [...letters].sort((a, b) => (a.reason < b.reason ? -1 : 1));
      expect(undecodable).toMatchObject({ reason: 'undecodable_job', payload: { garbage: true } });
      expect(aside).toMatchObject({ reason: 'not_applicable', payload: { identity: poison.identity } });
    } finally {
      await backend.close();
    }
  });
});
