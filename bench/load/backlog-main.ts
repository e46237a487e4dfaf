import { writeFile } from 'node:fs/promises';
import { readQueueSettings } from '@bbb-activity/config/queue-settings';
import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { partitionKeyOf } from '@bbb-activity/events/partition-key';
import { connectBackend } from '@bbb-activity/queue/backend';
import { PartitionPublisher } from '@bbb-activity/queue/partition-publisher';
import { Campus, MESSAGE } from '@bbb-activity/simulator/campus';
import type { BacklogOptions, BacklogReport } from './backlog.js';
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
for (let skipped = 0; skipped < options.skipped; skipped += 1) campus.next();
let events = 0;
let messages = 0;
while (events < options.events) {
  const items = Array.from({ length: Math.min(GATHERED, options.events - events) }, () => {
    const event = campus.next();
    if (event.name === MESSAGE) messages += 1;
    const item = conferenceEventOf(event, Date.now());
    return { key: partitionKeyOf(item), item };
  });
  await publisher.publish(items);
  events += items.length;
}
await publisher.close();
await backend.close();
const report: BacklogReport = { events, messages };
await writeFile(options.reportFile, JSON.stringify(report));
