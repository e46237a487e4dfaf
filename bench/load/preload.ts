import { Campus, type CampusOptions } from '@bbb-activity/simulator/campus';
import { applyBatch } from '@bbb-activity/store/apply-batch';
import { openStore } from '@bbb-activity/store/client';
import { conferenceEventOf } from './conference-event-of.js';

const BATCH = 1_000;

/** Lets everybody be inside before a run begins, so that a slow system and a fast one are measured on the same work. Gives how many events that were. */
export async function preload(databaseUrl: string, options: CampusOptions): Promise<number> {
  const campus = new Campus(options);
  const at = Date.now();
  const events = [...campus.openings(), ...campus.arrivals()].map((event) => conferenceEventOf(event, at));
  const store = openStore({ databaseUrl, maxConnections: 1 });
  try {
    for (let start = 0; start < events.length; start += BATCH) {
      await applyBatch(store, events.slice(start, start + BATCH), { policy: 'register' });
    }
  } finally {
    await store.close();
  }
  return events.length;
}
