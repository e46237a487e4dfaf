import { readQueueSettings } from '@bbb-activity/config/queue-settings';
import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { partitionKeyOf } from '@bbb-activity/events/partition-key';
import { connectBackend } from '@bbb-activity/queue/backend';
import { PartitionPublisher } from '@bbb-activity/queue/partition-publisher';
import { Campus } from '@bbb-activity/simulator/campus';
import type { BacklogOptions } from './backlog.js';
import { conferenceEventOf } from './conference-event-of.js';

/** As ingress gathers them under the load of 64 connections. */
const GATHERED = 64;

const options = JSON.parse(process.argv[2] ?? '') as BacklogOptions;
const backend = await connectBackend(readQueueSettings(process.env));
const publisher = await PartitionPublisher.open<ConferenceEvent>(backend, {
  partitions: options.partitions,
  timeoutMs: 60_000,
  ...(options.jobPerEvent && { maxItemsPerJob: 1 }),
});
const campus = new Campus(options.campus);
if (options.preloaded) campus.arrivals();
for (let done = 0; done < options.events; done += GATHERED) {
  const items = Array.from({ length: Math.min(GATHERED, options.events - done) }, () => {
    const item = conferenceEventOf(campus.next(), Date.now());
    return { key: partitionKeyOf(item), item };
  });
  await publisher.publish(items);
}
await publisher.close();
await backend.close();
